//! The store as people and their programs see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connector_contract::imports::{ConnectorStore, Ledger};
use connector_contract::{ContactList, PlanEntry};
use store_api::{
    AdminStore, BackendError, ChangedRun, ContactFilter, ContactPage, ContactRow, Contacts,
    EditError, Holder, LeaseError, LeaseHeld, LeasedStore, NotedUser, PlanFilter, PlanRecord,
    TakeOver,
};

use super::custom::CustomFields;
use super::leased::LeasedSqliteStore;
use super::ledger::SqliteLedger;
use super::read_only::ReadOnlySqliteStore;
use super::{SqliteStore, administration, browsing, lease, notes, plan, review, settings};

impl AdminStore for SqliteStore {
    fn acquire_lease(
        self: Arc<Self>,
        holder: &Holder,
        time_to_live: Duration,
        take_over: TakeOver,
    ) -> Result<Arc<dyn LeasedStore>, LeaseError> {
        let now_ms = self.context(None).now_ms;
        let registry = &self.lease_registry;
        let lease = lease::acquire(
            &self.connector().connection,
            registry,
            holder,
            time_to_live,
            take_over,
            now_ms,
        )?;
        Ok(Arc::new(LeasedSqliteStore::new(self, lease)))
    }

    fn lease_holder(&self) -> Result<Option<LeaseHeld>, BackendError> {
        Ok(self.glance(|connection| lease::holder(connection, &self.lease_registry))?)
    }

    fn read_only(self: Arc<Self>) -> Arc<dyn ConnectorStore> {
        Arc::new(ReadOnlySqliteStore::new(self))
    }

    fn ledger(self: Arc<Self>, account: &str) -> Arc<dyn Ledger> {
        Arc::new(SqliteLedger::new(self, account))
    }

    fn save_document(&self, text: &str) -> Result<(), BackendError> {
        Ok(self.write_durable(|connection| settings::save_document(connection, text))?)
    }

    fn document(&self) -> Result<Option<String>, BackendError> {
        Ok(self.glance(settings::document)?)
    }

    fn note_connected(&self, is_connected: bool) -> Result<(), BackendError> {
        Ok(self.write_durable(|connection| settings::note_connected(connection, is_connected))?)
    }

    fn has_connected(&self) -> Result<Option<bool>, BackendError> {
        Ok(self.look(settings::has_connected)?)
    }

    fn contacts(&self, filter: ContactFilter) -> Contacts<'_> {
        let filter = administration::with_folded_text(&filter);
        Contacts::new(move |after| {
            Ok(self.look(|connection| administration::list(connection, &filter, after))?)
        })
    }

    fn page(
        &self,
        filter: &ContactFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ContactPage, BackendError> {
        Ok(self.look(|connection| browsing::page(connection, filter, after, limit))?)
    }

    fn missing(
        &self,
        source: Option<&str>,
        field: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ContactPage, BackendError> {
        Ok(self.look(|connection| browsing::missing(connection, source, field, after, limit))?)
    }

    fn by_ids(&self, ids: &[&str]) -> Result<Vec<ContactRow>, BackendError> {
        Ok(self.look(|connection| browsing::by_ids(connection, ids))?)
    }

    fn linked_to(&self, user: &str) -> Result<Option<ContactRow>, BackendError> {
        Ok(self.look(|connection| browsing::linked_to(connection, user))?)
    }

    fn by_address(&self, address: &str) -> Result<Vec<ContactRow>, BackendError> {
        Ok(self.look(|connection| browsing::by_address(connection, address))?)
    }

    fn edit_field(
        &self,
        contact: &str,
        field: &str,
        value: Option<&str>,
    ) -> Result<u64, EditError> {
        let context = self.context(None);
        self.write_durable(|connection| {
            administration::edit_field(connection, context, contact, field, value)
        })
    }

    fn add_contact(&self, fields: &BTreeMap<String, String>) -> Result<String, EditError> {
        let context = self.context(None);
        self.write_durable(|connection| administration::add_contact(connection, context, fields))
    }

    fn put_on_list(&self, contact: &str, list: &ContactList) -> Result<u64, EditError> {
        let context = self.context(None);
        self.write_durable(|connection| {
            administration::put_on_list(connection, context, contact, list)
        })
    }

    fn custom_fields_without_room(&self, fields: &BTreeSet<&str>) -> Result<usize, BackendError> {
        Ok(self.look(|connection| Ok(CustomFields::read(connection)?.without_room(fields)))?)
    }

    fn begin_plan(&self) -> Result<(), BackendError> {
        let context = self.context(None);
        Ok(self.write(|connection| plan::begin(connection, context))?)
    }

    fn keep_plan(&self, record: &PlanRecord) -> Result<(), BackendError> {
        let context = self.context(None);
        Ok(self.write_durable(|connection| plan::keep(connection, context, record))?)
    }

    fn kept_plans(&self) -> Result<Vec<PlanRecord>, BackendError> {
        Ok(self.look(plan::kept)?)
    }

    fn planned(
        &self,
        digest: &str,
        filter: &PlanFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, BackendError> {
        Ok(self.look(|connection| review::planned(connection, digest, filter, after, limit))?)
    }

    fn changed_runs(&self, limit: u32) -> Result<Vec<ChangedRun>, BackendError> {
        Ok(self.look(|connection| review::changed_runs(connection, limit))?)
    }

    fn runs_named(&self, beginning: &str, limit: u32) -> Result<Vec<String>, BackendError> {
        Ok(self.look(|connection| review::runs_named(connection, beginning, limit))?)
    }

    fn noted_reasons(&self, source: Option<&str>) -> Result<Vec<(String, u64)>, BackendError> {
        Ok(self.look(|connection| notes::reasons(connection, source))?)
    }

    fn noted_people(
        &self,
        source: Option<&str>,
        reason: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<NotedUser>, BackendError> {
        Ok(self.look(|connection| notes::people(connection, source, reason, after, limit))?)
    }
}
