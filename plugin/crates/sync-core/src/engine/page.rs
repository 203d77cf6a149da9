//! One page: from what the directory states to decisions.

use crate::contact::{Contact, ContactId, Effect, ObjectId};
use crate::mapping::person::{Item, Person, PersonKind, Scope, WantedLists};
use crate::ports::{Query, StateWrite};
use crate::reconcile::correlate::{Candidates, Correlation};
use crate::reconcile::decide::Rules;
use crate::reconcile::decision::{Action, Decision};
use crate::reconcile::mark::Mark;
use crate::reconcile::reason::Reason;
use crate::settings::{Disabled, Existing};
use guest_kit::ordered::{Map, Positions, Set};

use super::conflicts;
use super::echo::Echoes;
use super::inactive::who_made_inactive;
use super::recognition::Recognition;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Stage;
use super::staged::Deferred;

/// Everybody on a page, each once. A page may show somebody several times; the last time counts
/// (<https://learn.microsoft.com/graph/delta-query-overview>).
pub(super) struct People {
    items: Vec<Item>,
    /// Elements without an object id.
    pub(super) nameless: u64,
    /// People whom a change of somebody on the page concerns, be they on it or not.
    pub(super) concerned: Set<ObjectId>,
}

/// The decisions about some people, and which of them have a link.
pub(super) struct Decided {
    pub(super) decisions: Vec<Decision>,
    /// People who are not decided about yet.
    pub(super) deferred: Vec<(ObjectId, Deferred)>,
    /// What is to be kept of values that both sides have changed.
    pub(super) contested: Vec<StateWrite>,
    pub(super) linked: Vec<ObjectId>,
    /// The links of those whose contact was known again and not fetched.
    pub(super) links: Vec<u64>,
}

/// Whether everybody can be decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundPhase {
    /// While the list of users is read: somebody on a later page may have the address of the same
    /// unlinked contact.
    Listing,
    /// While pages of changes are read: beside that, such a page leaves out what was never set and may
    /// leave out what has not changed, so that it may say too little.
    Following,
    /// Everybody was read, and who was asked for was stated in full.
    Complete,
}

impl People {
    pub(super) fn new(items: impl IntoIterator<Item = Item>) -> Self {
        let items: Vec<Item> = items.into_iter().collect();
        let mut positions = Positions::with_capacity(items.len());
        // Of each user the element that counts, in the order in which the users came.
        let mut counting: Vec<usize> = Vec::with_capacity(items.len());
        let mut nameless = 0;
        for (number, item) in items.iter().enumerate() {
            let Some(user) = item.object_id() else {
                nameless += 1;
                continue;
            };
            let earlier = positions.get(user.as_str());
            match earlier.and_then(|position| counting.get_mut(position)) {
                Some(earlier) => *earlier = number,
                None => {
                    positions.insert(user.as_str(), counting.len());
                    counting.push(number);
                }
            }
        }
        let mut items: Vec<_> = items.into_iter().map(Some).collect();
        let element = |number: usize| items.get_mut(number)?.take();
        Self {
            items: counting.into_iter().filter_map(element).collect(),
            nameless,
            concerned: Set::new(),
        }
    }

    /// Those who are in the directory.
    pub(super) fn present(&self) -> Vec<ObjectId> {
        let present = self.items.iter().filter_map(|item| match item {
            Item::Live(person) => Some(person.object_id.clone()),
            Item::Gone { .. } | Item::Nameless => None,
        });
        present.collect()
    }

    /// People who are not on the page, and whom a change of somebody on it concerns.
    pub(super) fn concerned_elsewhere(&self) -> Vec<ObjectId> {
        let mut elsewhere = self.concerned.clone();
        for user in self.items.iter().filter_map(Item::object_id) {
            elsewhere.remove(user);
        }
        elsewhere.into_iter().collect()
    }

