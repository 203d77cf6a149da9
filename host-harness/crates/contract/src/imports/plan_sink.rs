//! Where `plan` puts what it finds.

use crate::{Claim, PlanEntry, StoreError, Tally};

/// Keeps plans: interface `plan-sink` of the contract.
///
/// A call of the runtime's `Connector::plan` expects the plan in the making to be
/// empty.
pub trait PlanSink: Send + Sync {
    /// Adds entries; one for an object id that is there already replaces it.
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError>;

    /// Those of the contacts that an entry with effect `link` claims.
    fn claimed(&self, contacts: &[String]) -> Result<Vec<Claim>, StoreError>;

    /// Entries that change something, in byte order of the object id, after `after`, at most
    /// `limit`: of the plan in the making, or of the one kept under a digest.
    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError>;

    /// Entries of these users that change something: of the plan in the making, or of the one kept
    /// under a digest.
    fn entries(&self, plan: Option<&str>, users: &[String]) -> Result<Vec<PlanEntry>, StoreError>;

    /// Every effect and reason that occurs, with its number of entries.
    fn count(&self) -> Result<Vec<Tally>, StoreError>;
}
