//! "Edited since", for every effect of a run and everything that can come after it: the undo of a run is
//! compared with an oracle that knows the README's sentences and four pictures of the store, and nothing
//! of how the connector works.

use std::collections::{BTreeMap, BTreeSet};

use host_harness::contract::{
    Change, Commit, ContactList, Effect, JournalEntry, Membership, Outcome, PlanEntry,
    Precondition, Query, Run, RunMode, Update, Who,
};
use serde_json::{Value, json};

use super::{keep, plan_undo, undo};
use crate::world::snapshot::{ContactSnapshot, Snapshot};
use crate::world::{World, object_id, person_with};

/// What the run does to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Create,
    /// A contact that was made by hand, with the person's address.
    Link,
    /// The contact that was the person's until it was unlinked.
    LinkAgain,
    Update,
    Move,
    /// The department is emptied: off the list, and on no other.
    OffList,
    Blank,
    Deactivate,
    Reactivate,
    Unlink,
    Delete,
}

const FIRSTS: [First; 11] = [
    First::Create,
    First::Link,
    First::LinkAgain,
    First::Update,
    First::Move,
    First::OffList,
    First::Blank,
    First::Deactivate,
    First::Reactivate,
    First::Unlink,
    First::Delete,
];

/// What happens to them afterwards, and in which sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Nothing,
    /// The directory changes the same field.
    SameField,
    /// The directory changes another field.
    OtherField,
    /// Somebody edits the same field here.
    EditedHere,
    Move,
    MoveAndBack,
    Disabled,
    DisabledAndEnabled,
    LeavesScope,
    LeavesScopeAndReturns,
    Deleted,
    DeletedAndRestored,
    /// Somebody makes a contact with their address.
    MadeHere,
}

const THENS: [Then; 13] = [
    Then::Nothing,
    Then::SameField,
    Then::OtherField,
    Then::EditedHere,
    Then::Move,
    Then::MoveAndBack,
    Then::Disabled,
    Then::DisabledAndEnabled,
    Then::LeavesScope,
    Then::LeavesScopeAndReturns,
    Then::Deleted,
    Then::DeletedAndRestored,
    Then::MadeHere,
];

/// Everybody: one person for each first and each then.
fn cases() -> impl Iterator<Item = (u32, First, Then)> {
    let pairs = FIRSTS
        .into_iter()
        .flat_map(|first| THENS.into_iter().map(move |then| (first, then)));
    (1..)
        .zip(pairs)
        .map(|(id, (first, then))| (id, first, then))
}

fn address(id: u32) -> String {
    format!("given.number{id}@contoso.example")
}

fn somebody(id: u32, otherwise: Value) -> Value {
    person_with(id, "Given", &format!("Number{id}"), otherwise)
}

/// The store, with whose each unlinked contact was.
struct Moment {
    contacts: Snapshot,
    former: BTreeMap<String, String>,
}

fn moment(world: &World) -> Moment {
    let users = cases().map(|(id, ..)| object_id(id)).collect();
    let found = world
        .store
        .lookup(Query {
            source: format!("entra:{}", world.tenant_id()),
            object_ids: users,
            match_keys: Vec::new(),
            contacts: Vec::new(),
            fields: Vec::new(),
        })
        .unwrap();
    let former = found
        .into_iter()
        .filter_map(|contact| Some((contact.id, contact.former?)));
    Moment {
        contacts: world.snapshot(),
        former: former.collect(),
    }
}

