//! The suite that every store passes, on a destination: what stands beside a store there.
//!
//! The suite looks at a store from both sides: as a connector does, and as the people who work with its
//! contacts. Of a destination these work in the service, and [`People`] is what they can do there. What a host
//! keeps beside its contacts (plans, leases, the document) a destination has not, and the tests of it are not
//! run: whoever asks for it all the same is told so by a panic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connector_contract::imports::{
    ConnectorStore, ContactStore, Ledger as HostLedger, PlanSink, State,
};
use connector_contract::{
    Claim, Commit, Contact, ContactList, Expected, JournalEntry, Noted, Outcome, PlanEntry, Query,
    RoundInfo, SameContact, StateEntry, Statistics, StoreDescription, StoreError, Tally, Who,
};
use destination_kit::Ledger;
use destination_kit::contract::Refusal;
use destination_kit::destination::{Destination, Record, RemoteId, RemoteListId};
use store_api::suite::workspace::{FIELDS, OTHER_SOURCE, SOURCE};
use store_api::{
    AdminStore, BackendError, ChangedRun, ContactFilter, ContactPage, ContactRow, Contacts,
    EditError, Holder, LeaseError, LeaseHeld, LeasedStore, NotedUser, PlanFilter, PlanRecord,
    TakeOver,
};

use crate::DestinationStore;

/// People who work in the service.
pub trait People: Send + Sync {
    /// Somebody makes a record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal>;

    /// Somebody writes or empties a field; `false` where there is no such record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    fn edit(&self, record: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal>;

    /// Somebody puts a record on a list; `false` where there is no such record.
    fn put_on_list(&self, record: &str, name: &str) -> bool;

    /// Every record, with every list that it is on.
    fn records(&self) -> Vec<Record>;

    /// Names of lists by id.
    fn list_names(&self) -> BTreeMap<RemoteListId, String>;
}

/// A destination's store as the suite takes one.
#[derive(Debug)]
pub struct TestedStore<D, L, P> {
    /// The store.
    pub store: DestinationStore<D, L>,
    /// Who works in the service.
    pub people: P,
}

impl<D, L, P> TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn contact_of(&self, record: &str) -> String {
        let record = record.to_owned();
        let contact = self
            .store
            .ask(move |store| store.contact_of_record(&record));
        contact.expect("a ledger in memory answers")
    }

    fn record_of(&self, contact: &str) -> Option<RemoteId> {
        let contact = contact.to_owned();
        let record = self
            .store
            .ask(move |store| store.record_of_contact(&contact));
        record.expect("a ledger in memory answers")
    }

    fn seen(&self, source: &str, contact: &str) -> Option<Contact> {
        let asked = Query {
            source: source.to_owned(),
            object_ids: Vec::new(),
            match_keys: Vec::new(),
            contacts: vec![contact.to_owned()],
            fields: FIELDS.map(str::to_owned).to_vec(),
        };
        let mut found = self
            .store
            .lookup(asked)
            .expect("a service in memory answers");
        found.pop()
    }

    /// The version of a contact, seen by the store.
    fn version(&self, contact: &str) -> u64 {
        // A person was at work: what this call knows of lists is old.
        self.store.describe().expect("a service in memory answers");
        self.seen(SOURCE, contact)
            .map_or(0, |contact| contact.version)
    }

    fn rows(&self, filter: &ContactFilter) -> Vec<ContactRow> {
        let names = self.people.list_names();
        let mut rows: Vec<_> = self
            .people
            .records()
            .into_iter()
            .map(|record| self.row(record, &names))
            .filter(|row| fits(filter, row))
            .collect();
        rows.sort_by_key(|row| row.id.parse::<u64>().unwrap_or(u64::MAX));
        rows
    }

    fn row(&self, record: Record, names: &BTreeMap<RemoteListId, String>) -> ContactRow {
        let id = self.contact_of(&record.id);
        let seen = [SOURCE, OTHER_SOURCE].map(|source| self.seen(source, &id));
        let mut links = seen
            .iter()
            .flatten()
            .filter_map(|contact| contact.link.as_ref());
        let object_id = links.next().map(|link| link.object_id.clone());
        let [first, _] = &seen;
        let first = first.as_ref();
        ContactRow {
            version: first.map_or(0, |contact| contact.version),
            active: first.is_some_and(|contact| contact.active),
            linked: object_id.is_some(),
            object_id,
            fields: record.fields.into_iter().collect(),
            lists: record
                .lists
                .unwrap_or_default()
                .iter()
                .filter_map(|list| names.get(list).cloned())
                .collect(),
            id,
        }
    }
}

fn fits(filter: &ContactFilter, row: &ContactRow) -> bool {
    let is_on = |name: &String| {
        let comparable = |name: &str| name.to_lowercase();
        row.lists
            .iter()
            .any(|list| comparable(list) == comparable(name))
    };
    filter.active.is_none_or(|active| row.active == active)
        && filter.linked.is_none_or(|linked| row.linked == linked)
        && filter.list.as_ref().is_none_or(is_on)
        && filter.text.is_none()
}

/// A part of the suite that a destination has not was asked for.
fn not_of_a_destination() -> ! {
    panic!("this is a host's to keep, and no test of it is run on a destination")
}

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

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        self.store.apply(commit)
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        self.store.open_round(source, round, resume)
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

