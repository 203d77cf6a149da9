//! What an operator sees, and how a server ends.

use host_harness::server::{Operator, Server, ServerOptions};
use http::StatusCode;
use serde_json::json;

use super::visit::{Place, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_and_numbers_are_told_without_a_session() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let requests = format!(
        "contact_sync_requests_total {}\n",
        place.control().requests().len()
    );
    let mut operator = Visit::stranger(&place.options.public_url);
    assert_eq!(operator.fetch("/healthz").await.status, StatusCode::OK);
    assert_eq!(operator.fetch("/readyz").await.status, StatusCode::OK);
    let metrics = operator.fetch("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "contact_sync_runs_total{mode=\"full\",status=\"succeeded\"} 1",
        "contact_sync_run_duration_seconds_count 1",
        &requests,
        "contact_sync_throttled_seconds_total 0.0",
        "contact_sync_ledger_entries{workspace=\"acme\"} 0",
        "contact_sync_last_success_timestamp_seconds{workspace=\"acme\"} 1795248000",
        "contact_sync_running 0",
    ] {
        assert!(
            metrics.body.contains(line),
            "{line} is not in\n{}",
            metrics.body
        );
    }
}

/// What `/metrics` says of somebody, once it says anything.
async fn told_of(place: &Place, name: &str) -> String {
    let mut operator = Visit::stranger(&place.options.public_url);
    loop {
        let metrics = operator.fetch("/metrics").await.body;
        let mut lines = metrics.lines();
        if let Some(line) = lines.find(|line| line.starts_with(name)) {
            return line.to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_workspace_stands_is_told_after_a_start_before_anybody_looks_or_anything_runs() {
    let mut place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.add("unconnected", "mirror");
    place.stop().await;
    place.clock.advance(std::time::Duration::from_secs(60));
    place.start().await;
    assert_eq!(
        told_of(&place, "contact_sync_last_success_timestamp_seconds{").await,
        "contact_sync_last_success_timestamp_seconds{workspace=\"acme\"} 1795248000"
    );
    assert_eq!(
        told_of(&place, "contact_sync_ledger_entries{").await,
        "contact_sync_ledger_entries{workspace=\"acme\"} 0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_counted_whatever_it_was_for_and_whether_it_succeeded() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let counted = async || told_of(&place, "contact_sync_requests_total").await;
    let asked = || {
        let requests = place.control().requests().len();
        format!("contact_sync_requests_total {requests}")
    };
    assert_eq!(
        counted().await,
        asked(),
        "a test of the connection, and a sync"
    );
    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    assert_eq!(counted().await, asked(), "and a plan");
    place.control().set_secret("rotated elsewhere");
    place.control().revoke_access_tokens();
    ada.post_api("/test", json!({})).await;
    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    place.sync("acme", false).await;
    assert!(!place.server().status("acme").unwrap().succeeded);
    assert_eq!(counted().await, asked(), "and those that were refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_of_a_workspace_that_was_disconnected_is_nobodys_worry() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    told_of(&place, "contact_sync_last_success_timestamp_seconds{").await;
    ada.post_api("/disconnect", json!({})).await;
    while ada.fetch("/metrics").await.body.contains("acme") {}
    assert_eq!(ada.api("/overview").await["status"]["code"], "disconnected");
    let metrics = ada.fetch("/metrics").await.body;
    assert!(
        !metrics.contains("acme"),
        "looking at it does not bring it back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_described_and_every_page_of_it_is_in_the_description() {
    let place = Place::with_people(1).await;
    let mut anybody = Visit::stranger(&place.options.public_url);
    let described = anybody.fetch("/openapi.json").await.json();
    assert_eq!(described["info"]["title"], "Contact sync");
    let paths = described["paths"].as_object().unwrap();
    for path in [
        "overview",
        "contacts",
        "activity",
        "connection",
        "settings",
        "review",
        "blocked",
        "session",
        "people/missing",
        "people/not-synced",
        "plan/{digest}/people",
        "undo",
        "undo/{run}",
    ] {
        let path = format!("/w/{{workspace}}/api/{path}");
        assert!(paths[&path]["get"].is_object(), "{path}");
    }
    for path in [
        "test",
        "plan",
        "sync",
        "stop",
        "retry",
        "disconnect",
        "consent",
        "undo",
        "undo/plan",
        "settings/discard",
    ] {
        let path = format!("/w/{{workspace}}/api/{path}");
        assert!(paths[&path]["post"].is_object(), "{path}");
    }
    for path in ["connection", "settings"] {
        let path = format!("/w/{{workspace}}/api/{path}");
        assert!(paths[&path]["put"].is_object(), "{path}");
    }
    for path in ["events", "activity.csv", "activity.json"] {
        let path = format!("/w/{{workspace}}/{path}");
        assert!(paths[&path]["get"].is_object(), "{path}");
    }
    // Whatever any address can answer is described at each.
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            for status in [
                "400", "401", "403", "404", "405", "409", "421", "429", "500", "502", "503",
            ] {
                assert!(responses.contains_key(status), "{method} {path}: {status}");
            }
            let has_body = operation["requestBody"].is_object();
            for status in ["413", "415", "422"] {
                assert!(
                    !has_body || responses.contains_key(status),
                    "{method} {path}: {status}"
                );
            }
        }
    }
    // Every schema that is referred to is there.
    let text = described.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            described["components"]["schemas"][name].is_object(),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_workspace_a_wrong_zone_and_a_second_of_the_same_name_are_refused() {
    let place = Place::with_people(1).await;
    let operator = Operator::open(&place.options).unwrap();
    let add = |id: &str, zone: &str| {
        let plan = host_harness::schedule::Tier::Standard;
        operator.add_workspace(id, "Acme", plan, zone, "mirror")
    };
    for id in ["", "Acme", "../etc", "-acme", "a/b", &"x".repeat(64)] {
        assert!(add(id, "UTC").is_err(), "{id}");
    }
    let told = add("acme", "Atlantis/Capital").unwrap_err().to_string();
    assert!(told.contains("Atlantis/Capital"), "{told}");
    assert!(add("acme", "Europe/Berlin").unwrap());
    assert!(!add("acme", "UTC").unwrap(), "there already");
    let role = host_harness::server::Role::Member;
    assert!(operator.invite("nobody", "Max", role).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_where_the_server_is_and_lets_in_whoever_has_a_name() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let role = host_harness::server::Role::Member;
    let beside = |public_url: &str| ServerOptions {
        public_url: public_url.to_owned(),
        ..place.options.clone()
    };
    let (silent, other) = (beside(""), beside("HTTPS://Sync.Example:443/"));
    let invited = Operator::open(&silent).unwrap().invite("acme", "Max", role);
    let invited = invited.unwrap();
    let own = format!("{}/sign-in?code=", place.options.public_url);
    assert!(invited.link.starts_with(&own), "{}", invited.link);
    assert!(!invited.is_guess);
    let operator = Operator::open(&other).unwrap();
    let link = operator.invite("acme", "Max", role).unwrap().link;
    assert!(link.starts_with("https://sync.example/sign-in?"), "{link}");

    for who in ["", "  ", "scheduler", "Operator", "a\nb", &"x".repeat(101)] {
        assert!(operator.invite("acme", who, role).is_err(), "{who:?}");
    }
    let nobody_yet = ServerOptions {
        data: place.data.path().join("another"),
        ..silent.clone()
    };
    let operator = Operator::open(&nobody_yet).unwrap();
    let plan = host_harness::schedule::Tier::Standard;
    operator
        .add_workspace("acme", "Acme", plan, "UTC", "mirror")
        .unwrap();
    assert!(operator.invite("acme", "Max", role).unwrap().is_guess);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_browser_could_find_stops_the_server_from_starting() {
    let mut place = Place::with_people(1).await;
    place.stop().await;
    for public_url in ["sync.example", "https://sync.example/contacts"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = ServerOptions {
            public_url: public_url.to_owned(),
            ..place.options.clone()
        };
        let told = Server::start(listener, options).await.err().unwrap();
        assert!(told.to_string().contains("https://sync.example"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_another_program_works_and_where_files_are_is_no_business_of_members() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let folder = place.folder().join("workspaces/acme");
    // As a command of the operator's holds it.
    let lock = std::fs::File::options()
        .write(true)
        .open(folder.join("lock"))
        .unwrap();
    lock.lock().unwrap();
    std::io::Write::write_all(&mut &lock, b"`sync` (process 4711)").unwrap();
    place.sync("acme", false).await;
    let role = host_harness::server::Role::Member;
    let mut max = place.visit("acme", "Max", role).await;
    let mut ada = place.administrator("acme").await;
    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    for visit in [&mut max, &mut ada] {
        for path in [
            "",
            "/setup/review",
            "/activity",
            "/api/overview",
            "/api/review",
        ] {
            let said = visit.get(path).await.body;
            for hidden in ["4711", "(process", folder.to_str().unwrap(), "connector.db"] {
                assert!(!said.contains(hidden), "{hidden} at {path}:\n{said}");
            }
        }
    }
    let told = ada.api("/review").await.to_string();
    assert!(told.contains("another program is at work"), "{told}");
}
