//! A local Microsoft Graph and Microsoft identity platform: one tenant on the loopback interface.
//!
//! The idea is that a client cannot tell: discovery, token endpoint, admin consent, users, organisational contacts, groups, delta
//! queries, organisation, deleted items, batches and subscriptions answer as the documentation says the service does, errors and headers included,
//! so that a client library that knows nothing of this project works against it. What a real tenant
//! does once a year (throttling, an expired delta token, a reset, a revoked consent) happens here on
//! demand, through [`Control`] or the same operations over HTTP under `/emulator` ([`CONTROLS`]):
//!
//! * a [`Behaviour`] says how the tenant is: tokens, replays, what a lowered permission hides;
//! * a [`Fault`] says what goes wrong with which request, how often;
//! * a [`Storm`] draws faults from a seed, the same ones every time.
//!
//! Three rules hold throughout:
//!
//! * **Nothing grows with the directory.** A generated company is a function of its seed; what
//!   changes while the emulator runs is an overlay and a log. Page and delta tokens carry their own
//!   state. Two things do: eight bytes a person, from when a list is first asked for by creation date, and
//!   organisational contacts, which are kept.
//! * **Deterministic.** The same seed and the same operations give the same answers, up to request
//!   ids, access tokens and the time.
//! * **Bad input gets an error envelope.** Never a panic, never a closed connection that was not
//!   asked for.
//!
//! The way of a request: `server` reads it, `service` meets it with an injected fault or checks its
//! access token and resolves its path (`routes`), and one module a resource answers it.
//!
//! The hosts are one: Graph and the sign-in service ([`emulated_identity_platform`]) listen at the same
//! address, and the path decides. The people are [`emulated_directory`]'s.
//!
//! Not emulated: a subscription that is made inside a batch, notifications that wait because a listener is slow
//! or an access token has expired, people's sign-in, writing groups through Graph (the control interface does that),
//! the evaluation of membership rules (a control says whom a rule fits), throttling of reads by itself (faults do
//! that; for writes there is a knob).

mod access;
mod accounts;
mod answering;
mod batch;
mod behaviour;
pub mod command;
mod contacts;
mod control;
mod control_contacts;
mod control_groups;
mod control_interface;
mod control_subscriptions;
mod controls;
mod deleted_items;
mod delta;
mod expand;
mod faults;
mod group_members;
mod groups;
mod in_process;
mod invitations;
mod managers;
mod masking;
mod members;
mod memberships;
mod memberships_of;
mod object_columns;
mod objects_by_ids;
mod organization;
mod page;
mod page_fault;
mod replication;
mod request_log;
mod routes;
mod selection;
mod server;
mod service;
mod source;
mod storm;
mod subscriptions;
mod tls;
mod user_update;
mod users;
mod write_limit;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;

pub use behaviour::{Behaviour, ExpiredToken};
pub use control::{Control, Overview};
pub use control_groups::Members;
pub use controls::{CONTROLS, controls_as_text};
pub use emulated_directory::ChangeError;
pub use emulated_identity_platform::{
    CertificateRecord, CertificateRefused, FederatedCredential, FederatedRefused,
};
pub use faults::Fault;
pub use in_process::EmulatorInProcess;
pub use page_fault::{Items, Links};
pub use request_log::{Counters, RequestRecord};
pub use source::DirectorySource;
pub use storm::{Storm, Trouble};
pub use subscriptions::endpoint::ListenerTrustError;
pub use subscriptions::{DeliveryRecord, LifecycleEvent, LifecycleRefused};
pub use tls::CertificateError;

use server::Frontend;
use service::Service;
use subscriptions::delivery;
use subscriptions::endpoint::Endpoint;

/// Where the emulator takes the time from.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The tenant, and the application that reads it.
#[derive(Clone)]
pub struct TenantOptions {
    /// The tenant's id, a GUID.
    pub tenant_id: String,
    /// The organisation's name; its verified domains follow from it.
    pub organization: String,
    /// The application's client id.
    pub client_id: String,
    /// The secret that is accepted.
    pub client_secret: String,
    /// A secret that is answered as expired.
    pub expired_secret: Option<String>,
    /// The certificates that the application may prove itself with, in PEM, beside those of the
    /// directory file.
    pub certificates: Vec<String>,
    /// The tokens of other issuers that the application may prove itself with.
    pub federated_credentials: Vec<FederatedCredential>,
    /// The application permissions that an administrator consented to. With none, tokens are issued
    /// without `roles` and Graph answers 403, as it does before consent.
    pub roles: Vec<String>,
    /// The application permissions that the application is registered with: what `.default` asks an
    /// administrator for.
    pub permissions: Vec<String>,
    /// The addresses that the consent page may lead back to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// How long an access token is good for.
    pub token_lifetime: Duration,
}

impl Default for TenantOptions {
    fn default() -> Self {
        let permissions = ["User.Read.All", "Organization.Read.All"].map(str::to_owned);
        Self {
            tenant_id: "84841066-274d-4ec0-a5c1-276be684bdd3".to_owned(),
            organization: "Contoso".to_owned(),
            client_id: "535fb089-9ff3-47b6-9bfb-4f1264799865".to_owned(),
            client_secret: "emulator-secret".to_owned(),
            expired_secret: None,
            certificates: Vec::new(),
            federated_credentials: Vec::new(),
            roles: permissions.to_vec(),
            permissions: permissions.to_vec(),
            redirect_uris: vec!["http://localhost/myapp/permissions".to_owned()],
            token_lifetime: Duration::from_secs(3599),
        }
    }
}

