//! One tenant and the services in front of it, as state; `answering` has what they do with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use super::behaviour::Behaviour;
use super::delta::token::{Cursor, Scope, TokenBook};
use super::faults::Fault;
use super::replication::Replication;
use super::request_log::RequestLog;
use super::storm::Weather;
use super::subscriptions::Book;
use super::write_limit::WriteLimit;
use super::{Clock, EmulatorError, EmulatorOptions};
use emulated_directory::directory::Directory;
use emulated_identity_platform::{Application, Certificate, IdentityPlatform};
use emulated_odata::failure::Failure;
use emulated_odata::opaque::Sealer;
use emulator_controls::faults::Faults;

const CENTURY: u64 = 100 * 365 * 24 * 3600;

/// The whole state of an emulator.
pub(super) struct Service {
    platform: IdentityPlatform,
    delta_page_size: usize,
    clock: Clock,
    /// Seconds that the control interface put the clock forward.
    advanced: AtomicU64,
    directory: RwLock<Directory>,
    behaviour: RwLock<Behaviour>,
    delta_tokens: Mutex<TokenBook>,
    faults: Mutex<Faults<Fault>>,
    weather: Mutex<Weather>,
    log: Mutex<RequestLog>,
    subscriptions: Mutex<Book>,
    replication: Mutex<Replication>,
    write_limit: Mutex<WriteLimit>,
    plain_listeners: bool,
    /// Wakes whoever sends notifications.
    stirred: Notify,
}

