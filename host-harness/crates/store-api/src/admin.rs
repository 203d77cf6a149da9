//! The side of a store that people and their programs work with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connector_contract::imports::{ConnectorStore, Ledger};
use connector_contract::{ContactList, PlanEntry};

use super::contacts::{ContactFilter, ContactPage, ContactRow, Contacts, EditError};
use super::error::BackendError;
use super::lease::{Holder, LeaseError, LeaseHeld, LeasedStore, TakeOver};
use super::records::{ChangedRun, NotedUser, PlanFilter, PlanRecord};

/// The contacts, the state, the plans and the settings of one workspace.
///
/// What a method of this trait reads is one state of the store, as of the last commit, and waits for no run
/// that writes. What it writes is durable when it returns, and a method that fails has changed nothing.
/// Unless a method says otherwise, it fails with [`BackendError`] where the store cannot be read or written.
///
/// The interfaces of the contract are this trait's, too, without a lease: for whoever is alone with the
/// store. Everybody else writes through [`acquire_lease`](Self::acquire_lease), and looks through
/// [`read_only`](Self::read_only).
pub trait AdminStore: ConnectorStore {
    /// Takes the lease for a holder: the right to write through what is returned, until that is dropped,
    /// expires `time_to_live` after its last write, or is taken over.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Held`] where another one holds it, and `take_over` does not let this one replace it.
    fn acquire_lease(
        self: Arc<Self>,
        holder: &Holder,
        time_to_live: Duration,
        take_over: TakeOver,
    ) -> Result<Arc<dyn LeasedStore>, LeaseError>;

    /// Who holds the lease, also where it has expired and nobody took it over yet.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn lease_holder(&self) -> Result<Option<LeaseHeld>, BackendError>;

    /// The store for calls that change nothing, such as `report` and `explain`. It answers while a sync
    /// writes, and refuses every write with
    /// [`StoreError::AccessDenied`](connector_contract::StoreError::AccessDenied).
    fn read_only(self: Arc<Self>) -> Arc<dyn ConnectorStore>;

    /// The memory of a destination, for an account of its service: what is kept for one account, no other one has.
    /// It lies with this store, and goes with it.
    fn ledger(self: Arc<Self>, account: &str) -> Arc<dyn Ledger>;

    /// Keeps the workspace's configuration document, as it is.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    fn save_document(&self, text: &str) -> Result<(), BackendError>;

    /// The workspace's configuration document, as it was saved; `None` where none was.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn document(&self) -> Result<Option<String>, BackendError>;

    /// Notes whether the configuration document that is saved has connected.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    fn note_connected(&self, is_connected: bool) -> Result<(), BackendError>;

    /// Whether the configuration document that is saved has ever connected; nothing where nobody has noted
    /// it.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn has_connected(&self) -> Result<Option<bool>, BackendError>;

    /// Lists contacts in the order in which they were made, reading a page at a time.
    fn contacts(&self, filter: ContactFilter) -> Contacts<'_>;

    /// Contacts that a filter finds, in the order in which they were made, at most `limit` and at
    /// most 500. `after` is [`ContactPage::next`] of the page before; a text that is none begins at the
    /// start. One call looks at a bounded number of contacts, so that a page costs the same however many
    /// there are.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn page(
        &self,
        filter: &ContactFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ContactPage, BackendError>;

    /// Active linked contacts that hold no value in a field, at most `limit` and at most 500: those that
    /// [`ContactStore::get_statistics`](connector_contract::imports::ContactStore::get_statistics) counts
    /// as missing it; each once, in an order of the store's own. `source` is the connection whose links
    /// count; `None` takes any. `after` is [`ContactPage::next`] of the page before; a text that is none
    /// begins at the start.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn missing(
        &self,
        source: Option<&str>,
        field: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ContactPage, BackendError>;

    /// The contacts of these ids that there are; at most 500 of them.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn by_ids(&self, ids: &[&str]) -> Result<Vec<ContactRow>, BackendError>;

    /// The contact that is linked to a directory user.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn linked_to(&self, user: &str) -> Result<Option<ContactRow>, BackendError>;

    /// The contacts with an e-mail address, without regard to case, in the order in which they were made;
    /// the first 500 of them.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn by_address(&self, address: &str) -> Result<Vec<ContactRow>, BackendError>;

    /// Writes or empties one field of a contact by hand; the contact's new version.
    ///
    /// # Errors
    ///
    /// Where there is no such contact, or the store does not take the value.
    fn edit_field(&self, contact: &str, field: &str, value: Option<&str>)
    -> Result<u64, EditError>;

    /// Makes an active, unlinked contact by hand; its id.
    ///
    /// # Errors
    ///
    /// Where the store does not take one of the fields, or a mandatory one is missing.
    fn add_contact(&self, fields: &BTreeMap<String, String>) -> Result<String, EditError>;

    /// Puts a contact on a list by hand; the connector neither sees nor ends such a membership.
    /// The contact's new version.
    ///
    /// # Errors
    ///
    /// Where there is no such contact, or the list cannot have that name.
    fn put_on_list(&self, contact: &str, list: &ContactList) -> Result<u64, EditError>;

    /// Of fields that are to be written, how many would be one custom field too many. Custom fields that were
    /// ever written stay.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn custom_fields_without_room(&self, fields: &BTreeSet<&str>) -> Result<usize, BackendError>;

    /// Begins a plan, as the contract asks before each call that makes one. One that was begun and not kept
    /// is forgotten.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    fn begin_plan(&self) -> Result<(), BackendError>;

    /// Keeps the plan in the making under its digest. The last ten plans are kept.
    ///
    /// # Errors
    ///
    /// Where no plan is in the making, or the store cannot be written.
    fn keep_plan(&self, record: &PlanRecord) -> Result<(), BackendError>;

    /// The plans that are kept, newest first.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn kept_plans(&self) -> Result<Vec<PlanRecord>, BackendError>;

    /// The plan that is kept under a digest.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn kept_plan(&self, digest: &str) -> Result<Option<PlanRecord>, BackendError> {
        let kept = self.kept_plans()?;
        Ok(kept.into_iter().find(|plan| plan.digest == digest))
    }

    /// Entries of the plan that is kept under a digest, in byte order of the object id, after
    /// `after`, at most `limit`. None where no such plan is kept.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn planned(
        &self,
        digest: &str,
        filter: &PlanFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, BackendError>;

    /// The last runs with changes that are in the journal, newest first.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn changed_runs(&self, limit: u32) -> Result<Vec<ChangedRun>, BackendError>;

    /// The runs that journal or notes know and whose id begins so, newest first, at most `limit`. One
    /// whose id is exactly this is the only one.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn runs_named(&self, beginning: &str, limit: u32) -> Result<Vec<String>, BackendError>;

    /// How many directory users led to no change, by reason: of one connection, or of all.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn noted_reasons(&self, source: Option<&str>) -> Result<Vec<(String, u64)>, BackendError>;

    /// Directory users who led to no change for a reason, in byte order of the object id, after `after`, at
    /// most `limit`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn noted_people(
        &self,
        source: Option<&str>,
        reason: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<NotedUser>, BackendError>;
}
