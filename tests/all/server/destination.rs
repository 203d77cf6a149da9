//! Workspaces whose contacts a service keeps, through the server: from the choice of the service to the first sync, and
//! back.

use host_harness::messagemedia_emulator::{Credentials, Emulator, EmulatorOptions};
use http::StatusCode;
use serde_json::{Value, json};

use super::visit::{Place, SECRET, Visit};
use crate::world::{object_id, person, person_with};
use host_harness::graph_emulator::DirectorySource;
use host_harness::server::Role;

/// The secret of the account; whoever finds it anywhere has found a leak.
const ACCOUNT_SECRET: &str = "Zr9Z-secret-of-the-account-4c";

/// A server, and an account of MessageMedia.
struct Office {
    place: Place,
    account: Emulator,
}

impl Office {
    async fn new() -> Self {
        let team = vec![
            person(1, "Zoe", "Adams"),
            person_with(2, "Ben", "Brown", json!({ "department": "Support" })),
            person_with(4, "Dan", "Davis", json!({ "mobilePhone": null })),
        ];
        let place = Place::with(DirectorySource::Users(team), |tenant| tenant).await;
        place.add("acme", "messaging");
        let account = Emulator::start(EmulatorOptions {
            credentials: Credentials {
                key: "key".to_owned(),
                secret: ACCOUNT_SECRET.to_owned(),
            },
            ..EmulatorOptions::default()
        });
        Self {
            place,
            account: account.await.unwrap(),
        }
    }

    fn target(&self) -> Value {
        json!({ "name": "messagemedia", "server": self.account.url(), "key": "key" })
    }

    /// Chooses the service, connects the directory, and maps what the README does.
    async fn set_up(&self, ada: &mut Visit) {
        let mut chosen = ada.api("/destination").await;
        chosen["settings"] = self.target();
        chosen["secret"] = json!(ACCOUNT_SECRET);
        let saved = ada.put_api("/destination", &chosen).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let connection = json!({
            "version": ada.api("/connection").await["version"],
            "tenant": self.place.tenant.tenant_id,
            "clientId": self.place.tenant.client_id,
            "secret": SECRET,
        });
        let saved = ada.put_api("/connection", &connection).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let row = |label: &str, attribute: &str| json!({ "label": label, "attribute": attribute });
        let mut settings = ada.api("/settings").await;
        settings["rows"] = json!([
            row("contact_name", "displayName"),
            { "field": "phone_number", "attribute": "mobilePhone" },
            row("email", "mail"),
            row("group", "department"),
        ]);
        settings["list"] = json!("attribute");
        settings["listAttribute"] = json!("department");
        let saved = ada.put_api("/settings", &settings).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let tested = ada.post_api("/test", json!({})).await;
        assert_eq!(tested.json()["ready"], true, "{}", tested.body);
    }

    async fn synced() -> (Self, Visit) {
        let office = Self::new().await;
        let mut ada = office.place.administrator("acme").await;
        office.set_up(&mut ada).await;
        office.place.approve_review(&mut ada).await;
        (office, ada)
    }

    fn contacts(&self) -> Vec<Value> {
        self.account.control().contacts()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_set_up_with_a_service_and_its_people_come_into_the_account() {
    let office = Office::new().await;
    let mut ada = office.place.administrator("acme").await;
    office.set_up(&mut ada).await;
    let told = ada.api("/destination").await;
    assert_eq!(told["label"], "MessageMedia", "{told:#}");
    assert_eq!(told["settings"]["secret"], "destination-secret");
    assert_eq!(told["servers"][0]["root"], office.account.url());
    let again = ada.put_api("/destination", &told).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);

    // What the service cannot promise is told before the first sync.
    let review = ada.api("/review").await;
    assert_eq!(review["keptBy"], "MessageMedia", "{review:#}");
    let caveats = review["caveats"].as_array().unwrap();
    assert!(
        caveats.iter().any(|caveat| caveat["code"] == "not-atomic"),
        "{caveats:#?}"
    );
    let page = ada.get("/setup/review").await;
    assert!(page.body.contains("What MessageMedia cannot promise"));
    assert_eq!(office.contacts().len(), 0);

    office.place.approve_review(&mut ada).await;
    assert_eq!(office.contacts().len(), 2, "who has no number is left out");
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 2, "{overview:#}");
    let left_out = overview["notSynced"]["reasons"].to_string();
    assert!(left_out.contains("missing-mandatory"), "{overview:#}");
    let before = office.contacts();
    office.place.sync("acme", true).await;
    assert_eq!(office.contacts(), before, "a second sync writes nothing");