async fn begin() -> World {
    let sync = json!({
        "preset": "mirror", "removed": "delete", "leftScope": "unlink", "disabled": "deactivate",
        "list": { "perAttribute": "department" },
        "filters": { "userType": "Member" },
        "mapping": {
            "givenName": "first_name", "surname": "last_name", "mail": "email",
            "jobTitle": "job_title", "companyName": "company",
        },
        "limits": {
            "removals": { "count": 1000, "percent": 100, "floor": 1000 },
            "blanks": { "count": 1000, "percent": 100, "floor": 1000 },
        },
    });
    let there = cases()
        .filter(|(_, first, _)| !matches!(first, First::Create | First::Link))
        .map(|(id, ..)| somebody(id, json!({})))
        .collect();
    let world = World::with(there, sync).begin().await;
    world.sync().await;
    let control = world.control();
    for (id, first, _) in cases() {
        match first {
            First::Link => {
                world.add_contact(&[("email", &address(id)), ("job_title", "By hand")]);
            }
            First::LinkAgain => {
                let guest = json!({ "userType": "Guest" });
                control.edit_user(&object_id(id), guest).unwrap();
            }
            First::Reactivate => {
                control.disable_user(&object_id(id)).unwrap();
            }
            _ => {}
        }
    }
    world.sync().await;
    world
}

/// The directory as the run is to find it.
fn first(world: &World) {
    let control = world.control();
    let edit = |id: u32, change: Value| {
        control.edit_user(&object_id(id), change).unwrap();
    };
    for (id, first, _) in cases() {
        match first {
            First::Create | First::Link => {
                control.add_user(somebody(id, json!({}))).unwrap();
            }
            First::LinkAgain => edit(id, json!({ "userType": "Member", "jobTitle": "Again" })),
            First::Update => edit(id, json!({ "jobTitle": "First" })),
            First::Move => edit(id, json!({ "department": "Support" })),
            First::OffList => edit(id, json!({ "department": null })),
            First::Blank => edit(id, json!({ "jobTitle": null })),
            First::Deactivate => edit(id, json!({ "accountEnabled": false })),
            First::Reactivate => edit(id, json!({ "accountEnabled": true })),
            First::Unlink => edit(id, json!({ "userType": "Guest" })),
            First::Delete => {
                control.delete_user(&object_id(id)).unwrap();
            }
        }
    }
}

/// What comes after it, in two syncs.
async fn then(world: &World, left: &Snapshot) {
    for second in [false, true] {
        for (id, first, then) in cases() {
            let user = object_id(id);
            let is_there = world.control().user(&user).is_some();
            let edit = |change: Value| {
                if is_there {
                    world.control().edit_user(&user, change).unwrap();
                }
            };
            match (then, second) {
                (Then::SameField, false) => edit(json!({ "jobTitle": "Then" })),
                (Then::OtherField, false) => edit(json!({ "companyName": "Then" })),
                (Then::EditedHere, false) => {
                    let here = left
                        .iter()
                        .find(|(_, contact)| contact.fields.get("email") == Some(&address(id)));
                    if let Some((contact, _)) = here {
                        let store = &world.store;
                        store
                            .edit_field(contact, "job_title", Some("Here"))
                            .unwrap();
                    }
                }
                (Then::Move | Then::MoveAndBack, false) => edit(json!({ "department": "Board" })),
                (Then::MoveAndBack, true) => {
                    let department = match first {
                        First::Move => json!("Support"),
                        First::OffList => Value::Null,
                        _ => json!("Sales"),
                    };
                    edit(json!({ "department": department }));
                }
                (Then::Disabled | Then::DisabledAndEnabled, false) => {
                    edit(json!({ "accountEnabled": false }));
                }
                (Then::DisabledAndEnabled, true) => edit(json!({ "accountEnabled": true })),
                (Then::LeavesScope | Then::LeavesScopeAndReturns, false) => {
                    edit(json!({ "userType": "Guest" }));
                }
                (Then::LeavesScopeAndReturns, true) => edit(json!({ "userType": "Member" })),
                (Then::Deleted | Then::DeletedAndRestored, false) if is_there => {
                    world.control().delete_user(&user).unwrap();
                }
                (Then::DeletedAndRestored, true) => {
                    world.control().restore_user(&user).unwrap();
                }
                (Then::MadeHere, false) => {
                    world.add_contact(&[("email", &address(id))]);
                }
                _ => {}
            }
        }
        world.sync().await;
    }
}

/// What a part is to be: put back where it is as the run left it, else as it is.
fn part<T: Clone + PartialEq>(before: &T, left: &T, now: &T) -> T {
    if now == left {
        before.clone()
    } else {
        now.clone()
    }
}

