//! What both sides have changed, where somebody decides.

use super::*;
use crate::engine::conflicts::{Listed, decide, list};
use crate::ports::testing::SOURCE;
use crate::reconcile::asking::Side;
use crate::report::provenance::Origin;

/// Fabrikam here, Northwind in the directory, Contoso before.
fn in_conflict() -> World {
    let world = World::with(2, Direction::TwoWay(Winner::Ask));
    world.edit(0, Some("Fabrikam"));
    world.change(0, Some("Northwind"));
    world
}

fn listed(world: &World) -> Vec<Listed> {
    let prepared = world.prepared.borrow().clone().unwrap();
    list(&world.memory, &prepared.settings, None, 100).unwrap()
}

fn decide_at(world: &World, at: Timestamp, side: Side) -> Result<(), CallError> {
    let prepared = world.prepared.borrow().clone().unwrap();
    let shown = (COMPANY.0, at);
    decide(
        world.ports(),
        &prepared.settings,
        SOURCE,
        &user(0),
        shown,
        side,
    )
}

fn decided(world: &World, side: Side) {
    let [one] = &listed(world)[..] else {
        panic!("{:?}", listed(world));
    };
    decide_at(world, one.conflict.at, side).unwrap();
}

fn assert_apart(world: &World) {
    let [there, here, base] = world.company(0);
    assert_eq!(
        (there.as_deref(), here.as_deref(), base.as_deref()),
        (Some("Northwind"), Some("Fabrikam"), Some("Contoso"))
    );
}

#[test]
fn it_is_written_on_neither_side_listed_with_both_values_and_told() {
    let world = in_conflict();
    for _ in 0..2 {
        let run = world.sync().run;
        assert_apart(&world);
        assert_eq!(run.undecided.get("company"), Some(&1));
        assert_eq!(run.status, RunStatus::Warnings);
        let [one] = &listed(&world)[..] else {
            panic!("{:?}", listed(&world));
        };
        let contested = &one.conflict.contested;
        assert_eq!(one.user, user(0));
        assert_eq!(
            [&contested.directory, &contested.contact, &contested.base],
            ["Northwind", "Fabrikam", "Contoso"]
                .map(|value| Some(value.to_owned()))
                .each_ref()
        );
    }
    assert_eq!((world.sent(), world.written_here()), (0, 0));
    let seen: Vec<_> = world.runs().iter().map(|run| run.id.clone()).collect();
    assert!(
        seen.contains(&listed(&world)[0].conflict.run),
        "the first run that saw it"
    );
}

#[test]
fn a_plan_leaves_it_as_it_is_and_keeps_nothing_of_it() {
    let world = in_conflict();
    let summary = world.plan();
    let plans = world.memory.plans.borrow();
    let entry = &plans[&summary.digest][&user(0)];
    assert_eq!(
        (entry.effect, entry.reason.as_str()),
        (Effect::Unchanged, "undecided")
    );
    assert_eq!(listed(&world), []);
}

#[test]
fn what_was_decided_is_planned_done_by_the_next_run_and_listed_no_more() {
    for (side, everywhere) in [(Side::Directory, "Northwind"), (Side::Contact, "Fabrikam")] {
        let world = in_conflict();
        world.sync();
        decided(&world, side);
        assert_apart(&world);
        let digest = world.plan().digest;
        let run = world.sync_approved(Some(Approval::Plan(digest))).run;
        assert_eq!(run.approved.unwrap().performed, 1, "{side:?}");
        world.assert_company(0, Some(everywhere));
        world.sync();
        assert_eq!(listed(&world), []);
        let (sent, here) = (world.sent(), world.written_here());
        let counts = world.sync().run.counts;
        assert_eq!(counts.processed, counts.unchanged);
        assert_eq!((world.sent(), world.written_here()), (sent, here));
    }
}

#[test]
fn a_decision_is_about_the_two_values_that_were_shown() {
    for moves_here in [true, false] {
        let world = in_conflict();
        world.sync();
        decided(&world, Side::Contact);
        if moves_here {
            world.edit(0, Some("Tailspin"));
        } else {
            world.change(0, Some("Tailspin"));
        }
        world.sync();
        assert_eq!(world.sent(), 0);
        let [one] = &listed(&world)[..] else {
            panic!("{:?}", listed(&world));
        };
        assert_eq!(one.conflict.decided, None);
        let refused = decide_at(&world, Timestamp(1), Side::Contact);
        assert!(matches!(refused, Err(CallError::NoConflict)), "{refused:?}");
    }
}

#[test]
fn a_decision_outlasts_a_limit_a_refusal_and_a_process_that_dies() {
    let world = in_conflict();
    world.sync();
    decided(&world, Side::Contact);
    let refused = WriteOutcome::Refused(Refusal::Privileged);
    world.answers.borrow_mut().insert(user(0), refused);
    assert_eq!(world.sync().run.counts.failed, 1);
    world.answers.borrow_mut().clear();
    for commits in 0..6 {
        world.memory.dies.set(Some((commits, false)));
        let _ = world.slice(None);
        world.memory.dies.set(None);
    }
    world.sync();
    world.assert_company(0, Some("Fabrikam"));
    assert_eq!(world.sent(), 1);
}

