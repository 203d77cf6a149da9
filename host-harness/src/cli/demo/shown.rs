//! What both acts show, and begin with.

use anyhow::{Context as _, ensure};
use connector_contract::{Run, RunMode, RunStatus, Slice, SyncRequest};
use serde_json::{Value, json};
use sync_runner::OpenWorkspace;

use super::super::printer::{self, Colour, coloured};
use super::super::{run_summary, sync};
use crate::graph_emulator::{Emulator, TenantOptions};

const DIRECTORY: &str = include_str!("../../../demo/directory.json");
const CONFIGURATION: &str = include_str!("../../../demo/configuration.json");

/// Syncs, and shows what came of it.
pub(super) async fn sync_shown(
    opened: &OpenWorkspace,
    document: &str,
    mode: RunMode,
) -> anyhow::Result<Run> {
    let request = SyncRequest {
        mode,
        trigger: "demo".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: None,
    };
    let (run, _) = sync::execute(opened, document, &request).await?;
    run_summary::show(&run);
    ensure!(
        matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
        "the sync did not succeed"
    );
    Ok(run)
}

/// A step begins.
pub(super) fn title(text: &str) {
    printer::line(format_args!("\n{}", coloured(Colour::Bold, text)));
}

/// The sixty people.
pub(in crate::cli) fn users() -> anyhow::Result<Vec<Value>> {
    let mut directory: Value =
        serde_json::from_str(DIRECTORY).context("the built-in directory is no JSON")?;
    match directory.get_mut("value").map(Value::take) {
        Some(Value::Array(users)) => Ok(users),
        _ => anyhow::bail!("the built-in directory is no list of users"),
    }
}

/// The configuration as people have it, with the emulated tenant beside it.
pub(super) fn document(emulator: &Emulator, tenant: &TenantOptions) -> anyhow::Result<String> {
    let mut document: Value =
        serde_json::from_str(CONFIGURATION).context("the built-in configuration is no JSON")?;
    let object = document
        .as_object_mut()
        .context("the built-in configuration is no object")?;
    object.insert("tenant".to_owned(), json!({ "id": tenant.tenant_id }));
    object.insert(
        "credentials".to_owned(),
        json!({ "clientId": tenant.client_id, "secret": "client-secret" }),
    );
    object.insert(
        "endpoints".to_owned(),
        json!({ "login": emulator.login_url(), "graph": emulator.graph_url() }),
    );
    Ok(document.to_string())
}
