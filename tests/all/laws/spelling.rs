//! Law 16: however an identity is spelt, it is the same person. Object ids, addresses, names of lists and
//! telephone numbers have one form, at every door.

use host_harness::contract::{ContactList, Effect, RunMode, Who};
use host_harness::graph_emulator::Fault;
use serde_json::{Value, json};

use crate::world::messy::{Random, seed};
use crate::world::{World, connector, object_id, people, person, person_with, planned_count};

const KIM: &str = "abcdef00-0000-4000-8000-00000000abcd";
const SPELLINGS: [&str; 4] = [
    "ABCDEF00-0000-4000-8000-00000000ABCD",
    "AbCdEf00-0000-4000-8000-00000000aBcD",
    "{ABCDEF00-0000-4000-8000-00000000ABCD}",
    " abcdef0000004000800000000000abcd\n",
];

fn kim(otherwise: Value) -> Value {
    let mut kim = person_with(1, "Kim", "Example", json!({ "id": KIM }));
    if let (Some(kim), Value::Object(otherwise)) = (kim.as_object_mut(), otherwise) {
        kim.extend(otherwise);
    }
    kim
}

/// The users whom the contacts are linked to, and how many contacts there are.
fn linked(world: &World) -> (Vec<String>, usize) {
    let contacts = world.contacts();
    let users = contacts.iter().filter_map(|row| row.object_id.clone());
    (users.collect(), contacts.len())
}

