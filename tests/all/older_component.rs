//! A component that was built for contract 0.1 lives on this host as it did on the one it was built for.
//!
//! The file is the connector as its sources of 2026-11-27 (commit 044fdb7) built it, with the commands of
//! that time. It takes turns with today's connector in one workspace: what either leaves in the store and in
//! the state, the other goes on with.

use std::sync::LazyLock;

use host_harness::contract::{
    Approval, CheckStatus, Effect, ReportRequest, ReportStatus, Run, RunMode, RunStatus, SliceEnd,
    SyncRequest, UndoRequest, Who,
};
use host_harness::runtime::{Connector, Runtime, RuntimeOptions};
use host_harness::store_api::PlanRecord;
use serde_json::json;

use crate::world::{World, object_id, people, planned_count, request};

const COMPONENT: &[u8] = include_bytes!("../fixtures/connector-0.1.0.wasm");

fn older() -> &'static Connector {
    static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| {
        Runtime::new(RuntimeOptions::default())
            .unwrap()
            .load(COMPONENT)
            .unwrap()
    });
    &CONNECTOR
}

async fn sync(world: &World, request: SyncRequest) -> Run {
    loop {
        let slice = older()
            .sync(&world.workspace, &world.document, request.clone())
            .await
            .result
            .unwrap();
        if slice.end == SliceEnd::Finished {
            return slice.run;
        }
    }
}

fn keep(world: &World, digest: &str) {
    let record = PlanRecord {
        digest: digest.to_owned(),
        mode: "full".to_owned(),
        created_at_ms: 0,
        summary: "{}".to_owned(),
    };
    world.store.keep_plan(&record).unwrap();
}

fn mirror() -> serde_json::Value {
    json!({ "preset": "mirror", "removed": "delete", "limits": { "removals": { "count": 2, "floor": 1 } } })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_let_in_as_what_it_is_and_says_what_it_can() {
    let exports = older().exports();
    assert!(
        exports
            .iter()
            .any(|name| name == "contact-sync:connector/connector@0.1.0"),
        "{exports:?}"
    );
    let world = World::with(people(2), mirror()).begin().await;
    let described = older().describe(&world.workspace).await.result.unwrap();
    assert_eq!(described.version, "0.1.0");
    assert!(described.attributes.len() > 30 && described.codes.is_empty());
    let tested = older()
        .configure(&world.workspace, &world.document)
        .await
        .result
        .unwrap();
    assert!(tested.ready, "{tested:?}");
    let failed = |status: CheckStatus| status == CheckStatus::Failed;
    assert!(!tested.checks.iter().any(|check| failed(check.status)));
    let error = older()
        .configure(&world.workspace, "{")
        .await
        .result
        .unwrap_err();
    assert!(error.to_string().contains("configuration"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_sync_report_explain_and_undo_work_across_the_versions() {
    let world = World::with(people(8), mirror()).begin().await;
    world.store.begin_plan().unwrap();
    let plan = older()
        .plan(&world.workspace, &world.document, RunMode::Full)
        .await
        .result
        .unwrap();
    assert_eq!(planned_count(&plan, Effect::Create), 8);
    keep(&world, &plan.digest);
    let mut approved = request(RunMode::Full);
    approved.approval = Some(Approval::Plan(plan.digest));
    let run = sync(&world, approved).await;
    assert_eq!((run.status, run.counts.created), (RunStatus::Succeeded, 8));

    // Today's connector goes on where it was: it finds nothing to do, and nobody twice.
    let run = world.sync().await;
    let counts = &run.counts;
    assert_eq!((counts.created, counts.updated, counts.removed), (0, 0, 0));
    assert_eq!(world.contacts().len(), 8);

    // And the older one after it.
    let change = json!({ "surname": "Berg", "department": "Support" });
    world.control().edit_user(&object_id(3), change).unwrap();
    let changed = sync(&world, request(RunMode::Incremental)).await;
    assert_eq!(changed.counts.updated, 1, "{changed:?}");
    assert_eq!(world.field_of(3, "last_name").as_deref(), Some("Berg"));

    let told = older()
        .explain(&world.workspace, &world.document, Who::User(object_id(3)))
        .await
        .result
        .unwrap();
    let newest = &told[0].journal[0];
    assert_eq!(newest.what.effect, Effect::Update);
    assert!(newest.number.number > 8, "{newest:?}");
    let field = |name: &str| newest.what.fields.iter().any(|change| change.field == name);
    assert!(field("last_name"), "{newest:?}");

    world.store.begin_plan().unwrap();
    let undoing = older()
        .plan_undo(&world.workspace, &world.document, &changed.id)
        .await
        .result
        .unwrap();
    keep(&world, &undoing.digest);
    let request = UndoRequest {
        run: changed.id,
        approved: undoing.digest,
        trigger: "test".to_owned(),
        slice: request(RunMode::Full).slice,
    };
    let undone = older()
        .undo(&world.workspace, &world.document, request)
        .await
        .result
        .unwrap();
    assert_eq!(undone.run.counts.updated, 1, "{undone:?}");
    assert_eq!(world.field_of(3, "last_name").as_deref(), Some("Number3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_stops_it_and_what_was_stopped_is_approved_by_its_digest() {
    let world = World::with(people(8), mirror()).begin().await;
    sync(&world, request(RunMode::Full)).await;
    for id in 1..=5 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    let blocked = sync(&world, request(RunMode::Incremental)).await;
    assert_eq!(blocked.status, RunStatus::Blocked);
    let overview = older()
        .report(
            &world.workspace,
            &world.document,
            ReportRequest { running: false },
        )
        .await
        .result
        .unwrap();
    assert_eq!(overview.status, ReportStatus::Blocked);
    assert_eq!(overview.history.len(), 2);
    let mut approved = request(RunMode::Incremental);
    approved.approval = Some(Approval::Block(blocked.block.unwrap().digest));
    let run = sync(&world, approved).await;
    assert_eq!((run.status, run.counts.removed), (RunStatus::Succeeded, 5));
    assert_eq!(world.contacts().len(), 3);
}
