//! A domain that comes to belong to another tenant: the object ids of the one mean nothing in the
//! other. Nothing is done on the word of a tenant that never knew them.

use std::mem;

use host_harness::contract::{
    Approval, CheckStatus, Commit, Effect, Run, RunMode, RunStatus, SliceEnd, StateWrite,
};
use host_harness::grant::grant;
use host_harness::graph_emulator::{
    DirectorySource, Emulator, EmulatorOptions, Fault, TenantOptions,
};
use host_harness::runtime::{HttpAccess, HttpOptions};
use host_harness::store_api::PlanRecord;
use serde_json::{Value, json};

use super::deletes;
use crate::world::{World, connector, object_id, people, person, planned_count, request};

const DOMAIN: &str = "contoso.com";
const OTHER_TENANT: &str = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

/// Writes another tenant into the configuration.
fn configure_tenant(world: &mut World, tenant: &str) {
    let mut document: Value = serde_json::from_str(&world.document).unwrap();
    document["tenant"]["id"] = json!(tenant);
    let root = world.emulator.graph_url();
    document["endpoints"] = json!({ "login": root, "graph": root });
    world.document = document.to_string();
    let policy = grant(&world.document, &[], true).unwrap();
    world.workspace.http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
}

fn configured_tenant(world: &World) -> String {
    let document: Value = serde_json::from_str(&world.document).unwrap();
    document["tenant"]["id"].as_str().unwrap().to_owned()
}

/// The domain belongs to this tenant from now on; returns the one it belonged to.
fn hand_over(world: &mut World, tenant: Emulator) -> Emulator {
    let before = mem::replace(&mut world.emulator, tenant);
    let configured = configured_tenant(world);
    configure_tenant(world, &configured);
    before
}

/// A tenant of the same domains, with other people of the same addresses.
async fn other_tenant(count: u32) -> Emulator {
    let of_other = |mut user: Value| {
        let id = user["id"]
            .as_str()
            .unwrap()
            .replace("00000000-", "ffffffff-");
        user["id"] = json!(id);
        user
    };
    let options = EmulatorOptions {
        tenant: TenantOptions {
            tenant_id: OTHER_TENANT.to_owned(),
            ..TenantOptions::default()
        },
        directory: DirectorySource::Users(people(count).into_iter().map(of_other).collect()),
        ..EmulatorOptions::default()
    };
    Emulator::start(options).await.unwrap()
}

/// So many people, synced from a tenant that is configured by its domain.
async fn synced_by_domain(count: u32, sync: Value) -> World {
    let mut world = World::with(people(count), sync).begin().await;
    configure_tenant(&mut world, DOMAIN);
    let run = world.sync().await;
    assert_eq!(run.counts.created, u64::from(count), "{run:?}");
    world
}

