//! A run that gave the directory something is taken back on both sides, or says why it is not.

use super::company::NAME;
use super::*;
use crate::report::overview::ReportStatus;
use crate::run::RunRecord;

/// A run that gave the directory the company of so many people; its id.
fn given_of(world: &World, people: usize) -> String {
    (0..people).for_each(|number| world.edit(number, Some("Fabrikam")));
    let run = world.sync().run;
    assert_eq!(run.counts.updated, people as u64, "{run:?}");
    run.id
}

fn assert_back(world: &World, number: usize) {
    world.assert_company(number, Some("Contoso"));
}

/// Two runs change nothing on either side.
fn assert_quiet(world: &World) {
    let (sent, here) = (world.sent(), world.written_here());
    for run in [world.sync().run, world.sync().run, world.sync_fully().run] {
        assert_eq!(run.counts.updated, 0, "{run:?}");
    }
    assert_eq!((world.sent(), world.written_here()), (sent, here));
}

fn messages(run: &RunRecord) -> Vec<String> {
    let warnings = run.warnings().into_iter();
    warnings.map(|warning| warning.message).collect()
}

#[test]
fn the_journal_tells_what_the_directory_was_given() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    let history = world.memory.history();
    let [entry] = &history[..] else {
        panic!("{history:?}");
    };
    assert_eq!(entry.run.as_deref(), Some(&*run));
    let [given] = &entry.directory[..] else {
        panic!("{entry:?}");
    };
    assert_eq!((&*given.change.attribute, &*given.field), COMPANY);
    assert_eq!(given.change.before.as_deref(), Some("Contoso"));
    assert_eq!(given.change.after.as_deref(), Some("Fabrikam"));
    assert!(given.answered);
}

#[test]
fn what_was_given_is_planned_back_on_both_sides_and_nothing_is_written_for_that() {
    let world = World::of(2);
    let run = given_of(&world, 1);
    let (sent, here) = (world.sent(), world.written_here());
    let plan = world.plan_undo(&run);
    assert_eq!(plan.warnings, []);
    assert_eq!(plan.blocks, []);
    let plans = world.memory.plans.borrow();
    let entry = &plans[&plan.digest][&user(0)];
    let [attribute] = &entry.directory[..] else {
        panic!("{entry:?}");
    };
    let [field] = &entry.fields[..] else {
        panic!("{entry:?}");
    };
    assert_eq!((&*attribute.attribute, &*field.field), COMPANY);
    let now = (Some("Fabrikam"), Some("Contoso"));
    assert_eq!(
        (attribute.before.as_deref(), attribute.after.as_deref()),
        now
    );
    assert_eq!((field.before.as_deref(), field.after.as_deref()), now);
    assert_eq!(entry.effect, Effect::Update);
    assert_eq!((world.sent(), world.written_here()), (sent, here));
}

#[test]
fn a_run_is_taken_back_on_both_sides_and_the_next_runs_change_nothing_on_either() {
    let world = World::of(3);
    let run = given_of(&world, 2);
    let undone = world.undo(&run);
    assert_eq!(undone.status, RunStatus::Succeeded, "{undone:?}");
    assert_eq!(undone.counts.updated, 2);
    let approved = undone.approved.unwrap();
    assert_eq!((approved.changes, approved.performed), (2, 2));
    (0..3).for_each(|number| assert_back(&world, number));
    assert_quiet(&world);
}

#[test]
fn the_report_says_that_a_run_was_taken_back_until_the_next_sync() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    let told = || {
        let overview = world.report();
        (overview.status, overview.explanation)
    };
    assert_eq!(told().0, ReportStatus::Succeeded);
    let undone = world.undo(&run);
    assert_eq!((undone.given, undone.undoes.as_deref()), (1, Some(&*run)));
    let (status, explanation) = told();
    assert_eq!(status, ReportStatus::Warnings);
    assert!(explanation.contains(&format!("The run {run} was taken back on")));
    assert!(explanation.contains("given back what it had given it of 1 person"));
    world.sync();
    assert_eq!(told().0, ReportStatus::Succeeded);
}

