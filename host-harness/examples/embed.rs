//! A platform that embeds the connector, from nothing to the first contacts.
//!
//! ```console
//! $ cargo run --example embed
//! ```
//!
//! Microsoft is the local Graph here, so that it runs everywhere; a platform leaves out `endpoints`, and grants
//! the hosts that the connector names. In the place of the store on SQLite stands the platform's own: whatever
//! implements the three traits `ContactStore`, `State` and `PlanSink`.

use std::sync::Arc;

use anyhow::Context as _;
use connector_artifacts::component_bytes;
use connector_contract::{RunMode, Slice, SliceEnd, SyncRequest};
use connector_runtime::imports::SecretsInMemory;
use connector_runtime::{HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use graph_emulator::{Emulator, EmulatorOptions};
use serde_json::json;
use store_api::{AdminStore as _, ContactFilter};
use store_sqlite::{SqliteStore, StoreOptions};
use sync_runner::grant::grant;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let microsoft = Emulator::start(EmulatorOptions::default()).await?;
    let application = EmulatorOptions::default().tenant;

    // Once a process: the engine. Once a component: compiled, and checked against the contract.
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let connector = runtime.load(component_bytes())?;

    // Once a workspace: its contacts, its secrets, and what it may reach.
    let directory = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(
        directory.path(),
        &StoreOptions::default(),
    )?);
    let document = json!({
        "tenant": { "id": application.tenant_id },
        "credentials": { "clientId": application.client_id, "secret": "client-secret" },
        "endpoints": { "login": microsoft.login_url(), "graph": microsoft.graph_url() },
        "sync": { "preset": "mirror" },
    })
    .to_string();
    let mut workspace = Workspace::new(store.clone());
    workspace.secrets = Arc::new(SecretsInMemory::new([(
        "client-secret",
        application.client_secret,
    )]));
    let described = connector.describe(&workspace).await.result?;
    let policy = grant(&document, &described.endpoints, true)?;
    workspace.http = HttpAccess::new(policy, &HttpOptions::default())?;

    // An administrator looks at what would happen.
    let tested = connector.configure(&workspace, &document).await.result?;
    println!("{}", tested.tenant_name.as_deref().unwrap_or("no tenant"));
    store.begin_plan()?;
    let plan = connector
        .plan(&workspace, &document, RunMode::Full)
        .await
        .result?;
    println!("plan {}", plan.digest);

    // And then it happens, a slice at a time: between two slices a platform may do something else.
    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "manual".to_owned(),
        slice: Slice {
            max_pages: Some(1),
            max_ms: None,
        },
        approval: None,
    };
    let run = loop {
        let slice = connector
            .sync(&workspace, &document, request.clone())
            .await
            .result?;
        if slice.end == SliceEnd::Finished {
            break slice.run;
        }
    };
    println!("{} contacts made", run.counts.created);
    let first = store.contacts(ContactFilter::default()).next();
    let first = first.context("the directory is empty")??;
    println!("the first of them: {:?}", first.fields.get("first_name"));
    Ok(())
}
