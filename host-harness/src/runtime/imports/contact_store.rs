//! The contacts of one workspace.

use crate::contract::{
    Commit, Contact, JournalEntry, Noted, Outcome, Query, RoundInfo, Statistics, StoreDescription,
    StoreError, Who,
};
use crate::runtime::bindings::contact_sync::connector::{contact_store, types};
use crate::runtime::call::CallState;
use crate::runtime::weight;
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

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
}

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    contact_store::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl types::Host for CallState {}

type Answer<T> = wasmtime::Result<Result<T, StoreError>>;

impl contact_store::Host for CallState {
    async fn describe(&mut self) -> Answer<StoreDescription> {
        let store = Arc::clone(&self.workspace.store);
        self.operations
            .run("contact-store.describe", move || store.describe())
            .await
    }

    async fn lookup(&mut self, query: Query) -> Answer<Vec<Contact>> {
        let store = Arc::clone(&self.workspace.store);
        self.operations
            .run("contact-store.lookup", move || store.lookup(query))
            .await
    }

    async fn apply(&mut self, commit: Commit) -> Answer<Vec<Outcome>> {
        self.meter.commit(weight::of_commit(&commit))?;
        let store = Arc::clone(&self.workspace.store);
        self.operations
            .run("contact-store.apply", move || store.apply(commit))
            .await
    }

    async fn open_round(
        &mut self,
        source: String,
        round: String,
        resume: bool,
    ) -> Answer<RoundInfo> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.open_round(&source, &round, resume);
        self.operations
            .run("contact-store.open-round", operation)
            .await
    }

    async fn unseen(
        &mut self,
        source: String,
        round: String,
        after: Option<String>,
        limit: u32,
        fields: Vec<String>,
    ) -> Answer<Vec<Contact>> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.unseen(&source, &round, after.as_deref(), limit, &fields);
        self.operations.run("contact-store.unseen", operation).await
    }

    async fn close_round(&mut self, source: String, round: String) -> Answer<()> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.close_round(&source, &round);
        self.operations
            .run("contact-store.close-round", operation)
            .await
    }

    async fn run_journal(
        &mut self,
        source: String,
        run: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<JournalEntry>> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.run_journal(&source, &run, after.as_deref(), limit);
        self.operations
            .run("contact-store.run-journal", operation)
            .await
    }

    async fn journal(&mut self, source: String, who: Who, limit: u32) -> Answer<Vec<JournalEntry>> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.journal(&source, &who, limit);
        self.operations
            .run("contact-store.journal", operation)
            .await
    }

    async fn notes(&mut self, source: String, who: Who) -> Answer<Vec<Noted>> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.notes(&source, &who);
        self.operations.run("contact-store.notes", operation).await
    }

    async fn get_statistics(&mut self, source: String, fields: Vec<String>) -> Answer<Statistics> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.get_statistics(&source, &fields);
        self.operations
            .run("contact-store.get-statistics", operation)
            .await
    }
}