    let renamed = json!({ "displayName": "Zoe Archer" });
    office
        .place
        .control()
        .edit_user(&object_id(1), renamed)
        .unwrap();
    office.place.sync("acme", false).await;
    assert!(json!(office.contacts()).to_string().contains("Zoe Archer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_list_contacts_say_who_keeps_them() {
    let (office, mut ada) = Office::synced().await;
    let mut bob = office.place.visit("acme", "Bob", Role::Member).await;
    for visit in [&mut ada, &mut bob] {
        let page = visit.get("/contacts").await;
        assert!(
            page.body
                .contains("are kept by <strong>MessageMedia</strong>"),
            "{}",
            page.body
        );
        assert_eq!(visit.api("/contacts").await["keptBy"], "MessageMedia");
    }
    let page = ada.get("/setup/destination").await;
    for told in ["By MessageMedia.", "What it reaches", "One is set."] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    assert_eq!(
        bob.get("/setup/destination").await.status,
        StatusCode::FORBIDDEN
    );
    let missing = ada.get("/people/missing?field=email&label=email").await;
    assert!(
        missing.body.contains("kept by MessageMedia"),
        "{}",
        missing.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_in_the_vault_and_nowhere_else_and_each_use_is_in_the_audit_log() {
    let (office, mut ada) = Office::synced().await;
    for path in [
        "/destination",
        "/connection",
        "/overview",
        "/review",
        "/activity",
    ] {
        let told = ada.api(path).await.to_string();
        assert!(!told.contains(ACCOUNT_SECRET), "{path}");
    }
    // All of it: each look at the fields of the service is a use.
    let activity = ada.get("/activity.json").await.body;
    assert!(activity.contains("destination-saved"), "{activity}");
    assert!(activity.contains("destination-secret"), "{activity}");
    // Looking again does not use it again.
    ada.api("/overview").await;
    let uses = |activity: &str| activity.matches("\"secret-used\"").count();
    let before = uses(&ada.api("/activity").await.to_string());
    ada.api("/overview").await;
    ada.get("/live").await;
    assert_eq!(uses(&ada.api("/activity").await.to_string()), before);
    let mut folders = vec![office.place.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let secret = ACCOUNT_SECRET.as_bytes();
            let leaks = bytes.windows(secret.len()).any(|bytes| bytes == secret);
            assert!(!leaks, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_choice_is_told_at_its_input_and_nothing_is_saved() {
    let office = Office::new().await;
    let mut ada = office.place.administrator("acme").await;
    let version = ada.api("/destination").await["version"].clone();
    for (settings, secret, pointer, words) in [
        (
            json!({ "name": "nobody" }),
            "value",
            "settings",
            "messagemedia",
        ),
        (
            json!({ "name": "messagemedia", "region": "mars", "key": "k" }),
            "value",
            "settings",
            "region: ",
        ),
        (office.target(), "", "secret", "Write the secret"),
        (json!([]), "value", "settings", "Write an object"),
        (Value::Null, "value", "secret", "only where a service"),
    ] {
        let body = json!({ "version": version, "settings": settings, "secret": secret });
        let refused = ada.put_api("/destination", &body).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}: {}",
            refused.body
        );
        let problem = refused.json()["problems"][0].clone();
        assert_eq!(problem["pointer"], pointer, "{problem}");
        assert!(
            problem["message"].as_str().unwrap().contains(words),
            "{problem}"
        );
    }
    assert_eq!(ada.api("/destination").await["settings"], Value::Null);
    // The form says the same, and keeps what was entered.
    let fields = [
        ("version", version.as_str().unwrap()),
        ("settings", "{\"name\": "),
        ("secret", ""),
    ];
    let page = ada
        .post("/setup/destination", "/setup/destination", &fields)
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("This is no JSON"), "{}", page.body);
    assert!(page.body.contains("{&quot;name&quot;:"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_account_nothing_is_synced_before_a_plan_was_approved() {
    let (_office, mut ada) = Office::synced().await;
    let mut told = ada.api("/destination").await;
    told["settings"]["account"] = json!("another one");
    let saved = ada.put_api("/destination", &told).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    let overview = ada.api("/overview").await;
    assert_eq!(
        overview["connection"]["state"], "setting-up",
        "{overview:#}"
    );
    let refused = ada.post_api("/sync", json!({})).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    // The settings of the mapping are edited without it being lost.
    let mut settings = ada.api("/settings").await;
    settings["schedule"] = json!("every 3 h");
    let saved = ada.put_api("/settings", &settings).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    let kept = ada.api("/destination").await;
    assert_eq!(kept["settings"]["account"], "another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_back_in_the_account() {
    let (office, mut ada) = Office::synced().await;
    let runs = ada.api("/undo").await;
    let run = runs["runs"][0]["runId"].as_str().unwrap().to_owned();
    let planned = ada.post_api("/undo/plan", json!({ "run": run })).await;
    assert_eq!(planned.status, StatusCode::ACCEPTED, "{}", planned.body);
    office.place.server().idle().await;
    let view = ada.api(&format!("/undo/{run}")).await;
    assert_eq!(view["removals"]["deleted"], 2, "{view:#}");
    let approval = json!({ "run": run, "approve": view["digest"], "deletions": 2 });
    let undone = ada.post_api("/undo", approval).await;
    assert_eq!(undone.status, StatusCode::ACCEPTED, "{}", undone.body);
    office.place.server().idle().await;
    assert_eq!(office.contacts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_forgets_the_secret_and_leaves_the_contacts() {
    let (office, mut ada) = Office::synced().await;
    let begun = ada.post_api("/disconnect", json!({})).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    while ada.api("/overview").await["connection"]["state"] != "disconnected" {
        tokio::task::yield_now().await;
    }
    assert_eq!(office.contacts().len(), 2);
    assert_eq!(ada.api("/destination").await["secret"], Value::Null);
}
