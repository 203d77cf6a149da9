//! Binds `contact-store` and `types` to the workspace's store.

use crate::call_state::CallState;
use crate::commit_weight;
use connector_contract::bindings::contact_sync::connector::{contact_store, types};
use connector_contract::{
    Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, Query, RoundInfo,
    SameContact, Statistics, StoreDescription, StoreError, Who,
};
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

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

    async fn same(&mut self, source: String, users: Vec<Expected>) -> Answer<Vec<SameContact>> {
        let store = Arc::clone(&self.workspace.store);
        self.operations
            .run("contact-store.same", move || store.same(&source, users))
            .await
    }

    async fn changed_since(
        &mut self,
        source: String,
        since: Option<String>,
        limit: u32,
    ) -> Answer<EditsSince> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.changed_since(&source, since.as_deref(), limit);
        self.operations
            .run("contact-store.changed-since", operation)
            .await
    }

    async fn apply(&mut self, commit: Commit) -> Answer<Vec<Outcome>> {
        self.meter.commit(commit_weight::of_commit(&commit))?;
        let store = Arc::clone(&self.workspace.store);
        self.operations
            .run_ahead("contact-store.apply", move |tell| {
                store.apply_early(commit, tell)
            })
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

    async fn unlinked(
        &mut self,
        source: String,
        after: Option<String>,
        limit: u32,
        fields: Vec<String>,
    ) -> Answer<Vec<Contact>> {
        let store = Arc::clone(&self.workspace.store);
        let operation = move || store.unlinked(&source, after.as_deref(), limit, &fields);
        self.operations
            .run("contact-store.unlinked", operation)
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
