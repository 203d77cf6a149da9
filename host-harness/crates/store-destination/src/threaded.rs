//! The store in a thread of its own, because it is one call's and no two threads'.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use connector_contract::imports::{ContactStore, State};
use connector_contract::{
    Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, Query, RoundInfo,
    SameContact, StateEntry, Statistics, StoreDescription, StoreError, Who,
};
use destination_kit::contract::{Found, StoreError as KitError};
use destination_kit::destination::Destination;
use destination_kit::{Ledger, Store};

use crate::{from_host, to_host};

type Job<D, L> = Box<dyn FnOnce(&Store<D, L>) + Send>;

/// A destination's store as a host's. Its calls are answered one after another.
#[derive(Debug)]
pub struct DestinationStore<D, L> {
    jobs: Mutex<mpsc::Sender<Job<D, L>>>,
}

impl<D: Destination + 'static, L: Ledger + 'static> DestinationStore<D, L> {
    /// Begins with the store that `make` makes, in the thread in which it stays.
    pub fn begin(make: impl FnOnce() -> Store<D, L> + Send + 'static) -> Self {
        let (jobs, work) = mpsc::channel::<Job<D, L>>();
        thread::spawn(move || {
            let store = make();
            for job in work {
                job(&store);
            }
        });
        Self {
            jobs: Mutex::new(jobs),
        }
    }

    /// Asks the store itself.
    ///
    /// # Errors
    ///
    /// What the store answers, or where its thread has ended.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store<D, L>) -> Result<T, KitError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::Other("the destination's thread has ended".to_owned());
        let (tell, answer) = mpsc::sync_channel(1);
        let job: Job<D, L> = Box::new(move |store| {
            // Whoever asked waits below.
            let _ = tell.send(question(store));
        });
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.send(job).map_err(|_| ended())?;
        let answer = answer.recv().map_err(|_| ended())?;
        answer.map_err(to_host::error)
    }
}

impl<D: Destination + 'static, L: Ledger + 'static> ContactStore for DestinationStore<D, L>
where
    Self: Send + Sync,
{
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        self.ask(Store::describe).map(to_host::description)
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        let query = from_host::query(query);
        let found = self.ask(move |store| store.lookup(query))?;
        Ok(to_host::all(found, to_host::contact))
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        let source = source.to_owned();
        let users: Vec<_> = users.into_iter().map(from_host::expected).collect();
        let same = self.ask(move |store| store.same(&source, &users))?;
        Ok(to_host::all(same, to_host::same))
    }

    fn changed_since(
        &self,
        _source: &str,
        _since: Option<&str>,
        _limit: u32,
    ) -> Result<EditsSince, StoreError> {
        self.ask(|store| Ok(store.changed_since()))
            .map(to_host::edits_since)
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let commit = from_host::commit(commit);
        let outcomes = self.ask(move |store| store.apply(commit))?;
        Ok(to_host::all(outcomes, to_host::outcome))
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        let (source, round) = (source.to_owned(), round.to_owned());
        let opened = self.ask(move |store| store.open_round(&source, &round, resume))?;
        Ok(RoundInfo {
            known_links: opened.known_links,
        })
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let (source, round) = (source.to_owned(), round.to_owned());
        let (after, fields) = (after.map(str::to_owned), fields.to_vec());
        let unseen =
            self.ask(move |store| store.unseen(&source, &round, after.as_deref(), limit, &fields))?;
        Ok(to_host::all(unseen, to_host::contact))
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        let (source, round) = (source.to_owned(), round.to_owned());
        self.ask(move |store| store.close_round(&source, &round))
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let (source, run) = (source.to_owned(), run.to_owned());
        let after = after.map(str::to_owned);
        let entries =
            self.ask(move |store| store.run_journal(&source, &run, after.as_deref(), limit))?;
        Ok(to_host::all(entries, to_host::entry))
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let (source, who) = (source.to_owned(), from_host::who(who));
        let entries = self.ask(move |store| store.journal(&source, &who, limit))?;
        Ok(to_host::all(entries, to_host::entry))
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        let (source, who) = (source.to_owned(), from_host::who(who));
        let notes = self.ask(move |store| store.notes(&source, &who))?;
        Ok(to_host::all(notes, to_host::noted))
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        let (source, fields) = (source.to_owned(), fields.to_vec());
        let numbers = self.ask(move |store| store.get_statistics(&source, &fields))?;
        Ok(to_host::statistics(numbers))
    }
}

impl<D: Destination + 'static, L: Ledger + 'static> State for DestinationStore<D, L>
where
    Self: Send + Sync,
{
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key.to_owned();
        let found = self.ask(move |store| store.get(&key))?;
        Ok(match found {
            Found::Value(value) => Some(value),
            Found::Absent => None,
        })
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError> {
        let keys = keys.to_vec();
        let found = self.ask(move |store| store.get_many(&keys))?;
        Ok(to_host::all(found, to_host::state_entry))
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let found = self.ask(move |store| store.list(&prefix, after.as_deref(), limit))?;
        Ok(to_host::all(found, to_host::state_entry))
    }
}