    /// Whether there was nothing on the page.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.nameless == 0
    }

    /// How many of them are in the directory.
    pub(super) fn live(&self) -> u64 {
        self.items
            .iter()
            .filter(|item| matches!(item, Item::Live(_)))
            .count() as u64
    }

    /// In portions that the store takes at once.
    pub(super) fn portions(&self, size: usize) -> impl ExactSizeIterator<Item = &[Item]> {
        self.items.chunks(size.max(1))
    }

    pub(super) fn only(&self, users: &[ObjectId]) -> Vec<Item> {
        self.items
            .iter()
            .filter(|item| item.object_id().is_some_and(|user| users.contains(user)))
            .cloned()
            .collect()
    }
}

/// Which of these people a change of somebody else concerns.
pub(super) fn concerned_among(items: &[Item], concerned: &Set<ObjectId>) -> Vec<ObjectId> {
    let among = items.iter().filter_map(|item| match item {
        Item::Live(person) if concerned.contains(&person.object_id) => {
            Some(person.object_id.clone())
        }
        _ => None,
    });
    among.collect()
}

/// Decides about each of the people. Whose contact is known again is in step; those of the others are looked
/// up, in one call. `no_links`: nobody can have a contact that was linked before this round.
pub(super) fn decide(
    session: &Session<'_>,
    items: &[Item],
    phase: RoundPhase,
    stage: &dyn Stage,
    no_links: bool,
) -> Result<Decided, RunAbort> {
    let echoes = Echoes::among(session, items)?;
    let stated = items;
    let items = &*echoes.without_late(stated);
    let known = Recognition::of(session, items, stage, no_links)?;
    let looked_up: Vec<&Item> = known.others(items).collect();
    let mut contacts = if looked_up.is_empty() {
        Vec::new()
    } else {
        session.ports.store.lookup(&query(session, &looked_up))?
    };
    echoes.agree(items, &mut contacts);
    let candidates = Candidates::new(&contacts, &session.match_field);
    let claims = match phase {
        RoundPhase::Complete => claims(session, &looked_up, &candidates, stage)?,
        RoundPhase::Listing | RoundPhase::Following => Map::new(),
    };
    let inactive = who_made_inactive(session, &looked_up, &candidates)?;
    let conflicts = conflicts::Known::among(session, items)?;
    let rules = Rules {
        inactive: &inactive,
        answers: &conflicts.answers,
        ..session.rules()
    };
    let mut decisions = Vec::with_capacity(items.len());
    let mut deferred = Vec::new();
    let mut contested = Vec::new();
    for (place, item) in items.iter().enumerate() {
        if let (Item::Live(person), true) = (item, known.is_same(place)) {
            decisions.push(rules.same(person));
            continue;
        }
        let mark = known.mark(place);
        let mut decision = decide_one(
            &rules,
            item,
            &candidates,
            &claims,
            stage.shows_people(),
            mark,
        );
        let keeps = |decision: &Decision| match stage.run_id() {
            Some(run) => conflicts.after(session, item, decision, run),
            None => Ok(None),
        };
        if let (Some(decision), Some(item)) = (&mut decision, stated.get(place)) {
            decision.is_late = echoes.is_late(item);
            if let Item::Live(person) = item {
                let linked = candidates.linked(&person.object_id);
                decision.is_open = linked.is_some_and(|it| rules.leaves_base_behind(person, it));
            }
        }
        let arrived = match (&mut decision, stage.run_id()) {
            (Some(decision), Some(_)) => echoes.journal_arrived(decision)?,
            _ => Vec::new(),
        };
        match (item, decision) {
            (Item::Live(person), Some(decision)) if phase != RoundPhase::Complete => {
                let linked = candidates.linked(&person.object_id);
                if lists_are_open(session, person, &decision, phase) {
                    deferred.push((person.object_id.clone(), Deferred::Ask));
                    continue;
                }
                match deferral(&rules, person, &decision, linked, phase) {
                    Some(waiting) => deferred.push((person.object_id.clone(), waiting)),
                    None => {
                        contested.extend(keeps(&decision)?);
                        contested.extend(arrived);
                        decisions.push(decision);
                    }
                }
            }
            (_, Some(decision)) => {
                contested.extend(keeps(&decision)?);
                contested.extend(arrived);
                decisions.push(decision);
            }
            (_, None) => {}
        }
    }
    let linked = looked_up
        .into_iter()
        .filter_map(Item::object_id)
        .filter(|user| candidates.linked(user).is_some())
        .cloned()
        .collect();
    Ok(Decided {
        decisions,
        deferred,
        contested,
        linked,
        links: known.links(),
    })
}

