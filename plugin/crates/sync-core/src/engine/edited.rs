//! What is kept between rounds so that one which gives the directory something need not look at everybody.
//!
//! How far the edits were told is kept with the cursor. Without it, or where more may have to be given than what was
//! edited, the round is a full one, see [`knows_edits`]. Beside it stands of whom neither the store nor the directory
//! tells again, and who is to be compared all the same.

use crate::contact::ObjectId;
use crate::mapping::person::Item;
use crate::ports::{EditsSince, Ports, State, StateWrite, Timestamp};
use crate::reconcile::decision::{Action, Addition, Decision};

use super::checkpoint::{Cursor, Round, delete};
use super::discard::discard_prefix;
use super::given::LAG_MS;
use super::run_abort::RunAbort;
use super::session::Session;

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

/// What makes somebody asked for when they are edited.
pub(super) fn note_open(user: &ObjectId) -> StateWrite {
    text(format!("{OPEN}{user}"), "1".to_owned())
}

/// The contact is the person's no longer.
pub(super) fn forget(user: &ObjectId) -> [StateWrite; 2] {
    [LATE, OPEN].map(|prefix| delete(format!("{prefix}{user}")))
}

/// Forgets all of it.
pub(super) fn discard(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    for prefix in [LATE, OPEN, LINKED] {
        discard_prefix(ports, source, prefix)?;
    }
    Ok(())
}

fn text(key: String, value: String) -> StateWrite {
    StateWrite {
        key,
        value: Some(value.into_bytes()),
    }
}

/// Those who were late, and can be so no longer.
pub(super) fn no_longer_late(session: &Session<'_>) -> Result<Vec<ObjectId>, RunAbort> {
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

/// Those of these users whose base does not tell what the directory holds, or of whom it has shown something else that
/// may be late.
pub(super) fn open_among(state: &dyn State, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
    let mut open = Vec::new();
    for prefix in [OPEN, LATE] {
        let keys = users.iter().map(|user| format!("{prefix}{user}"));
        let found = state.get_many(keys.collect())?;
        let found = found.iter().filter_map(|(key, _)| key.strip_prefix(prefix));
        open.extend(found.map(ObjectId::new));
    }
    Ok(open)
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
