//! A store that refuses some people, until it relents.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use host_harness::contract::{
    Change, Commit, Contact, EditsSince, Expected, Field, JournalEntry, Noted, Outcome, Query,
    RoundInfo, SameContact, Statistics, StoreDescription, StoreError, Who,
};
use host_harness::runtime::imports::ContactStore;
use host_harness::store_api::AdminStore;

/// Does what the real store does, and makes it refuse what concerns some people.
pub struct RejectingStore {
    inner: Arc<dyn AdminStore>,
    refused: BTreeSet<String>,
    relented: AtomicBool,
}

impl RejectingStore {
    pub fn new(inner: Arc<dyn AdminStore>, refused: impl IntoIterator<Item = String>) -> Self {
        Self {
            inner,
            refused: refused.into_iter().collect(),
            relented: AtomicBool::new(false),
        }
    }

    /// Refuses nobody from now on.
    pub fn relent(&self) {
        self.relented.store(true, Ordering::SeqCst);
    }
}

impl ContactStore for RejectingStore {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        self.inner.describe()
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        self.inner.lookup(query)
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        self.inner.same(source, users)
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        self.inner.changed_since(source, since, limit)
    }

    fn apply(&self, mut commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        if !self.relented.load(Ordering::SeqCst) {
            for change in &mut commit.changes {
                if let Change::Create(create) = change
                    && self.refused.contains(&create.object_id)
                {
                    // The real store refuses an empty value, and does for the rest of the commit
                    // what it always does.
                    create.base.push(Field {
                        name: "company".to_owned(),
                        value: String::new(),
                    });
                }
            }
        }
        self.inner.apply(commit)
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        self.inner.open_round(source, round, resume)
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.inner.unlinked(source, after, limit, fields)
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.inner.unseen(source, round, after, limit, fields)
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        self.inner.close_round(source, round)
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.run_journal(source, run, after, limit)
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.journal(source, who, limit)
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        self.inner.notes(source, who)
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        self.inner.get_statistics(source, fields)
    }
}
