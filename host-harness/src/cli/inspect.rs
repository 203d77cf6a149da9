//! `inspect`: what a component is, needs and would be allowed, before it is let into a workspace.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use connector_runtime::{Limits, Runtime, RuntimeOptions, Workspace};
use inspection::{Claims, Inspection, differences};
use serde::Serialize;
use sync_runner::DataDirectory;

use super::failure::{Ending, explain};
use super::printer::{self, Colour, coloured};
use super::wrong_usage::WrongUsage;

/// Say what a component is, needs and would be allowed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness inspect entra_connector.wasm
  host-harness inspect entra_connector.wasm --no-run
  host-harness inspect new.wasm --before old.wasm      (what is new about it, in sentences)
  host-harness inspect new.wasm --json | jq .permissions

What is no connector of a contract that this host knows is refused before any of its code runs. Hosts and
permissions are what the component says of itself: it is asked in the sandbox, without network and secrets.")]
pub(super) struct Inspect {
    /// The component
    file: PathBuf,
    /// An earlier version of it
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// Run nothing of it: what it says of itself is left out
    #[arg(long)]
    no_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Inspected {
    #[serde(flatten)]
    component: Inspection,
    budgets: Budgets,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<String>>,
}

/// What this host lets one call use; in bytes, but for the last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Budgets {
    memory: usize,
    changes: u64,
    state: u64,
    plan: u64,
    answer: u64,
    seconds: u64,
}

impl From<Limits> for Budgets {
    fn from(limits: Limits) -> Self {
        Self {
            memory: limits.memory_bytes,
            changes: limits.commit_bytes,
            state: limits.state_bytes,
            plan: limits.plan_bytes,
            answer: limits.response_bytes,
            seconds: limits.call_time.as_secs(),
        }
    }
}

/// A component that only says what it is needs no longer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Inspect {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let runtime = Runtime::new(RuntimeOptions::default())?;
        let component = self.inspect(&runtime, &self.file).await?;
        let differences = match &self.before {
            Some(before) => Some(differences(
                &self.inspect(&runtime, before).await?,
                &component,
            )),
            None => None,
        };
        let inspected = Inspected {
            component,
            budgets: Limits::default().into(),
            differences,
        };
        if self.json {
            printer::json(&inspected)?;
        } else {
            show(&inspected);
        }
        Ok(Ending::Done)
    }

    async fn inspect(&self, runtime: &Runtime, file: &Path) -> anyhow::Result<Inspection> {
        let bytes = std::fs::read(file)
            .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", file.display())))?;
        let connector = runtime
            .load(&bytes)
            .map_err(|error| anyhow::Error::from(error).context(file.display().to_string()))?;
        let inspection = Inspection::of(&bytes, connector.imports(), connector.exports());
        if self.no_run {
            return Ok(inspection);
        }
        let nobodys = tempfile::tempdir().context("no directory can be made")?;
        let store = DataDirectory::new(Some(nobodys.path().to_owned())).store()?;
        let mut workspace = Workspace::new(store.read_only());
        workspace.limits.call_time = PATIENCE;
        let described = connector.describe(&workspace).await.result;
        let description = described
            .map_err(explain)
            .with_context(|| file.display().to_string())?;
        Ok(inspection.claiming(&description))
    }
}

fn show(inspected: &Inspected) {
    let component = &inspected.component;
    if let Some(claims) = &component.claims {
        printer::line(format_args!("{} {}", claims.name, claims.version));
    }
    printer::line(format_args!("size         {} bytes", component.size));
    printer::line(format_args!("sha256       {}", component.sha256));
    printer::line(format_args!(
        "contract     {}, world {}",
        component.contract, component.world
    ));
    for (class, imports) in &component.imports {
        let names: Vec<_> = imports.iter().map(|name| printer::plain(name)).collect();
        printer::line(format_args!("  {class:<10} {}", names.join(", ")));
    }
    if let Some(claims) = &component.claims {
        show_claims(claims);
    }
    let budgets = &inspected.budgets;
    printer::line(format_args!(
        "a call has   {} MiB of memory, {} s",
        budgets.memory >> 20,
        budgets.seconds
    ));
    match inspected.differences.as_deref() {
        None => {}
        Some([]) => printer::line("It is the same file as before."),
        Some(differences) => {
            printer::line(coloured(Colour::Bold, "Beside the one before:"));
            for difference in differences {
                printer::line(format_args!("  {}", printer::plain(difference)));
            }
        }
    }
}

/// What the component says that it needs.
fn show_claims(claims: &Claims) {
    if !claims.permissions.is_empty() {
        let rows = claims.permissions.iter().map(|(name, need)| {
            let kind = if need.optional { "optional" } else { "needed" };
            [name.clone(), kind.to_owned(), need.why.clone()]
        });
        printer::line(printer::table(["permission", "", "why"], rows));
    }
    if !claims.hosts.is_empty() {
        let rows = claims.hosts.iter().map(|(host, clouds)| {
            let clouds: Vec<_> = clouds.iter().map(String::as_str).collect();
            [host.clone(), clouds.join(", ")]
        });
        printer::line(printer::table(["host", "cloud"], rows));
    }
}
