//! What the directory is given: as planned and approved, within limits, once, and never without a trace.

mod asking;
pub(in crate::engine) mod company;
pub(in crate::engine) mod door;
mod edited;
mod guest_histories;
mod guests;
mod histories;
mod records;
mod undoing;

use std::time::Duration;

use company::{COMPANY, World, not_permitted};

use super::*;
use crate::contact::Effect;
use crate::engine::call::CallError;
use crate::engine::sync::{Approval, SliceEnd};
use crate::mapping::rows::{Direction, Winner};
use crate::ports::directory_writer::Refusal;
use crate::ports::{Phase, Progress, Timestamp};
use crate::run::RunStatus;

const HOUR: u64 = 60 * 60 * 1_000;

fn user(number: usize) -> ObjectId {
    ObjectId::new(format!("u{number}"))
}

#[test]
fn what_a_contact_changed_is_planned_and_not_written_until_a_sync() {
    let world = World::of(2);
    world.edit(1, Some("Fabrikam"));
    let summary = world.plan();
    let plans = world.memory.plans.borrow();
    let entry = &plans[&summary.digest][&user(1)];
    assert_eq!(
        (entry.effect, entry.reason.as_str()),
        (Effect::Update, "contact-changed")
    );
    assert_eq!(entry.fields, []);
    let [change] = &entry.directory[..] else {
        panic!("{entry:?}");
    };
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(change.attribute, COMPANY.0);
    assert_eq!(
        (&change.before, &change.after),
        (&text("Contoso"), &text("Fabrikam"))
    );
    assert_eq!(world.sent(), 0);
}

#[test]
fn a_sync_gives_it_to_the_directory_and_the_next_ones_do_nothing_on_either_side() {
    let world = World::of(3);
    world.edit(1, Some("Fabrikam"));
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!((run.counts.updated, run.counts.unchanged), (1, 2));
    world.assert_company(1, Some("Fabrikam"));
    let (sent, here) = (world.sent(), world.written_here());
    // Nobody but the echo of what was written.
    assert_eq!(world.sync().run.counts.unchanged, 1);
    assert_eq!(world.sync().run.counts.processed, 0);
    assert_eq!(world.sync_fully().run.counts.unchanged, 3);
    assert_eq!((world.sent(), world.written_here()), (sent, here));
}

#[test]
fn while_the_directory_is_written_to_the_host_is_told_how_far_it_is_and_how_long_the_rest_takes() {
    const PEOPLE: usize = 250;
    let world = World::of(PEOPLE);
    world.set_limit(1_000);
    (0..PEOPLE).for_each(|number| world.edit(number, Some("Fabrikam")));
    let run = world.sync().run;
    let told = |world: &World| -> Vec<(u64, Option<u64>, Option<u64>)> {
        let told = std::mem::take(&mut *world.memory.told.borrow_mut());
        let writing = told.into_iter().filter(|told| told.phase == Phase::Writing);
        let seconds = |told: &Progress| told.remaining.map(|time| time.as_secs());
        writing
            .map(|told| (told.done, told.total, seconds(&told)))
            .collect()
    };
    let total = Some(250);
    let expected = [
        (0, total, Some(250)),
        (100, total, Some(150)),
        (200, total, Some(50)),
    ];
    assert_eq!(told(&world), expected);
    world.undo(&run.id);
    assert_eq!(told(&world), expected, "and while it is given back");
    world.sync();
    assert_eq!(
        told(&world),
        [],
        "where nothing waits, nothing is told of it"
    );
}

#[test]
fn what_was_approved_is_performed_and_nothing_else() {
    let world = World::of(3);
    world.edit(1, Some("Fabrikam"));
    let digest = world.plan().digest;
    world.edit(2, Some("Tailspin"));
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    assert_eq!(run.approved.unwrap().performed, 1);
    world.assert_company(1, Some("Fabrikam"));
    assert_eq!(world.company(2)[0].as_deref(), Some("Contoso"));
}

#[test]
fn what_is_no_longer_what_was_approved_is_not_performed() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    let digest = world.plan().digest;
    world.edit(0, Some("Tailspin"));
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    assert_eq!(run.skips.get("drifted"), Some(&1));
    assert_eq!(world.sent(), 0);
}

#[test]
fn an_emptied_field_empties_the_attribute_that_both_sides_had() {
    let world = World::of(1);
    world.edit(0, None);
    world.sync();
    world.assert_company(0, None);
}

