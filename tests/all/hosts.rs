//! Hosts in other languages: the same component, behind stores of their own, in the life of a workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_harness::component::component_path;
use host_harness::contract::RunMode;
use host_harness::graph_emulator::{DirectorySource, TenantOptions};
use serde_json::json;

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

/// The host on Node as JavaScript, beside the build's other products. Packages that are there are kept.
fn built_for_node() -> PathBuf {
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
        .arg(component_path())
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
async fn a_host_in_typescript_lives_with_a_workspace_and_plans_the_same_bytes() {
    if !node::is_there() || !python::is_there() {
        node::skip("Node, npm or Python is not installed, so the host in TypeScript is not tried");
        return;
    }
    let host = built_for_node();
    run(Command::new(node::NPM).arg("test").current_dir(&host));
    let program = host.join("dist/src/main.js");
    live(&["node", program.to_str().unwrap()], &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_in_python_lives_with_a_workspace_and_plans_the_same_bytes() {
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
    live(
        &[interpreter.to_str().unwrap(), "-m", "contact_host"],
        &[
            ("PYTHONPATH", host.as_path()),
            ("CONNECTOR_WASM", component_path()),
        ],
    )
    .await;
}
