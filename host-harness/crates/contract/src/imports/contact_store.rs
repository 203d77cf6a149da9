//! The contacts of one workspace.

use crate::{
    Commit, Contact, JournalEntry, Noted, Outcome, Query, RoundInfo, Statistics, StoreDescription,
    StoreError, Who,
};

/// Keeps the contacts of one workspace: interface `contact-store` of the contract, which says what
/// each method promises.
pub trait ContactStore: Send + Sync {
    /// What this store is and can do.
    fn describe(&self) -> Result<StoreDescription, StoreError>;

    /// All contacts that meet the query, in any order.
    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError>;

    /// Performs the changes in order and writes the state, in one transaction. One outcome per
    /// change, in order.
    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError>;

    /// Starts to note which linked users a full round reads, or goes on noting.
    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError>;

    /// Contacts whose user no sighting of the round names, ordered by object id, after `after`, at
    /// most `limit`.
    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError>;

    /// Forgets the round.
    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError>;

    /// What one run did: all its changes to each of the next `limit` users after `after`, by object
    /// id, and newest first for each.
    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// The last changes to somebody, newest first.
    fn journal(&self, source: &str, who: &Who, limit: u32)
    -> Result<Vec<JournalEntry>, StoreError>;

    /// The notes about somebody.
    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError>;

    /// Numbers for the report.
    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError>;

    /// Gives back when everything that was committed outlives a failure of the power. The host calls it
    /// before it gives back what an export gave; a store whose commits wait for the disk has nothing to do.
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
