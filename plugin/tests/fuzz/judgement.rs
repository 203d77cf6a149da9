//! What a call may leave behind: no panic, and nothing personal in what is logged and kept.

use entra_connector::configure::{CheckStatus, configure};
use sync_core::contact::{Effect, ObjectId, Who};
use sync_core::engine::call::CallError;

use entra_connector::calls::{explain, plan, plan_undo, report, retry, sync, undo};
use sync_core::engine::sync::{SliceEnd, SyncRequest};
use sync_core::engine::undo::UndoRequest;

use sync_core::run::{RunMode, RunRecord};

use super::mutation::{ADDRESS, NAME};
use super::outside::Outside;

/// Slices after which the rest is left.
const SLICES: usize = 4;

/// Calls everything there is to call. The texts that hosts log and keep come back.
pub(crate) fn call_everything(outside: &Outside, document: &str) -> Vec<String> {
    let imports = outside.imports();
    let mut told = Vec::new();
    match configure(imports, document) {
        Ok(report) => {
            let failed = report
                .checks
                .iter()
                .filter(|check| check.status == CheckStatus::Failed);
            told.extend(failed.map(|check| format!("{check:?}")));
        }
        Err(error) => told.push(tell(&error)),
    }
    for mode in [RunMode::Full, RunMode::Incremental] {
        match plan(imports, document, mode) {
            Ok(summary) => {
                assert_eq!(summary.counts.len(), Effect::ALL.len());
                told.push(format!("{summary:?}"));
            }
            Err(error) => told.push(tell(&error)),
        }
        run(outside, document, mode, &mut told);
    }
    call_what_comes_after(outside, document, &mut told);
    match report(imports, document, false) {
        Ok(overview) => told.push(format!("{} {:?}", overview.explanation, overview.history)),
        Err(error) => told.push(tell(&error)),
    }
    told.extend(outside.logged());
    told
}

/// What an administrator calls after the fact.
fn call_what_comes_after(outside: &Outside, document: &str, told: &mut Vec<String>) {
    let imports = outside.imports();
    let user = ObjectId::new("user-1");
    for who in [Who::User(user.clone()), Who::Address(ADDRESS.to_owned())] {
        match explain(imports, document, &who) {
            Ok(explanations) => {
                let sentences = explanations.into_iter().flat_map(|told| told.summary);
                told.extend(sentences);
            }
            Err(error) => told.push(tell(&error)),
        }
    }
    match retry(imports, document, &user) {
        Ok(result) => told.push(format!("{:?}", result.run)),
        Err(error) => told.push(tell(&error)),
    }
    outside.forget_plan();
    let approved = match plan_undo(imports, document, "run-1") {
        Ok(summary) => summary.digest,
        Err(error) => {
            told.push(tell(&error));
            String::new()
        }
    };
    let request = UndoRequest {
        run: "run-1".to_owned(),
        approved,
        trigger: "fuzz".to_owned(),
        max_pages: Some(6),
        max_time: None,
    };
    match undo(imports, document, &request) {
        Ok(result) => told.push(format!("{:?}", result.run)),
        Err(error) => told.push(tell(&error)),
    }
}

fn run(outside: &Outside, document: &str, mode: RunMode, told: &mut Vec<String>) {
    let request = SyncRequest {
        mode,
        trigger: "fuzz".to_owned(),
        max_pages: Some(6),
        max_time: None,
        approval: None,
    };
    for _ in 0..SLICES {
        match sync(outside.imports(), document, &request) {
            Ok(result) => {
                add_up(&result.run);
                told.push(format!("{:?}", result.run));
                if result.end == SliceEnd::Finished {
                    return;
                }
            }
            Err(error) => return told.push(tell(&error)),
        }
    }
}

/// The numbers of a run that began with sound state.
fn add_up(run: &RunRecord) {
    let counts = run.counts;
    let sum = u128::from(counts.created)
        + u128::from(counts.updated)
        + u128::from(counts.unchanged)
        + u128::from(counts.skipped)
        + u128::from(counts.removed)
        + u128::from(counts.failed);
    if run.trigger == "fuzz" {
        assert_eq!(u128::from(counts.processed), sum, "{counts:?}");
    }
}

fn tell(error: &CallError) -> String {
    format!("{error} {error:?}")
}

/// The first text in which something personal stands.
pub(crate) fn leak(told: &[String]) -> Option<&String> {
    told.iter().find(|text| {
        [NAME, ADDRESS, "Quatermass"]
            .iter()
            .any(|secret| text.contains(secret))
    })
}
