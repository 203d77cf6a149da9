//! Fidelity: what Microsoft documents of the sign-in service, stated as requests and answers.

pub(crate) mod application;

mod admin_consent;
mod assertion;
mod authorize;
mod discovery;
mod federated;
mod token;

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use emulated_http::{Call, Reply};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::{Application, Conditions, Door, IdentityPlatform};

const ROOT: &str = "http://127.0.0.1:4000";
const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const ORGANIZATION: &str = "Contoso";
const CLIENT: &str = "535fb089-9ff3-47b6-9bfb-4f1264799865";
const PERMISSIONS: [&str; 2] = ["User.Read.All", "Organization.Read.All"];
/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

/// The platform of a tenant, and a client of it.
struct Tenant {
    platform: IdentityPlatform,
    conditions: Cell<Conditions>,
}

/// An answer, read.
struct Answer {
    status: u16,
    reply: Reply,
    body: Value,
}

impl Tenant {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Application)) -> Self {
        Self::of(ORGANIZATION, change)
    }

    fn of(organization: &str, change: impl FnOnce(&mut Application)) -> Self {
        let permissions = PERMISSIONS.map(str::to_owned).to_vec();
        let mut application = Application {
            client_id: CLIENT.to_owned(),
            client_secret: "emulator-secret".to_owned(),
            expired_secret: None,
            certificates: Vec::new(),
            federated_credentials: Vec::new(),
            roles: permissions.clone(),
            permissions,
            redirect_uris: vec!["http://localhost/myapp/permissions".to_owned()],
            token_lifetime: Duration::from_secs(3599),
        };
        change(&mut application);
        Self {
            platform: IdentityPlatform::new(TENANT, organization, application),
            conditions: Cell::new(Conditions {
                now: SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
                textual_lifetimes: false,
                consent_lag: Duration::ZERO,
                directory_roles_untold: false,
            }),
        }
    }

    fn advance_clock(&self, by: Duration) {
        self.under(|conditions| conditions.now += by);
    }

    /// What holds from now on.
    fn under(&self, change: impl FnOnce(&mut Conditions)) {
        let mut conditions = self.conditions.get();
        change(&mut conditions);
        self.conditions.set(conditions);
    }

    fn token(&self, form: &Form) -> Answer {
        self.post_form(&format!("/{}/oauth2/v2.0/token", form.tenant), form)
    }

    fn post_form(&self, path: &str, form: &Form) -> Answer {
        let mut call = Call::new(Method::POST, path, ROOT);
        set(
            &mut call,
            "content-type",
            "application/x-www-form-urlencoded",
        );
        call.body = form.body();
        self.send(&call)
    }

    fn get(&self, target: &str) -> Answer {
        self.request(Method::GET, target)
    }

    fn request(&self, method: Method, target: &str) -> Answer {
        self.send(&Call::new(method, target, ROOT))
    }

    fn send(&self, call: &Call) -> Answer {
        let segments = call.segments();
        let door = Door::of(&segments).expect("a path of the sign-in service");
        let reply = self.platform.answer(call, door, self.conditions.get());
        Answer {
            status: reply.status.as_u16(),
            body: serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
            reply,
        }
    }
}

fn set(call: &mut Call, name: &str, value: &str) {
    call.headers.insert(
        HeaderName::from_bytes(name.as_bytes()).unwrap(),
        HeaderValue::from_str(value).unwrap(),
    );
}

impl Answer {
    fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.reply.headers.get(name)?.to_str().ok()
    }
}

/// A request for a token; by default one that succeeds.
struct Form {
    tenant: String,
    pairs: Vec<(&'static str, String)>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            tenant: TENANT.to_owned(),
            pairs: vec![
                ("client_id", CLIENT.to_owned()),
                (
                    "scope",
                    "https%3A%2F%2Fgraph.microsoft.com%2F.default".to_owned(),
                ),
                ("client_secret", "emulator-secret".to_owned()),
                ("grant_type", "client_credentials".to_owned()),
            ],
        }
    }
}

impl Form {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.pairs.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(known, _)| *known != name);
        self
    }

    fn at(mut self, tenant: &str) -> Self {
        self.tenant = tenant.to_owned();
        self
    }

    fn body(&self) -> Vec<u8> {
        let pairs = self.pairs.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&").into_bytes()
    }
}

#[test]
fn a_refusal_that_nobody_asked_for_has_the_services_shape() {
    let tenant = Tenant::new();
    let call = Call::new(Method::GET, "/common/discovery/instance", ROOT);
    let reply = tenant.platform.refuse(
        &call,
        StatusCode::SERVICE_UNAVAILABLE,
        Some("7".to_owned()),
        tenant.conditions.get(),
    );
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["error"], "temporarily_unavailable");
    assert_eq!(body["error_codes"], json!([90_033]));
    assert_eq!(reply.headers["retry-after"], "7");
}
