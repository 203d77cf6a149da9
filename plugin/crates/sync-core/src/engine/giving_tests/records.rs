//! What is kept of what the directory was given: as long as it may come back, no longer, and nothing that was not sent.

use super::company::NAME;
use super::*;

const DAY: u64 = 24 * HOUR;

fn certain(world: &World) -> usize {
    let lately = world.given(0).lately;
    lately.iter().filter(|value| value.is_certain).count()
}

fn intents(world: &World) -> usize {
    world.given(0).lately.len() - certain(world)
}

#[test]
fn what_was_given_over_an_edit_of_the_directory_is_nobodys_edit_where_the_base_had_not_moved() {
    for done in [false, true] {
        for commits in 0..12 {
            let world = World::with(1, Direction::TwoWay(Winner::Contact));
            world.change(0, Some("Northwind"));
            world.edit(0, Some("Fabrikam"));
            world.memory.dies.set(Some((commits, done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
            world.edit(0, None);
            (0..3).for_each(|_| drop(world.sync()));
            let [there, here, _] = world.company(0);
            assert_eq!(there, here, "{commits} {done}");
            assert_ne!(here.as_deref(), Some("Fabrikam"), "{commits} {done}");
        }
    }
}

#[test]
fn the_values_go_with_the_first_run_that_ends_after_nothing_can_be_late() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    world.sync();
    world.memory.pass(HOUR / 2);
    world.sync();
    assert_eq!(certain(&world), 1, "the old value may still come");
    world.memory.pass(HOUR / 2);
    world.sync();
    let given = world.given(0);
    assert_eq!((given.lately.len(), given.last.len()), (0, 1));
    assert!(!format!("{:?}", world.memory.state.borrow()).contains("Fabrikam"));
}

#[test]
fn nothing_is_kept_of_whoever_has_no_contact_any_more_nor_after_a_disconnect() {
    for removes in [true, false] {
        let world = World::of(2);
        (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
        world.sync();
        assert!(!world.given(0).last.is_empty());
        if removes {
            let clause = "department".to_owned();
            world.scopes.borrow_mut().insert(user(0), clause);
            world.show(0);
            world.sync();
            assert!(!world.given(1).last.is_empty(), "the other's stays");
        } else {
            world.disconnect();
        }
        assert_eq!(world.given(0), Given::default(), "{removes}");
    }
}

#[test]
fn what_is_about_to_be_asked_leaves_what_was_given_before_and_its_old_value_late() {
    for (commits, done) in (0..6).flat_map(|commits| [(commits, false), (commits, true)]) {
        let world = World::of(1);
        world.edit(0, Some("Fabrikam"));
        world.sync();
        // Another value is about to be given, and the process dies, or the directory does not answer.
        world.edit(0, Some("Tailspin"));
        world.fails_after.set((commits == 5).then_some(0));
        world.memory.dies.set(Some((commits, done)));
        let _ = world.slice(None);
        world.memory.dies.set(None);
        world.fails_after.set(None);
        let given = world.given(0);
        let prepared = world.prepared.borrow().clone().unwrap();
        let mut rows = prepared.settings.rows.iter();
        let row = rows.find(|row| row.attribute == COMPANY.0).unwrap();
        let now = world.ports().clock.now();
        assert!(
            given.is_late(row, Some("Contoso"), now),
            "{commits} {done} {given:?}"
        );
    }
}

#[test]
fn what_was_never_sent_is_noted_no_more() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    for answer in [
        WriteOutcome::Refused(Refusal::Privileged),
        WriteOutcome::Gone,
        WriteOutcome::Later {
            retry_after: Some(RUN_PATIENCE * 2),
            code: "busy".to_owned(),
        },
    ] {
        world.answers.borrow_mut().insert(user(0), answer.clone());
        world.sync();
        assert_eq!(world.given(0), Given::default(), "{answer:?}");
    }
    // Whether it was sent cannot be told: the note stays, for a day.
    let code = "no-answer".to_owned();
    let unknown = WriteOutcome::Unknown { code };
    world.answers.borrow_mut().insert(user(0), unknown);
    while let SliceEnd::More(wait) = world.slice(None).unwrap().end {
        world.memory.pass(wait.as_millis() as u64);
    }
    assert_eq!(intents(&world), 1);
    world.answers.borrow_mut().insert(user(0), not_permitted());
    world.memory.pass(DAY);
    world.sync();
    assert_eq!(world.given(0), Given::default());
}

#[test]
fn what_was_answered_before_the_directory_failed_is_kept_and_the_rest_comes_again() {
    const MANY: usize = 2 * PEOPLE_A_WRITE;
    let world = World::of(MANY);
    world.set_limit(100);
    (0..MANY).for_each(|number| world.edit(number, Some("Fabrikam")));
    world.fails_after.set(Some(1));
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.counts.updated, PEOPLE_A_WRITE as u64);
    let noted = (0..MANY).filter(|number| !world.given(*number).lately.is_empty());
    assert_eq!(noted.count(), PEOPLE_A_WRITE, "and of nobody else");
    world.fails_after.set(None);
    world.sync();
    (0..MANY).for_each(|number| world.assert_company(number, Some("Fabrikam")));
    assert_eq!(world.sent(), MANY);
}

/// One of two attributes is given, the other refused: wherever the process dies, the run that ends tells of the failure,
/// and the ledger knows it.
#[test]
fn whoever_is_written_in_part_has_failed_wherever_the_process_dies() {
    for done in [false, true] {
        for commits in 0..12 {
            let world = World::of(1).and_name_both_ways();
            world.edit(0, Some("Fabrikam"));
            world.memory.edit("0", NAME.1, Some("Kay"));
            let refused = WriteOutcome::Refused(Refusal::Privileged);
            world.answers.borrow_mut().insert(user(0), refused);
            world.refuses_only.set(Some(NAME.0));
            world.memory.dies.set(Some((commits, done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
            let told = format!("{commits} {done}");
            let in_step = world.company(0)[2].as_deref() == Some("Fabrikam");
            let is_failing = world.memory.state.borrow().contains_key("ledger/u0");
            assert!(
                is_failing || !in_step,
                "{told}: the base moved without a trace"
            );
            // Gone on with, or told by the run before.
            world.sync();
            world.assert_company(0, Some("Fabrikam"));
            let runs = world.runs();
            let failed: Vec<_> = runs.iter().map(|run| run.counts.failed).collect();
            assert!(failed.contains(&1), "{told}: {failed:?}");
            assert!(
                world.memory.state.borrow().contains_key("ledger/u0"),
                "{told}"
            );
        }
    }
}

#[test]
fn what_the_directory_refuses_is_told_in_its_own_words() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    let code = "Request_BadRequest".to_owned();
    let refused = WriteOutcome::Refused(Refusal::Value { code });
    world.answers.borrow_mut().insert(user(0), refused);
    let error = &world.sync().run.errors[0];
    assert_eq!(error.code, "value-refused");
    assert!(
        error.message.ends_with("(Request_BadRequest)"),
        "{}",
        error.message
    );
}
