//! What bad input gets: an error that says what to do, with nothing lost and nothing half-written.

use std::path::Path;
use std::time::{Duration, Instant};

use host_harness::component::component_bytes;
use host_harness::contract::{Check, CheckStatus, Run, RunMode, RunStatus};
use host_harness::graph_emulator::{Emulator, EmulatorOptions, Fault, TenantOptions};
use host_harness::runtime::{
    HttpAccess, HttpOptions, HttpPolicy, Runtime, RuntimeError, RuntimeOptions,
};
use host_harness::store::{FILE_NAME, OpenError, SqliteStore, StoreOptions};
use serde_json::{Value, json};

use crate::world::{World, object_id, person, request};

fn mirror() -> Value {
    json!({ "preset": "mirror" })
}

fn three() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Vance"),
        person(2, "Jo", "Berg"),
        person(3, "Ana", "Silva"),
    ]
}

/// A workspace that has been synced once.
async fn synced() -> World {
    let world = World::with(three(), mirror()).begin().await;
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    world
}

/// The first check of the connection test that failed.
async fn failed_check(world: &World) -> Check {
    let report = world.configure().await.unwrap();
    assert!(!report.ready);
    let failed = |check: &Check| check.status == CheckStatus::Failed;
    let check = report.checks.into_iter().find(failed).unwrap();
    let advice = check.advice.as_deref().unwrap_or_default();
    assert!(advice.len() > 20, "no advice: {check:?}");
    assert!(!format!("{check:?}").contains("emulator-secret"));
    check
}

/// A full sync with a fault, on a workspace that was synced before: it fails with this code, the
/// contacts are what they were, and without the fault the next sync does everything.
async fn fails_and_recovers(fault: Fault, code: &str) -> Run {
    let world = synced().await;
    let before = world.contacts();
    world.control().inject(fault);
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Failed, "{run:?}");
    assert_eq!(run.errors.len(), 1, "{:?}", run.errors);
    assert_eq!(run.errors[0].code, code);
    assert_eq!(world.contacts(), before, "a contact was touched");
    world.control().clear_faults();
    world
        .control()
        .edit_user(
            &object_id(2),
            json!({ "jobTitle": "Head of Sales", "surname": "Lund" }),
        )
        .unwrap();
    let next = world.sync().await;
    assert_eq!(next.status, RunStatus::Succeeded, "{next:?}");
    assert_eq!(world.contacts().len(), 3);
    assert_eq!(world.field_of(2, "last_name").as_deref(), Some("Lund"));
    run
}

fn on_the_list(fault: Fault) -> Fault {
    Fault {
        path: Some("/v1.0/users?".to_owned()),
        ..fault
    }
}