/// A lock is only poisoned by a panic in here, which is a bug that the panic has reported already;
/// the state behind it is still the best there is.
fn held<T>(guard: Result<T, PoisonError<T>>) -> T {
    guard.unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// A tenant as the options describe it.
    ///
    /// # Errors
    /// Those about the directory and the certificates.
    pub(super) fn new(options: &EmulatorOptions) -> Result<Self, EmulatorError> {
        let tenant = &options.tenant;
        let loaded = options.directory.clone().load(
            &tenant.organization,
            (options.synthetic_groups, options.synthetic_contacts),
            (options.clock)(),
        )?;
        let mut certificates = loaded.certificates;
        for text in &tenant.certificates {
            certificates.push(Certificate::parse(text)?);
        }
        let application = Application {
            client_id: tenant.client_id.clone(),
            client_secret: tenant.client_secret.clone(),
            expired_secret: tenant.expired_secret.clone(),
            certificates,
            federated_credentials: tenant.federated_credentials.clone(),
            roles: tenant.roles.clone(),
            permissions: tenant.permissions.clone(),
            redirect_uris: tenant.redirect_uris.clone(),
            token_lifetime: tenant.token_lifetime,
        };
        let service = Self {
            platform: IdentityPlatform::new(&tenant.tenant_id, &tenant.organization, application),
            delta_page_size: options.delta_page_size.max(1),
            clock: options.clock.clone(),
            advanced: AtomicU64::new(0),
            directory: RwLock::new(loaded.directory),
            behaviour: RwLock::new(options.behaviour.clone()),
            delta_tokens: Mutex::default(),
            faults: Mutex::default(),
            weather: Mutex::default(),
            log: Mutex::default(),
            subscriptions: Mutex::default(),
            replication: Mutex::default(),
            write_limit: Mutex::default(),
            plain_listeners: options.plain_listeners,
            stirred: Notify::new(),
        };
        service.set_behaviour(options.behaviour.clone());
        Ok(service)
    }

    pub(super) fn platform(&self) -> &IdentityPlatform {
        &self.platform
    }

    pub(super) fn tenant_id(&self) -> String {
        self.platform.tenant_id()
    }

    pub(super) fn organization_name(&self) -> &str {
        self.platform.organization_name()
    }

    /// Makes another tenant of it, with the same domains and the same application.
    pub(super) fn replace_tenant(&self, tenant_id: &str, directory: Directory) {
        self.platform.replace_tenant(tenant_id);
        *self.directory_mut() = directory;
        self.set_behaviour(self.behaviour());
    }

    pub(super) fn delta_page_size(&self) -> usize {
        self.delta_page_size
    }

    pub(super) fn sealer(&self) -> Sealer {
        Sealer::new(&self.tenant_id())
    }

    pub(super) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        held(self.directory.read())
    }

    /// Whoever changes something wakes whoever tells of it: it finds the change once the guard is dropped.
    pub(super) fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        let directory = held(self.directory.write());
        self.stir();
        directory
    }

    /// Lets notifications be sent.
    pub(super) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Waits until there may be notifications to send.
    pub(super) async fn stirred(&self) {
        self.stirred.notified().await;
    }

    /// What reads do not show yet.
    pub(super) fn replication(&self) -> MutexGuard<'_, Replication> {
        held(self.replication.lock())
    }

    /// How many writes are taken.
    pub(super) fn write_limit(&self) -> MutexGuard<'_, WriteLimit> {
        held(self.write_limit.lock())
    }

    pub(super) fn subscriptions(&self) -> MutexGuard<'_, Book> {
        held(self.subscriptions.lock())
    }

    /// Whether a listener on this machine may be without TLS.
    pub(super) fn takes_plain_listeners(&self) -> bool {
        self.plain_listeners
    }

    /// The newest change of users, or of groups.
    pub(super) fn head_of(&self, groups: bool) -> u64 {
        let directory = self.directory();
        if groups {
            directory.groups().log().head()
        } else {
            directory.log().head()
        }
    }

    /// Lets happen what was to happen by now.
    pub(super) fn settle(&self) {
        let due = self.directory().groups().next_due();
        let now = self.now();
        if due.is_some_and(|due| due <= now) {
            self.directory_mut().settle(now);
        }
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        held(self.behaviour.read()).clone()
    }

    pub(super) fn set_behaviour(&self, behaviour: Behaviour) {
        let lag = Duration::from_secs(behaviour.purge_lag_seconds);
        self.directory_mut().set_purge_lag(lag);
        *held(self.behaviour.write()) = behaviour;
    }

    pub(super) fn delta_tokens(&self) -> MutexGuard<'_, TokenBook> {
        held(self.delta_tokens.lock())
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults<Fault>> {
        held(self.faults.lock())
    }

    pub(super) fn weather(&self) -> MutexGuard<'_, Weather> {
        held(self.weather.lock())
    }

    pub(super) fn log(&self) -> MutexGuard<'_, RequestLog> {
        held(self.log.lock())
    }

    /// The emulator's time.
    pub(super) fn now(&self) -> SystemTime {
        let advanced = Duration::from_secs(self.advanced.load(Ordering::Relaxed));
        let now = (self.clock)();
        now.checked_add(advanced).unwrap_or(now)
    }

    /// Puts the clock forward, by a century in all: moments stay within the calendar.
    pub(super) fn advance(&self, by: Duration) {
        let advanced = self.advanced.load(Ordering::Relaxed);
        let advanced = advanced.saturating_add(by.as_secs()).min(CENTURY);
        self.advanced.store(advanced, Ordering::Relaxed);
    }

    /// Changes up to this moment are visible to delta queries.
    pub(super) fn visible_until(&self) -> SystemTime {
        let delay = Duration::from_secs(self.behaviour().visibility_delay_seconds);
        let now = self.now();
        now.checked_sub(delay).unwrap_or(now)
    }

    pub(super) fn seal_delta(&self, set: &str, cursor: Cursor, scope: Scope) -> String {
        let now = self.now();
        let sealer = self.sealer();
        self.delta_tokens().seal(&sealer, (set, cursor, scope), now)
    }

    /// # Errors
    /// Those of [`TokenBook::open`].
    pub(super) fn open_delta(
        &self,
        token: (&str, &str, &str),
        path: &str,
        head: u64,
    ) -> Result<(Cursor, Scope), Failure> {
        let behaviour = self.behaviour();
        let now = (self.now(), head);
        let sealer = self.sealer();
        self.delta_tokens()
            .open(&sealer, &behaviour, token, path, now)
    }
}
