//! Reads the groups of a round, before its people.
//!
//! Pages of groups are collected until there is enough for a commit, which lays them into the entries of the people
//! and moves the round on: a process that dies before it reads the same pages again, and comes to the same.
//! Who joins or leaves is noted as changed, so that the people's turn comes also where the directory says
//! nothing else of them.

use std::rc::Rc;

use guest_kit::ordered;

use crate::contact::ObjectId;
use crate::ports::{Level, Phase, Progress, StateWrite};

use super::super::bounds::Bounds;
use super::super::checkpoint::Round;
use super::super::directory::Next;
use super::super::proof::Flaw;
use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::super::stepped::Stepped;
use super::feed::{GroupFeed, GroupItem, StatedGroup};
use super::memberships::{Became, Edge, Entry, in_order};
use super::registry::Existence;
use super::round::GroupRound;
use super::{Groups, conclude, kept};

/// Memberships that are collected before they are written: a person's entry is written once for all that is
/// collected of them. Of 20 bytes each.
const COLLECTED: usize = 500_000;

/// Memberships that one commit lays: as few commits as the arguments of one call to a host allow.
const LAID: usize = 20_000;

/// What is collected from some pages.
#[derive(Default)]
struct Collected {
    edges: Vec<Edge>,
    /// Of groups inside groups.
    nested: Vec<Edge>,
}

