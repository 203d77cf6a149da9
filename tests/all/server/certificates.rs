//! A certificate with its private key: taken in the form and by the API, kept sealed, and never given out.

use http::StatusCode;
use serde_json::{Value, json};

use super::secrets::found_in;
use super::visit::{Place, SECRET, Visit};
use crate::certificates::{APPLICATION, CERTIFICATE};

/// A line of the private key.
fn line_of_key() -> &'static str {
    let key = &APPLICATION[APPLICATION.find("-----BEGIN PRIVATE KEY").unwrap()..];
    key.lines().nth(3).unwrap()
}

/// Sets the certificate in the form, beside the secret that is set.
async fn set(place: &Place, visit: &mut Visit, otherwise: &[(&str, &str)]) -> super::visit::Answer {
    let page = visit.get("/setup/connect").await;
    let mut fields = otherwise.to_vec();
    for usual in [("certificate", APPLICATION), ("secret", "")] {
        if otherwise.iter().all(|(name, _)| *name != usual.0) {
            fields.push(usual);
        }
    }
    visit
        .connect_from(&page, place.application(), &fields)
        .await
}

async fn actions(visit: &mut Visit) -> Vec<String> {
    let entries = visit.get("/activity.json").await.json();
    let entries = entries.as_array().unwrap().iter();
    entries
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect()
}

