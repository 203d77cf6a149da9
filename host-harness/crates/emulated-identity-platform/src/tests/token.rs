use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

#[test]
fn a_token_comes_with_its_lifetime_and_no_refresh_token() {
    let answer = Tenant::new().token(&Form::default()).ok();
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3599);
    assert_eq!(answer.body["ext_expires_in"], 3599);
    assert_eq!(answer.body.get("refresh_token"), None);
    assert_eq!(answer.header("cache-control"), Some("no-store, no-cache"));
}

#[test]
fn the_token_states_the_roles_and_a_token_without_consent_states_none() {
    let tenant = Tenant::new();
    let claims = |tenant: &Tenant| -> Value {
        let body = tenant.token(&Form::default()).ok().body;
        let token = body["access_token"].as_str().unwrap().to_owned();
        let payload = token.split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    };
    let granted = claims(&tenant);
    assert_eq!(
        granted["roles"],
        json!(["User.Read.All", "Organization.Read.All"])
    );
    assert_eq!(granted["aud"], "https://graph.microsoft.com");
    assert_eq!(
        granted["exp"].as_u64().unwrap() - granted["nbf"].as_u64().unwrap(),
        3599
    );
    assert_eq!(granted["tid"], TENANT.to_owned());
    tenant.platform.application().roles = Vec::new();
    assert_eq!(claims(&tenant).get("roles"), None);
}

