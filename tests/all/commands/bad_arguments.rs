//! What a command that cannot be meant like this gets: exit code 2 and the way out; and what files
//! that are not what they should be get: exit code 1, a sentence, and to stay as they are.

use std::fs;

use serde_json::json;

use super::desk::{CONNECT, Desk, Ended, run};
use crate::bad_input::of_another_version;
use crate::world::person;

async fn desk() -> Desk {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.configure(json!({ "preset": "mirror" }));
    desk
}

#[test]
fn what_is_no_command_line_is_2_and_shows_the_usage() {
    run(&[]).with(2).saying("Usage");
    run(&["snyc"]).with(2).saying("'sync'");
    run(&["sync", "--ful"]).with(2).saying("--full");
    run(&["connect"]).with(2).saying("CONFIGURATION");
    run(&["contacts", "--json", "--csv"])
        .with(2)
        .saying("--csv");
    run(&["contacts", "--json", "edit", "1", "email"])
        .with(2)
        .saying("`edit`");
    run(&["plan", "--details", "list"])
        .with(2)
        .saying("`compare`");
    run(&["plan", "show", "--change", "vanish"])
        .with(2)
        .saying("deactivate");
    run(&["plan", "compare", "3f2a"]).with(2).saying("SECOND");
    run(&["explain"]).with(2).saying("PERSON");
    run(&["undo", "--approve", "3f2a"]).with(2).saying("RUN");
    run(&["contacts", "add", "first_name"])
        .with(2)
        .saying("FIELD=VALUE");
    run(&["graph-emulator", "--ca-file", "x.pem"])
        .with(2)
        .saying("--tls");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_read_are_2_and_named() {
    let desk = desk().await;
    desk.run(&["connect", "nowhere.json"])
        .with(2)
        .saying("nowhere.json");
    let mut arguments = CONNECT.to_vec();
    arguments.extend(["--component", "nowhere.wasm"]);
    desk.run(&arguments).with(2).saying("nowhere.wasm");
    let mut arguments = CONNECT.to_vec();
    arguments.extend(["--ca-file", "nowhere.pem"]);
    desk.run(&arguments).with(1).saying("nowhere.pem");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_need_the_runs_leave() {
    let desk = desk().await;
    let bare = |arguments: &[&str]| -> Ended {
        super::program(arguments)
            .args(["--data", "data"])
            .current_dir(desk.folder.path())
            .output()
            .unwrap()
            .into()
    };
    bare(&CONNECT).with(2).saying("--allow-loopback");
    assert!(desk.emulator.requests().is_empty());
    desk.run(&CONNECT).with(0);
    let asked = desk.emulator.requests().len();
    for command in ["plan", "sync"] {
        bare(&[command, "--allow-loopback=false"])
            .with(2)
            .saying("--allow-loopback");
    }
    assert_eq!(desk.emulator.requests().len(), asked);
    // What was connected with leave has it.
    bare(&["plan"]).with(0);
    // A report asks nobody, so it needs no leave.
    bare(&["report"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_elsewhere_is_not_reached_even_with_leave() {
    let desk = desk().await;
    let document = super::desk::document(
        "https://login.example",
        "https://graph.example",
        json!({ "preset": "mirror" }),
    );
    fs::write(desk.path("connector.json"), document.to_string()).unwrap();
    let ended = desk.run(&CONNECT).with(1);
    assert!(
        ended.out.contains("login.example") || ended.err.contains("/endpoints"),
        "{ended:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_refused_leaves_what_was_connected() {
    let desk = desk().await;
    desk.run(&CONNECT).with(0);
    desk.run(&["sync"]).with(0);
    let before = desk.contacts();
    for (text, words) in [
        ("{ \"sync\": ", "problem"),
        ("[]", "problem"),
        (
            r#"{"sync": {"preset": "mirror", "colour": "red"}}"#,
            "/sync/colour",
        ),
    ] {
        fs::write(desk.path("connector.json"), text).unwrap();
        desk.run(&CONNECT).with(1).saying(words);
    }
    assert_eq!(desk.contacts(), before);
    let run = desk.run(&["sync", "--json"]).with(0).json();
    assert_eq!(run["mode"], "incremental", "the same configuration");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_connector_is_refused_by_name() {
    let desk = desk().await;
    for (name, bytes, words) in [
        (
            "script.wasm",
            b"#!/bin/sh\n".to_vec(),
            "not a WebAssembly component",
        ),
        (
            "module.wasm",
            b"\0asm\x01\0\0\0".to_vec(),
            "module, not a component",
        ),
        (
            "empty.wasm",
            b"\0asm\x0d\0\x01\0".to_vec(),
            "not a connector",
        ),
        ("newer.wasm", of_another_version(), "contract version"),
    ] {
        fs::write(desk.path(name), bytes).unwrap();
        let mut arguments = CONNECT.to_vec();
        arguments.extend(["--component", name]);
        desk.run(&arguments).with(1).saying(words).saying(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_databases_place_is_left_as_it_is() {
    let desk = desk().await;
    let file = desk.path("data/connector.db");
    let text = "not a database at all\n".repeat(50);
    fs::write(&file, &text).unwrap();
    for arguments in [&CONNECT[..], &["sync"], &["report"], &["contacts"]] {
        desk.run(arguments)
            .with(1)
            .saying("connector.db")
            .saying("move it away");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_says_why_it_does_not_start() {
    let desk = desk().await;
    let port = desk.emulator.graph_url();
    let port = port.rsplit(':').next().unwrap();
    run(&["graph-emulator", "--port", port])
        .with(1)
        .saying("another port");
    let file = desk.path("users.json");
    fs::write(&file, "{}").unwrap();
    run(&["graph-emulator", "--directory", file.to_str().unwrap()])
        .with(1)
        .saying("users.json");
    run(&["graph-emulator", "--certificate", file.to_str().unwrap()])
        .with(1)
        .saying("X.509 certificate");
    let missing = desk.path("missing.pem");
    run(&["graph-emulator", "--certificate", missing.to_str().unwrap()])
        .with(1)
        .saying("missing.pem cannot be read");
}
