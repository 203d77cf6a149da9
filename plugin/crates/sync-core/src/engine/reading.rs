//! Reads a round to its end, page by page.
//!
//! *Full*: take a bookmark, [list](super::listing) everybody, then follow the bookmark, so that changes made
//! while listing are caught; when all of that is proven, link those who wait for an unlinked contact, and
//! ask, by id, for linked people who were not seen. *Incremental*: follow the deltaLink, then ask for
//! people who could not be written before; where rows write to the directory, what was [edited](super::edited) here
//! comes first. Where organisational contacts are people, too, they are read after the
//! users in the same way, see [`collection`](super::collection). A round that the directory breaks off starts again as a
//! full one; one that cannot be believed ends, see [`proof`](super::proof).
//!
//! Lists that have the organisation's name in theirs have it from the last full sync that began; an
//! incremental round never looks for another. Where the directory was renamed since the last one that
//! came to its end, rounds are full ones until one does: nobody stays behind on the old list.

use guest_kit::ordered::Set;
use std::rc::Rc;

use crate::contact::ObjectId;
use crate::mapping::person::Item;
use crate::ports::{DirectoryError, DirectoryErrorKind, Level, Phase, Progress, Sightings};
use crate::reconcile::decision::Decision;
use crate::run::RunMode;

use super::ahead::Ahead;
use super::begin_round::{Beginning, begin_full};
use super::bounds::Bounds;
use super::checkpoint::{Cursor, Round, Step};
use super::directory::{self, Next, Page};
use super::edited::asks_for_edited;
use super::groups::Groups;
use super::page::{Decided, People, RoundPhase, concerned_among, decide};
use super::proof::{Flaw, Proof};
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::{Settlement, Stage};
use super::staged::Deferred;
use super::stepped::{RESTARTS, Stepped};

/// How often contacts that change under our hands are decided about again.
const CONFLICT_ROUNDS: usize = 3;

/// So many people are asked for in an incremental round, however few there are.
const ASKED_AT_LEAST: u64 = 1_000;
/// Questions in a `$batch`.
const QUESTIONS_A_REQUEST: u64 = 20;

/// Reads one round.
pub(super) struct Reading<'s, 'a> {
    pub(super) session: &'s Session<'a>,
    pub(super) stage: &'s mut dyn Stage,
    pub(super) bounds: &'s mut Bounds,
    /// Of the directory.
    pub(super) people: Rc<dyn directory::People<'a> + 'a>,
    /// Pages that are asked for while another is settled.
    pub(super) ahead: Ahead<'a>,
    /// Groups, where they are read.
    pub(super) groups: Option<Groups<'a>>,
}

impl<'s, 'a> Reading<'s, 'a> {
    /// Reads on from where the round stands.
    pub(super) fn of(
        round: &Round,
        session: &'s Session<'a>,
        stage: &'s mut dyn Stage,
        bounds: &'s mut Bounds,
    ) -> Self {
        let is_plan = stage.run_id().is_none();
        Self {
            session,
            stage,
            bounds,
            people: people_of(round, session),
            ahead: Ahead::default(),
            groups: Groups::of(session, round.groups.as_ref(), is_plan),
        }
    }

    /// Reads until the round is closed.
    pub(super) fn until_closed(&mut self, round: &mut Round) -> Result<(), RunAbort> {
        while let Some(phase) = phase_of(&round.step) {
            let progress = Progress::new(phase, round.people_so_far(), expected(round));
            self.session.directory.remember_progress(progress);
            let ports = self.session.ports;
            self.bounds.allow(ports.clock, ports.control, progress)?;
            match self.step(round) {
                Ok(Stepped::Settled(next)) => {
                    *round = next;
                    self.bounds.use_page();
                    if matches!(round.step, Step::Waiting { .. })
                        && self.asks_more_than_reading(round)
                    {
                        *round = self.read_everybody(round)?;
                    }
                }
                // Nothing of it is in the state: were it counted, a slice of one page would begin
                // with it again and again.
                Ok(Stepped::Passed(next)) => *round = next,
                Err(RunAbort::Directory(error)) if broken_off(&error) => {
                    *round = self.start_again(round, *error)?;
                }
                Err(abort) => return Err(abort),
            }
        }
        Ok(())
    }

