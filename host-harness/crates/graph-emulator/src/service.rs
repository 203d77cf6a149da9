//! One tenant and the services in front of it: every request, from the wire or from inside a batch,
//! is answered here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use uuid::Uuid;

use super::access::{Claims, Issuer, READ_USERS, WRITE_USERS};
use super::behaviour::Behaviour;
use super::certificates::Certificate;
use super::delta::TokenBook;
use super::exchange::{Call, Reply};
use super::failure::Failure;
use super::faults::{Fault, Faults};
use super::opaque::Sealer;
use super::page_fault::{self, Ways};
use super::request_log::{RequestLog, RequestRecord};
use super::routes::{self, Resource};
use super::sign_in::{self, Door};
use super::storm::Weather;
use super::{
    Clock, EmulatorError, EmulatorOptions, batch, deleted_items, delta, masking, organization,
    users,
};
use emulated_directory::directory::Directory;
use emulated_directory::moments;

const CENTURY: u64 = 100 * 365 * 24 * 3600;

/// What the application may do, and how it proves itself.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) expired_secret: Option<String>,
    pub(super) certificates: Vec<Certificate>,
    /// Granted: what tokens carry.
    pub(super) roles: Vec<String>,
    /// Registered: what `.default` asks for.
    pub(super) permissions: Vec<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) token_lifetime: Duration,
    pub(super) issuer: Issuer,
}

/// Which tenant it is.
#[derive(Clone, Debug)]
struct Identity {
    tenant_id: String,
    organization: String,
    sealer: Sealer,
}

impl Identity {
    fn new(tenant_id: &str, organization: &str) -> Self {
        Self {
            tenant_id: tenant_id.to_owned(),
            organization: organization.to_owned(),
            sealer: Sealer::new(tenant_id),
        }
    }
}

