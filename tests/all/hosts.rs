//! Hosts in other languages: the same component, behind stores of their own, in the life of a workspace; and the
//! component that tries a host, in its place.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use conformance::{Addresses, SECRET_NAME, SECRET_VALUE};
use host_harness::component::{component_path, conformance_path};
use host_harness::contract::RunMode;
use host_harness::graph_emulator::{DirectorySource, TenantOptions};
use host_promises::report::Report;
use host_promises::verdict::Ending;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::World;
use crate::{node, python};

const HOSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host-harness/hosts");
const LIFE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/hosts/life.py");

/// Runs something to its end and shows what it said where that is not well.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Has a host live through everything beside a tenant of its own, and compares its plan with this host's.
async fn live(command: &[&str], settings: &[(&str, &Path)]) {
    let world = World::with(Vec::new(), json!({ "preset": "mirror" }))
        .emulator(|options| {
            options.directory = DirectorySource::Synthetic {
                users: 10_000,
                seed: 1,
            };
        })
        .begin()
        .await;
    let planned = world.plan(RunMode::Full).await;
    let tenant = TenantOptions::default();
    let said = run(Command::new(python::PROGRAM)
        .arg(LIFE)
        .args(command)
        .envs(settings.iter().copied())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("EMULATOR_URL", world.emulator.graph_url())
        .env("TENANT_ID", &tenant.tenant_id)
        .env("CLIENT_ID", &tenant.client_id)
        .env("CLIENT_SECRET", &tenant.client_secret)
        .env("PEOPLE", "10000")
        .env("DIGEST", &planned.digest));
    println!("{said}");
    assert!(said.contains("ok - "), "nothing was lived through");
}

/// A host with a workspace of its own, in which the conformance component is in the connector's place.
struct Tried<'h> {
    command: &'h [&'h str],
    settings: &'h [(&'h str, &'h Path)],
    /// What it does without, and why.
    waives: Value,
    folder: TempDir,
    addresses: Addresses,
}

impl<'h> Tried<'h> {
    async fn new(
        command: &'h [&'h str],
        settings: &'h [(&'h str, &'h Path)],
        waives: &Value,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret.txt"), SECRET_VALUE).unwrap();
        Self {
            command,
            settings,
            waives: waives.clone(),
            folder,
            addresses: Addresses::start().await.unwrap(),
        }
    }

    /// One of the host's commands, with leave for the addresses.
    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let [program, beginning @ ..] = self.command else {
            panic!("a command has a program")
        };
        let mut command = Command::new(program);
        command
            .args(beginning)
            .args([name, "data"])
            .args(arguments)
            .arg("--allow-loopback")
            .envs(self.settings.iter().copied())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(self.folder.path());
        command
    }

    fn ask(&self, name: &str, arguments: &[&str]) -> Value {
        serde_json::from_str(&run(&mut self.command(name, arguments))).unwrap()
    }

    /// Connects with a document of this scenario.
    fn connect(&self, scenario: &str) {
        let mut document = self.addresses.document();
        document["conformance"]["scenario"] = json!(scenario);
        document["conformance"]["waives"] = self.waives.clone();
        let file = self.folder.path().join("document.json");
        fs::write(file, document.to_string()).unwrap();
        let secret = format!("{SECRET_NAME}=secret.txt");
        self.ask("connect", &["document.json", "--secret", &secret]);
    }

    /// What is reported of everything that needs nobody beside the component.
    fn report(&self) -> Report {
        self.connect("everything");
        let plan = self.ask("plan", &["--full"]);
        let synced = self.ask("sync", &["--approve", plan["digest"].as_str().unwrap()]);
        assert_eq!(synced["end"]["tag"], "finished", "{synced:#}");
        let overview = self.ask("report", &[]);
        serde_json::from_str(overview["explanation"].as_str().unwrap()).unwrap()
    }

    /// What is found amiss where somebody takes the lease while a sync goes on.
    fn lost_lease(&self) -> Value {
        self.connect("lease-lost");
        let mut syncing = self
            .command("sync", &[])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(syncing.stderr.take().unwrap()).lines();
        let mut reports = told
            .map_while(Result::ok)
            .filter(|line| line.contains("finishing"));
        assert!(reports.nth(2).is_some(), "it reports progress");
        let contacts = Connection::open(self.folder.path().join("data/contacts.db")).unwrap();
        contacts.busy_timeout(Duration::from_secs(10)).unwrap();
        let taken = "UPDATE lease SET token = token + 1, task = 'sync'";
        contacts.execute(taken, []).unwrap();
        let rest = reports.count();
        assert!(rest < 1_000, "it goes on without a lease");
        let said = syncing.wait_with_output().unwrap();
        let synced: Value = serde_json::from_slice(&said.stdout).unwrap();
        synced["run"]["errors"].clone()
    }
}

