//! What needs somebody beside the component: that a call is to end, and that a lease is lost.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connector_contract::imports::RunControl;
use connector_contract::{Directive, Level, Phase, Progress, RunMode, Slice, SyncRequest};
use connector_runtime::CallError;
use serde_json::Value;
use store_api::{AdminStore, Holder, LeasedStore, TakeOver};
use sync_runner::OpenWorkspace;

/// The reports of progress after which somebody wants something.
const AFTER: u32 = 3;

/// What a run found amiss; nothing where the promise is kept.
async fn scenario(
    opened: &OpenWorkspace,
    document: &Value,
    name: &str,
) -> Result<Option<String>, CallError> {
    let mut document = document.clone();
    document["conformance"]["scenario"] = Value::from(name);
    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "manual".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: None,
    };
    let result = opened
        .connector
        .sync(&opened.workspace, &document.to_string(), request)
        .await
        .result?;
    let errors = result.run.errors;
    Ok(errors.into_iter().map(|error| error.message).next())
}

/// Tries whether a call hears that it is to end, once it has told of some progress.
///
/// # Errors
///
/// Where the call gives no answer.
pub async fn try_stop(
    opened: &OpenWorkspace,
    document: &Value,
) -> Result<Option<String>, CallError> {
    let stops = Arc::new(StopAfterAWhile::default());
    scenario(&controlled(opened, stops), document, "stop").await
}

/// The same workspace, whose calls are listened to by somebody else.
fn controlled(opened: &OpenWorkspace, control: Arc<dyn RunControl>) -> OpenWorkspace {
    let mut workspace = opened.workspace.clone();
    workspace.control = control;
    OpenWorkspace {
        store: Arc::clone(&opened.store),
        connector: opened.connector.clone(),
        workspace,
    }
}

/// Tries what becomes of a call whose lease is taken while it goes on, by somebody of this machine.
///
/// # Errors
///
/// Where the call gives no answer.
pub async fn try_lost_lease(
    opened: &OpenWorkspace,
    document: &Value,
) -> Result<Option<String>, CallError> {
    let taker = Arc::new(Taker {
        store: Arc::clone(&opened.store),
        reports: AtomicU32::new(0),
        taken: Mutex::new(None),
    });
    scenario(&controlled(opened, taker), document, "lease-lost").await
}

/// Takes the lease once it has heard of some progress.
struct Taker {
    store: Arc<dyn AdminStore>,
    reports: AtomicU32,
    taken: Mutex<Option<Arc<dyn LeasedStore>>>,
}

impl Taker {
    /// The lease, in the hands of another process of the machine that has it.
    fn take(&self) -> Option<Arc<dyn LeasedStore>> {
        let held = self.store.lease_holder().ok().flatten()?;
        let holder = Holder {
            task: "conformance".to_owned(),
            process: held.by.process.wrapping_add(1),
            machine: held.by.machine,
        };
        let store = Arc::clone(&self.store);
        let taken = store.acquire_lease(&holder, Duration::from_secs(60), TakeOver::SameMachine);
        taken.ok()
    }
}

impl RunControl for Taker {
    fn log(&self, _: Level, _: &str, _: &[(String, String)]) {}

    fn report_progress(&self, _: Progress) -> Directive {
        if self.reports.fetch_add(1, Ordering::SeqCst) + 1 == AFTER {
            *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = self.take();
        }
        Directive::GoOn
    }
}

/// Says `stop` once it has heard of some progress, as somebody does who presses a button.
#[derive(Debug, Default)]
struct StopAfterAWhile(AtomicU32);

impl RunControl for StopAfterAWhile {
    fn log(&self, _: Level, _: &str, _: &[(String, String)]) {}

    fn report_progress(&self, progress: Progress) -> Directive {
        let reports = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        if progress.phase == Phase::Finishing && reports >= AFTER {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}
