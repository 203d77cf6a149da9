//! Random lives of a two-way workspace, and what holds after each of them.

use proptest::prelude::*;

use super::company::World;
use crate::mapping::rows::{Direction, Winner};
use crate::ports::directory_writer::{Refusal, WriteOutcome};

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
    }
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
    }

    /// Nobody's write is lost without a trace: who has not been edited since holds what was written last, or a run
    /// has told of it.
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