    fn step(&mut self, round: &Round) -> Result<Stepped, RunAbort> {
        if let Some(stepped) = self.step_of_groups(round)? {
            return Ok(stepped);
        }
        if let Some(stepped) = self.step_of_edits(round)? {
            return Ok(stepped);
        }
        match &round.step {
            Step::Listing { link, bookmark } => self.list(round, link, bookmark),
            Step::Following { link } => self.follow(round, link),
            Step::Waiting { delta_link } => self.settle_waiting(round, delta_link),
            Step::Retrying {
                after,
                asked,
                delta_link,
            } => self.retry(round, after.as_ref(), *asked, delta_link),
            Step::Verifying { after, delta_link } => self.verify(round, after.as_ref(), delta_link),
            Step::Inviting { after, delta_link } => {
                self.look_for_guests(round, after.as_ref(), delta_link)
            }
            Step::Closed { .. } | Step::Removing { .. } => Ok(Stepped::Passed(round.clone())),
        }
    }

    fn follow(&mut self, round: &Round, link: &str) -> Result<Stepped, RunAbort> {
        self.read_page(round, link, RoundPhase::Following, |next| match next {
            Next::Page(link) => Ok(Step::Following { link: link.clone() }),
            Next::Done(link) => Ok(Step::Waiting {
                delta_link: link.clone(),
            }),
            Next::End => Err(Flaw::NoDeltaLink),
        })
    }

    /// Reads a page and settles it; the round as it stands afterwards. Before the last page of a full
    /// round moves it on, the round must be proven. The last page of an incremental one passes where nobody is on
    /// it, so that a run which finds nothing to do is one commit.
    pub(super) fn read_page(
        &mut self,
        round: &Round,
        link: &str,
        phase: RoundPhase,
        onward: impl Fn(&Next) -> Result<Step, Flaw>,
    ) -> Result<Stepped, RunAbort> {
        let page = self.page(link)?;
        let mut next = round.clone();
        let full = round.mode == RunMode::Full;
        next.proof.page(link, page.items.len() as u64, full)?;
        let onward = onward(&page.next);
        let mut people = self.people_on(page.items)?;
        next.people += people.live();
        people.concerned = self.concerned(&people, phase, &mut next)?;
        // What the page shows is settled also where the round ends here without being believed.
        match onward {
            Ok(step) => next.step = step,
            Err(flaw) => {
                self.settle(&people, phase, round, round.clone())?;
                return Err(flaw.into());
            }
        }
        let closed = matches!(next.step, Step::Waiting { .. });
        let proven = if closed && full {
            next.prove(round.known_links)
        } else {
            Ok(())
        };
        if let Err(flaw) = proven {
            self.settle(&people, phase, round, round.clone())?;
            return Err(flaw.into());
        }
        if closed {
            next.turn();
        }
        if closed && !full && people.is_empty() && !next.waiting {
            // The end of the run moves the cursor; whoever is interrupted before reads the page again.
            return Ok(Stepped::Passed(next));
        }
        self.ask_ahead(&next, 1);
        let settled = self.settle(&people, phase, round, next);
        settled.map(Stepped::Settled)
    }

    /// The page at a link: one that was asked for ahead, or is asked for now.
    pub(super) fn page(&mut self, link: &str) -> Result<Page, RunAbort> {
        Ok(self.ahead.take(&self.people, link).finish()?)
    }

    /// Asks for what comes after so many pages that are being handled: the next page, or one of each
    /// partition, as many as the directory takes at a time. Nothing of them is read before what is being
    /// handled is durable; what the slice has no room for is not asked for.
    pub(super) fn ask_ahead(&mut self, next: &Round, handled: u32) {
        let room = self.bounds.room(handled, self.session.ports.clock);
        match (&next.step, &next.partitions) {
            (Step::Listing { .. }, Some(partitions)) => {
                let directory = self.session.directory;
                let most = room.min(directory.pages_at_once());
                for link in partitions.links(directory) {
                    if self.ahead.len() >= most {
                        break;
                    }
                    self.ahead.ask(&self.people, &link);
                }
            }
            (Step::Listing { link, .. } | Step::Following { link }, _) if room > 0 => {
                self.ahead.ask(&self.people, link);
            }
            _ => {}
        }
    }

