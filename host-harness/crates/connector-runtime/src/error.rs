//! What can go wrong with a component, before a call and during one.

use super::host_defect::HostDefect;
use super::limits::{CpuTimeSpent, Limits};
use super::meter::{Budget, BudgetSpent};
use super::sanitize::sanitized;
use connector_contract as contract;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::FieldMapError;

/// Why the runtime could not start, or a component could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The engine refuses its own configuration: this machine is not supported.
    #[error("the WebAssembly engine cannot run on this machine: {0}")]
    Engine(String),

    /// The directory for compiled components is not usable.
    #[error(
        "the cache directory {} cannot be used: {source}; give another one, or run without a cache",
        directory.display()
    )]
    Cache {
        /// The directory.
        directory: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },

    /// Others could put native code into the directory, and this process would run it.
    #[error(
        "the cache directory {} is not private: {problem}; compiled components are native code, \
         so make it this user's own (chmod 700), or give another one",
        directory.display()
    )]
    CacheNotPrivate {
        /// The directory.
        directory: PathBuf,
        /// What makes it open to others.
        problem: &'static str,
    },

    /// The bytes are not WebAssembly at all.
    #[error(
        "this is not a WebAssembly component: it does not begin like one; give the .wasm file \
         that the build made"
    )]
    NotWasm,

    /// A core module, not a component.
    #[error(
        "this is a WebAssembly module, not a component; compile it for wasm32-wasip2, or wrap it \
         with `wasm-tools component new`"
    )]
    NotAComponent,

    /// A precompiled file, which is native code.
    #[error(
        "this is a precompiled file; it would run as native code, outside of the sandbox; give \
         the .wasm file it was made from"
    )]
    Precompiled,

    /// Damaged, or of a kind that the engine does not know.
    #[error("the component is damaged or uses a feature that this host does not have: {0}")]
    Invalid(String),

    /// The component exports no connector.
    #[error(
        "the component exports no {expected}: it is not a connector of this contract; its exports \
         are: {found}"
    )]
    NotAConnector {
        /// The interface that a connector exports.
        expected: &'static str,
        /// What it exports, separated by commas.
        found: String,
    },

    /// Made for another version of the contract.
    #[error(
        "the contract version does not fit: this host knows {known}, the component exports \
         {found}; use a component that was built for {known}, or a newer host"
    )]
    WrongVersion {
        /// What this host knows.
        known: &'static str,
        /// What the component has.
        found: String,
    },

    /// The component wants something this host gives to nobody.
    #[error(
        "the component imports {import}, which this host does not give; a connector gets the \
         interfaces of the contract and released WASI 0.2 interfaces"
    )]
    RefusedImport {
        /// The interface.
        import: String,
    },

    /// The names fit, the types do not.
    #[error(
        "the component does not fit the contract: {0}; build it against the `wit` directory of \
         this version"
    )]
    Mismatch(String),
}

/// An export of the contract, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the functions of the contract")]
pub enum Call {
    Describe,
    Configure,
    Plan,
    Sync,
    Report,
    Disconnect,
    Explain,
    Retry,
    PlanUndo,
    Undo,
    Receive,
    NotificationStatus,
    Undecided,
    Decide,
    DescribeTarget,
    CheckTarget,
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Describe => "describe",
            Self::Configure => "configure",
            Self::Plan => "plan",
            Self::Sync => "sync",
            Self::Report => "report",
            Self::Disconnect => "disconnect",
            Self::Explain => "explain",
            Self::Retry => "retry",
            Self::PlanUndo => "plan-undo",
            Self::Undo => "undo",
            Self::Receive => "receive",
            Self::NotificationStatus => "notification-status",
            Self::Undecided => "undecided",
            Self::Decide => "decide",
            Self::DescribeTarget => "target-describe",
            Self::CheckTarget => "target-check",
        })
    }
}

