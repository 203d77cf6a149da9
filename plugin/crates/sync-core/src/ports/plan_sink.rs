//! Where a plan goes.

use super::StoreError;
use crate::contact::{ContactId, Effect, ObjectId};
use sync_decisions::effects::PlanEntry;

/// How many entries there are of one effect and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The effect.
    pub effect: Effect,
    /// The reason.
    pub reason: String,
    /// The number.
    pub entries: u64,
}

/// Where plans are: a map from directory user to decision, the last one put wins.
pub trait PlanSink {
    /// Adds entries, replacing those of the same users.
    ///
    /// # Errors
    ///
    /// Where the host refused.
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError>;

    /// Those of the contacts that an entry with [`Effect::Link`] claims, and for whom.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError>;

    /// Entries that change something, ordered by object id: of the plan in the making, or of the one
    /// kept under a digest.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError>;

    /// Entries of these users that change something: of the plan in the making, or of the one kept
    /// under a digest.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn entries(&self, plan: Option<&str>, users: &[ObjectId])
    -> Result<Vec<PlanEntry>, StoreError>;

    /// Every effect and reason that occurs.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn count(&self) -> Result<Vec<Tally>, StoreError>;
}
