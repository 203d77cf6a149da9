//! A host that has WASI and nothing of ours: connector, destination, ledger and what else the contract asks for are one
//! file, and wasmtime runs it with a directory, some environment variables and HTTP.

mod files;
mod plain;

use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions};
use host_harness::messagemedia_emulator;
use serde_json::{Value, json};

use crate::world::{person, person_with};
use plain::{PlainHost, RunMode, SliceEnd};

const SECRET: &str = "a-secret-of-this-account";

/// A tenant and an account, and a host between them that knows neither the contract nor this project.
struct Office {
    tenant: Emulator,
    account: messagemedia_emulator::Emulator,
    host: PlainHost,
    document: String,
}

impl Office {
    async fn with(users: Vec<Value>) -> Self {
        let tenant = Emulator::start(EmulatorOptions {
            directory: DirectorySource::Users(users),
            ..EmulatorOptions::default()
        });
        let tenant = tenant.await.unwrap();
        let credentials = messagemedia_emulator::Credentials {
            key: "key".to_owned(),
            secret: SECRET.to_owned(),
        };
        let account =
            messagemedia_emulator::Emulator::start(messagemedia_emulator::EmulatorOptions {
                credentials,
                ..messagemedia_emulator::EmulatorOptions::default()
            });
        let account = account.await.unwrap();
        let application = EmulatorOptions::default().tenant;
        let target = json!({
            "name": "messagemedia", "server": account.url(), "key": "key", "secret": "account-secret",
        });
        let document = json!({
            "tenant": { "id": application.tenant_id },
            "credentials": { "clientId": application.client_id, "secret": "client-secret" },
            "endpoints": { "login": tenant.login_url(), "graph": tenant.graph_url() },
            "sync": {
                "direction": "one-way", "source": "entra-id", "target": target,
                "mapping": {
                    "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email",
                    "department": "group",
                },
            },
        });
        let host = PlainHost::with(&[
            ("SECRET_CLIENT_SECRET", &application.client_secret),
            ("SECRET_ACCOUNT_SECRET", SECRET),
            ("TARGET_SETTINGS", &target.to_string()),
            (
                "ALLOWED_ENDPOINTS",
                &format!("{} {}", tenant.login_url(), tenant.graph_url()),
            ),
        ]);
        Self {
            tenant,
            account,
            host,
            document: document.to_string(),
        }
    }

    /// Created, updated, removed.
    async fn sync(&self, mode: RunMode, approved: Option<&str>) -> [u64; 3] {
        loop {
            let slice = self
                .host
                .sync(&self.document, mode, approved)
                .await
                .unwrap();
            if slice.end == SliceEnd::Finished {
                let counts = &slice.run.counts;
                assert_eq!(counts.failed, 0, "{slice:#?}");
                return [counts.created, counts.updated, counts.removed];
            }
        }
    }
}

fn team() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Adams"),
        person_with(2, "Ben", "Brown", json!({ "department": "Support" })),
        person_with(4, "Dan", "Davis", json!({ "mobilePhone": null })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn wasi_alone_is_enough_to_connect_plan_and_sync() {
    let office = Office::with(team()).await;
    let connected = office.host.configure(&office.document).await.unwrap();
    assert!(connected.ready, "{connected:#?}");
    let plan = office
        .host
        .plan(&office.document, RunMode::Full)
        .await
        .unwrap();
    assert!(plan.blocks.is_empty(), "{plan:#?}");
    assert_eq!(
        office.account.control().contacts().len(),
        0,
        "a plan writes nothing"
    );

    // Another instance finds the plan, and proves by its digest that it is the one.
    let approved = office.sync(RunMode::Full, Some(&plan.digest)).await;
    assert_eq!(approved, [2, 0, 0]);
    let contacts = office.account.control().contacts();
    assert_eq!(contacts.len(), 2, "{contacts:#?}");

    assert_eq!(office.sync(RunMode::Incremental, None).await, [0, 0, 0]);
    assert_eq!(office.sync(RunMode::Full, None).await, [0, 0, 0]);
    assert_eq!(
        office.account.control().contacts(),
        contacts,
        "a second sync writes nothing"
    );

    let directory = office.tenant.control();
    let renamed = json!({ "displayName": "Zoe Archer" });
    directory
        .edit_user(&crate::world::object_id(1), renamed)
        .unwrap();
    assert_eq!(office.sync(RunMode::Incremental, None).await, [0, 1, 0]);
    let said = office.host.said();
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines.iter().any(|line| line["event"] == "progress"),
        "{said}"
    );
    for secret in [SECRET, "Archer", "contoso.example"] {
        assert!(!said.contains(secret), "{secret} is in {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_not_the_last_one_is_not_performed() {
    let office = Office::with(team()).await;
    let older = office
        .host
        .plan(&office.document, RunMode::Full)
        .await
        .unwrap();
    let left = json!({ "displayName": "Zoe Archer" });
    office
        .tenant
        .control()
        .edit_user(&crate::world::object_id(1), left)
        .unwrap();
    let newer = office
        .host
        .plan(&office.document, RunMode::Full)
        .await
        .unwrap();
    assert_ne!(older.digest, newer.digest);
    let refused = office
        .host
        .sync(&office.document, RunMode::Full, Some(&older.digest))
        .await;
    let told = format!("{refused:?}");
    assert!(told.contains("plan-unknown"), "{told}");
    assert_eq!(office.account.control().contacts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_of_the_environment_is_told() {
    let office = Office::with(team()).await;
    let unset = office.host.without("SECRET_ACCOUNT_SECRET");
    let told = format!("{:?}", unset.configure(&office.document).await);
    assert!(told.contains("account-secret"), "{told}");
    let unset = office.host.without("ALLOWED_ENDPOINTS");
    let told = format!("{:?}", unset.configure(&office.document).await);
    assert!(told.contains("/endpoints"), "{told}");
    let unset = office.host.without("TARGET_SETTINGS");
    let told = format!("{:?}", unset.configure(&office.document).await);
    assert!(told.contains("/sync/target"), "{told}");
}
