//! Random lives of a two-way workspace, and what holds after each of them.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::company::World;
use crate::engine::sync::SliceEnd;
use crate::mapping::rows::{Direction, Winner};
use crate::ports::directory_writer::{Refusal, WriteOutcome};
use crate::run::RunRecord;

const PEOPLE: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    Edit(usize, Option<&'static str>),
    Change(usize, Option<&'static str>),
    Sync,
    /// A sync whose process dies at a commit.
    Killed(u32, bool),
    /// What is written from now on is seen late, or at once.
    Lag(bool),
    /// All that is late arrives.
    Arrives,
    Refuses(usize),
    Takes,
    Permits(bool),
    Time,
    /// One of the last runs is taken back; perhaps by a process that dies at a commit.
    Undo(usize, Option<(u32, bool)>),
}

fn company() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        Just(None),
        Just(Some("A")),
        Just(Some("B")),
        Just(Some("C"))
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..PEOPLE, company()).prop_map(|(who, value)| Event::Edit(who, value)),
        4 => (0..PEOPLE, company()).prop_map(|(who, value)| Event::Change(who, value)),
        4 => Just(Event::Sync),
        2 => (0..10_u32, any::<bool>()).prop_map(|(commits, done)| Event::Killed(commits, done)),
        1 => any::<bool>().prop_map(Event::Lag),
        1 => Just(Event::Arrives),
        1 => (0..PEOPLE).prop_map(Event::Refuses),
        1 => Just(Event::Takes),
        1 => any::<bool>().prop_map(Event::Permits),
        1 => Just(Event::Time),
        2 => (0..4_usize, prop::option::of((0..8_u32, any::<bool>())))
            .prop_map(|(ago, dies)| Event::Undo(ago, dies)),
    ]
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Reverse),
        Just(Direction::TwoWay(Winner::Directory)),
        Just(Direction::TwoWay(Winner::Contact)),
    ]
}