/// That a host keeps what the contract promises, but for what it says that it has not.
fn conforms(report: &Report, waived: &[&str]) {
    let failures: Vec<_> = report.failures().collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let named = |ending| {
        let checks = report.checks.iter().filter(|check| check.ending == ending);
        checks.map(|check| check.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(named(Ending::Waived), waived);
    // These hosts have neither keys nor marks, and nobody wants anything while a sync goes on.
    let without = ["signing-", "mark-", "stop", "lease-lost"];
    for name in named(Ending::NotTried) {
        assert!(without.iter().any(|it| name.starts_with(it)), "{name}");
    }
    assert!(
        report.is_passed() && report.passed > 95,
        "{}",
        report.sentence()
    );
}

/// The host on Node as JavaScript, beside the build's other products. Packages that are there are kept.
fn built_for_node(component: &Path) -> PathBuf {
    let hosts = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts");
    let host = hosts.join("typescript");
    let installed = host.join("installed.json");
    for shared in ["contacts.sql", "description.json"] {
        fs::create_dir_all(&hosts).unwrap();
        fs::copy(Path::new(HOSTS).join(shared), hosts.join(shared)).unwrap();
    }
    for made_before in ["src", "test", "dist"] {
        // Where it is not there, nothing is in the way.
        let _ = fs::remove_dir_all(host.join(made_before));
    }
    for part in ["", "src", "test"] {
        copy_files(
            &Path::new(HOSTS).join("typescript").join(part),
            &host.join(part),
        );
    }
    let wanted = fs::read_to_string(host.join("package-lock.json")).unwrap();
    if !fs::read_to_string(&installed).is_ok_and(|known| known == wanted) {
        // better-sqlite3 is fetched for this system, or compiled, by its own script.
        run(Command::new(node::NPM)
            .args(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
            .current_dir(&host));
        fs::write(installed, wanted).unwrap();
    }
    run(Command::new("node")
        .arg("transpile.mjs")
        .arg(component)
        .current_dir(&host));
    run(Command::new(node::NPM)
        .args(["run", "build"])
        .current_dir(&host));
    host
}

/// The files of a folder, in the place of those that were there.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let file = entry.unwrap();
        if file.path().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_in_typescript_lives_with_a_workspace_plans_the_same_bytes_and_conforms() {
    if !node::is_there() || !python::is_there() {
        node::skip("Node, npm or Python is not installed, so the host in TypeScript is not tried");
        return;
    }
    let host = built_for_node(component_path());
    run(Command::new(node::NPM).arg("test").current_dir(&host));
    let program = host.join("dist/src/main.js");
    let command = ["node", program.to_str().unwrap()];
    live(&command, &[]).await;
    // The same host, built with the other component in the connector's place.
    built_for_node(conformance_path());
    let nothing = json!({});
    conforms(&Tried::new(&command, &[], &nothing).await.report(), &[]);
    let lost = Tried::new(&command, &[], &nothing).await.lost_lease();
    assert_eq!(lost, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_in_python_lives_with_a_workspace_plans_the_same_bytes_and_conforms() {
    if !python::is_there() {
        node::skip("Python with venv is not installed, so the host in Python is not tried");
        return;
    }
    let host = Path::new(HOSTS).join("python");
    let interpreter = python::environment("host", &host.join("requirements.txt"));
    run(Command::new(&interpreter)
        .args(["-m", "unittest", "discover", "test"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(&host));
    let command = [interpreter.to_str().unwrap(), "-m", "contact_host"];
    let loading = |component| {
        [
            ("PYTHONPATH", host.as_path()),
            ("CONNECTOR_WASM", component),
        ]
    };
    live(&command, &loading(component_path())).await;
    let no_policy = "wasmtime-py has no policy for HTTP.";
    let waives = json!({
        "http-denied": no_policy,
        "http-denied-name": no_policy,
        "eight-mebibytes": "What wasmtime-py lets cross the boundary in one call cannot be set.",
    });
    let settings = loading(conformance_path());
    let report = Tried::new(&command, &settings, &waives).await.report();
    conforms(
        &report,
        &["http-denied", "http-denied-name", "eight-mebibytes"],
    );
    let lost = Tried::new(&command, &settings, &waives).await.lost_lease();
    assert_eq!(lost, json!([]));
}