    /// Settles everybody of a page, in portions that the store takes. Only the last portion moves the
    /// round on: a process that dies before it reads the page again, and finds done what is done.
    pub(super) fn settle(
        &mut self,
        people: &People,
        phase: RoundPhase,
        before: &Round,
        mut after: Round,
    ) -> Result<Round, RunAbort> {
        let portions = people.portions(self.session.batch);
        let last = portions.len().saturating_sub(1);
        let mut nameless = people.nameless;
        if portions.len() == 0 {
            self.stage.settle(Settlement {
                remembered: Vec::new(),
                decisions: Vec::new(),
                deferred: Vec::new(),
                nameless,
                sightings: None,
                round: Some(&after),
            })?;
        }
        for (number, items) in portions.enumerate() {
            let mut round = if number == last {
                after.clone()
            } else {
                before.clone()
            };
            round.staged |= after.staged;
            round.waiting |= after.waiting;
            let half_stated = self.half_stated(items, phase, &round, &people.concerned)?;
            let fully_stated;
            let items = if half_stated.is_empty() {
                items
            } else {
                fully_stated = without(items, &half_stated);
                &fully_stated
            };
            let Decided {
                decisions,
                mut deferred,
                contested,
                linked,
                links,
            } = decide(self.session, items, phase, self.stage, no_links(&round))?;
            let elsewhere = if number == 0 {
                people.concerned_elsewhere()
            } else {
                Vec::new()
            };
            let asked = half_stated.into_iter().chain(elsewhere);
            deferred.extend(asked.map(|user| (user, Deferred::Ask)));
            let to_ask = deferred.iter().filter(|(_, why)| *why == Deferred::Ask);
            after.to_ask += to_ask.count() as u64;
            round.to_ask = after.to_ask;
            round.staged |= decisions.iter().any(Decision::takes_away);
            round.waiting |= !deferred.is_empty();
            if self.session.tells_edits {
                round.asks_edited |= asks_for_edited(items, &decisions);
                after.asks_edited |= round.asks_edited;
            }
            let conflicts = self.stage.settle(Settlement {
                remembered: contested,
                decisions,
                deferred,
                nameless: std::mem::take(&mut nameless),
                sightings: self.sightings(&round, linked, links),
                round: Some(&round),
            })?;
            self.settle_conflicts(people, conflicts, phase, &mut round)?;
            after.staged = round.staged;
            after.waiting = round.waiting;
        }
        Ok(after)
    }

    /// People whom a page of changes states only in part, and about whom more has to be known: this round
    /// is about to take something away from them, and neither the one nor the other is the whole truth;
    /// or they could not be written, for something that the page may not mention; or a change of somebody else
    /// concerns them.
    fn half_stated(
        &self,
        items: &[Item],
        phase: RoundPhase,
        round: &Round,
        concerned: &Set<ObjectId>,
    ) -> Result<Vec<ObjectId>, RunAbort> {
        if phase == RoundPhase::Complete {
            return Ok(Vec::new());
        }
        let mut half_stated = concerned_among(items, concerned);
        let partial: Vec<_> = items
            .iter()
            .filter_map(|item| match item {
                Item::Live(person) if !person.is_whole => Some(person.object_id.clone()),
                _ => None,
            })
            .collect();
        if partial.is_empty() {
            return Ok(half_stated);
        }
        half_stated.extend(self.stage.unwritten(&partial)?);
        if round.waiting && self.session.tells_edits {
            // Whoever was edited is asked for, whatever a page says of them.
            let (state, name) = (self.session.ports.state, self.stage.round_name());
            half_stated.extend(Deferred::asked(state, name, &partial)?);
        }
        if round.staged {
            half_stated.extend(self.stage.taken(&partial)?);
        }
        Ok(Set::from_iter(half_stated).into_iter().collect())
    }

    /// Decides again about people whose contacts changed between lookup and commit.
    fn settle_conflicts(
        &mut self,
        people: &People,
        mut conflicts: Vec<ObjectId>,
        phase: RoundPhase,
        round: &mut Round,
    ) -> Result<(), RunAbort> {
        for _ in 0..CONFLICT_ROUNDS {
            if conflicts.is_empty() {
                return Ok(());
            }
            let items = people.only(&conflicts);
            let Decided {
                decisions,
                deferred,
                contested,
                linked,
                links,
            } = decide(self.session, &items, phase, self.stage, no_links(round))?;
            round.staged |= decisions.iter().any(Decision::takes_away);
            round.waiting |= !deferred.is_empty();
            conflicts = self.stage.settle(Settlement {
                remembered: contested,
                decisions,
                deferred,
                nameless: 0,
                sightings: self.sightings(round, linked, links),
                round: Some(round),
            })?;
        }
        self.stage.give_up(&conflicts)
    }

