//! Killed after each of the requests of a batch: whoever comes next finds out what was done, does the rest, and the
//! server is as if nothing had happened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

/// What there is before.
struct Before {
    group: String,
    there: Vec<Record>,
}

fn begin(behaviour: &Behaviour) -> (World, Before) {
    let world = World::like(behaviour.clone());
    let group = world.group("Sales");
    let there = (1..=4).map(|number| world.create(&person(number)).unwrap());
    let there = there.collect();
    world.pass(6_000);
    (world, Before { group, there })
}

fn drafts() -> Vec<Draft> {
    (11..=15).map(person).collect()
}

fn patches(before: &Before) -> Vec<Patch> {
    let change = [
        ("email", Some("new@contoso.example")),
        ("group", None),
        ("phone_number", Some("+44 7700 988 001")),
    ];
    let mut unlink = patch(&before.there[1], &[("first_name", Some("Ana"))]);
    unlink.tie = Some(None);
    unlink.active = Some(false);
    vec![patch(&before.there[0], &change), unlink]
}

/// Five users are made, two changed, one deleted, and all who are there put into a group.
fn batch(world: &World, before: &Before) {
    let destination = world.destination();
    let made = one(&destination, destination.create(&drafts()));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    let written = one(&destination, destination.write(&patches(before)));
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    let doomed = &before.there[2];
    let doomed = [Doomed {
        id: doomed.id.clone(),
        guard: doomed.guard.clone(),
    }];
    assert_eq!(one(&destination, destination.delete(&doomed)), [Ok(())]);
    let made = made.into_iter().map(|record| record.unwrap().id).collect();
    join(&destination, before, made);
}

fn join(destination: &Scim<'_>, before: &Before, mut ids: Vec<String>) {
    ids.push(before.there[0].id.clone());
    ids.push(before.there[3].id.clone());
    one(
        destination,
        destination.membership(&before.group, &ids, &[]),
    )
    .unwrap();
}

/// What the kit does about the same batch, once the call that began it is dead.
fn recover(world: &World, before: &Before) {
    world.pass(6_000);
    let destination = world.destination();
    let mut ids = Vec::new();
    for draft in drafts() {
        let found = one(&destination, destination.created(&draft)).unwrap();
        let record = match found {
            Some(record) => record,
            None => create(&destination, &draft).unwrap(),
        };
        ids.push(record.id);
    }
    for change in patches(before) {
        let now = world.fetch(&change.known.id).unwrap();
        let shows = |write: &FieldWrite| field(&now, &write.name) == write.value.as_deref();
        if !change.writes.iter().all(shows) {
            let known = now.clone();
            write(&destination, &Patch { known, ..change }).unwrap();
        }
    }
    if let Some(there) = world.fetch(&before.there[2].id) {
        assert_eq!(world.delete(&there), Ok(()));
    }
    join(&destination, before, ids);
}

/// Users and members without what differs from one life to another: ids and versions.
fn account(world: &World, before: &Before) -> (Vec<Value>, Vec<String>) {
    let names = |id: &String| {
        let user = world.server.user(id).expect("a user");
        user["userName"].as_str().unwrap().to_owned()
    };
    let mut members: Vec<_> = world
        .server
        .members(&before.group)
        .iter()
        .map(names)
        .collect();
    members.sort();
    let mut users = world.server.users();
    for user in &mut users {
        for name in ["id", "meta", "madeAt"] {
            user.as_object_mut().unwrap().remove(name);
        }
    }
    users.sort_by_key(|user| user["userName"].to_string());
    (users, members)
}

#[test]
fn wherever_it_is_killed_the_next_one_ends_as_the_first_would_have() {
    let of = |change: fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    let mut points = 0;
    for behaviour in [
        of(|_| {}),
        of(|behaviour| {
            behaviour.twins = true;
            behaviour.filters = Filters::Ignored;
            behaviour.versions = false;
        }),
        of(|behaviour| {
            behaviour.twins = true;
            behaviour.patch = Patching::No;
            behaviour.filters = Filters::No;
            behaviour.page = 3;
        }),
        of(|behaviour| {
            behaviour.says = false;
            behaviour.lag_ms = 4_000;
            behaviour.joins_twice = true;
            behaviour.takes_out = TakingOut::Values;
            behaviour.tells_after_patch = false;
        }),
    ] {
        let (world, before) = begin(&behaviour);
        world.writes_left.set(Some(1_000));
        batch(&world, &before);
        let writes = 1_000 - world.writes_left.get().unwrap();
        let whole = account(&world, &before);
        assert_eq!((whole.0.len(), whole.1.len()), (8, 7), "{behaviour:?}");
        let mut killed = 0;
        for point in 0..=writes {
            let (world, before) = begin(&behaviour);
            world.writes_left.set(Some(point));
            let ended = catch_unwind(AssertUnwindSafe(|| batch(&world, &before)));
            killed += u32::from(ended.is_err());
            world.writes_left.set(None);
            world.written.borrow_mut().clear();
            recover(&world, &before);
            let what = format!("killed after {point} of {writes}: {behaviour:?}");
            assert_eq!(account(&world, &before), whole, "{what}");
        }
        assert_eq!(killed, writes, "every point but the one behind the last");
        points += killed;
    }
    println!("{points} points");
}
