//! A server in a process of its own that ends in the middle: what is gone on with, and what is printed.

use std::backtrace::Backtrace;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host_harness::component::component_bytes;
use host_harness::graph_emulator::{DirectorySource, Fault};
use host_harness::runtime::WallClock;
use host_harness::server::{Endpoints, KeySource, Server, ServerOptions};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::visit::{Place, SECRET};

/// How a process of its own hears what to do.
const TASK: &str = "SERVER_OF_THE_TESTS";

/// Where it tells its address.
const LISTENS: &str = "listens on ";

/// Whether a backtrace is of where a secret was opened, and its use is about to be noted: by its function,
/// or by its file where lines are known.
fn is_secret_in_hand(backtrace: &str) -> bool {
    ["SealedSecrets", "sealed_secrets.rs"]
        .iter()
        .any(|name| backtrace.contains(name))
}

/// Stands, and breaks down where it is to, when it is asked by whoever has a secret in hand.
struct Clock {
    now: Duration,
    breaks: bool,
}

impl WallClock for Clock {
    fn since_epoch(&self) -> Duration {
        if self.breaks {
            let asked_by = Backtrace::force_capture().to_string();
            assert!(!is_secret_in_hand(&asked_by), "this clock has stopped");
        }
        self.now
    }
}

/// A process of its own: the server of a place, which does not run there meanwhile.
fn start(place: &Place, breaks: bool) -> Child {
    let options = &place.options;
    let endpoints = options.endpoints.as_ref().unwrap();
    let task = json!({
        "data": options.data,
        "keys": place.data.path().join("vault.key"),
        "compiled": options.compiled,
        "login": endpoints.login,
        "graph": endpoints.graph,
        "nowMs": place.clock.since_epoch().as_millis() as u64,
        "breaks": breaks,
    });
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "server::crash::a_server_of_its_own"])
        .args(["--ignored", "--nocapture"])
        .env(TASK, task.to_string())
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until it listens.
fn until_it_listens(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let listens = lines.any(|line| line.unwrap().contains(LISTENS));
    assert!(listens, "it has ended");
    std::thread::spawn(move || lines.for_each(drop));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other tests here start it, in a process of its own"]
async fn a_server_of_its_own() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let task: Value = serde_json::from_str(&task).unwrap();
    let text = |name: &str| task[name].as_str().unwrap().to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let breaks = task["breaks"] == true;
    let now = Duration::from_millis(task["nowMs"].as_u64().unwrap());
    let options = ServerOptions {
        component: Bytes::from_static(component_bytes()),
        destinations: Vec::new(),
        data: PathBuf::from(text("data")),
        keys: KeySource::File(PathBuf::from(text("keys"))),
        compiled: Some(PathBuf::from(text("compiled"))),
        parallel: 2,
        endpoints: Some(Endpoints {
            login: text("login"),
            graph: text("graph"),
        }),
        public_url: format!("http://{address}"),
        application: None,
        notifications: false,
        demo: false,
        ca_file: None,
        proxy: None,
        clock: Arc::new(Clock { now, breaks }),
    };
    let server = Server::start(listener, options).await.unwrap();
    println!("{LISTENS}{address}");
    if breaks {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            print(panic);
            std::process::abort();
        }));
    }
    server.sync("acme", true).unwrap();
    if breaks {
        server.idle().await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// How many contacts a workspace has, and how many of the directory's people they are.
fn contacts(place: &Place, id: &str) -> (i64, i64) {
    let folder = place.folder().join("workspaces").join(id);
    let database = Connection::open(folder.join("connector.db")).unwrap();
    let count = |sql| database.query_row(sql, [], |row| row.get(0)).unwrap();
    (
        count("SELECT count(*) FROM contacts"),
        count("SELECT count(DISTINCT object_id) FROM contacts"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_whose_server_is_killed_is_gone_on_with_and_does_nothing_twice() {
    let people = DirectorySource::Synthetic {
        users: 3_000,
        seed: 1,
    };
    let mut place = Place::with(people, |tenant| tenant).await;
    for id in ["acme", "calm"] {
        place.add(id, "mirror");
        place.connect(id, json!({ "preset": "mirror" })).await;
    }
    place.sync("calm", true).await;
    place.stop().await;

    // The last of four pages is asked for while the third is looked at, and that was not begun before the first
    // was kept; the second may still be written then.
    place.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        skip: 3,
        times: Some(1),
        delay_ms: 600_000,
        ..Fault::default()
    });
    let mut child = start(&place, false);
    until_it_listens(&mut child);
    while !place.control().faults().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let (written, _) = contacts(&place, "acme");
    let (all, people) = contacts(&place, "calm");
    assert!((999..all).contains(&written), "{written} of {all}");

    place.start().await;
    place.server().idle().await;
    assert_eq!(contacts(&place, "acme"), (all, people));
    let mut ada = place.administrator("acme").await;
    let overview = ada.api("/overview").await;
    let calm = place.administrator("calm").await.api("/overview").await;
    let runs = overview["history"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "the same run: {runs:?}");
    for number in ["created", "skipped", "failed", "processed", "removed"] {
        assert_eq!(runs[0][number], calm["history"][0][number], "{number}");
    }
    let entries = ada.api("/activity").await["entries"].clone();
    let times = |action: &str| {
        let entries = entries.as_array().unwrap().iter();
        entries.filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(
        (
            times("sync-resumed"),
            times("sync-ended"),
            times("sync-failed")
        ),
        (1, 1, 0),
        "{entries}"
    );

    place.sync("acme", false).await;
    let history = ada.api("/overview").await["history"].clone();
    for number in ["created", "updated", "removed", "failed"] {
        assert_eq!(history[1][number], 0, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_breaks_down_with_a_secret_in_hand_prints_none() {
    let mut place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.stop().await;
    let key = std::fs::read_to_string(place.data.path().join("vault.key")).unwrap();
    let (_, key) = key.trim().split_once(' ').unwrap();

    let mut child = start(&place, true);
    let mut printed = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(6), "{printed}");
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(printed.contains("this clock has stopped"), "{printed}");
    assert!(is_secret_in_hand(&printed), "{printed}");
    for secret in [SECRET, key] {
        assert!(!printed.contains(secret) && !said.contains(secret));
    }

    // The next server goes on with what this one was at.
    place.start().await;
    place.server().idle().await;
    assert!(place.server().status("acme").unwrap().succeeded);
}
