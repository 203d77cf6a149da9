//! A certificate, a token of another issuer, and two credentials while one takes the other's place.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use guest_kit::SigningError;
use serde_json::Value;

use super::*;
use crate::connection::Credential;
use crate::graph::test_script::secret;

const HOUR: Duration = Duration::from_secs(3_600);

/// `{"alg":"RS256"}.{}.` and a signature.
const FOREIGN: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

fn certificate() -> Credential {
    Credential::Certificate {
        key: "app-key".to_owned(),
        send_chain: false,
    }
}

fn federated() -> Credential {
    Credential::Federated {
        token: "cluster".to_owned(),
    }
}

fn with(credential: Credential) -> World {
    let mut world = World::new();
    world.connection.credential = credential;
    world
}

fn refused(code: u32) -> HttpResponse {
    answer(
        401,
        &json!({"error": "invalid_client", "error_codes": [code]}),
    )
}

/// The assertion of the request of that number, taken apart: header, claims, signature.
fn assertion(world: &World, request: usize) -> (Value, Value, String) {
    let body = &world.sent()[request].body;
    let (_, assertion) = body.split_once("client_assertion=").unwrap();
    let assertion = assertion.split('&').next().unwrap();
    let parts: Vec<_> = assertion.split('.').collect();
    let decoded = |part: &str| Base64UrlUnpadded::decode_vec(part).unwrap();
    let json = |part: &str| serde_json::from_slice(&decoded(part)).unwrap();
    let signature = String::from_utf8(decoded(parts[2])).unwrap();
    (json(parts[0]), json(parts[1]), signature)
}

#[test]
fn the_assertion_is_the_documented_one_and_no_secret_is_asked_for() {
    let mut world = with(certificate());
    world.secret = Err(SecretError::AccessDenied);
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let body = &world.sent()[0].body;
    assert!(body.starts_with(
        "client_id=app-1&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion="
    ));
    assert!(body.ends_with("&grant_type=client_credentials") && !body.contains("client_secret"));
    let (header, claims, signature) = assertion(&world, 0);
    let thumbprint = Base64UrlUnpadded::encode_string(&[0xab; 32]);
    assert_eq!(
        header,
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint})
    );
    assert_eq!(signature, "signature");
    let from = world.wall_clock.0 / 1_000 - 60;
    assert_eq!(claims["nbf"], json!(from));
    assert_eq!(claims["exp"], json!(from + 600));
    assert_eq!(claims["iss"], "app-1");
    assert_eq!(claims["sub"], "app-1");
    assert_eq!(
        claims["aud"],
        "https://login.example/contoso.example/oauth2/v2.0/token"
    );
    assert_eq!(claims["jti"].as_str().map(str::len), Some(36));
}

#[test]
fn the_chain_goes_along_where_the_document_says_so() {
    let world = with(Credential::Certificate {
        key: "app-key".to_owned(),
        send_chain: true,
    });
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    assert_eq!(
        assertion(&world, 0).0["x5c"],
        json!(["bGVhZg==", "aXNzdWVy"])
    );
}

#[test]
fn each_attempt_carries_an_assertion_of_its_own() {
    let world = with(certificate());
    world.expect_sign_in(Ok(answer(503, &json!({}))));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    assert_ne!(assertion(&world, 0).1["jti"], assertion(&world, 1).1["jti"]);
}

#[test]
fn a_certificate_that_was_replaced_a_moment_ago_is_tried_once_more_and_then_told() {
    for code in [700_027, 700_024, 7_000_214, 1_000_502, 7_000_274, 7_000_277] {
        let world = with(certificate());
        world.expect_sign_in(Ok(refused(code)));
        world.expect_token(3_599);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();

        let world = with(certificate());
        world.expect_sign_in(Ok(refused(code)));
        world.expect_sign_in(Ok(refused(code)));
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), format!("AADSTS{code}"));
        assert!(matches!(error, GraphError::Unauthorized(_)), "{error:?}");
    }
}

#[test]
fn a_certificate_that_is_not_registered_is_told_by_both_thumbprints() {
    let world = with(certificate());
    world.expect_sign_in(Ok(refused(700_027)));
    world.expect_sign_in(Ok(refused(700_027)));
    let told = world.client().probe_users().unwrap_err().to_string();
    assert!(
        told.contains(&"CD".repeat(20)) && told.contains(&"AB".repeat(32)),
        "{told}"
    );
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    let world = with(certificate());
    // The world begins at 08:49:37.
    for _ in 0..2 {
        let late = with_header(refused(700_024), "date", "Sun, 06 Nov 1994 09:49:37 GMT");
        world.expect_sign_in(Ok(late));
    }
    let told = world.client().probe_users().unwrap_err().to_string();
    assert!(told.contains("3600 seconds behind"), "{told}");
}

