//! What the platform knows, and what holds while one request is answered.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use emulated_directory::synthetic::domains;

use crate::access_token::Issuer;
use crate::application::Application;

/// What holds while one request is answered.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// The time.
    pub now: SystemTime,
    /// Whether lifetimes are stated as text, as the older token endpoint always does.
    pub textual_lifetimes: bool,
}

/// One tenant and its application.
#[derive(Debug)]
pub(crate) struct State {
    tenant_id: RwLock<String>,
    organization: String,
    application: Mutex<Application>,
    issuer: Mutex<Issuer>,
}

/// A lock is only poisoned by a panic in here, which is a bug that the panic has reported already;
/// the state behind it is still the best there is.
fn held<T>(guard: Result<T, PoisonError<T>>) -> T {
    guard.unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(tenant_id: &str, organization: &str, application: Application) -> Self {
        Self {
            tenant_id: RwLock::new(tenant_id.to_owned()),
            organization: organization.to_owned(),
            application: Mutex::new(application),
            issuer: Mutex::new(Issuer::new()),
        }
    }

    pub(crate) fn tenant_id(&self) -> String {
        held(self.tenant_id.read()).clone()
    }

    pub(crate) fn replace_tenant(&self, tenant_id: &str) {
        *held(self.tenant_id.write()) = tenant_id.to_owned();
    }

    pub(crate) fn organization_name(&self) -> &str {
        &self.organization
    }

    pub(crate) fn application(&self) -> MutexGuard<'_, Application> {
        held(self.application.lock())
    }

    pub(crate) fn issuer(&self) -> MutexGuard<'_, Issuer> {
        held(self.issuer.lock())
    }

    /// The platform for one request.
    pub(crate) fn under(&self, conditions: Conditions) -> Context<'_> {
        Context {
            state: self,
            conditions,
        }
    }
}

/// The platform while one request is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'s> {
    state: &'s State,
    conditions: Conditions,
}

impl<'s> Context<'s> {
    pub(crate) fn tenant_id(&self) -> String {
        self.state.tenant_id()
    }

    pub(crate) fn organization_name(&self) -> &'s str {
        self.state.organization_name()
    }

    /// Whether a tenant in a path is this one: by its id or by one of its domains.
    pub(crate) fn is_named(&self, tenant: &str) -> bool {
        let tenant = tenant.to_lowercase();
        let (domain, initial_domain) = domains(self.organization_name());
        [self.tenant_id().to_lowercase(), domain, initial_domain].contains(&tenant)
    }

    pub(crate) fn application(&self) -> MutexGuard<'s, Application> {
        self.state.application()
    }

    pub(crate) fn issuer(&self) -> MutexGuard<'s, Issuer> {
        self.state.issuer()
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.conditions.now
    }

    pub(crate) fn textual_lifetimes(&self) -> bool {
        self.conditions.textual_lifetimes
    }
}