impl Groups<'_> {
    /// Reads some pages, or, once all are read, judges what they have said; the round as it stands afterwards.
    pub(in super::super) fn step<'d>(
        &mut self,
        feed: &Rc<dyn GroupFeed<'d> + 'd>,
        session: &Session<'_>,
        stage: &mut dyn Stage,
        bounds: &mut Bounds,
        round: &Round,
    ) -> Result<Stepped, RunAbort> {
        let mut next = round.clone();
        let Some(groups) = next.groups.as_mut() else {
            return Ok(Stepped::Passed(next));
        };
        if let Some(link) = groups.link.clone() {
            let mut collected = Collected::default();
            self.collect(feed, session, bounds, groups, &link, &mut collected)?;
            if groups.link.is_none() && groups.stated == 0 && !groups.is_fresh && !groups.waits {
                // Nothing has changed, and nothing is open.
                stage.remark_groups(groups.remarks.clone());
                groups.is_concluded = true;
                return Ok(Stepped::Passed(next));
            }
            self.lay(session, stage, round, &mut next, collected)?;
            return Ok(Stepped::Settled(next));
        }
        conclude::conclude(self, &**feed, session, stage, groups)?;
        groups.is_concluded = groups.link.is_none();
        let mut state = self.registry_writes(session)?;
        state.extend(self.note_everybody(groups.everybody && !groups.is_fresh)?);
        stage.keep(state, Some(&next))?;
        Ok(Stepped::Settled(next))
    }

    fn collect<'d>(
        &mut self,
        feed: &Rc<dyn GroupFeed<'d> + 'd>,
        session: &Session<'_>,
        bounds: &mut Bounds,
        groups: &mut GroupRound,
        link: &str,
        collected: &mut Collected,
    ) -> Result<(), RunAbort> {
        let ports = session.ports;
        let mut link = link.to_owned();
        let mut pending = Rc::clone(feed).begin(&link);
        let mut pages = 0;
        loop {
            let page = pending.finish()?;
            pages += 1;
            groups.pages += 1;
            let stated = page.groups.len() as u64;
            groups.stated = groups.stated.saturating_add(stated);
            groups.chain.page(&link, stated, groups.pages)?;
            let has_room = bounds.room(pages, ports.clock) > 0;
            let ahead = match &page.next {
                Next::Page(next) if has_room => {
                    link.clone_from(next);
                    Some(Rc::clone(feed).begin(next))
                }
                Next::Page(_) | Next::Done(_) | Next::End => None,
            };
            groups.link = match page.next {
                Next::Page(link) => Some(link),
                Next::Done(link) => {
                    groups.delta_link = Some(link);
                    None
                }
                Next::End => return Err(Flaw::NoDeltaLink.into()),
            };
            for item in page.groups {
                self.take_note(session, groups, item, collected)?;
            }
            match ahead {
                Some(ahead) if collected.edges.len() < COLLECTED => pending = ahead,
                _ => break,
            }
            let progress = Progress::new(Phase::Reading, groups.stated, None);
            session.directory.remember_progress(progress);
            bounds.use_page();
            pages -= 1;
            bounds.allow(ports.clock, ports.control, progress)?;
        }
        Ok(())
    }

    fn take_note(
        &mut self,
        session: &Session<'_>,
        groups: &mut GroupRound,
        item: GroupItem,
        collected: &mut Collected,
    ) -> Result<(), RunAbort> {
        let now = session.ports.clock.now();
        let StatedGroup {
            id,
            properties,
            members,
            others: _,
        } = match item {
            GroupItem::Stated(stated) => stated,
            GroupItem::Gone { id, .. } => {
                let registry = self.registry(session)?;
                if let Some((number, _)) = registry.find(&id)
                    && let Some(group) = registry.group_mut(number)
                    && group.existence == Existence::There
                {
                    group.existence = Existence::Going;
                }
                return Ok(());
            }
        };
        let registry = self.registry(session)?;
        let number = registry.number_of(&id);
        if let Some(told) = properties {
            let consequences = registry.state(number, told, (now, groups.is_fresh));
            groups.everybody |= consequences.for_members;
            groups.unknown_members |= consequences.unknown_members;
        }
        if !registry
            .group(number)
            .is_some_and(|group| group.is_followed)
        {
            return Ok(());
        }
        for member in members {
            let Some(edge) = Edge::new(&member.id, number, member.stays) else {
                continue;
            };
            // Of a member that left, the directory may not say that it is a group.
            let is_group =
                member.is_group || (!member.stays && registry.find(&member.id).is_some());
            if is_group {
                collected.nested.push(edge);
            } else {
                collected.edges.push(edge);
            }
        }
        Ok(())
    }

    /// Lays what was collected into the entries of the people, so many at a time; the last portion moves the
    /// round on.
    fn lay(
        &mut self,
        session: &Session<'_>,
        stage: &mut dyn Stage,
        before: &Round,
        after: &mut Round,
        collected: Collected,
    ) -> Result<(), RunAbort> {
        let is_fresh = after.groups.as_ref().is_some_and(|groups| groups.is_fresh);
        // Nobody has an entry yet.
        let is_first = is_fresh && !before.groups.as_ref().is_some_and(|groups| groups.is_laid);
        if let Some(groups) = after.groups.as_mut() {
            groups.is_laid = true;
        }
        for edge in in_order(collected.nested) {
            let is_news = self.nest(session, &edge, is_fresh)?;
            if let Some(groups) = after.groups.as_mut() {
                groups.everybody |= is_news && !is_fresh;
            }
        }
        let everybody = after.groups.as_ref().is_some_and(|groups| groups.everybody) && !is_fresh;
        // Of what is laid already, nobody must believe that nothing was.
        let mut before = before.clone();
        if let Some(groups) = before.groups.as_mut() {
            groups.is_laid = true;
        }
        let edges = in_order(collected.edges);
        let mut rest = edges.as_slice();
        loop {
            let (portion, others) = portion(rest);
            rest = others;
            let mut state = self.lay_portion(session, portion, (is_fresh, is_first))?;
            state.extend(self.registry_writes(session)?);
            state.extend(self.note_everybody(everybody)?);
            if rest.is_empty() {
                stage.keep(state, Some(after))?;
                return Ok(());
            }
            stage.keep(state, Some(&before))?;
        }
    }

    fn lay_portion(
        &mut self,
        session: &Session<'_>,
        edges: &[Edge],
        (is_fresh, is_first): (bool, bool),
    ) -> Result<Vec<StateWrite>, RunAbort> {
        let by_person: Vec<&[Edge]> = edges.chunk_by(Edge::is_about_the_same).collect();
        let people: Vec<ObjectId> = by_person
            .iter()
            .filter_map(|edges| edges.first())
            .map(|edge| edge.person())
            .collect();
        let mut entries = if is_first {
            vec![Entry::default(); people.len()]
        } else {
            self.layers.entries(session.ports.state, people.iter())?
        };
        let mut writes = Vec::new();
        for ((edges, person), entry) in by_person.iter().zip(&people).zip(&mut entries) {
            let mut is_changed = false;
            for edge in *edges {
                let became = if edge.stays() {
                    entry.join(edge.group())
                } else {
                    entry.leave(edge.group(), is_fresh)
                };
                let Some(became) = became else { continue };
                is_changed = true;
                if !is_fresh {
                    self.count(session, edge.group(), became)?;
                }
                match became {
                    Became::Joined if !is_fresh => writes.push(self.note_changed(person)?),
                    Became::Stayed => writes.push(self.layers.forget_leaving(edge.group(), person)),
                    Became::Leaves => writes.push(self.layers.note_leaving(edge.group(), person)?),
                    Became::Joined | Became::Left => {}
                }
            }
            if is_changed {
                writes.push(self.layers.save(person, entry)?);
            }
        }
        Ok(writes)
    }

    /// Counts a member. Of a reading from the beginning they are counted when all of it is there
    /// ([`Self::count_all`]): each commit would write nearly every group.
    fn count(&mut self, session: &Session<'_>, group: u32, became: Became) -> Result<(), RunAbort> {
        if let Some(group) = self.registry(session)?.group_mut(group) {
            match became {
                Became::Joined => group.members += 1,
                Became::Stayed => {
                    group.leaving = group.leaving.saturating_sub(1);
                    if group.leaving == 0 {
                        group.waits_since = None;
                    }
                }
                Became::Leaves => group.leaving += 1,
                Became::Left => group.members = group.members.saturating_sub(1),
            }
        }
        Ok(())
    }

    /// Counts the members of all groups of a reading from the beginning.
    pub(super) fn count_all(&mut self, session: &Session<'_>) -> Result<(), RunAbort> {
        let groups = self.registry(session)?.len();
        let members = self.layers.members(session.ports.state, groups)?;
        self.registry(session)?.count(&members);
        Ok(())
    }

    /// A group inside a group. Who is in it cannot be named, so that its news concern everybody; unless only
    /// direct members count.
    fn nest(
        &mut self,
        session: &Session<'_>,
        edge: &Edge,
        is_fresh: bool,
    ) -> Result<bool, RunAbort> {
        let registry = self.registry(session)?;
        if !registry.rules().transitive {
            return Ok(false);
        }
        let number = registry.number_of(&edge.person());
        let Some(group) = registry.group_mut(number) else {
            return Ok(false);
        };
        let is_inside = group.inside.contains(&edge.group());
        match (edge.stays(), is_inside) {
            (true, false) => {
                group.inside.push(edge.group());
                ordered::sort(&mut group.inside);
                Ok(true)
            }
            (true, true) => {
                let before = group.leaves.len();
                group.leaves.retain(|outer| *outer != edge.group());
                Ok(group.leaves.len() < before)
            }
            (false, true) if is_fresh => {
                group.inside.retain(|outer| *outer != edge.group());
                Ok(true)
            }
            (false, true) => {
                if !group.leaves.contains(&edge.group()) {
                    group.leaves.push(edge.group());
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// What notes that somebody's groups are others.
    pub(super) fn note_changed(&self, person: &ObjectId) -> Result<StateWrite, RunAbort> {
        super::note_changed(self.is_plan, person)
    }

    /// What keeps that nobody can say who is concerned. A plan only looks.
    fn note_everybody(&self, everybody: bool) -> Result<Option<StateWrite>, RunAbort> {
        (everybody && !self.is_plan)
            .then(kept::note_everybody)
            .transpose()
    }

    pub(super) fn registry_writes(
        &mut self,
        session: &Session<'_>,
    ) -> Result<Vec<StateWrite>, RunAbort> {
        if self.is_plan {
            return Ok(Vec::new());
        }
        self.registry(session)?.changed()
    }

    /// Says in the log of the host why the groups are read from the beginning.
    pub(super) fn log_fresh(session: &Session<'_>, why: &str) {
        let fields = [("why", why.to_owned())];
        let control = session.ports.control;
        control.log(Level::Info, "groups-read-anew", &fields);
    }
}

/// As many memberships as one commit lays, with all that is said of each person.
fn portion(edges: &[Edge]) -> (&[Edge], &[Edge]) {
    let mut people = edges.chunk_by(Edge::is_about_the_same);
    let mut laid = 0;
    while laid < LAID {
        let Some(person) = people.next() else {
            return (edges, &[]);
        };
        laid += person.len();
    }
    edges.split_at(laid.min(edges.len()))
}
