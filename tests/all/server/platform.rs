//! Connecting with the platform's application: the button, Microsoft's two pages, which the emulator plays, and
//! everything by which somebody could come back who may not connect.

use std::sync::Arc;
use std::time::Duration;

use host_harness::graph_emulator::{Behaviour, DirectorySource, TenantOptions};
use host_harness::server::{PlatformApplication, PlatformCredential};
use http::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};
use signing_keys::SigningKey;

use super::visit::{Answer, Place, SECRET, Visit};
use crate::world::people;

/// The tenant of which somebody comes to the pages who administers nothing here.
const OTHER_TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/// A certificate with its key; they open nothing but an emulator.
const CERTIFICATE: &str =
    include_str!("../../../host-harness/crates/signing-keys/fixtures/application.pem");

/// A server whose platform has an application, and a tenant that has not consented to it.
async fn offering(credential: PlatformCredential) -> Place {
    let mut place = Place::with(DirectorySource::Users(people(3)), |tenant| TenantOptions {
        roles: Vec::new(),
        ..tenant
    })
    .await;
    place.stop().await;
    let application = PlatformApplication::new(&place.tenant.client_id, credential);
    place.options.application = Some(application.unwrap());
    place.start().await;
    place.add("acme", "mirror");
    place
}

async fn with_platform() -> Place {
    offering(PlatformCredential::Secret(SecretString::from(SECRET))).await
}

