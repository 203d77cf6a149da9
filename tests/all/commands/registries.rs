//! A real registry (Debian's `docker-registry`, which is Distribution 2.8): what is pushed is pulled again, by digest,
//! and other programs find it.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::desk::{Ended, run, until};
use super::packages::Packaged;
use crate::node::{installed, skip};

/// A registry on this machine, and what it keeps.
struct Registry {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    /// Nothing where the machine has none, which continuous integration has to have.
    fn start() -> Option<Self> {
        let Some(program) = installed("docker-registry") else {
            skip("docker-registry (Debian's package of that name)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // It says nowhere which port it took, so it is given one that was free.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let port = port.unwrap().port();
        let configuration = json!({
            "version": "0.1",
            "log": { "level": "error" },
            "storage": {
                "filesystem": { "rootdirectory": folder.path().join("kept") },
                "delete": { "enabled": true },
            },
            "http": { "addr": format!("127.0.0.1:{port}") },
        });
        // JSON is YAML, too.
        let file = folder.path().join("config.yml");
        fs::write(&file, configuration.to_string()).unwrap();
        let process = Command::new(program)
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self {
            process,
            folder,
            port,
        };
        until("the registry listens", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(registry)
    }

    fn place(&self) -> String {
        format!("127.0.0.1:{}/acme/entra-connector", self.port)
    }

    fn push(&self, packaged: &Packaged) -> String {
        let (package, place) = (packaged.path("package"), self.place());
        let pushed = run(&["push", &package, &place, "--allow-loopback", "--json"]);
        let pushed = pushed.with(0).json();
        assert_eq!(pushed["tag"], "0.1.0");
        pushed["digest"].as_str().unwrap().to_owned()
    }

    fn pull(&self, target: &str, out: &str, options: &[&str]) -> Ended {
        let place = format!("{}{target}", self.place());
        let mut arguments = vec!["pull", &place, "--out", out, "--allow-loopback"];
        arguments.extend(options);
        run(&arguments)
    }

    /// Where it keeps the bytes with this digest.
    fn blob(&self, digest: &str) -> std::path::PathBuf {
        let digest = digest.trim_start_matches("sha256:");
        let kept = "kept/docker/registry/v2/blobs/sha256";
        let kept = self.folder.path().join(kept);
        kept.join(&digest[..2]).join(digest).join("data")
    }
}

#[test]
fn what_is_pushed_is_pulled_by_tag_and_by_digest_and_still_signed() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let packaged = Packaged::new();
    let digest = registry.push(&packaged);
    assert_eq!(
        registry.push(&packaged),
        digest,
        "pushed again, it is the same"
    );
    let file = fs::read(packaged.path("package/entra_connector.wasm")).unwrap();
    let key = packaged.path("key.pub");
    let by_digest = format!("@{digest}");
    for (target, name) in [(":0.1.0", "by_tag.wasm"), (&by_digest, "by_digest.wasm")] {
        let out = packaged.path(name);
        let pulled = registry.pull(target, &out, &["--require-signature", &key, "--json"]);
        assert_eq!(pulled.with(0).json()["digest"], *digest);
        assert!(fs::read(&out).unwrap() == file);
    }
    // Its own signature came with it.
    let out = packaged.path("by_digest.wasm");
    run(&["inspect", &out, "--require-signature", &key]).with(0);
    let out = packaged.path("by_tag.wasm");
    registry
        .pull(":0.1.0", &out, &[])
        .with(2)
        .saying("nothing is overwritten");
    let foreign = packaged.path("foreign.pub");
    let other = packaged.path("other.wasm");
    registry
        .pull(":0.1.0", &other, &["--require-signature", &foreign])
        .with(1)
        .saying("is of the key");
    registry
        .pull(":9.9.9", &other, &[])
        .with(1)
        .saying("the registry has no manifest 9.9.9");
    registry
        .pull("", &other, &[])
        .with(2)
        .saying("add @sha256:");
    assert!(!fs::exists(&other).unwrap());
    let without_leave = format!("{}:0.1.0", registry.place());
    run(&["pull", &without_leave, "--out", &other])
        .with(1)
        .saying("IP address");
}

#[test]
fn a_registry_that_answers_another_digest_is_refused() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let packaged = Packaged::new();
    let digest = registry.push(&packaged);
    let out = packaged.path("pulled.wasm");
    let manifest = fs::read(registry.blob(&digest)).unwrap();
    let told: Value = serde_json::from_slice(&manifest).unwrap();
    let component = registry.blob(told["layers"][0]["digest"].as_str().unwrap());
    let whole = fs::read(&component).unwrap();
    let mut changed = whole.clone();
    changed[1000] ^= 1;
    fs::write(&component, changed).unwrap();
    registry
        .pull(&format!("@{digest}"), &out, &[])
        .with(1)
        .saying("the registry answered with another file");
    fs::write(&component, whole).unwrap();
    registry.pull(&format!("@{digest}"), &out, &[]).with(0);
}

#[test]
fn what_refers_to_the_component_is_found_by_its_digest() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let packaged = Packaged::new();
    let digest = registry.push(&packaged);
    // Distribution 2.8 has no list of referrers; the tag is what others look at then.
    let tags = registry
        .folder
        .path()
        .join("kept/docker/registry/v2/repositories/acme/entra-connector/_manifests/tags");
    let tag = digest.replace(':', "-");
    for tag in ["0.1.0", &tag, &format!("{tag}.sig")] {
        assert!(tags.join(tag).exists(), "{tag}");
    }
    let link = fs::read_to_string(tags.join(&tag).join("current/link")).unwrap();
    let list = fs::read(registry.blob(link.trim())).unwrap();
    let list: Value = serde_json::from_slice(&list).unwrap();
    let kinds = list["manifests"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|listed| listed["artifactType"].clone()).collect();
    assert_eq!(
        kinds,
        [
            "application/vnd.cyclonedx+json",
            "application/vnd.in-toto+json"
        ]
    );
}