fn happen(world: &World, event: &Event) {
    match event {
        Event::Edit(who, value) => world.edit(*who, *value),
        Event::Change(who, value) => world.change(*who, *value),
        Event::Sync => {
            world.sync();
        }
        Event::Killed(commits, done) => {
            world.memory.dies.set(Some((*commits, *done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
        }
        Event::Lag(lags) => world.lags.set(*lags),
        Event::Arrives => world.arrive(),
        Event::Refuses(who) => {
            let refused = WriteOutcome::Refused(Refusal::Privileged);
            world
                .answers
                .borrow_mut()
                .insert(super::user(*who), refused);
        }
        Event::Takes => world.answers.borrow_mut().clear(),
        Event::Permits(may) => world.permits.set((!may).then_some("User.ReadWrite.All")),
        Event::Time => world.memory.pass(super::HOUR),
        Event::Undo(ago, dies) => undo(world, *ago, *dies),
    }
}

/// Takes back one of the last runs, as far as it did anything and nothing is in the way.
fn undo(world: &World, ago: usize, dies: Option<(u32, bool)>) {
    let runs = world.runs();
    let Some(run) = runs.iter().rev().nth(ago) else {
        return;
    };
    let Ok(plan) = world.try_plan_undo(&run.id) else {
        return;
    };
    world.memory.dies.set(dies);
    for _ in 0..20 {
        match world.undo_slice(&run.id, &plan.digest) {
            Ok(slice) => match slice.end {
                SliceEnd::Finished => break,
                SliceEnd::More(wait) => world.memory.pass(wait.as_millis() as u64),
            },
            Err(_) => break,
        }
    }
    world.memory.dies.set(None);
}

/// How an own write comes back.
#[derive(Clone, Copy, Debug)]
enum Comes {
    Old,
    New,
    Sync,
    Minutes,
}

impl Event {
    fn concerns(&self, who: usize) -> bool {
        match self {
            Self::Edit(other, _) | Self::Change(other, _) | Self::Refuses(other) => *other == who,
            // What an undo writes, nobody wrote just now.
            Self::Undo(..) => false,
            _ => true,
        }
    }
}

type Company = Option<&'static str>;

/// What people wrote since both sides agreed last.
#[derive(Default)]
struct Ledger {
    here: Option<Company>,
    there: Option<Company>,
    /// How often the runs until then had told of something.
    told: u64,
}

impl Ledger {
    fn before(&mut self, world: &World, event: &Event) {
        let [there, here, base] = world.company(0);
        if (self.here, self.there) == (None, None) {
            self.told = told(world);
        }
        let written = |value: Company, before: Option<String>, pending: Option<Company>| {
            if value == base.as_deref() {
                // As if nothing had been written.
                None
            } else if value == before.as_deref() {
                pending
            } else {
                Some(value)
            }
        };
        match event {
            Event::Edit(_, value) => self.here = written(*value, here, self.here),
            Event::Change(_, value) => self.there = written(*value, there, self.there),
            _ => {}
        }
    }

    /// Where both sides agree, what was written is there, or was told of.
    fn after(&mut self, world: &World) -> Result<(), TestCaseError> {
        let [there, here, base] = world.company(0);
        if there != here || here != base {
            return Ok(());
        }
        let held = here.as_deref();
        let lost = |written: Option<Company>| written.is_some_and(|value| value != held);
        if lost(self.here) || lost(self.there) {
            let one = format!("here {:?} there {:?} now {held:?}", self.here, self.there);
            prop_assert!(told(world) > self.told, "without a trace: {}", one);
            prop_assert!(
                self.here == Some(held) || self.there == Some(held),
                "nobody wrote that: {}",
                one
            );
        }
        *self = Self::default();
        Ok(())
    }
}

fn told(world: &World) -> u64 {
    let told = |run: RunRecord| {
        let conflicts = run.overruled.values().chain(run.prevailing.values());
        conflicts.sum::<u64>() + run.counts.failed
    };
    world.runs().into_iter().map(told).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Convergence, and no ping-pong.
    #[test]
    fn after_quiet_two_runs_leave_both_sides_in_step_and_a_third_writes_nothing(
        way in direction(),
        events in prop::collection::vec(event(), 0..20),
    ) {
        let world = World::with(PEOPLE, way);
        world.set_limit(100);
        events.iter().for_each(|event| happen(&world, event));
        // Quiet: all that was written has arrived, and nothing is refused.
        for event in [Event::Lag(false), Event::Arrives, Event::Takes, Event::Permits(true), Event::Time] {
            happen(&world, &event);
        }
        world.memory.pass(super::HOUR);
        world.try_whoever_was_given_up();
        world.sync();
        world.sync();
        for who in 0..PEOPLE {
            let [there, here, base] = world.company(who);
            // What a contact never had, or lost before both sides agreed on it, the directory keeps.
            if way != Direction::Reverse || here.is_some() {
                prop_assert_eq!(&there, &here);
                prop_assert_eq!(&here, &base);
            }
        }
        let before = (world.sent(), world.written_here());
        let run = world.sync().run;
        prop_assert_eq!((world.sent(), world.written_here()), before);
        prop_assert_eq!(run.counts.failed, 0);
        // Each value that was sent is the answer to something that somebody did.
        let values = |event: &Event| match event {
            Event::Edit(..) | Event::Change(..) => 1,
            Event::Undo(..) => PEOPLE,
            _ => 0,
        };
        prop_assert!(world.sent() <= events.iter().map(values).sum::<usize>());
    }

    /// The way back: whatever happened before, what a run gave the directory is there again as it was, on both sides,
    /// where nothing else happened since; and nothing comes of that.
    #[test]
    fn a_run_that_gave_is_taken_back_on_both_sides_and_nothing_comes_of_it(
        winner in prop_oneof![Just(Winner::Directory), Just(Winner::Contact)],
        events in prop::collection::vec(event(), 0..12),
        edits in prop::collection::vec((0..PEOPLE, company()), 1..4),
        dies in prop::option::of((0..8_u32, any::<bool>())),
    ) {
        let world = World::with(PEOPLE, Direction::TwoWay(winner));
        world.set_limit(100);
        events.iter().for_each(|event| happen(&world, event));
        for event in [Event::Lag(false), Event::Arrives, Event::Takes, Event::Permits(true), Event::Time] {
            happen(&world, &event);
        }
        world.memory.pass(super::HOUR);
        world.try_whoever_was_given_up();
        (0..2).for_each(|_| drop(world.sync()));
        let before: Vec<_> = (0..PEOPLE).map(|who| world.company(who)).collect();
        edits.iter().for_each(|(who, value)| world.edit(*who, *value));
        let run = world.sync().run;
        prop_assert_eq!(run.counts.failed, 0);
        if run.counts.updated == 0 {
            return Ok(());
        }
        let digest = world.plan_undo(&run.id).digest;
        world.memory.dies.set(dies);
        let died = world.undo_slice(&run.id, &digest).is_err();
        world.memory.dies.set(None);
        if died {
            world.undo(&run.id);
        }
        let after: Vec<_> = (0..PEOPLE).map(|who| world.company(who)).collect();
        prop_assert_eq!(after, before);
        let quiet = (world.sent(), world.written_here());
        for _ in 0..2 {
            world.sync();
        }
        prop_assert_eq!((world.sent(), world.written_here()), quiet);
    }

    /// Nobody's write is lost without a trace: what somebody wrote on one side is what both sides agree on next, or a
    /// run has told of it. What is late arrives within the hour; after it, what is shown was put back by somebody.
    #[test]
    fn what_somebody_wrote_is_what_both_sides_come_to_hold_or_a_run_tells_of_it(
        winner in prop_oneof![Just(Winner::Directory), Just(Winner::Contact)],
        events in prop::collection::vec(event(), 0..24),
    ) {
        let world = World::with(1, Direction::TwoWay(winner));
        world.set_limit(100);
        let mut ledger = Ledger::default();
        for event in events.iter().filter(|event| event.concerns(0)) {
            ledger.before(&world, event);
            if matches!(event, Event::Time) {
                happen(&world, &Event::Arrives);
            }
            happen(&world, event);
            ledger.after(&world)?;
        }
        for event in [Event::Lag(false), Event::Arrives, Event::Takes, Event::Permits(true), Event::Time] {
            happen(&world, &event);
        }
        world.memory.pass(super::HOUR);
        world.try_whoever_was_given_up();
        world.sync();
        world.sync();
        ledger.after(&world)?;
        prop_assert_eq!((ledger.here, ledger.there), (None, None), "both sides agree");
    }

    /// An own write that comes back, late, early and again, is nobody's change.
    #[test]
    fn an_own_echo_is_no_change(
        way in direction(),
        value in prop_oneof![Just(None), Just(Some("A")), Just(Some("B"))],
        killed in prop::option::of((0..10_u32, any::<bool>())),
        comes in prop::collection::vec(prop_oneof![
            Just(Comes::Old), Just(Comes::New), Just(Comes::Sync), Just(Comes::Minutes)
        ], 0..12),
    ) {
        let world = World::with(1, way);
        world.edit(0, value);
        if let Some((commits, done)) = killed {
            happen(&world, &Event::Killed(commits, done));
        }
        world.sync();
        let here = world.written_here();
        for (minutes, one) in (1..).zip(comes) {
            match one {
                Comes::Old => world.late_company(0, Some("Contoso")),
                Comes::New => world.arrive(),
                Comes::Sync => {
                    let run = world.sync().run;
                    prop_assert_eq!(run.counts.processed, run.counts.unchanged);
                }
                Comes::Minutes => world.memory.pass(minutes * 60_000),
            }
            let [there, held, _] = world.company(0);
            prop_assert_eq!((there.as_deref(), held.as_deref()), (value, value));
            prop_assert_eq!((world.sent(), world.written_here()), (1, here));
        }
    }

    #[test]
    fn an_edit_of_one_side_alone_reaches_the_other(
        who in 0..PEOPLE,
        value in company(),
        commits in 0..10_u32,
        done in any::<bool>(),
        here in any::<bool>(),
    ) {
        let world = World::of(PEOPLE);
        world.sync();
        let edit = if here { Event::Edit(who, value) } else { Event::Change(who, value) };
        happen(&world, &edit);
        happen(&world, &Event::Killed(commits, done));
        world.sync();
        world.assert_company(who, value);
    }
}