/// Presses the button: where Microsoft's consent page is.
async fn press(visit: &mut Visit) -> String {
    let answer = visit.post("/setup/connect", "/setup/microsoft", &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let address = answer.header("refresh").strip_prefix("0; url=").unwrap();
    address.to_owned()
}

/// What one of Microsoft's pages leads to when a link is followed there.
async fn follow(page: &str, choice: &str) -> String {
    let answer = Visit::stranger("").fetch(&format!("{page}&{choice}")).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
    answer.location().to_owned()
}

/// Follows a way back to this server: where it leads on to, or what it ends with.
async fn come_back(visit: &mut Visit, address: &str) -> Answer {
    let answer = visit.fetch(address).await;
    if answer.status != StatusCode::SEE_OTHER {
        return answer;
    }
    let next = answer.location().to_owned();
    visit.fetch(&next).await
}

/// Presses the button and accepts: where somebody is to sign in.
async fn consent(visit: &mut Visit) -> String {
    let page = press(visit).await;
    let back = follow(&page, "decision=accept").await;
    let answer = come_back(visit, &back).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.location().to_owned();
    assert!(page.contains("/oauth2/v2.0/authorize?"), "{page}");
    page
}

/// The whole way, as somebody: the notice with which it ends.
async fn connect(visit: &mut Visit, account: &str) -> String {
    let page = consent(visit).await;
    let back = follow(&page, &format!("account={account}")).await;
    notice(&come_back(visit, &back).await)
}

fn notice(answer: &Answer) -> String {
    let location = answer.location();
    let (path, notice) = location.split_once("?notice=").unwrap_or((location, ""));
    assert!(path.ends_with("/setup/connect"), "{answer:?}");
    notice.to_owned()
}

/// An address with another value of a parameter.
fn otherwise(address: &str, name: &str, value: &str) -> String {
    let (rest, query) = address.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((known, _)) if known == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    format!("{rest}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn parameter<'a>(address: &'a str, name: &str) -> &'a str {
    let (_, query) = address.split_once('?').unwrap();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).unwrap().1
}

/// Nothing is connected, and nothing of a tenant is known.
async fn is_untouched(visit: &mut Visit) {
    let connection = visit.api("/connection").await;
    assert_eq!(connection["tenant"], "", "{connection}");
    assert_eq!(connection["platform"]["inUse"], false, "{connection}");
    assert_eq!(connection["testedAt"], Value::Null, "{connection}");
}

/// The audit log's entries of that kind, newest first: what they were about.
async fn noted(visit: &mut Visit, action: &str) -> Vec<Value> {
    let log = visit.api("/activity").await;
    let entries = log["entries"].as_array().unwrap().clone();
    let of_kind = entries
        .into_iter()
        .filter(|entry| entry["action"] == action);
    of_kind.map(|entry| entry["subject"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_button_connects_tests_and_syncs() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    assert!(
        page.body.contains("Connect with Microsoft"),
        "{}",
        page.body
    );
    assert_eq!(connect(&mut ada, "administrator").await, "connected");

    let connection = ada.api("/connection").await;
    assert_eq!(connection["ready"], true, "{connection}");
    assert_eq!(connection["tenant"], place.tenant.tenant_id.as_str());
    assert_eq!(connection["platform"]["inUse"], true);
    assert_eq!(
        noted(&mut ada, "consent-granted").await,
        [json!(place.tenant.tenant_id)]
    );
    assert!(!noted(&mut ada, "connection-tested").await.is_empty());
    assert_eq!(
        noted(&mut ada, "secret-used").await,
        [json!("platform-application")]
    );

    place.approve_review(&mut ada).await;
    assert!(place.server().status("acme").unwrap().succeeded);

    // The platform's secret is nowhere that a workspace or its disk has.
    let page = ada.get("/setup/connect").await;
    assert!(!page.body.contains(SECRET));
    for file in ["server.db", "server.db-wal"] {
        let kept = std::fs::read(place.folder().join(file)).unwrap();
        let mut windows = kept.windows(SECRET.len());
        assert!(!windows.any(|window| window == SECRET.as_bytes()), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_platform_connects_as_a_secret_does() {
    let key = SigningKey::read(CERTIFICATE.as_bytes(), None).unwrap();
    let certificate = key.certificate_pem();
    let place = offering(PlatformCredential::Certificate(Arc::new(key))).await;
    place.control().register_certificate(&certificate).unwrap();
    let mut ada = place.administrator("acme").await;
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    assert_eq!(
        noted(&mut ada, "key-used").await,
        [json!("platform-application")]
    );
    assert_eq!(noted(&mut ada, "secret-used").await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_consented_for_somebody_else_is_connected_by_none_but_its_administrators() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(connect(&mut ada, "administrator").await, "connected");

    // Somebody else's workspace; the consent is never asked for, its answer is written by hand.
    place.add("mallory", "mirror");
    let mut mallory = place.administrator("mallory").await;
    let page = press(&mut mallory).await;
    let forged = format!(
        "{}/consent?admin_consent=True&tenant={}&state={}",
        place.options.public_url,
        place.tenant.tenant_id,
        parameter(&page, "state"),
    );
    let answer = come_back(&mut mallory, &forged).await;
    let sign_in = answer.location().to_owned();
    assert!(
        sign_in.contains(&place.tenant.tenant_id),
        "asked to sign in there: {sign_in}"
    );
    let back = follow(&sign_in, "account=member").await;
    assert_eq!(
        notice(&come_back(&mut mallory, &back).await),
        "not-administrator"
    );
    is_untouched(&mut mallory).await;
    assert_eq!(
        noted(&mut mallory, "consent-refused").await,
        [json!("no administrator")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_is_connected_takes_no_other_tenant() {
    let place = with_platform().await;
    place.control().grant(vec!["User.Read.All".to_owned()]);
    let sync = json!({ "preset": "mirror" });
    place.connected("known", sync).await;
    let mut ada = place.administrator("known").await;
    let before = ada.api("/connection").await;

    let page = press(&mut ada).await;
    assert!(
        page.contains(&format!("/{}/v2.0/adminconsent", place.tenant.tenant_id)),
        "{page}"
    );
    let back = follow(&page, "decision=accept").await;
    let elsewhere = otherwise(&back, "tenant", OTHER_TENANT);
    assert_eq!(
        notice(&come_back(&mut ada, &elsewhere).await),
        "other-tenant"
    );
    let after = ada.api("/connection").await;
    for key in ["version", "tenant", "clientId", "ready", "secret"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    assert_eq!(
        noted(&mut ada, "consent-refused").await,
        [json!("other tenant")]
    );
    let said = ada.get("/setup/connect?notice=other-tenant").await;
    assert!(said.body.contains("another organisation"), "{}", said.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_of_ones_own_gives_way_to_the_platforms_in_the_same_tenant() {
    let place = with_platform().await;
    place.control().grant(vec!["User.Read.All".to_owned()]);
    place
        .connected("known", json!({ "preset": "mirror" }))
        .await;
    let mut ada = place.administrator("known").await;
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    let connection = ada.api("/connection").await;
    assert_eq!(connection["platform"]["inUse"], true);
    assert_eq!(connection["settingUp"], false, "it is connected as before");
    place.sync("known", true).await;
    assert!(place.server().status("known").unwrap().succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_of_another_tenant_connects_that_one_where_nothing_is_connected() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let page = press(&mut ada).await;
    let back = follow(&page, "decision=accept-elsewhere").await;
    let sign_in = come_back(&mut ada, &back).await.location().to_owned();
    assert!(sign_in.contains(OTHER_TENANT), "{sign_in}");
    let back = follow(&sign_in, "account=stranger").await;
    // There is no directory of it here, so it does not work; it is theirs all the same.
    assert_eq!(notice(&come_back(&mut ada, &back).await), "not-ready");
    assert_eq!(ada.api("/connection").await["tenant"], OTHER_TENANT);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_is_told_so_and_no_word_of_the_answer_is_shown() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let page = press(&mut ada).await;
    let back = follow(&page, "decision=cancel").await;
    assert_eq!(
        notice(&come_back(&mut ada, &back).await),
        "consent-declined"
    );

    let page = consent(&mut ada).await;
    let back = follow(&page, "account=none").await;
    assert_eq!(
        notice(&come_back(&mut ada, &back).await),
        "consent-declined"
    );

    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for (description, expected) in [
        (format!("AADSTS90094%3A+{script}"), "administrator-needed"),
        (format!("AADSTS650059%3A+{script}"), "sign-in-failed"),
        (script.to_owned(), "sign-in-failed"),
    ] {
        let state = parameter(&press(&mut ada).await, "state").to_owned();
        let back = format!(
            "{}/consent?error=invalid_client&error_description={description}&state={state}",
            place.options.public_url
        );
        let first = ada.fetch(&back).await;
        assert!(!first.location().contains("script"), "{}", first.location());
        let next = first.location().to_owned();
        let ended = ada.fetch(&next).await;
        assert_eq!(notice(&ended), expected);
        let page = ada.fetch(ended.location()).await;
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
    let refused = noted(&mut ada, "consent-refused").await;
    assert_eq!(
        refused[..3],
        [json!("failed"), json!("AADSTS650059"), json!("AADSTS90094")]
    );
    is_untouched(&mut ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_ends_once_in_its_own_session_and_in_time() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let mut eve = place.administrator("acme").await;
    let page = consent(&mut ada).await;
    let back = follow(&page, "account=administrator").await;

    let forged = otherwise(&back, "state", "made-up");
    assert_eq!(
        come_back(&mut ada, &forged).await.status,
        StatusCode::BAD_REQUEST
    );
    let foreign = come_back(&mut eve, &back).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "another browser");
    assert!(
        foreign.body.contains("was not asked for"),
        "{}",
        foreign.body
    );
    is_untouched(&mut ada).await;

    assert_eq!(notice(&come_back(&mut ada, &back).await), "connected");
    let again = come_back(&mut ada, &back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "used");

    let page = consent(&mut ada).await;
    let back = follow(&page, "account=administrator").await;
    place.clock.advance(Duration::from_secs(10 * 60));
    let late = come_back(&mut ada, &back).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_somebody_elses_sign_in_is_worth_nothing() {
    let place = with_platform().await;
    place.add("mallory", "mirror");
    let mut mallory = place.administrator("mallory").await;
    let mut ada = place.administrator("acme").await;
    // An administrator signs in for their own workspace, and the code is seen on its way.
    let page = consent(&mut ada).await;
    let seen = follow(&page, "account=administrator").await;
    let page = consent(&mut mallory).await;
    let own = follow(&page, "account=member").await;
    let injected = otherwise(&own, "code", parameter(&seen, "code"));
    assert_eq!(
        notice(&come_back(&mut mallory, &injected).await),
        "sign-in-failed"
    );
    is_untouched(&mut mallory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_another_time_and_one_that_tells_no_roles_connect_nothing() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    place.control().set_behaviour(Behaviour {
        directory_roles_untold: true,
        ..Behaviour::default()
    });
    assert_eq!(connect(&mut ada, "administrator").await, "roles-untold");
    is_untouched(&mut ada).await;
    place.control().set_behaviour(Behaviour::default());
    place.control().advance_clock(Duration::from_secs(3_600));
    assert_eq!(connect(&mut ada, "administrator").await, "sign-in-failed");
    is_untouched(&mut ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_consent_spreads_the_test_is_repeated_by_itself() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    place.control().set_behaviour(Behaviour {
        consent_lag_seconds: 60,
        ..Behaviour::default()
    });
    assert_eq!(connect(&mut ada, "administrator").await, "consent-spreads");
    let page = ada.get("/setup/connect").await;
    assert_eq!(page.header("refresh"), "4", "the page looks again");
    assert!(page.body.contains("have yet to hear"), "{}", page.body);

    place.control().advance_clock(Duration::from_secs(60));
    let works = async {
        while ada.api("/connection").await["ready"] != true {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        while ada.api("/connection").await["platform"]["spreading"] != false {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), works)
        .await
        .unwrap();
    assert_eq!(ada.get("/setup/connect").await.header("refresh"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_was_taken_back_is_given_again_with_the_same_button() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    place.approve_review(&mut ada).await;
    place.control().grant(Vec::new());
    let tested = ada.post_api("/test", json!({})).await;
    assert_eq!(tested.json()["ready"], false);
    let page = ada.get("/setup/connect").await;
    assert!(page.body.contains("Ask for consent again"), "{}", page.body);
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    place.sync("acme", false).await;
    assert!(place.server().status("acme").unwrap().succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_are_two_round_trips_and_each_has_an_end() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    let mut states = Vec::new();
    for _ in 0..2 {
        let answer = ada.post_from(&page, "/setup/microsoft", &[]).await;
        let address = answer
            .header("refresh")
            .strip_prefix("0; url=")
            .unwrap()
            .to_owned();
        states.push(address);
    }
    assert_ne!(
        parameter(&states[0], "state"),
        parameter(&states[1], "state")
    );
    for page in states {
        let back = follow(&page, "decision=accept").await;
        let sign_in = come_back(&mut ada, &back).await.location().to_owned();
        let back = follow(&sign_in, "account=administrator").await;
        assert_eq!(notice(&come_back(&mut ada, &back).await), "connected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_says_what_stays_and_takes_the_platforms_application_away() {
    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    place.approve_review(&mut ada).await;
    let page = ada.get("/disconnect").await;
    assert!(page.body.contains(&place.tenant.client_id), "{}", page.body);
    assert!(
        page.body.contains("Enterprise applications"),
        "{}",
        page.body
    );
    let confirm = [("confirm", "DISCONNECT")];
    ada.post("/disconnect", "/disconnect", &confirm).await;
    place.server().idle().await;
    while ada.api("/overview").await["connection"]["state"] != "disconnected" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // It is not to be had by testing, nor by entering the tenant anew.
    let tested = ada.post_api("/test", json!({})).await;
    assert_ne!(tested.json()["ready"], true, "{}", tested.body);
    assert_eq!(ada.api("/connection").await["platform"]["inUse"], false);
    assert_eq!(connect(&mut ada, "administrator").await, "connected");
    place.approve_review(&mut ada).await;
    assert!(place.server().status("acme").unwrap().succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_application_there_is_no_button_and_with_one_the_api_has_it_too() {
    let place = Place::with_people(2).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    assert!(
        !page.body.contains("Connect with Microsoft"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("App registrations → New registration"),
        "{}",
        page.body
    );
    let pressed = ada.post("/setup/connect", "/setup/microsoft", &[]).await;
    assert_eq!(pressed.status, StatusCode::BAD_REQUEST);
    let asked = ada.post_api("/consent/platform", json!({})).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST, "{}", asked.body);

    let place = with_platform().await;
    let mut ada = place.administrator("acme").await;
    let asked = ada.post_api("/consent/platform", json!({})).await;
    let page = asked.json()["address"].as_str().unwrap().to_owned();
    let back = follow(&page, "decision=accept").await;
    let sign_in = come_back(&mut ada, &back).await.location().to_owned();
    let back = follow(&sign_in, "account=administrator").await;
    assert_eq!(notice(&come_back(&mut ada, &back).await), "connected");
    let told = ada.api("/connection").await;
    let saved = ada.put_api("/connection", &told).await;
    assert_eq!(
        saved.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "no application of its own is named"
    );
    assert_eq!(ada.api("/connection").await["platform"]["inUse"], true);
}
