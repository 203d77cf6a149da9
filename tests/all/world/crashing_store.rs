//! A store that dies at a chosen call: the process that ends in the middle of a sync.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use host_harness::contract::{
    Applied, Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, Query, RoundInfo,
    SameContact, Statistics, StoreDescription, StoreError, Who,
};
use host_harness::runtime::imports::{ContactStore, Tell};
use host_harness::store_api::AdminStore;
use tokio::sync::Notify;

/// Which side of the write the end comes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The write is not done.
    Before,
    /// The write is durable; nobody hears of it.
    After,
    /// What becomes of a commit is told, and it is not done; any other call is as `Before`.
    Told,
}

/// Does what the real store does, until it dies; then it answers nothing any more.
pub struct CrashingStore {
    inner: Arc<dyn AdminStore>,
    /// Changes of one commit: few, so that small directories make many commits.
    max_batch: u32,
    /// The write, or the call of any kind, counted from 1, at which it dies; 0 is never.
    last: usize,
    /// What is counted.
    reads_count: bool,
    death: Death,
    calls: AtomicUsize,
    died: Notify,
}

impl CrashingStore {
    /// A store that lives for ever.
    pub fn immortal(inner: Arc<dyn AdminStore>, max_batch: u32) -> Self {
        Self::new(inner, max_batch, 0, Death::Before)
    }

    pub fn new(
        inner: Arc<dyn AdminStore>,
        max_batch: u32,
        last_write: usize,
        death: Death,
    ) -> Self {
        Self {
            inner,
            max_batch,
            last: last_write,
            reads_count: false,
            death,
            calls: AtomicUsize::new(0),
            died: Notify::new(),
        }
    }

    /// Counts reads like writes.
    pub fn at_any_call(mut self) -> Self {
        self.reads_count = true;
        self
    }

    /// Comes back once the store has died.
    pub async fn death(&self) {
        self.died.notified().await;
    }

    /// How many calls there were, of those that count.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn is_dead(&self) -> bool {
        self.last != 0 && self.calls() >= self.last
    }

    fn write<T>(&self, write: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.is_dead() {
            return gone();
        }
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let dies = number == self.last;
        let done = if dies && self.death != Death::After {
            gone()
        } else {
            write()
        };
        if dies {
            self.died.notify_one();
            return gone();
        }
        done
    }

    fn read<T>(&self, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.reads_count {
            self.write(read)
        } else if self.is_dead() {
            gone()
        } else {
            read()
        }
    }
}

fn gone<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the store died".to_owned()))
}

impl ContactStore for CrashingStore {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        let description = self.read(|| self.inner.describe())?;
        Ok(StoreDescription {
            max_batch: self.max_batch,
            ..description
        })
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        self.read(|| self.inner.lookup(query))
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        self.read(|| self.inner.same(source, users))
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        self.read(|| self.inner.changed_since(source, since, limit))
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        self.write(|| self.inner.apply(commit))
    }

    fn apply_early(&self, commit: Commit, tell: Tell<'_>) -> Result<(), StoreError> {
        if self.death == Death::Told && self.calls() + 1 == self.last {
            let applied = |_| {
                Outcome::Applied(Applied {
                    contact: "1".to_owned(),
                    version: 1,
                })
            };
            tell(commit.changes.iter().map(applied).collect());
            return self.write(|| Ok(()));
        }
        tell(self.apply(commit)?);
        Ok(())
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        self.write(|| self.inner.open_round(source, round, resume))
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.read(|| self.inner.unlinked(source, after, limit, fields))
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.read(|| self.inner.unseen(source, round, after, limit, fields))
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        self.write(|| self.inner.close_round(source, round))
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(|| self.inner.run_journal(source, run, after, limit))
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(|| self.inner.journal(source, who, limit))
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        self.read(|| self.inner.notes(source, who))
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        self.read(|| self.inner.get_statistics(source, fields))
    }
}
