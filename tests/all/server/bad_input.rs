//! What nobody should send, and what happens to it: a clear answer, and nothing is lost.

use host_harness::server::Role;
use http::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::setup::{map, map_from};
use super::visit::{Place, Visit};
use crate::world::{World, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_mark_of_the_session_does_nothing() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let runs = place.emulator.requests().len();
    for csrf in ["", "forged"] {
        let fields = [("csrf", csrf), ("submission", "a"), ("mode", "full")];
        let answer = ada.send("/w/acme/sync", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    // Of somebody else's session.
    let mut eve = place.administrator("acme").await;
    let page = eve.get("").await;
    let answer = ada.post_from(&page, "/sync", &[("mode", "full")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    place.server().idle().await;
    assert_eq!(
        place.emulator.requests().len(),
        runs,
        "nothing was asked of the directory"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_posted_twice_is_carried_out_once_also_after_going_back() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("").await;
    let first = ada
        .post_from(&page, "/sync", &[("mode", "incremental")])
        .await;
    place.server().idle().await;
    let second = ada
        .post_from(&page, "/sync", &[("mode", "incremental")])
        .await;
    place.server().idle().await;
    assert_eq!(first.location(), second.location());
    let history = ada.api("/overview").await["history"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(history, 2, "the first sync, and one more");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_change_a_setting_at_once_the_second_loses_nothing() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.visit("acme", "Ada", Role::Administrator).await;
    let mut bob = place.visit("acme", "Bob", Role::Administrator).await;
    let seen_by_bob = bob.get("/setup/map").await;
    let saved = map(&mut ada, &[("schedule", "every 2 h")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);

    let mine = [("schedule", "every 3 h"), ("removed", "keep")];
    let answer = map_from(&mut bob, &seen_by_bob, &mine).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.body.contains("Ada changed these settings"),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("every 3 h"),
        "what Bob entered is still there"
    );
    assert_eq!(ada.api("/settings").await["schedule"], "every 2 h");

    // Bob has seen it, and saves again.
    let answer = map_from(&mut bob, &answer, &mine).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(ada.api("/settings").await["schedule"], "every 3 h");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_are_refused_with_every_problem_and_stay_in_the_form() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let answer = map(
        &mut ada,
        &[
            ("schedule", "now and then"),
            ("time_zone", "Atlantis/Capital"),
            ("row.0.attribute", "photo"),
        ],
    )
    .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "five cron fields",
        "Atlantis/Capital",
        "now and then",
        "photo",
    ] {
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
    assert_eq!(
        ada.api("/settings").await["schedule"],
        "every 1 h",
        "as it was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_process_has_locked_gets_an_answer_and_loses_nothing() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("").await;
    let other = Connection::open(place.folder().join("server.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = ada.post_from(&page, "/sync", &[("mode", "full")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.body.contains("another process is writing"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("Nothing was changed"));
    // Looking goes on meanwhile.
    assert_eq!(ada.get("").await.status, StatusCode::OK);
    other.execute_batch("ROLLBACK").unwrap();
    let answer = ada.post_from(&page, "/sync", &[("mode", "full")]).await;
    assert!(
        answer.location().ends_with("notice=full-sync-started"),
        "{answer:?}"
    );
    place.server().idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_link_works_once_and_only_those_who_guess_are_counted() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let link = {
        let operator = place.server().operator();
        operator
            .invite("acme", "Ada", Role::Administrator)
            .unwrap()
            .link
    };
    let (_, code) = link.split_once("code=").unwrap();
    let mut scanner = Visit::stranger(&place.options.public_url);
    // Whoever only looks at the link does not use it up.
    let shown = scanner.fetch(&link).await;
    assert_eq!(
        (shown.status, scanner.cookie.is_none()),
        (StatusCode::OK, true)
    );
    let answer = scanner.send("/sign-in", &[("code", code)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );

    let mut guesser = Visit::stranger(&place.options.public_url);
    let mut last = guesser.send("/sign-in", &[("code", code)]).await.status;
    assert_eq!(last, StatusCode::UNAUTHORIZED, "used");
    for number in 0..20 {
        let code = format!("guess-{number}");
        last = guesser.send("/sign-in", &[("code", &code)]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // Behind a proxy everybody has the guesser's address, and still comes in.
    place.administrator("acme").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_the_connector_would_refuse_is_not_saved() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let before = ada.api("/connection").await;
    let page = ada.get("/setup/connect").await;
    let (tenant, client) = place.application();
    for (named, otherwise) in [
        ("contoso", None),
        ("..", None),
        ("common", None),
        (tenant, Some(("cloud", "mars"))),
    ] {
        let otherwise: Vec<_> = otherwise.into_iter().collect();
        let answer = ada.connect_from(&page, (named, client), &otherwise).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{named}");
        assert!(
            answer.body.contains("Nothing was saved yet"),
            "{}",
            answer.body
        );
    }
    assert_eq!(ada.api("/connection").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn connector_and_host_agree_on_what_can_name_a_tenant() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let mut world = World::with(people(1), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let (_, client) = place.application();
    for name in [
        "contoso.example",
        "84841066-274d-4ec0-a5c1-276be684bdd3",
        "a-b.c-d.example",
        "84841066274d4ec0a5c1276be684bdd3",
        "contoso",
        "-contoso.example",
        "contoso..example",
        "contoso.example.",
        "common",
        "con_toso.example",
    ] {
        let mut document: Value = serde_json::from_str(&world.document).unwrap();
        document["tenant"]["id"] = json!(name);
        world.document = document.to_string();
        let refused_there = world.configure().await.is_err();
        let page = ada.get("/setup/connect").await;
        let answer = ada.connect_from(&page, (name, client), &[]).await;
        let refused_here = answer.status == StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(refused_here, refused_there, "{name}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_signing_out_and_by_itself() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let token = ada.cookie.clone();
    let answer = ada.post("", "/sign-out", &[]).await;
    assert_eq!(answer.location(), "/sign-in");
    ada.cookie = token;
    assert_eq!(ada.get("").await.status, StatusCode::UNAUTHORIZED);

    let mut ada = place.administrator("acme").await;
    place
        .clock
        .advance(std::time::Duration::from_secs(13 * 60 * 60));
    assert_eq!(ada.get("").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_somebody_points_at_this_machine_reaches_nothing() {
    let place = Place::with_people(1).await;
    let address = place.server().address();
    let mut stranger = Visit::stranger(&format!("http://localhost:{}", address.port()));
    let answer = stranger.fetch("/sign-in").await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(stranger.fetch("/healthz").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_large_and_one_that_is_none_are_refused() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let large = "x".repeat(300 << 10);
    let answer = ada.post("", "/sync", &[("mode", &large)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = ada.post_api("/sync", json!("not an object")).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(
        ada.fetch("/nowhere/at/all").await.status,
        StatusCode::NOT_FOUND
    );
    let unreadable = ada.get("/activity?before=yesterday").await;
    assert_eq!(unreadable.status, StatusCode::BAD_REQUEST);
    assert!(
        unreadable.header("content-type").starts_with("text/html"),
        "{unreadable:?}"
    );
    assert_eq!(
        ada.get("/plan/abc/people?of=nonsense").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_policies_that_keep_other_sites_out() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    for path in [
        "/w/acme",
        "/w/acme/api/overview",
        "/sign-in",
        "/nowhere",
        "/w/other",
    ] {
        let answer = ada.fetch(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