#[test]
fn an_undo_is_a_run_and_can_be_undone_and_that_again() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    let first = world.undo(&run).id;
    let second = world.undo(&first).id;
    world.assert_company(0, Some("Fabrikam"));
    assert_quiet(&world);
    world.undo(&second);
    assert_back(&world, 0);
    assert_quiet(&world);
}

#[test]
fn what_was_taken_back_already_is_not_taken_back_twice() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    world.undo(&run);
    let (sent, here) = (world.sent(), world.written_here());
    let plan = world.plan_undo(&run);
    let changed = |(effect, count): &(Effect, u64)| *effect != Effect::Unchanged && *count > 0;
    assert!(!plan.counts.iter().any(changed), "{plan:?}");
    world.undo_approved(&run, &plan.digest);
    assert_eq!((world.sent(), world.written_here()), (sent, here));
}

#[test]
fn of_both_sides_that_had_moved_each_goes_back_to_what_the_directory_held() {
    let world = World::with(1, Direction::TwoWay(Winner::Contact));
    world.edit(0, Some("Fabrikam"));
    world.change(0, Some("Northwind"));
    let run = world.sync().run.id;
    world.assert_company(0, Some("Fabrikam"));
    world.undo(&run);
    world.assert_company(0, Some("Northwind"));
    assert_quiet(&world);
}

#[test]
fn an_attribute_that_was_emptied_is_filled_again_and_one_that_was_filled_is_emptied() {
    let world = World::of(1);
    world.edit(0, None);
    let run = world.sync().run.id;
    world.assert_company(0, None);
    let undo = world.undo(&run).id;
    assert_back(&world, 0);
    world.undo(&undo);
    world.assert_company(0, None);
    assert_quiet(&world);
}

#[test]
fn what_either_side_changed_since_is_left_on_both_and_said() {
    for edits_directory in [false, true] {
        let world = World::of(1);
        let run = given_of(&world, 1);
        if edits_directory {
            world.change(0, Some("Tailspin"));
        } else {
            world.edit(0, Some("Tailspin"));
        }
        let before = world.company(0);
        let (sent, here) = (world.sent(), world.written_here());
        let plan = world.plan_undo(&run);
        assert_eq!(plan.skips.get("edited-since"), Some(&1));
        assert!(
            plan.warnings[0]
                .message
                .starts_with("company: 1 record changed on one of the sides"),
            "{plan:?}"
        );
        let undone = world.undo_approved(&run, &plan.digest);
        assert_eq!(undone.status, RunStatus::Warnings);
        assert_eq!(world.company(0), before);
        assert_eq!((world.sent(), world.written_here()), (sent, here));
    }
}

#[test]
fn what_changes_after_the_plan_has_drifted_and_stays() {
    for edits_directory in [false, true] {
        let world = World::of(2);
        let run = given_of(&world, 2);
        let plan = world.plan_undo(&run);
        if edits_directory {
            world.change(0, Some("Tailspin"));
        } else {
            world.edit(0, Some("Tailspin"));
        }
        let before = world.company(0);
        let undone = world.undo_approved(&run, &plan.digest);
        assert_eq!(undone.skips.get("drifted"), Some(&1), "{undone:?}");
        assert_eq!(world.company(0), before);
        assert_back(&world, 1);
    }
}

#[test]
fn what_the_directory_changes_under_our_hands_is_not_overwritten_and_the_contact_stays_with_it() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    let plan = world.plan_undo(&run);
    let tailspin = Some("Tailspin".to_owned());
    world
        .meanwhile
        .replace(Some((user(0), COMPANY.0, tailspin)));
    let here = world.written_here();
    let undone = world.undo_approved(&run, &plan.digest);
    assert_eq!(undone.counts.failed, 1);
    assert_eq!(undone.errors[0].code, "moved-meanwhile");
    let [there, held, _] = world.company(0);
    assert_eq!(
        (there.as_deref(), held.as_deref()),
        (Some("Tailspin"), Some("Fabrikam"))
    );
    assert_eq!(world.written_here(), here);
}