/// What a person waits for, where they cannot be decided about while pages are read.
#[must_use]
pub fn deferral(
    rules: &Rules<'_>,
    person: &Person,
    decision: &Decision,
    linked: Option<&Contact>,
    phase: RoundPhase,
) -> Option<Deferred> {
    if decision.reason == Reason::Agent {
        return None;
    }
    let links = decision.effect() == Some(Effect::Link);
    let says_too_little = match linked {
        _ if is_named_elsewhere(person, decision) => true,
        Some(contact) => {
            is_open(rules, person, contact)
                || (phase == RoundPhase::Following
                    && stands_on_an_assumption(rules, person, decision, contact))
        }
        // Half of a user is not enough to make a contact of, nor to leave one unmade; and nobody is
        // found by an address that may not be theirs.
        None => {
            phase == RoundPhase::Following
                && (person.states_changes_only || (links && person.assumes_something()))
        }
    };
    if says_too_little {
        return Some(Deferred::Ask);
    }
    links.then(|| Deferred::Link(Box::new(person.clone())))
}

/// Whether the page names somebody by id alone whose name is wanted, and asking for the person may lead to
/// another decision: a contact would be written, or is left unwritten or unmade for what is not told.
fn is_named_elsewhere(person: &Person, decision: &Decision) -> bool {
    let matters = match &decision.action {
        Action::Add(_) | Action::Wait => true,
        Action::Leave(_) => decision.reason == Reason::InStep,
        Action::Skip(_) => {
            decision.reason == Reason::MissingMandatory
                || matches!(person.scope, Scope::Outside { stated: false, .. })
        }
        Action::Same | Action::Remove(_) | Action::Invite(_) | Action::Fail { .. } => false,
    };
    person.names_by_id && matters
}

/// Whether a page of changes leaves out what names somebody's list, while their groups are known: all lists are
/// decided about together.
fn lists_are_open(
    session: &Session<'_>,
    person: &Person,
    decision: &Decision,
    phase: RoundPhase,
) -> bool {
    let groups = session.settings.groups.as_ref();
    phase == RoundPhase::Following
        && person.lists == WantedLists::Unstated
        && decision.reason != Reason::Agent
        && groups.is_some_and(|groups| groups.list.is_some())
}

/// Whether a page leaves out what has to be known of somebody who is linked.
fn is_open(rules: &Rules<'_>, person: &Person, contact: &Contact) -> bool {
    let scope_is_open = matches!(person.scope, Scope::Outside { stated: false, .. });
    // Whether somebody becomes active again is not to be told by half of what there is to know.
    let may_return = !contact.active && !person.is_whole;
    // A disabled account's contact may have to be left alone.
    let account_is_open = rules.policies.disabled == Disabled::NotCreated
        && person.enabled.is_none()
        && !person.is_whole;
    person.address_is_open
        || person.number_is_open
        || scope_is_open
        || may_return
        || account_is_open
}