#[test]
fn where_both_sides_changed_the_winner_is_taken_and_the_run_says_over_whom() {
    for (winner, everywhere, told) in [
        (
            Winner::Directory,
            "Northwind",
            "the directory's value was taken",
        ),
        (
            Winner::Contact,
            "Fabrikam",
            "the directory is given the contact's value",
        ),
    ] {
        let world = World::with(1, Direction::TwoWay(winner));
        world.edit(0, Some("Fabrikam"));
        world.change(0, Some("Northwind"));
        let run = world.sync().run;
        world.assert_company(0, Some(everywhere));
        let [warning] = &run.warnings()[..] else {
            panic!("{run:?}");
        };
        assert!(warning.message.ends_with(told), "{}", warning.message);
    }
}

#[test]
fn of_a_reverse_row_the_directory_never_changes_the_contact() {
    let world = World::with(1, Direction::Reverse);
    world.change(0, Some("Northwind"));
    world.sync();
    world.assert_company(0, Some("Contoso"));
}

#[test]
fn a_value_that_is_put_back_is_a_change_of_the_run_as_it_was_planned() {
    let world = World::with(2, Direction::Reverse);
    world.change(0, Some("Northwind"));
    let digest = world.plan().digest;
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    world.assert_company(0, Some("Contoso"));
    assert_eq!((run.counts.updated, run.counts.unchanged), (1, 1));
    assert_eq!(run.skips.get("drifted"), None);
    assert_eq!(run.approved.unwrap().performed, 1);
    assert_eq!(world.sync_fully().run.counts.unchanged, 2);
    assert_eq!(world.sent(), 1);
}

#[test]
fn an_edit_after_a_write_whose_base_did_not_move_is_not_overruled_by_that_write() {
    for done in [false, true] {
        for commits in 0..12 {
            let world = World::of(1);
            world.edit(0, Some("Fabrikam"));
            world.memory.dies.set(Some((commits, done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
            world.edit(0, Some("Tailspin"));
            (0..3).for_each(|_| drop(world.sync()));
            world.assert_company(0, Some("Tailspin"));
        }
    }
}

#[test]
fn more_people_than_the_limit_stop_the_run_before_anything_is_written() {
    let world = World::of(6);
    (0..4).for_each(|number| world.edit(number, Some("Fabrikam")));
    let planned = world.plan().blocks;
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Blocked);
    let block = run.block.unwrap();
    assert_eq!(block.breaker, "directory");
    assert_eq!(
        planned,
        std::slice::from_ref(&block),
        "a plan says so beforehand"
    );
    assert_eq!((world.sent(), world.written_here()), (0, 0));
    let run = world.sync_approved(Some(Approval::Block(block.digest))).run;
    assert_eq!((run.status, world.sent()), (RunStatus::Succeeded, 4));
}

#[test]
fn emptied_attributes_have_a_tighter_limit_of_their_own() {
    let world = World::of(3);
    (0..2).for_each(|number| world.edit(number, None));
    let block = world.sync().run.block.unwrap();
    assert_eq!(block.breaker, "directory-blanked:companyName");
    assert_eq!(world.sent(), 0);
}

#[test]
fn what_arrives_late_is_no_change_and_what_is_taken_back_is_followed_and_not_fought() {
    let world = World::of(1);
    world.lags.set(true);
    world.edit(0, Some("Fabrikam"));
    world.sync();
    world.lags.set(false);
    for _ in 0..3 {
        world.sync();
        world.memory.pass(HOUR / 4);
    }
    assert_eq!(
        world.company(0)[1].as_deref(),
        Some("Fabrikam"),
        "the old value is late"
    );
    world.memory.pass(HOUR);
    world.arrive();
    world.change(0, Some("Contoso"));
    for _ in 0..3 {
        world.sync();
    }
    world.assert_company(0, Some("Contoso"));
    assert_eq!(world.sent(), 1);
}

#[test]
fn what_the_directory_changed_meanwhile_is_not_overwritten_and_is_compared_again() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    let northwind = Some("Northwind".to_owned());
    world
        .meanwhile
        .replace(Some((user(0), COMPANY.0, northwind)));
    let run = world.sync().run;
    assert_eq!(
        (run.counts.failed, run.errors[0].code.as_str()),
        (1, "moved-meanwhile")
    );
    assert_eq!(world.sent(), 0);
    // Both sides had changed it.
    let run = world.sync().run;
    assert_eq!(run.overruled.get("company"), Some(&1));
    world.assert_company(0, Some("Northwind"));
}

#[test]
fn without_the_permission_nothing_is_asked_for_and_the_run_says_so() {
    let world = World::of(2);
    world.permits.set(Some("User.ReadWrite.All"));
    world.edit(0, Some("Fabrikam"));
    world.change(1, Some("Northwind"));
    let run = world.sync().run;
    assert_eq!((run.status, world.sent()), (RunStatus::Warnings, 0));
    assert_eq!(run.not_permitted.get("company"), Some(&1));
    let [there, here, _] = world.company(0);
    assert_eq!(
        (there.as_deref(), here.as_deref()),
        (Some("Contoso"), Some("Fabrikam"))
    );
    world.assert_company(1, Some("Northwind"));
    // Once it is permitted, it is done.
    world.permits.set(None);
    world.sync();
    world.assert_company(0, Some("Fabrikam"));
}

#[test]
fn whoever_is_mastered_elsewhere_is_not_even_asked_for() {
    let world = World::of(1);
    world.mastered_elsewhere.borrow_mut().insert(user(0));
    world.edit(0, Some("Fabrikam"));
    let summary = world.plan();
    assert!(
        summary.warnings[0].message.contains("on-premises"),
        "{summary:?}"
    );
    let run = world.sync().run;
    assert_eq!(run.mastered_elsewhere.get("company"), Some(&1));
    assert_eq!(world.sent(), 0);
}

#[test]
fn a_permission_that_is_taken_away_meanwhile_ends_the_run_with_everything_as_it_was() {
    const MANY: usize = PEOPLE_A_WRITE;
    let world = World::of(MANY);
    world.set_limit(100);
    for number in 0..MANY {
        world.edit(number, Some("Fabrikam"));
        world
            .answers
            .borrow_mut()
            .insert(user(number), not_permitted());
    }
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.errors[0].code, "write-not-permitted");
    assert_eq!((world.sent(), world.written_here()), (0, 0));
    world.answers.borrow_mut().clear();
    world.sync();
    (0..MANY).for_each(|number| world.assert_company(number, Some("Fabrikam")));
}

