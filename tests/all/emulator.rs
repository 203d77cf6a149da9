//! The emulator, judged by a client that knows nothing of this project.

use std::process::Command;

use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};

use crate::node;

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_own_client_works_against_the_emulator_over_tls() {
    if !node::is_there() {
        node::skip("Node or npm is not installed, so Microsoft's client is not run");
        return;
    }
    let tenant = TenantOptions::default();
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
    let folder = node::install("javascript");
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, emulator.ca_pem().unwrap()).unwrap();
    let output = Command::new("node")
        .arg("fidelity.js")
        .current_dir(&folder)
        .env("EMULATOR_URL", emulator.graph_url())
        .env("TENANT_ID", &tenant.tenant_id)
        .env("CLIENT_ID", &tenant.client_id)
        .env("CLIENT_SECRET", &tenant.client_secret)
        .env("NODE_EXTRA_CA_CERTS", &authority)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!said.trim().is_empty(), "the client checked nothing");
}
