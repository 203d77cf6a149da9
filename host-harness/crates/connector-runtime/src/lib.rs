//! Runs a connector: untrusted code, denied everything that it was not given.
//!
//! A [`Runtime`] compiles a component and checks it against the contract; the [`Connector`] it gives
//! is called with a [`Workspace`], which holds everything that call may touch. Each call runs in a
//! fresh instance within its [`Limits`], so that whatever a component does ends as a [`CallError`]
//! that names the call, and the next call works.
//!
//! What a call may make the host keep, in memory and on the disk, is bounded by budgets in bytes
//! ([`Budget`]), counted in one place, and stated in [`Limits`].
//!
//! A component has no files, no sockets, no environment, no arguments and no input. It reaches the
//! network only through an [`HttpAccess`], whose [`HttpPolicy`] names every host.
//!
//! ```no_run
//! use connector_contract::RunMode;
//! use connector_runtime::imports::{ContactStore, PlanSink, State};
//! use connector_runtime::{
//!     HttpAccess, HttpOptions, HttpPolicy, Runtime, RuntimeOptions, Workspace,
//! };
//! use std::sync::Arc;
//!
//! async fn plan<S>(store: Arc<S>, document: &str) -> Result<(), Box<dyn std::error::Error>>
//! where
//!     S: ContactStore + State + PlanSink + 'static,
//! {
//!     // Once a process, and once a component.
//!     let runtime = Runtime::new(RuntimeOptions { cache_directory: Some("cache".into()) })?;
//!     let connector = runtime.load(&std::fs::read("entra_connector.wasm")?)?;
//!
//!     // Once a workspace.
//!     let policy = HttpPolicy::new(["login.microsoftonline.com", "graph.microsoft.com"])?;
//!     let mut workspace = Workspace::new(store);
//!     workspace.http = HttpAccess::new(policy, &HttpOptions::default())?;
//!
//!     let answer = connector.plan(&workspace, document, RunMode::Incremental).await;
//!     println!("{} ({} requests)", answer.result?.digest, answer.stats.http_requests);
//!     Ok(())
//! }
//! ```

mod admission;
mod artifact_cache;
mod call;
mod call_state;
mod commit_weight;
mod connector;
mod decision;
mod engine;
mod error;
mod guest;
mod host_defect;
pub mod http;
mod limits;
mod linker;
mod meter;
mod operations;
mod output;
mod sanitize;
mod since_0_1;
mod turn;
mod workspace;

pub use call::{Answer, CallStats};
pub use connector::Connector;
pub use decision::Decision;
pub use engine::{Runtime, RuntimeOptions};
pub use error::{Call, CallError, RuntimeError};
pub use http::{
    HttpAccess, HttpOptions, HttpPolicy, HttpSetupError, HttpTimeouts, InvalidProxy, Proxy, Trouble,
};
pub use limits::{Limits, TICK};
pub use meter::Budget;
pub use output::GuestOutput;
pub use turn::{Turn, Turns};
pub use workspace::{Target, Workspace};

pub use connector_contract::{WallClock, imports};
