//! After the fact: why somebody is as they are, and taking a run back.

mod left_out;
mod since;
mod told;

use host_harness::contract::{
    Effect, Explanation, Origin, PlanSummary, Run, RunMode, Slice, UndoRequest, Who,
};
use host_harness::store_api::PlanRecord;
use serde_json::json;

use crate::world::{World, connector, object_id, people, person, person_with};

async fn explain(world: &World, who: Who) -> Vec<Explanation> {
    connector()
        .explain(&world.workspace, &world.document, who)
        .await
        .result
        .unwrap()
}

async fn explain_one(world: &World, id: u32) -> Explanation {
    let mut all = explain(world, Who::User(object_id(id))).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn plan_undo(world: &World, run: &Run) -> PlanSummary {
    world.store.begin_plan().unwrap();
    let summary = connector()
        .plan_undo(&world.workspace, &world.document, &run.id)
        .await
        .result
        .unwrap();
    keep(world, &summary);
    summary
}

/// Keeps the plan that was made last under its digest.
fn keep(world: &World, summary: &PlanSummary) {
    world
        .store
        .keep_plan(&PlanRecord {
            digest: summary.digest.clone(),
            mode: "full".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
}

async fn undo(world: &World, run: &Run, digest: &str) -> Run {
    let request = UndoRequest {
        run: run.id.clone(),
        approved: digest.to_owned(),
        trigger: "test".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
    };
    connector()
        .undo(&world.workspace, &world.document, request)
        .await
        .result
        .unwrap()
        .run
}

/// Twenty people and a contact made by hand, synced; then a filter that was a mistake.
async fn after_a_mistake(left_scope: &str) -> (World, Run) {
    let sync = |filters| {
        json!({
            "preset": "mirror", "removed": "delete", "leftScope": left_scope, "filters": filters,
            "limits": { "removals": { "count": 100, "percent": 100, "floor": 100 } },
        })
    };
    let mut users = people(20);
    users.push(person_with(
        30,
        "In",
        "Support",
        json!({ "department": "Support" }),
    ));
    let mut world = World::with(users, sync(json!({}))).begin().await;
    world.add_contact(&[
        ("email", "given.number3@contoso.example"),
        ("Notes", "by hand"),
    ]);
    world.sync().await;
    world.edit_here(5, "job_title", Some("Kept by hand"));
    world.reconfigure(sync(json!({ "department": ["Support"] })));
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 20, "{run:?}");
    world.reconfigure(sync(json!({})));
    (world, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_removed_everybody_is_taken_back_to_the_last_field() {
    for left_scope in ["unlink", "deactivate", "delete"] {
        let (world, run) = after_a_mistake(left_scope).await;
        let plan = plan_undo(&world, &run).await;
        let undone = undo(&world, &run, &plan.digest).await;
        assert_eq!(undone.counts.failed, 0, "{left_scope}: {undone:?}");
        assert_eq!(undone.approved.as_ref().unwrap().performed, 20);
        assert_eq!(world.linked(20).len(), 20, "{left_scope}");
        for id in 1..=20 {
            let contact = world.contact_of(id).unwrap();
            assert!(contact.active, "{left_scope}: {id}");
            assert_eq!(contact.fields["last_name"], format!("Number{id}"));
            assert_eq!(contact.lists, ["Contoso Users"], "{left_scope}: {id}");
        }
        assert_eq!(world.field_of(3, "Notes").as_deref(), Some("by hand"));
        assert_eq!(
            world.field_of(5, "job_title").as_deref(),
            Some("Kept by hand")
        );
        let run = world.sync().await;
        assert_eq!(run.mode, RunMode::Full, "after an undo everybody is read");
        let counts = &run.counts;
        assert_eq!(
            (counts.created, counts.updated, counts.removed),
            (0, 0, 0),
            "{left_scope}: {run:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_leaves_alone_what_was_edited_since() {
    let world = World::with(people(5), json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    for id in 1..=5 {
        let change = json!({ "surname": "Wrong", "companyName": "Wrong Ltd" });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    let run = world.sync().await;
    assert_eq!(run.counts.updated, 5);
    world.edit_here(2, "last_name", Some("By hand"));
    let plan = plan_undo(&world, &run).await;
    let named = plan.warnings.iter().any(|warning| {
        warning.message.contains("Last name") && warning.message.contains("edited since")
    });
    assert!(named, "{:?}", plan.warnings);
    undo(&world, &run, &plan.digest).await;
    assert_eq!(world.field_of(1, "last_name").unwrap(), "Number1");
    assert_eq!(world.field_of(2, "last_name").unwrap(), "By hand");
    assert_eq!(world.field_of(2, "company").unwrap(), "Contoso");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_needs_its_own_approval() {
    let world = World::with(people(5), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let run = world.sync().await;
    let plan = world.plan(RunMode::Full).await;
    let request = UndoRequest {
        run: run.id.clone(),
        approved: plan.digest,
        trigger: "test".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
    };
    let refused = connector()
        .undo(&world.workspace, &world.document, request)
        .await
        .result
        .unwrap_err();
    assert!(refused.to_string().contains("plan"), "{refused}");
    assert_eq!(world.linked(5).len(), 5);
    let plan = plan_undo(&world, &run).await;
    let deletes = plan.counts.iter().find(|c| c.effect == Effect::Delete);
    assert_eq!(deletes.unwrap().count, 5, "what the run made goes");
    undo(&world, &run, &plan.digest).await;
    assert!(world.contacts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_where_each_value_comes_from_and_how_the_contact_was_linked() {
    let world = World::with(
        people(3),
        json!({ "preset": "mirror", "conflict": "merge" }),
    )
    .begin()
    .await;
    world.add_contact(&[("email", "given.number2@contoso.example")]);
    let run = world.sync().await;
    world.edit_here(2, "first_name", Some("Nick"));
    let told = explain_one(&world, 2).await;
    let link = told.link.as_ref().unwrap();
    assert_eq!(link.run.as_deref(), Some(run.id.as_str()));
    assert_eq!(link.reason.as_deref(), Some("matched-by-address"));
    let origin = |name: &str| {
        let field = told.fields.iter().find(|field| field.field == name);
        field.unwrap().origin
    };
    assert_eq!(origin("first_name"), Origin::Local);
    assert_eq!(origin("last_name"), Origin::Directory);
    assert_eq!(told.journal[0].what.effect, Effect::Link);
    assert!(!told.summary.is_empty());
    let text = told.summary.join(" ");
    assert!(!text.contains("Nick"), "no values in sentences: {text}");
    let by_address = explain(
        &world,
        Who::Address("GIVEN.number2@contoso.example".to_owned()),
    )
    .await;
    assert_eq!(by_address[0].object_id.as_deref(), Some(&*object_id(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_why_somebody_is_missing_also_by_an_address_that_is_nowhere_kept() {
    let mut users = people(2);
    let outside = json!({ "department": "Support" });
    users.push(person_with(9, "Jane", "Doe", outside));
    let sync = json!({ "preset": "mirror", "filters": { "department": ["Sales"] } });
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    let told = explain(&world, Who::Address("jane.doe@contoso.example".to_owned())).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].object_id.as_deref(), Some(&*object_id(9)));
    assert_eq!(told[0].note.as_ref().unwrap().reason, "out-of-scope");
    drop(world.store.contacts(Default::default()));
    for entry in std::fs::read_dir(world.data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("jane.doe"), "the address is in the database");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_of_a_room_that_it_has_no_license() {
    let licensed = json!([{ "skuId": "c7df2760-2c81-4ef7-b578-5b5392b571df" }]);
    let users = vec![
        person_with(1, "Zoe", "Vance", json!({ "assignedLicenses": licensed })),
        person(2, "Meeting", "Room"),
    ];
    let filters = json!({ "assignedLicenses": { "exists": true } });
    let sync = json!({ "preset": "mirror", "leftScope": "deactivate", "filters": filters });
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    let told = explain_one(&world, 2).await;
    assert_eq!(told.note.unwrap().reason, "unlicensed");
    let told = told.summary.join(" ");
    assert!(told.contains("has no license"), "{told}");

    let change = json!({ "assignedLicenses": [] });
    world.control().edit_user(&object_id(1), change).unwrap();
    world.sync().await;
    let told = explain_one(&world, 1).await;
    assert_eq!(told.journal[0].what.reason, "unlicensed");
    let told = told.summary.join(" ");
    assert!(told.contains("the filter on assignedLicenses"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_of_a_removal_and_its_evidence_after_the_contact_is_gone() {
    let world = World::with(
        people(6),
        json!({ "preset": "mirror", "removed": "delete" }),
    )
    .begin()
    .await;
    world.sync().await;
    world.control().purge_user(&object_id(4)).unwrap();
    world.sync().await;
    let told = explain_one(&world, 4).await;
    assert_eq!(told.contact, None);
    assert_eq!(told.journal[0].what.effect, Effect::Delete);
    assert_eq!(
        format!("{:?}", told.journal[0].what.evidence.as_ref().unwrap()),
        "Evidence::DeletedPermanently"
    );
    assert!(
        explain(&world, Who::User("nobody".to_owned()))
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_asks_nobody() {
    let world = World::with(people(3), json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    world.control().add_user(person(9, "Not", "Read")).unwrap();
    world.control().clear_requests();
    explain_one(&world, 1).await;
    assert!(explain(&world, Who::User(object_id(9))).await.is_empty());
    assert!(world.control().requests().is_empty());
}
