//! Tokens of another issuer: <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>.

use super::application::{self, Assertion};
use super::*;
use crate::{FederatedCredential, FederatedRefused};

const ISSUER: &str = "https://oidc.cluster.example/";
const SUBJECT: &str = "system:serviceaccount:sync:Connector";
const AUDIENCE: &str = "api://AzureADTokenExchange";

fn credential() -> FederatedCredential {
    serde_json::from_value(json!({
        "name": "cluster", "issuer": ISSUER, "subject": SUBJECT, "audiences": [AUDIENCE],
        "jwks": {"keys": [application::jwk("key-1")]},
    }))
    .unwrap()
}

fn tenant() -> Tenant {
    Tenant::with(|known| {
        let pem = application::certificate().0;
        known.register_certificate(&pem).unwrap();
        known.register_federated_credential(credential()).unwrap();
    })
}

/// A token as a cluster makes them.
fn good() -> Assertion {
    Assertion::new(CLIENT, AUDIENCE)
        .older()
        .without_header("x5t")
        .with_header("kid", json!("key-1"))
        .with_claim("iss", json!(ISSUER))
        .with_claim("sub", json!(SUBJECT))
        .with_claim("exp", json!(NOW + 300))
}

fn sign_in(tenant: &Tenant, assertion: &Assertion) -> Answer {
    let form = Form::default()
        .without("client_secret")
        .with(
            "client_assertion_type",
            "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        )
        .with("client_assertion", &assertion.signed());
    tenant.token(&form)
}

#[test]
fn a_token_of_the_issuer_is_taken_and_the_applications_own_certificate_still_is() {
    let tenant = tenant();
    let body = sign_in(&tenant, &good()).ok().body;
    assert!(body["access_token"].is_string());
    let several = good().with_claim("aud", json!(["https://example.com", AUDIENCE]));
    sign_in(&tenant, &several).ok();
    sign_in(&tenant, &good().without_header("kid")).ok();
    let endpoint = format!("{ROOT}/{TENANT}/oauth2/v2.0/token");
    sign_in(&tenant, &Assertion::new(CLIENT, &endpoint)).ok();
}

#[test]
fn issuer_subject_and_audience_are_compared_to_the_letter_and_each_has_its_code() {
    let tenant = tenant();
    let lower = SUBJECT.to_lowercase();
    for (claim, presented, code) in [
        ("iss", "https://oidc.cluster.example", 700_211),
        ("iss", "https://OIDC.cluster.example/", 700_211),
        ("sub", "system:serviceaccount:sync:other", 700_213),
        ("sub", lower.as_str(), 7_002_138),
        ("aud", "api://AzureADTokenExchangeUSGov", 7_002_121),
        ("aud", "api://azureadtokenexchange", 7_002_121),
    ] {
        let answer = sign_in(&tenant, &good().with_claim(claim, json!(presented)));
        let told = &answer.body["error_description"];
        assert_eq!(
            (answer.status, &answer.body["error_codes"]),
            (401, &json!([code]))
        );
        assert!(told.as_str().unwrap().contains(presented), "{told}");
    }
}

#[test]
fn a_token_of_another_key_another_algorithm_or_another_time_is_refused() {
    let tenant = tenant();
    for (what, assertion, code) in [
        (
            "a key of another name",
            good().with_header("kid", json!("key-2")),
            700_027,
        ),
        (
            "PS256",
            good().with_header("alg", json!("PS256")),
            5_002_738,
        ),
        ("over", good().with_claim("exp", json!(NOW - 1)), 700_024),
        (
            "to come",
            good().with_claim("nbf", json!(NOW + 3_600)),
            700_024,
        ),
        ("nobody's", good().without_claim("sub"), 90_014),
    ] {
        let answer = sign_in(&tenant, &assertion);
        assert_eq!(
            answer.body["error_codes"],
            json!([code]),
            "{what}: {}",
            answer.body
        );
    }
}

#[test]
fn a_credential_is_not_known_for_a_while_after_it_was_made() {
    let minute = Duration::from_secs(60);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let tenant = Tenant::with(|known| {
        let later = credential().known_after(minute, now);
        known.register_federated_credential(later).unwrap();
    });
    let answer = sign_in(&tenant, &good());
    assert_eq!(
        (answer.status, &answer.body["error_codes"]),
        (400, &json!([70_021]))
    );
    tenant.advance_clock(minute);
    sign_in(&tenant, &good()).ok();
}

#[test]
fn without_any_credential_a_foreign_token_is_an_assertion_that_does_not_fit() {
    let tenant = Tenant::new();
    let assertion = good().with_header("x5t", json!("AAAA"));
    let answer = sign_in(&tenant, &assertion);
    assert_eq!(answer.body["error_codes"], json!([700_021]));
}

#[test]
fn what_graph_would_not_keep_is_not_taken() {
    let tenant = tenant();
    let refused = |change: &dyn Fn(&mut FederatedCredential)| {
        let mut other = FederatedCredential {
            name: "other".to_owned(),
            subject: "another".to_owned(),
            ..credential()
        };
        change(&mut other);
        let mut application = tenant.platform.application();
        application.register_federated_credential(other).err()
    };
    assert_eq!(
        refused(&|other| other.name = "ab".to_owned()),
        Some(FederatedRefused::Name)
    );
    assert_eq!(
        refused(&|other| other.audiences.clear()),
        Some(FederatedRefused::Audiences)
    );
    assert_eq!(
        refused(&|other| other.issuer = "x".repeat(601)),
        Some(FederatedRefused::Length)
    );
    assert_eq!(
        refused(&|other| other.subject = SUBJECT.to_owned()),
        Some(FederatedRefused::Taken)
    );
    for number in 1..20 {
        let name = format!("other {number}");
        assert_eq!(
            refused(&|other| {
                other.name.clone_from(&name);
                other.subject.clone_from(&name);
            }),
            None
        );
    }
    assert_eq!(refused(&|_| {}), Some(FederatedRefused::TooMany));
    let mut application = tenant.platform.application();
    assert!(application.remove_federated_credential("cluster"));
    assert!(!application.remove_federated_credential("cluster"));
}
