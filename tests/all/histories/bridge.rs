//! The core without a sandbox: its ports on the emulator's service and the real store.
//!
//! Nothing here decides anything. A process that dies is a [`Bridge`] that answers nothing any more,
//! from the chosen write on; the next process is the next bridge on the same store.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use entra_connector::imports::{Consent, Imports, NoNotifications};
use guest_kit::{
    Clock, Directive, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Level, Method,
    Progress, RunControl, SecretError, SecretValue, Secrets, Timestamp,
};
use host_harness::graph_emulator::EmulatorInProcess;
use host_harness::runtime::imports as host;
use host_harness::store_api::AdminStore;
use serde_json::Value;
use sync_core::contact::{ContactId, ObjectId, Who};
use sync_core::ports::{
    Commit, ContactStore, EditsSince, Expected, JournalEntry, Noted, Outcome, PlanEntry, PlanSink,
    Query, SameContact, State, Statistics, StoreDescription, StoreError, Tally,
};

use super::convert;
use super::snapshot::{put_in_choir, snapshot};
use crate::world::messy::Random;

/// Which side of the write the end comes on, and which write, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The write is not done.
    Before(u32),
    /// The write is durable; nobody hears of it.
    After(u32),
}

/// Time that passes only when somebody waits. Shared with the emulator, which never jumps.
#[derive(Debug, Default)]
pub struct ManualClock {
    elapsed_ms: AtomicU64,
    jumped_ms: AtomicI64,
}

impl ManualClock {
    /// 2026-01-01T00:00:00Z, in milliseconds.
    const BEGINNING: u64 = 1_767_225_600_000;

    pub fn pass(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 4);
        self.elapsed_ms.fetch_add(time, Ordering::Relaxed);
    }

    /// Puts the host's wall clock, and nobody else's, forward or back.
    pub fn jump(&self, by_ms: i64) {
        self.jumped_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// The time that the rest of the world has.
    pub fn true_time(&self) -> SystemTime {
        let elapsed = self.elapsed_ms.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_millis(Self::BEGINNING + elapsed)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let elapsed = Self::BEGINNING + self.elapsed_ms.load(Ordering::Relaxed);
        Timestamp(elapsed.saturating_add_signed(self.jumped_ms.load(Ordering::Relaxed)))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

/// How the directory is read, so that small directories have many pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// People on a page of the list.
    pub list: usize,
    /// What the store says it takes at once.
    pub batch: u32,
    /// Shuffles the people of each page.
    pub shuffle: Option<u64>,
}

/// Properties that a change need not state, by object id.
pub type Unchanged = BTreeMap<String, BTreeSet<String>>;

/// One process: everything a call of the core works with.
pub struct Bridge<'w> {
    pub emulator: &'w EmulatorInProcess,
    pub store: &'w dyn AdminStore,
    pub clock: &'w ManualClock,
    pub secret: &'w str,
    pub pages: Pages,
    pub unchanged: Unchanged,
    pub death: Option<Death>,
    /// The report of progress, counted from 1, that is answered with "stop".
    pub stop_at: Option<u32>,
    /// The write before which somebody puts a linked contact on a list, and which one.
    pub meddling: Option<(u32, usize)>,
    pub writes: Cell<u32>,
    pub reports: Cell<u32>,
    pub dead: Cell<bool>,
    /// Requests to Graph, those for tokens not counted.
    pub graph_requests: Cell<u32>,
    /// People whose contacts were known again, each time.
    pub known_again: Cell<u64>,
    /// What was logged.
    pub log: RefCell<Vec<String>>,
    pub random: RefCell<Random>,
}

