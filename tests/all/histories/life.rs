//! Lives a history through, and judges every step by the laws.

use std::collections::BTreeSet;
use std::time::Duration;

use sync_core::engine::sync::Approval;
use sync_core::run::{RunMode, RunRecord, RunStatus};

use super::comparisons;
use super::configuration::Configuration;
use super::laws::{LawResult, RunUnderTest, Violation};
use super::oracle::Oracle;
use super::seen::Seen;
use super::snapshot::Snapshot;
use super::step::{History, Reads, Step, Trouble};
use super::world::{Asked, Ran, World};

/// Requests of a second run: nothing has changed, and one page says so.
const MOST_REQUESTS: u32 = 2;

/// A history while it happens.
pub struct Life<'h> {
    history: &'h History,
    pub(super) world: World,
    /// The configuration under which the cursor was saved.
    pub(super) cursor_of: Option<Configuration>,
    /// A run was begun and not ended: the next one goes on with it.
    pub(super) unfinished: bool,
    /// Somebody edited contacts since everybody was read last.
    pub(super) edited_here: bool,
    /// Fields that the last complete round over everybody has settled with the directory.
    pub(super) reconciled: Vec<&'static str>,
    /// Everybody of the last full round could be written.
    pub(super) nobody_failed: bool,
    /// What the last blocked run asked to approve.
    to_approve: Option<String>,
    /// The last run was blocked.
    blocked: bool,
    /// Runs that ended without trouble, the last at the end.
    pub(super) deeds: Vec<Deed>,
    /// Who was ever linked to which contact.
    pub(super) links: BTreeSet<(String, String)>,
    pub(super) seen: Seen,
}

/// What a run did, or an undo.
#[derive(Clone)]
pub struct Deed {
    pub run: String,
    pub is_undo: bool,
    pub before: Snapshot,
    pub after: Snapshot,
}

/// Lives it; what occurred in it.
///
/// # Errors
///
/// The first law that breaks, and the step at which it does, counted from 1.
pub fn live(history: &History) -> Result<Seen, (usize, Violation)> {
    let mut life = Life {
        history,
        world: World::begin(history),
        cursor_of: None,
        unfinished: false,
        edited_here: false,
        reconciled: Vec::new(),
        nobody_failed: false,
        to_approve: None,
        blocked: false,
        deeds: Vec::new(),
        links: BTreeSet::new(),
        seen: Seen::default(),
    };
    for (number, step) in history.steps.iter().enumerate() {
        life.step(step).map_err(|breach| (number + 1, breach))?;
    }
    life.end()
        .map_err(|breach| (history.steps.len() + 1, breach))?;
    Ok(life.seen)
}