    /// Sightings are needed only where a link existed before the round.
    fn sightings(
        &self,
        round: &Round,
        linked: Vec<ObjectId>,
        links: Vec<u64>,
    ) -> Option<Sightings> {
        let any = !linked.is_empty() || !links.is_empty();
        let needed = round.mode == RunMode::Full && round.known_links > 0 && any;
        needed.then(|| Sightings {
            round: self.stage.round_name().to_owned(),
            object_ids: linked,
            links,
        })
    }

    /// The directory no longer knows where the round stood: read everybody, from the first page. That
    /// by itself removes nobody.
    fn start_again(&mut self, round: &Round, error: DirectoryError) -> Result<Round, RunAbort> {
        if round.is_reading_groups() {
            return self.groups_again(round, error);
        }
        if round.restarts >= RESTARTS {
            return Err(error.into());
        }
        self.session.ports.control.log(
            Level::Warn,
            "round-restarted",
            &[("code", error.code().to_owned())],
        );
        self.restart(round, round.restarts + 1)
    }

    /// Whether the questions that the pages of changes have led to, twenty a request, are more than the pages
    /// of everybody.
    pub(super) fn asks_more_than_reading(&self, round: &Round) -> bool {
        let a_page = self.session.directory.people_a_page().max(1);
        let pages = round.proof.last.map(|people| people.div_ceil(a_page));
        round.mode == RunMode::Incremental
            && round.to_ask > ASKED_AT_LEAST
            && pages.is_some_and(|pages| round.to_ask.div_ceil(QUESTIONS_A_REQUEST) > pages)
    }

    /// To ask for so many people one by one would take longer than to read everybody.
    fn read_everybody(&mut self, round: &Round) -> Result<Round, RunAbort> {
        self.session.ports.control.log(
            Level::Info,
            "round-restarted",
            &[("to-ask", round.to_ask.to_string())],
        );
        self.restart(round, round.restarts)
    }

    pub(super) fn restart(&mut self, round: &Round, restarts: u8) -> Result<Round, RunAbort> {
        self.ahead.give_up();
        self.stage.start_over()?;
        let cursor = Cursor::load(self.session.ports.state)?;
        let name = self.stage.round_name();
        let beginning = Beginning {
            restarts,
            groups: round.groups.clone(),
        };
        let mut again = begin_full(self.session, name, cursor.as_ref(), beginning)?;
        again.approved.clone_from(&round.approved);
        self.people = people_of(&again, self.session);
        Ok(again)
    }
}

/// Whether nobody was linked when the round began: a first sync.
fn no_links(round: &Round) -> bool {
    round.mode == RunMode::Full && round.known_links == 0
}

/// Rounds that were begun by earlier versions do not know the name.
fn people_of<'a>(round: &Round, session: &Session<'a>) -> Rc<dyn directory::People<'a> + 'a> {
    let organization = round.organization.as_ref();
    let organization = organization.or(session.organization.as_ref());
    session.people(organization.map(String::as_str))
}

fn without(items: &[Item], users: &[ObjectId]) -> Vec<Item> {
    let is_left = |item: &&Item| item.object_id().is_none_or(|user| !users.contains(user));
    items.iter().filter(is_left).cloned().collect()
}

/// An estimate of the number of people.
fn expected(round: &Round) -> Option<u64> {
    match round.mode {
        RunMode::Full => {
            let of = |proof: &Proof| proof.counted.or(proof.last);
            let other = round.other.as_ref().and_then(|other| of(&other.proof));
            let here = of(&round.proof)?;
            Some(here.saturating_add(other.unwrap_or_default()))
        }
        RunMode::Incremental => None,
    }
}

/// The phase of a step that reads; `None` once the round is closed.
fn phase_of(step: &Step) -> Option<Phase> {
    match step {
        Step::Listing { .. }
        | Step::Following { .. }
        | Step::Waiting { .. }
        | Step::Retrying { .. } => Some(Phase::Reading),
        Step::Verifying { .. } | Step::Inviting { .. } => Some(Phase::Verifying),
        Step::Closed { .. } | Step::Removing { .. } => None,
    }
}

/// Whether the directory has forgotten where the round stood.
pub(super) fn broken_off(error: &DirectoryError) -> bool {
    error.kind == DirectoryErrorKind::PositionLost
}
