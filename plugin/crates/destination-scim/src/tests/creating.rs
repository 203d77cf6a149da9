//! Users made, each once.

use super::*;

fn count(world: &World) -> usize {
    world.server.users().len()
}

#[test]
fn a_user_is_made_as_the_draft_says() {
    for active_as_text in [false, true] {
        let world = World::that(|behaviour| behaviour.active_as_text = active_as_text);
        let record = world.create(&person(1)).unwrap();
        assert_eq!(record.fields, person(1).fields);
        assert_eq!(record.tie, Some(tie(1)));
        assert_eq!(record.active, Some(true));
        assert_eq!(world.fetch(&record.id), Some(record));
    }
}

#[test]
fn somebody_who_is_to_be_inactive_from_the_start_is() {
    let world = World::new();
    let draft = Draft {
        active: false,
        ..person(1)
    };
    assert_eq!(world.create(&draft).unwrap().active, Some(false));
}

#[test]
fn without_a_user_name_nobody_is_made_and_nothing_is_asked() {
    let world = World::new();
    let mut draft = person(1);
    draft.fields.retain(|(name, _)| name != "user_name");
    refused(world.create(&draft), Some("user_name"), "missing-mandatory");
    assert_eq!(world.asked("POST"), 0);
}

#[test]
fn a_lost_answer_is_looked_for_and_nobody_is_made_twice() {
    for filters in [
        Filters::All,
        Filters::OneTerm,
        Filters::Ignored,
        Filters::No,
    ] {
        for (trouble, made) in [(Trouble::LostAnswer, 1), (Trouble::LostRequest, 0)] {
            for others in [0, 30] {
                let world = World::that(|behaviour| {
                    (behaviour.filters, behaviour.twins) = (filters, true);
                });
                for other in 0..others {
                    world.create(&person(100 + other)).unwrap();
                }
                world.trouble("POST", trouble);
                let attempt = world.create(&person(1));
                let what = format!("{filters:?} {trouble:?} {others}: {attempt:?}");
                assert_eq!(count(&world), others as usize + made, "{what}");
                match made {
                    1 => assert_eq!(attempt.unwrap().tie, Some(tie(1)), "{what}"),
                    _ => assert!(matches!(attempt, Err(Failure::Unknown(_))), "{what}"),
                }
                let destination = world.destination();
                let found = one(&destination, destination.created(&person(1))).unwrap();
                assert_eq!(found.is_some(), made == 1, "{what}");
            }
        }
    }
}

#[test]
fn an_answer_of_a_gateway_is_a_lost_one() {
    let world = World::new();
    world.trouble("POST", Trouble::Status(502));
    assert!(matches!(world.create(&person(1)), Err(Failure::Unknown(_))));
    world.trouble("POST", Trouble::Status(429));
    world.create(&person(1)).unwrap();
    assert_eq!(count(&world), 1);
}

#[test]
fn many_lost_answers_are_looked_for_together() {
    let world = World::that(|behaviour| (behaviour.filters, behaviour.page) = (Filters::No, 10));
    let drafts: Vec<_> = (1..=40).map(person).collect();
    for _ in 0..40 {
        world.trouble("POST", Trouble::LostAnswer);
    }
    let destination = world.destination();
    let made = one(&destination, destination.create(&drafts));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(count(&world), 40);
    let again = world.destination();
    let before = world.asked("GET");
    let tasks = drafts.iter().map(|draft| again.created(draft));
    let found = drive::all(&again, 32, tasks).unwrap();
    assert!(found.iter().all(|found| found.as_ref().unwrap().is_some()));
    let asked = world.asked("GET") - before;
    assert!(
        asked < 100,
        "the list is read once and each user once: {asked}"
    );
}

#[test]
fn a_user_name_that_somebody_has_is_a_duplicate() {
    let world = World::new();
    world.stranger("PERSON1@contoso.example", json!({}));
    refused(world.create(&person(1)), Some("user_name"), "duplicate");
    assert_eq!(count(&world), 1);
}

#[test]
fn a_user_name_that_another_program_has_made_is_told_as_its_own() {
    for (filters, code) in [
        (Filters::All, "managed-elsewhere"),
        (Filters::No, "duplicate"),
    ] {
        let world = World::that(|behaviour| behaviour.filters = filters);
        world.stranger(
            "person1@contoso.example",
            json!({"externalId": "0a0a0a0a-1111-4222-8333-000000000001"}),
        );
        refused(world.create(&person(1)), Some("user_name"), code);
        assert_eq!(count(&world), 1);
    }
}

#[test]
fn one_of_the_same_name_that_was_made_for_the_same_person_is_the_one() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    assert_eq!(world.create(&person(1)).unwrap().id, record.id);
    assert_eq!(count(&world), 1);
}

#[test]
fn somebody_who_is_made_again_for_nobody_is_found_by_name_and_fields() {
    let world = World::new();
    let draft = Draft {
        tie: None,
        ..person(1)
    };
    world.trouble("POST", Trouble::LostAnswer);
    let record = world.create(&draft).unwrap();
    assert_eq!(record.tie, None);
    assert_eq!(count(&world), 1);
    // One who was there before is not that one.
    let old = Draft {
        decided_at_ms: BEGINNING_MS + 1_000_000,
        ..draft
    };
    let destination = world.destination();
    assert_eq!(one(&destination, destination.created(&old)), Ok(None));
}

#[test]
fn a_sample_that_no_filter_finds_makes_the_pages_be_read() {
    // Nobody was read before whom a filter could find.
    let world = World::that(|behaviour| behaviour.lag_ms = 4_000);
    world.create(&person(1)).unwrap();
    world.pass(5_000);
    let destination = world.destination();
    let found = one(&destination, destination.created(&person(1))).unwrap();
    assert!(found.is_some());
}
