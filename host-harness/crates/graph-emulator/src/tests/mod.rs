//! Fidelity: what Microsoft documents, stated as requests and answers.
//!
//! The people and tokens of the documented samples are not copied; their facts are: which status,
//! which keys, which code and words, which headers, what is absent.

mod batch;
mod control;
mod deleted_items;
mod delta;
mod delta_knobs;
mod delta_tokens;
mod documented;
mod documented_groups;
mod documented_writes;
mod group_life;
mod groups;
mod groups_delta;
mod invitations;
mod listener;
mod managers;
mod masking;
mod memberships;
mod notifications;
mod organization;
mod page_faults;
mod partitions;
mod reach;
mod replication;
mod sign_in;
mod storm;
mod subscriptions;
mod user_update;
mod users;
mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use super::control::Control;
use super::service::Service;
use super::{Behaviour, DirectorySource, EmulatorOptions, TenantOptions};
use emulated_http::{Call, Reply};

const ROOT: &str = "http://127.0.0.1:4000";
/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;
const SEED: u64 = 42;

/// A tenant in this process, and a client of it that has a token.
struct Tenant {
    service: Arc<Service>,
    control: Control,
    authorization: Option<String>,
}

/// An answer, read.
struct Answer {
    status: u16,
    reply: Reply,
    body: Value,
}

impl Tenant {
    fn with(directory: DirectorySource, change: impl FnOnce(&mut EmulatorOptions)) -> Self {
        let mut options = EmulatorOptions {
            clock: Arc::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)),
            directory,
            ..EmulatorOptions::default()
        };
        change(&mut options);
        let service = Arc::new(Service::new(&options).unwrap());
        let control = Control::new(Arc::clone(&service));
        let mut tenant = Self {
            service,
            control,
            authorization: None,
        };
        tenant.renew_token();
        tenant
    }

    /// The people of most tests: one with everything, one with nothing, one guest.
    fn of_three() -> Self {
        Self::with(DirectorySource::Users(three()), |_| {})
    }

    fn of_company(users: u64) -> Self {
        Self::with(DirectorySource::Synthetic { users, seed: SEED }, |_| {})
    }

    fn renew_token(&mut self) {
        let body = self.token(&TenantOptions::default().tenant_id).body;
        let token = body["access_token"].as_str().expect("a token");
        self.authorization = Some(format!("Bearer {token}"));
    }

    /// What the application is answered that asks for a token of a tenant, by whichever name.
    fn token(&self, tenant: &str) -> Answer {
        let TenantOptions {
            client_id,
            client_secret,
            ..
        } = TenantOptions::default();
        let target = format!("/{tenant}/oauth2/v2.0/token");
        let mut call = Call::new(Method::POST, &target, ROOT);
        let form = "application/x-www-form-urlencoded";
        set(&mut call, "content-type", form);
        call.body = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}\
             &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        )
        .into_bytes();
        self.send(call)
    }

    /// What is at a target for a client that has just got a token.
    fn token_and_get(&self, target: &str) -> Answer {
        let body = self.token(&TenantOptions::default().tenant_id).ok().body;
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        self.request(Method::GET, target, &[("authorization", &bearer)])
    }

    fn get(&self, target: &str) -> Answer {
        self.request(Method::GET, target, &[])
    }

    fn eventual(&self, target: &str) -> Answer {
        self.request(Method::GET, target, &[("consistencylevel", "eventual")])
    }

    fn request(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let target = target.strip_prefix(ROOT).unwrap_or(target);
        let mut call = Call::new(method, target, ROOT);
        if let Some(authorization) = &self.authorization {
            set(&mut call, "authorization", authorization);
        }
        for (name, value) in headers {
            set(&mut call, name, value);
        }
        self.send(call)
    }

    fn post(&self, target: &str, body: &Value) -> Answer {
        self.write(Method::POST, target, body)
    }

    fn write(&self, method: Method, target: &str, body: &Value) -> Answer {
        let mut call = Call::new(method, target, ROOT);
        set(
            &mut call,
            "authorization",
            self.authorization.as_deref().unwrap(),
        );
        set(&mut call, "content-type", "application/json");
        call.body = body.to_string().into_bytes();
        self.send(call)
    }

    fn send(&self, call: Call) -> Answer {
        let reply = self.service.respond(&call);
        Answer {
            status: reply.status.as_u16(),
            body: serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
            reply,
        }
    }

    /// Reads pages to the end of a list or round: the users, and the last page.
    fn all(&self, first: &str) -> (Vec<Value>, Answer) {
        let mut users = Vec::new();
        let mut page = self.get(first).ok();
        loop {
            users.extend(page.users().iter().cloned());
            match page.next_link() {
                Some(next) => page = self.get(&next).ok(),
                None => return (users, page),
            }
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

    fn users(&self) -> &[Value] {
        self.body["value"].as_array().expect("a collection")
    }

    fn ids(&self) -> Vec<&str> {
        self.users()
            .iter()
            .map(|user| user["id"].as_str().unwrap())
            .collect()
    }

    fn next_link(&self) -> Option<String> {
        self.body["@odata.nextLink"].as_str().map(str::to_owned)
    }

    fn delta_link(&self) -> String {
        let link = self.body["@odata.deltaLink"].as_str();
        link.unwrap_or_else(|| panic!("a deltaLink in {}", self.body))
            .to_owned()
    }

    fn error(&self) -> (u16, &str, &str) {
        let error = &self.body["error"];
        (
            self.status,
            error["code"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default(),
        )
    }

    fn refusal(&self) -> (u16, &str) {
        let (status, code, _) = self.error();
        (status, code)
    }
}

const ADA: &str = "11111111-0000-4000-8000-000000000001";
const ROOM: &str = "11111111-0000-4000-8000-000000000002";
const GUEST: &str = "11111111-0000-4000-8000-000000000003";

fn three() -> Vec<Value> {
    vec![
        json!({
            "id": ADA, "userPrincipalName": "ada@contoso.com", "displayName": "Ada Núñez",
            "givenName": "Ada", "surname": "Núñez", "mail": "ada@contoso.com",
            "jobTitle": "Designer", "department": "R&D", "businessPhones": ["+1 425 555 0100"],
            "accountEnabled": true, "userType": "Member", "manager": {"id": GUEST},
            "onPremisesSyncEnabled": null, "otherMails": [], "costCode": "K-9",
        }),
        json!({"id": ROOM, "userPrincipalName": "room@contoso.com", "displayName": "Conf Room Baker"}),
        json!({
            "id": GUEST, "userPrincipalName": "miles_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "displayName": "Miles O'Brien", "userType": "Guest", "mail": "miles@fabrikam.com",
            "accountEnabled": true,
        }),
    ]
}