#[test]
fn the_limits_on_writes_to_the_directory_stand_in_the_plan_and_the_approved_plan_passes_them() {
    let world = World::of(6);
    world.set_limit(100);
    let run = given_of(&world, 4);
    world.set_limit(2);
    let plan = world.plan_undo(&run);
    let [block] = &plan.blocks[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(
        (&*block.breaker, &block.digest),
        ("directory", &plan.digest)
    );
    world.undo_approved(&run, &plan.digest);
    (0..6).for_each(|number| assert_back(&world, number));
}

#[test]
fn emptying_many_attributes_by_an_undo_has_its_own_limit() {
    let world = World::of(4);
    world.set_limit(100);
    (0..4).for_each(|number| world.change(number, None));
    world.sync();
    let run = given_of(&world, 4);
    world.set_limit(2);
    let breakers: Vec<_> = world.plan_undo(&run).blocks;
    let breakers: Vec<_> = breakers.iter().map(|block| &*block.breaker).collect();
    assert_eq!(breakers, ["directory", "directory-blanked:companyName"]);
}

#[test]
fn without_the_permission_by_now_both_sides_stay_and_that_is_said() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    world.permits.set(Some("User.ReadWrite.All"));
    let plan = world.plan_undo(&run);
    assert_eq!(plan.skips.get("stays-in-directory"), Some(&1), "{plan:?}");
    assert!(plan.warnings[0].message.contains("may not write to"));
    world.undo_approved(&run, &plan.digest);
    world.assert_company(0, Some("Fabrikam"));
    assert_quiet(&world);
}

#[test]
fn a_permission_that_is_taken_away_after_the_plan_ends_the_undo_with_everything_as_it_was() {
    const MANY: usize = PEOPLE_A_WRITE;
    let world = World::of(MANY);
    world.set_limit(100);
    let run = given_of(&world, MANY);
    let plan = world.plan_undo(&run);
    for number in 0..MANY {
        world
            .answers
            .borrow_mut()
            .insert(user(number), not_permitted());
    }
    let here = world.written_here();
    let undone = world.undo_approved(&run, &plan.digest);
    assert_eq!(undone.status, RunStatus::Failed);
    assert_eq!(undone.errors[0].code, "write-not-permitted");
    assert_eq!(world.written_here(), here);
    (0..MANY).for_each(|number| world.assert_company(number, Some("Fabrikam")));
    // Once it is given again, the rest is planned again.
    world.answers.borrow_mut().clear();
    world.undo(&run);
    (0..MANY).for_each(|number| assert_back(&world, number));
}

#[test]
fn whoever_is_mastered_elsewhere_or_not_mapped_or_gone_by_now_stays_with_the_reason() {
    type Change = fn(&World);
    let reasons: [(Change, &str); 3] = [
        (
            |world| {
                world.mastered_elsewhere.borrow_mut().insert(user(0));
            },
            "on-premises",
        ),
        (
            |world| {
                let mut prepared = world.prepared.borrow_mut();
                let rows = &mut prepared.as_mut().unwrap().settings.rows;
                rows.iter_mut()
                    .for_each(|row| row.direction = Direction::OneWay);
            },
            "does not write it to the directory any more",
        ),
        (
            |world| {
                world.users.borrow_mut().remove(&user(0));
            },
            "no such person",
        ),
    ];
    for (change, why) in reasons {
        let world = World::of(1);
        let run = given_of(&world, 1);
        change(&world);
        let (sent, here) = (world.sent(), world.written_here());
        let plan = world.plan_undo(&run);
        assert!(plan.warnings[0].message.contains(why), "{plan:?}");
        assert_eq!(plan.skips.get("stays-in-directory"), Some(&1));
        world.undo_approved(&run, &plan.digest);
        assert_eq!((world.sent(), world.written_here()), (sent, here));
    }
}

