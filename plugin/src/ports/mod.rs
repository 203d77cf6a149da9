//! What the core needs from outside, as small traits.
//!
//! The shell implements them with the component's imports, the tests with values in memory. Every
//! method takes `&self`, because an import has no owner; an implementation in memory keeps its
//! state in cells.

mod clock;
mod consent;
mod contact_store;
mod http;
mod plan_sink;
mod run_control;
mod secrets;

pub use clock::{Clock, Entropy, Timestamp};
pub use consent::Consent;
pub use contact_store::{
    Commit, Conflict, ContactStore, Contingency, FieldChange, FieldDescription, FieldKind,
    FieldRole, JournalEntry, Note, Noted, Outcome, Query, Sightings, State, StateWrite, Statistics,
    StoreDescription, StoreError, StoreLimits,
};
pub use http::{Http, HttpFailure, HttpRequest, HttpResponse, Method};
pub use plan_sink::{PlanEntry, PlanSink, Tally};
pub use run_control::{Directive, Level, Phase, Progress, RunControl};
pub use secrets::{SecretError, SecretValue, Secrets};

/// Everything one call of the connector works with.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The way out.
    pub http: &'a dyn Http,
    /// The contacts.
    pub store: &'a dyn ContactStore,
    /// The connector's own durable state.
    pub state: &'a dyn State,
    /// Where a plan goes.
    pub plan: &'a dyn PlanSink,
    /// Secrets by name.
    pub secrets: &'a dyn Secrets,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness, for request ids and jitter.
    pub entropy: &'a dyn Entropy,
    /// Progress, log, stop.
    pub control: &'a dyn RunControl,
    /// What the host allows.
    pub consent: &'a dyn Consent,
}
