//! A service that cannot search, and a ledger that was lost.

use super::*;

fn without_search() -> Profile {
    let mut profile = profile();
    profile.capabilities.find_by.match_key = false;
    profile
}

fn by_hand(world: &World, user: &str) -> String {
    let fields = [("email".to_owned(), address(user))];
    world.service.add(&fields.into()).unwrap()
}

fn everybody(users: &[&str]) -> Directory {
    let users = users
        .iter()
        .map(|user| ((*user).to_owned(), there(user, "A", &["L"])));
    users.collect()
}

#[test]
fn whoever_is_there_is_found_by_address_where_the_service_cannot_search() {
    let world = World::new(without_search(), 1);
    for number in 0..120 {
        by_hand(&world, &format!("user-{number}"));
    }
    let wanted = everybody(&["user-0", "user-77", "user-119", "nobody-yet"]);
    world.sync(&wanted, "1").unwrap();
    world.check(&wanted, "found by scanning");
}

#[test]
fn who_came_later_is_found_from_the_next_full_round_on() {
    let world = World::new(without_search(), 1);
    world.sync(&everybody(&["alice"]), "1").unwrap();
    let late = by_hand(&world, "bob");
    let found = |world: &World| {
        let found = world
            .store()
            .lookup(query(["bob".to_owned()].into_iter()))
            .unwrap();
        found
            .into_iter()
            .map(|contact| contact.id)
            .collect::<Vec<_>>()
    };
    assert!(found(&world).is_empty());
    world.store().open_round(SOURCE, "round", false).unwrap();
    assert_eq!(found(&world), [late]);
}

#[test]
fn a_lost_ledger_is_made_anew_from_what_the_records_tell() {
    for profile in [profile(), without_search()] {
        let world = World::new(profile, 1);
        let wanted = everybody(&["alice", "bob", "carol"]);
        world.sync(&wanted, "1").unwrap();
        world.ledger.entries().clear();
        let found = world
            .store()
            .lookup(query(["alice".to_owned()].into_iter()))
            .unwrap();
        let link = found[0].link.as_ref().unwrap();
        assert_eq!(link.object_id, "alice");
        world.sync(&wanted, "1").unwrap();
        for user in wanted.keys() {
            assert_eq!(world.records_at(user).len(), 1, "nobody twice: {user}");
        }
    }
}

#[test]
fn of_two_records_left_linked_to_one_user_one_is_theirs() {
    let world = World::new(profile(), 1);
    let wanted = everybody(&["alice"]);
    world.sync(&wanted, "1").unwrap();
    let other = World {
        ledger: MemoryLedger::of(&world.life),
        service: world.service.clone(),
        life: world.life.clone(),
        clock: world.clock.clone(),
        dice: world.dice.clone(),
    };
    // Somebody copied the record, with the hint in it.
    other.service.copy(&world.records_at("alice")[0].id);
    let store = other.store();
    store.lookup(query(std::iter::empty())).unwrap();
    let found = store
        .lookup(query(["alice".to_owned()].into_iter()))
        .unwrap();
    let linked = found.iter().filter(|contact| contact.link.is_some());
    assert_eq!((found.len(), linked.count()), (2, 1));
}

#[test]
fn who_vanished_from_the_service_is_made_again_and_a_list_that_vanished_too() {
    let world = World::new(profile(), 1);
    let wanted = everybody(&["alice", "bob"]);
    world.sync(&wanted, "1").unwrap();
    world.service.remove(&world.records_at("alice")[0].id);
    world.service.remove_list("L");
    world.sync(&wanted, "2").unwrap();
    for user in wanted.keys() {
        let records = world.records_at(user);
        assert_eq!(
            (records.len(), records[0].lists.iter().flatten().count()),
            (1, 1),
            "{user}"
        );
    }
}

#[test]
fn whom_a_person_takes_off_a_list_is_seen_as_off_it() {
    let world = World::new(profile(), 1);
    world.sync(&everybody(&["alice"]), "1").unwrap();
    world
        .service
        .take_off_lists(&world.records_at("alice")[0].id);
    let found = world
        .store()
        .lookup(query(["alice".to_owned()].into_iter()))
        .unwrap();
    assert!(found[0].lists.is_empty());
}
