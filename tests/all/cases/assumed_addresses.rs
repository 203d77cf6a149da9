//! Addresses that stand on what a change feed leaves out. A feed leaves out what was never set, so that
//! a user name that stands in for a mail address is only taken for the address; where that matters,
//! the person is asked for, in the same run.
//!
//! The oracle is the full sync: an incremental one leaves every contact exactly as a full one would.

use std::collections::BTreeSet;

use host_harness::contract::{Effect, RunMode, RunStatus};
use serde_json::{Value, json};

use crate::world::snapshot::assert_came_true;
use crate::world::{World, object_id, people, person_with};

const SOURCES: [&str; 4] = ["mail", "otherMails", "proxyAddresses", "userPrincipalName"];

/// What a source can hold; `N` is the person's number.
fn states(source: &str) -> Vec<Value> {
    match source {
        "mail" => vec![
            json!(null),
            json!("mail.N@contoso.example"),
            json!("new.N@contoso.example"),
        ],
        "otherMails" => vec![
            json!([]),
            json!(["home.N@a.example", "more.N@b.example"]),
            json!(["more.N@b.example", "home.N@a.example"]),
        ],
        "proxyAddresses" => vec![
            json!([]),
            json!(["smtp:old.N@contoso.example"]),
            json!(["smtp:old.N@contoso.example", "SMTP:main.N@contoso.example"]),
        ],
        _ => vec![
            json!("user.N@contoso.example"),
            json!("renamed.N@contoso.example"),
            json!("guest.N_partner.example#EXT#@contoso.onmicrosoft.com"),
            json!("guestN#EXT#@contoso.onmicrosoft.com"),
        ],
    }
}

/// A state of all the sources, by the place of each in its [`states`].
type Place = [usize; 4];

fn places() -> Vec<Place> {
    let mut places = vec![[0; 4]];
    for (position, source) in SOURCES.iter().enumerate() {
        let states = states(source).len();
        places = places
            .into_iter()
            .flat_map(|place| {
                (0..states).map(move |state| {
                    let mut place = place;
                    place[position] = state;
                    place
                })
            })
            .collect();
    }
    places
}

fn stated(id: u32, place: Place) -> Value {
    let sources = SOURCES.iter().zip(place);
    let all = sources
        .map(|(source, state)| (format!("{source:?}"), states(source).swap_remove(state)))
        .map(|(source, state)| format!("{source}:{state}"))
        .collect::<Vec<_>>()
        .join(",");
    let all = format!("{{{all}}}").replace("N@", &format!("{id}@"));
    let all = all
        .replace("N_", &format!("{id}_"))
        .replace("N#", &format!("{id}#"));
    serde_json::from_str(&all).unwrap()
}

/// Every single and double change of the sources from every state: before and after.
fn changes() -> Vec<(Place, Place)> {
    let differ = |from: &Place, to: &Place| from.iter().zip(to).filter(|(a, b)| a != b).count();
    let places = places();
    let mut changes = Vec::new();
    for from in &places {
        for to in &places {
            if (1..=2).contains(&differ(from, to)) {
                changes.push((*from, *to));
            }
        }
    }
    changes
}

/// Every order of every number of sources.
fn orders() -> Vec<Vec<&'static str>> {
    let mut orders: Vec<Vec<&'static str>> = vec![Vec::new()];
    let mut all = Vec::new();
    for _ in SOURCES {
        orders = orders
            .iter()
            .flat_map(|order| {
                let left = SOURCES.iter().filter(|source| !order.contains(source));
                left.map(|source| [order.clone(), vec![*source]].concat())
            })
            .collect();
        all.extend(orders.clone());
    }
    all
}

