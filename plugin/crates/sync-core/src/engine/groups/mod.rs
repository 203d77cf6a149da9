//! Groups: who is on which list, and who is in scope, because of a group.
//!
//! They are read before the people of a round (`reading`), as a [`feed`] of their own with a cursor of its own.
//! What it says is turned round into one entry for each person (`memberships`), and judged
//! (`conclude`) before anybody goes by it. From then on a person has their groups as they have their
//! properties: `attach` puts them on, and what is decided, planned, explained and undone about them is
//! what is decided about any list and any scope.

use std::borrow::Cow;
use std::cell::OnceCell;

use contact_identity::list::comparable;
use guest_kit::ordered;

use crate::contact::ObjectId;
use crate::mapping::person::{Asked, Item, Person, Scope, WantedLists};
use crate::ports::{State, StateWrite, StoreError};
use crate::run::RunMode;
use crate::settings::GroupRules;

use super::checkpoint::write;
use super::run_abort::RunAbort;
use super::session::Session;

pub mod feed;
pub mod kept;
pub mod round;
pub mod story;

mod believe;
mod compare;
mod conclude;
mod losing;
mod losses;
mod memberships;
mod reading;
mod registry;
mod remarks;

use kept::generation;
use memberships::{Entry, Layers};
use registry::Registry;
use round::{GroupCursor, GroupRound};

/// The clause of the scope that membership is.
pub const CLAUSE: &str = "memberOf";

/// Groups as a round goes by them.
pub(super) struct Groups<'a> {
    rules: &'a GroupRules,
    is_plan: bool,
    layers: Layers,
    registry: OnceCell<Registry>,
}

impl<'a> Groups<'a> {
    /// The groups of a round; `None` where none are read.
    pub(super) fn of(
        session: &Session<'a>,
        round: Option<&GroupRound>,
        is_plan: bool,
    ) -> Option<Self> {
        let rules = session.settings.groups.as_ref()?;
        let mut groups = Self {
            rules,
            is_plan,
            layers: Layers {
                top: String::new(),
                below: None,
            },
            registry: OnceCell::new(),
        };
        groups.go_by(round?);
        Some(groups)
    }

    /// The groups as the last complete round left them; `None` where there was none yet.
    pub(super) fn as_last_read(
        session: &Session<'a>,
        cursor: Option<&GroupCursor>,
    ) -> Option<Self> {
        let round = cursor.map(GroupRound::since);
        Self::of(session, round.as_ref(), false)
    }

    /// Goes by the memberships of another round.
    fn go_by(&mut self, round: &GroupRound) {
        let kept = generation(round.generation);
        self.layers = match (self.is_plan, round.is_fresh) {
            (false, _) => Layers {
                top: kept,
                below: None,
            },
            (true, true) => Layers {
                top: kept::of_plan(),
                below: None,
            },
            (true, false) => Layers {
                top: kept::of_plan(),
                below: Some(kept),
            },
        };
        self.registry = OnceCell::new();
    }

    /// The groups, which are loaded when they are needed first.
    fn registry(&mut self, session: &Session<'_>) -> Result<&mut Registry, RunAbort> {
        if self.registry.get().is_none() {
            let layers = &self.layers;
            let prefix = registry_of(layers.below.as_ref().unwrap_or(&layers.top));
            let registry = Registry::load(session.ports.state, prefix, self.rules)?;
            // It was empty a moment ago.
            let _ = self.registry.set(registry);
        }
        self.registry
            .get_mut()
            .ok_or_else(|| StoreError::Other("the groups cannot be held".to_owned()).into())
    }

    /// Reads the groups from the beginning; what an earlier try has left is forgotten.
    pub(super) fn begin_again(
        &mut self,
        session: &Session<'_>,
        round: &mut GroupRound,
        link: String,
    ) -> Result<(), RunAbort> {
        let (ports, source) = (session.ports, &session.source);
        let kept = GroupCursor::load(ports.state)?.map(|cursor| cursor.generation);
        if self.is_plan {
            kept::discard_plan(ports, source)?;
        } else {
            kept::discard_others(ports, source, kept)?;
        }
        *round = GroupRound::fresh(link, kept, round.restarts + 1);
        self.go_by(round);
        Ok(())
    }

    fn put_on_all(&mut self, session: &Session<'_>, items: &mut [Item]) -> Result<(), RunAbort> {
        let live = |item: &Item| match item {
            Item::Live(person) => Some(person.object_id.clone()),
            Item::Gone { .. } | Item::Nameless => None,
        };
        let people: Vec<ObjectId> = items.iter().filter_map(live).collect();
        if people.is_empty() {
            return Ok(());
        }
        let entries = self.layers.entries(session.ports.state, people.iter())?;
        let registry = self.registry(session)?;
        let persons = items.iter_mut().filter_map(|item| match item {
            Item::Live(person) => Some(person),
            Item::Gone { .. } | Item::Nameless => None,
        });
        for (person, entry) in persons.zip(entries) {
            put_on(person, &entry, registry);
        }
        Ok(())
    }

