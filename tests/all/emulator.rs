//! The emulator, judged by a client that knows nothing of this project.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};

/// What the client is installed from.
const FILES: [&str; 3] = ["fidelity.js", "package.json", "package-lock.json"];

/// npm is a script on some systems, which only a shell finds.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

fn is_there(program: &str) -> bool {
    let version = Command::new(program).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Copies the client beside the build's other products and installs what it needs there.
fn install() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("javascript");
    std::fs::create_dir_all(&folder).unwrap();
    for file in FILES {
        std::fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    let installed = Command::new(NPM)
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefer-offline",
        ])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(
        installed.status.success(),
        "npm could not install Microsoft's client: {}",
        String::from_utf8_lossy(&installed.stderr)
    );
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_own_client_works_against_the_emulator_over_tls() {
    if !(is_there("node") && is_there(NPM)) {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "CI has to have Node and npm for this test");
        // Past the capture, which would swallow what a test that passes says.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: Node or npm is not installed, so Microsoft's client is not run"
        );
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
    let folder = install();
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
