//! Stopping, and two at once.

use std::process::{Child, Stdio};

use host_harness::graph_emulator::{DirectorySource, Fault};
use serde_json::json;

use super::desk::{Desk, end, until};

/// A tenant of five pages and some, each of which takes a moment.
async fn slow_desk() -> Desk {
    let desk = Desk::before(DirectorySource::Synthetic {
        users: 5_500,
        seed: 7,
    })
    .await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.emulator.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        delay_ms: 400,
        ..Fault::default()
    });
    desk.emulator.control().clear_requests();
    desk
}

fn spawn(desk: &Desk, arguments: &[&str]) -> Child {
    desk.command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// How many pages of the list were asked for.
fn pages(desk: &Desk) -> usize {
    let requests = desk.emulator.requests();
    requests
        .iter()
        .filter(|request| request.path() == "/v1.0/users")
        .count()
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let sent = std::process::Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_sync_after_its_page_with_everything_saved() {
    for signal in ["-INT", "-TERM"] {
        let desk = slow_desk().await;
        let child = spawn(&desk, &["sync", "--json"]);
        until("the third page is asked for", || pages(&desk) >= 3);
        send(signal, &child);
        let stopped = end(child).with(1).saying("stopping after this page");
        let run = stopped.json();
        assert_eq!(run["status"], "stopped", "{run:#}");
        let saved = desk.contacts().len();
        assert_eq!(run["created"], saved, "the run says what was saved");
        assert!((999..5_500).contains(&saved), "{saved}");

        let before = pages(&desk);
        let run = desk.run(&["sync", "--json"]).with(0).json();
        assert_eq!(run["created"], 5_500 - saved, "{run:#}");
        assert_eq!(desk.contacts().len(), 5_500);
        assert!(
            pages(&desk) - before < 6,
            "the round went on, it did not begin again"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sync_is_gone_on_with() {
    let desk = slow_desk().await;
    let mut child = spawn(&desk, &["sync", "--json"]);
    until("the third page is asked for", || pages(&desk) >= 3);
    child.kill().unwrap();
    child.wait().unwrap();
    let saved = desk.contacts().len();
    assert!((999..5_500).contains(&saved), "{saved}");
    desk.run(&["sync", "--json"]).with(0);
    assert_eq!(desk.contacts().len(), 5_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_who_is_at_work_and_looking_does_not_wait() {
    let desk = slow_desk().await;
    desk.emulator.control().clear_faults();
    desk.emulator.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        skip: 1,
        times: Some(1),
        delay_ms: 600_000,
        ..Fault::default()
    });
    let mut child = spawn(&desk, &["sync", "--json"]);
    until("the second page is asked for", || pages(&desk) >= 2);
    let report = desk.run(&["report", "--json"]).with(0).json();
    assert_eq!(report["status"], "syncing", "{report:#}");
    // It is asked for while the first one is applied.
    until("the first page is applied", || !desk.contacts().is_empty());
    for arguments in [&["sync"][..], &["plan"], &super::desk::CONNECT] {
        desk.run(arguments).with(1).saying("`sync` (process ");
    }
    // A process that is killed keeps nobody out.
    child.kill().unwrap();
    child.wait().unwrap();
    let report = desk.run(&["report", "--json"]).with(0).json();
    assert_ne!(report["status"], "syncing");
    desk.run(&["sync"]).with(0);
    assert_eq!(desk.contacts().len(), 5_500);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_wait_for_a_directory_that_asks_for_patience() {
    let desk = slow_desk().await;
    desk.emulator.control().clear_faults();
    desk.emulator.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        status: Some(429),
        retry_after: Some("3000".to_owned()),
        ..Fault::default()
    });
    let child = spawn(&desk, &["sync", "--json"]);
    until("the directory has asked for patience", || pages(&desk) >= 1);
    send("-INT", &child);
    end(child).with(1);
}
