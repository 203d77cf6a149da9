//! Changing the tenant while it runs, and making things go wrong: the handle for the same process.
//! The control interface offers the same operations over HTTP.

use std::sync::{Arc, MutexGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::behaviour::Behaviour;
use super::faults::Fault;
use super::request_log::{Counters, RequestRecord};
use super::service::Service;
use super::source;
use super::storm::Storm;
use emulated_directory::{ChangeError, Directory, Record};
use emulated_identity_platform::{
    Application, CertificateRecord, CertificateRefused, FederatedCredential, FederatedRefused,
};

/// How the tenant stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Users that are neither deleted nor purged.
    pub users: u64,
    /// Users in the deleted items.
    pub deleted: u64,
    /// Changes of users since the start.
    pub changes: u64,
    /// Groups that are neither deleted nor purged.
    pub groups: u64,
    /// Groups in the deleted items.
    pub deleted_groups: u64,
    /// Changes of groups and of who is in them since the start.
    pub group_changes: u64,
    /// How often the delta state was reset.
    pub epoch: u64,
    /// Permissions that the next access token carries.
    pub roles: Vec<String>,
    /// Subscriptions to changes.
    pub subscriptions: usize,
    /// How many faults are set.
    pub faults: usize,
    /// The seed of the storm that is on.
    pub storm: Option<u64>,
    /// What was asked since the start.
    pub counters: Counters,
}

/// The handle. Cheap to clone; every operation takes effect before it returns.
#[derive(Clone)]
pub struct Control {
    service: Arc<Service>,
}

impl Control {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    pub(super) fn service(&self) -> &Service {
        &self.service
    }

    pub(super) fn directory_now(&self) -> (RwLockWriteGuard<'_, Directory>, SystemTime) {
        let now = self.service.now();
        (self.service.directory_mut(), now)
    }

