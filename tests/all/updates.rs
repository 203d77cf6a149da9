//! One workspace in the hands of several versions: the first that was given away (commit 044fdb7, for contract 0.1),
//! today's, and a later one, which is today's under the next version of the contract.
//!
//! A later version takes over where an earlier one stood, and an earlier one again after it, as whoever rolls an
//! update back has it: until somebody wrote what it cannot know of.

use std::sync::LazyLock;

use host_harness::component::component_bytes;
use host_harness::contract::{
    Approval, Commit, Effect, Run, RunMode, RunStatus, SliceEnd, StateWrite, SyncRequest,
    UndoRequest,
};
use host_harness::runtime::{CallError, Connector, Runtime, RuntimeOptions};
use host_harness::store_api::PlanRecord;
use serde_json::{Value, json};

use crate::world::{World, connector, object_id, people, planned_count, request};

fn load(bytes: &[u8]) -> Connector {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    runtime.load(bytes).unwrap()
}

/// The first version that was given away.
fn first() -> &'static Connector {
    static CONNECTOR: LazyLock<Connector> =
        LazyLock::new(|| load(include_bytes!("../fixtures/connector-0.1.0.wasm")));
    &CONNECTOR
}

/// A version that is to come.
fn later() -> &'static Connector {
    static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| load(&of_the_next_contract()));
    &CONNECTOR
}

/// Today's component, with each interface of the contract under the version that comes next.
fn of_the_next_contract() -> Vec<u8> {
    let (package, version, next) = (b"contact-sync:connector/", b"@0.2.0", b"@0.2.1");
    let mut bytes = component_bytes().to_vec();
    let starts = |bytes: &[u8], place: usize, text: &[u8]| bytes[place..].starts_with(text);
    let mut renamed = 0;
    for place in 0..bytes.len() {
        if !starts(&bytes, place, package) {
            continue;
        }
        let name = bytes[place + package.len()..].iter();
        let name = name.take_while(|byte| byte.is_ascii_lowercase() || **byte == b'-');
        let at = place + package.len() + name.count();
        if starts(&bytes, at, version) {
            bytes[at..at + next.len()].copy_from_slice(next);
            renamed += 1;
        }
    }
    assert!(renamed > 10, "{renamed}");
    bytes
}

async fn try_sync(
    version: &Connector,
    world: &World,
    request: SyncRequest,
) -> Result<Run, CallError> {
    loop {
        let called = version.sync(&world.workspace, &world.document, request.clone());
        let slice = called.await.result?;
        if slice.end == SliceEnd::Finished {
            return Ok(slice.run);
        }
    }
}

async fn sync(version: &Connector, world: &World, mode: RunMode) -> Run {
    try_sync(version, world, request(mode)).await.unwrap()
}

/// Plans, and keeps the plan as a host does.
async fn plan(version: &Connector, world: &World) -> String {
    world.store.begin_plan().unwrap();
    let planned = version.plan(&world.workspace, &world.document, RunMode::Full);
    let planned = planned.await.result.unwrap();
    assert_eq!(planned_count(&planned, Effect::Create), 8);
    keep(world, &planned.digest);
    planned.digest
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

async fn undo(version: &Connector, world: &World, run: &str) -> Run {
    world.store.begin_plan().unwrap();
    let planned = version.plan_undo(&world.workspace, &world.document, run);
    let planned = planned.await.result.unwrap();
    keep(world, &planned.digest);
    let request = UndoRequest {
        run: run.to_owned(),
        approved: planned.digest,
        trigger: "test".to_owned(),
        slice: request(RunMode::Full).slice,
    };
    let undone = version.undo(&world.workspace, &world.document, request);
    undone.await.result.unwrap().run
}

fn mirror() -> Value {
    json!({ "preset": "mirror", "removed": "delete" })
}

async fn world() -> World {
    World::with(people(8), mirror()).begin().await
}

fn renames(world: &World, id: u32) {
    let change = json!({ "surname": "Berg" });
    world.control().edit_user(&object_id(id), change).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_one_is_let_in_as_what_it_is() {
    let export = "contact-sync:connector/connector@0.2.1".to_owned();
    assert!(
        later().exports().contains(&export),
        "{:?}",
        later().exports()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_goes_on_where_another_stood_forward_and_back() {
    let world = world().await;
    let run = sync(first(), &world, RunMode::Full).await;
    assert_eq!((run.status, run.counts.created), (RunStatus::Succeeded, 8));
    // Forward twice, and back twice: each finds what changed since, and nobody twice.
    for (id, version) in [
        (1, connector()),
        (2, later()),
        (3, connector()),
        (4, first()),
    ] {
        renames(&world, id);
        let run = sync(version, &world, RunMode::Incremental).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{id}: {run:?}");
        let counts = (run.counts.created, run.counts.updated, run.counts.removed);
        assert_eq!(counts, (0, 1, 0), "{id}: {run:?}");
        assert_eq!(world.field_of(id, "last_name").as_deref(), Some("Berg"));
    }
    assert_eq!(world.contacts().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_planned_another_performs() {
    for (planner, performer) in [(connector(), later()), (later(), connector())] {
        let world = world().await;
        let digest = plan(planner, &world).await;
        let mut approved = request(RunMode::Full);
        approved.approval = Some(Approval::Plan(digest));
        let run = try_sync(performer, &world, approved).await.unwrap();
        assert_eq!((run.status, run.counts.created), (RunStatus::Succeeded, 8));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_did_another_takes_back() {
    for (doer, undoer) in [
        (first(), connector()),
        (connector(), later()),
        (later(), connector()),
        (connector(), first()),
    ] {
        let world = world().await;
        sync(doer, &world, RunMode::Full).await;
        renames(&world, 3);
        let run = sync(doer, &world, RunMode::Incremental).await;
        assert_eq!(run.counts.updated, 1, "{run:?}");
        let undone = undo(undoer, &world, &run.id).await;
        assert_eq!(undone.counts.updated, 1, "{undone:?}");
        assert_eq!(world.field_of(3, "last_name").as_deref(), Some("Number3"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_a_later_version_wrote_is_refused_in_a_sentence_and_left_as_it_is() {
    let world = world().await;
    sync(connector(), &world, RunMode::Full).await;
    // What a version writes that keeps something of which today's does not know.
    let written = world.store.apply(Commit {
        source: "entra:any".to_owned(),
        run: None,
        changes: Vec::new(),
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: vec![StateWrite {
            key: "format".to_owned(),
            value: Some(b"2".to_vec()),
        }],
    });
    written.unwrap();
    renames(&world, 3);
    let contacts = world.contacts();
    let refused = try_sync(connector(), &world, request(RunMode::Incremental)).await;
    let sentence = refused.unwrap_err().to_string();
    assert!(
        sentence.contains("written by a newer version of this connector"),
        "{sentence}"
    );
    assert_eq!(world.contacts(), contacts);
    let format = world.store.get("format").unwrap();
    assert_eq!(format.as_deref(), Some(&b"2"[..]));
}
