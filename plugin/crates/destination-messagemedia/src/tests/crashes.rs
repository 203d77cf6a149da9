//! Killed after each of the requests of a batch: whoever comes next finds out what was done, does the rest, and the
//! account is as if nothing had happened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use destination_kit::destination::Doomed;

/// What there is before.
struct Before {
    list: String,
    there: Vec<Record>,
}

fn begin(behaviour: &Behaviour) -> (World, Before) {
    let world = World::like(behaviour.clone());
    let before = Before::of(&world);
    world.control().advance(Duration::from_secs(6));
    (world, before)
}

impl Before {
    fn of(world: &World) -> Self {
        let destination = world.destination();
        let list = one(&destination, destination.make_list("Sales", ""));
        let there = (1..=4).map(|number| create(&destination, &person(number)).unwrap());
        Self {
            list: list.unwrap().id,
            there: there.collect(),
        }
    }
}

fn drafts(before: &Before) -> Vec<Draft> {
    let draft = |number| Draft {
        lists: vec![before.list.clone()],
        ..person(number)
    };
    (11..=15).map(draft).collect()
}

fn patches(before: &Before) -> Vec<Patch> {
    let change = [
        ("email", Some("new@contoso.example")),
        ("group", None),
        ("phone_number", Some("+44 7700 988 001")),
    ];
    let mut unlink = patch(&before.there[1], &[("first_name", Some("Ana"))]);
    unlink.tie = Some(None);
    vec![patch(&before.there[0], &change), unlink]
}

/// Five contacts are made, two changed, one deleted, and two put on a list.
fn batch(world: &World, before: &Before) {
    let destination = world.destination();
    let drafts = drafts(before);
    let made = one(&destination, destination.create(&drafts));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    let written = one(&destination, destination.write(&patches(before)));
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    let doomed = [Doomed {
        id: before.there[2].id.clone(),
        guard: None,
    }];
    assert_eq!(one(&destination, destination.delete(&doomed)), [Ok(())]);
    join(&destination, before);
}

fn join(destination: &MessageMedia<'_>, before: &Before) {
    let ids: Vec<String> = [0, 3]
        .map(|place: usize| before.there[place].id.clone())
        .to_vec();
    one(destination, destination.membership(&before.list, &ids, &[])).unwrap();
}

/// What the kit does about the same batch, once the call that began it is dead.
fn recover(world: &World, before: &Before) {
    world.control().advance(Duration::from_secs(6));
    let destination = world.destination();
    for draft in drafts(before) {
        let made = one(&destination, destination.created(&draft)).unwrap();
        if made.is_none() {
            create(&destination, &draft).unwrap();
        }
    }
    for patch in patches(before) {
        let known = world.fetch(&patch.known.id).unwrap();
        write(&destination, &Patch { known, ..patch }).unwrap();
    }
    let doomed = [Doomed {
        id: before.there[2].id.clone(),
        guard: None,
    }];
    let deleted = one(&destination, destination.delete(&doomed))
        .pop()
        .unwrap();
    assert!(
        matches!(deleted, Ok(()) | Err(Failure::Gone)),
        "{deleted:?}"
    );
    join(&destination, before);
}

/// The account without what differs from one life to the next.
fn account(world: &World) -> Vec<Value> {
    let told = world.control().contacts().into_iter().map(|contact| {
        let values = contact["customFields"].as_array().unwrap().iter();
        let values: BTreeSet<String> = values
            .map(|value| format!("{}={}", value["mergeTag"], value["value"]))
            .collect();
        let lists = contact["lists"].as_array().unwrap().iter();
        let lists: Vec<&Value> = lists.map(|list| &list["name"]).collect();
        json!([contact["fullName"], contact["channels"], lists, values])
    });
    let mut told: Vec<Value> = told.collect();
    told.sort_by_key(Value::to_string);
    told
}

#[test]
fn whoever_is_killed_at_any_request_leaves_nothing_that_the_next_one_does_not_put_right() {
    for delay in [0, 4_000] {
        let behaviour = Behaviour {
            visibility_delay_ms: delay,
            ..Behaviour::default()
        };
        let (world, before) = begin(&behaviour);
        let sent = || world.control().counters();
        let (earlier, reads) = (sent().requests, world.asked("GET"));
        batch(&world, &before);
        let writes =
            u32::try_from(sent().requests - earlier - (world.asked("GET") - reads)).unwrap();
        let whole = account(&world);
        let mut killed = 0;
        for point in 0..=writes {
            let (world, before) = begin(&behaviour);
            world.writes_left.set(Some(point));
            let ended = catch_unwind(AssertUnwindSafe(|| batch(&world, &before)));
            killed += u32::from(ended.is_err());
            world.writes_left.set(None);
            recover(&world, &before);
            assert_eq!(account(&world), whole, "killed after {point} of {writes}");
        }
        assert_eq!(killed, writes, "every point but the one behind the last");
        println!("{killed} points");
    }
}