#[test]
fn whoever_gives_way_by_themselves_is_asked_no_more_and_an_emptied_side_is_asked_about() {
    let world = in_conflict();
    world.sync();
    world.edit(0, Some("Northwind"));
    world.sync();
    assert_eq!(listed(&world), []);
    world.assert_company(0, Some("Northwind"));
    world.edit(0, None);
    world.change(0, Some("Tailspin"));
    world.sync();
    decided(&world, Side::Contact);
    world.sync();
    world.assert_company(0, None);
}

#[test]
fn nothing_is_listed_of_whoever_has_no_contact_any_more_nor_after_a_disconnect() {
    for removes in [true, false] {
        let world = in_conflict();
        world.sync();
        if removes {
            let clause = "department".to_owned();
            world.scopes.borrow_mut().insert(user(0), clause);
            world.sync();
        } else {
            world.disconnect();
        }
        assert_eq!(listed(&world), []);
    }
}

#[test]
fn what_is_edited_while_it_is_undecided_stays_undecided() {
    for edit in ["Contoso", "Tailspin"] {
        let world = in_conflict();
        world.sync();
        world.edit(0, Some(edit));
        let run = world.sync().run;
        assert_eq!(world.sent(), 0, "{edit}");
        assert_eq!(run.counts.failed, 0, "{edit}");
        let here = world.company(0)[1].clone();
        match &listed(&world)[..] {
            // Who puts back what both had gives way.
            [] => assert_eq!(here.as_deref(), Some("Northwind"), "{edit}"),
            [one] => assert_eq!(one.conflict.contested.contact, here, "{edit}"),
            more => panic!("{more:?}"),
        }
    }
}

#[test]
fn whoever_both_sides_have_moved_of_is_counted_once() {
    for winner in [Winner::Directory, Winner::Contact, Winner::Ask] {
        for known_before in [false, true] {
            let world = World::with(2, Direction::TwoWay(winner));
            world.sync();
            if known_before {
                world.edit(0, Some("Tailspin"));
                world.change(0, Some("Adatum"));
                world.sync();
            }
            world.edit(0, Some("Fabrikam"));
            world.change(0, Some("Northwind"));
            let run = world.sync().run;
            let told = [&run.undecided, &run.overruled, &run.prevailing];
            let told: u64 = told.iter().flat_map(|told| told.values()).sum();
            assert_eq!((run.counts.processed, told), (1, 1), "{winner:?} {run:?}");
        }
    }
}

#[test]
fn of_whoever_is_mastered_elsewhere_only_the_directorys_value_can_count() {
    let world = in_conflict();
    world.mastered_elsewhere.borrow_mut().insert(user(0));
    world.sync();
    let [one] = &listed(&world)[..] else {
        panic!("{:?}", listed(&world));
    };
    assert!(one.conflict.directory_alone);
    let at = one.conflict.at;
    let refused = decide_at(&world, at, Side::Contact);
    assert!(
        matches!(refused, Err(CallError::DirectoryAlone)),
        "{refused:?}"
    );
    decide_at(&world, at, Side::Directory).unwrap();
    world.sync();
    world.assert_company(0, Some("Northwind"));
    assert_eq!(world.sent(), 0);
}

#[test]
fn what_was_decided_for_the_contact_is_void_once_the_person_is_mastered_elsewhere_and_asked_again_after_that()
 {
    let world = in_conflict();
    world.sync();
    decided(&world, Side::Contact);
    world.mastered_elsewhere.borrow_mut().insert(user(0));
    world.sync();
    assert_apart(&world);
    assert_eq!(listed(&world)[0].conflict.decided, None);
    world.mastered_elsewhere.borrow_mut().clear();
    world.sync();
    assert!(!listed(&world)[0].conflict.directory_alone);
    decided(&world, Side::Contact);
    world.sync();
    world.assert_company(0, Some("Fabrikam"));
}

#[test]
fn an_explanation_tells_what_each_side_has_and_that_nobody_has_decided() {
    let world = in_conflict();
    world.sync();
    let told = |world: &World| {
        let explanation = world.explain(0);
        let mut fields = explanation.fields.into_iter();
        let field = fields.find(|field| field.field == COMPANY.1).unwrap();
        (field, explanation.summary)
    };
    let (field, summary) = told(&world);
    assert_eq!(field.origin, Origin::Contested);
    assert_eq!(
        [&field.value, &field.directory, &field.base],
        ["Fabrikam", "Northwind", "Contoso"]
            .map(|value| Some(value.to_owned()))
            .each_ref()
    );
    let sentence = field.kept_by.unwrap();
    assert!(sentence.ends_with("nobody has decided whose value counts."));
    assert!(
        summary.iter().any(|told| told.ends_with(sentence)),
        "{summary:?}"
    );
    let named = |value: &str| summary.iter().any(|told| told.contains(value));
    assert!(!named("Fabrikam") && !named("Northwind"), "without a value");
    decided(&world, Side::Contact);
    assert!(
        told(&world)
            .0
            .kept_by
            .unwrap()
            .contains("as somebody decided")
    );
    world.sync();
    world.sync();
    let (field, _) = told(&world);
    assert_eq!(field.origin, Origin::Directory);
    assert_eq!(field.directory, field.base);
}
