//! A destination's store as a connector sees it.

use connector_contract::imports::{ContactStore, PlanSink, State};
use connector_contract::{
    Claim, Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, PlanEntry, Query,
    RoundInfo, SameContact, StateEntry, Statistics, StoreDescription, StoreError, Tally, Who,
};
use destination_kit::Ledger;
use destination_kit::destination::Destination;

use super::{People, TestedStore, not_of_a_destination};
use crate::DestinationStore;

impl<D, L, P> ContactStore for TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        self.store.describe()
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        self.store.lookup(query)
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        self.store.same(source, users)
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        self.store.changed_since(source, since, limit)
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        self.store.apply(commit)
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        self.store.open_round(source, round, resume)
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.store.unlinked(source, after, limit, fields)
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.store.unseen(source, round, after, limit, fields)
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        self.store.close_round(source, round)
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.store.run_journal(source, run, after, limit)
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.store.journal(source, who, limit)
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        self.store.notes(source, who)
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        self.store.get_statistics(source, fields)
    }
}

impl<D, L, P> State for TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key)
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError> {
        self.store.get_many(keys)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError> {
        self.store.list(prefix, after, limit)
    }
}

impl<D, L, P> PlanSink for TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn put(&self, _: Vec<PlanEntry>) -> Result<(), StoreError> {
        not_of_a_destination()
    }

    fn claimed(&self, _: &[String]) -> Result<Vec<Claim>, StoreError> {
        not_of_a_destination()
    }

    fn changes(
        &self,
        _: Option<&str>,
        _: Option<&str>,
        _: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        not_of_a_destination()
    }

    fn entries(&self, _: Option<&str>, _: &[String]) -> Result<Vec<PlanEntry>, StoreError> {
        not_of_a_destination()
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        not_of_a_destination()
    }
}
