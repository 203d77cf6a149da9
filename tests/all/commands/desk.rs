//! An administrator's desk: a directory to work in, a tenant, and the program as a process.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use composition::Part;
use host_harness::component::{component_bytes, destination_bytes};
use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};
use host_harness::runtime::{Runtime, RuntimeOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The secret that the tenant accepts; it must never be seen again.
pub(super) const SECRET: &str = "a-secret-of-this-desk";

/// A process that should have ended by now hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a process ended, and what it said.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ended {
    /// Standard output as exactly one JSON document.
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        match serde_json::from_str(&self.out) {
            Ok(value) => value,
            Err(error) => panic!("standard output is no JSON: {error}\n{self:#?}"),
        }
    }

    #[track_caller]
    pub(super) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(
            !self.out.contains(SECRET) && !self.err.contains(SECRET),
            "the secret was printed: {self:#?}"
        );
        assert!(
            !self.out.contains('\u{1b}') && !self.err.contains('\u{1b}'),
            "escape codes without a terminal: {self:#?}"
        );
        self
    }

    /// That it says something to a reader, on whichever stream.
    #[track_caller]
    pub(super) fn saying(self, words: &str) -> Self {
        let said = self.err.contains(words) || self.out.contains(words);
        assert!(said, "{words:?} is not in {self:#?}");
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The program, with nothing of this process's environment that could steer it.
pub(super) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-harness-under-test"));
    command
        .args(arguments)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    command
}

pub(super) fn run(arguments: &[&str]) -> Ended {
    program(arguments).output().unwrap().into()
}

/// A data directory beside a tenant.
pub(super) struct Desk {
    pub(super) emulator: Emulator,
    pub(super) folder: TempDir,
}

impl Desk {
    pub(super) async fn with(users: Vec<Value>) -> Self {
        Self::before(DirectorySource::Users(users)).await
    }

    /// A tenant that speaks TLS, with a certificate of its own.
    pub(super) async fn over_tls(users: Vec<Value>) -> Self {
        Self::beside(DirectorySource::Users(users), true).await
    }

    pub(super) async fn before(directory: DirectorySource) -> Self {
        Self::beside(directory, false).await
    }

    async fn beside(directory: DirectorySource, tls: bool) -> Self {
        let options = EmulatorOptions {
            directory,
            tls,
            tenant: TenantOptions {
                client_secret: SECRET.to_owned(),
                ..TenantOptions::default()
            },
            ..EmulatorOptions::default()
        };
        let folder = tempfile::tempdir().unwrap();
        warm(&folder.path().join("data"));
        fs::write(folder.path().join("secret.txt"), format!("{SECRET}\n")).unwrap();
        Self {
            emulator: Emulator::start(options).await.unwrap(),
            folder,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the configuration with this `sync` part.
    pub(super) fn configure(&self, sync: Value) {
        let document = document(&self.emulator.login_url(), &self.emulator.graph_url(), sync);
        fs::write(self.path("connector.json"), document.to_string()).unwrap();
    }

    /// A command in the desk's folder, on its data directory, with leave for the emulator.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command
            .args(["--data", "data"])
            .current_dir(self.folder.path());
        // What only looks into the store connects to nothing.
        let looks = matches!(
            arguments,
            ["contacts", ..] | ["plan", "list" | "show" | "compare", ..]
        );
        if !looks {
            command.arg("--allow-loopback");
        }
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    /// The program in the desk's folder, with nothing that the data directory knows.
    pub(super) fn program(&self, arguments: &[&str]) -> Ended {
        let mut command = program(arguments);
        let output = command.current_dir(self.folder.path()).output();
        output.unwrap().into()
    }

    /// Connects with this `sync` part.
    #[track_caller]
    pub(super) fn connect(&self, sync: Value) -> Ended {
        self.configure(sync);
        self.run(&CONNECT).with(0)
    }

    #[track_caller]
    pub(super) fn contacts(&self) -> Vec<Value> {
        let listed = self.run(&["contacts", "--json"]).with(0).json();
        listed.as_array().unwrap().clone()
    }
}

/// How the desk connects.
pub(super) const CONNECT: [&str; 4] = [
    "connect",
    "connector.json",
    "--secret",
    "client-secret=@secret.txt",
];

/// A configuration of the emulator's tenant.
pub(super) fn document(login: &str, graph: &str, mut sync: Value) -> Value {
    let tenant = TenantOptions::default();
    sync["direction"] = json!("one-way");
    sync["source"] = json!("entra-id");
    sync["target"] = json!("tests");
    json!({
        "tenant": { "id": tenant.tenant_id },
        "credentials": { "clientId": tenant.client_id, "secret": "client-secret" },
        "endpoints": { "login": login, "graph": graph },
        "sync": sync,
    })
}

/// Waits until something is so; a process does it, so there is nothing to be told by.
pub(super) fn until(what: &str, so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        std::thread::yield_now();
    }
}

/// Waits for a process that must end soon.
pub(super) fn end(mut child: Child) -> Ended {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!(
                "the process does not end: {:#?}",
                Ended::from(child.wait_with_output().unwrap())
            );
        }
        std::thread::yield_now();
    }
    child.wait_with_output().unwrap().into()
}

/// Puts the compiled connector with a destination in it there, too.
pub(super) fn warm_destination(name: &str, data: &Path) {
    static COMPILED: Mutex<BTreeMap<String, TempDir>> = Mutex::new(BTreeMap::new());
    let mut compiled_ones = COMPILED.lock().unwrap();
    let folder = compiled_ones.entry(name.to_owned()).or_insert_with(|| {
        let part = |name: &str, bytes: &[u8]| Part::new(name, bytes.to_vec()).unwrap();
        let connector = part("the connector", component_bytes());
        let destination = part(name, destination_bytes(name).unwrap());
        let whole = composition::plugged(&connector, &[destination]).unwrap();
        compiled(whole.bytes())
    });
    copy(&folder.path().join("compiled"), &data.join("compiled"));
}

/// A folder with the compiled form of a component.
fn compiled(component: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let options = RuntimeOptions {
        cache_directory: Some(folder.path().join("compiled")),
    };
    Runtime::new(options).unwrap().load(component).unwrap();
    folder
}

/// Puts the compiled component where the program looks for it, so that each test need not compile it.
fn warm(data: &Path) {
    static COMPILED: LazyLock<TempDir> = LazyLock::new(|| compiled(component_bytes()));
    copy(&COMPILED.path().join("compiled"), &data.join("compiled"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