#[test]
fn whoever_the_directory_refuses_stays_on_both_sides_and_hurts_nobody_else() {
    let world = World::of(2);
    let run = given_of(&world, 2);
    let refused = WriteOutcome::Refused(Refusal::Privileged);
    world.answers.borrow_mut().insert(user(0), refused);
    let undone = world.undo(&run);
    assert_eq!((undone.counts.failed, undone.counts.updated), (1, 1));
    assert_eq!(undone.errors[0].code, "privileged-person");
    world.assert_company(0, Some("Fabrikam"));
    assert_back(&world, 1);
    assert_quiet(&world);
}

#[test]
fn of_two_attributes_of_which_one_is_refused_the_other_goes_back() {
    let world = World::of(1).and_name_both_ways();
    world.memory.edit("0", NAME.1, Some("Jo"));
    let run = given_of(&world, 1);
    let refused = WriteOutcome::Refused(Refusal::Value {
        code: "Request_BadRequest".to_owned(),
    });
    world.answers.borrow_mut().insert(user(0), refused);
    world.refuses_only.set(Some(NAME.0));
    let undone = world.undo(&run);
    assert_eq!(undone.counts.failed, 1);
    assert!(messages(&undone).is_empty(), "{undone:?}");
    assert_back(&world, 0);
    let contact = world.memory.contact("0").unwrap();
    assert_eq!(contact.field(NAME.1), Some("Jo"));
    world.answers.borrow_mut().clear();
    assert_quiet(&world);
}

#[test]
fn whoever_has_to_wait_is_waited_for_and_counted_once() {
    let world = World::of(3);
    let run = given_of(&world, 3);
    let plan = world.plan_undo(&run);
    world.passing.set(true);
    let later = WriteOutcome::Later {
        retry_after: Some(Duration::from_secs(7)),
        code: "activityLimitReached".to_owned(),
    };
    world.answers.borrow_mut().insert(user(1), later);
    let slice = world.undo_slice(&run, &plan.digest).unwrap();
    assert_eq!(slice.end, SliceEnd::More(Duration::from_secs(7)));
    assert_back(&world, 0);
    assert_back(&world, 2);
    let undone = world.undo_approved(&run, &plan.digest);
    assert_eq!((undone.counts.updated, undone.counts.processed), (3, 3));
    assert_back(&world, 1);
    assert_eq!(world.sent(), 6, "each is sent once there and once back");
}

#[test]
fn a_value_that_is_shown_late_is_neither_an_edit_nor_taken_for_what_is_there() {
    let world = World::of(1);
    world.lags.set(true);
    let run = given_of(&world, 1);
    world.lags.set(false);
    // Readers still see what was there before the run.
    let plan = world.plan_undo(&run);
    assert_eq!(plan.warnings, [], "{plan:?}");
    world.undo_approved(&run, &plan.digest);
    world.arrive();
    assert_back(&world, 0);
    assert_quiet(&world);
}

#[test]
fn an_undo_whose_own_write_is_shown_late_is_fought_by_no_run() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    world.lags.set(true);
    world.undo(&run);
    world.lags.set(false);
    for _ in 0..2 {
        world.sync();
    }
    assert_back(&world, 0);
    world.arrive();
    assert_quiet(&world);
    assert_back(&world, 0);
}

#[test]
fn an_undo_that_dies_at_any_commit_is_gone_on_with_and_sends_nothing_twice() {
    for done in [false, true] {
        for commits in 0..10 {
            let world = World::of(3);
            let run = given_of(&world, 3);
            let plan = world.plan_undo(&run);
            world.memory.dies.set(Some((commits, done)));
            let _ = world.undo_slice(&run, &plan.digest);
            world.memory.dies.set(None);
            if world.runs().last().unwrap().status == RunStatus::Running {
                world.undo_approved(&run, &plan.digest);
            } else {
                world.undo(&run);
            }
            (0..3).for_each(|number| assert_back(&world, number));
            assert_eq!(world.sent(), 6, "each is sent once: {commits} {done}");
            let undone = world.memory.history();
            let back = undone.iter().filter(|entry| {
                let mut given = entry.directory.iter();
                given.any(|given| given.change.after.as_deref() == Some("Contoso"))
            });
            assert_eq!(back.count(), 3, "each is in the journal: {commits} {done}");
            assert_quiet(&world);
        }
    }
}