impl<D, L, P> AdminStore for TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn acquire_lease(
        self: Arc<Self>,
        _: &Holder,
        _: Duration,
        _: TakeOver,
    ) -> Result<Arc<dyn LeasedStore>, LeaseError> {
        not_of_a_destination()
    }

    fn lease_holder(&self) -> Result<Option<LeaseHeld>, BackendError> {
        not_of_a_destination()
    }

    fn read_only(self: Arc<Self>) -> Arc<dyn ConnectorStore> {
        not_of_a_destination()
    }

    fn ledger(self: Arc<Self>, _: &str) -> Arc<dyn HostLedger> {
        not_of_a_destination()
    }

    fn save_document(&self, _: &str) -> Result<(), BackendError> {
        not_of_a_destination()
    }

    fn document(&self) -> Result<Option<String>, BackendError> {
        not_of_a_destination()
    }

    fn note_connected(&self, _: bool) -> Result<(), BackendError> {
        not_of_a_destination()
    }

    fn has_connected(&self) -> Result<Option<bool>, BackendError> {
        not_of_a_destination()
    }

    fn contacts(&self, filter: ContactFilter) -> Contacts<'_> {
        Contacts::new(move |after| match after {
            None => self.page(&filter, None, u32::MAX),
            Some(_) => Ok(ContactPage::default()),
        })
    }

    fn page(
        &self,
        filter: &ContactFilter,
        _: Option<&str>,
        _: u32,
    ) -> Result<ContactPage, BackendError> {
        Ok(ContactPage {
            contacts: self.rows(filter),
            next: None,
        })
    }

    fn missing(
        &self,
        _: Option<&str>,
        _: &str,
        _: Option<&str>,
        _: u32,
    ) -> Result<ContactPage, BackendError> {
        not_of_a_destination()
    }

    fn by_ids(&self, ids: &[&str]) -> Result<Vec<ContactRow>, BackendError> {
        let mut rows = self.rows(&ContactFilter::default());
        rows.retain(|row| ids.contains(&row.id.as_str()));
        Ok(rows)
    }

    fn linked_to(&self, user: &str) -> Result<Option<ContactRow>, BackendError> {
        let rows = self.rows(&ContactFilter::default()).into_iter();
        let is_theirs = |row: &ContactRow| {
            [SOURCE, OTHER_SOURCE].iter().any(|source| {
                let seen = self.seen(source, &row.id);
                seen.and_then(|contact| contact.link)
                    .is_some_and(|link| link.object_id == user)
            })
        };
        Ok(rows.filter(is_theirs).next())
    }

    fn by_address(&self, address: &str) -> Result<Vec<ContactRow>, BackendError> {
        let asked = Query {
            source: SOURCE.to_owned(),
            object_ids: Vec::new(),
            match_keys: vec![address.to_owned()],
            contacts: Vec::new(),
            fields: Vec::new(),
        };
        let found = self
            .store
            .lookup(asked)
            .expect("a service in memory answers");
        let ids: Vec<_> = found.iter().map(|contact| contact.id.as_str()).collect();
        self.by_ids(&ids)
    }

    fn edit_field(
        &self,
        contact: &str,
        field: &str,
        value: Option<&str>,
    ) -> Result<u64, EditError> {
        let missing = || EditError::NoSuchContact(contact.to_owned());
        let record = self.record_of(contact).ok_or_else(missing)?;
        match self.people.edit(&record, field, value) {
            Ok(true) => Ok(self.version(contact)),
            Ok(false) => Err(missing()),
            Err(refusal) => Err(refused(refusal)),
        }
    }

    fn add_contact(&self, fields: &BTreeMap<String, String>) -> Result<String, EditError> {
        let record = self.people.add(fields).map_err(refused)?;
        let contact = self.contact_of(&record);
        self.version(&contact);
        Ok(contact)
    }

    fn put_on_list(&self, contact: &str, list: &ContactList) -> Result<u64, EditError> {
        let missing = || EditError::NoSuchContact(contact.to_owned());
        let record = self.record_of(contact).ok_or_else(missing)?;
        if !self.people.put_on_list(&record, &list.name) {
            return Err(missing());
        }
        Ok(self.version(contact))
    }

    fn custom_fields_without_room(&self, _: &BTreeSet<&str>) -> Result<usize, BackendError> {
        not_of_a_destination()
    }

    fn begin_plan(&self) -> Result<(), BackendError> {
        // Tests of the state begin one, too.
        Ok(())
    }

    fn keep_plan(&self, _: &PlanRecord) -> Result<(), BackendError> {
        not_of_a_destination()
    }

    fn kept_plans(&self) -> Result<Vec<PlanRecord>, BackendError> {
        not_of_a_destination()
    }

    fn planned(
        &self,
        _: &str,
        _: &PlanFilter,
        _: Option<&str>,
        _: u32,
    ) -> Result<Vec<PlanEntry>, BackendError> {
        not_of_a_destination()
    }

    fn changed_runs(&self, _: u32) -> Result<Vec<ChangedRun>, BackendError> {
        not_of_a_destination()
    }

    fn runs_named(&self, _: &str, _: u32) -> Result<Vec<String>, BackendError> {
        not_of_a_destination()
    }

    fn noted_reasons(&self, _: Option<&str>) -> Result<Vec<(String, u64)>, BackendError> {
        not_of_a_destination()
    }

    fn noted_people(
        &self,
        _: Option<&str>,
        _: &str,
        _: Option<&str>,
        _: u32,
    ) -> Result<Vec<NotedUser>, BackendError> {
        not_of_a_destination()
    }
}

fn refused(refusal: Refusal) -> EditError {
    EditError::Refused {
        field: refusal.field,
        code: refusal.code,
    }
}
