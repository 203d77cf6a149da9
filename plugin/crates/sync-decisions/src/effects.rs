//! What a change does to a contact, as it is planned and as it was done.

use guest_kit::Timestamp;

use crate::contact::{AttributeChange, ContactId, Effect, Evidence, GivenChange, ObjectId};

/// One field of a change, before and after: of one that was made, or of one that is planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What it holds before.
    pub before: Option<String>,
    /// What it holds after.
    pub after: Option<String>,
}

/// A change that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Counts up.
    pub number: u64,
    /// The run it was part of.
    pub run: Option<String>,
    /// When it was applied.
    pub at: Timestamp,
    /// The user.
    pub object_id: ObjectId,
    /// The contact.
    pub contact: ContactId,
    /// What was done.
    pub effect: Effect,
    /// Why, as a stable code.
    pub reason: String,
    /// For a removal. `None` also for evidence of a kind this connector does not know.
    pub evidence: Option<Evidence>,
    /// What an update or a link wrote, ordered by field.
    pub fields: Vec<FieldChange>,
    /// Lists that were joined, ordered.
    pub joins: Vec<String>,
    /// Lists that were left, ordered.
    pub leaves: Vec<String>,
    /// The contact's version afterwards.
    pub version: u64,
    /// What the directory was given with it.
    pub directory: Vec<GivenChange>,
}

/// What a sync would do about one directory user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// The user.
    pub object_id: ObjectId,
    /// The contact concerned.
    pub contact: Option<ContactId>,
    /// What would happen.
    pub effect: Effect,
    /// Why, as a stable code.
    pub reason: String,
    /// Ordered by field name.
    pub fields: Vec<FieldChange>,
    /// Lists to join, ordered.
    pub joins: Vec<String>,
    /// Lists to leave, ordered.
    pub leaves: Vec<String>,
    /// Present exactly where the effect is a removal.
    pub evidence: Option<Evidence>,
    /// What the directory is given of the contact, or given back, ordered by attribute. Empty where it is only read.
    pub directory: Vec<AttributeChange>,
    /// The version of the contact that was decided on.
    pub version: Option<u64>,
}