#[test]
fn an_undo_that_dies_and_is_given_up_for_another_still_knows_its_own_writes() {
    for commits in 1..4 {
        let world = World::of(2);
        let run = given_of(&world, 2);
        let plan = world.plan_undo(&run);
        world.memory.dies.set(Some((commits, false)));
        let _ = world.undo_slice(&run, &plan.digest);
        world.memory.dies.set(None);
        // A sync comes in between, which closes it.
        world.sync();
        world.undo(&run);
        (0..2).for_each(|number| {
            let [there, here, base] = world.company(number);
            assert_eq!((&there, &here), (&here, &base), "in step: {commits}");
        });
        assert_quiet(&world);
    }
}

#[test]
fn a_run_whose_journal_does_not_tell_of_the_directory_says_what_stays_there() {
    let world = World::of(1);
    let run = given_of(&world, 1);
    world.memory.forget_what_was_given();
    let plan = world.plan_undo(&run);
    let [warning] = &plan.warnings[..] else {
        panic!("{plan:?}");
    };
    assert!(warning.message.contains("1 person"), "{}", warning.message);
}

#[test]
fn what_a_run_that_died_gave_is_in_the_journal_of_the_run_that_finds_it_and_goes_back_with_that() {
    let mut found = 0;
    for done in [false, true] {
        for commits in 0..12 {
            let world = World::of(1);
            world.edit(0, Some("Fabrikam"));
            world.memory.dies.set(Some((commits, done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
            let sent = world.sent();
            // Another run, which knows nothing of what was staged.
            world.disregard_what_is_staged();
            world.sync_fully();
            world.sync();
            let history = world.memory.history();
            let told = || history.iter().filter(|entry| !entry.directory.is_empty());
            assert_eq!(told().count(), 1, "{commits} {done}: {history:?}");
            found += sent;
            world.undo(told().next().unwrap().run.as_deref().unwrap());
            assert_back(&world, 0);
            assert_quiet(&world);
        }
    }
    assert!(found > 0, "some died after the write");
}

#[test]
fn a_write_of_which_nobody_heard_is_in_the_journal_as_such_and_goes_back_where_it_arrived() {
    let world = World::of(1);
    world.edit(0, Some("Fabrikam"));
    let unknown = WriteOutcome::Unknown {
        code: "no-answer".to_owned(),
    };
    world.answers.borrow_mut().insert(user(0), unknown);
    let run = world.retry_one(0);
    assert_eq!(run.counts.failed, 1);
    let history = world.memory.history();
    let given = &history.last().unwrap().directory[0];
    assert!(!given.answered);
    // It had arrived.
    world.answers.borrow_mut().clear();
    world.change(0, Some("Fabrikam"));
    world.undo(&run.id);
    assert_back(&world, 0);
}

#[test]
fn what_was_given_of_a_contact_that_changed_meanwhile_is_in_the_journal_all_the_same() {
    let world = World::of(1);
    let conflict = crate::ports::Outcome::Conflict(crate::ports::Conflict::Version);
    world.edit(0, Some("Fabrikam"));
    world
        .memory
        .conflicts_once
        .replace(Some((crate::contact::ContactId::new("0"), conflict)));
    let run = world.sync().run;
    assert_eq!(run.counts.failed, 1, "{run:?}");
    let told: Vec<_> = world.memory.history();
    let given = told.iter().flat_map(|entry| &entry.directory);
    assert_eq!(given.count(), 1);
}
