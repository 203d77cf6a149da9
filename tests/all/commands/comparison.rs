//! `bench compare`: the commands in turns with the script that one would write instead.

use std::path::Path;

use serde_json::Value;

use super::desk::{Ended, program, run};
use crate::node;

#[test]
fn without_node_a_comparison_says_what_is_missing_and_ends_with_1() {
    let nowhere = tempfile::tempdir().unwrap();
    let ended: Ended = program(&["bench", "compare", "--people", "10"])
        .env("PATH", nowhere.path())
        .output()
        .unwrap()
        .into();
    let ended = ended
        .with(1)
        .saying("Node is not installed, so there is nothing to compare with");
    assert!(ended.out.is_empty(), "{ended:#?}");
}

#[test]
fn a_comparison_runs_the_script_and_the_commands_and_prints_their_ratio() {
    if !node::is_there() {
        node::skip("Node or npm is not installed, so nothing is compared with a script");
        return;
    }
    // Its packages stay there for the next time.
    let scripts = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare");
    let found = run(&[
        "bench",
        "compare",
        "--people",
        "500",
        "--rounds",
        "1",
        "--latency",
        "5",
        "--json",
        "--scripts",
        scripts.to_str().unwrap(),
    ])
    .with(0)
    .json();
    assert_eq!(found["people"], 500);
    assert_eq!(found["latencyMs"], 5);
    let medians = found["medians"].as_object().unwrap();
    for process in ["script", "firstSync", "unchangedSync", "plan"] {
        let process = &medians[process];
        // A token, and two requests at least.
        assert!(number(&process["seconds"]) > 0.015, "{found:#}");
        assert!(number(&process["fileBytes"]) > 0.0, "{found:#}");
    }
    let wall = |process: &str| number(&medians[process]["seconds"]);
    let ratio = number(&found["ratios"]["firstSyncWall"]);
    let rounds = &found["rounds"];
    let count = |key: &str| rounds[key].as_array().unwrap().len();
    if count("counted") + count("refused") == 1 {
        assert!((ratio - wall("firstSync") / wall("script")).abs() < 1e-9);
    }
    assert!(ratio > 0.0, "{found:#}");
    assert_eq!(found["targets"].as_array().unwrap().len(), targets());
}

/// Processor time is told by Linux alone.
fn targets() -> usize {
    if cfg!(target_os = "linux") { 4 } else { 2 }
}

#[track_caller]
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
