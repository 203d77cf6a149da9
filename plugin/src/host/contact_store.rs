//! The contact store and the state, as the host gives them.

use sync_core::contact::{Contact, ContactId, ObjectId, Who};
use sync_core::ports::{
    Commit, ContactStore, EditsSince, Expected, JournalEntry, Noted, Outcome, Query, SameContact,
    State, Statistics, StoreDescription, StoreError,
};

use super::bindings::imports::{contact_store as wit, state};
use super::convert;

/// The host's contacts.
pub(super) struct HostStore;

impl ContactStore for HostStore {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        wit::describe()
            .map(convert::description)
            .map_err(convert::store_error)
    }

    fn lookup(&self, query: &Query) -> Result<Vec<Contact>, StoreError> {
        let contacts = wit::lookup(&convert::query(query)).map_err(convert::store_error)?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        let users: Vec<_> = users.into_iter().map(convert::expected).collect();
        let same = wit::same(source, &users).map_err(convert::store_error)?;
        Ok(same.into_iter().map(convert::same_contact).collect())
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        let told = wit::changed_since(source, since, limit).map_err(convert::store_error)?;
        Ok(convert::edits_since(told))
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let outcomes = wit::apply(&convert::commit(commit)).map_err(convert::store_error)?;
        Ok(outcomes.into_iter().map(convert::outcome).collect())
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<u64, StoreError> {
        Ok(wit::open_round(source, round, resume)
            .map_err(convert::store_error)?
            .known_links)
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&ContactId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let contacts = wit::unlinked(source, after.map(ContactId::as_str), limit, fields)
            .map_err(convert::store_error)?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&ObjectId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let contacts = wit::unseen(source, round, after.map(ObjectId::as_str), limit, fields)
            .map_err(convert::store_error)?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        Ok(wit::close_round(source, round).map_err(convert::store_error)?)
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let entries = wit::run_journal(source, run, after.map(ObjectId::as_str), limit)
            .map_err(convert::store_error)?;
        Ok(entries.into_iter().map(convert::journal_entry).collect())
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let entries =
            wit::journal(source, &convert::who(who), limit).map_err(convert::store_error)?;
        Ok(entries.into_iter().map(convert::journal_entry).collect())
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        let notes = wit::notes(source, &convert::who(who)).map_err(convert::store_error)?;
        Ok(notes.into_iter().map(convert::noted).collect())
    }

    fn statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        Ok(convert::statistics(
            wit::get_statistics(source, fields).map_err(convert::store_error)?,
        ))
    }
}

/// The host's state of this connector.
pub(super) struct HostState;

impl State for HostState {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = state::get(key).map_err(convert::store_error)?;
        Ok(match found {
            state::Found::Value(value) => Some(value),
            state::Found::Absent => None,
        })
    }

    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let entries = state::get_many(&keys).map_err(convert::store_error)?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let entries = state::list(prefix, after, limit).map_err(convert::store_error)?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect())
    }
}