fn page(body: impl Into<String>) -> Fault {
    on_the_list(Fault {
        body: Some(body.into()),
        ..Fault::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_from_every_other_refusal() {
    let world = World::with(three(), mirror())
        .secret("a-wrong-secret")
        .begin()
        .await;
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("AADSTS7000215"));
    assert!(check.message.contains("secret is wrong"), "{check:?}");
    assert!(!format!("{check:?}").contains("a-wrong-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_is_told_from_every_other_refusal() {
    let world = World::with(three(), mirror()).begin().await;
    world.control().expire_secret("the-next-one");
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("AADSTS7000222"));
    assert!(check.message.contains("secret has expired"), "{check:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tenant_is_told_from_every_other_refusal() {
    let mut world = World::with(three(), mirror()).begin().await;
    let tenant = TenantOptions::default().tenant_id;
    world.document = world
        .document
        .replace(&tenant, "11111111-2222-4333-8444-555555555555");
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("AADSTS90002"));
    assert!(check.message.contains("tenant does not exist"), "{check:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_application_is_told_from_every_other_refusal() {
    let mut world = World::with(three(), mirror()).begin().await;
    let client = TenantOptions::default().client_id;
    world.document = world
        .document
        .replace(&client, "11111111-2222-4333-8444-555555555555");
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("AADSTS700016"));
    assert!(
        check.message.contains("application is unknown"),
        "{check:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_consent_names_the_permission() {
    let world = World::with(three(), mirror()).begin().await;
    world.control().grant(Vec::new());
    let report = world.configure().await.unwrap();
    assert!(!report.ready);
    let check = |name| {
        let mut checks = report.checks.iter();
        checks.find(|check| check.name == name).unwrap()
    };
    assert_eq!(check("token").status, CheckStatus::Passed);
    assert_eq!(check("users").status, CheckStatus::Failed);
    let permissions = check("permissions");
    assert!(permissions.message.contains("consent"), "{permissions:?}");
    let advice = permissions.advice.as_deref().unwrap();
    assert!(advice.contains("User.Read.All"), "{advice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_host_does_not_have_is_asked_for_by_name() {
    let mut world = World::with(three(), mirror()).begin().await;
    world.document = world
        .document
        .replace("\"client-secret\"", "\"other-name\"");
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("secret-not-found"));
    assert!(check.message.contains("other-name"), "{check:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_where_nothing_listens_is_given_up_in_seconds() {
    let world = synced().await;
    let before = world.contacts();
    let World {
        emulator,
        store,
        workspace,
        document,
        data,
    } = world;
    // The endpoint stays in the document; nobody listens there any more.
    emulator.stop().await;
    let elsewhere = Emulator::start(EmulatorOptions::default()).await.unwrap();
    let world = World {
        emulator: elsewhere,
        store,
        workspace,
        document,
        data,
    };
    let began = Instant::now();
    let check = failed_check(&world).await;
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(check.code.as_deref(), Some("no-connection"));
    assert!(check.message.contains("127.0.0.1"), "{check:?}");

    let began = Instant::now();
    let run = world.full_sync().await;
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.errors[0].code, "no-connection");
    assert_eq!(world.contacts(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_outside_the_allow_list_is_not_asked() {
    let mut world = World::with(three(), mirror()).begin().await;
    let policy = HttpPolicy::new(["graph.microsoft.com"]).unwrap();
    world.workspace.http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    // Servers that the document names itself are not even thought of without the host's consent.
    let refused = world.configure().await.unwrap_err().to_string();
    assert!(refused.contains("/endpoints/login"), "{refused}");
    assert!(refused.contains("/endpoints/graph"), "{refused}");
    assert!(world.try_sync(request(RunMode::Full)).await.is_err());
    // Microsoft's are, and the policy does not let the request for a token out.
    let mut document: Value = serde_json::from_str(&world.document).unwrap();
    document.as_object_mut().unwrap().remove("endpoints");
    world.document = document.to_string();
    let check = failed_check(&world).await;
    assert_eq!(check.code.as_deref(), Some("destination-denied"));
    assert!(world.emulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_link_to_another_host_is_refused_and_the_token_stays_here() {
    let stranger = Emulator::start(EmulatorOptions::default()).await.unwrap();
    let body = json!({
        "value": three(),
        "@odata.nextLink": format!("{}/v1.0/users?$skiptoken=x", stranger.graph_url()),
    });
    let run = fails_and_recovers(page(body.to_string()), "foreign-link").await;
    assert!(run.errors[0].message.contains("host or port"), "{run:?}");
    assert!(stranger.requests().is_empty(), "the stranger was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_json_fails_the_run_and_nothing_else() {
    fails_and_recovers(
        page("<html>Please sign in to the guest network</html>"),
        "not-json",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_off_fails_the_run_and_nothing_else() {
    let whole = json!({ "value": three() }).to_string();
    fails_and_recovers(page(&whole[..whole.len() / 2]), "not-json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_no_page_fails_the_run_and_nothing_else() {
    fails_and_recovers(page(r#"{"value": "nobody"}"#), "unexpected-shape").await;
}

/// People, and white space to a size.
fn padded(size: usize) -> String {
    let mut body = json!({ "value": three() }).to_string();
    body.truncate(body.len() - 1);
    body.push_str(&" ".repeat(size - body.len()));
    body.push('}');
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_fails_the_run_and_nothing_else() {
    fails_and_recovers(page(padded(17 << 20)), "answer-too-large").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_twelve_megabytes_is_read() {
    let world = World::with(three(), mirror()).begin().await;
    world.control().inject(page(padded(12 << 20)));
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.contacts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_once_is_no_failure() {
    let world = World::with(three(), mirror()).begin().await;
    world.control().inject(on_the_list(Fault {
        drop_connection: true,
        times: Some(1),
        ..Fault::default()
    }));
    assert_eq!(world.full_sync().await.status, RunStatus::Succeeded);
    assert_eq!(world.contacts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_an_id_hurts_only_itself() {
    let world = World::with(three(), mirror()).begin().await;
    let mut people = three();
    people[1].as_object_mut().unwrap().remove("id");
    people.push(json!("nobody"));
    world
        .control()
        .inject(page(json!({ "value": people }).to_string()));
    let run = world.full_sync().await;
    let counts = &run.counts;
    assert_eq!((counts.created, counts.failed), (2, 2), "{run:?}");
    assert_eq!(
        counts.processed,
        counts.created
            + counts.updated
            + counts.unchanged
            + counts.skipped
            + counts.removed
            + counts.failed
    );
    assert_eq!(world.contacts().len(), 2);
    let all = format!("{:?}", run.errors);
    assert!(!run.errors.is_empty());
    assert!(!all.contains("Berg") && !all.contains("contoso"), "{all}");

    world.control().clear_faults();
    world.full_sync().await;
    assert_eq!(world.contacts().len(), 3);
}

/// Opens a data directory and expects to be refused; the file is not touched.
fn refused(data: &Path) -> OpenError {
    let file = data.join(FILE_NAME);
    let before = std::fs::read(&file).unwrap();
    let error = SqliteStore::open(data, &StoreOptions::default()).unwrap_err();
    assert!(
        std::fs::read(&file).unwrap() == before,
        "the file was changed"
    );
    assert!(error.to_string().contains(FILE_NAME), "{error}");
    error
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let text = "name,email\nZoe,zoe@contoso.example\n".repeat(100);
    std::fs::write(data.path().join(FILE_NAME), text).unwrap();
    let error = refused(data.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_damaged_is_left_as_it_is() {
    let World {
        store,
        workspace,
        data,
        ..
    } = synced().await;
    drop((workspace, store));
    let file = data.path().join(FILE_NAME);
    let mut bytes = std::fs::read(&file).unwrap();
    // The page with the schema, behind the header by which the file is known.
    bytes[100..4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let error = refused(data.path());
    assert!(matches!(error, OpenError::Database { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_left_as_it_is() {
    let World {
        store,
        workspace,
        data,
        ..
    } = synced().await;
    drop((workspace, store));
    let file = data.path().join(FILE_NAME);
    let mut bytes = std::fs::read(&file).unwrap();
    // `user_version` (<https://www.sqlite.org/fileformat.html#the_database_header>).
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&file, bytes).unwrap();
    let error = refused(data.path());
    assert!(
        matches!(error, OpenError::TooNew { found: 99, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer program"), "{error}");
}

fn load(bytes: &[u8]) -> RuntimeError {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    match runtime.load(bytes) {
        Err(error) => error,
        Ok(_) => panic!("the component was let in"),
    }
}

#[test]
fn what_is_no_component_is_not_let_in() {
    let error = load(b"#!/bin/sh\necho hello\n");
    assert!(matches!(error, RuntimeError::NotWasm), "{error}");
    let error = load(b"");
    assert!(matches!(error, RuntimeError::NotWasm), "{error}");
    let core_module = b"\0asm\x01\0\0\0";
    let error = load(core_module);
    assert!(matches!(error, RuntimeError::NotAComponent), "{error}");
    let whole = component_bytes();
    let error = load(&whole[..whole.len() / 2]);
    assert!(matches!(error, RuntimeError::Invalid(_)), "{error}");
}

/// The connector, exporting another version of the contract.
pub(crate) fn of_another_version() -> Vec<u8> {
    let (known, other) = (
        b"contact-sync:connector/connector@0.2.0",
        b"contact-sync:connector/connector@0.3.0",
    );
    let mut bytes = component_bytes().to_vec();
    let places: Vec<_> = bytes
        .windows(known.len())
        .enumerate()
        .filter(|(_, window)| window == known)
        .map(|(place, _)| place)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + other.len()].copy_from_slice(other);
    }
    bytes
}

#[test]
fn a_component_of_another_contract_version_is_told_both_versions() {
    let error = load(&of_another_version());
    let RuntimeError::WrongVersion { known, found } = &error else {
        panic!("{error}")
    };
    assert_eq!((*known, found.as_str()), ("0.2 and 0.1", "0.3.0"));
}
