//! Secrets: sealed where they are kept, noted when they are used, and nowhere else.

use std::path::Path;

use host_harness::server::{Operator, Role};
use http::StatusCode;
use serde_json::json;

use super::visit::{Place, SECRET};

/// Every file under a folder in which a text occurs, as it is or in another guise.
pub(super) fn found_in(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found_in(&path, text, found);
        } else {
            // A file that goes meanwhile, as SQLite's do, holds nothing any more.
            let bytes = std::fs::read(&path).unwrap_or_default();
            let shows = bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            if shows {
                found.push(path.display().to_string());
            }
        }
    }
}

/// The part that every access token of this directory begins with: a token is signed, and its first part
/// only says how.
pub(super) async fn beginning_of_access_tokens(place: &Place) -> String {
    place.control().set_secret(SECRET);
    let mut application = super::visit::Visit::stranger(&place.emulator.login_url());
    let path = format!("/{}/oauth2/v2.0/token", place.tenant.tenant_id);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", place.tenant.client_id.as_str()),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = application.send(&path, &fields).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let (beginning, _) = token.split_once('.').unwrap();
    assert!(beginning.len() > 16, "{token}");
    format!("{beginning}.")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_file_a_page_or_an_answer() {
    let mut place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let mut max = place.visit("acme", "Max", Role::Member).await;
    // A call that fails with the secret in hand is where one would slip out.
    place.control().set_secret("another");
    place.control().revoke_access_tokens();
    place.sync("acme", true).await;

    let session = ada.cookie.clone().unwrap();
    let invited = |who| {
        let operator = place.server().operator();
        let link = operator.invite("acme", who, Role::Member).unwrap().link;
        link.split_once("code=").unwrap().1.to_owned()
    };
    // One that was used, and one that still waits for somebody.
    let (used, waiting) = (invited("Eve"), invited("Bob"));
    let mut eve = super::visit::Visit::stranger(&place.options.public_url);
    let answer = eve.send("/sign-in", &[("code", &used)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let key = std::fs::read_to_string(place.data.path().join("vault.key")).unwrap();
    let (_, key) = key.trim().split_once(' ').unwrap();
    let token = beginning_of_access_tokens(&place).await;
    let secrets = [
        SECRET,
        session.split_once('=').unwrap().1,
        &used,
        &waiting,
        key,
        &token,
    ];
    for path in [
        "",
        "/live",
        "/contacts",
        "/activity",
        "/ledger",
        "/setup/connect",
        "/setup/map",
        "/setup/review",
        "/activity.csv",
        "/activity.json",
        "/api/session",
        "/api/overview",
        "/api/connection",
        "/api/settings",
        "/api/review",
        "/api/activity",
    ] {
        for visit in [&mut ada, &mut max] {
            let answer = visit.get(path).await;
            for secret in secrets {
                assert!(!answer.body.contains(secret), "{path}");
            }
        }
    }
    for path in ["/metrics", "/openapi.json", "/readyz", "/sign-in"] {
        let answer = ada.fetch(path).await;
        assert!(
            secrets.iter().all(|secret| !answer.body.contains(secret)),
            "{path}"
        );
    }
    place.stop().await;
    for secret in secrets {
        let mut found = Vec::new();
        found_in(place.data.path(), secret, &mut found);
        if secret == key {
            found.retain(|path| !path.ends_with("vault.key"));
        }
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_use_of_a_secret_is_in_the_audit_log_before_it_is_used() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let activity = ada.api("/activity").await;
    let actions: Vec<_> = activity["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    // The test of the connection, and the sync.
    let uses = actions
        .iter()
        .filter(|action| **action == "secret-used")
        .count();
    assert_eq!(uses, 2, "{actions:?}");
    let at = |wanted: &str| actions.iter().position(|action| *action == wanted);
    assert!(at("secret-set") < at("secret-used"), "{actions:?}");
    assert!(at("secret-used") < at("connection-tested"), "{actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_changed_under_a_running_server_and_the_former_ones_open_nothing() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let key_file = place.data.path().join("vault.key");
    let former = std::fs::read(&key_file).unwrap();

    let operator = Operator::open(&place.options).unwrap();
    assert_eq!(operator.rotate_keys().unwrap(), 1);
    assert_ne!(std::fs::read(&key_file).unwrap(), former);
    place.sync("acme", true).await;
    assert!(
        place.server().status("acme").unwrap().succeeded,
        "with the new key"
    );

    std::fs::write(&key_file, &former).unwrap();
    // What is sealed now needs the new key; a server that starts with the former one says so.
    let mut place = place;
    place.stop().await;
    place.start().await;
    place.sync("acme", true).await;
    assert!(!place.server().status("acme").unwrap().succeeded);
    let mut ada = place.administrator("acme").await;
    let overview = ada.api("/overview").await;
    let told = overview["status"]["explanation"].as_str().unwrap();
    assert!(told.contains("key"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_others_can_read_or_that_is_lost_stops_the_server_from_starting() {
    let mut place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.stop().await;
    let key_file = place.data.path().join("vault.key");
    let refused = async |place: &Place| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let started = host_harness::server::Server::start(listener, place.options.clone()).await;
        started
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let told = refused(&place).await;
        assert!(told.contains("chmod 600"), "{told}");
    }
    std::fs::remove_file(&key_file).unwrap();
    let told = refused(&place).await;
    assert!(told.contains("vault.key"), "{told}");
    assert!(!key_file.exists(), "a new key would open nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_set_is_shown_with_its_age_and_its_expiry_and_may_stay() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let connect = async |visit: &mut super::visit::Visit, secret: &str, expires: &str| {
        let page = visit.get("/setup/connect").await;
        let otherwise = [("secret", secret), ("secret_expires", expires)];
        visit
            .connect_from(&page, place.application(), &otherwise)
            .await
    };
    let answer = connect(&mut ada, SECRET, "2026-12-10").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    place
        .clock
        .advance(std::time::Duration::from_secs(3 * 24 * 60 * 60));
    let mut ada = place.administrator("acme").await;
    let secret = ada.api("/connection").await["secret"].clone();
    assert_eq!(secret["ageDays"], 3);
    assert_eq!(secret["expiresAt"], "2026-12-10T00:00:00Z");
    assert_eq!(secret["expiresSoon"], true);
    assert_eq!(ada.api("/overview").await["secret"], secret);
    let answer = connect(&mut ada, "", "2027-06-30").await;
    assert!(
        answer.location().ends_with("notice=tested"),
        "the one that is set is used"
    );
    let secret = ada.api("/connection").await["secret"].clone();
    assert_eq!(secret["ageDays"], 3, "the secret is the same");
    assert_eq!(secret["expiresAt"], "2027-06-30T00:00:00Z");
    assert_eq!(secret["expiresSoon"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_saved_after_the_keys_were_changed_opens_at_the_next_server() {
    let mut place = Place::with_people(3).await;
    place.add("acme", "mirror");
    place.connect("acme", json!({ "preset": "mirror" })).await;
    // The server has the key in mind that is dropped here.
    let operator = Operator::open(&place.options).unwrap();
    operator.rotate_keys().unwrap();
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.stop().await;
    place.start().await;
    place.sync("acme", true).await;
    assert!(place.server().status("acme").unwrap().succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_are_saved_while_keys_are_changed_all_open_afterwards() {
    let mut place = Place::with_people(1).await;
    let workspaces = ["acme", "bolt", "cove", "dune"];
    for id in workspaces {
        place.add(id, "mirror");
    }
    let options = place.options.clone();
    let rotating = std::thread::spawn(move || {
        let operator = Operator::open(&options).unwrap();
        for _ in 0..20 {
            operator.rotate_keys().unwrap();
        }
    });
    while !rotating.is_finished() {
        for id in workspaces {
            place.connect(id, json!({ "preset": "mirror" })).await;
        }
    }
    rotating.join().unwrap();
    place.stop().await;
    place.start().await;
    for id in workspaces {
        place.sync(id, true).await;
        assert!(place.server().status(id).unwrap().succeeded, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_kept_where_its_key_would_be_lost_and_nothing_is_said_of_where_keys_are() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    std::fs::remove_file(place.data.path().join("vault.key")).unwrap();
    let page = ada.get("/setup/connect").await;
    let answer = ada.connect_from(&page, place.application(), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.body.contains("was not kept"), "{}", answer.body);
    assert!(!answer.body.contains("vault.key"), "{}", answer.body);
    assert_eq!(ada.api("/connection").await["secret"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_secret_that_is_put_back_into_the_records_is_not_used() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let records = rusqlite::Connection::open(place.folder().join("server.db")).unwrap();
    let row = |sql: &str| {
        records.query_row(sql, [], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
        })
    };
    let older = row("SELECT sealed, version FROM secrets").unwrap();
    // The same secret, set once more.
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.sync("acme", false).await;
    assert!(place.server().status("acme").unwrap().succeeded);
    let newer = row("SELECT sealed, version FROM secrets").unwrap();
    assert_eq!((older.1, newer.1), (1, 2));
    let mut ada = place.administrator("acme").await;
    // Its value alone, and with its version.
    for version in [newer.1, older.1] {
        let put_back = "UPDATE secrets SET sealed = ?1, version = ?2";
        records
            .execute(put_back, rusqlite::params![older.0, version])
            .unwrap();
        place.sync("acme", false).await;
        assert!(!place.server().status("acme").unwrap().succeeded);
        let told = ada.api("/overview").await["status"]["explanation"].to_string();
        assert!(told.contains("set it again"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_surrounds_a_pasted_secret_is_no_part_of_it() {
    let place = Place::with_people(1).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    for pasted in [format!("  {SECRET}\r\n"), format!("\u{feff}{SECRET}\u{a0}")] {
        let mut connection = ada.api("/connection").await;
        connection["clientId"] = json!(place.application().1);
        connection["secret"] = json!(pasted);
        let saved = ada.put_api("/connection", &connection).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let tested = ada.post_api("/test", json!({})).await;
        assert_eq!(tested.json()["ready"], true, "{}", tested.body);
    }
}
