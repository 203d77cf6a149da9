//! `inspect`: what a component is, needs and would be allowed, before it is let into a workspace.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use connector_runtime::{Limits, Runtime, RuntimeOptions};
use inspection::{Claims, Inspection, differences};
use packaging::Metadata;
use serde::Serialize;
use sync_runner::ChosenDestination;

use super::component_file::{AdmissionArguments, ComponentFile, signature_of};
use super::description::{describe, describe_destination};
use super::failure::Ending;
use super::inspected_destination::{InspectedDestination, chosen_in};
use super::printer::{self, Colour, coloured};
use super::wrong_usage::WrongUsage;

/// Say what a component is, needs and would be allowed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness inspect entra_connector.wasm
  host-harness inspect entra_connector.wasm --no-run
  host-harness inspect entra_connector.wasm --require-signature key.pub
  host-harness inspect new.wasm --against old.wasm     (what is new about it, in sentences; 3 where it asks for more)
  host-harness inspect new.wasm --allow permissions.json
  host-harness inspect connector_messagemedia.wasm --config connector.json     (which servers its destination reaches)
  host-harness inspect new.wasm --json | jq .permissions

What is no connector of a contract that this host knows is refused before any of its code runs. Hosts and
permissions are what the component says of itself: it is asked in the sandbox, without network and secrets. With
--no-run they are those of the permission manifest that is in it, where it was packaged with one.")]
pub(super) struct Inspect {
    /// The component
    file: PathBuf,
    /// An earlier version of it, or the folder of its package
    #[arg(long, value_name = "FILE|DIR", alias = "before")]
    against: Option<PathBuf>,
    /// With the settings of a destination in it: a configuration, whose `sync.target` is an object
    #[arg(long, value_name = "CONFIG", conflicts_with = "no_run")]
    config: Option<PathBuf>,
    /// Run nothing of it
    #[arg(long)]
    no_run: bool,
    #[command(flatten)]
    admission: AdmissionArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspected {
    #[serde(flatten)]
    component: Inspection,
    budgets: Budgets,
    #[serde(skip_serializing_if = "is_empty")]
    metadata: Metadata,
    /// Of the key that signed it, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    /// The destination that is plugged into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<InspectedDestination>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asks_for_more: Option<bool>,
    #[serde(skip)]
    is_signature_there: bool,
}

fn is_empty(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
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

impl Inspect {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let runtime = Runtime::new(RuntimeOptions::default())?;
        let against = self.against.as_deref().map(earlier).transpose()?;
        let file = self.admission.read(&self.file)?;
        let component = self.inspect(&runtime, &self.file, &file).await?;
        let destination = self.destination(&runtime, &file).await?;
        let differences = match &against {
            Some(path) => {
                let before = AdmissionArguments::default().read(path)?;
                let before = self.inspect(&runtime, path, &before).await?;
                Some(differences(&before, &component))
            }
            None => None,
        };
        let asks_for_more = differences.as_ref().map(|told| !told.more.is_empty());
        let inspected = Inspected {
            component,
            budgets: Limits::default().into(),
            metadata: file.stamped.metadata,
            signed_by: file.signed_by,
            destination,
            differences: differences.map(|told| told.sentences()),
            asks_for_more,
            is_signature_there: signature_of(&self.file).exists(),
        };
        if self.json {
            printer::json(&inspected)?;
        } else {
            show(&inspected);
        }
        Ok(match asks_for_more {
            Some(true) => Ending::Blocked,
            _ => Ending::Done,
        })
    }

    /// What the destination in it says of itself, where there is one.
    async fn destination(
        &self,
        runtime: &Runtime,
        file: &ComponentFile,
    ) -> anyhow::Result<Option<InspectedDestination>> {
        let chosen = self.config.as_deref().map(chosen_in).transpose()?;
        if self.no_run {
            return Ok(None);
        }
        let connector = file.load(runtime)?;
        if !connector.has_destination() {
            return match self.config {
                None => Ok(None),
                Some(_) => Err(WrongUsage(
                    "--config is about a destination in the component, and there is none in this one".to_owned(),
                )
                .into()),
            };
        }
        let settings = chosen.as_ref().map_or("{}", ChosenDestination::settings);
        let described = describe_destination(&connector, settings).await?;
        Ok(Some(InspectedDestination::of(described, chosen.is_some())))
    }

    async fn inspect(
        &self,
        runtime: &Runtime,
        path: &Path,
        file: &ComponentFile,
    ) -> anyhow::Result<Inspection> {
        let connector = file.load(runtime)?;
        let inspection = Inspection::of(&file.bytes, connector.imports(), connector.exports());
        if self.no_run {
            return Ok(match &file.stamped.manifest {
                Some(manifest) => inspection.claiming(manifest.claims()),
                None => inspection,
            });
        }
        let described = describe(&connector).await;
        let description = described.with_context(|| path.display().to_string())?;
        file.check_description(&connector, &description)?;
        Ok(inspection.claiming(Claims::of(&description)))
    }
}

/// The component of an earlier version: the file itself, or the one in a package's folder.
fn earlier(path: &Path) -> Result<PathBuf, WrongUsage> {
    let Ok(entries) = fs::read_dir(path) else {
        return Ok(path.to_owned());
    };
    let files = entries.flatten().map(|entry| entry.path());
    let mut components = files.filter(|file| file.extension().is_some_and(|end| end == "wasm"));
    match (components.next(), components.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(WrongUsage(format!(
            "--against {}: there is no component in it",
            path.display()
        ))),
        (Some(_), Some(_)) => Err(WrongUsage(format!(
            "--against {}: there are several components in it; name one",
            path.display()
        ))),
    }
}

fn show(inspected: &Inspected) {
    let component = &inspected.component;
    if let Some(claims) = &component.claims {
        let (name, version) = (
            printer::plain(&claims.name),
            printer::plain(&claims.version),
        );
        printer::line(format_args!("{name} {version}"));
    }
    show_metadata(&inspected.metadata);
    printer::line(format_args!("size         {} bytes", component.size));
    printer::line(format_args!("sha256       {}", component.sha256));
    match (&inspected.signed_by, inspected.is_signature_there) {
        (Some(key), _) => printer::line(format_args!("signed by    {key}")),
        (None, true) => printer::line("signature    not checked (--require-signature KEY)"),
        (None, false) => printer::line("signature    none"),
    }
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
    if let Some(destination) = &inspected.destination {
        destination.show();
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

/// What is told about it; its name and version are told with what it says of itself.
fn show_metadata(metadata: &Metadata) {
    for (label, value) in [
        ("about", &metadata.description),
        ("authors", &metadata.authors),
        ("licences", &metadata.licenses),
        ("source", &metadata.source),
        ("revision", &metadata.revision),
        ("homepage", &metadata.homepage),
    ] {
        if let Some(value) = value {
            printer::line(format_args!("{label:<12} {}", printer::plain(value)));
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
