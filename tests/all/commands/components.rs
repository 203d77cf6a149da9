//! Commands about components: what one is before it is let in, and whether this host is right.

use std::fs;
use std::path::PathBuf;

use host_harness::component::{component_bytes, component_path, conformance_bytes};
use serde_json::Value;
use tempfile::TempDir;

use super::desk::{Ended, run};
use super::shapes::has_keys;

/// The connector as its sources of 2026-11-27 built it, for contract 0.1.
const OLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connector-0.1.0.wasm");

fn inspect(file: &str, options: &[&str]) -> Ended {
    let mut arguments = vec!["inspect", file];
    arguments.extend(options);
    run(&arguments)
}

fn connector() -> &'static str {
    component_path().to_str().unwrap()
}

/// A file with these bytes, for as long as its folder is kept.
fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("component.wasm");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// The connector with one name in the place of another, of the same length.
fn renamed(name: &str, other: &str) -> Vec<u8> {
    assert_eq!(name.len(), other.len());
    let mut bytes = component_bytes().to_vec();
    let mut place = 0;
    while let Some(found) = bytes[place..]
        .windows(name.len())
        .position(|window| window == name.as_bytes())
    {
        place += found;
        bytes[place..place + name.len()].copy_from_slice(other.as_bytes());
    }
    assert!(place > 0, "{name} is in the component");
    bytes
}

#[test]
fn a_component_is_told_with_its_contract_its_permissions_and_its_hosts() {
    let told = inspect(connector(), &[]).with(0);
    for words in [
        "0.2.0, world notified-guest",
        "User.Read.All",
        "graph.microsoft.com",
        "contact-sync:connector/contact-store@0.2.0",
        "64 MiB of memory",
    ] {
        assert!(told.out.contains(words), "{words}: {told:#?}");
    }
    let json = inspect(connector(), &["--json"]).with(0).json();
    has_keys(
        &json,
        "size sha256 contract world imports exports name version hosts permissions attributes budgets",
    );
    has_keys(&json["budgets"], "memory changes state plan answer seconds");
    assert_eq!(json["size"], component_bytes().len());
    assert_eq!(json["permissions"]["User.Read.All"]["optional"], false);
    let classes: Vec<_> = json["imports"].as_object().unwrap().keys().collect();
    assert!(
        !classes
            .iter()
            .any(|class| ["files", "sockets", "other"].contains(&class.as_str()))
    );
}

#[test]
fn nothing_of_a_component_need_be_run() {
    let json = inspect(connector(), &["--no-run", "--json"]).with(0).json();
    has_keys(&json, "size sha256 contract world imports exports budgets");
}

#[test]
fn an_update_is_told_by_what_is_new_about_it() {
    // It asks for more, which a script sees, too.
    let told = inspect(connector(), &["--against", OLDER]).with(3);
    for words in [
        "It now also imports contact-sync:connector/signing.",
        "It now also asks for GroupMember.Read.All",
        "It was built for contract 0.2.0, before for 0.1.0.",
    ] {
        assert!(told.out.contains(words), "{words}: {told:#?}");
    }
    // `--before` is the name that the option had.
    let json = inspect(connector(), &["--before", connector(), "--json"])
        .with(0)
        .json();
    assert_eq!(json["differences"], Value::Array(Vec::new()));
    assert_eq!(json["asksForMore"], false);
}

#[test]
fn what_is_no_connector_of_a_known_contract_is_refused_in_a_sentence() {
    let future = renamed("connector/connector@0.2.0", "connector/connector@0.3.0");
    for (bytes, sentence) in [
        (
            b"\0asm\x01\0\0\0".to_vec(),
            "a WebAssembly module, not a component",
        ),
        (b"{}".to_vec(), "not a WebAssembly component"),
        (
            b"\0asm\x0d\0\x01\0".to_vec(),
            "it is not a connector of this contract; its exports are: none",
        ),
        (
            future,
            "this host knows 0.2 and 0.1, the component exports 0.3.0",
        ),
        (
            renamed("connector/consent@0.2.0", "connector/foreign@0.2.0"),
            "imports contact-sync:connector/foreign@0.2.0, which this host does not give",
        ),
    ] {
        let (_folder, path) = file(&bytes);
        let refused = inspect(path.to_str().unwrap(), &[])
            .with(1)
            .saying(sentence);
        assert!(refused.err.contains("component.wasm"), "{refused:#?}");
    }
    inspect("nowhere.wasm", &[]).with(2).saying("nowhere.wasm");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_waited_for_nor_read_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in ["/dev/zero", pipe.to_str().unwrap(), "/"] {
        inspect(path, &[]).with(2).saying("it is no file");
    }
}

#[test]
fn a_command_about_components_takes_no_workspace() {
    for command in [
        "inspect nowhere.wasm",
        "conformance",
        "package",
        "push package registry.example/a",
        "pull registry.example/a:1",
    ] {
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.extend(["--data", "somewhere"]);
        run(&arguments).with(2).saying("leave out --data");
    }
}

#[test]
fn this_host_is_tried_and_keeps_every_promise() {
    let told = run(&["conformance"]).with(0);
    assert!(told.out.contains(" 0 failed, "), "{told:#?}");
    let json = run(&["conformance", "--json"]).with(0).json();
    has_keys(
        &json,
        "version contract finished startedAtMs tookMs passed failed notTried waived checks",
    );
    has_keys(
        &json["checks"][0],
        "name item promise passed ending expected seen",
    );
    let of = |name: &str| {
        let checks = json["checks"].as_array().unwrap();
        checks
            .iter()
            .find(|check| check["name"] == name)
            .unwrap()
            .clone()
    };
    for scenario in ["stop", "lease-lost"] {
        assert_eq!(of(scenario)["ending"], "passed");
    }
    assert!(
        json["tookMs"].as_u64().unwrap() < 5_000,
        "{}",
        json["tookMs"]
    );
}

#[test]
fn the_component_that_tries_a_host_is_written_for_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host_conformance.wasm");
    run(&["conformance", "--write", path.to_str().unwrap()]).with(0);
    assert_eq!(fs::read(&path).unwrap(), conformance_bytes());
    let json = inspect(path.to_str().unwrap(), &["--json"]).with(0).json();
    assert_eq!(json["name"], "Host conformance");
    // What is there is not written over, and a place where nothing can be is told.
    run(&["conformance", "--write", path.to_str().unwrap()])
        .with(2)
        .saying("nothing is overwritten");
    let nowhere = folder.path().join("nowhere/component.wasm");
    run(&["conformance", "--write", nowhere.to_str().unwrap()])
        .with(2)
        .saying("cannot be written");
}
