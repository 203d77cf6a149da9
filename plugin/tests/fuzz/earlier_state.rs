//! State that earlier versions have written: every call reads it, and a sync goes on with it.
//!
//! `plugin/tests/fixtures/state/` has what each of them left behind after every slice of a few lives,
//! with the contacts of that moment. [`write_what_this_version_leaves`] made the files; before a change
//! of the format, or of what a fingerprint is made of, let it write one more, and add it to [`KEPT`].

use entra_connector::calls::{explain, report, sync};
use sync_core::contact::{ObjectId, Who};
use sync_core::engine::format::FORMAT;
use sync_core::engine::sync::{SliceEnd, SyncRequest, SyncResult};

use serde_json::{Value, json};
use sync_core::run::{RunMode, RunStatus};

use super::outside::{Oddities, Outside};
use super::sound::document;

/// What an earlier version has left.
struct Kept {
    name: &'static str,
    lives: &'static str,
    /// Whether its fingerprints are those of today. Where they are not, an open round is begun anew, as
    /// after any change of the configuration.
    same_fingerprint: bool,
}

const KEPT: [Kept; 2] = [
    Kept {
        name: "044fdb7, which wrote no format",
        lives: include_str!("../fixtures/state/044fdb7.json"),
        same_fingerprint: false,
    },
    Kept {
        name: "the first that wrote a format",
        lives: include_str!("../fixtures/state/format-1.json"),
        same_fingerprint: true,
    },
];

/// A slice is one page, and no run takes longer.
const SLICES: usize = 20;

fn mode(name: &Value) -> RunMode {
    serde_json::from_value(name.clone()).expect("a mode")
}

/// A store that somebody cannot be written to, so that there is something in the ledger.
fn store() -> Oddities {
    Oddities {
        refuses: Some("user-4"),
        ..Oddities::default()
    }
}

fn slice(outside: &Outside, document: &Value, mode: RunMode) -> SyncResult {
    let request = SyncRequest {
        mode,
        trigger: "manual".to_owned(),
        max_pages: Some(1),
        max_time: None,
        approval: None,
    };
    sync(outside.imports(), &document.to_string(), &request).expect("a slice of a run")
}

/// Configurations, and what is asked for in turn.
fn lives() -> Vec<(&'static str, Value, Vec<RunMode>)> {
    let mut unlimited = document();
    unlimited["sync"]["limits"]["removals"] = json!({ "count": 50, "percent": 100, "floor": 50 });
    let mut by_domain = document();
    by_domain["tenant"]["id"] = json!("contoso.example");
    by_domain["sync"]["list"] = json!({ "name": "All of {organization}" });
    vec![
        (
            "everybody, and then what has changed",
            unlimited,
            vec![RunMode::Full, RunMode::Incremental],
        ),
        (
            "a tenant named by its domain, and a limit that stops the run",
            by_domain,
            vec![RunMode::Full],
        ),
    ]
}

/// Whatever one version leaves after each slice.
#[test]
#[ignore = "writes a fixture: CONNECTOR_STATE_FIXTURE=path cargo test -p entra-connector -- --ignored"]
fn write_what_this_version_leaves() {
    let path = std::env::var_os("CONNECTOR_STATE_FIXTURE").expect("the file to write");
    let mut lives_as_json = Vec::new();
    for (name, document, runs) in lives() {
        let outside = Outside::with(store());
        let mut slices = Vec::new();
        for mode in runs {
            loop {
                let result = slice(&outside, &document, mode);
                let mut kept = outside.kept();
                kept["asked"] = json!(mode);
                kept["run"] = json!(result.run.id);
                kept["finished"] = json!(result.end == SliceEnd::Finished);
                kept["counts"] = json!(result.run.counts);
                slices.push(kept);
                if result.end == SliceEnd::Finished {
                    break;
                }
            }
        }
        lives_as_json.push(json!({ "name": name, "document": document, "slices": slices }));
    }
    let text = serde_json::to_string_pretty(&lives_as_json).expect("JSON");
    std::fs::write(path, text + "\n").expect("a file that can be written");
}