/// Whether something else would be decided if what the page leaves out were empty. A feed of changes
/// leaves out what was never set, so that this is likely; and it may leave out what has not changed,
/// so that it is not certain.
fn stands_on_an_assumption(
    rules: &Rules<'_>,
    person: &Person,
    decision: &Decision,
    contact: &Contact,
) -> bool {
    person.taken_as_stated(rules.rows).is_some_and(|taken| {
        let otherwise = rules.live(&taken, Correlation::Linked(contact));
        (&otherwise.action, &otherwise.staged) != (&decision.action, &decision.staged)
    })
}

fn query(session: &Session<'_>, items: &[&Item]) -> Query {
    Query {
        source: session.source.clone(),
        object_ids: items
            .iter()
            .filter_map(|item| item.object_id())
            .cloned()
            .collect(),
        match_keys: items
            .iter()
            .filter_map(|item| match item {
                Item::Live(person) => person.match_key.clone(),
                Item::Gone { .. } | Item::Nameless => None,
            })
            .collect(),
        contacts: Vec::new(),
        fields: session.fields.clone(),
    }
}

fn decide_one(
    rules: &Rules<'_>,
    item: &Item,
    candidates: &Candidates<'_>,
    claims: &Map<ContactId, Claimant>,
    shows_people: bool,
    mark: Option<Mark>,
) -> Option<Decision> {
    match item {
        Item::Live(person) => {
            let found = candidates.find(&person.object_id, person.match_key.as_deref());
            let correlation = match found {
                // Somebody else links it in this very round: it is no candidate any more.
                Correlation::Matching(contact) | Correlation::Former(contact)
                    if claims
                        .get(&contact.id)
                        .is_some_and(|(_, user)| *user != person.object_id) =>
                {
                    Correlation::Nobody
                }
                other => other,
            };
            let mut decision = rules.live(person, correlation);
            decision.is_partial = !person.is_whole;
            decision.kind = person.kind;
            decision.mark = mark.filter(|_| rules.leaves_in_step(&decision, correlation));
            if matches!(decision.action, Action::Skip(_) | Action::Fail { .. }) {
                decision.address.clone_from(&person.match_key);
                if shows_people {
                    decision.fields = rules.skip_preview(person, correlation, decision.reason);
                }
            }
            Some(decision)
        }
        Item::Gone {
            object_id,
            tombstone,
        } => Some(rules.gone(object_id, *tombstone, candidates.linked(object_id))),
        Item::Nameless => None,
    }
}

/// Who links an unlinked contact. A user comes before an organisational contact.
type Claimant = (PersonKind, ObjectId);

/// Who links which unlinked contact, where several people have its address: who was decided about
/// earlier, else a user, else the smallest object id. People come here in that order, so that it is the
/// first of all, whatever order the pages came in.
fn claims(
    session: &Session<'_>,
    items: &[&Item],
    candidates: &Candidates<'_>,
    stage: &dyn Stage,
) -> Result<Map<ContactId, Claimant>, RunAbort> {
    let mut claims: Map<ContactId, Claimant> = Map::new();
    if session.settings.policies.existing == Existing::Skip {
        return Ok(claims);
    }
    let rules = session.rules();
    for item in items {
        let Item::Live(person) = item else { continue };
        let found = candidates.find(&person.object_id, person.match_key.as_deref());
        let (Correlation::Matching(contact) | Correlation::Former(contact)) = found else {
            continue;
        };
        // Only who would be linked has a claim: somebody out of scope must not block the others.
        if rules.live(person, found).effect() == Some(Effect::Link) {
            let own = || (person.kind, person.object_id.clone());
            let claimant = claims.or_insert_with(contact.id.clone(), own);
            if (person.kind, &person.object_id) < (claimant.0, &claimant.1) {
                *claimant = own();
            }
        }
    }
    if !claims.is_empty() {
        let contacts: Vec<_> = claims.keys().cloned().collect();
        // It was decided about earlier, whatever kind the claimant is of.
        let earlier = stage.claimed(&contacts)?.into_iter();
        claims.extend(earlier.map(|(contact, user)| (contact, (PersonKind::User, user))));
    }
    Ok(claims)
}