fn assert_stopped(run: &Run, told: &str) {
    assert_eq!(run.status, RunStatus::Failed, "{told}: {run:?}");
    assert_eq!(run.errors[0].code, "tenant-moved", "{told}");
    let message = &run.errors[0].message;
    for told in [
        DOMAIN,
        OTHER_TENANT,
        &*TenantOptions::default().tenant_id,
        "tenant.id",
    ] {
        assert!(message.contains(told), "{message}");
    }
    assert_eq!(run.counts.processed, 0, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_domain_has_moved_to_another_tenant_everything_stops_and_nothing_is_touched() {
    for (count, sync) in [
        (4, deletes()),
        (30, deletes()),
        (4, json!({ "preset": "additive" })),
        (4, json!({ "preset": "lifecycle" })),
        (4, json!({ "preset": "mirror" })),
    ] {
        let told = sync.to_string();
        let mut world = synced_by_domain(count, sync).await;
        let before = world.snapshot();
        let made = world.report().await.history.remove(0).id;
        let first = hand_over(&mut world, other_tenant(count).await);

        assert_stopped(&world.sync().await, &told);
        assert_stopped(&world.full_sync().await, &told);
        let retried = connector()
            .retry(&world.workspace, &world.document, &object_id(1))
            .await;
        assert_stopped(&retried.result.unwrap().run, &told);
        world.store.begin_plan().unwrap();
        let plan = connector()
            .plan(&world.workspace, &world.document, RunMode::Full)
            .await;
        let refused = format!("{:?}", plan.result.unwrap_err());
        assert!(refused.contains("tenant-moved"), "{refused}");
        assert_eq!(world.planned(), []);
        // Nobody is asked for an undo, and what the old tenant's run did is still known.
        world.store.begin_plan().unwrap();
        let undo = connector()
            .plan_undo(&world.workspace, &world.document, &made)
            .await;
        assert_eq!(
            planned_count(&undo.result.unwrap(), Effect::Delete),
            u64::from(count)
        );

        let report = world.configure().await.unwrap();
        assert!(!report.ready, "{told}");
        let failed = report
            .checks
            .iter()
            .find(|check| check.status == CheckStatus::Failed);
        let failed = failed.unwrap();
        assert_eq!(failed.code.as_deref(), Some("tenant-moved"));
        assert!(failed.advice.as_ref().unwrap().contains(OTHER_TENANT));
        assert_eq!(world.snapshot(), before, "{told}");

        // It was a mistake, and is put right: the next sync goes on where the last one stood.
        hand_over(&mut world, first);
        let run = world.sync().await;
        assert_eq!(
            (run.status, run.mode),
            (RunStatus::Succeeded, RunMode::Incremental),
            "{told}"
        );
        assert_eq!(run.counts.processed, 0);
        assert_eq!(world.snapshot(), before, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_that_the_stop_names_links_each_contact_once_and_makes_no_second_one() {
    for count in [4, 30] {
        let mut world = synced_by_domain(count, deletes()).await;
        let first = hand_over(&mut world, other_tenant(count).await);
        assert_stopped(&world.sync().await, "before");
        configure_tenant(&mut world, OTHER_TENANT);
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        let counts = &run.counts;
        assert_eq!(
            (counts.created, counts.updated, counts.removed),
            (0, u64::from(count), 0)
        );
        assert_eq!(world.contacts().len(), count as usize);
        let second = world.full_sync().await.counts;
        assert_eq!(
            (second.unchanged, second.processed),
            (u64::from(count), u64::from(count))
        );

        // And back, by the old tenant's id: nobody is linked anew.
        let other = hand_over(&mut world, first);
        configure_tenant(&mut world, &TenantOptions::default().tenant_id);
        let back = world.sync().await.counts;
        assert_eq!(
            (back.created, back.removed, back.unchanged),
            (0, 0, u64::from(count))
        );
        assert_eq!(world.contacts().len(), count as usize);
        drop(other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_configured_by_its_id_must_be_the_one_that_answers() {
    let world = World::with(people(4), deletes()).begin().await;
    world.sync().await;
    let before = world.snapshot();
    // A token with `"tid": "6ea91a8d-…"`.
    let token = "e30.eyJ0aWQiOiI2ZWE5MWE4ZC1lMzJlLTQxYTEtYjdiZC1kMmQxODVlZWQwZTAifQ.c2ln";
    world.control().inject(Fault {
        path: Some("/oauth2/v2.0/token".to_owned()),
        status: Some(200),
        body: Some(json!({ "access_token": token, "expires_in": 3599 }).to_string()),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.errors[0].code, "other-tenant", "{run:?}");
    assert!(run.errors[0].message.contains(OTHER_TENANT));
    let report = world.configure().await.unwrap();
    assert_eq!(report.checks[0].code.as_deref(), Some("other-tenant"));
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_moves_between_two_slices_ends_the_run_and_its_round_waits() {
    let mut world = World::with(people(20), deletes())
        .emulator(|options| options.delta_page_size = 3)
        .begin()
        .await;
    configure_tenant(&mut world, DOMAIN);
    world.sync().await;
    for id in 1..=12 {
        let change = json!({ "surname": "Renamed" });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    world.control().delete_user(&object_id(20)).unwrap();
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_pages = Some(1);
    let first = world.try_sync(slice.clone()).await.unwrap();
    assert!(matches!(first.end, SliceEnd::More(_)), "{first:?}");
    let before = world.snapshot();

    let old = hand_over(&mut world, other_tenant(20).await);
    let stopped = world.try_sync(slice.clone()).await.unwrap();
    assert!(matches!(stopped.end, SliceEnd::Finished));
    assert_eq!(stopped.run.errors[0].code, "tenant-moved");
    assert_eq!(world.snapshot(), before);

    hand_over(&mut world, old);
    let run = world.run(slice).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    for id in 1..=12 {
        assert_eq!(world.field_of(id, "last_name").unwrap(), "Renamed", "{id}");
    }
    assert_eq!(world.contacts().len(), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_the_one_tenant_is_not_performed_on_the_other() {
    let mut world = synced_by_domain(12, deletes()).await;
    world.control().delete_user(&object_id(1)).unwrap();
    world.control().add_user(person(50, "New", "Hire")).unwrap();
    let plan = world.plan(RunMode::Incremental).await;
    let kept = PlanRecord {
        digest: plan.digest.clone(),
        mode: "incremental".to_owned(),
        created_at_ms: 0,
        summary: "{}".to_owned(),
    };
    world.store.keep_plan(&kept).unwrap();
    let before = world.snapshot();
    let old = hand_over(&mut world, other_tenant(12).await);
    let mut approved = request(RunMode::Incremental);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    assert_stopped(&world.run(approved.clone()).await, "approved");
    assert_eq!(world.snapshot(), before);
    hand_over(&mut world, old);
    let run = world.run(approved).await;
    assert_eq!((run.counts.created, run.counts.removed), (1, 1), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_of_the_same_tenant_links_nobody_anew() {
    let mut world = synced_by_domain(12, deletes()).await;
    let before = world.snapshot();
    let id = TenantOptions::default().tenant_id;
    for name in [
        "CONTOSO.com",
        "contoso.onmicrosoft.com",
        &id,
        &id.to_uppercase(),
        DOMAIN,
    ] {
        configure_tenant(&mut world, name);
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{name}: {run:?}");
        assert_eq!(world.snapshot(), before, "{name}: versions included");
        assert_eq!(world.sync().await.mode, RunMode::Incremental, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_version_knew_of_the_domain_holds() {
    let mut world = World::with(people(4), deletes()).begin().await;
    world.sync().await;
    configure_tenant(&mut world, DOMAIN);
    let known = json!({
        "configured": DOMAIN, "id": TenantOptions::default().tenant_id, "name": "Contoso",
    });
    let commit = Commit {
        source: "entra:any".to_owned(),
        run: None,
        changes: Vec::new(),
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: vec![StateWrite {
            key: "tenant".to_owned(),
            value: Some(known.to_string().into_bytes()),
        }],
    };
    world.store.apply(commit).unwrap();
    let before = world.snapshot();
    let old = hand_over(&mut world, other_tenant(4).await);
    assert_stopped(&world.sync().await, "known from before");
    hand_over(&mut world, old);
    assert_eq!(world.sync().await.counts.unchanged, 4);
    assert_eq!(world.snapshot(), before);
}
