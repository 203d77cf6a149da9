//! The conformance component: the right host passes, and a host that breaks a promise is caught by its name.
//!
//! Of each promise there is a host that breaks it and, as far as that can be, no other one. Whichever promise is
//! added to the list is asked for its wrong host here.

mod wrong_host;
mod wrong_store;

use std::sync::{Arc, LazyLock};

use conformance::{
    Addresses, NotTried, SECRET_NAME, SECRET_VALUE, try_host, try_lost_lease, try_stop,
};
use host_harness::component::conformance_bytes;
use host_harness::contract::{CheckStatus, Error, RunMode, SliceEnd};
use host_harness::grant::grant;
use host_harness::runtime::imports::{SecretsInMemory, Silent};
use host_harness::runtime::{
    CallError, Connector, HttpAccess, HttpOptions, HttpPolicy, Limits, Runtime, RuntimeOptions,
    Workspace,
};
use host_harness::store::{SqliteStore, StoreOptions};
use host_harness::store_api::AdminStore;
use host_promises::promises::{ALL, Promise, When};
use host_promises::report::Report;
use host_promises::verdict::Ending;
use serde_json::{Value, json};
use sync_runner::OpenWorkspace;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::world::{World, connector, people, request};
use wrong_host::{AnySecret, Forgetful, Impatient, KEY, Keys, StandingClock, Tokens};
use wrong_store::WrongStore;

/// The component, compiled once for all tests.
fn component() -> &'static Connector {
    static COMPONENT: LazyLock<Connector> = LazyLock::new(|| {
        Runtime::new(RuntimeOptions::default())
            .unwrap()
            .load(conformance_bytes())
            .unwrap()
    });
    &COMPONENT
}

/// A host with a workspace that is thrown away.
struct Host {
    opened: OpenWorkspace,
    document: Value,
    _addresses: Addresses,
    _data: TempDir,
}

impl Host {
    /// Everything right, and the addresses that the component asks.
    async fn right() -> Self {
        Self::with(StoreOptions {
            durable: false,
            ..StoreOptions::default()
        })
        .await
    }

    async fn with(options: StoreOptions) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store: Arc<dyn AdminStore> =
            Arc::new(SqliteStore::open(data.path(), &options).unwrap());
        let addresses = Addresses::start().await.unwrap();
        let mut document = addresses.document();
        document["credentials"]["certificate"] = json!({ "key": KEY });
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = Arc::new(SecretsInMemory::new([(SECRET_NAME, SECRET_VALUE)]));
        workspace.signing = Keys::new("nothing");
        workspace.tokens = Tokens::new("nothing");
        let policy = grant(&document.to_string(), &[], true).unwrap();
        workspace.http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
        let connector = component().clone();
        Self {
            opened: OpenWorkspace {
                store,
                connector,
                workspace,
            },
            document,
            _addresses: addresses,
            _data: data,
        }
    }

    /// The right host, but for one promise.
    async fn wrong(breaks: &'static str) -> Self {
        let mut host = Self::right().await;
        let wrong = Arc::new(WrongStore::new(Arc::clone(&host.opened.store), breaks));
        let workspace = &mut host.opened.workspace;
        workspace.store = wrong.clone();
        workspace.state = wrong.clone();
        workspace.plan = wrong;
        workspace.signing = Keys::new(breaks);
        workspace.tokens = Tokens::new(breaks);
        let denied = HttpAccess::denied;
        let reaching = |policy| HttpAccess::new(policy, &HttpOptions::default()).unwrap();
        match breaks {
            "secret-value" => {
                let other = SecretsInMemory::new([(SECRET_NAME, "another one")]);
                workspace.secrets = Arc::new(other);
            }
            "secret-unknown" => workspace.secrets = Arc::new(AnySecret),
            "consent-given" | "http-answer" | "http-body" | "http-side-by-side" => {
                workspace.http = denied();
            }
            // Who allows a host consents to it.
            "consent-foreign" | "http-denied-name" => {
                workspace.http = reaching(HttpPolicy::new(["host-conformance.invalid"]).unwrap());
            }
            "http-denied" => {
                let allowed = workspace.http.policy().clone();
                let forbidden = host.document["conformance"]["forbidden"].as_str().unwrap();
                let forbidden = forbidden.strip_prefix("http://").unwrap();
                workspace.http = reaching(allowed.with_loopback(forbidden).unwrap());
            }
            "http-redirect" => {
                let followed = answering_everything().await;
                host.document["endpoints"]["graph"] = Value::from(format!("http://{followed}"));
                let policy = HttpPolicy::default().with_loopback(&followed).unwrap();
                workspace.http = reaching(policy);
            }
            "http-silence" => workspace.turns = Some(Forgetful::new()),
            "notification-address" => {
                workspace.notified_at = Some("http://sync.example/notify".to_owned());
            }
            "clock" => workspace.clock = Some(Arc::new(StandingClock)),
            "progress" => workspace.control = Arc::new(Impatient),
            "many-handles" => {
                workspace.limits = Limits {
                    handles: 1_000,
                    ..Limits::default()
                }
            }
            _ => {}
        }
        host
    }

    /// Without the addresses, whose answers a check of the store need not wait for.
    fn offline(mut self) -> Self {
        for part in ["endpoints", "conformance"] {
            self.document.as_object_mut().unwrap().remove(part);
        }
        self
    }

    async fn tried(&self) -> conformance::Tried {
        try_host(&self.opened, &self.document.to_string())
            .await
            .unwrap()
    }

    /// The promises that `configure` does not find kept.
    async fn configured(&self) -> Vec<String> {
        let document = self.document.to_string();
        let connector = &self.opened.connector;
        let report = connector
            .configure(&self.opened.workspace, &document)
            .await
            .result
            .unwrap();
        assert!(!report.ready);
        let checks = report.checks.into_iter();
        let failed = checks.filter(|check| check.status == CheckStatus::Failed);
        failed.map(|check| check.name).collect()
    }
}

