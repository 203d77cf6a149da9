//! What others wrote here, read from the store: so that a round which gives the directory something need not look
//! at everybody.
//!
//! It comes before what the directory has changed. Whose base tells what the directory holds is decided about at once;
//! whoever else was edited is asked for, with all others who have to wait. Where a page of changes shows somebody
//! after that of whom the directory is to be given something, or who waits already, they are asked for as a whole:
//! both sides have moved, and one decision has to see both.
//!
//! How far the edits were told is kept with the cursor. Without it, or where more may have to be given than what was
//! edited, the round is a full one, see [`knows_edits`].

use crate::contact::{Contact, ObjectId};
use crate::mapping::person::Item;
use crate::ports::{EditsSince, Level, Query, State, StateWrite, Timestamp};
use crate::reconcile::approval::same_change;
use crate::reconcile::correlate::Correlation;
use crate::reconcile::decide::Rules;
use crate::reconcile::decision::{Action, Addition, Decision};
use guest_kit::ordered::{self, Map};

use super::checkpoint::{Cursor, Round, delete};
use super::conflicts;
use super::given::{Given, LAG_MS};
use super::org_contacts;
use super::page::RoundPhase;
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Settlement;
use super::staged::Deferred;
use super::stepped::Stepped;

/// The run that linked a contact whose values the directory was not given yet.
const LINKED: &str = "linked-by";

/// People whom a later round asks for, an hour after the moment that is kept: the directory showed what it held before
/// it was given something, or their base does not tell what it holds.
const LATE: &str = "late/";

/// People who are asked for when they are edited: their base does not tell what the directory holds.
const OPEN: &str = "open/";

/// People who were late that one run asks for, at most.
const LATE_AT_ONCE: u32 = 1_000;

/// Whether a round can go by what was edited: the store tells it, and nothing else is to be compared. Where the
/// application may write more or less than before, that is what was withheld; after a contact was linked, what it
/// held before.
pub(super) fn knows_edits(session: &Session<'_>, cursor: &Cursor) -> Result<bool, RunAbort> {
    Ok(session.tells_edits
        && cursor.edits.is_some()
        && cursor.not_permitted == session.not_permitted
        && session.ports.state.get(LINKED)?.is_none())
}

/// Attributes that rows write to the directory and the application may not, where it matters what was withheld.
pub(super) fn not_permitted(session: &Session<'_>) -> Vec<String> {
    let attributes = session.not_permitted.iter();
    let attributes = attributes.filter(|_| session.tells_edits);
    attributes
        .map(|attribute| (*attribute).to_owned())
        .collect()
}

/// The same of a round that is gone on with, during which the application's permissions may have changed.
pub(super) fn go_on(session: &Session<'_>, mut round: Round) -> Round {
    let mut now = not_permitted(session);
    now.retain(|attribute| !round.not_permitted.contains(attribute));
    round.not_permitted.append(&mut now);
    round
}

/// Where the edits stand now, for the end of a round that compares everybody; `None` where nobody needs to know.
pub(super) fn now(session: &Session<'_>) -> Result<Option<String>, RunAbort> {
    if !session.tells_edits {
        return Ok(None);
    }
    let store = session.ports.store;
    Ok(match store.changed_since(&session.source, None, 1)? {
        EditsSince::Edits { next, .. } => Some(next),
        EditsSince::TokenLost => None,
    })
}