impl Life<'_> {
    fn step(&mut self, step: &Step) -> LawResult {
        match step {
            Step::InTheDirectory(events) => {
                for event in events {
                    event.happen(self.world.emulator.control());
                    self.world.pass(Duration::from_secs(60));
                    self.world.observe();
                }
            }
            Step::InTheStore(edits) => {
                self.edited_here = true;
                edits.iter().for_each(|edit| self.world.edit(edit));
            }
            Step::Configure(configuration) => self.world.configuration = configuration.clone(),
            Step::Turn(knob) => self.world.configuration.turn(knob),
            Step::Plan(reads, other) => {
                let one = self.world.plan(*reads, self.world.pages);
                let two = self.world.plan(*reads, *other);
                comparisons::same_plan(&one, &two)?;
                self.seen.note("plans compared", 1);
            }
            Step::Sync {
                reads,
                planned,
                slice,
                again,
            } => {
                let asked = Asked {
                    slice: *slice,
                    ..(*reads).into()
                };
                self.sync(&asked, *planned)?;
                if *again {
                    self.sync_again(*reads)?;
                }
            }
            Step::BrokenSync { reads, troubles } => self.broken_sync(*reads, troubles)?,
            Step::Approve => {
                let asked = Asked {
                    approved: self.to_approve.take().map(Approval::Block),
                    ..Reads::Everybody.into()
                };
                let approved = asked.approved.is_some();
                let ran = self.sync(&asked, false)?;
                let removed = ran.run.map_or(0, |run| run.counts.removed);
                self.seen
                    .note("approved removals", removed * u64::from(approved));
            }
            Step::ApprovePlan {
                reads,
                meanwhile,
                slice,
            } => self.approve_plan(*reads, meanwhile, *slice)?,
            Step::Undo {
                ago,
                meanwhile,
                slice,
            } => self.undo(*ago, meanwhile, *slice)?,
            Step::Retry(person) => self.retry(*person)?,
            Step::Explain => self.explain()?,
            Step::Jump(by_ms) => self.world.clock.jump(*by_ms),
            Step::Wait(time) => self.world.pass(*time),
        }
        Ok(())
    }

    /// Peace, no limits, everybody is read: the contacts are what they should be, and stay so.
    fn end(&mut self) -> LawResult {
        self.world.configuration = self.world.configuration.without_limits();
        if self.unfinished {
            self.sync(&Reads::Everybody.into(), false)?;
        }
        let ran = self.sync(&Reads::Everybody.into(), false)?;
        if !ran.went_well() {
            return Err(Violation {
                law: "a run in peace goes well",
                what: format!("{:?} {:?}", ran.run, ran.refused),
            });
        }
        self.sync_again(Reads::Everybody)
    }

    /// One run in peace.
    pub(super) fn sync(&mut self, asked: &Asked, planned: bool) -> Result<Ran, Violation> {
        let planned = (planned && !self.unfinished && asked.approved.is_none())
            .then(|| self.world.plan(asked.reads, self.world.pages));
        let fresh = !self.unfinished;
        let before = self.world.snapshot();
        let fetching = self
            .compares_marks()
            .then(|| self.world.fetching_everybody(asked));
        let ran = self.world.run(asked);
        let after = self.world.snapshot();
        if let Some(fetching) = fetching {
            comparisons::nothing_depends_on_marks(&self.world.trace(&ran), &fetching)?;
            self.seen.note("runs compared with fetching everybody", 1);
        }
        let scene = self.scene(&before, &after, &ran, asked.approved.is_some());
        scene.always()?;
        if let (true, Some(run)) = (fresh, &ran.run) {
            scene.counts_are_what_the_store_says(run)?;
            self.judge_fresh(asked, run, &before, &after)?;
        }
        comparisons::tallies_are_what_is_there(&after, self.world.tally())?;
        if let Some((summary, planned)) = &planned {
            comparisons::plan_came_true(summary, planned, &scene)?;
        }
        self.remember(&ran, fresh, &before, &after);
        let judged = fresh && ran.went_well() && is_full(&ran);
        self.seen.note_run(&ran);
        self.seen
            .note("runs judged by the oracle", u64::from(judged));
        self.seen
            .note("plans that came true", u64::from(planned.is_some()));
        self.note(&ran);
        Ok(ran)
    }

    /// Of every third history each run is also made where no contact is known again.
    fn compares_marks(&self) -> bool {
        self.history.seed.is_multiple_of(3)
    }

    /// A run that began with this call.
    fn judge_fresh(
        &self,
        asked: &Asked,
        run: &RunRecord,
        before: &Snapshot,
        after: &Snapshot,
    ) -> LawResult {
        let trusted = self
            .cursor_of
            .as_ref()
            .is_some_and(|former| former.reads_and_writes_as(&self.world.configuration));
        if !trusted || asked.reads == Reads::Everybody {
            comparisons::cursor_belongs_to_the_configuration(run)?;
        }
        if is_complete(run) && run.mode == RunMode::Full {
            Oracle {
                configuration: &self.world.configuration,
                tenant: self.world.now(),
                before,
                after,
                reconciled: &self.reconciled,
            }
            .judge()?;
        }
        Ok(())
    }

    /// What the run did, to be taken back one day.
    pub(super) fn remember(&mut self, ran: &Ran, fresh: bool, before: &Snapshot, after: &Snapshot) {
        for (id, contact) in after {
            let user = contact.user.clone();
            self.links.extend(user.map(|user| (id.clone(), user)));
        }
        if let (true, Some(run)) = (fresh, &ran.run)
            && run.status != RunStatus::Running
        {
            self.deeds.push(Deed {
                run: run.id.clone(),
                is_undo: false,
                before: before.clone(),
                after: after.clone(),
            });
        }
    }

    pub(super) fn scene<'s>(
        &'s self,
        before: &'s Snapshot,
        after: &'s Snapshot,
        ran: &'s Ran,
        approved: bool,
    ) -> RunUnderTest<'s> {
        RunUnderTest {
            configuration: &self.world.configuration,
            moments: &self.world.moments,
            before,
            after,
            ran,
            approved,
            reconciled: &self.reconciled,
        }
    }

    pub(super) fn note(&mut self, ran: &Ran) {
        self.blocked = ran.status() == Some(RunStatus::Blocked);
        let run = ran.run.as_ref();
        if let Some(block) = run.and_then(|run| run.block.as_ref()) {
            self.to_approve = Some(block.digest.clone());
        }
        self.unfinished = !ran.went_well() && ran.status() != Some(RunStatus::Blocked);
        if self.unfinished {
            return;
        }
        if ran.went_well() {
            self.world.settle();
            let failed = run.is_none_or(|run| run.counts.failed > 0);
            if run.is_some_and(|run| run.mode == RunMode::Full) {
                self.edited_here = false;
                self.reconciled = self.world.configuration.settles();
                self.nobody_failed = !failed;
            }
            self.nobody_failed &= !failed;
            self.cursor_of = Some(self.world.configuration.clone());
        }
    }

    /// Once more, on an unchanged directory and store.
    fn sync_again(&mut self, reads: Reads) -> LawResult {
        let settled = self
            .cursor_of
            .as_ref()
            .is_some_and(|former| former.reads_and_writes_as(&self.world.configuration));
        if self.unfinished || self.blocked || !settled {
            return Ok(());
        }
        let behaviour = &self.history.behaviour;
        let talkative = behaviour.replayed_changes > 0 || behaviour.empty_first_page;
        for reads in [reads, Reads::Changes] {
            let before = self.world.snapshot();
            if self.was_read_since_edited(reads) {
                let fetching = self
                    .compares_marks()
                    .then(|| self.world.fetching_everybody(&reads.into()));
                let ran = self.world.run(&reads.into());
                let after = self.world.snapshot();
                if let Some(fetching) = fetching {
                    comparisons::nothing_depends_on_marks(&self.world.trace(&ran), &fetching)?;
                }
                let scene = self.scene(&before, &after, &ran, false);
                let incremental = !is_full(&ran);
                // Whoever could not be written is asked for again.
                let quiet = incremental && !talkative && self.nobody_failed;
                let most = quiet.then_some(MOST_REQUESTS);
                comparisons::second_run_wrote_nothing(&scene, most)?;
                self.seen.note("second runs", 1);
                self.note(&ran);
            }
        }
        if !self.edited_here && self.nobody_failed {
            let (_, everybody) = self.world.plan(Reads::Everybody, self.world.pages);
            comparisons::no_change_was_lost(&self.world.snapshot(), &everybody)?;
        }
        Ok(())
    }

    /// A run of changes leaves alone what was edited here; one over everybody does not.
    fn was_read_since_edited(&self, reads: Reads) -> bool {
        reads == Reads::Changes || !self.edited_here
    }

    /// Runs into troubles, one after the other, and then in peace.
    fn broken_sync(&mut self, reads: Reads, troubles: &[Trouble]) -> LawResult {
        // A person whose look-up failed is looked at again when everybody is read, and a lost token
        // makes a run read everybody.
        let reads_as_asked = |trouble: &Trouble| {
            !matches!(
                trouble,
                Trouble::Faults(_) | Trouble::ExpireDeltaTokens | Trouble::ResetDelta
            )
        };
        let in_peace = if troubles.iter().all(reads_as_asked) {
            vec![reads]
        } else {
            vec![reads, Reads::Everybody]
        };
        let unbroken = (!self.unfinished)
            .then(|| self.world.in_another_life(&in_peace))
            .flatten();
        let mut ended_early = false;
        for trouble in troubles {
            let before = self.world.snapshot();
            let last = self.world.last_run().map(|run| run.id);
            let ran = self.world.run_into(reads, trouble);
            let after = self.world.snapshot();
            self.scene(&before, &after, &ran, false).always()?;
            self.remember(&ran, false, &before, &after);
            // A run that ended although nobody heard of it.
            let unheard = self
                .world
                .last_run()
                .filter(|run| Some(&run.id) != last.as_ref());
            if unheard.is_some_and(|run| is_complete(&run) && run.mode == RunMode::Full) {
                self.reconciled = self.world.configuration.settles();
            }
            self.seen.note_run(&ran);
            self.seen.note_trouble(trouble, &ran);
            ended_early |= matches!(
                ran.status(),
                Some(RunStatus::Incomplete | RunStatus::Failed)
            );
            self.unfinished |= !ran.went_well();
            if ran.went_well() || ran.status() == Some(RunStatus::Blocked) {
                self.note(&ran);
            }
        }
        let mut blocked = false;
        for reads in in_peace {
            blocked |= self.sync(&reads.into(), false)?.status() == Some(RunStatus::Blocked);
        }
        // Breakers judge a run, and troubles make several runs of one.
        match unbroken {
            Some(unbroken) if !blocked => {
                self.seen.note("lives compared", 1);
                let world = &self.world;
                let is_poisoned = |user: &str| {
                    let user = world.now().get(user);
                    user.is_some_and(|user| world.configuration.is_poisoned(user))
                };
                let lived = world.snapshot();
                comparisons::as_in_an_unbroken_life(&unbroken, &lived, ended_early, is_poisoned)
            }
            _ => Ok(()),
        }
    }
}

fn is_complete(run: &RunRecord) -> bool {
    matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings)
}

fn is_full(ran: &Ran) -> bool {
    let run = ran.run.as_ref();
    run.is_some_and(|run| run.mode == RunMode::Full)
}