/// The whole state of an emulator.
pub(super) struct Service {
    identity: RwLock<Identity>,
    delta_page_size: usize,
    clock: Clock,
    /// Seconds that the control interface put the clock forward.
    advanced: AtomicU64,
    directory: RwLock<Directory>,
    access: Mutex<Access>,
    behaviour: RwLock<Behaviour>,
    delta_tokens: Mutex<TokenBook>,
    faults: Mutex<Faults>,
    weather: Mutex<Weather>,
    log: Mutex<RequestLog>,
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
        let loaded = options.directory.clone().load(&tenant.organization)?;
        let mut certificates = loaded.certificates;
        for text in &tenant.certificates {
            certificates.push(Certificate::parse(text)?);
        }
        Ok(Self {
            identity: RwLock::new(Identity::new(&tenant.tenant_id, &tenant.organization)),
            delta_page_size: options.delta_page_size.max(1),
            clock: options.clock.clone(),
            advanced: AtomicU64::new(0),
            directory: RwLock::new(loaded.directory),
            access: Mutex::new(Access {
                client_id: tenant.client_id.clone(),
                client_secret: tenant.client_secret.clone(),
                expired_secret: tenant.expired_secret.clone(),
                certificates,
                roles: tenant.roles.clone(),
                permissions: tenant.permissions.clone(),
                redirect_uris: tenant.redirect_uris.clone(),
                token_lifetime: tenant.token_lifetime,
                issuer: Issuer::new(),
            }),
            behaviour: RwLock::new(options.behaviour.clone()),
            delta_tokens: Mutex::default(),
            faults: Mutex::default(),
            weather: Mutex::default(),
            log: Mutex::default(),
        })
    }

    pub(super) fn tenant_id(&self) -> String {
        held(self.identity.read()).tenant_id.clone()
    }

    pub(super) fn organization_name(&self) -> String {
        held(self.identity.read()).organization.clone()
    }

    /// Makes another tenant of it, with the same domains and the same application.
    pub(super) fn replace_tenant(&self, tenant_id: &str, directory: Directory) {
        let organization = self.organization_name();
        *held(self.identity.write()) = Identity::new(tenant_id, &organization);
        *self.directory_mut() = directory;
    }

    /// Whether a tenant in a path is this one: by its id or by one of its domains.
    pub(super) fn is_named(&self, tenant: &str) -> bool {
        let tenant = tenant.to_lowercase();
        let (domain, initial_domain) =
            emulated_directory::synthetic::domains(&self.organization_name());
        [self.tenant_id().to_lowercase(), domain, initial_domain].contains(&tenant)
    }

    pub(super) fn delta_page_size(&self) -> usize {
        self.delta_page_size
    }

    pub(super) fn sealer(&self) -> Sealer {
        held(self.identity.read()).sealer.clone()
    }

    pub(super) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        held(self.directory.read())
    }

    pub(super) fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        held(self.directory.write())
    }

    pub(super) fn access(&self) -> MutexGuard<'_, Access> {
        held(self.access.lock())
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        held(self.behaviour.read()).clone()
    }

    pub(super) fn set_behaviour(&self, behaviour: Behaviour) {
        *held(self.behaviour.write()) = behaviour;
    }

    pub(super) fn delta_tokens(&self) -> MutexGuard<'_, TokenBook> {
        held(self.delta_tokens.lock())
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
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

    pub(super) fn seal_delta(&self, cursor: delta::Cursor, scope: delta::Scope) -> String {
        let now = self.now();
        let sealer = self.sealer();
        self.delta_tokens().seal(&sealer, cursor, scope, now)
    }

    /// # Errors
    /// Those of [`TokenBook::open`].
    pub(super) fn open_delta(
        &self,
        token: (&str, &str),
        path: &str,
        head: u64,
    ) -> Result<(delta::Cursor, delta::Scope), Failure> {
        let behaviour = self.behaviour();
        let now = (self.now(), head);
        let sealer = self.sealer();
        self.delta_tokens()
            .open(&sealer, &behaviour, token, path, now)
    }

    /// Answers one request, and remembers that it did.
    pub(super) fn respond(&self, call: &Call) -> Reply {
        let segments = call.segments();
        let door = Door::of(&segments);
        let met = match door {
            Some(door) if door.is_page() => None,
            _ => self.trouble(call),
        };
        let (fault, trouble) = met.unzip();
        let mut reply = match (door, fault.as_ref()) {
            (Some(door), None) => sign_in::answer(self, call, door),
            (Some(door), Some(fault)) => sign_in::faulty(self, call, door, fault),
            (None, None) => self.graph(call, &segments),
            (None, Some(fault)) => self.faulty_graph(call, &segments, fault),
        };
        if let Some(fault) = &fault {
            fault.touch(&mut reply);
        }
        if door.is_none() {
            self.finish(call, &mut reply);
        }
        reply.set_default("date", &moments::http_date(self.now()));
        self.remember(call, &reply, (door.is_some_and(Door::is_token), trouble));
        reply
    }

    /// What a request meets, and how the log names it. A scripted fault comes before the storm,
    /// which counts the request all the same.
    fn trouble(&self, call: &Call) -> Option<(Fault, String)> {
        let stormy = self.weather().meet(call);
        let scripted = self.faults().meet(call);
        scripted.map(|fault| (fault, "fault".to_owned())).or(stormy)
    }

    fn remember(
        &self,
        call: &Call,
        reply: &Reply,
        (token_request, trouble): (bool, Option<String>),
    ) {
        let record = RequestRecord {
            number: 0,
            at: moments::zulu(self.now()),
            method: call.method.to_string(),
            target: call.target(),
            status: if reply.hang_up {
                0
            } else {
                reply.status.as_u16()
            },
            inner: call.inner,
            trouble,
        };
        self.log().record(record, token_request);
    }

    fn faulty_graph(&self, call: &Call, segments: &[String], fault: &Fault) -> Reply {
        match fault.answer() {
            Some(Ok(reply)) => return reply,
            Some(Err(failure)) => return self.refuse(call, &failure),
            None => {}
        }
        let mut reply = self.graph(call, segments);
        let ways = Ways {
            back: &|requests| self.log().page_before(requests, call),
            renewed: &|| self.renewed(call),
        };
        if let Some(body) = page_fault::distorted(&reply.body, fault.page(), &ways) {
            reply.body = body;
        }
        reply
    }

    /// The address of a page with something in it that no address had before.
    fn renewed(&self, call: &Call) -> String {
        let number = self.log().numbered() + 1;
        let mut options = call.query.raw_without(&["again"]);
        let again = format!("again={number}");
        options.push(&again);
        format!("{}{}?{}", call.root, call.path, options.join("&"))
    }

    fn graph(&self, call: &Call, segments: &[String]) -> Reply {
        self.dispatch(call, segments)
            .unwrap_or_else(|failure| self.refuse(call, &failure))
    }

    fn dispatch(&self, call: &Call, segments: &[String]) -> Result<Reply, Failure> {
        let rest = match segments {
            [version, rest @ ..] if version.eq_ignore_ascii_case("v1.0") => rest,
            [version, ..] => return Err(Failure::invalid(format!("Invalid version: {version}"))),
            [] => return Err(Failure::unknown_segment("")),
        };
        let claims = self.access().issuer.authenticate(
            call.header("authorization"),
            &self.tenant_id(),
            self.now(),
            &call.root,
        )?;
        let resource = routes::resolve(rest)?;
        check_method(&resource, &call.method)?;
        let behaviour = self.behaviour();
        masking::check_reach(&behaviour, &resource)?;
        let mut reply = self.serve(call, &claims, &resource)?;
        masking::mask(&behaviour, &resource, &mut reply);
        Ok(reply)
    }

    fn serve(&self, call: &Call, claims: &Claims, resource: &Resource) -> Result<Reply, Failure> {
        let purge = call.method == Method::DELETE;
        match resource {
            Resource::Batch => {}
            Resource::Organizations | Resource::Organization(_) => {
                claims.require(&organization::VISIBLE_TO)?;
            }
            Resource::RestoreDeletedItem(_) => claims.require(&WRITE_USERS)?,
            Resource::DeletedItem(_) if purge => claims.require(&WRITE_USERS)?,
            _ => claims.require(&READ_USERS)?,
        }
        match resource {
            Resource::Users => users::list(self, call, claims, users::Population::Live),
            Resource::UsersCount => users::count(self, call, users::Population::Live),
            Resource::UsersDelta => delta::get(self, call, claims),
            Resource::User(key) => users::get(self, call, claims, key),
            Resource::Manager(key) => users::manager(self, call, claims, key),
            Resource::Organizations => organization::list(self, call, claims),
            Resource::Organization(id) => organization::get(self, call, claims, id),
            Resource::DeletedUsers => deleted_items::list(self, call, claims),
            Resource::DeletedUsersCount => users::count(self, call, users::Population::Deleted),
            Resource::DeletedItem(id) if purge => deleted_items::purge(self, id),
            Resource::DeletedItem(id) => deleted_items::get(self, call, claims, id),
            Resource::RestoreDeletedItem(id) => deleted_items::restore(self, call, id),
            Resource::Batch => batch::post(self, call),
        }
    }

    /// A refusal in Graph's envelope.
    pub(super) fn refuse(&self, call: &Call, failure: &Failure) -> Reply {
        let request_id = Uuid::new_v4().to_string();
        let client_request_id = call.header("client-request-id").unwrap_or(&request_id);
        let date = moments::zoneless(self.now());
        let body = failure.body(&date, &request_id, client_request_id);
        let mut reply = Reply::typed(
            failure.status,
            "application/json",
            body.to_string().into_bytes(),
        );
        reply.set("request-id", &request_id);
        reply.set("client-request-id", client_request_id);
        reply.set("x-ms-resource-unit", "1");
        for (name, value) in &failure.headers {
            reply.set(name, value);
        }
        reply
    }

    /// The headers that every answer of Graph carries.
    fn finish(&self, call: &Call, reply: &mut Reply) {
        self.name_limit(reply);
        let request_id = Uuid::new_v4().to_string();
        reply.set_default("request-id", &request_id);
        let client_request_id = call.header("client-request-id").unwrap_or(&request_id);
        reply.set_default("client-request-id", client_request_id);
        reply.set_default("cache-control", "no-cache");
        reply.set_default("strict-transport-security", "max-age=31536000");
        reply.set_default(
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Local","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"EMULATOR"}}"#,
        );
    }

    /// A 429, and an answer that warns of one, says whose limit it is
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    fn name_limit(&self, reply: &mut Reply) {
        let refused = reply.status == StatusCode::TOO_MANY_REQUESTS;
        if refused || reply.headers.contains_key("x-ms-throttle-limit-percentage") {
            let client_id = self.access().client_id.clone();
            let tenant_id = self.tenant_id();
            let scope = format!("Tenant_Application/ReadWrite/{client_id}/{tenant_id}");
            reply.set_default("x-ms-throttle-scope", &scope);
            reply.set_default("x-ms-throttle-information", "ResourceUnitLimitExceeded");
        }
    }
}

fn check_method(resource: &Resource, method: &Method) -> Result<(), Failure> {
    let allowed = match resource {
        Resource::Batch | Resource::RestoreDeletedItem(_) => *method == Method::POST,
        Resource::DeletedItem(_) => *method == Method::GET || *method == Method::DELETE,
        _ => *method == Method::GET,
    };
    if allowed {
        Ok(())
    } else {
        Err(Failure::method_not_allowed())
    }
}
