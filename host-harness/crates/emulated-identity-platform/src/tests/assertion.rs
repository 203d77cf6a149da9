use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

use super::application::{self, Assertion};
use super::*;

fn client_id() -> String {
    CLIENT.to_owned()
}

fn token_endpoint() -> String {
    format!("{ROOT}/{}/oauth2/v2.0/token", TENANT)
}

fn good() -> Assertion {
    Assertion::new(&client_id(), &token_endpoint())
}

/// A tenant whose application has the certificate, and no secret that anybody knows.
fn tenant() -> Tenant {
    Tenant::with(|known| {
        let pem = application::certificate().0;
        known.register_certificate(&pem).unwrap();
    })
}

fn form(assertion: &str) -> Form {
    Form::default()
        .without("client_secret")
        .with(
            "client_assertion_type",
            "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        )
        .with("client_assertion", &assertion.replace('=', "%3D"))
}

fn sign_in(tenant: &Tenant, assertion: &Assertion) -> Answer {
    tenant.token(&form(&assertion.signed()))
}

fn refusal(answer: &Answer) -> (u16, &str, u64) {
    let error = answer.body["error"].as_str().unwrap_or_default();
    let code = answer.body["error_codes"][0].as_u64().unwrap_or_default();
    (answer.status, error, code)
}

#[test]
fn what_clients_send_is_taken() {
    let tenant = tenant();
    let id = TENANT;
    let (_, [sha1, sha256]) = application::certificate();
    let record = &tenant.platform.application().certificate_records()[0];
    let taken = [
        ("msal for Python", good()),
        ("msal for Python with a thumbprint", good().older()),
        ("msal-node", good().of_node()),
        (
            "RS256 with the SHA-256 thumbprint",
            good()
                .older()
                .without_header("x5t")
                .with_header("x5t#S256", json!(URL_SAFE_NO_PAD.encode(&sha256))),
        ),
        (
            "PS256 with the SHA-1 thumbprint",
            good()
                .without_header("x5t#S256")
                .with_header("x5t", json!(URL_SAFE.encode(&sha1))),
        ),
        (
            "both thumbprints",
            good().with_header("x5t", json!(URL_SAFE_NO_PAD.encode(&sha1))),
        ),
        (
            "a kid in hexadecimal",
            good()
                .without_header("x5t#S256")
                .with_header("kid", json!(record.thumbprint)),
        ),
        (
            "a kid that is the key's id",
            good()
                .without_header("x5t#S256")
                .with_header("kid", json!(record.key_id)),
        ),
        (
            "an x5c that is one text",
            good().with_header("x5c", json!("MII\r\nAA==")),
        ),
        ("no x5c", good().without_header("x5c")),
        (
            "the client id in capitals",
            Assertion::new(&client_id().to_uppercase(), &token_endpoint()),
        ),
        (
            "an audience by domain",
            Assertion::new(
                &client_id(),
                &format!("{ROOT}/Contoso.com/oauth2/v2.0/token"),
            ),
        ),
        (
            "the older token endpoint as audience",
            Assertion::new(&client_id(), &format!("{ROOT}/{id}/oauth2/token")),
        ),
        (
            "the issuer as audience",
            Assertion::new(&client_id(), &format!("{ROOT}/{id}/v2.0")),
        ),
        (
            "the authority as audience",
            Assertion::new(&client_id(), &format!("{ROOT}/{id}/")),
        ),
        (
            "a list of audiences",
            good().with_claim("aud", json!(["https://example.com", token_endpoint()])),
        ),
        (
            "a clock that is a little fast",
            good().with_claim("nbf", json!(NOW + 120)),
        ),
        ("an expiry far away", good().with_claim("exp", json!(9e12))),
    ];
    for (what, assertion) in taken {
        let answer = sign_in(&tenant, &assertion);
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
    }
}

#[test]
fn an_assertion_may_be_used_again_while_its_time_allows() {
    let tenant = tenant();
    let assertion = good().signed();
    tenant.token(&form(&assertion)).ok();
    tenant.advance_clock(Duration::from_secs(590));
    tenant.token(&form(&assertion)).ok();
    tenant.advance_clock(Duration::from_secs(20));
    assert_eq!(
        refusal(&tenant.token(&form(&assertion))),
        (401, "invalid_client", 700_024)
    );
}

#[test]
fn the_token_of_an_assertion_carries_what_was_consented_to() {
    let tenant = tenant();
    let body = sign_in(&tenant, &good()).ok().body;
    let header = format!("Bearer {}", body["access_token"].as_str().unwrap());
    let now = tenant.conditions.get().now;
    let claims = tenant.platform.authenticate(Some(&header), now).unwrap();
    assert_eq!(claims.roles, PERMISSIONS);
}

#[test]
fn what_is_wrong_with_an_assertion_has_its_own_code() {
    let tenant = tenant();
    let another = "00000000-1111-4222-8333-444444444444";
    let mut forged = good();
    let signed = forged.signed();
    forged.claims["jti"] = json!("another");
    let forged = format!(
        "{}.{}",
        forged.signed().rsplit_once('.').unwrap().0,
        signed.rsplit_once('.').unwrap().1
    );
    let cases: Vec<(&str, String, (u16, &str, u64))> = vec![
        (
            "no JWT",
            "nonsense".to_owned(),
            (400, "invalid_request", 50_027),
        ),
        (
            "no JSON",
            "YQ.YQ.YQ".to_owned(),
            (400, "invalid_request", 50_027),
        ),
        (
            "a time that is none",
            good().with_claim("exp", json!("soon")).signed(),
            (400, "invalid_request", 50_027),
        ),
        (
            "another algorithm",
            good().with_header("alg", json!("HS256")).signed(),
            (401, "invalid_client", 5_002_738),
        ),
        (
            "no algorithm",
            good().with_header("alg", json!("none")).signed(),
            (401, "invalid_client", 5_002_738),
        ),
        (
            "no thumbprint",
            good().without_header("x5t#S256").signed(),
            (401, "invalid_client", 5_002_723),
        ),
        (
            "no issuer",
            good().without_claim("iss").signed(),
            (400, "invalid_request", 90_014),
        ),
        (
            "no subject",
            good().without_claim("sub").signed(),
            (400, "invalid_request", 90_014),
        ),
        (
            "no audience",
            good().without_claim("aud").signed(),
            (400, "invalid_request", 90_014),
        ),
        (
            "another's subject",
            good().with_claim("sub", json!(another)).signed(),
            (401, "invalid_client", 700_021),
        ),
        (
            "another issuer",
            good().with_claim("iss", json!(another)).signed(),
            (401, "invalid_client", 700_021),
        ),
        (
            "an unknown certificate",
            good()
                .with_header("x5t#S256", json!(URL_SAFE_NO_PAD.encode([7; 32])))
                .signed(),
            (401, "invalid_client", 700_027),
        ),
        (
            "an SHA-1 thumbprint under the name of the other",
            good()
                .with_header(
                    "x5t#S256",
                    json!(URL_SAFE_NO_PAD.encode(&application::certificate().1[0])),
                )
                .signed(),
            (401, "invalid_client", 700_027),
        ),
        (
            "a signature over something else",
            forged,
            (401, "invalid_client", 700_027),
        ),
        (
            "a signature of another kind than the header says",
            good().with_header("alg", json!("RS256")).signed(),
            (401, "invalid_client", 700_027),
        ),
        (
            "another tenant's audience",
            Assertion::new(&client_id(), &format!("{ROOT}/{another}/oauth2/v2.0/token")).signed(),
            (401, "invalid_client", 700_023),
        ),
        (
            "another host's audience",
            Assertion::new(
                &client_id(),
                "https://example.com/contoso.com/oauth2/v2.0/token",
            )
            .signed(),
            (401, "invalid_client", 700_023),
        ),
        (
            "Graph as audience",
            Assertion::new(&client_id(), "https://graph.microsoft.com").signed(),
            (401, "invalid_client", 700_023),
        ),
        (
            "expired",
            good().with_claim("exp", json!(NOW - 1)).signed(),
            (401, "invalid_client", 700_024),
        ),
        (
            "without an end",
            good().without_claim("exp").signed(),
            (401, "invalid_client", 700_024),
        ),
        (
            "not valid yet",
            good().with_claim("nbf", json!(NOW + 3600)).signed(),
            (401, "invalid_client", 700_024),
        ),
    ];
    for (what, assertion, expected) in cases {
        let answer = tenant.token(&form(&assertion));
        assert_eq!(refusal(&answer), expected, "{what}: {}", answer.body);
        assert!(
            answer.body["correlation_id"].is_string(),
            "{what}: {}",
            answer.body
        );
    }
}

#[test]
fn the_parameters_of_an_assertion_belong_together() {
    let tenant = tenant();
    let assertion = good().signed();
    let untyped = form(&assertion).without("client_assertion_type");
    assert_eq!(
        refusal(&tenant.token(&untyped)),
        (400, "invalid_request", 900_144)
    );
    let saml = form(&assertion).with("client_assertion_type", "saml2-bearer");
    assert_eq!(refusal(&tenant.token(&saml)).2, 50_027);
    let nobody = form(&assertion).without("client_id");
    assert_eq!(refusal(&tenant.token(&nobody)).2, 900_144);
}

#[test]
fn the_refusal_of_a_certificate_says_which_and_why() {
    let tenant = tenant();
    let thumbprint = "07".repeat(32);
    let unknown = good().with_header("x5t#S256", json!(URL_SAFE_NO_PAD.encode([7; 32])));
    let body = sign_in(&tenant, &unknown).body;
    let said = body["error_description"].as_str().unwrap();
    assert!(
        said.starts_with(
            "AADSTS700027: The certificate with identifier used to sign the client assertion is \
             not registered on application. [Reason - The key was not found."
        ),
        "{said}"
    );
    assert!(said.contains(&thumbprint), "{said}");

    let late = good().with_claim("exp", json!(NOW - 1));
    let body = sign_in(&tenant, &late).body;
    let said = body["error_description"].as_str().unwrap();
    assert!(
        said.contains("Current time: 2026-01-02T03:04:05.0000000Z")
            && said.contains("expiry time of assertion 2026-01-02T03:04:04.0000000Z"),
        "{said}"
    );
}

#[test]
fn a_certificate_that_is_no_longer_valid_is_told_as_expired() {
    for (from, until) in [(2020, 2021), (2030, 2031)] {
        let tenant = Tenant::new();
        let pem = application::certificate_of_years(from, until);
        let record = tenant
            .platform
            .application()
            .register_certificate(&pem)
            .unwrap();
        let assertion = good()
            .without_header("x5t#S256")
            .with_header("kid", json!(record.thumbprint));
        let answer = sign_in(&tenant, &assertion);
        assert_eq!(refusal(&answer).2, 700_027);
        let said = answer.body["error_description"].as_str().unwrap();
        assert!(
            said.contains("The key used is expired.")
                && said.contains(&format!("Start=01/01/{from}")),
            "{said}"
        );
    }
}

#[test]
fn certificates_are_registered_listed_and_taken_away() {
    let tenant = Tenant::new();
    assert_eq!(refusal(&sign_in(&tenant, &good())).2, 700_027);
    let record = tenant
        .platform
        .application()
        .register_certificate(&application::der_in_base64())
        .unwrap();
    sign_in(&tenant, &good()).ok();
    let again = tenant
        .platform
        .application()
        .register_certificate(&application::certificate().0)
        .unwrap();
    assert_eq!(again, record);
    assert_eq!(
        tenant.platform.application().certificate_records(),
        std::slice::from_ref(&record)
    );
    assert!(!tenant.platform.application().remove_certificate("another"));
    assert!(
        tenant
            .platform
            .application()
            .remove_certificate(&record.thumbprint)
    );
    assert_eq!(refusal(&sign_in(&tenant, &good())).2, 700_027);
    tenant.token(&Form::default()).ok();
}