fn presets() -> [Value; 4] {
    let patient = json!({
        "removals": { "count": 10_000, "percent": 100, "floor": 10_000 },
        "blanks": { "count": 10_000, "percent": 100, "floor": 10_000 },
    });
    [
        json!({ "preset": "additive", "limits": patient }),
        json!({ "preset": "mirror", "limits": patient }),
        // The address is not only that of the first day.
        json!({
            "preset": "lifecycle", "limits": patient,
            "mapping": { "displayName": "display_name", "mail": { "field": "email", "onlyOnCreate": false } },
        }),
        json!({
            "preset": "messaging", "limits": patient,
            "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email" },
        }),
    ]
}

/// Lives through some of the changes under one configuration, each with a person of its own.
async fn incremental_equals_full(sync: Value, changes: &[(Place, Place)]) {
    let told = sync.to_string();
    let numbered = || (1..).zip(changes);
    let users = numbered()
        .map(|(id, (from, _))| person_with(id, "Given", &format!("Number{id}"), stated(id, *from)))
        .collect();
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    for (id, (_, to)) in numbered() {
        let control = world.control();
        control.edit_user(&object_id(id), stated(id, *to)).unwrap();
    }
    let before = world.snapshot();
    world.plan(RunMode::Incremental).await;
    let planned = world.planned();
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental, "{told}");
    assert_eq!(run.counts.failed, 0, "{told}: {run:?}");
    let after = world.snapshot();
    assert_came_true(&before, &planned, &after);

    let full = world.full_sync().await;
    for (contact, left) in world.snapshot() {
        assert_eq!(
            Some(&left),
            after.get(&contact),
            "{told}: a full sync did otherwise"
        );
    }
    let counts = &full.counts;
    assert_eq!(
        (counts.created, counts.updated, counts.removed),
        (0, 0, 0),
        "{told}"
    );

    world.control().clear_requests();
    world.sync().await;
    let asked = world.control().overview().counters.requests;
    assert!(
        asked <= 2,
        "{told}: {asked} requests where nothing has changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incremental_sync_leaves_every_address_as_a_full_one_would() {
    let changes = changes();
    let orders = orders();
    assert_eq!((places().len(), orders.len()), (108, 64));
    // Each preset sees every change, under some of the orders; the core's own tests try them all.
    let some = 13;
    for (number, preset) in presets().into_iter().enumerate() {
        let portions = changes.chunks(changes.len().div_ceil(some));
        for (order, portion) in orders.iter().skip(number).step_by(5).zip(portions) {
            let mut sync = preset.clone();
            sync["addresses"] = json!(order);
            incremental_equals_full(sync, portion).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_name_is_seen_at_once_where_there_never_was_a_mail_address() {
    for preset in ["mirror", "lifecycle"] {
        let kim = json!({
            "id": object_id(1),
            "userPrincipalName": "kim@contoso.example",
            "givenName": "Kim",
            "surname": "Example",
            "accountEnabled": true,
        });
        let mut sync = json!({ "preset": preset });
        if preset == "lifecycle" {
            sync["mapping"] = json!({ "surname": "last_name", "mail": { "field": "email", "onlyOnCreate": false } });
        }
        let world = World::with(vec![kim], sync).begin().await;
        world.sync().await;
        assert_eq!(world.field_of(1, "email").unwrap(), "kim@contoso.example");
        let renamed = json!({ "userPrincipalName": "kim.new@contoso.example" });
        world.control().edit_user(&object_id(1), renamed).unwrap();

        let plan = world.plan(RunMode::Incremental).await;
        let updates = plan
            .counts
            .iter()
            .find(|entry| entry.effect == Effect::Update);
        assert_eq!(updates.unwrap().count, 1, "{preset}");
        world.control().clear_requests();
        let run = world.sync().await;
        assert_eq!(
            (run.mode, run.counts.updated),
            (RunMode::Incremental, 1),
            "{preset}"
        );
        assert_eq!(
            run.requests, 3,
            "{preset}: a token, the changes, one question"
        );
        assert_eq!(
            world.field_of(1, "email").unwrap(),
            "kim.new@contoso.example"
        );
        let full = world.full_sync().await;
        assert_eq!(
            (full.counts.updated, full.counts.unchanged),
            (0, 1),
            "{preset}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_whose_assumed_address_is_the_contacts() {
    let without_mail = |id| {
        let name = format!("user.{id}@contoso.example");
        let unset = json!({ "mail": null, "otherMails": [], "userPrincipalName": name });
        person_with(id, "Given", &format!("Number{id}"), unset)
    };
    let users = (1..=40).map(without_mail).collect();
    let sync = json!({ "preset": "mirror" });
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    let promoted = json!({ "companyName": "Fabrikam" });
    world.control().edit_users(40, promoted).unwrap();
    let run = world.sync().await;
    assert_eq!(
        (run.counts.updated, run.requests),
        (40, 2),
        "a token and the changes"
    );
    // Three of them get another name: one question for the three.
    for id in 1..=3 {
        let renamed = json!({ "userPrincipalName": format!("new.{id}@contoso.example") });
        world.control().edit_user(&object_id(id), renamed).unwrap();
    }
    world
        .control()
        .edit_users(40, json!({ "companyName": "Contoso" }))
        .unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.updated, run.requests), (40, 3), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_page_states_changes_only_nobody_gets_a_contact_made_of_half_of_them() {
    let users = vec![
        person_with(1, "Zoe", "Vance", json!({ "mobilePhone": null })),
        person_with(2, "Jo", "Berg", json!({ "department": "Support" })),
        person_with(3, "Pat", "Dunn", json!({})),
    ];
    let sync = json!({
        "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email" },
        "filters": { "department": { "not": "Support" } },
    });
    let world = World::with(users, sync).begin().await;
    assert_eq!(world.sync().await.counts.created, 1);
    let phone = json!({ "mobilePhone": "+1 206 555 0199" });
    for id in [1, 2, 3] {
        world
            .control()
            .edit_user(&object_id(id), phone.clone())
            .unwrap();
    }
    let changed = |id| json!({ "id": object_id(id), "mobilePhone": "+1 206 555 0199" });
    let page = [changed(1), changed(2), changed(3)];
    world.changes_show(&page);
    world.plan(RunMode::Incremental).await;
    let planned: BTreeSet<_> = world
        .planned()
        .into_iter()
        .map(|entry| entry.what.object_id)
        .collect();
    assert_eq!(
        planned,
        [object_id(1), object_id(3)].into(),
        "as the sync does it"
    );
    world.changes_show(&page);
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.updated), (1, 1), "{run:?}");
    assert_eq!(
        world.field_of(1, "email").unwrap(),
        "zoe.vance@contoso.example"
    );
    assert!(
        world.contact_of(2).is_none(),
        "out of scope, though the page does not say so"
    );
    let full = world.full_sync().await.counts;
    assert_eq!((full.created, full.updated, full.removed), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_asking_for_everybody_is_more_than_reading_them_the_sync_becomes_a_full_one() {
    let count = 1_200;
    let users = people(count)
        .into_iter()
        .map(|mut user| {
            user["mail"] = json!(null);
            user
        })
        .collect();
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    for id in 1..=count {
        let renamed = json!({ "userPrincipalName": format!("n{id}@fabrikam.example") });
        world.control().edit_user(&object_id(id), renamed).unwrap();
    }
    let before = world.snapshot();
    let plan = world.plan(RunMode::Incremental).await;
    let planned = world.planned();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.errors);
    assert_eq!((plan.mode, run.mode), (RunMode::Full, RunMode::Full));
    assert_eq!(
        (run.counts.updated, run.counts.processed),
        (u64::from(count), u64::from(count))
    );
    assert!(run.requests < 20, "{} requests", run.requests);
    assert_came_true(&before, &planned, &world.snapshot());
    assert_eq!(world.sync().await.mode, RunMode::Incremental);
}
