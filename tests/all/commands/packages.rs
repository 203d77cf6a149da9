//! A package: what is in it, that it is the same each time, and what a host makes of it that is told whom to trust.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use host_harness::component::{component_bytes, component_path};
use serde_json::{Value, json};
use signatures::{PrivateKey, testing};
use tempfile::TempDir;

use super::desk::{CONNECT, Desk, Ended, run};
use crate::world::older_data::copy;
use crate::world::person;

/// A folder with a package in it, and the two halves of the key that signed it.
pub(super) struct Packaged {
    pub(super) folder: TempDir,
}

impl Packaged {
    /// Packaged once for all tests, and copied for each.
    pub(super) fn new() -> Self {
        static ONCE: LazyLock<TempDir> = LazyLock::new(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
            let (private, public) = testing::pair();
            fs::write(path("key.pem"), private).unwrap();
            fs::write(path("key.pub"), public).unwrap();
            let (_, foreign) = testing::pair();
            fs::write(path("foreign.pub"), foreign).unwrap();
            let (out, key) = (path("package"), path("key.pem"));
            let source = "https://git.example/connector";
            run(&["package", "--out", &out, "--sign", &key, "--source", source]).with(0);
            folder
        });
        let folder = tempfile::tempdir().unwrap();
        copy(ONCE.path(), folder.path());
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    pub(super) fn component(&self) -> String {
        self.path("package/entra_connector.wasm")
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(super) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// Signs a file as the package's component is signed.
    fn sign(&self, path: &str) {
        let key = PrivateKey::read(&self.bytes("key.pem")).unwrap();
        let signature = key.sign(&fs::read(path).unwrap()).unwrap();
        fs::write(format!("{path}.sig"), signature.to_string()).unwrap();
    }

    /// The component with another manifest in it: one text of it is another, of the same length.
    fn with_manifest(&self, text: &str, other: &str) -> String {
        assert_eq!(text.len(), other.len());
        let mut bytes = self.bytes("package/entra_connector.wasm");
        // The manifest comes last.
        let place = bytes
            .windows(text.len())
            .rposition(|window| window == text.as_bytes());
        let place = place.unwrap();
        assert!(place > component_bytes().len(), "it is in the manifest");
        bytes[place..place + other.len()].copy_from_slice(other.as_bytes());
        let path = self.path("changed.wasm");
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The package's manifest with a change to it, as what an operator allows.
    fn allowing(&self, change: impl Fn(&mut Value)) -> String {
        let mut manifest = self.json("package/permissions.json");
        change(&mut manifest);
        let path = self.path("allowed.json");
        fs::write(&path, manifest.to_string()).unwrap();
        path
    }
}

pub(super) fn inspect(file: &str, options: &[&str]) -> Ended {
    let mut arguments = vec!["inspect", file];
    arguments.extend(options);
    run(&arguments)
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_connector_that_is_packaged_twice_is_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let packaged = ["one", "two"].map(|name| {
        let out = folder.path().join(name);
        let out = out.to_str().unwrap();
        let revision = "0123456789abcdef0123456789abcdef01234567";
        run(&["package", "--out", out, "--revision", revision]).with(0);
        files(Path::new(out))
    });
    assert!(packaged[0] == packaged[1]);
    let component = &packaged[0][Path::new("entra_connector.wasm")];
    assert!(component.starts_with(component_bytes()));
    for beside in [
        "permissions.json",
        "permission-manifest.schema.json",
        "sbom.cdx.json",
        "provenance.json",
        "wit/connector.wit",
        "wit/deps/http.wit",
        "oci/oci-layout",
        "SHA256SUMS",
    ] {
        assert!(packaged[0].contains_key(Path::new(beside)), "{beside}");
    }
    // A folder in which something is, stays as it is.
    let one = folder.path().join("one");
    run(&["package", "--out", one.to_str().unwrap()])
        .with(2)
        .saying("nothing is overwritten");
}

#[test]
fn what_is_linked_is_listed_and_nothing_else() {
    let packaged = Packaged::new();
    let sbom = packaged.json("package/sbom.cdx.json");
    let components = sbom["components"].as_array().unwrap();
    let named = |name: &str| components.iter().any(|listed| listed["name"] == name);
    for linked in ["std", "entra-connector", "sync-core", "serde_json", "sha2"] {
        assert!(named(linked), "{linked}");
    }
    // In the lock file, and not in the component.
    for absent in ["syn", "serde_derive", "wit-parser", "wasmtime", "tokio"] {
        assert!(!named(absent), "{absent}");
    }
    let from_registry = |listed: &&Value| listed.get("purl").is_some();
    let hashed = components.iter().filter(from_registry);
    assert!(hashed.clone().count() > 20);
    for listed in hashed {
        assert_eq!(listed["hashes"][0]["alg"], "SHA-256", "{listed}");
        assert!(listed["licenses"][0]["expression"].is_string(), "{listed}");
    }
    // What the compiler made for the component is the judge, where this build made it.
    let compiled = component_path().with_file_name("component/wasm32-wasip2/plugin/deps");
    let Ok(entries) = fs::read_dir(compiled) else {
        return;
    };
    let libraries: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for listed in components.iter().filter(from_registry) {
        let library = listed["name"].as_str().unwrap().replace('-', "_");
        let is_of = |file: &String| file.starts_with(&format!("lib{library}-"));
        assert!(
            libraries.iter().any(is_of),
            "{library} was not compiled for it"
        );
    }
}

#[test]
fn the_manifest_says_what_the_connector_asks_for_and_keeps_to_its_schema() {
    let packaged = Packaged::new();
    let manifest = packaged.json("package/permissions.json");
    let schema = packaged.json("package/permission-manifest.schema.json");
    jsonschema::validate(&schema, &manifest).unwrap();
    let hosts = manifest["hosts"].as_array().unwrap();
    let graph = json!({ "host": "graph.microsoft.com", "clouds": ["global"] });
    assert!(hosts.contains(&graph), "{hosts:#?}");
    let permissions = manifest["permissions"].as_array().unwrap();
    let always = permissions.iter().filter(|asked| asked["always"] == true);
    let always: Vec<_> = always.map(|asked| asked["name"].clone()).collect();
    assert_eq!(always, ["User.Read.All"]);
    assert_eq!(manifest["limits"]["memoryBytes"], 64 << 20);
    let sums = run_in(
        &packaged.path("package"),
        "sha256sum",
        &["--check", "--quiet", "SHA256SUMS"],
    );
    assert!(sums, "the sums are those of the files");
}

pub(super) fn run_in(folder: &str, program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let ended = command.args(arguments).current_dir(folder).status();
    ended.unwrap().success()
}

#[test]
fn a_packaged_file_says_what_it_is_without_being_run() {
    let packaged = Packaged::new();
    let file = packaged.component();
    let told = inspect(&file, &["--no-run"]).with(0);
    for words in [
        "Microsoft Entra ID contact connector 0.1.0",
        "licences     MIT OR Apache-2.0",
        "source       https://git.example/connector",
        "User.Read.All",
        "graph.microsoft.com",
        "signature    not checked",
    ] {
        assert!(told.out.contains(words), "{words}: {told:#?}");
    }
    // The folder of a package stands for the component in it.
    let package = packaged.path("package");
    let json = inspect(&file, &["--json", "--against", &package]);
    let json = json.with(0).json();
    assert_eq!(json["metadata"]["licenses"], "MIT OR Apache-2.0");
    assert_eq!(json["differences"], json!([]));
    let update = ["--no-run", "--against", &package];
    let unpackaged = component_path().to_str().unwrap();
    inspect(unpackaged, &update)
        .with(0)
        .saying("It asks for nothing else than before.");
    inspect(&file, &["--against", &packaged.path("")])
        .with(2)
        .saying("there is no component in it");
}

#[test]
fn more_than_is_allowed_is_refused_by_name() {
    let packaged = Packaged::new();
    let file = packaged.component();
    let same = packaged.path("package/permissions.json");
    inspect(&file, &["--allow", &same]).with(0);
    let refused = |change: &dyn Fn(&mut Value), words: &str| {
        let allowed = packaged.allowing(change);
        inspect(&file, &["--allow", &allowed])
            .with(1)
            .saying("it asks for more than is allowed")
            .saying(words);
    };
    let without = |list: &str, key: &str, value: &str| {
        let (list, key, value) = (list.to_owned(), key.to_owned(), value.to_owned());
        move |manifest: &mut Value| {
            let entries = manifest[&list].as_array_mut().unwrap();
            entries.retain(|entry| entry[&key] != *value);
        }
    };
    refused(
        &without("hosts", "host", "graph.microsoft.com"),
        "it reaches graph.microsoft.com",
    );
    refused(
        &without("permissions", "name", "GroupMember.Read.All"),
        "it asks for GroupMember.Read.All",
    );
    refused(
        &|manifest| manifest["limits"]["memoryBytes"] = json!(1 << 20),
        "its memoryBytes is 67108864, and 1048576 is allowed",
    );
    refused(
        &|manifest| manifest["component"]["name"] = json!("Another one"),
        "and Another one is allowed",
    );
    refused(
        &|manifest| {
            let imports = manifest["imports"].as_array_mut().unwrap();
            imports.retain(|name| !name.as_str().unwrap().starts_with("wasi:http/outgoing"));
        },
        "it imports wasi:http/outgoing-handler",
    );
    let unpackaged = component_path().to_str().unwrap();
    inspect(unpackaged, &["--allow", &same])
        .with(1)
        .saying("it does not say what it asks for");
    inspect(&file, &["--allow", &packaged.path("key.pub")])
        .with(2)
        .saying("no permission manifest");
}

#[test]
fn a_manifest_that_says_less_than_the_component_does_is_refused() {
    let packaged = Packaged::new();
    for (text, other, sentence) in [
        (
            "graph.microsoft.us",
            "graph.example.test",
            "it reaches graph.microsoft.us",
        ),
        (
            "GroupMember.Read.All",
            "GroupMember.Read.Own",
            "it asks for GroupMember.Read.All",
        ),
        (
            "wasi:http/outgoing-handler",
            "wasi:http/outgoing-hanging",
            "it imports wasi:http/outgoing-handler",
        ),
    ] {
        let changed = packaged.with_manifest(text, other);
        inspect(&changed, &[])
            .with(1)
            .saying("its permission manifest does not tell the truth")
            .saying(sentence);
    }
    let changed = packaged.with_manifest("\"manifestVersion\":1", "\"manifestVersion\":7");
    inspect(&changed, &[])
        .with(1)
        .saying("it is of form 7, and this host knows 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_a_component_of_its_own_asks_the_same_of_it() {
    let packaged = Packaged::new();
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.configure(json!({ "preset": "mirror" }));
    let (file, key) = (packaged.component(), packaged.path("key.pub"));
    let allowed = packaged.path("package/permissions.json");
    let connect = |options: &[&str]| {
        let mut arguments = CONNECT.to_vec();
        arguments.extend(options);
        desk.run(&arguments)
    };
    let foreign = packaged.path("foreign.pub");
    connect(&["--component", &file, "--require-signature", &foreign])
        .with(1)
        .saying("the signature is not of this file and this key");
    let less = packaged.allowing(|manifest| manifest["hosts"] = json!([]));
    connect(&["--component", &file, "--allow", &less])
        .with(1)
        .saying("it asks for more than is allowed");
    let changed = packaged.with_manifest("graph.microsoft.us", "graph.example.test");
    packaged.sign(&changed);
    connect(&["--component", &changed, "--require-signature", &key])
        .with(1)
        .saying("does not tell the truth");
    connect(&["--require-signature", &key])
        .with(2)
        .saying("name it with --component");
    connect(&[
        "--component",
        &file,
        "--require-signature",
        &key,
        "--allow",
        &allowed,
    ])
    .with(0);
}