async fn synced(sync: Value) -> World {
    let world = World::with(vec![kim(json!({})), person(2, "Jo", "Berg")], sync)
        .begin()
        .await;
    world.sync().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_whoever_is_named_in_another_spelling_is_the_person_who_is_there() {
    let world = synced(json!({ "preset": "mirror" })).await;
    let before = linked(&world);
    assert_eq!(before.1, 2);
    for spelling in SPELLINGS {
        let run = connector()
            .retry(&world.workspace, &world.document, spelling)
            .await
            .result
            .unwrap()
            .run;
        assert_eq!(
            (run.counts.created, run.counts.unchanged),
            (0, 1),
            "{spelling:?}"
        );
        assert_eq!(linked(&world), before);
        let told = connector()
            .explain(
                &world.workspace,
                &world.document,
                Who::User(spelling.to_owned()),
            )
            .await
            .result
            .unwrap();
        assert_eq!(told.len(), 1, "{spelling:?}");
        assert_eq!(told[0].object_id.as_deref(), Some(KIM));
        assert!(told[0].contact.is_some() && !told[0].journal.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_an_id_that_is_none_is_refused_at_the_door() {
    let world = synced(json!({ "preset": "mirror" })).await;
    for nobody in ["", "  ", &"x".repeat(129), &"x".repeat(250_000)] {
        let refused = connector()
            .retry(&world.workspace, &world.document, nobody)
            .await
            .result
            .unwrap_err();
        assert!(
            format!("{refused:?}").contains("invalid-object-id"),
            "{refused:?}"
        );
    }
    assert_eq!(world.report().await.history.len(), 1, "no run was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_pages_and_tombstones_in_another_spelling_are_about_the_same_person() {
    let world = synced(json!({ "preset": "mirror" })).await;
    let before = linked(&world);
    let capitals = SPELLINGS[0];
    let renamed = kim(json!({ "id": capitals, "companyName": "Fabrikam" }));
    world.changes_show(std::slice::from_ref(&renamed));
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.updated), (0, 1));
    assert_eq!(linked(&world), before);

    world.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        times: Some(1),
        body: Some(json!({ "value": [renamed, person(2, "Jo", "Berg")] }).to_string()),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!((run.counts.created, run.counts.removed), (0, 0));
    assert_eq!(linked(&world), before);

    let gone = json!({ "id": capitals, "@removed": { "reason": "deleted" } });
    world.changes_show(&[gone]);
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 1);
    assert_eq!(linked(&world), (vec![object_id(2)], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_an_address_is_found_however_it_is_spelt_and_a_second_run_writes_nothing() {
    for spelling in [
        "KIM@BÜCHER.EXAMPLE",
        "kim@xn--bcher-kva.example",
        "kim@bu\u{308}cher.example",
        "\u{202a}kim@bücher.example\u{202c}",
        "k\u{ad}im@bücher.example\u{fe0f}",
    ] {
        let world = World::with(
            vec![kim(json!({ "mail": spelling }))],
            json!({ "preset": "mirror" }),
        )
        .begin()
        .await;
        let there = world.add_contact(&[("email", "Kim@Bücher.example")]);
        let plan = world.plan(RunMode::Full).await;
        assert_eq!(planned_count(&plan, Effect::Link), 1, "{spelling:?}");
        world.sync().await;
        let contacts = world.contacts();
        assert_eq!(contacts.len(), 1, "{spelling:?}");
        assert_eq!(
            (contacts[0].id.as_str(), contacts[0].linked),
            (there.as_str(), true)
        );
        let held = &contacts[0].fields["email"];
        assert!(
            !held.contains(['\u{202a}', '\u{ad}', '\u{fe0f}']),
            "{held:?}"
        );
        let again = world.full_sync().await;
        assert_eq!(again.counts.unchanged, 1);
        let told = connector()
            .explain(
                &world.workspace,
                &world.document,
                Who::Address(spelling.to_owned()),
            )
            .await;
        assert_eq!(told.result.unwrap().len(), 1, "{spelling:?}");
    }
}

/// Twelve people in five departments that are two, in an order that the seed decides.
fn in_departments(order: u64) -> Vec<Value> {
    let spellings = ["SALES", "Sales", "sales", "ÉTUDES", "études"];
    let mut users: Vec<_> = (1..=12)
        .map(|id| {
            let department = spellings[id as usize % spellings.len()];
            person_with(
                id,
                "Given",
                &format!("Number{id}"),
                json!({ "department": department }),
            )
        })
        .collect();
    Random::new(order).shuffle(&mut users);
    users
}

fn messaging() -> Value {
    json!({ "mapping": { "mobilePhone": "phone_number", "mail": "email" },
        "list": { "perAttribute": "department" } })
}

/// Lets the change feed list everybody, one a page.
fn page_by_page(world: &World) {
    world.control().inject(Fault {
        path: Some("$deltatoken=latest".to_owned()),
        status: Some(400),
        ..Fault::default()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_departments_that_differ_by_case_are_one_list_whatever_the_order_of_pages() {
    let mut digests = Vec::new();
    for turn in 0..3 {
        let world = World::with(in_departments(seed() + turn), messaging())
            .emulator(|options| options.delta_page_size = 1)
            .begin()
            .await;
        page_by_page(&world);
        let plan = world.plan(RunMode::Full).await;
        let planned = world.planned();
        world.full_sync().await;
        for entry in &planned {
            let contact = world
                .contacts()
                .into_iter()
                .find(|row| row.object_id.as_ref() == Some(&entry.what.object_id))
                .unwrap();
            assert_eq!(
                entry.what.joins, contact.lists,
                "the plan tells the list's name"
            );
        }
        let mut lists: Vec<_> = world
            .contacts()
            .into_iter()
            .flat_map(|row| row.lists)
            .collect();
        lists.sort();
        lists.dedup();
        // Person 1 is in "Sales", person 3 in "ÉTUDES": the smallest of theirs.
        assert_eq!(lists, ["Sales", "ÉTUDES"], "turn {turn}");
        let again = world.full_sync().await;
        assert_eq!(again.counts.unchanged, 12);
        assert_eq!(
            planned_count(&world.plan(RunMode::Full).await, Effect::Update),
            0
        );
        digests.push(plan.digest);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "one plan");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_a_list_that_is_there_keeps_its_name_and_a_department_in_another_case_moves_nobody()
{
    let world = World::with(vec![kim(json!({ "department": "SALES" }))], messaging())
        .begin()
        .await;
    let friend = world.add_contact(&[("email", "friend@contoso.example")]);
    let list = ContactList {
        name: "sales".to_owned(),
        description: String::new(),
    };
    world.store.put_on_list(&friend, &list).unwrap();
    world.plan(RunMode::Full).await;
    assert_eq!(world.planned()[0].what.joins, ["sales"]);
    world.sync().await;
    let lists = || -> Vec<_> { world.contacts().into_iter().map(|row| row.lists).collect() };
    assert_eq!(lists(), [["sales"], ["sales"]]);
    for department in ["Sales", " sAlEs ", "Sa\u{200b}les"] {
        let change = json!({ "department": department });
        world.control().edit_user(KIM, change).unwrap();
        let run = world.sync().await;
        assert_eq!(run.counts.updated, 0, "{department:?}");
        assert_eq!(lists(), [["sales"], ["sales"]]);
    }
    let moved = json!({ "department": "Support" });
    world.control().edit_user(KIM, moved).unwrap();
    world.sync().await;
    assert_eq!(lists(), [["sales"], ["Support"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_a_fixed_list_is_the_one_that_is_there() {
    let world = World::with(
        people(1),
        json!({ "preset": "mirror", "list": { "name": "{organization} USERS" } }),
    )
    .begin()
    .await;
    let friend = world.add_contact(&[("email", "friend@contoso.example")]);
    world.sync().await;
    let name = world.contact_of(1).unwrap().lists.remove(0);
    let other = ContactList {
        name: name.to_lowercase(),
        description: String::new(),
    };
    world.store.put_on_list(&friend, &other).unwrap();
    let lists: Vec<_> = world
        .contacts()
        .into_iter()
        .flat_map(|row| row.lists)
        .collect();
    assert_eq!(lists, [name.clone(), name]);
    world.full_sync().await;
    assert_eq!(world.contacts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_a_number_is_a_number_however_it_is_written_and_what_has_no_digit_is_none() {
    let written = [
        "\u{202a}+44 7700 900123\u{202c}",
        "+44\u{a0}7700\u{a0}900123",
        "＋44 7700 900123\u{fffc}",
    ];
    let nothing = ["n/a", "-", "tbd", "ext.", "\u{200b}"];
    let numbers = written.iter().chain(&nothing);
    let users = (1..)
        .zip(numbers)
        .map(|(id, number)| {
            person_with(
                id,
                "Given",
                &format!("Number{id}"),
                json!({ "mobilePhone": number }),
            )
        })
        .collect();
    let mut sync = messaging();
    sync["mapping"]["mobilePhone"] = json!({ "field": "phone_number", "format": "as-written" });
    let world = World::with(users, sync).begin().await;
    let plan = world.plan(RunMode::Full).await;
    assert_eq!(planned_count(&plan, Effect::Create), 3);
    let run = world.sync().await;
    let skipped: Vec<_> = run
        .skips
        .iter()
        .map(|skip| (skip.reason.as_str(), skip.count))
        .collect();
    assert_eq!(skipped, [("missing-mandatory", 5)]);
    let missing = run
        .warnings
        .iter()
        .find(|warning| warning.field.as_deref() == Some("Phone number"));
    assert_eq!(
        missing.map(|warning| warning.count),
        Some(5),
        "{:?}",
        run.warnings
    );
    for contact in world.contacts() {
        assert_eq!(contact.fields["phone_number"], "+44 7700 900123");
    }
    let again = world.full_sync().await;
    assert_eq!((again.counts.unchanged, again.counts.updated), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_a_local_account_is_known_by_the_address_it_signs_in_with() {
    let name = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0@contosob2c.onmicrosoft.com";
    let local = |id, identities: Value| {
        let otherwise = json!({ "mail": null, "userPrincipalName": name.replacen("6ea", &format!("{id:03}"), 1),
            "creationType": "LocalAccount", "identities": identities });
        person_with(id, "Given", &format!("Number{id}"), otherwise)
    };
    let identity = |kind: &str, of: &str| json!({ "signInType": kind, "issuer": "contosob2c.onmicrosoft.com", "issuerAssignedId": of });
    let world = World::with(
        vec![
            local(
                1,
                json!([
                    identity("userPrincipalName", name),
                    identity("emailAddress", "kim@example.org")
                ]),
            ),
            local(2, json!([identity("userPrincipalName", name)])),
        ],
        json!({ "preset": "mirror" }),
    )
    .begin()
    .await;
    world.sync().await;
    assert_eq!(
        world.field_of(1, "email").as_deref(),
        Some("kim@example.org")
    );
    assert_eq!(world.field_of(2, "email"), None);
    let again = world.full_sync().await;
    assert_eq!(again.counts.unchanged, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_16_an_agent_is_nobody_unless_asked_for_and_who_was_linked_stays() {
    let agent = json!({ "@odata.type": "#microsoft.graph.agentUser" });
    let users = vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Helpful", "Agent", agent),
    ];
    let mut world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    let plan = world.plan(RunMode::Full).await;
    assert_eq!(planned_count(&plan, Effect::Skip), 1);
    assert_eq!(plan.skips[0].reason, "agent");
    let run = world.sync().await;
    assert_eq!(
        (run.skips[0].reason.as_str(), run.skips[0].count),
        ("agent", 1)
    );
    assert_eq!(world.linked(2), [1]);

    world.reconfigure(json!({ "preset": "mirror", "agents": "include" }));
    world.sync().await;
    assert_eq!(world.linked(2), [1, 2]);

    world.reconfigure(json!({ "preset": "mirror", "removed": "delete", "leftScope": "delete" }));
    let renamed = json!({ "companyName": "Fabrikam" });
    world.control().edit_user(&object_id(2), renamed).unwrap();
    for _ in 0..2 {
        let run = world.full_sync().await;
        assert_eq!((run.counts.removed, run.counts.skipped), (0, 1));
        assert_eq!(
            world.field_of(2, "company").as_deref(),
            Some("Contoso"),
            "left alone"
        );
    }
    // What the directory deletes goes as everybody else does.
    world.control().delete_user(&object_id(2)).unwrap();
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 1, "{run:?}");
}
