//! `compose`: a destination, and whatever else is given, plugged into the connector: one component.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use composition::Part;
use connector_artifacts::{
    DESTINATIONS, component_bytes, destination_bytes, ledger_bytes, plain_host_bytes,
};
use serde::Serialize;

use super::component_file::AdmissionArguments;
use super::destinations::connector;
use super::failure::Ending;
use super::output_file;
use super::printer;
use super::wrong_usage::WrongUsage;

/// Put a destination into the connector, as one component
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness compose --destination messagemedia --out connector_messagemedia.wasm
  host-harness compose --destination messagemedia --plug ledger.wasm --out whole.wasm
  host-harness compose --destination messagemedia --plain --out plain.wasm     (asks its host for WASI alone)
  host-harness compose --destination destination.wasm --component connector.wasm --require-signature key.pub
  host-harness compose --destination messagemedia --json | jq .imports

What comes out asks a host for no contact store and no state: the destination keeps both, in its service and in the
`ledger` that the host gives, and hears its settings from the host (`target-settings`). What a plug exports is given
to whatever imports it, another plug included; one that does not fit is refused by its name.

With --plain the ledger is kept in the directory that the host gives under the name /ledger, secrets are environment
variables (SECRET_CLIENT_SECRET of the name client-secret), the object at /sync/target is TARGET_SETTINGS, and what is
told on the way are lines on standard error.")]
pub(super) struct Compose {
    /// The name of a destination that this program has, or the file of another one
    #[arg(long, value_name = "NAME|WASM")]
    destination: String,
    /// Another component that exports what the connector or the destination imports; may be repeated
    #[arg(long = "plug", value_name = "WASM")]
    plugs: Vec<PathBuf>,
    /// Plug in what a host lacks that knows WASI alone: the ledger in a directory, and the rest from the environment
    #[arg(long)]
    plain: bool,
    /// Use this connector instead of the built-in one
    #[arg(long, value_name = "WASM")]
    component: Option<PathBuf>,
    #[command(flatten)]
    admission: AdmissionArguments,
    /// Where to write it; without, nothing is written
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What came out.
#[derive(Serialize)]
struct Composed<'c> {
    size: usize,
    imports: &'c BTreeSet<String>,
    exports: &'c BTreeSet<String>,
}

impl Compose {
    pub(super) fn run(self) -> anyhow::Result<Ending> {
        self.check_admission()?;
        let socket = match &self.component {
            None => connector(component_bytes())?,
            Some(path) => Part::new(path.display().to_string(), self.admission.read(path)?.bytes)?,
        };
        let mut plugs = vec![self.destination()?];
        if self.plain {
            plugs.extend(plain_parts()?);
        }
        for path in &self.plugs {
            plugs.push(Part::new(path.display().to_string(), self.read(path)?)?);
        }
        let whole = composition::plugged(&socket, &plugs)?;
        if let Some(path) = &self.out {
            output_file::write(path, whole.bytes())?;
        }
        if self.json {
            printer::json(&Composed {
                size: whole.bytes().len(),
                imports: whole.imports(),
                exports: whole.exports(),
            })?;
        } else {
            show(&whole, self.out.as_deref());
        }
        Ok(Ending::Done)
    }

    fn destination(&self) -> anyhow::Result<Part> {
        let name = &self.destination;
        if let Some(bytes) = destination_bytes(name) {
            return Ok(Part::new(
                format!("the destination {name}"),
                bytes.to_vec(),
            )?);
        }
        let path = Path::new(name);
        if !path.exists() {
            return Err(WrongUsage(format!(
                "there is no destination `{name}`, and no file of this name; this program has: {}",
                DESTINATIONS.join(", ")
            ))
            .into());
        }
        Ok(Part::new(name, self.read(path)?)?)
    }

    /// A part from a file. What a connector may ask for a manifest says, of what is plugged into it none does.
    fn read(&self, path: &Path) -> anyhow::Result<Vec<u8>> {
        Ok(self.admission.of_parts().read(path)?.bytes)
    }

    /// What is asked of files is asked of some.
    fn check_admission(&self) -> Result<(), WrongUsage> {
        if self.component.is_none() && self.admission.allows_by_manifest() {
            return Err(WrongUsage(
                "--allow is about a connector from a file: name it with --component".to_owned(),
            ));
        }
        let is_file = destination_bytes(&self.destination).is_none();
        let has_files = self.component.is_some() || is_file || !self.plugs.is_empty();
        if self.admission.are_given() && !has_files {
            return Err(WrongUsage(
                "--require-signature is about components from files, and none is named".to_owned(),
            ));
        }
        Ok(())
    }
}

/// What stands in for a host that knows WASI alone.
fn plain_parts() -> anyhow::Result<[Part; 2]> {
    Ok([
        Part::new("the ledger in a directory", ledger_bytes().to_vec())?,
        Part::new("the plain host", plain_host_bytes().to_vec())?,
    ])
}

fn show(whole: &Part, written: Option<&Path>) {
    let size = whole.bytes().len();
    match written {
        Some(path) => printer::line(format_args!("{}: {size} bytes", path.display())),
        None => printer::line(format_args!("{size} bytes; --out FILE writes them")),
    }
    printer::line("asks its host for:");
    for import in whole.imports() {
        printer::line(format_args!("  {import}"));
    }
    printer::line("and has:");
    for export in whole.exports() {
        printer::line(format_args!("  {export}"));
    }
}
