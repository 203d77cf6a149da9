use std::cell::RefCell;
use std::collections::VecDeque;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use guest_kit::retry::Budget;
use guest_kit::{
    Http, HttpFailure, HttpRequest, HttpResponse, Outside, SecretError, SecretValue, Secrets,
};
use serde_json::{Value, json};
use sync_core::ports::testing::Memory;

use crate::connection::{Cloud, Credential};

use super::*;

const FIRST: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const SECOND: &str = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const DOMAIN: &str = "contoso.example";

/// A directory that signs in with these tokens, and whose Graph speaks of one tenant.
struct Directory {
    tokens: RefCell<VecDeque<String>>,
    organization: &'static str,
    asked: RefCell<u32>,
}

impl Directory {
    fn new(token: String, organization: &'static str) -> Self {
        Self {
            tokens: RefCell::new([token].into()),
            organization,
            asked: RefCell::default(),
        }
    }
}

/// A token of a tenant, as Entra writes the claim.
fn of(tenant: &str) -> String {
    let claims = json!({ "tid": tenant, "roles": ["User.Read.All"] });
    format!(
        "e30.{}.c2ln",
        Base64UrlUnpadded::encode_string(claims.to_string().as_bytes())
    )
}

fn opaque() -> String {
    "opaque".to_owned()
}

fn ok(body: &Value) -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

impl Http for Directory {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        if request.url.ends_with("/oauth2/v2.0/token") {
            let token = self.tokens.borrow_mut().pop_front().expect("a token");
            return Ok(ok(&json!({ "access_token": token, "expires_in": 3599 })));
        }
        assert!(request.url.contains("/organization?"), "{}", request.url);
        *self.asked.borrow_mut() += 1;
        let organization = json!({ "id": self.organization, "displayName": "Contoso" });
        Ok(ok(&json!({ "value": [organization] })))
    }
}

impl Secrets for Directory {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new("secret".to_owned()))
    }
}

fn connection(tenant: &str) -> Connection {
    Connection {
        tenant: tenant.to_owned(),
        cloud: Cloud::Global,
        client_id: "app-1".to_owned(),
        credential: Credential::Secret {
            name: "client-secret".to_owned(),
            expires: None,
        },
        fallback: None,
        login: "https://login.example".to_owned(),
        graph: "https://graph.example".to_owned(),
    }
}

/// Who answers under a configured name: the tenant, or the code of the stop.
fn identified(memory: &Memory, configured: &str, directory: &Directory) -> Result<String, String> {
    let ports = memory.ports();
    let outside = Outside {
        http: directory,
        secrets: directory,
        signing: &guest_kit::NoSigning,
        tokens: &guest_kit::NoTokens,
        clock: memory,
        entropy: memory,
        control: memory,
    };
    let connection = connection(configured);
    let client = Client::new(outside, &connection, Budget::brief());
    match identify(ports, &connection, &client) {
        Ok(id) => Ok(id.as_str().to_owned()),
        Err(RunAbort::Directory(error)) => Err(error.code().to_owned()),
        Err(abort) => panic!("{abort}"),
    }
}

fn keep(memory: &Memory, key: &str, value: &Value) {
    let value = value.to_string().into_bytes();
    memory.state.borrow_mut().insert(key.to_owned(), value);
}

#[test]
fn a_domain_stands_for_the_tenant_for_which_it_stood_first_and_for_no_other() {
    let memory = Memory::default();
    let named = |configured: &str, tenant: &str| {
        identified(&memory, configured, &Directory::new(of(tenant), FIRST))
    };
    assert_eq!(named(DOMAIN, FIRST), Ok(FIRST.to_owned()));
    assert_eq!(
        named("CONTOSO.Example", &FIRST.to_uppercase()),
        Ok(FIRST.to_owned())
    );
    let before = memory.state.borrow().clone();
    for spelling in [DOMAIN, "Contoso.EXAMPLE"] {
        assert_eq!(named(spelling, SECOND), Err("tenant-moved".to_owned()));
    }
    assert_eq!(*memory.state.borrow(), before, "nothing is forgotten");
    assert_eq!(named(DOMAIN, FIRST), Ok(FIRST.to_owned()), "it went back");
    assert_eq!(
        named("fabrikam.example", SECOND),
        Ok(SECOND.to_owned()),
        "another name"
    );
    assert_eq!(
        named(SECOND, SECOND),
        Ok(SECOND.to_owned()),
        "the id itself"
    );
    assert_eq!(named(DOMAIN, SECOND), Err("tenant-moved".to_owned()));
}

