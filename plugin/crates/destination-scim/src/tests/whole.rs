//! The store that a connector has of a server: the kit with its ledger over this destination, by a connector in
//! miniature that wants everybody to be as a directory has them. It is killed after each request that writes, and
//! whoever comes next heals what it left.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use destination_kit::contract::{
    Change, Commit, Contact, ContactList, Create, Evidence, Field, LinkContact, Membership,
    Outcome, Precondition, Query, Removal, RemovalKind, StoreError, Update,
};
use destination_kit::testing::{Dice, Life, MemoryLedger};
use destination_kit::{Retention, Store};

use super::*;

/// A clock that a store can own.
struct At(u64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0)
    }

    fn sleep(&self, _: Duration) {}
}

/// How somebody is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// In this department, which is a group, too.
    There(&'static str),
    Inactive,
    Deleted,
    /// As they are, and nobody's.
    Unlinked,
}

type Directory = BTreeMap<u32, Wanted>;

fn before() -> Directory {
    let there = [
        (1, "Sales"),
        (2, "Sales"),
        (3, "Support"),
        (4, "Support"),
        (5, "Sales"),
    ];
    there
        .into_iter()
        .map(|(number, department)| (number, Wanted::There(department)))
        .collect()
}

/// Moves, deactivates, deletes, unlinks, leaves as it is, makes, and links the one whom somebody has made.
fn after() -> Directory {
    let others = [
        (1, Wanted::There("Support")),
        (2, Wanted::Inactive),
        (3, Wanted::Deleted),
        (4, Wanted::Unlinked),
        (6, Wanted::There("Sales")),
        (7, Wanted::There("Board")),
        (8, Wanted::There("Sales")),
    ];
    let mut directory = before();
    directory.extend(others);
    directory
}

fn fields(number: u32, department: &str) -> Vec<Field> {
    let draft = person(number);
    let fields = draft.fields.into_iter();
    fields
        .map(|(name, value)| Field {
            value: if name == "group" {
                department.to_owned()
            } else {
                value
            },
            name,
        })
        .collect()
}

fn address(number: u32) -> String {
    format!("person{number}@contoso.example")
}

fn list(name: &str) -> ContactList {
    ContactList {
        name: name.to_owned(),
        description: String::new(),
    }
}

fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

fn change(number: u32, wanted: &Wanted, found: &[Contact]) -> Option<Change> {
    let user = tie(number).object_id;
    let is_theirs = |contact: &&Contact| {
        contact
            .link
            .as_ref()
            .is_some_and(|link| link.object_id == user)
    };
    let linked = found.iter().find(is_theirs);
    let Wanted::There(department) = wanted else {
        let contact = linked?;
        let kind = match wanted {
            Wanted::Deleted => RemovalKind::Delete,
            Wanted::Unlinked => RemovalKind::Unlink,
            Wanted::Inactive if !contact.active => return None,
            Wanted::Inactive | Wanted::There(_) => RemovalKind::Deactivate,
        };
        return Some(Change::Remove(Removal {
            contact: precondition(contact),
            object_id: user,
            kind,
            evidence: Evidence::NotFoundAnywhere,
            reason: "gone".to_owned(),
        }));
    };
    let wanted = fields(number, department);
    let writes = |contact: &Contact| {
        let differing = wanted
            .iter()
            .filter(|field| !contact.fields.contains(field));
        differing
            .map(|field| FieldWrite {
                name: field.name.clone(),
                value: Some(field.value.clone()),
            })
            .collect::<Vec<_>>()
    };
    let membership = |contact: &Contact| Membership {
        join: match contact.lists.iter().any(|name| name == department) {
            true => Vec::new(),
            false => vec![list(department)],
        },
        leave: contact
            .lists
            .iter()
            .filter(|name| name != department)
            .cloned()
            .collect(),
    };
    if let Some(contact) = linked {
        let (writes, membership) = (writes(contact), membership(contact));
        let is_same =
            writes.is_empty() && membership.join.is_empty() && membership.leave.is_empty();
        return (!is_same).then(|| {
            Change::Update(Update {
                contact: precondition(contact),
                object_id: user,
                writes,
                base: Some(wanted.clone()),
                membership,
                active: Some(true),
                reason: "changed".to_owned(),
                directory: Vec::new(),
            })
        });
    }
    let is_free = |contact: &&Contact| {
        let email = contact.fields.iter().find(|field| field.name == "email");
        contact.link.is_none() && email.is_some_and(|email| email.value == address(number))
    };
    Some(match found.iter().find(is_free) {
        Some(contact) => Change::Link(LinkContact {
            contact: precondition(contact),
            object_id: user,
            writes: writes(contact),
            base: wanted.clone(),
            membership: membership(contact),
            active: Some(true),
            reason: "matched".to_owned(),
        }),
        None => Change::Create(Create {
            object_id: user,
            fields: wanted.clone(),
            base: wanted.clone(),
            active: true,
            lists: vec![list(department)],
            reason: "new-user".to_owned(),
        }),
    })
}