impl<'w> Bridge<'w> {
    pub fn imports(&'w self) -> Imports<'w> {
        Imports {
            http: self,
            store: self,
            state: self,
            plan: self,
            secrets: self,
            signing: &guest_kit::NoSigning,
            tokens: &guest_kit::NoTokens,
            clock: self.clock,
            entropy: self,
            control: self,
            consent: self,
            notifications: &NoNotifications,
        }
    }

    fn read<T>(
        &self,
        read: impl FnOnce() -> Result<T, host_harness::contract::StoreError>,
    ) -> Result<T, StoreError> {
        if self.dead.get() {
            return gone();
        }
        read().map_err(convert::store_error)
    }

    fn write<T>(
        &self,
        write: impl FnOnce() -> Result<T, host_harness::contract::StoreError>,
    ) -> Result<T, StoreError> {
        if self.dead.get() {
            return gone();
        }
        let number = self.writes.get() + 1;
        self.writes.set(number);
        if let Some((write, place)) = self.meddling
            && write == number
        {
            self.meddle(place);
        }
        match self.death {
            Some(Death::Before(last)) if last == number => {
                self.dead.set(true);
                gone()
            }
            Some(Death::After(last)) if last == number => {
                self.dead.set(true);
                write().map_err(convert::store_error)?;
                gone()
            }
            _ => write().map_err(convert::store_error),
        }
    }
}

impl Bridge<'_> {
    fn meddle(&self, place: usize) {
        let contacts = snapshot(self.store);
        let mut linked = contacts
            .iter()
            .filter(|(_, contact)| contact.user.is_some());
        if let Some((id, _)) = linked.nth(place) {
            put_in_choir(self.store, id);
        }
    }
}

fn gone<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the process died".to_owned()))
}

impl Http for Bridge<'_> {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        if self.dead.get() {
            return Err(HttpFailure::Denied);
        }
        self.clock.pass(Duration::from_millis(20));
        if !request.url.ends_with("/token") {
            self.graph_requests.set(self.graph_requests.get() + 1);
        }
        let mut builder = http::Request::builder()
            .method(match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Propfind => "PROPFIND",
                Method::Report => "REPORT",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
            })
            .uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let asked = builder.body(Bytes::from(request.body.clone())).unwrap();
        let response = self
            .emulator
            .answer(asked)
            .ok_or(HttpFailure::Interrupted)?;
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(HttpResponse {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: self.as_told(&request.url, response.body()),
        })
    }
}

impl Bridge<'_> {
    /// The page in another order, and with less in it, where that is what pages are like.
    fn as_told(&self, url: &str, body: &Bytes) -> Vec<u8> {
        let terse = url.contains("/users/delta") && !self.unchanged.is_empty();
        if self.pages.shuffle.is_none() && !terse {
            return body.to_vec();
        }
        let Ok(mut page) = serde_json::from_slice::<Value>(body) else {
            return body.to_vec();
        };
        let Some(people) = page.get_mut("value").and_then(Value::as_array_mut) else {
            return body.to_vec();
        };
        if let Some(order) = self.pages.shuffle {
            Random::new(order).shuffle(people);
        }
        for person in people.iter_mut().filter(|_| terse) {
            self.shorten(person);
        }
        page.to_string().into_bytes()
    }

    fn shorten(&self, person: &mut Value) {
        let id = person["id"].as_str().unwrap_or_default();
        if let Some(unchanged) = self.unchanged.get(id)
            && let Some(members) = person.as_object_mut()
        {
            members.retain(|name, _| name == "id" || !unchanged.contains(name));
        }
    }
}

