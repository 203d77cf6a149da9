//! The contacts of one workspace.

use crate::{
    Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, Query, RoundInfo,
    SameContact, Statistics, StoreDescription, StoreError, Who,
};

/// Takes the outcomes of a commit, once.
pub type Tell<'t> = Box<dyn FnOnce(Vec<Outcome>) + Send + 't>;

/// Keeps the contacts of one workspace: interface `contact-store` of the contract, which says what
/// each method promises.
pub trait ContactStore: Send + Sync {
    /// What this store is and can do.
    fn describe(&self) -> Result<StoreDescription, StoreError>;

    /// All contacts that meet the query, in any order.
    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError>;

    /// Which of the users have a contact that is the same as when it was marked, in any order. A store that
    /// keeps no marks answers nobody.
    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError>;

    /// Whose contacts were written since the token by others than commits of this source, in any order, at most
    /// `limit` at a time. Without a token nobody, and where the edits stand now. A store that cannot tell says so
    /// in its description, and knows no token.
    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError>;

    /// Active contacts with an address that have no link of the source and were never unlinked from one of its users,
    /// in an order of the store's own, after the contact `after`, at most `limit`. A store that cannot tell says so in
    /// its description, and tells of none.
    fn unlinked(
        &self,
        source: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let _ = (source, after, limit, fields);
        Ok(Vec::new())
    }

    /// Performs the changes in order and writes the state, in one transaction. One outcome per
    /// change, in order.
    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError>;

    /// Performs a commit as [`Self::apply`] does, and tells the outcomes when they are certain, which may be
    /// before they are kept: what is told stays true unless this fails, and then nothing of the commit is kept.
    ///
    /// A host that goes on meanwhile lets nobody rely on what was told before this gives back. A store that
    /// knows the outcomes no sooner tells them when everything is kept, as this does where a store does not say
    /// otherwise.
    ///
    /// # Errors
    ///
    /// As [`Self::apply`], before `tell` was called or after it.
    fn apply_early(&self, commit: Commit, tell: Tell<'_>) -> Result<(), StoreError> {
        tell(self.apply(commit)?);
        Ok(())
    }

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