/// What a decision leaves for a later round to compare. After a contact was linked that is everybody. Somebody of whom
/// an old value was shown is asked for once it can be late no longer: where somebody has put it back, the directory
/// tells of that no second time. Whose base does not tell what the directory holds is asked for when they are edited.
/// Whoever was asked for is compared.
pub(super) fn to_compare(
    decision: &Decision,
    was_asked: bool,
    run: &str,
    now: Timestamp,
) -> impl Iterator<Item = StateWrite> + use<> {
    let user = &decision.object_id;
    let is_settled = was_asked && !decision.is_partial;
    let linked = matches!(decision.action, Action::Add(Addition::Link(_)))
        .then(|| text(LINKED.to_owned(), run.to_owned()));
    let of_user = |prefix: &str, value: Option<String>| {
        let key = format!("{prefix}{user}");
        match value {
            Some(value) => Some(text(key, value)),
            None => is_settled.then(|| delete(key)),
        }
    };
    let late = of_user(LATE, decision.is_late.then(|| now.0.to_string()));
    let open = of_user(OPEN, decision.is_open.then(|| "1".to_owned()));
    [linked, late, open].into_iter().flatten()
}

/// What makes the next round ask for somebody.
pub(super) fn ask_next(user: &ObjectId) -> StateWrite {
    text(format!("{LATE}{user}"), "0".to_owned())
}

fn text(key: String, value: String) -> StateWrite {
    StateWrite {
        key,
        value: Some(value.into_bytes()),
    }
}

/// Those of whom neither side tells again, and who have to be looked at: what both sides have changed is undecided until
/// somebody has decided, and then to be done; and who was late can be so no longer.
fn told_no_more(session: &Session<'_>) -> Result<Vec<ObjectId>, RunAbort> {
    let mut users = conflicts::users(session.ports.state)?;
    users.extend(no_longer_late(session)?);
    ordered::sort(&mut users);
    users.dedup();
    Ok(users)
}

/// Those who were late, and can be so no longer.
fn no_longer_late(session: &Session<'_>) -> Result<Vec<ObjectId>, RunAbort> {
    let ports = session.ports;
    let now = ports.clock.now().0;
    let mut due = Vec::new();
    for (key, value) in ports.state.list(LATE, None, LATE_AT_ONCE)? {
        let since = std::str::from_utf8(&value).ok();
        let since: Option<u64> = since.and_then(|since| since.parse().ok());
        // A moment in the future was told by a clock that was wrong.
        let age = since.and_then(|since| now.checked_sub(since));
        let is_due = age.is_none_or(|age| age >= LAG_MS);
        due.extend(key.strip_prefix(LATE).filter(|_| is_due).map(ObjectId::new));
    }
    Ok(due)
}

/// What a round over everybody has compared: the links of earlier runs.
pub(super) fn forget_links(state: &dyn State, run: &str) -> Result<Option<StateWrite>, RunAbort> {
    let by_another = state.get(LINKED)?.is_some_and(|by| by != run.as_bytes());
    Ok(by_another.then(|| delete(LINKED)))
}

/// Whether edited people have to be asked for, because some of those whom a page shows are not to be given
/// anything for what only the directory tells of them.
pub(super) fn asks_for_edited(items: &[Item], decisions: &[Decision]) -> bool {
    let is_mastered = |item: &Item| matches!(item, Item::Live(person) if person.mastered_elsewhere);
    items.iter().any(is_mastered) || decisions.iter().any(Decision::is_left_alone)
}

