//! The API as a platform's own front end uses it: the whole set-up, and every refusal in JSON.

use host_harness::server::Role;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::visit::{Answer, Place, SECRET, Visit};

/// That it is a failure as the API tells it.
fn is_told(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    for part in ["error", "message", "advice"] {
        assert!(!told[part].as_str().unwrap().is_empty(), "{told}");
    }
}

/// The first step, made from what is there.
async fn connection(place: &Place, visit: &mut Visit) -> Value {
    json!({
        "version": visit.api("/connection").await["version"],
        "tenant": place.tenant.tenant_id,
        "clientId": place.tenant.client_id,
        "secret": SECRET,
        "secretExpires": "2027-06-30",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_own_front_end_sets_a_workspace_up_from_the_first_step_to_the_first_sync() {
    let place = Place::with_people(3).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let body = connection(&place, &mut ada).await;
    let saved = ada.put_api("/connection", &body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    assert_eq!(saved.json()["secret"]["expiresAt"], "2027-06-30T00:00:00Z");
    assert!(!saved.body.contains(SECRET));
    // What was told can be given back as it is.
    let told = saved.json();
    let again = ada.put_api("/connection", &told).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_eq!(
        again.json()["secret"]["expiresAt"],
        told["secret"]["expiresAt"]
    );
    let asked = ada.post_api("/consent", json!({})).await;
    let address = asked.json()["address"].as_str().unwrap().to_owned();
    assert!(address.contains("/v2.0/adminconsent?"), "{address}");
    let tested = ada.post_api("/test", json!({})).await;
    assert_eq!(tested.json()["ready"], true, "{}", tested.body);

    // What was told is given back, with a change.
    let mut settings = ada.api("/settings").await;
    settings["schedule"] = json!("every 3 h");
    let row = json!({ "label": "Title here", "attribute": "jobTitle" });
    settings["rows"].as_array_mut().unwrap().push(row);
    let saved = ada.put_api("/settings", &settings).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    assert_eq!(saved.json()["schedule"], "every 3 h");
    assert!(saved.body.contains("Title here"));

    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    let digest = ada.api("/review").await["digest"].clone();
    let begun = ada.post_api("/sync", json!({ "approve": digest })).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_saved_is_told_by_field_and_what_is_stale_is_a_conflict() {
    let place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let before = ada.api("/connection").await;
    let pointers = |answer: &Answer| -> Vec<String> {
        let problems = answer.json()["problems"].as_array().unwrap().clone();
        let pointer = |problem: &Value| problem["pointer"].as_str().unwrap().to_owned();
        problems.iter().map(pointer).collect()
    };
    let stale = connection(&place, &mut ada).await;
    let mut wrong = stale.clone();
    wrong["tenant"] = json!("https://contoso");
    wrong["secretExpires"] = json!("soon");
    let refused = ada.put_api("/connection", &wrong).await;
    is_told(&refused, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers(&refused), ["tenant", "secretExpires"]);
    assert_eq!(ada.api("/connection").await, before);

    let settings = ada.api("/settings").await;
    let mut wrong = settings.clone();
    wrong["schedule"] = json!("0 6 31 2 *");
    let refused = ada.put_api("/settings", &wrong).await;
    assert!(refused.body.contains("never comes"), "{}", refused.body);
    wrong["schedule"] = json!("now and then");
    wrong["rows"][0]["attribute"] = json!("photo");
    let refused = ada.put_api("/settings", &wrong).await;
    is_told(&refused, StatusCode::UNPROCESSABLE_ENTITY);
    let told = pointers(&refused);
    assert!(told.contains(&"schedule".to_owned()), "{told:?}");
    assert!(told.contains(&"rows[0]".to_owned()), "{told:?}");

    for (secret, words) in [
        ("a secret", "white space"),
        ("8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11", "secret's id"),
        (" \r\n", "is empty"),
    ] {
        let mut wrong = stale.clone();
        wrong["secret"] = json!(secret);
        let refused = ada.put_api("/connection", &wrong).await;
        is_told(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(pointers(&refused), ["secret"]);
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let saved = ada.put_api("/connection", &stale).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    is_told(
        &ada.put_api("/connection", &stale).await,
        StatusCode::CONFLICT,
    );
    is_told(
        &ada.put_api("/settings", &settings).await,
        StatusCode::CONFLICT,
    );
    // Without a secret and a date, both stay.
    let mut rest = stale;
    rest["version"] = saved.json()["version"].clone();
    for absent in ["secret", "secretExpires"] {
        rest.as_object_mut().unwrap().remove(absent);
    }
    let saved = ada.put_api("/connection", &rest).await;
    assert_eq!(saved.json()["secret"]["expiresAt"], "2027-06-30T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_without_the_token_that_keeps_other_sites_out() {
    let place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let mut eve = place.administrator("acme").await;
    let of_another = eve.api("/session").await["csrfToken"].clone();
    let asked = place.emulator.requests().len();
    for path in [
        "sync",
        "stop",
        "plan",
        "test",
        "retry",
        "disconnect",
        "consent",
        "undo",
        "undo/plan",
        "settings/discard",
    ] {
        for token in [None, Some(""), Some("forged"), of_another.as_str()] {
            let path = format!("/{path}");
            let answer = ada.ask_api(Method::POST, &path, token, "{}").await;
            is_told(&answer, StatusCode::FORBIDDEN);
        }
    }
    for path in ["/connection", "/settings"] {
        let answer = ada.ask_api(Method::PUT, path, Some(""), "{}").await;
        is_told(&answer, StatusCode::FORBIDDEN);
    }
    place.server().idle().await;
    assert_eq!(place.emulator.requests().len(), asked);
    assert_eq!(
        ada.api("/overview").await["connection"]["state"],
        "connected"
    );
    let mut max = place.visit("acme", "Max", Role::Member).await;
    for path in ["/connection", "/settings"] {
        is_told(&max.put_api(path, &json!({})).await, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_a_query_a_method_and_an_address_that_cannot_be_are_refused_in_json() {
    let place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let token = ada.api("/session").await["csrfToken"].clone();
    for body in ["", "{", "[]", "{\"full\":\"yes\"}"] {
        let answer = ada
            .ask_api(Method::POST, "/sync", token.as_str(), body)
            .await;
        assert!(answer.status.is_client_error());
        is_told(&answer, answer.status);
    }
    let large = format!("{{\"user\":\"{}\"}}", "x".repeat(300 << 10));
    let answer = ada
        .ask_api(Method::POST, "/retry", token.as_str(), &large)
        .await;
    is_told(&answer, StatusCode::PAYLOAD_TOO_LARGE);
    is_told(
        &ada.get("/api/activity?before=yesterday").await,
        StatusCode::BAD_REQUEST,
    );
    is_told(&ada.get("/api/nothing/here").await, StatusCode::NOT_FOUND);
    is_told(&ada.get("/api/sync").await, StatusCode::METHOD_NOT_ALLOWED);
    ada.cookie = None;
    is_told(&ada.get("/api/overview").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_to_try_again_is_named_by_an_object_id_in_any_spelling_and_by_nothing_else() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    for nobody in [
        String::new(),
        " ".to_owned(),
        "x".repeat(129),
        "é".repeat(65),
        "zoe".to_owned(),
    ] {
        let refused = ada.post_api("/retry", json!({ "user": nobody })).await;
        is_told(&refused, StatusCode::BAD_REQUEST);
        assert!(refused.body.contains("object id"), "{}", refused.body);
    }
    let user = " {ABCDEF00-0000-4000-8000-00000000ABCD} ";
    let begun = ada.post_api("/retry", json!({ "user": user })).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    let acts = ada.api("/activity").await.to_string();
    assert!(
        acts.contains("abcdef00-0000-4000-8000-00000000abcd"),
        "{acts}"
    );
    assert!(!acts.contains("ABCDEF00"), "{acts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_or_a_word_that_is_not_known_is_refused_by_name_and_nothing_is_done() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let asked = place.emulator.requests().len();
    let named = |answer: &Answer| {
        is_told(answer, StatusCode::UNPROCESSABLE_ENTITY);
        answer.json()["problems"][0]["pointer"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (path, body, key) in [
        ("/sync", json!({ "aprove": "abc" }), "aprove"),
        ("/sync", json!({ "mode": "fulll" }), "mode"),
        ("/sync", json!({ "full": "yes" }), "full"),
        ("/plan", json!({ "mode": "full" }), "mode"),
        ("/stop", json!({ "now": true }), "now"),
        ("/retry", json!({}), "user"),
        ("/retry", json!({ "user": 7 }), "user"),
        ("/undo", json!({ "run": "17" }), "approve"),
        (
            "/undo/plan",
            json!({ "run": "17", "aprove": "x" }),
            "aprove",
        ),
    ] {
        let answer = ada.post_api(path, body).await;
        assert_eq!(named(&answer), key, "{path}");
    }
    let settings = ada.api("/settings").await;
    let filter =
        |operator: &str| json!([{ "attribute": "city", "operator": operator, "values": "x" }]);
    for (key, value, pointer) in [
        ("shedule", json!("every 3 h"), "shedule"),
        ("version", json!("newest"), "version"),
        ("filters", filter("equals"), "filters[0].operator"),
        (
            "filters",
            json!([{ "attribute": "city" }]),
            "filters[0].operator",
        ),
        (
            "rows",
            json!([{ "field": "email", "atribute": "mail" }]),
            "rows[0].atribute",
        ),
        (
            "policies",
            json!([{ "name": "remove", "value": "keep" }]),
            "policies[0].name",
        ),
        (
            "policies",
            json!([{ "name": "removed", "value": "shred" }]),
            "policies[0].value",
        ),
        ("list", json!("onee"), "list"),
        ("timeZone", json!("Atlantis/Capital"), "timeZone"),
        ("filledFrom", json!("mirorr"), "filledFrom"),
        ("preset", json!("mirorr"), "preset"),
    ] {
        let mut wrong = settings.clone();
        wrong[key] = value;
        let answer = ada.put_api("/settings", &wrong).await;
        assert_eq!(named(&answer), pointer, "{key}");
    }
    let mut wrong = connection(&place, &mut ada).await;
    wrong["client_id"] = wrong["clientId"].take();
    wrong.as_object_mut().unwrap().remove("clientId");
    let answer = ada.put_api("/connection", &wrong).await;
    assert_eq!(named(&answer), "client_id");
    assert!(!answer.body.contains(SECRET), "{}", answer.body);
    assert_eq!(ada.api("/settings").await, settings);
    place.server().idle().await;
    assert_eq!(place.emulator.requests().len(), asked, "nobody was asked");
    // A header is named as well.
    let answer = ada.ask_api(Method::POST, "/sync", None, "{}").await;
    is_told(&answer, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["problems"][0]["pointer"], "x-csrf-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_is_called_is_not_found_in_a_sentence_that_leads_back() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    for (path, words) in [
        ("/people/missing?field=nosuch", "no field of this name"),
        ("/people/not-synced?reason=nosuch", "a reason of this name"),
        ("/plan/abcdef/people?of=create", "No plan of this digest"),
        ("/undo/17-none", "no run of this id"),
    ] {
        let answer = ada.get(&format!("/api{path}")).await;
        is_told(&answer, StatusCode::NOT_FOUND);
        assert!(answer.body.contains(words), "{}", answer.body);
        let page = ada.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains(words), "{}", page.body);
        let back = "href=\"/w/acme\">Back to the overview";
        assert!(page.body.contains(back), "{}", page.body);
    }
    for (path, parameter) in [
        ("/people/missing", "field"),
        ("/people/not-synced?reason=", "reason"),
        ("/plan/abcdef/people?after=x", "of"),
    ] {
        let answer = ada.get(&format!("/api{path}")).await;
        is_told(&answer, StatusCode::BAD_REQUEST);
        let named = format!("`{parameter}`");
        assert!(answer.body.contains(&named), "{}", answer.body);
    }
    let page = ada.get("/nothing/here").await;
    assert!(page.body.contains("Back to the overview"), "{}", page.body);
    for known in [
        "/people/missing?field=email",
        "/people/not-synced?reason=out-of-scope",
    ] {
        assert_eq!(ada.get(known).await.status, StatusCode::OK, "{known}");
    }
    // Whoever is not signed in is led nowhere.
    ada.cookie = None;
    let page = ada.get("/nothing/here").await;
    assert!(!page.body.contains("Back to the overview"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_may_be_given_back_also_by_the_description() {
    let place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let described = ada.fetch("/openapi.json").await.json();
    let has = |body: &str, told: &Value| {
        let schema = &described["components"]["schemas"][body];
        assert_eq!(schema["additionalProperties"], false, "{body}");
        for key in told.as_object().unwrap().keys() {
            let known = &schema["properties"][key];
            assert!(known.is_object(), "{body} has no {key}: {schema}");
        }
    };
    has("ConnectionBody", &ada.api("/connection").await);
    let settings = ada.api("/settings").await;
    has("SettingsBody", &settings);
    has("RowBody", &settings["rows"][0]);
    has("PolicyBody", &settings["policies"][0]);
}
