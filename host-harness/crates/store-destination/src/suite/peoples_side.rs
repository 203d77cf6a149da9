//! A destination's store as people and their programs see it: its contacts are those of the service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connector_contract::imports::{ConnectorStore, ContactStore as _, Ledger as HostLedger};
use connector_contract::{ContactList, PlanEntry, Query};
use destination_kit::Ledger;
use destination_kit::contract::Refusal;
use destination_kit::destination::Destination;
use store_api::suite::workspace::{OTHER_SOURCE, SOURCE};
use store_api::{
    AdminStore, BackendError, ChangedRun, ContactFilter, ContactPage, ContactRow, Contacts,
    EditError, Holder, LeaseError, LeaseHeld, LeasedStore, NotedUser, PlanFilter, PlanRecord,
    TakeOver,
};

use super::{People, TestedStore, not_of_a_destination};
use crate::DestinationStore;

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
        let mut rows = self.rows(&ContactFilter::default()).into_iter();
        let is_theirs = |row: &ContactRow| {
            [SOURCE, OTHER_SOURCE].iter().any(|source| {
                let seen = self.seen(source, &row.id);
                seen.and_then(|contact| contact.link)
                    .is_some_and(|link| link.object_id == user)
            })
        };
        Ok(rows.find(is_theirs))
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