impl Reading<'_, '_> {
    /// Reads the next part of what was edited; `None` where that is done, or is not read.
    pub(super) fn step_of_edits(&mut self, round: &Round) -> Result<Option<Stepped>, RunAbort> {
        let Some(token) = round.edits.as_deref().filter(|_| round.reads_edits) else {
            return Ok(None);
        };
        let session = self.session;
        let limit = session.batch as u32;
        let store = session.ports.store;
        let (users, token) = match store.changed_since(&session.source, Some(token), limit)? {
            EditsSince::Edits { users, next } => (users, next),
            EditsSince::TokenLost => {
                let why = [("why", "edits".to_owned())];
                let control = session.ports.control;
                control.log(Level::Info, "round-restarted", &why);
                let again = self.restart(round, round.restarts)?;
                return Ok(Some(Stepped::Passed(again)));
            }
        };
        let mut next = Round {
            edits: Some(token),
            ..round.clone()
        };
        let (items, asked) = if users.is_empty() {
            next.reads_edits = false;
            (Vec::new(), told_no_more(session)?)
        } else {
            self.tell_apart(users, round)?
        };
        if items.is_empty() && asked.is_empty() {
            return Ok(Some(Stepped::Passed(next)));
        }
        let mut before = round.clone();
        if !asked.is_empty() {
            before.waiting = true;
            before.to_ask += asked.len() as u64;
            (next.waiting, next.to_ask) = (true, before.to_ask);
            let deferred = asked.into_iter().map(|user| (user, Deferred::Ask));
            self.stage.settle(Settlement {
                decisions: Vec::new(),
                contested: Vec::new(),
                deferred: deferred.collect(),
                nameless: 0,
                sightings: None,
                round: Some(if items.is_empty() { &next } else { &before }),
            })?;
        }
        if !items.is_empty() {
            let people = self.people_on(items)?;
            next = self.settle(&people, RoundPhase::Following, &before, next)?;
        }
        Ok(Some(Stepped::Settled(next)))
    }

    /// Those of the edited whose base tells enough, and those who have to be asked for.
    fn tell_apart(
        &self,
        mut users: Vec<ObjectId>,
        round: &Round,
    ) -> Result<(Vec<Item>, Vec<ObjectId>), RunAbort> {
        if round.asks_edited {
            return Ok((Vec::new(), users));
        }
        let session = self.session;
        let (state, rules) = (session.ports.state, session.rules());
        let approved = match &round.approved {
            Some(plan) => session.ports.plan.entries(Some(plan), &users)?,
            None => Vec::new(),
        };
        let given = Given::lately_of(state, users.iter())?;
        let others = org_contacts::known(state, &users)?;
        // Of these the base says what both sides have moved away from.
        let contested = conflicts::of(state, &users)?;
        let keys = users.iter().map(|user| format!("{OPEN}{user}"));
        let open = state.get_many(keys.collect())?;
        let is_open = |user: &ObjectId| {
            let mut open = open.iter();
            open.any(|(key, _)| key.strip_prefix(OPEN) == Some(user.as_str()))
        };
        let contacts = session.ports.store.lookup(&Query {
            source: session.source.clone(),
            object_ids: users.clone(),
            fields: session.fields.clone(),
            ..Query::default()
        })?;
        let mut items = Vec::with_capacity(contacts.len());
        for contact in &contacts {
            let person = rules.as_last_reconciled(contact).filter(|person| {
                // Of somebody whom an approved plan is to change otherwise, it knew more than the base.
                let mut planned = approved.iter();
                let planned = planned.find(|entry| entry.object_id == person.object_id);
                let is_as_approved = planned.is_none_or(|approved| {
                    let decision = rules.live(person, Correlation::Linked(contact));
                    same_change(approved, &decision.into_plan_entry())
                });
                let is_told = !others.contains(&person.object_id)
                    && !contested.contains(&person.object_id)
                    && !is_open(&person.object_id);
                is_told && is_as_approved && is_agreed(&rules, contact, &given)
            });
            items.extend(person.map(Item::Live));
        }
        users.retain(|user| items.iter().all(|item| item.object_id() != Some(user)));
        Ok((items, users))
    }
}

/// Whether the base has moved to what the directory was given last. Otherwise whoever gave it has not come to that,
/// and the directory may hold something else.
fn is_agreed(rules: &Rules<'_>, contact: &Contact, given: &Map<ObjectId, Given>) -> bool {
    let user = contact.link.as_ref().map(|link| &link.object_id);
    let Some(given) = user.and_then(|user| given.get(user)) else {
        return true;
    };
    let rows = rules.rows.iter();
    let mut rows = rows.filter(|row| row.direction.writes_directory());
    rows.all(|row| given.agrees(row, contact.base(&row.field)))
}