/// A contact of which there were pictures before the run, after it, and now; `None` where there is none.
fn expected(id: &str, before: &Moment, left: &Moment, now: &Moment) -> Option<ContactSnapshot> {
    let was = before.contacts.get(id);
    let made = left.contacts.get(id);
    let is = now.contacts.get(id);
    let others = |user: &String, address: Option<&String>| {
        now.contacts.iter().any(|(other, contact)| {
            let former = now.former.get(other);
            let nobodys = contact.user.is_none() && former.is_none();
            other != id
                && (contact.user.as_ref() == Some(user)
                    || former == Some(user)
                    || (nobodys && address.is_some() && contact.fields.get("email") == address))
        })
    };
    match (was, made, is) {
        (None, None, is) => is.cloned(),
        (None, Some(made), Some(is)) if made.version == is.version => None,
        (None, Some(_), is) => is.cloned(),
        (Some(was), None, None) => {
            let user = was.user.as_ref().unwrap();
            let address = was.fields.get("email");
            (!others(user, address)).then(|| was.clone())
        }
        (Some(_), _, None) => None,
        (Some(_), None, Some(is)) => Some(is.clone()),
        (Some(was), Some(made), Some(is)) => {
            let stays = is.user == made.user || is.user == was.user;
            let taken = was
                .user
                .as_ref()
                .is_some_and(|user| made.user.is_none() && others(user, None));
            let has_lost_it = is.user.is_none() && made.user.is_some();
            if !stays || taken || has_lost_it || was.version == made.version {
                return Some(is.clone());
            }
            let mut back = ContactSnapshot {
                user: part(&was.user, &made.user, &is.user),
                active: part(&was.active, &made.active, &is.active),
                lists: part(&was.lists, &made.lists, &is.lists),
                ..is.clone()
            };
            let names: BTreeSet<_> = [was, made, is]
                .iter()
                .flat_map(|contact| contact.fields.keys())
                .collect();
            back.fields = names
                .into_iter()
                .filter_map(|name| {
                    let of = |contact: &ContactSnapshot| contact.fields.get(name).cloned();
                    Some((name.clone(), part(&of(was), &of(made), &of(is))?))
                })
                .collect();
            let loses = (is.user.is_some() && back.user.is_none()) || (is.active && !back.active);
            let joins = back.lists.iter().any(|list| !is.lists.contains(list));
            if loses {
                back.lists.clear();
            } else if joins && !(back.active && back.user.is_some()) && is.version != made.version {
                back.lists.clone_from(&is.lists);
            }
            Some(back)
        }
    }
}

/// Without what is the store's and the connector's own.
fn bare(contact: &ContactSnapshot) -> ContactSnapshot {
    ContactSnapshot {
        base: BTreeMap::new(),
        version: 0,
        ..contact.clone()
    }
}

