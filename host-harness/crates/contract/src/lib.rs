//! The contract between a host and a connector, as the host sees it.
//!
//! * The types are generated from `wit/`, where their meaning is documented. The host's traits, its
//!   store and its commands speak these types: nothing is converted between the component and the
//!   database. Where two interfaces use one name, it gets its interface's here.
//! * [`imports`] has the traits that a platform implements: what it gives to a connector.
//!
//! Whoever runs components adds the rest: `connector-runtime`.

#[doc(hidden)]
pub mod bindings;
mod changes;
mod clock;
pub mod imports;
mod names;

use bindings::contact_sync::connector as interfaces;
use bindings::exports::contact_sync::connector as exports;

pub use bindings::asking::exports::contact_sync::connector::conflicts::{ContestedValue, Side};
pub use bindings::destination::contact_sync::connector::ledger::{
    Committed, Entry as LedgerRow, Expectation, Write as LedgerWrite,
};
pub use bindings::destination::exports::contact_sync::connector::target::{
    Caveat, Description as TargetDescription, Server as TargetServer,
};
pub use bindings::notified::exports::contact_sync::connector::notify::{
    Action as NotificationAction, Standing as NotificationStanding, Subscription,
    Verdict as NotificationVerdict,
};
pub use clock::WallClock;
pub use exports::connector::{
    Approval, ApprovedOutcome, Attribute, Block, Check, CheckStatus, ConfigurationReport, Counts,
    DataQuality, Description, EffectCount, Endpoint, Ledger, LedgerEntry, MappingRow, Overview,
    Permission, PlanSummary, ReasonCount, ReportRequest, ReportStatus, Run, RunError, RunMode,
    RunStatus, RunWarning, Sample, Slice, SliceEnd, SyncRequest, SyncResult,
};
pub use exports::trust::{Explanation, FieldStory, LinkStory, Origin, UndoRequest};
pub use interfaces::contact_store::{
    Applied, Commit, Conflict, Contingency, Description as StoreDescription, Edits, EditsSince,
    Expected, FieldDescription, FieldKind, FieldRole, Limits as StoreLimits, LinkNumber, Mark,
    Marked, Marking, Missing, Note, Outcome, Query, Refusal, RoundInfo, SameContact, Sightings,
    StateWrite, Statistics,
};
pub use interfaces::plan_sink::{Claim, Entry as PlanEntry, Tally};
pub use interfaces::run_control::{Directive, Level, Phase, Progress};
pub use interfaces::secrets::SecretError;
pub use interfaces::signing::{Certificate, SigningError};
pub use interfaces::state::Entry as StateEntry;
pub use interfaces::types::{
    AttributeChange, Change, CodeDescription, CodeKind, Contact, ContactList, Create, Effect,
    EffectOnContact, Error, Evidence, Failure, Field, FieldChange, FieldWrite, GivenValue,
    JournalEntry, JournalNumber, Link, LinkContact, Membership, Noted, Precondition, Problem,
    Removal, RemovalKind, Reversal, StoreError, Throttled, Update, Who,
};

/// Identifiers of the contract, all of them opaque text.
pub use interfaces::types::{ContactId, ObjectId, Reason, Source};
