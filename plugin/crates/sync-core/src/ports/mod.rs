//! What the core needs from outside, as small traits.
//!
//! A guest implements them with the component's imports and with the client of its directory, the tests
//! with values in memory. Those that every guest needs, whatever it does, are of [`guest_kit`].

mod contact_store;
mod directory_error;
pub mod directory_writer;
pub mod inviter;
mod plan_sink;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use contact_store::{
    Commit, Conflict, ContactStore, Contingency, EditsSince, Expected, FieldDescription, FieldKind,
    FieldRole, Marked, Marking, Note, Noted, Outcome, Query, SameContact, Sightings, State,
    StateWrite, Statistics, StoreDescription, StoreError, StoreLimits,
};
pub use directory_error::{DirectoryError, DirectoryErrorKind, Failure};
pub use directory_writer::DirectoryWriter;
pub use guest_kit::{
    Clock, Directive, Entropy, Level, Phase, Progress, RunControl, Timestamp, Usage,
};
pub use inviter::Inviter;
pub use plan_sink::{PlanSink, Tally};
pub use sync_decisions::contact::AttributeChange;
pub use sync_decisions::effects::{FieldChange, JournalEntry, PlanEntry};
pub use sync_decisions::reconcile::mark::Mark;

/// Everything one call works with, beside the directory.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The contacts.
    pub store: &'a dyn ContactStore,
    /// The connector's own durable state.
    pub state: &'a dyn State,
    /// Where a plan goes.
    pub plan: &'a dyn PlanSink,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness, for the ids of runs.
    pub entropy: &'a dyn Entropy,
    /// Progress, log, stop.
    pub control: &'a dyn RunControl,
}
