//! What is told of people and of the connection is what was decided and recorded: what a limit held back,
//! where the values of a contact without a link came from, and of nobody nothing.

use host_harness::contract::{Explanation, Origin, ReportStatus, RunMode, RunStatus, Who};
use serde_json::json;

use super::{explain, explain_one, plan_undo, undo};
use crate::world::{World, connector, object_id, people, request};

fn field<'e>(told: &'e Explanation, name: &str) -> &'e host_harness::contract::FieldStory {
    let mut fields = told.fields.iter();
    fields.find(|field| field.field == name).unwrap()
}

/// Twelve people, of whom a limit lets nobody go and no field be emptied.
async fn strict(removed: &str) -> World {
    let sync = json!({ "preset": "mirror", "removed": removed, "limits": {
        "removals": { "count": 0, "percent": 0, "floor": 0 },
        "blanks": { "count": 0, "percent": 0, "floor": 0 },
    } });
    let world = World::with(people(12), sync).begin().await;
    world.sync().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_by_a_limit_is_told_so_with_run_and_limit() {
    for removed in ["unlink", "deactivate", "delete"] {
        let world = strict(removed).await;
        world.control().delete_user(&object_id(3)).unwrap();
        let first = world.sync().await;
        assert_eq!(first.status, RunStatus::Blocked);
        let told = explain_one(&world, 3).await;
        let note = told.note.as_ref().unwrap();
        assert_eq!(note.reason, "held-by-breaker", "{removed}");
        assert_eq!(note.run.as_deref(), Some(first.id.as_str()));
        let summary = told.summary.join(" ");
        let limit = &first.block.as_ref().unwrap().message;
        assert!(
            summary.contains(limit) && summary.contains(&first.id),
            "{summary}"
        );

        // Held back again, and since the first time.
        let again = world.sync().await;
        let told = explain_one(&world, 3).await;
        assert_eq!(told.note.as_ref().unwrap().since_ms, note.since_ms);
        assert!(told.summary.join(" ").contains(&again.id), "{told:?}");

        // Approved and done: nothing is held back any more.
        let mut approved = request(RunMode::Incremental);
        let digest = again.block.as_ref().unwrap().digest.clone();
        approved.approval = Some(host_harness::contract::Approval::Block(digest));
        world.run(approved).await;
        let told = explain_one(&world, 3).await;
        assert!(told.note.is_none(), "{told:?}");
        assert!(!told.summary.join(" ").contains("limit"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_only_a_limit_keeps_says_so_and_no_longer_once_it_is_back() {
    let world = strict("unlink").await;
    let control = world.control();
    let emptied = json!({ "companyName": null, "surname": "Renamed" });
    control.edit_user(&object_id(3), emptied).unwrap();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked);
    assert_eq!(world.field_of(3, "last_name").as_deref(), Some("Renamed"));
    let told = explain_one(&world, 3).await;
    assert_eq!(told.note.as_ref().unwrap().reason, "held-by-breaker");
    let company = field(&told, "company");
    let kept = company.kept_by.as_deref().unwrap();
    assert!(kept.contains("limit"), "{kept}");
    assert!(
        !field(&told, "last_name")
            .kept_by
            .as_deref()
            .unwrap_or_default()
            .contains("limit")
    );

    control
        .edit_user(&object_id(3), json!({ "companyName": "Contoso" }))
        .unwrap();
    assert_ne!(world.sync().await.status, RunStatus::Blocked);
    let told = explain_one(&world, 3).await;
    assert!(told.note.is_none(), "{told:?}");
    assert_eq!(field(&told, "company").kept_by, None, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_a_contact_without_a_link_come_from_the_runs_that_wrote_them() {
    let sync = json!({ "preset": "mirror", "removed": "unlink" });
    let world = World::with(people(4), sync).begin().await;
    let by_hand = world.add_contact(&[
        ("email", "given.number2@contoso.example"),
        ("mobile_phone", "+1 206 555 0002"),
    ]);
    let made = world.sync().await;
    let renamed = json!({ "surname": "Renamed" });
    world.control().edit_user(&object_id(1), renamed).unwrap();
    let changed = world.sync().await;
    world.edit_here(1, "company", Some("Edited"));
    for id in [1, 2] {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    world.sync().await;

    let told = explain_one(&world, 1).await;
    assert!(told.link.is_none());
    let of = |name: &str| {
        let field = field(&told, name);
        (field.origin, field.run.clone())
    };
    assert_eq!(of("first_name"), (Origin::Directory, Some(made.id.clone())));
    assert_eq!(
        of("last_name"),
        (Origin::Directory, Some(changed.id.clone()))
    );
    assert_eq!(of("company").0, Origin::Local);

    // What was here first is the host's; what the link wrote is the directory's, by that run.
    let told = explain_one(&world, 2).await;
    assert_eq!(told.contact.as_deref(), Some(by_hand.as_str()));
    let of = |name: &str| {
        let field = field(&told, name);
        (field.origin, field.run.clone())
    };
    assert_eq!(of("email").0, Origin::Host);
    assert_eq!(of("last_name"), (Origin::Directory, Some(made.id.clone())));

    // An undo puts back what the host had: it is the host's again.
    let plan = plan_undo(&world, &made).await;
    undo(&world, &made, &plan.digest).await;
    let by_address = Who::Address("given.number2@contoso.example".to_owned());
    let told = explain(&world, by_address).await;
    assert_eq!(field(&told[0], "email").origin, Origin::Host);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_id_that_nobody_ever_had_nothing_is_told_and_nothing_kept() {
    let world = World::with(people(3), json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    let before = world.store.list("", None, 1_000).unwrap().len();
    let run = connector()
        .retry(&world.workspace, &world.document, &object_id(99))
        .await
        .result
        .unwrap()
        .run;
    assert_eq!(
        (run.counts.processed, run.counts.skipped),
        (1, 1),
        "{run:?}"
    );
    assert_eq!(run.skips[0].reason, "unknown-user");
    assert!(explain(&world, Who::User(object_id(99))).await.is_empty());
    let source = format!("entra:{}", world.tenant_id());
    let notes = world
        .store
        .notes(&source, &Who::User(object_id(99)))
        .unwrap();
    assert!(notes.is_empty());
    let after = world.store.list("", None, 1_000).unwrap().len();
    assert_eq!(
        after,
        before + 1,
        "the record of the run, and nothing of nobody"
    );

    // Who was deleted, and is known here, is told of with the reason that the directory gave.
    world.control().delete_user(&object_id(2)).unwrap();
    connector()
        .retry(&world.workspace, &world.document, &object_id(2))
        .await
        .result
        .unwrap();
    let told = explain_one(&world, 2).await;
    assert!(told.summary.join(" ").contains("deleted"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_broke_off_is_not_reported_as_a_success() {
    let world = World::with(people(8), json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    assert_eq!(world.report().await.status, ReportStatus::Succeeded);
    let mut slice = request(RunMode::Full);
    slice.slice.max_pages = Some(1);
    world.try_sync(slice).await.unwrap();
    // The process is gone, and nothing goes on.
    let report = world.report().await;
    assert_eq!(report.history[0].status, RunStatus::Running);
    assert_eq!(report.status, ReportStatus::Failed);
    world.full_sync().await;
    assert_eq!(world.report().await.status, ReportStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_is_half_done_is_ended_by_a_sync_which_reads_everybody() {
    let world = World::with(people(510), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let made = world.sync().await;
    let plan = plan_undo(&world, &made).await;
    let request = host_harness::contract::UndoRequest {
        run: made.id.clone(),
        approved: plan.digest,
        trigger: "test".to_owned(),
        slice: host_harness::contract::Slice {
            max_pages: Some(1),
            max_ms: None,
        },
    };
    let half = connector()
        .undo(&world.workspace, &world.document, request)
        .await
        .result
        .unwrap();
    assert_eq!(half.run.counts.removed, 500, "{half:?}");
    let sync = world.sync().await;
    assert_eq!(sync.mode, RunMode::Full);
    assert_eq!(sync.counts.created, 500);
    assert_ne!(sync.id, half.run.id);
    let report = world.report().await;
    let ended = report.history.iter().find(|run| run.id == half.run.id);
    let ended = ended.unwrap();
    assert_eq!(ended.status, RunStatus::Failed);
    assert_eq!(ended.errors[0].code, "interrupted");
    assert_eq!(ended.approved.as_ref().unwrap().performed, 500);
}
