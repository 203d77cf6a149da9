//! Lists: made once, and joined and left by whoever is asked for.

use super::*;
use messagemedia_emulator::{ForeignRequest, Twins, UnknownList, UnknownMembers};

const NOBODY: &str = "00000000-0000-4000-8000-000000000001";

fn members(world: &World, list: &str) -> usize {
    let contacts = world.control().contacts();
    let on_it = contacts.iter().filter(|contact| {
        let lists = contact["lists"].as_array().unwrap();
        lists.iter().any(|told| told["id"] == list)
    });
    on_it.count()
}

#[test]
fn a_list_is_made_once_whoever_made_it_and_however_it_is_spelt() {
    for twins in [Twins::Conflict, Twins::Allowed] {
        let world = World::that(|behaviour| behaviour.list_names = twins);
        let theirs = id(&world.somebody("POST", "/lists", json!({"name": "SALES"})));
        let destination = world.destination();
        let make = |name: &str| one(&destination, destination.make_list(name, "")).unwrap();
        assert_eq!(make(" sales").id, theirs);
        assert_eq!(make("Support").id, make("Support").id);
        // Somebody else makes it in the moment between.
        let request = ForeignRequest {
            method: "POST".to_owned(),
            target: target("/lists"),
            body: json!({"name": "Marketing"}),
        };
        world.control().inject(Fault::meanwhile("POST", request));
        let made = make("Marketing");
        assert!(
            world
                .control()
                .lists()
                .iter()
                .any(|list| list["id"] == *made.id)
        );
        world.control().inject(Fault::lost_answer("POST"));
        let made = make("Legal");
        let legal = world.control().lists();
        let legal: Vec<&Value> = legal
            .iter()
            .filter(|list| list["name"] == "Legal")
            .collect();
        assert_eq!(legal.len(), 1);
        assert_eq!(legal[0]["id"], *made.id);
    }
}

#[test]
fn a_list_whose_request_was_lost_is_not_made_blindly() {
    let world = World::new();
    world.control().inject(Fault::lost_request("POST"));
    let destination = world.destination();
    let lost = one(&destination, destination.make_list("Sales", ""));
    assert!(matches!(lost, Err(Failure::Unknown(_))), "{lost:?}");
    assert!(one(&destination, destination.make_list("Sales", "")).is_ok());
    assert_eq!(world.control().lists().len(), 1);
}

#[test]
fn a_list_is_spelt_otherwise() {
    let world = World::new();
    let destination = world.destination();
    let list = one(&destination, destination.make_list("sales", "")).unwrap();
    one(&destination, destination.rename_list(&list.id, "Sales")).unwrap();
    let lists = one(&destination, destination.lists()).unwrap();
    assert_eq!(lists.len(), 1);
    assert_eq!((&lists[0].id, &*lists[0].name), (&list.id, "Sales"));
    let gone = one(
        &destination,
        destination.rename_list(&NOBODY.to_owned(), "x"),
    );
    assert_eq!(gone, Err(Failure::Gone));
}

#[test]
fn joining_and_leaving_is_one_request_and_twice_is_once() {
    let world = World::new();
    let destination = world.destination();
    let list = one(&destination, destination.make_list("Sales", ""))
        .unwrap()
        .id;
    let drafts: Vec<Draft> = (1..=3).map(person).collect();
    let made = one(&destination, destination.create(&drafts));
    let ids: Vec<String> = made.into_iter().map(|record| record.unwrap().id).collect();
    for _ in 0..2 {
        let before = world.asked("PATCH");
        one(&destination, destination.membership(&list, &ids, &[])).unwrap();
        assert_eq!(members(&world, &list), 3);
        one(&destination, destination.membership(&list, &[], &ids[..2])).unwrap();
        assert_eq!(members(&world, &list), 1);
        assert_eq!(world.asked("PATCH") - before, 2);
    }
}

#[test]
fn whoever_is_gone_does_not_keep_the_others_from_joining() {
    for unknown in [UnknownMembers::Refused, UnknownMembers::Ignored] {
        let world = World::that(|behaviour| behaviour.unknown_members = unknown);
        let destination = world.destination();
        let list = one(&destination, destination.make_list("Sales", ""))
            .unwrap()
            .id;
        let there = create(&destination, &person(1)).unwrap().id;
        let ids = [NOBODY.to_owned(), there.clone()];
        one(&destination, destination.membership(&list, &ids, &[])).unwrap();
        assert_eq!(members(&world, &list), 1, "{unknown:?}");
        one(&destination, destination.membership(&list, &[], &ids)).unwrap();
        assert_eq!(members(&world, &list), 0, "{unknown:?}");
        one(&destination, destination.membership(&list, &[], &ids[..1])).unwrap();
    }
}

#[test]
fn a_list_that_is_gone_is_told_however_the_service_says_so() {
    for unknown in [UnknownList::NotFound, UnknownList::InvalidReference] {
        let world = World::that(|behaviour| behaviour.unknown_list = unknown);
        let destination = world.destination();
        let there = create(&destination, &person(1)).unwrap().id;
        let gone = one(
            &destination,
            destination.membership(&NOBODY.to_owned(), &[there], &[]),
        );
        assert_eq!(gone, Err(Failure::Gone), "{unknown:?}");
    }
}
