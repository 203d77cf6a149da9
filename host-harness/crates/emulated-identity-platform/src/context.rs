//! What the platform knows, and what holds while one request is answered.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use emulated_directory::synthetic::domains;

use crate::access_token::Issuer;
use crate::application::Application;
use crate::codes::Codes;

/// What holds while one request is answered.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// The time.
    pub now: SystemTime,
    /// Whether lifetimes are stated as text, as the older token endpoint always does.
    pub textual_lifetimes: bool,
    /// How long it takes until tokens carry what an administrator has consented to.
    pub consent_lag: Duration,
    /// Whether ID tokens say nothing of directory roles, as those of an application that is registered
    /// without `groupMembershipClaims`.
    pub directory_roles_untold: bool,
}

/// One tenant and its application.
#[derive(Debug)]
pub(crate) struct State {
    tenant_id: RwLock<String>,
    organization: String,
    application: Mutex<Application>,
    issuer: Mutex<Issuer>,
    /// What was consented to and does not show yet: when it does, and which application permission it is.
    spreading: Mutex<Vec<(SystemTime, String)>>,
    codes: Mutex<Codes>,
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
            spreading: Mutex::default(),
            codes: Mutex::default(),
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

    /// Grants application permissions, on top of those that were granted before; they show after the lag.
    pub(crate) fn consent(&self, roles: &[String]) {
        let shows = self.now() + self.conditions.consent_lag;
        let mut spreading = held(self.state.spreading.lock());
        spreading.extend(roles.iter().map(|role| (shows, role.clone())));
        drop(spreading);
        self.settle_consent();
    }

    /// Lets what has spread by now show in tokens.
    pub(crate) fn settle_consent(&self) {
        let now = self.now();
        let mut spreading = held(self.state.spreading.lock());
        let mut application = self.application();
        spreading.retain(|(shows, role)| {
            if now < *shows {
                return true;
            }
            if !application.roles.contains(role) {
                application.roles.push(role.clone());
            }
            false
        });
    }

    /// The authorisation codes.
    pub(crate) fn codes(&self) -> MutexGuard<'s, Codes> {
        held(self.state.codes.lock())
    }

    pub(crate) fn directory_roles_untold(&self) -> bool {
        self.conditions.directory_roles_untold
    }

    pub(crate) fn textual_lifetimes(&self) -> bool {
        self.conditions.textual_lifetimes
    }
}