#[test]
fn the_stop_names_both_tenants_and_says_what_to_write() {
    let error = moved(
        DOMAIN,
        &TenantId::parse(FIRST).unwrap(),
        &TenantId::parse(SECOND).unwrap(),
    );
    let all = format!("{error}. {}", error.advice());
    for told in [DOMAIN, FIRST, SECOND, "tenant.id"] {
        assert!(all.contains(told), "{all}");
    }
}

#[test]
fn a_token_of_another_tenant_than_the_configured_id_is_refused() {
    let memory = Memory::default();
    for configured in [FIRST.to_owned(), FIRST.to_uppercase()] {
        let directory = Directory::new(of(FIRST), FIRST);
        assert_eq!(
            identified(&memory, &configured, &directory),
            Ok(FIRST.to_owned())
        );
        let directory = Directory::new(of(SECOND), FIRST);
        let refused = identified(&memory, &configured, &directory);
        assert_eq!(refused, Err("other-tenant".to_owned()));
        assert_eq!(*directory.asked.borrow(), 0, "the token was not used");
    }
    assert!(memory.state.borrow().is_empty());
}

#[test]
fn where_a_token_cannot_be_read_graph_says_which_tenant_it_is() {
    let memory = Memory::default();
    let named = |organization| {
        let directory = Directory::new(opaque(), organization);
        let identified = identified(&memory, DOMAIN, &directory);
        (identified, *directory.asked.borrow())
    };
    assert_eq!(named(FIRST), (Ok(FIRST.to_owned()), 1));
    assert_eq!(named(FIRST), (Ok(FIRST.to_owned()), 1), "asked each time");
    assert_eq!(named(SECOND), (Err("tenant-moved".to_owned()), 1));
    let by_id = Directory::new(opaque(), SECOND);
    assert_eq!(identified(&memory, FIRST, &by_id), Ok(FIRST.to_owned()));
}

#[test]
fn what_earlier_versions_kept_of_a_domain_and_its_name_holds() {
    let memory = Memory::default();
    let kept = json!({ "configured": "Contoso.example", "id": FIRST, "name": "Contoso" });
    keep(&memory, "tenant", &kept);
    let moved = Directory::new(of(SECOND), SECOND);
    let refused = identified(&memory, DOMAIN, &moved);
    assert_eq!(refused, Err("tenant-moved".to_owned()));
    let same = Directory::new(of(FIRST), FIRST);
    assert_eq!(identified(&memory, DOMAIN, &same), Ok(FIRST.to_owned()));
    let id = TenantId::parse(FIRST).unwrap();
    assert_eq!(name(&memory, &id).unwrap().as_deref(), Some("Contoso"));
    let other = TenantId::parse(SECOND).unwrap();
    assert_eq!(name(&memory, &other).unwrap(), None);
    assert_eq!(known(&memory, DOMAIN).unwrap(), Some(id));
    assert_eq!(known(&memory, "fabrikam.example").unwrap(), None);
}

#[test]
fn an_organisation_that_is_another_tenants_is_not_believed() {
    let id = TenantId::parse(FIRST).unwrap();
    let told = |id: &str| Organization {
        domains: Vec::new(),
        initial: None,
        id: id.to_owned(),
        display_name: None,
    };
    assert_eq!(check(&id, &told(&FIRST.to_uppercase())), Ok(()));
    assert_eq!(
        check(&id, &told(SECOND)).unwrap_err().code(),
        "other-tenant"
    );
    assert_eq!(
        check(&id, &told("t-1")).unwrap_err().code(),
        "unexpected-shape"
    );
}