/// What a run did to each contact, as one entry of a plan would tell it.
fn done(world: &World, run: &Run) -> BTreeMap<(String, Option<String>), Vec<JournalEntry>> {
    let source = format!("entra:{}", world.tenant_id());
    let mut done: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in world
        .store
        .run_journal(&source, &run.id, None, 10_000)
        .unwrap()
    {
        // Of a contact that did not exist before, a plan cannot tell the id.
        let contact = Some(entry.contact.clone())
            .filter(|_| entry.what.effect != Effect::Create || entry.what.reason == "undo");
        done.entry((entry.what.object_id.clone(), contact))
            .or_default()
            .push(entry);
    }
    done
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

/// Every entry of the plan, against what the run wrote into the journal.
fn assert_told_all(world: &World, planned: &[PlanEntry], run: &Run) {
    let mut done = done(world, run);
    assert_eq!(planned.len(), done.len());
    for entry in planned {
        let key = (entry.what.object_id.clone(), entry.contact.clone());
        let mut of_user = done
            .remove(&key)
            .unwrap_or_else(|| panic!("not done: {entry:?}"));
        // Emptied fields come last, in a change of their own.
        of_user.reverse();
        let effect = of_user.first().unwrap().what.effect;
        assert_eq!(entry.what.effect, effect, "{entry:?}");
        let joins = of_user
            .iter()
            .flat_map(|done| done.what.joins.clone())
            .collect();
        let leaves = of_user
            .iter()
            .flat_map(|done| done.what.leaves.clone())
            .collect();
        assert_eq!(sorted(entry.what.joins.clone()), sorted(joins), "{entry:?}");
        assert_eq!(
            sorted(entry.what.leaves.clone()),
            sorted(leaves),
            "{entry:?}"
        );
        // A deletion takes all that the contact holds, also what the connector does not know.
        if effect != Effect::Delete {
            let planned: BTreeMap<_, _> = entry
                .what
                .fields
                .iter()
                .map(|field| (&field.field, (&field.before, &field.after)))
                .collect();
            let written: BTreeMap<_, _> = of_user
                .iter()
                .flat_map(|done| &done.what.fields)
                .map(|field| (&field.field, (&field.before, &field.after)))
                .collect();
            assert_eq!(planned, written, "{entry:?}");
        }
        let evidence: Vec<_> = of_user
            .iter()
            .filter_map(|done| done.what.evidence.clone())
            .collect();
        assert_eq!(
            format!("{:?}", entry.what.evidence.iter().collect::<Vec<_>>()),
            format!("{:?}", evidence.iter().collect::<Vec<_>>()),
            "{entry:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_that_nobody_changed_since_goes_back_and_every_other_stays() {
    let world = begin().await;
    let before = moment(&world);
    first(&world);
    let summary = world.plan(RunMode::Incremental).await;
    let planned = world.planned();
    keep(&world, &summary);
    let run = world.sync().await;
    assert_eq!(run.counts.failed, 0, "{run:?}");
    assert_told_all(&world, &planned, &run);
    let left = moment(&world);
    then(&world, &left.contacts).await;
    let now = moment(&world);

    let plan = plan_undo(&world, &run).await;
    let planned = world.planned_under(&plan.digest);
    let undone = undo(&world, &run, &plan.digest).await;
    assert_eq!(undone.counts.failed, 0, "{undone:?}");
    assert_told_all(&world, &planned, &undone);
    let after = moment(&world);

    let all: BTreeSet<_> = [&before, &left, &now, &after]
        .iter()
        .flat_map(|moment| moment.contacts.keys())
        .collect();
    let mut wrong = Vec::new();
    for id in all {
        let expected = expected(id, &before, &left, &now);
        let found = after.contacts.get(id);
        if expected.as_ref().map(bare) != found.map(bare) {
            let pictures = [&before, &left, &now].map(|moment| moment.contacts.get(id));
            let user = pictures
                .iter()
                .flatten()
                .find_map(|contact| contact.fields.get("email"))
                .cloned();
            let case = cases().find(|(id, ..)| user.as_ref() == Some(&address(*id)));
            wrong.push(format!(
                "{case:?} contact {id}\n  before, left, now: {pictures:#?}\n  expected: {expected:#?}\n  \
                 found: {found:#?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong: {}",
        wrong.len(),
        wrong.join("\n")
    );

    // Whoever is inactive is on no list once everybody was read.
    world.full_sync().await;
    for contact in world.contacts() {
        assert!(contact.active || contact.lists.is_empty(), "{contact:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_was_deactivated_since_is_put_on_no_list() {
    let sync = json!({ "preset": "mirror", "removed": "deactivate",
        "list": { "perAttribute": "department" } });
    let world = World::with(crate::world::people(5), sync).begin().await;
    world.sync().await;
    let moved = json!({ "department": "Support" });
    world.control().edit_user(&object_id(3), moved).unwrap();
    let run = world.sync().await;
    world.control().delete_user(&object_id(3)).unwrap();
    world.sync().await;
    let plan = plan_undo(&world, &run).await;
    undo(&world, &run, &plan.digest).await;
    let contact = world.contact_of(3).unwrap();
    assert!(!contact.active);
    assert_eq!(contact.lists, [""; 0]);
    world.full_sync().await;
    assert_eq!(world.contact_of(3).unwrap().lists, [""; 0]);
}

/// Puts an inactive contact on a list of the connector, as an earlier version may have left it.
fn put_on_list(world: &World, id: u32, list: &str) {
    let contact = world.contact_of(id).unwrap();
    let change = Update {
        contact: Precondition {
            contact: contact.id,
            version: contact.version,
        },
        object_id: object_id(id),
        writes: Vec::new(),
        base: None,
        membership: Membership {
            join: vec![ContactList {
                name: list.to_owned(),
                description: String::new(),
            }],
            leave: Vec::new(),
        },
        active: None,
        directory: Vec::new(),
        reason: "directory-changed".to_owned(),
    };
    let commit = Commit {
        source: format!("entra:{}", world.tenant_id()),
        run: None,
        changes: vec![Change::Update(change)],
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    };
    let outcomes = world.store.apply(commit).unwrap();
    assert!(
        matches!(outcomes[..], [Outcome::Applied(_)]),
        "{outcomes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sync_takes_an_inactive_contact_off_the_lists_and_the_plan_says_so() {
    let sync = json!({ "preset": "mirror", "removed": "deactivate", "disabled": "deactivate" });
    let world = World::with(crate::world::people(5), sync).begin().await;
    world.sync().await;
    // One of them is gone, the other is there and disabled.
    world.control().delete_user(&object_id(2)).unwrap();
    world.control().disable_user(&object_id(3)).unwrap();
    world.sync().await;
    for id in [2, 3] {
        put_on_list(&world, id, "Left behind");
    }
    let plan = world.plan(RunMode::Full).await;
    let planned = world.planned();
    assert_eq!(planned.len(), 2, "{plan:?}");
    for entry in &planned {
        assert_eq!(entry.what.leaves, ["Left behind"], "{entry:?}");
        assert_eq!(entry.what.reason, "already-inactive", "{entry:?}");
    }
    let run = world.full_sync().await;
    assert_told_all(&world, &planned, &run);
    for id in [2, 3] {
        assert_eq!(world.contact_of(id).unwrap().lists, [""; 0]);
    }
    assert_eq!(world.full_sync().await.counts.updated, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_second_contact_from_an_undo() {
    for ending in ["unlink", "keep"] {
        let sync = json!({ "preset": "mirror", "removed": ending });
        let world = World::with(crate::world::people(5), sync).begin().await;
        let made = world.sync().await;
        let plan = plan_undo(&world, &made).await;
        let unmade = undo(&world, &made, &plan.digest).await;
        world.sync().await;
        world.control().delete_user(&object_id(3)).unwrap();
        world.sync().await;
        let plan = plan_undo(&world, &unmade).await;
        let skipped = plan.skips.iter().find(|skip| skip.reason == "edited-since");
        assert_eq!(
            skipped.map(|skip| skip.count),
            Some(5),
            "{ending}: {plan:?}"
        );
        undo(&world, &unmade, &plan.digest).await;
        assert_eq!(world.contacts().len(), 5, "{ending}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_undo_of_a_wrong_match_the_contact_is_anybodys_again() {
    let mut users = crate::world::people(2);
    users.push(somebody(3, json!({ "mail": "team@contoso.example" })));
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    let contact = world.add_contact(&[("email", "team@contoso.example")]);
    let run = world.sync().await;
    assert_eq!(world.contact_of(3).unwrap().id, contact);
    let plan = plan_undo(&world, &run).await;
    undo(&world, &run, &plan.digest).await;
    // The directory puts right who has the address.
    let control = world.control();
    let own = json!({ "mail": address(3) });
    control.edit_user(&object_id(3), own).unwrap();
    let team = json!({ "mail": "team@contoso.example" });
    control.edit_user(&object_id(1), team).unwrap();
    world.sync().await;
    assert_eq!(world.contact_of(1).unwrap().id, contact);
    assert_ne!(world.contact_of(3).unwrap().id, contact);
    let source = format!("entra:{}", world.tenant_id());
    let told = world
        .store
        .journal(&source, &Who::Contact(contact), 10)
        .unwrap();
    assert_eq!(told.len(), 3, "linked, taken back, linked: {told:?}");
}