    /// Everybody who is about to leave a group, or was, with their entries: some at a time.
    fn leavers(
        &self,
        session: &Session<'_>,
        group: u32,
        mut each: impl FnMut(&[(ObjectId, Entry)]) -> Result<(), RunAbort>,
    ) -> Result<(), RunAbort> {
        let state = session.ports.state;
        let mut after: Option<ObjectId> = None;
        loop {
            let people = self.layers.leavers(state, group, after.as_ref())?;
            let Some(last) = people.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            let entries = self.layers.entries(state, people.iter())?;
            let people: Vec<_> = people.into_iter().zip(entries).collect();
            each(&people)?;
        }
    }
}

/// Puts on everybody what their groups lead to. Where no groups were read yet that should have been, nothing is
/// said of lists, and nothing of scope that would take something away.
pub(super) fn attach(
    groups: Option<&mut Groups<'_>>,
    session: &Session<'_>,
    items: &mut [Item],
) -> Result<(), RunAbort> {
    let Some(rules) = &session.settings.groups else {
        return Ok(());
    };
    if let Some(groups) = groups {
        return groups.put_on_all(session, items);
    }
    for item in items {
        let Item::Live(person) = item else { continue };
        if rules.list.is_some() {
            person.lists = WantedLists::Unstated;
        }
        if rules.members_only {
            leave_scope(person, false);
        }
    }
    Ok(())
}

fn leave_scope(person: &mut Person, stated: bool) {
    if person.scope == Scope::Inside {
        person.scope = Scope::Outside {
            clause: CLAUSE.to_owned(),
            stated,
            asked: Asked::Value,
        };
    }
}

/// How the groups of a round begin: with what changed since the cursor, or with all of them.
pub(super) fn begin(
    session: &Session<'_>,
    feed: &dyn feed::GroupFeed<'_>,
    mode: RunMode,
    is_plan: bool,
) -> Result<GroupRound, RunAbort> {
    let cursor = GroupCursor::load(session.ports.state)?;
    Ok(match cursor {
        Some(cursor) if mode == RunMode::Incremental => GroupRound {
            everybody: kept::concerns_everybody(session.ports.state)?,
            ..GroupRound::since(&cursor)
        },
        cursor => {
            let kept = cursor.map(|cursor| cursor.generation);
            if !is_plan {
                // A round that is still open must not be gone on with over memberships that are no longer there.
                kept::forget_open(session.ports, &session.source)?;
                kept::discard_others(session.ports, &session.source, kept)?;
            }
            GroupRound::fresh(feed.first_page(), kept, 0)
        }
    })
}

/// The next people whose memberships have changed, of whom a round has to ask.
pub(super) fn changed(
    state: &dyn State,
    is_plan: bool,
    after: Option<&ObjectId>,
    limit: u32,
) -> Result<Vec<ObjectId>, RunAbort> {
    let prefix = kept::changed(is_plan);
    let after = after.map(|person| format!("{prefix}{person}"));
    let page = state.list(&prefix, after.as_deref(), limit)?;
    Ok(page
        .iter()
        .filter_map(|(key, _)| key.strip_prefix(&prefix))
        .map(ObjectId::new)
        .collect())
}

fn note_changed(is_plan: bool, person: &ObjectId) -> Result<StateWrite, RunAbort> {
    write(&format!("{}{person}", kept::changed(is_plan)), &1)
}

/// Under which the groups of a generation are kept.
fn registry_of(generation: &str) -> String {
    format!("{generation}g/")
}

/// Puts on somebody what their groups lead to.
fn put_on(person: &mut Person, entry: &Entry, registry: &Registry) {
    let reached = registry.reached(&entry.numbers());
    if registry.rules().members_only && reached.is_empty() {
        leave_scope(person, true);
    }
    if let WantedLists::Exactly(lists) = &mut person.lists {
        let mut known: Vec<Cow<'_, str>> = Vec::with_capacity(lists.len() + reached.len());
        known.extend(
            lists
                .iter()
                .map(|list| comparable(&list.name).into_owned().into()),
        );
        for listed in reached.iter().filter_map(|number| registry.list(*number)) {
            if !known.contains(&Cow::Borrowed(&listed.key)) {
                known.push(Cow::Borrowed(&listed.key));
                lists.push(listed.list.clone());
            }
        }
        ordered::sort_by(lists, |one, other| one.name.cmp(&other.name));
    }
}