impl fmt::Debug for TenantOptions {
    /// Leaves the secrets out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantOptions")
            .field("tenant_id", &self.tenant_id)
            .field("organization", &self.organization)
            .field("client_id", &self.client_id)
            .field("roles", &self.roles)
            .field("permissions", &self.permissions)
            .field("redirect_uris", &self.redirect_uris)
            .field("token_lifetime", &self.token_lifetime)
            .finish_non_exhaustive()
    }
}

/// What to emulate, and where.
#[derive(Clone)]
pub struct EmulatorOptions {
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether to speak https, with a certificate made for the occasion.
    pub tls: bool,
    /// The tenant.
    pub tenant: TenantOptions,
    /// Its users.
    pub directory: DirectorySource,
    /// How many groups a synthetic company has, of which each person is in four.
    pub synthetic_groups: u64,
    /// How many organisational contacts a synthetic company has, beside those in its groups. They are kept in
    /// memory.
    pub synthetic_contacts: u64,
    /// Users, or groups, a page of the delta query.
    pub delta_page_size: usize,
    /// How the tenant behaves.
    pub behaviour: Behaviour,
    /// Whether a listener on this machine may be subscribed without TLS; the service asks for https always.
    pub plain_listeners: bool,
    /// Authorities (PEM) by which listeners are trusted, beside the public ones.
    pub listener_authorities: Vec<String>,
    /// The time.
    pub clock: Clock,
}

impl Default for EmulatorOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: false,
            tenant: TenantOptions::default(),
            directory: DirectorySource::Synthetic {
                users: 1000,
                seed: 1,
            },
            synthetic_groups: 0,
            synthetic_contacts: 0,
            delta_page_size: 200,
            behaviour: Behaviour::default(),
            plain_listeners: false,
            listener_authorities: Vec::new(),
            clock: Arc::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for EmulatorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorOptions")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .field("tenant", &self.tenant)
            .field("synthetic_groups", &self.synthetic_groups)
            .field("synthetic_contacts", &self.synthetic_contacts)
            .field("delta_page_size", &self.delta_page_size)
            .field("behaviour", &self.behaviour)
            .field("plain_listeners", &self.plain_listeners)
            .finish_non_exhaustive()
    }
}

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The emulator has no authentication worth the name, so it listens on loopback only.
    #[error("the emulator listens on a loopback address only, not on {0}; use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is no certificate to speak https with.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The directory file cannot be read.
    #[error("cannot read the directory file {}: {source}", path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The directory file is not what `GET /users` returns, with groups beside it where there are any.
    #[error("the directory file {} is not a list of users: {reason}; it holds the JSON that GET /users returns", path.display())]
    FileMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A certificate of the application is none.
    #[error("a certificate that the application is to be known by was not taken: {0}")]
    ApplicationCertificate(#[from] CertificateRefused),
    /// Listeners of notifications cannot be reached.
    #[error(transparent)]
    Listeners(#[from] ListenerTrustError),
    /// The given users cannot be a directory.
    #[error("the given users are not a directory: {0}")]
    Directory(String),
}

/// A running emulator. Dropping it stops it.
pub struct Emulator {
    root: String,
    ca_pem: Option<String>,
    control: Control,
    task: JoinHandle<()>,
}

impl Emulator {
    /// Starts listening. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`EmulatorError`].
    pub async fn start(options: EmulatorOptions) -> Result<Self, EmulatorError> {
        if !options.listen.ip().is_loopback() {
            return Err(EmulatorError::NotLoopback(options.listen));
        }
        let service = Arc::new(Service::new(&options)?);
        let endpoint = Arc::new(Endpoint::new(&options.listener_authorities)?);
        let identity = options.tls.then(tls::identity).transpose()?;
        let (listener, address) =
            server::listen(options.listen)
                .await
                .map_err(|source| EmulatorError::Listen {
                    address: options.listen,
                    source,
                })?;
        let scheme = if options.tls { "https" } else { "http" };
        let root = format!("{scheme}://{address}");
        let (acceptor, ca_pem) = match identity {
            Some(identity) => (Some(identity.acceptor), Some(identity.authority_pem)),
            None => (None, None),
        };
        let control = Control::new(Arc::clone(&service));
        let notifying = delivery::run(Arc::clone(&service), Arc::clone(&endpoint));
        let front = Frontend {
            service,
            endpoint,
            control: control.clone(),
            root: Arc::from(&*root),
            acceptor,
        };
        let task = tokio::spawn(async {
            tokio::join!(server::serve(listener, front), notifying);
        });
        Ok(Self {
            root,
            ca_pem,
            control,
            task,
        })
    }

    /// The root of the token endpoint, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn login_url(&self) -> String {
        self.root.clone()
    }

    /// The root of Graph, without a version.
    #[must_use]
    pub fn graph_url(&self) -> String {
        self.root.clone()
    }

    /// The certificate of the authority to be trusted, in PEM; `None` without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The handle that changes the tenant while it runs.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The newest requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.control.requests()
    }

    /// Stops listening and cuts what is still open.
    pub async fn stop(mut self) {
        self.task.abort();
        // Cancelled is how it ends.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}
