//! One call: a fresh store and instance, bounded in every direction, and gone afterwards.
//!
//! Two guards work together, because each is blind to what the other sees. Epochs make a component
//! that computes give way to the executor every [`TICK`](super::TICK), and count its processor
//! time; they do not see a host call that waits. A time-out around the whole call sees the waiting,
//! but could not interrupt a loop that never gives way.

use super::call_state::CallState;
use super::error::{Call, CallError};
use super::guest::{Guest, GuestPre};
use super::output::GuestOutput;
use super::sanitize;
use super::turn::InTurn;
use super::workspace::Workspace;
use connector_contract as contract;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::{Store, UpdateDeadline};

/// What came of a call.
#[derive(Debug)]
pub struct Answer<T> {
    /// The connector's answer, or why there is none.
    pub result: Result<T, CallError>,
    /// What the call used.
    pub stats: CallStats,
    /// What the component printed. Not for a log, see there.
    pub output: GuestOutput,
}

impl<T> Answer<T> {
    /// Of a call that its host ended while it waited, see [`CallError::GaveWay`]. What it used is not
    /// known.
    pub fn gave_way(call: Call) -> Self {
        Self {
            result: Err(CallError::GaveWay { call }),
            stats: CallStats::default(),
            output: GuestOutput::new(0),
        }
    }
}

/// What one call used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallStats {
    /// The most linear memory the component had, in bytes.
    pub peak_memory_bytes: usize,
    /// Making the instance.
    pub instantiation: Duration,
    /// From the start of the call to its answer, instantiation included.
    pub duration: Duration,
    /// Requests that passed the policy and were sent.
    pub http_requests: u64,
    /// Requests that the policy or a limit refused.
    pub refused_http_requests: u64,
    /// Log events beyond [`Limits::log_events`](super::Limits::log_events), or too long.
    pub swallowed_log_events: u64,
}

/// What an export gives, while it works.
pub(super) type Working<'a, T> =
    Pin<Box<dyn Future<Output = wasmtime::Result<Result<T, contract::Error>>> + Send + 'a>>;

/// Makes an instance, lets `export` call it, and says what came of it.
pub(super) async fn run<T>(
    connector: &GuestPre,
    workspace: &Workspace,
    call: Call,
    export: impl for<'a> FnOnce(&'a Guest, &'a mut Store<CallState>) -> Working<'a, T> + Send,
) -> Answer<T> {
    let started = Instant::now();
    let output = GuestOutput::new(workspace.limits.output_bytes);
    let state = CallState::new(workspace.clone(), &output);
    let operations = state.operations.clone();
    let mut store = bounded_store(connector.engine(), state);
    let mut instantiation = Duration::ZERO;
    let calling = async {
        let began = Instant::now();
        let guest = connector.instantiate_async(&mut store).await?;
        instantiation = began.elapsed();
        export(&guest, &mut store).await
    };
    let calling = InTurn::new(calling, workspace.turns.clone(), operations);
    let ended = tokio::time::timeout(workspace.limits.call_time, calling).await;

    // A transaction that has begun belongs to this call, not to the next one. Cloned, because what is
    // borrowed from a store cannot be held by a future that moves between threads.
    let operations = store.data().operations.clone();
    operations.finish().await;
    // Whoever hears of an end may rely on it, and of what came before a trap, or before a commit that was not
    // kept, the store keeps everything, too.
    let contacts = Arc::clone(&workspace.store);
    let flushed = operations
        .run_whatever_failed("contact-store.flush", move || contacts.flush())
        .await;
    let state = store.data();
    let limits = &workspace.limits;
    let result = match ended {
        Ok(Ok(Ok(value))) => match (operations.failure::<()>(), flushed) {
            (Some(Ok(Err(error))), _) => Err(CallError::NotKept { call, error }),
            (Some(Err(defect)), _) | (_, Err(defect)) => {
                Err(CallError::from_failure(call, &defect, limits, false))
            }
            (_, Ok(Err(error))) => Err(CallError::NotFlushed { call, error }),
            (_, Ok(Ok(()))) => Ok(value),
        },
        Ok(Ok(Err(error))) => Err(CallError::Guest {
            call,
            error: sanitize::error(error),
        }),
        Ok(Err(failure)) => Err(CallError::from_failure(
            call,
            &failure,
            limits,
            state.memory.has_refused(),
        )),
        Err(_) => Err(CallError::TimedOut {
            call,
            limit: limits.call_time,
        }),
    };
    let stats = CallStats {
        peak_memory_bytes: state.memory.peak(),
        instantiation,
        duration: started.elapsed(),
        http_requests: state.policed.sent(),
        refused_http_requests: state.policed.refused(),
        swallowed_log_events: state.swallowed_log_events,
    };
    Answer {
        result,
        stats,
        output,
    }
}

fn bounded_store(engine: &wasmtime::Engine, state: CallState) -> Store<CallState> {
    let limits = &state.workspace.limits;
    let (data_bytes, handles) = (limits.data_bytes, limits.handles);
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(data_bytes);
    store.set_max_component_handles(handles);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        context.data_mut().cpu.tick()?;
        Ok(UpdateDeadline::Yield(1))
    });
    store
}