#[test]
fn what_the_host_does_not_sign_stops_before_any_request() {
    for (refusal, code) in [
        (SigningError::NotFound, "key-not-found"),
        (SigningError::AccessDenied, "key-denied"),
        (
            SigningError::NotUsable("an EC key".to_owned()),
            "key-not-usable",
        ),
        (
            SigningError::Expired(guest_kit::Timestamp(0)),
            "certificate-expired",
        ),
        (
            SigningError::Unavailable("vault".to_owned()),
            "key-unavailable",
        ),
    ] {
        let mut world = with(certificate());
        world.signing.refusal = Some(refusal);
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains("app-key"), "{error}");
    }
    let world = with(Credential::Certificate {
        key: "another".to_owned(),
        send_chain: false,
    });
    assert_eq!(
        world.client().probe_users().unwrap_err().code(),
        "key-not-found"
    );
}

#[test]
fn a_foreign_token_is_sent_as_it_is_and_read_anew_for_each_sign_in() {
    let mut world = with(federated());
    world.secret = Ok(" eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n");
    world.expect_token(600);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let body = &world.sent()[0].body;
    assert!(
        body.contains(&format!("&client_assertion={FOREIGN}&")),
        "{body}"
    );
    assert!(world.signing.signed.borrow().is_empty());
}

#[test]
fn what_is_no_token_of_another_issuer_is_sent_to_nobody() {
    for text in ["", "a secret", "a.b", "a.b.c.d", "a..c", "a.b.c&d=e"] {
        let mut world = with(federated());
        world.secret = Ok(text);
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), "federated-token-unusable", "{text}");
    }
}

#[test]
fn a_federated_credential_that_is_not_known_yet_is_waited_for() {
    let mut world = with(federated());
    world.secret = Ok(FOREIGN);
    world.expect_sign_in(Ok(refused(70_021)));
    world.expect_sign_in(Ok(refused(70_021)));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    assert!(world.passed() > Duration::ZERO);

    let mut world = with(federated());
    world.secret = Ok(FOREIGN);
    world.expect_sign_in(Ok(refused(7_002_138)));
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "AADSTS7002138");
    assert!(error.advice().contains("capitals"), "{}", error.advice());
}

#[test]
fn where_one_credential_is_refused_for_its_own_sake_the_other_serves_and_that_is_told() {
    for code in [7_000_215, 7_000_222] {
        let mut world = with(secret("client-secret"));
        world.connection.fallback = Some(certificate());
        world.expect_sign_in(Ok(refused(code)));
        world.expect_token(3_599);
        world.expect_get(PROBE, empty());
        let client = world.client();
        client.probe_users().unwrap();
        let remark = client.remark().unwrap();
        assert!(
            remark.contains("client-secret") && remark.contains("app-key"),
            "{remark}"
        );
        assert!(world.sent()[1].body.contains("client_assertion="));
        let events = world.events().join("\n");
        assert!(events.contains("credential-refused"), "{events}");
    }
    let mut world = with(certificate());
    world.connection.fallback = Some(secret("client-secret"));
    world.signing.refusal = Some(SigningError::NotFound);
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    assert!(client.remark().is_some());
}

#[test]
fn the_first_credential_serves_alone_while_it_is_accepted() {
    let mut world = World::signed_in();
    world.connection.fallback = Some(certificate());
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    assert_eq!(client.remark(), None);
    assert!(world.signing.signed.borrow().is_empty());
}

#[test]
fn another_refusal_than_that_of_a_credential_does_not_use_up_the_second_one() {
    for code in [700_016, 90_002, 53_003] {
        let mut world = World::new();
        world.connection.fallback = Some(certificate());
        world.expect_sign_in(Ok(refused(code)));
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), format!("AADSTS{code}"));
    }
}

#[test]
fn where_both_are_refused_the_first_is_told_and_what_else_is_wrong_before_it() {
    let mut world = World::new();
    world.connection.fallback = Some(secret("other-secret"));
    world.expect_sign_in(Ok(refused(7_000_222)));
    world.expect_sign_in(Ok(refused(7_000_215)));
    assert_eq!(
        world.client().probe_users().unwrap_err().code(),
        "AADSTS7000222"
    );

    let mut world = World::new();
    world.connection.fallback = Some(secret("other-secret"));
    world.expect_sign_in(Ok(refused(7_000_222)));
    world.expect_sign_in(Ok(refused(53_003)));
    assert_eq!(
        world.client().probe_users().unwrap_err().code(),
        "AADSTS53003"
    );
}

#[test]
fn a_kept_token_belongs_to_the_credential_for_which_it_was_issued() {
    let mut world = World::new();
    world.connection.fallback = Some(certificate());
    world.keep_for(&certificate(), "header.kept.signature", HOUR);
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    assert!(client.remark().is_some(), "the second one's");

    // As the first one, the same is asked for a token of its own.
    let mut world = World::new();
    world.keep("header.kept.signature", HOUR);
    world.connection.fallback = Some(std::mem::replace(
        &mut world.connection.credential,
        certificate(),
    ));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    assert_eq!(client.remark(), None);

    let world = with(certificate());
    world.keep_for(&secret("app-key"), "header.kept.signature", HOUR);
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
}
