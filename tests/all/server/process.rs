//! The server as a process: what it prints, what it logs, and what is left when it is killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;

use http::StatusCode;

use super::visit::Visit;

/// The client secret of the demonstration's directory; it is printed once, for whoever tries it out.
const SECRET: &str = "emulator-secret";

/// Everything that the host's own crates log.
const LOGGED: &str = "connector_runtime=trace,host_harness=trace,server=trace,server_db=trace,sync_runner=trace,info";

pub const BINARY: &str = env!("CARGO_BIN_EXE_host-harness-under-test");

/// A running `serve --demo`.
pub struct Process {
    child: Child,
    pub address: String,
    link: String,
    tenant: String,
    client: String,
    log: mpsc::Receiver<String>,
}

impl Process {
    fn application(&self) -> (&str, &str) {
        (&self.tenant, &self.client)
    }

    fn start(data: &Path, log: &str) -> Self {
        Self::spawn(Command::new(BINARY), data, log)
    }

    /// One that may have so many files and connections open, and no more.
    #[cfg(unix)]
    pub fn with_files(data: &Path, files: u32) -> Self {
        let mut shell = Command::new("sh");
        let limit = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        shell.args(["-c", &limit, BINARY]);
        Self::spawn(shell, data, "text")
    }

    fn spawn(mut command: Command, data: &Path, log: &str) -> Self {
        let mut child = command
            .args([
                "serve",
                "--demo",
                "--listen",
                "127.0.0.1:0",
                "--log",
                log,
                "--data",
            ])
            .arg(data)
            .env("RUST_LOG", LOGGED)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |begin: &str| loop {
            let line = lines.next().expect("the server has ended").unwrap();
            if let Some((_, rest)) = line.split_once(begin) {
                return rest.trim().to_owned();
            }
        };
        let address = after("listens on ").trim_end_matches('.').to_owned();
        let link = after("Sign in as administrator, once:");
        let tenant = after("directory (tenant) ID");
        let client = after("application (client) ID");
        // Whoever prints more than a pipe holds would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let log = follow(child.stderr.take().unwrap());
        Self {
            child,
            address,
            link,
            tenant,
            client,
            log,
        }
    }

    async fn sign_in(&self) -> Visit {
        let mut visit = Visit::stranger(&self.address);
        let (_, code) = self.link.split_once("code=").unwrap();
        let answer = visit.send("/sign-in", &[("code", code)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        visit.root = "/w/demo".to_owned();
        visit
    }

    /// Ends it as a power failure does.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.iter().collect()
    }
}

fn follow(mut stderr: ChildStderr) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = String::new();
        let _ = stderr.read_to_string(&mut said);
        let _ = sender.send(said);
    });
    receiver
}

async fn connect(process: &Process, visit: &mut Visit) {
    let page = visit.get("/setup/connect").await;
    let answer = visit.connect_from(&page, process.application(), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_the_middle_of_a_set_up_has_what_was_saved_and_logs_no_secret() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path(), "json");
    let mut ada = process.sign_in().await;
    let session = ada.cookie.clone().unwrap();
    connect(&process, &mut ada).await;
    let before = ada.api("/connection").await;
    let log = process.kill();
    let (_, token) = session.split_once('=').unwrap();
    for secret in [SECRET, token] {
        assert!(!log.contains(secret), "{log}");
    }
    let lines: Vec<_> = log.lines().collect();
    assert!(!lines.is_empty(), "nothing was logged");
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(line["level"].is_string(), "{line}");
    }

    let process = Process::start(data.path(), "text");
    let mut ada = process.sign_in().await;
    let after = ada.api("/connection").await;
    for saved in [
        "version", "tenant", "clientId", "secret", "checks", "testedAt",
    ] {
        assert_eq!(after[saved], before[saved], "{saved}");
    }
    let log = process.kill();
    assert!(!log.contains(SECRET), "{log}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_pages_are_shown_and_what_is_refused_can_be_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path(), "text");
    let mut ada = process.sign_in().await;
    let page = ada.get("/setup/connect").await;
    let before = ada.api("/connection").await;
    // No file of this process can be written any more (setrlimit(2), RLIMIT_FSIZE), as on a full disk.
    let limit = |size: &str| {
        let done = Command::new("prlimit")
            .arg(format!("--pid={}", process.child.id()))
            .arg(format!("--fsize={size}:unlimited"))
            .status();
        assert!(done.unwrap().success());
    };
    limit("0");
    let refused = ada.connect_from(&page, process.application(), &[]).await;
    assert_eq!(
        refused.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("Nothing was changed"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains(SECRET), "{}", refused.body);
    assert_eq!(ada.get("").await.status, StatusCode::OK);
    assert_eq!(ada.api("/connection").await, before, "nothing was saved");
    assert_eq!(ada.fetch("/healthz").await.status, StatusCode::OK);
    let unready = ada.fetch("/readyz").await;
    assert_eq!(unready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(unready.json()["ready"], false);

    limit("unlimited");
    let answer = ada.connect_from(&page, process.application(), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(!answer.location().contains("twice"), "{answer:?}");
    let after = ada.api("/connection").await;
    assert!(after["secret"].is_object(), "{after}");
    let log = process.kill();
    assert!(!log.contains(SECRET), "{log}");
}