/// Why a call gave no result. After any of them the next call works: it gets a new instance.
///
/// The text of these errors is safe for a log. What the component printed is not a part of it, see
/// [`GuestOutput`](super::GuestOutput).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The connector answered with an error of the contract.
    #[error("{call}: {}", summary(error))]
    Guest {
        /// The call.
        call: Call,
        /// The connector's error.
        error: contract::Error,
    },

    /// The component crashed.
    #[error(
        "{call}: the component crashed ({reason}); everything up to its last commit is kept, call \
         again; if it happens again, it is a defect of the component"
    )]
    Trapped {
        /// The call.
        call: Call,
        /// The kind of crash.
        reason: String,
    },

    /// The component ended its own process, which is no answer.
    #[error(
        "{call}: the component exited with status {status} instead of answering; this is a \
         defect of the component"
    )]
    Exited {
        /// The call.
        call: Call,
        /// The status.
        status: i32,
    },

    /// The call took longer than [`Limits::call_time`].
    #[error(
        "{call}: no answer within {limit:?}; everything up to the last commit is kept; give a \
         sync smaller slices, or the call more time"
    )]
    TimedOut {
        /// The call.
        call: Call,
        /// The limit.
        limit: Duration,
    },

    /// The component computed for longer than [`Limits::cpu_time`].
    #[error(
        "{call}: the component used up its processor time of {limit:?}; it is probably caught in \
         a loop, which is a defect of the component"
    )]
    OutOfProcessorTime {
        /// The call.
        call: Call,
        /// The limit.
        limit: Duration,
    },

    /// The store could not keep the last commit of the call, which was answered already.
    #[error("{call}: its last commit could not be kept: {error}; check the disk, and call again")]
    NotKept {
        /// The call.
        call: Call,
        /// What the store said.
        error: contract::StoreError,
    },

    /// What the call has committed may not outlive a failure of the power.
    #[error(
        "{call}: what it did may be lost if the power fails: {error}; check the disk, and call again"
    )]
    NotFlushed {
        /// The call.
        call: Call,
        /// What the store said.
        error: contract::StoreError,
    },

    /// The component needed more than [`Limits::memory_bytes`].
    #[error("{call}: the component needs more memory than its {limit} bytes; raise the limit")]
    OutOfMemory {
        /// The call.
        call: Call,
        /// The limit, in bytes.
        limit: usize,
    },

    /// An argument of an import, or the answer, was beyond [`Limits::data_bytes`].
    #[error(
        "{call}: the component handed over more data at once than the {limit} bytes it may; this \
         is a defect of the component"
    )]
    TooMuchData {
        /// The call.
        call: Call,
        /// The limit, in bytes.
        limit: usize,
    },

    /// More than [`Limits::handles`] were open.
    #[error(
        "{call}: the component holds more than {limit} handles open; this is a defect of the \
         component"
    )]
    TooManyHandles {
        /// The call.
        call: Call,
        /// The limit.
        limit: usize,
    },

    /// A budget of what the call may make the host keep is spent. What was about to be kept beyond it
    /// was not; what was kept before is.
    #[error(
        "{call}: the component has spent its budget of {limit} {budget}; everything up to the last \
         commit is kept; if the directory is larger than the budgets are made for, raise them, else it \
         is a defect of the component"
    )]
    BudgetSpent {
        /// The call.
        call: Call,
        /// What was spent.
        budget: Budget,
        /// How much of it there was.
        limit: u64,
    },

    /// The host ended the call while it waited, because others needed its place.
    #[error(
        "{call}: the call waited for the network while others needed its place; everything up to the \
         last commit is kept, call again"
    )]
    GaveWay {
        /// The call.
        call: Call,
    },

    /// The platform's own implementation of an import failed.
    #[error("{call}: the host's {import} failed unexpectedly; this is a defect of the host")]
    Host {
        /// The call.
        call: Call,
        /// The import.
        import: &'static str,
    },
}

impl CallError {
    /// Says what a failed call died of.
    pub(super) fn from_failure(
        call: Call,
        failure: &wasmtime::Error,
        limits: &Limits,
        memory_was_refused: bool,
    ) -> Self {
        if failure.is::<CpuTimeSpent>() {
            return Self::OutOfProcessorTime {
                call,
                limit: limits.cpu_time,
            };
        }
        if let Some(defect) = failure.downcast_ref::<HostDefect>() {
            return Self::Host {
                call,
                import: defect.import,
            };
        }
        if let Some(BudgetSpent { budget, limit }) = failure.downcast_ref() {
            return Self::BudgetSpent {
                call,
                budget: *budget,
                limit: *limit,
            };
        }
        if matches!(failure.downcast_ref(), Some(FieldMapError::TotalSizeTooBig)) {
            return Self::BudgetSpent {
                call,
                budget: Budget::Headers,
                limit: limits.header_bytes as u64,
            };
        }
        if let Some(I32Exit(status)) = failure.downcast_ref() {
            return Self::Exited {
                call,
                status: *status,
            };
        }
        if memory_was_refused {
            return Self::OutOfMemory {
                call,
                limit: limits.memory_bytes,
            };
        }
        let is_full = matches!(failure.downcast_ref(), Some(ResourceTableError::Full));
        if is_full || says(failure, HANDLE_LIMIT) {
            return Self::TooManyHandles {
                call,
                limit: limits.handles,
            };
        }
        if says(failure, HOSTCALL_FUEL) {
            return Self::TooMuchData {
                call,
                limit: limits.data_bytes,
            };
        }
        let reason = match failure.downcast_ref::<Trap>() {
            Some(Trap::UnreachableCodeReached) => "panic or abort".to_owned(),
            Some(Trap::StackOverflow) => "stack overflow".to_owned(),
            Some(trap) => trap.to_string(),
            None => sanitized(&failure.root_cause().to_string(), LONGEST_REASON),
        };
        Self::Trapped { call, reason }
    }
}

/// What the engine says where a component has as many handles as it may.
const HANDLE_LIMIT: &str = "store handle limit exceeded";

/// What it says where too much crosses the boundary at once.
const HOSTCALL_FUEL: &str = "fuel allocated for hostcalls";

/// The engine keeps the types of some errors to itself, so their text decides.
fn says(failure: &wasmtime::Error, words: &str) -> bool {
    failure.root_cause().to_string().contains(words)
}

/// The longest reason of a crash, in characters.
const LONGEST_REASON: usize = 500;

/// A connector's error in one sentence or two.
fn summary(error: &contract::Error) -> String {
    use contract::Error;
    let told = |failure: &contract::Failure| {
        format!("{} ({}). {}", failure.message, failure.code, failure.advice)
    };
    match error {
        Error::InvalidConfiguration(problems) => {
            let lines = problems.iter().map(|problem| {
                let pointer = if problem.pointer.is_empty() {
                    "/"
                } else {
                    &problem.pointer
                };
                format!("{pointer}: {}", problem.message)
            });
            format!(
                "the configuration is not valid: {}",
                lines.collect::<Vec<_>>().join("; ")
            )
        }
        Error::Unauthorized(failure)
        | Error::Forbidden(failure)
        | Error::Upstream(failure)
        | Error::Network(failure)
        | Error::Store(failure)
        | Error::Secret(failure)
        | Error::Internal(failure)
        | Error::Other(failure) => told(failure),
        Error::Throttled(throttled) => format!(
            "{} Call again in {} s.",
            told(&throttled.failure),
            throttled.retry_after_ms.div_ceil(1000)
        ),
        Error::Stopped => "stopped by the host; everything up to the last page is saved".to_owned(),
    }
}