#[test]
fn a_sync_goes_on_with_whatever_an_earlier_version_has_left() {
    for kept in KEPT {
        let lives: Value = serde_json::from_str(kept.lives).expect("JSON");
        for life in lives.as_array().expect("lives") {
            let slices = life["slices"].as_array().expect("slices");
            for (number, left) in slices.iter().enumerate() {
                let case = format!("{}: {}, slice {number}", kept.name, life["name"]);
                let outside = Outside::holding(left, store());
                goes_on(&outside, life, left, kept.same_fingerprint, &case);
                assert_eq!(outside.kept()["state"]["format"], json!(FORMAT), "{case}");
            }
        }
    }
}

fn goes_on(outside: &Outside, life: &Value, left: &Value, same_fingerprint: bool, case: &str) {
    let mode = mode(&left["asked"]);
    let mut results = Vec::new();
    while results.len() < SLICES {
        results.push(slice(outside, &life["document"], mode));
        if results
            .last()
            .is_some_and(|last| last.end == SliceEnd::Finished)
        {
            break;
        }
    }
    let last = results.last().expect("at least one slice");
    assert_eq!(last.end, SliceEnd::Finished, "{case}");
    let ids = results.iter().map(|result| json!(result.run.id));
    let resumed = ids.filter(|id| *id == left["run"]).count();
    if left["finished"] == true {
        assert_eq!(resumed, 0, "{case}: a run that has ended is another");
    } else if same_fingerprint {
        assert_eq!(
            resumed,
            results.len(),
            "{case}: it is the same run to its end"
        );
        let slices = life["slices"].as_array().expect("slices");
        let ended = slices
            .iter()
            .find(|slice| slice["run"] == left["run"] && slice["finished"] == true);
        let ended = ended.expect("every run of a fixture has ended");
        assert_eq!(json!(last.run.counts), ended["counts"], "{case}");
    } else {
        assert_eq!(resumed, 0, "{case}: another fingerprint");
        let document = life["document"].to_string();
        let overview = report(outside.imports(), &document, false).expect(case);
        let before = overview
            .history
            .iter()
            .find(|run| json!(run.id) == left["run"]);
        let before = before.expect("the run that was interrupted is told of");
        assert_eq!(before.status, RunStatus::Failed, "{case}");
        let interrupted = before
            .errors
            .iter()
            .any(|error| error.code == "interrupted");
        assert!(interrupted, "{case}: {:?}", before.errors);
    }
}

#[test]
fn what_an_earlier_version_has_left_is_told_of() {
    for kept in KEPT {
        let lives: Value = serde_json::from_str(kept.lives).expect("JSON");
        for life in lives.as_array().expect("lives") {
            let document = life["document"].to_string();
            let slices = life["slices"].as_array().expect("slices");
            for (number, left) in slices.iter().enumerate() {
                let case = format!("{}: {}, slice {number}", kept.name, life["name"]);
                let outside = Outside::holding(left, store());
                let overview = report(outside.imports(), &document, false).expect(&case);
                let runs = overview
                    .history
                    .iter()
                    .filter(|run| run.finished_at.is_some());
                let ended = left["state"].as_object().expect("entries").keys();
                let ended = ended.filter(|key| key.starts_with("run/log/"));
                assert_eq!(runs.count(), ended.count(), "{case}");
                let refused = left["state"].get("ledger/user-4").is_some();
                assert_eq!(overview.ledger.waiting, u64::from(refused), "{case}");
                for user in ["user-1", "user-2", "user-4", "user-80"] {
                    let who = Who::User(ObjectId::new(user));
                    explain(outside.imports(), &document, &who).expect(&case);
                }
            }
        }
    }
}