/// A server that answers 200 to whatever it is asked: what a component sees where its host follows redirects.
async fn answering_everything() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    address
}

fn named(report: &Report, ending: Ending) -> Vec<&str> {
    let checks = report.checks.iter().filter(|check| check.ending == ending);
    checks.map(|check| check.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn this_host_keeps_every_promise_and_is_left_as_it_was() {
    let mut host = Host::right().await;
    host.opened.hold("conformance").unwrap();
    let tried = host.tried().await;
    let report = tried.report;
    assert_eq!(
        named(&report, Ending::Failed),
        Vec::<&str>::new(),
        "{report:#?}"
    );
    assert_eq!(named(&report, Ending::NotTried), ["stop", "lease-lost"]);
    assert!(report.is_passed() && tried.ended.is_empty());
    assert_eq!(report.checks.len(), ALL.len());
    assert!(report.took_ms < 5_000, "{} ms", report.took_ms);

    let store = &host.opened.store;
    assert_eq!(store.contacts(Default::default()).count(), 0);
    let state = store.list("", None, 10).unwrap();
    let keys: Vec<_> = state.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["host-conformance/report"]);

    // It can be tried again, and forgets what it found when it is disconnected.
    assert!(host.tried().await.report.is_passed());
    let connector = &host.opened.connector;
    connector
        .disconnect(&host.opened.workspace, "{}")
        .await
        .result
        .unwrap();
    assert!(store.list("", None, 10).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_to_end_ends_and_a_lost_lease_is_told() {
    let mut host = Host::right().await;
    host.opened.hold("conformance").unwrap();
    assert_eq!(try_stop(&host.opened, &host.document).await.unwrap(), None);
    assert_eq!(
        try_lost_lease(&host.opened, &host.document).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_have_less_or_want_more_pass_with_what_they_have() {
    let host = Host::with(StoreOptions {
        custom_fields: false,
        mandatory: vec!["email".to_owned(), "phone_number".to_owned()],
        marks: false,
        durable: false,
        ..StoreOptions::default()
    })
    .await;
    let report = host.tried().await.report;
    assert_eq!(
        named(&report, Ending::Failed),
        Vec::<&str>::new(),
        "{report:#?}"
    );
    assert_eq!(
        named(&report, Ending::NotTried),
        [
            "mark-stale",
            "mark-other",
            "mark-not-applied",
            "mark-no-write",
            "mark-link",
            "stop",
            "lease-lost"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_as_short_as_a_host_likes_come_to_the_same() {
    let host = Host::right().await.offline();
    let (connector, workspace) = (&host.opened.connector, &host.opened.workspace);
    let mut request = request(RunMode::Full);
    request.slice.max_pages = Some(7);
    let mut calls = 0;
    loop {
        let document = host.document.to_string();
        let slice = connector
            .sync(workspace, &document, request.clone())
            .await
            .result
            .unwrap();
        calls += 1;
        if slice.end == SliceEnd::Finished {
            assert_eq!(slice.run.counts.failed, 0, "{:#?}", slice.run.errors);
            break;
        }
    }
    assert!(calls > 10, "{calls}");
    assert_eq!(host.opened.store.contacts(Default::default()).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_in_which_a_connector_has_been_at_work_is_refused() {
    let world = World::with(people(3), json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    let opened = OpenWorkspace {
        store: world.store.clone(),
        connector: component().clone(),
        workspace: world.workspace.clone(),
    };
    let refused = try_host(&opened, "{}").await.unwrap_err();
    let NotTried::Call(CallError::Guest {
        error: Error::Other(failure),
        ..
    }) = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(failure.code, "workspace-not-empty");
    assert_eq!(world.contacts().len(), 3);
    assert!(connector().exports().len() >= component().exports().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_says_something_wrong_is_refused_with_the_place() {
    let host = Host::right().await;
    let document = json!({ "conformance": { "waives": { "atomik": "A typo." } } });
    let refused = try_host(&host.opened, &document.to_string())
        .await
        .unwrap_err();
    let said = format!("{refused:?}");
    assert!(said.contains("/conformance/waives/atomik"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_does_without_is_waived_and_told() {
    let mut host = Host::wrong("atomic").await.offline();
    let why = "This host has no transactions.";
    host.document["conformance"] = json!({ "waives": { "atomic": why } });
    let report = host.tried().await.report;
    assert!(report.is_passed(), "{report:#?}");
    let waived = report
        .checks
        .iter()
        .find(|check| check.name == "atomic")
        .unwrap();
    assert_eq!(
        (waived.ending, waived.passed, &*waived.seen),
        (Ending::Waived, false, why)
    );
}

/// Promises that only a host breaks that is wrong in this way, and what it sees.
async fn catches(promises: impl Iterator<Item = &'static Promise>) {
    let mut missed = Vec::new();
    for Promise { name, when, .. } in promises {
        let host = Host::wrong(name).await;
        let caught = match when {
            When::Always => host.configured().await,
            When::Plan | When::Sync => {
                let tried = host.offline().tried().await;
                let failed = tried.report.failures().map(|check| check.name.clone());
                let failed: Vec<_> = failed.collect();
                // What a plan finds, it says itself, too.
                let said = *when != When::Plan || tried.planned.iter().any(|it| it == name);
                assert!(said, "{name}: {:?}", tried.planned);
                failed
            }
            When::Scenario => {
                let mut host = host;
                host.document["conformance"]["scenario"] = Value::from(*name);
                host.opened.workspace.control = Arc::new(Silent);
                let document = host.document.to_string();
                let (connector, workspace) = (&host.opened.connector, &host.opened.workspace);
                let request = request(RunMode::Full);
                let slice = connector
                    .sync(workspace, &document, request)
                    .await
                    .result
                    .unwrap();
                slice
                    .run
                    .errors
                    .into_iter()
                    .map(|error| error.code)
                    .collect()
            }
        };
        if !caught.iter().any(|it| it == name) {
            missed.push((*name, caught));
        }
    }
    assert!(
        missed.is_empty(),
        "not caught, and what was seen instead: {missed:#?}"
    );
}

/// A part of the promises that are tried in `sync`, so that the parts are tried side by side.
fn some_of_sync(part: usize) -> impl Iterator<Item = &'static Promise> {
    let sync = ALL.iter().filter(|promise| promise.when == When::Sync);
    sync.skip(part).step_by(4)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_where_nothing_is_written() {
    catches(ALL.iter().filter(|promise| promise.when == When::Always)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_in_a_plan() {
    catches(ALL.iter().filter(|promise| promise.when == When::Plan)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_in_a_sync_1() {
    catches(some_of_sync(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_in_a_sync_2() {
    catches(some_of_sync(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_in_a_sync_3() {
    catches(some_of_sync(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_host_is_caught_by_name_in_a_sync_4() {
    catches(some_of_sync(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_hears_nobody_is_caught_by_name() {
    catches(ALL.iter().filter(|promise| promise.when == When::Scenario)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_ends_its_call_costs_no_other_one_its_turn() {
    let host = Host::wrong("many-handles").await.offline();
    let tried = host.tried().await;
    assert_eq!(tried.ended.len(), 1, "{:?}", tried.ended);
    assert_eq!(named(&tried.report, Ending::Failed), ["many-handles"]);
    assert!(tried.report.finished);
    assert_eq!(host.opened.store.contacts(Default::default()).count(), 0);
}
