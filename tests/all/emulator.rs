//! The emulator, judged by clients that know nothing of this project.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};

use crate::{node, python};

/// A certificate that the application has, and its private key.
const CERTIFICATE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../host-harness/crates/emulated-identity-platform/fixtures/application.pem"
);

/// The scripts for Node, which two tests run, installed once.
static JAVASCRIPT: LazyLock<PathBuf> = LazyLock::new(|| node::install("javascript"));

/// Runs a script against an emulator of its own, over TLS, and expects that it checked something and that
/// everything held.
async fn judge(script: &mut Command) {
    let tenant = TenantOptions {
        certificates: vec![std::fs::read_to_string(CERTIFICATE).unwrap()],
        ..TenantOptions::default()
    };
    let emulator = Emulator::start(EmulatorOptions {
        tls: true,
        tenant: tenant.clone(),
        directory: DirectorySource::Synthetic {
            users: 1_200,
            seed: 1,
        },
        ..EmulatorOptions::default()
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, emulator.ca_pem().unwrap()).unwrap();
    script
        .env("EMULATOR_URL", emulator.graph_url())
        .env("TENANT_ID", &tenant.tenant_id)
        .env("CLIENT_ID", &tenant.client_id)
        .env("CLIENT_SECRET", &tenant.client_secret)
        .env("CERTIFICATE", CERTIFICATE);
    for trusting in ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
        script.env(trusting, &authority);
    }
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        script.env_remove(proxy);
    }
    let output = script.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("ok - "), "the client checked nothing");
}

async fn judge_with_node(script: &str) {
    if !node::is_there() {
        node::skip("Node or npm is not installed, so no client in JavaScript is run");
        return;
    }
    judge(Command::new("node").arg(script).current_dir(&*JAVASCRIPT)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_own_client_works_against_the_emulator_over_tls() {
    judge_with_node("fidelity.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_that_people_sign_in_and_read_with_from_node_work_against_the_emulator() {
    judge_with_node("clients.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_clients_in_python_work_against_the_emulator() {
    if !python::is_there() {
        node::skip("Python with venv is not installed, so no client in Python is run");
        return;
    }
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    judge(Command::new(python::install("python")).arg(scripts.join("conformance.py"))).await;
}