#[test]
fn whoever_is_refused_hurts_nobody_else_and_is_in_the_ledger() {
    let world = World::of(2);
    (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
    let refused = WriteOutcome::Refused(Refusal::Privileged);
    world.answers.borrow_mut().insert(user(0), refused);
    let run = world.sync().run;
    assert_eq!((run.counts.failed, run.counts.updated), (1, 1));
    assert_eq!(run.errors[0].code, "privileged-person");
    world.assert_company(1, Some("Fabrikam"));
    assert!(world.memory.state.borrow().contains_key("ledger/u0"));
    world.answers.borrow_mut().clear();
    world.sync();
    world.assert_company(0, Some("Fabrikam"));
    assert!(!world.memory.state.borrow().contains_key("ledger/u0"));
}

#[test]
fn whoever_has_to_wait_is_waited_for_and_the_others_are_done() {
    let world = World::of(2);
    (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
    world.passing.set(true);
    let later = WriteOutcome::Later {
        retry_after: Some(Duration::from_secs(7)),
        code: "activityLimitReached".to_owned(),
    };
    world.answers.borrow_mut().insert(user(0), later);
    let slice = world.slice(None).unwrap();
    assert_eq!(slice.end, SliceEnd::More(Duration::from_secs(7)));
    world.assert_company(1, Some("Fabrikam"));
    assert_eq!(world.sync().run.counts.updated, 2);
    world.assert_company(0, Some("Fabrikam"));
}

#[test]
fn a_directory_that_never_gets_to_it_is_not_waited_for_for_ever() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    let later = WriteOutcome::Later {
        retry_after: Some(RUN_PATIENCE / 3),
        code: "activityLimitReached".to_owned(),
    };
    world.answers.borrow_mut().insert(user(0), later);
    let run = world.sync().run;
    assert_eq!(run.errors[0].code, "directory-unavailable");
}

#[test]
fn a_process_that_dies_at_any_commit_leaves_what_the_next_one_finishes_and_a_trace() {
    for done in [false, true] {
        for commits in 0..12 {
            let world = World::of(2);
            (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
            world.memory.dies.set(Some((commits, done)));
            let died = world.slice(None).is_err();
            world.memory.dies.set(None);
            for (sent, _) in world.sent.borrow().iter() {
                let key = format!("given-lately/{sent}");
                assert!(
                    world.memory.state.borrow().contains_key(&key),
                    "no trace of {sent}"
                );
            }
            world.sync();
            (0..2).for_each(|number| world.assert_company(number, Some("Fabrikam")));
            assert_eq!(
                world.sent(),
                2,
                "each is sent once: {commits} {done} {died}"
            );
            let given = Given::of(&world.memory, [user(0), user(1)].iter()).unwrap();
            assert!(
                given
                    .values()
                    .all(|given| given.lately.iter().all(|value| value.is_certain))
            );
        }
    }
}