impl ContactStore for Bridge<'_> {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        let description = self.read(|| host::ContactStore::describe(self.store))?;
        Ok(StoreDescription {
            max_batch: self.pages.batch,
            ..convert::description(description)
        })
    }

    fn lookup(&self, query: &Query) -> Result<Vec<sync_core::contact::Contact>, StoreError> {
        let query = convert::query(query);
        let contacts = self.read(|| host::ContactStore::lookup(self.store, query))?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        let users = users.into_iter().map(convert::expected).collect();
        let same = self.read(|| host::ContactStore::same(self.store, source, users))?;
        self.known_again
            .set(self.known_again.get() + same.len() as u64);
        Ok(same.into_iter().map(convert::same_contact).collect())
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        let told =
            self.read(|| host::ContactStore::changed_since(self.store, source, since, limit))?;
        Ok(convert::edits_since(told))
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let commit = convert::commit(commit);
        let outcomes = self.write(|| host::ContactStore::apply(self.store, commit))?;
        Ok(outcomes.into_iter().map(convert::outcome).collect())
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<u64, StoreError> {
        self.write(|| host::ContactStore::open_round(self.store, source, round, resume))
            .map(|round| round.known_links)
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&ContactId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<sync_core::contact::Contact>, StoreError> {
        let after = after.map(ContactId::as_str);
        let contacts =
            self.read(|| host::ContactStore::unlinked(self.store, source, after, limit, fields))?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&ObjectId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<sync_core::contact::Contact>, StoreError> {
        let after = after.map(ObjectId::as_str);
        let contacts = self
            .read(|| host::ContactStore::unseen(self.store, source, round, after, limit, fields))?;
        Ok(contacts.into_iter().map(convert::contact).collect())
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        self.write(|| host::ContactStore::close_round(self.store, source, round))
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let after = after.map(ObjectId::as_str);
        let entries =
            self.read(|| host::ContactStore::run_journal(self.store, source, run, after, limit))?;
        Ok(entries.into_iter().map(convert::journal_entry).collect())
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let who = convert::who(who);
        let entries = self.read(|| host::ContactStore::journal(self.store, source, &who, limit))?;
        Ok(entries.into_iter().map(convert::journal_entry).collect())
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        let who = convert::who(who);
        let notes = self.read(|| host::ContactStore::notes(self.store, source, &who))?;
        Ok(notes.into_iter().map(convert::noted).collect())
    }

    fn statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        self.read(|| host::ContactStore::get_statistics(self.store, source, fields))
            .map(convert::statistics)
    }
}

impl State for Bridge<'_> {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|| host::State::get(self.store, key))
    }

    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let entries = self.read(|| host::State::get_many(self.store, &keys))?;
        let entries = entries.into_iter();
        Ok(entries.map(|entry| (entry.key, entry.value)).collect())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let entries = self.read(|| host::State::list(self.store, prefix, after, limit))?;
        let entries = entries.into_iter();
        Ok(entries.map(|entry| (entry.key, entry.value)).collect())
    }
}

impl PlanSink for Bridge<'_> {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        let entries = entries.into_iter().map(convert::plan_entry).collect();
        self.write(|| host::PlanSink::put(self.store, entries))
    }

    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
        let contacts: Vec<_> = contacts.iter().map(ToString::to_string).collect();
        let claims = self.read(|| host::PlanSink::claimed(self.store, &contacts))?;
        Ok(claims
            .into_iter()
            .map(|claim| {
                (
                    ContactId::new(claim.contact),
                    ObjectId::new(claim.object_id),
                )
            })
            .collect())
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let after = after.map(ObjectId::as_str);
        let entries = self.read(|| host::PlanSink::changes(self.store, plan, after, limit))?;
        Ok(entries.into_iter().map(convert::plan_entry_back).collect())
    }

    fn entries(
        &self,
        plan: Option<&str>,
        users: &[ObjectId],
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let users: Vec<_> = users.iter().map(ToString::to_string).collect();
        let entries = self.read(|| host::PlanSink::entries(self.store, plan, &users))?;
        Ok(entries.into_iter().map(convert::plan_entry_back).collect())
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        let tallies = self.read(|| host::PlanSink::count(self.store))?;
        Ok(tallies
            .into_iter()
            .map(|tally| Tally {
                effect: convert::effect_back(tally.effect),
                reason: tally.reason,
                entries: tally.entries,
            })
            .collect())
    }
}

impl Secrets for Bridge<'_> {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new(self.secret.to_owned()))
    }
}

impl Entropy for Bridge<'_> {
    fn next_u64(&self) -> u64 {
        self.random.borrow_mut().below(u64::MAX)
    }
}

impl Consent for Bridge<'_> {
    fn endpoint(&self, _: &str) -> bool {
        true
    }
}

impl RunControl for Bridge<'_> {
    fn log(&self, _: Level, event: &str, fields: &[(&str, String)]) {
        self.log.borrow_mut().push(format!("{event} {fields:?}"));
    }

    fn progress(&self, _: Progress) -> Directive {
        let number = self.reports.get() + 1;
        self.reports.set(number);
        if self.stop_at == Some(number) {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}

/// The emulator takes its time from here.
pub fn emulators_clock(clock: &Arc<ManualClock>) -> host_harness::graph_emulator::Clock {
    let clock = Arc::clone(clock);
    Arc::new(move || clock.true_time())
}