    fn application(&self) -> MutexGuard<'_, Application> {
        self.service.platform().application()
    }

    /// How the tenant stands.
    #[must_use]
    pub fn overview(&self) -> Overview {
        self.service.settle();
        let directory = self.service.directory();
        Overview {
            users: directory.live(),
            deleted: directory.deleted(),
            changes: directory.log().head(),
            groups: directory.groups().live(),
            deleted_groups: directory.groups().deleted(),
            group_changes: directory.groups().log().head(),
            epoch: self.service.delta_tokens().epoch(),
            roles: self.service.platform().application().roles.clone(),
            subscriptions: self.service.subscriptions().listed().len(),
            faults: self.service.faults().list().len(),
            storm: self.service.weather().storm().map(|storm| storm.seed),
            counters: self.service.log().counters(),
        }
    }

    /// Everything that is set on a live user, by object id or user principal name.
    #[must_use]
    pub fn user(&self, key: &str) -> Option<Map<String, Value>> {
        let directory = self.service.directory();
        let subject = directory.subject(directory.find(key)?)?;
        Some(subject.to_record())
    }

    /// Adds a user, a JSON object of Graph properties. Without an `id` it gets one. Returns the
    /// object id.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] for what is no user, [`ChangeError::Taken`] for an id or a user
    /// principal name that another has.
    pub fn add_user(&self, user: Value) -> Result<String, ChangeError> {
        let record = object(user)?;
        self.service.directory_mut().add(record, self.service.now())
    }

    /// Sets the members of a JSON object on a live user; `null` and `[]` clear a property. A `manager`
    /// is an object id, a user principal name, or an object with an `id`. Returns the object id.
    ///
    /// # Errors
    /// Any [`ChangeError`]; nothing is changed then.
    pub fn edit_user(&self, key: &str, changes: Value) -> Result<String, ChangeError> {
        let changes = object(changes)?;
        self.service
            .directory_mut()
            .edit(key, changes, self.service.now())
    }

    /// Sets the same members on `count` live users, spread evenly over the directory. `{number}` in a
    /// text is replaced by the number of the edit. Returns how many users there were to edit.
    ///
    /// # Errors
    /// Any [`ChangeError`].
    pub fn edit_users(&self, count: u64, changes: Value) -> Result<u64, ChangeError> {
        let changes = object(changes)?;
        let chosen = self.spread(count);
        let mut edited = 0;
        for id in chosen {
            edited += 1;
            let numbered = number(&changes, edited);
            self.service
                .directory_mut()
                .edit(&id, numbered, self.service.now())?;
        }
        Ok(edited)
    }

    fn spread(&self, count: u64) -> Vec<String> {
        let directory = self.service.directory();
        let live = directory.live();
        let step = live.checked_div(count).unwrap_or(1).max(1);
        directory
            .live_from(0)
            .step_by(usize::try_from(step).unwrap_or(usize::MAX))
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .filter_map(|(ordinal, _)| directory.id(ordinal))
            .collect()
    }

    /// Gives a user, or a group and with it everybody inside, exactly these roles of the directory, by their
    /// names.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchMember`], and [`ChangeError::Invalid`] for a role that is not known.
    pub fn assign_roles(&self, key: &str, roles: &[&str]) -> Result<(), ChangeError> {
        self.service.directory_mut().assign_roles(key, roles)
    }

    /// Disables a user's account.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn disable_user(&self, key: &str) -> Result<String, ChangeError> {
        self.edit_user(key, serde_json::json!({"accountEnabled": false}))
    }

    /// Enables a user's account.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn enable_user(&self, key: &str) -> Result<String, ChangeError> {
        self.edit_user(key, serde_json::json!({"accountEnabled": true}))
    }

    /// Moves a user to the deleted items.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn delete_user(&self, key: &str) -> Result<String, ChangeError> {
        self.service.directory_mut().delete(key, self.service.now())
    }

    /// Brings a deleted user back, by object id.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`], and [`ChangeError::Taken`] where its name was given away.
    pub fn restore_user(&self, id: &str) -> Result<String, ChangeError> {
        self.service.directory_mut().restore(id, self.service.now())
    }

    /// Deletes a user for good, whether it was deleted before or not.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn purge_user(&self, key: &str) -> Result<String, ChangeError> {
        self.service.directory_mut().purge(key, self.service.now())
    }

    /// Gives the tenant's domains to another tenant, which has these people and knows the same
    /// application: a company that moved. The former tenant is gone, and its tokens are those of
    /// another tenant.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] for an id that is no GUID, and for people that are no directory.
    pub fn replace_tenant(&self, tenant_id: &str, users: Vec<Value>) -> Result<(), ChangeError> {
        if Uuid::parse_str(tenant_id).is_err() {
            let reason = format!("a tenant's id is a GUID, and '{tenant_id}' is none");
            return Err(ChangeError::Invalid(reason));
        }
        let directory = source::listed(users).map_err(ChangeError::Invalid)?;
        self.service.replace_tenant(tenant_id, directory);
        Ok(())
    }

    /// Registers a certificate (PEM, or DER in base64) that the application may prove itself with.
    ///
    /// # Errors
    /// [`CertificateRefused`] for anything else.
    pub fn register_certificate(
        &self,
        text: &str,
    ) -> Result<CertificateRecord, CertificateRefused> {
        self.application().register_certificate(text)
    }

    /// The certificates that the application may prove itself with.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateRecord> {
        self.application().certificate_records()
    }

    /// Takes away the certificate of that key id or thumbprint; `false` where there is none.
    #[must_use]
    pub fn remove_certificate(&self, name: &str) -> bool {
        self.application().remove_certificate(name)
    }

    /// Registers a token of another issuer that the application may prove itself with; the sign-in service
    /// knows it after a while, as the real one does.
    ///
    /// # Errors
    /// [`FederatedRefused`] for what Microsoft Graph would not take.
    pub fn register_federated_credential(
        &self,
        credential: FederatedCredential,
        after: Duration,
    ) -> Result<(), FederatedRefused> {
        let credential = credential.known_after(after, self.service.now());
        self.application().register_federated_credential(credential)
    }

    /// The tokens of other issuers that the application may prove itself with.
    #[must_use]
    pub fn federated_credentials(&self) -> Vec<FederatedCredential> {
        self.application().federated_credentials.clone()
    }

    /// Takes away the federated credential of that name; `false` where there is none.
    #[must_use]
    pub fn remove_federated_credential(&self, name: &str) -> bool {
        self.application().remove_federated_credential(name)
    }

    /// Lets every delta token issued so far expire.
    pub fn expire_delta_tokens(&self) {
        self.service.delta_tokens().expire();
    }

    /// Resets the delta state: tokens issued so far are answered with 410 and a `Location`.
    pub fn reset_delta(&self) {
        self.service.delta_tokens().reset();
    }

    /// Revokes every access token issued so far.
    pub fn revoke_access_tokens(&self) {
        self.service.platform().revoke_access_tokens();
    }

    /// Grants exactly these application permissions. Tokens issued before keep theirs.
    pub fn grant(&self, roles: Vec<String>) {
        self.application().roles = roles;
    }

    /// Registers an address that the consent page may lead back to, beside those that are.
    pub fn register_redirect_uri(&self, uri: impl Into<String>) {
        self.application().register_redirect_uri(uri);
    }

    /// Makes `secret` the one that is accepted; the one before is then wrong.
    pub fn set_secret(&self, secret: impl Into<String>) {
        self.application().client_secret = secret.into();
    }

    /// Makes `secret` the one that is accepted; the one before is then answered as expired.
    pub fn expire_secret(&self, secret: impl Into<String>) {
        self.application().expire_secret(secret);
    }

    /// How long access tokens issued from now on are good for.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.application().token_lifetime = lifetime;
    }

    /// How the tenant behaves.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.service.behaviour()
    }

    /// Makes the tenant behave otherwise, from the next request on.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.service.set_behaviour(behaviour);
    }

    /// Puts the emulator's clock forward, by a century in all.
    pub fn advance_clock(&self, by: Duration) {
        self.service.advance(by);
    }

    /// Injects a fault, behind those that are set.
    pub fn inject(&self, fault: Fault) {
        self.service.faults().inject(fault);
    }

    /// The faults that are set, with what is left of their counts.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.service.faults().list()
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.service.faults().clear();
    }

    /// Begins a storm with its first request; one that is on is over. Faults that are set come
    /// before it.
    pub fn begin_storm(&self, storm: Storm) {
        self.service.weather().turn(Some(storm));
    }

    /// Ends the storm.
    pub fn end_storm(&self) {
        self.service.weather().turn(None);
    }

    /// The storm that is on.
    #[must_use]
    pub fn storm(&self) -> Option<Storm> {
        self.service.weather().storm()
    }

    /// The newest requests, oldest first; at most ten thousand.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.log().records()
    }

    /// Forgets the requests and their counts.
    pub fn clear_requests(&self) {
        self.service.log().clear();
    }
}

pub(super) fn object(value: Value) -> Result<Record, ChangeError> {
    match value {
        Value::Object(record) => Ok(record),
        _ => Err(ChangeError::Invalid(
            "a user or a group, or a change of one, is a JSON object of Graph properties"
                .to_owned(),
        )),
    }
}

fn number(changes: &Record, number: u64) -> Record {
    let mut numbered = changes.clone();
    for value in numbered.values_mut() {
        if let Value::String(text) = value {
            *text = text.replace("{number}", &number.to_string());
        }
    }
    numbered
}
