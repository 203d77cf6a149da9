//! The round trip to Microsoft's consent page, which the emulator plays.

use host_harness::graph_emulator::{DirectorySource, TenantOptions};
use http::StatusCode;

use super::visit::{Answer, Place, Visit};
use crate::world::people;

/// A tenant whose administrator has not consented yet.
async fn before_consent() -> Place {
    let place = Place::with(DirectorySource::Users(people(2)), |tenant| TenantOptions {
        roles: Vec::new(),
        ..tenant
    })
    .await;
    place.add("acme", "mirror");
    place
}

/// Saves the first step and asks for consent: where Microsoft's page is.
async fn ask(place: &Place, visit: &mut Visit) -> String {
    let page = visit.get("/setup/connect").await;
    ask_from(place, visit, &page).await
}

/// The same, from a page that was opened before.
async fn ask_from(place: &Place, visit: &mut Visit, page: &Answer) -> String {
    let wish = [("action", "consent")];
    let answer = visit.connect_from(page, place.application(), &wish).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let address = answer.header("refresh").strip_prefix("0; url=").unwrap();
    let link = format!("href=\"{}\"", address.replace('&', "&amp;"));
    assert!(answer.body.contains(&link), "{}", answer.body);
    address.to_owned()
}

/// What Microsoft's page leads to when a button is pressed there.
async fn press(page: &str, decision: &str) -> String {
    let mut browser = Visit::stranger("");
    let answer = browser.fetch(&format!("{page}&decision={decision}")).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
    answer.location().to_owned()
}

/// Follows the way back to its end.
async fn come_back(visit: &mut Visit, address: &str) -> Answer {
    let answer = visit.fetch(address).await;
    if answer.status != StatusCode::SEE_OTHER {
        return answer;
    }
    let next = answer.location().to_owned();
    visit.fetch(&next).await
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_given_at_microsoft_and_the_connection_works_afterwards() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let page = ask(&place, &mut ada).await;
    let back = press(&page, "accept").await;
    let answer = come_back(&mut ada, &back).await;
    assert!(
        answer.location().ends_with("notice=consent-granted"),
        "{answer:?}"
    );
    // It was tested with that.
    let connection = ada.api("/connection").await;
    assert_eq!(connection["ready"], true, "{connection}");
    let tested = ada.post_api("/test", serde_json::json!({})).await;
    assert_eq!(tested.json()["ready"], true, "{}", tested.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_although_microsoft_says_admin_consent_is_true() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let page = ask(&place, &mut ada).await;
    let back = press(&page, "cancel").await;
    assert!(back.contains("admin_consent=True"), "as documented: {back}");
    let answer = come_back(&mut ada, &back).await;
    assert!(
        answer.location().ends_with("notice=consent-declined"),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_state_one_that_was_used_and_one_of_another_session_change_nothing() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let mut eve = place.administrator("acme").await;
    let page = ask(&place, &mut ada).await;
    let back = press(&page, "accept").await;

    let forged = back.replace("state=", "state=x");
    let answer = come_back(&mut ada, &forged).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("was not asked for"), "{}", answer.body);

    let answer = come_back(&mut eve, &back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "another session");
    let answer = come_back(&mut ada, &back).await;
    assert!(
        answer.location().ends_with("notice=consent-granted"),
        "{answer:?}"
    );
    let answer = come_back(&mut ada, &back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "used");

    let page = ask(&place, &mut ada).await;
    let back = press(&page, "accept").await;
    place.clock.advance(std::time::Duration::from_secs(61 * 60));
    let answer = come_back(&mut ada, &back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_address_that_is_not_registered_is_refused_by_microsoft_and_leads_nowhere() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let page = ask(&place, &mut ada).await;
    let wrong = page.replace("%2Fconsent", "%2Felsewhere");
    let answer = Visit::stranger("").fetch(&wrong).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("AADSTS50011"), "{}", answer.body);
    assert_eq!(answer.location(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_in_the_answer_is_not_believed() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let page = ask(&place, &mut ada).await;
    let back = press(&page, "accept").await;
    let tenant = &place.tenant.tenant_id;
    let other = back.replace(tenant.as_str(), "11111111-2222-3333-4444-555555555555");
    come_back(&mut ada, &other).await;
    assert_eq!(ada.api("/connection").await["tenant"], tenant.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_comes_again_begins_another_round_trip_and_no_state_is_kept() {
    let place = before_consent().await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    let first = ask_from(&place, &mut ada, &page).await;
    let second = ask_from(&place, &mut ada, &page).await;
    let state = |address: &str| {
        let (_, state) = address.split_once("state=").unwrap();
        state.split('&').next().unwrap().to_owned()
    };
    assert_ne!(state(&first), state(&second));
    for file in ["server.db", "server.db-wal"] {
        let kept = std::fs::read(place.folder().join(file)).unwrap();
        for state in [state(&first), state(&second)] {
            let mut windows = kept.windows(state.len());
            assert!(!windows.any(|window| window == state.as_bytes()), "{file}");
        }
    }
    // What was saved was saved once, and the way back is open.
    assert_eq!(ada.api("/connection").await["version"], "2");
    let back = press(&second, "accept").await;
    let answer = come_back(&mut ada, &back).await;
    assert!(
        answer.location().ends_with("notice=consent-granted"),
        "{answer:?}"
    );
}