/// One call of the connector.
fn sync(
    world: &World,
    ledger: &MemoryLedger,
    directory: &Directory,
) -> Result<Vec<Outcome>, StoreError> {
    let clock = Box::new(At(world.now()));
    let dice = Box::new(Dice::of(7));
    let retention = Retention::default();
    let store = Store::new(world.destination(), ledger.clone(), clock, dice, retention);
    store.describe()?;
    let asked = Query {
        source: SOURCE.to_owned(),
        object_ids: directory
            .keys()
            .map(|number| tie(*number).object_id)
            .collect(),
        match_keys: directory.keys().map(|number| address(*number)).collect(),
        contacts: Vec::new(),
        fields: fields(1, "").into_iter().map(|field| field.name).collect(),
    };
    let found = store.lookup(asked)?;
    let changes: Vec<_> = directory
        .iter()
        .filter_map(|(number, wanted)| change(*number, wanted, &found))
        .collect();
    store.apply(Commit {
        source: SOURCE.to_owned(),
        run: Some("run".to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    })
}

/// Users by name, without what differs from one life to another; and names of members by group.
fn account(world: &World) -> (Vec<Value>, BTreeMap<String, Vec<String>>) {
    let mut users = world.server.users();
    let name_of = |id: &String| {
        let user = world.server.user(id);
        user.map_or(id.clone(), |user| {
            user["userName"].as_str().unwrap().to_owned()
        })
    };
    let groups = world.server.group_names().into_iter();
    let groups = groups.map(|(id, name)| {
        let mut members: Vec<_> = world.server.members(&id).iter().map(name_of).collect();
        members.sort();
        (name, members)
    });
    let groups = groups.collect();
    for user in &mut users {
        for name in ["id", "meta", "madeAt"] {
            user.as_object_mut().unwrap().remove(name);
        }
    }
    users.sort_by_key(|user| user["userName"].to_string());
    (users, groups)
}

fn begun(behaviour: &Behaviour) -> (World, MemoryLedger) {
    let world = World::like(behaviour.clone());
    let ledger = MemoryLedger::of(&Life::default());
    // Somebody whom people have made, and who is linked by the address.
    let by_hand = json!({"emails": [{"value": address(8), "type": "work"}]});
    world.stranger("by.hand@contoso.example", by_hand);
    world.pass(6_000);
    let outcomes = sync(&world, &ledger, &before()).unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Applied(_))),
        "{outcomes:?}"
    );
    world.pass(6_000);
    (world, ledger)
}

fn behaviours() -> Vec<Behaviour> {
    let of = |change: fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    vec![
        of(|_| {}),
        of(|behaviour| {
            // As scimmy-routers on Express 5.
            behaviour.versions = false;
            behaviour.stuck = true;
            behaviour.page = 3;
            behaviour.joins_twice = true;
        }),
        of(|behaviour| {
            behaviour.patch = Patching::No;
            behaviour.versions = false;
            behaviour.filters = Filters::Ignored;
            behaviour.twins = true;
        }),
        of(|behaviour| {
            behaviour.says = false;
            behaviour.lag_ms = 4_000;
            behaviour.twins = true;
            behaviour.filters = Filters::OneTerm;
            behaviour.takes_out = TakingOut::Values;
            behaviour.tells_after_patch = false;
        }),
    ]
}

#[test]
fn everybody_is_as_the_directory_has_them_and_a_second_look_changes_nothing() {
    for behaviour in behaviours() {
        let (world, ledger) = begun(&behaviour);
        let outcomes = sync(&world, &ledger, &after()).unwrap();
        assert_eq!(outcomes.len(), 7, "{outcomes:?}");
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Outcome::Applied(_))),
            "{outcomes:?}"
        );
        let (users, groups) = account(&world);
        assert_eq!(users.len(), 7, "{behaviour:?}");
        let members = |numbers: &[u32]| {
            numbers
                .iter()
                .map(|number| address(*number))
                .collect::<Vec<_>>()
        };
        let mut sales = members(&[5, 6]);
        sales.insert(0, "person8@contoso.example".to_owned());
        sales.sort();
        assert_eq!(groups["Sales"], sales, "{behaviour:?}");
        assert_eq!(groups["Support"], members(&[1]), "{behaviour:?}");
        assert_eq!(groups["Board"], members(&[7]), "{behaviour:?}");
        world.pass(6_000);
        assert_eq!(
            sync(&world, &ledger, &after()),
            Ok(Vec::new()),
            "{behaviour:?}"
        );
        assert_eq!(account(&world), (users, groups));
    }
}

#[test]
fn wherever_it_is_killed_the_next_syncs_heal_it() {
    let mut points = 0;
    for behaviour in behaviours() {
        let (world, ledger) = begun(&behaviour);
        world.writes_left.set(Some(1_000));
        sync(&world, &ledger, &after()).unwrap();
        let writes = 1_000 - world.writes_left.get().unwrap();
        let whole = account(&world);
        for point in 0..writes {
            let (world, ledger) = begun(&behaviour);
            world.writes_left.set(Some(point));
            let ended = catch_unwind(AssertUnwindSafe(|| sync(&world, &ledger, &after())));
            assert!(ended.is_err(), "it was killed");
            world.writes_left.set(None);
            world.written.borrow_mut().clear();
            world.pass(6_000);
            let what = format!("killed after {point} of {writes}: {behaviour:?}");
            for turn in 0..3 {
                let outcomes = sync(&world, &ledger, &after()).unwrap();
                world.pass(6_000);
                assert!(outcomes.is_empty() || turn < 2, "{what}: {outcomes:?}");
            }
            assert_eq!(account(&world), whole, "{what}");
            let entries = ledger.entries();
            let open = entries.keys().find(|key| key.starts_with("i/"));
            assert_eq!(open, None, "{what}");
            points += 1;
        }
    }
    println!("{points} points");
    assert!(points > 40, "{points}");
}
