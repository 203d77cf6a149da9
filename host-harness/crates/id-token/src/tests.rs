//! Tokens that are as they should be but for one thing.

use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};

use super::*;

/// The local sign-in service's; it opens nothing.
const SIGNING: &str = include_str!("../../emulated-identity-platform/fixtures/signing.pem");

const LOGIN: &str = "https://login.microsoftonline.com";
const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const CLIENT: &str = "535fb089-9ff3-47b6-9bfb-4f1264799865";
const NOW: u64 = 1_767_323_045;
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

fn key() -> RsaKeyPair {
    let parts = pem::parse_many(SIGNING).unwrap();
    let key = parts.iter().find(|part| part.tag() == "PRIVATE KEY");
    RsaKeyPair::from_pkcs8(key.unwrap().contents()).unwrap()
}

fn keys() -> KeySet {
    let key = RsaPublicKeyComponents::<Vec<u8>>::from(key().public());
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let set = json!({"keys": [
        {"kty": "EC", "kid": "k1"},
        {
            "kty": "RSA", "kid": "k1", "use": "sig",
            "n": part(&key.n),
            "e": part(&key.e),
        },
    ]});
    KeySet::read(set.to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": format!("{LOGIN}/{TENANT}/v2.0"),
        "aud": CLIENT, "tid": TENANT, "nonce": "the nonce",
        "iat": NOW, "nbf": NOW, "exp": NOW + 3_600,
        "wids": [GLOBAL_ADMINISTRATOR], "name": "Adele",
    })
}

fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = key();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "kid": "k1"})
}

fn expected() -> Expected<'static> {
    Expected {
        login: LOGIN,
        client_id: CLIENT,
        nonce: "the nonce",
        now: UNIX_EPOCH + Duration::from_secs(NOW),
    }
}

fn judged(token: &str) -> Result<SignedIn, IdTokenFlaw> {
    verify(token, &keys(), &expected())
}

fn judged_with(name: &str, value: Value) -> Result<SignedIn, IdTokenFlaw> {
    let mut claims = claims();
    claims[name] = value;
    judged(&signed(&header(), &claims))
}

#[test]
fn a_token_in_order_tells_the_tenant_and_that_it_is_an_administrators() {
    let signed_in = judged(&signed(&header(), &claims())).unwrap();
    assert_eq!(signed_in.tenant_id, TENANT);
    assert_eq!(signed_in.may_consent, Some(true));
}

#[test]
fn the_tenant_is_told_in_one_form() {
    let signed_in = judged_with("tid", json!(TENANT.to_uppercase())).unwrap();
    assert_eq!(signed_in.tenant_id, TENANT);
}

#[test]
fn two_roles_may_consent_for_everybody_and_the_others_may_not() {
    for (roles, may) in [
        (json!([GLOBAL_ADMINISTRATOR.to_uppercase()]), Some(true)),
        (
            json!([
                "b79fbf4d-3ef9-4689-8143-76b194e85509",
                "e8611ab8-c189-46e8-94e1-60213ab1f814"
            ]),
            Some(true),
        ),
        // A Cloud Application Administrator consents to everything but permissions of Graph.
        (json!(["158c047a-c907-4556-b7ef-446551a6b5f7"]), Some(false)),
        (json!(["b79fbf4d-3ef9-4689-8143-76b194e85509"]), Some(false)),
        (json!([]), Some(false)),
        (Value::Null, None),
    ] {
        let signed_in = judged_with("wids", roles.clone()).unwrap();
        assert_eq!(signed_in.may_consent, may, "{roles}");
    }
}

#[test]
fn what_is_for_somebody_else_is_not_believed() {
    let other = "11111111-2222-3333-4444-555555555555";
    for (name, value, flaw) in [
        (
            "iss",
            json!(format!("{LOGIN}/{other}/v2.0")),
            IdTokenFlaw::Issuer,
        ),
        (
            "iss",
            json!(format!("https://login.evil.example/{TENANT}/v2.0")),
            IdTokenFlaw::Issuer,
        ),
        (
            "iss",
            json!(format!("{LOGIN}/{TENANT}/v2.0/")),
            IdTokenFlaw::Issuer,
        ),
        ("tid", json!(other), IdTokenFlaw::Issuer),
        ("tid", json!("contoso.com"), IdTokenFlaw::Tenant),
        ("tid", json!(CONSUMERS), IdTokenFlaw::Tenant),
        ("aud", json!(other), IdTokenFlaw::Audience),
        ("aud", json!([CLIENT, other]), IdTokenFlaw::NotWellFormed),
        ("nonce", json!("another"), IdTokenFlaw::Nonce),
        ("nonce", Value::Null, IdTokenFlaw::Nonce),
        ("exp", json!(NOW - 300), IdTokenFlaw::Time),
        ("nbf", json!(NOW + 301), IdTokenFlaw::Time),
        ("exp", json!("tomorrow"), IdTokenFlaw::NotWellFormed),
        ("exp", Value::Null, IdTokenFlaw::NotWellFormed),
    ] {
        assert_eq!(
            judged_with(name, value.clone()),
            Err(flaw),
            "{name}: {value}"
        );
    }
}

#[test]
fn clocks_may_be_five_minutes_apart() {
    assert!(judged_with("exp", json!(NOW - 299)).is_ok());
    assert!(judged_with("nbf", json!(NOW + 300)).is_ok());
}

#[test]
fn what_was_altered_is_not_believed() {
    let token = signed(&header(), &claims());
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let (head, _) = rest.split_once('.').unwrap();
    let mut others = claims();
    others["tid"] = json!("11111111-2222-3333-4444-555555555555");
    let forged = URL_SAFE_NO_PAD.encode(others.to_string());
    let forged = format!("{head}.{forged}.{signature}");
    assert_eq!(judged(&forged), Err(IdTokenFlaw::Signature));
    assert_eq!(judged(&format!("{rest}.")), Err(IdTokenFlaw::Signature));
    assert_eq!(
        judged(&format!("{rest}.?")),
        Err(IdTokenFlaw::NotWellFormed)
    );
}

#[test]
fn the_token_does_not_choose_how_it_is_checked() {
    for (header, flaw) in [
        (json!({"alg": "none", "kid": "k1"}), IdTokenFlaw::Algorithm),
        (json!({"alg": "HS256", "kid": "k1"}), IdTokenFlaw::Algorithm),
        (
            json!({"alg": "RS256", "kid": "k2"}),
            IdTokenFlaw::UnknownKey,
        ),
        (json!({"alg": "RS256"}), IdTokenFlaw::UnknownKey),
        (json!({}), IdTokenFlaw::NotWellFormed),
    ] {
        assert_eq!(judged(&signed(&header, &claims())), Err(flaw), "{header}");
    }
}

#[test]
fn what_is_no_token_is_none() {
    for text in ["", ".", "..", "a.b.c", "é.é.é", "a.b"] {
        assert_eq!(judged(text), Err(IdTokenFlaw::NotWellFormed), "{text}");
    }
    assert!(KeySet::read(b"<html>").is_none());
}