async fn connected() -> (Place, Visit) {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.control().register_certificate(CERTIFICATE).unwrap();
    let ada = place.administrator("acme").await;
    (place, ada)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_takes_the_secrets_place_and_the_key_is_in_no_page_answer_or_file() {
    let (mut place, mut ada) = connected().await;
    let answer = set(&place, &mut ada, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let told = ada.api("/connection").await;
    assert_eq!(told["ready"], true, "{told}");
    let thumbprint = place.control().certificates()[0].thumbprint.clone();
    assert_eq!(told["certificate"]["thumbprint"], json!(thumbprint));
    assert!(ada.get("/setup/connect").await.body.contains(&thumbprint));

    // The secret that is set, too, may go now.
    let answer = set(
        &place,
        &mut ada,
        &[("certificate", ""), ("forget", "secret")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(ada.api("/connection").await["secret"], Value::Null);
    place.sync("acme", true).await;
    let overview = ada.api("/overview").await;
    assert_eq!(
        overview["history"].as_array().unwrap().last().unwrap()["status"],
        "succeeded"
    );

    let actions = actions(&mut ada).await;
    assert!(
        actions.iter().any(|action| action == "key-used"),
        "{actions:?}"
    );
    assert!(
        actions.iter().any(|action| action == "secret-forgotten"),
        "{actions:?}"
    );
    for path in [
        "",
        "/activity",
        "/setup/connect",
        "/api/connection",
        "/api/overview",
        "/api/settings",
    ] {
        let answer = ada.get(path).await;
        assert!(!answer.body.contains(line_of_key()), "{path}");
    }
    place.stop().await;
    for secret in [line_of_key(), SECRET] {
        let mut found = Vec::new();
        found_in(place.data.path(), secret, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_told_at_its_field_and_what_was_set_stays() {
    let (place, mut ada) = connected().await;
    let elliptic = include_str!("../../../host-harness/crates/signing-keys/fixtures/elliptic.pem");
    let encrypted =
        include_str!("../../../host-harness/crates/signing-keys/fixtures/encrypted.pem");
    let other_key =
        include_str!("../../../host-harness/crates/signing-keys/fixtures/other-key.pem");
    let wrong_key = format!("{other_key}{CERTIFICATE}");
    for (fields, field, words) in [
        (
            [("certificate", elliptic), ("certificate_password", "")],
            "certificate",
            "not RSA",
        ),
        (
            [
                ("certificate", wrong_key.as_str()),
                ("certificate_password", ""),
            ],
            "certificate",
            "not that of the certificate",
        ),
        (
            [("certificate", CERTIFICATE), ("certificate_password", "")],
            "certificate",
            "no private key",
        ),
        (
            [("certificate", "nonsense"), ("certificate_password", "")],
            "certificate",
            "neither PEM nor PKCS#12",
        ),
        (
            [("certificate", encrypted), ("certificate_password", "")],
            "certificate_password",
            "give the password",
        ),
        (
            [
                ("certificate", encrypted),
                ("certificate_password", "wrong-p4ss"),
            ],
            "certificate_password",
            "does not open it",
        ),
    ] {
        let mut otherwise = fields.to_vec();
        otherwise.retain(|(_, value)| !value.is_empty());
        let page = ada.get("/setup/connect").await;
        let mut all = vec![("secret", "")];
        all.extend_from_slice(&otherwise);
        let answer = ada.connect_from(&page, place.application(), &all).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(answer.body.contains(&format!("{field}-problem")), "{field}");
        assert!(!answer.body.contains("wrong-p4ss"));
        let told = ada.api("/connection").await;
        assert_eq!(told["certificate"], Value::Null);
        assert!(told["secret"]["setAt"].is_string(), "{told}");
    }
    place.sync("acme", true).await;
    let overview = ada.api("/overview").await;
    assert_eq!(
        overview["history"].as_array().unwrap().last().unwrap()["status"],
        "succeeded"
    );
    // With its password it is taken.
    let fields = [
        ("certificate", encrypted),
        ("certificate_password", "open sesame"),
    ];
    let answer = set(&place, &mut ada, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(ada.api("/connection").await["ready"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_takes_a_certificate_and_what_it_tells_of_one_keeps_it() {
    let (place, mut ada) = connected().await;
    let mut body = ada.api("/connection").await;
    body["certificate"] = json!(APPLICATION);
    let answer = ada.put_api("/connection", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let mut told = answer.json();
    assert!(told["certificate"]["thumbprint"].is_string(), "{told}");
    told["forget"] = json!("secret");
    let answer = ada.put_api("/connection", &told).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let mut told = answer.json();
    assert!(
        told["certificate"]["thumbprint"].is_string() && told["secret"].is_null(),
        "{told}"
    );
    told["forget"] = json!("everything");
    let answer = ada.put_api("/connection", &told).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    told["forget"] = json!("certificate");
    let answer = ada.put_api("/connection", &told).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the last one stays"
    );
    place.sync("acme", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_takes_back_with_a_certificate_what_was_subscribed_to() {
    let place = Place::told_of_changes(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.control().register_certificate(CERTIFICATE).unwrap();
    let mut ada = place.administrator("acme").await;
    set(&place, &mut ada, &[("forget", "secret")]).await;
    assert_eq!(ada.api("/connection").await["secret"], Value::Null);
    assert_eq!(place.control().subscriptions().len(), 1);

    let answer = ada.post_api("/disconnect", json!({})).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    place.server().idle().await;
    assert!(place.control().subscriptions().is_empty());
    let actions = actions(&mut ada).await;
    assert!(
        actions.iter().any(|action| action == "key-used"),
        "{actions:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_token_is_of_the_key_as_it_is_stored() {
    let (place, mut ada) = connected().await;
    set(&place, &mut ada, &[]).await;
    place.sync("acme", false).await;
    let signed = |actions: &[String]| {
        actions
            .iter()
            .filter(|action| *action == "key-used")
            .count()
    };
    let before = signed(&actions(&mut ada).await);
    place.sync("acme", false).await;
    assert_eq!(
        signed(&actions(&mut ada).await),
        before,
        "the token is kept"
    );
    set(&place, &mut ada, &[]).await;
    // The test of the connection signs in; a token of the key before is nobody's.
    let tested = signed(&actions(&mut ada).await);
    place.sync("acme", false).await;
    assert_eq!(signed(&actions(&mut ada).await), tested + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_removed_at_microsoft_leads_to_the_certificate() {
    let (place, mut ada) = connected().await;
    set(&place, &mut ada, &[]).await;
    set(
        &place,
        &mut ada,
        &[("certificate", ""), ("forget", "secret")],
    )
    .await;
    let thumbprint = place.control().certificates()[0].thumbprint.clone();
    assert!(place.control().remove_certificate(&thumbprint));
    place.control().revoke_access_tokens();
    place.sync("acme", false).await;
    let trouble = ada.api("/overview").await["trouble"].clone();
    assert_eq!(trouble["cause"], "certificate", "{trouble}");
    assert_eq!(trouble["remedy"]["code"], "enter-certificate");
    assert!(
        trouble["reason"].as_str().unwrap().contains(&thumbprint),
        "{trouble}"
    );
}