#[test]
fn every_refusal_has_its_own_code() {
    let tenant = Tenant::with(|application| {
        application.expired_secret = Some("last-year".to_owned());
    });
    let good = Form::default;
    let unknown = "00000000-1111-4222-8333-444444444444";
    let cases = [
        (
            good().with("client_secret", "wrong"),
            401,
            "invalid_client",
            7_000_215,
        ),
        (
            good().with("client_secret", "last-year"),
            401,
            "invalid_client",
            7_000_222,
        ),
        (
            good().without("client_secret"),
            401,
            "invalid_client",
            7_000_218,
        ),
        (
            good().with("client_id", unknown),
            400,
            "unauthorized_client",
            700_016,
        ),
        (good().at(unknown), 400, "invalid_tenant", 90_002),
        (good().at("not-a-domain"), 400, "invalid_request", 900_023),
        (good().at("common"), 400, "invalid_request", 9_001_023),
        (good().at("consumers"), 400, "invalid_request", 9_001_023),
        (good().at("organizations"), 400, "invalid_request", 50_059),
        (
            good().with("scope", "https://foo.microsoft.com/.default"),
            400,
            "invalid_resource",
            500_011,
        ),
        (
            good().with("scope", "api%3A%2F%2Fcontacts/.default"),
            400,
            "invalid_resource",
            500_011,
        ),
        (
            good().with("scope", "https://graph.microsoft.com/User.Read.All"),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (
            good().with("scope", "User.Read.All"),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (
            good().with("scope", ".default"),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (
            good().with("scope", "/.default"),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (
            good().with("scope", "https://graph.microsoft.com/.default+openid"),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (
            good().with(
                "scope",
                "https://graph.microsoft.com/.default+https://vault.azure.net/.default",
            ),
            400,
            "invalid_scope",
            700_022,
        ),
        (good().without("scope"), 400, "invalid_request", 900_144),
        (good().without("client_id"), 400, "invalid_request", 900_144),
        (
            good().without("grant_type"),
            400,
            "invalid_request",
            900_144,
        ),
        (
            good().with("grant_type", "password"),
            400,
            "unsupported_grant_type",
            70_003,
        ),
    ];
    for (form, status, error, code) in cases {
        let answer = tenant.token(&form);
        assert_eq!(answer.status, status, "{code}: {}", answer.body);
        assert_eq!(answer.body["error"], error, "{code}");
        assert_eq!(answer.body["error_codes"], json!([code]));
    }
    let get = tenant.get(&format!("/{}/oauth2/v2.0/token", TENANT.to_owned()));
    assert_eq!(
        (get.status, &get.body["error_codes"]),
        (400, &json!([900_561]))
    );
}

#[test]
fn a_refusal_is_described_as_documented() {
    let tenant = Tenant::new();
    let body = tenant
        .token(&Form::default().with("client_secret", "wrong"))
        .body;
    assert_eq!(body["timestamp"], "2026-01-02 03:04:05Z");
    let trace = body["trace_id"].as_str().unwrap();
    let correlation = body["correlation_id"].as_str().unwrap();
    assert_eq!(
        body["error_description"],
        format!(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the \
             request is the client secret value, not the client secret ID, for a secret added to \
             app '{}'.\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: \
             2026-01-02 03:04:05Z",
            CLIENT
        )
    );
    assert!(
        body["error_uri"]
            .as_str()
            .unwrap()
            .ends_with("/error?code=7000215")
    );
}

#[test]
fn the_secret_may_come_as_http_basic_and_the_tenant_as_a_domain() {
    let tenant = Tenant::new();
    tenant.platform.application().client_secret = "a:b c%".to_owned();
    let form = Form::default()
        .without("client_id")
        .without("client_secret");
    let mut call = Call::new(
        Method::POST,
        "/contoso.onmicrosoft.com/oauth2/v2.0/token",
        ROOT,
    );
    set(
        &mut call,
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    );
    let pair = format!("{}:a%3Ab+c%25", CLIENT);
    set(
        &mut call,
        "authorization",
        &format!("Basic {}", STANDARD.encode(pair)),
    );
    call.body = form.body();
    tenant.send(&call).ok();
}

#[test]
fn a_scope_may_name_any_cloud_or_the_emulator_itself() {
    let tenant = Tenant::new();
    for resource in [
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
        "http://127.0.0.1:4000",
        "https://localhost:8443",
        "https://graph.microsoft.com/",
        "00000003-0000-0000-c000-000000000000",
    ] {
        tenant
            .token(&Form::default().with("scope", &format!("{resource}/.default")))
            .ok();
    }
}

#[test]
fn a_tenant_is_known_by_its_id_and_its_domains_in_any_case() {
    let tenant = Tenant::new();
    let id = TENANT.to_owned();
    for name in [
        id.to_uppercase(),
        id,
        "Contoso.com".to_owned(),
        "CONTOSO.onmicrosoft.com".to_owned(),
    ] {
        tenant.token(&Form::default().at(&name)).ok();
    }
}

#[test]
fn the_older_endpoint_asks_for_a_resource_and_states_numbers_as_text() {
    let tenant = Tenant::new();
    let ask = |resource: Option<&str>| {
        let mut form = Form::default().without("scope");
        if let Some(resource) = resource {
            form = form.with("resource", resource);
        }
        let path = format!("/{}/oauth2/token", form.tenant);
        tenant.post_form(&path, &form)
    };
    let body = ask(Some("https://graph.microsoft.com")).ok().body;
    assert_eq!(body["expires_in"], "3599");
    assert_eq!(body["ext_expires_in"], "3599");
    assert_eq!(body["not_before"], NOW.to_string());
    assert_eq!(body["expires_on"], (NOW + 3599).to_string());
    assert_eq!(body["resource"], "https://graph.microsoft.com");
    assert_eq!(ask(None).body["error_codes"], json!([900_144]));
    let other = ask(Some("https://vault.azure.net"));
    assert_eq!(other.body["error_codes"], json!([500_011]));
}

#[test]
fn a_lifetime_is_a_number_unless_the_tenant_behaves_otherwise() {
    let tenant = Tenant::new();
    let mut conditions = tenant.conditions.get();
    conditions.textual_lifetimes = true;
    tenant.conditions.set(conditions);
    let body = tenant.token(&Form::default()).ok().body;
    assert_eq!(body["expires_in"], "3599");
    assert_eq!(body.get("resource"), None);
}
