//! `pull`: a component is taken from a registry.

use std::path::PathBuf;

use clap::Args;
use packaging::COMPONENT_FILE;
use registry::Target;
use serde::Serialize;

use super::component_file::{LARGEST_COMPONENT, public_key, signature_of};
use super::failure::Ending;
use super::output_file;
use super::printer;
use super::registry_access::{RegistryArguments, place};
use super::wrong_usage::WrongUsage;

/// Take a component from a registry
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness pull registry.example/acme/connector@sha256:DIGEST
  host-harness pull registry.example/acme/connector:0.1.0 --require-signature key.pub --out connector.wasm

A digest names one component for ever, and what comes is compared with it before it is used; of a tag the registry
says what it is, and its digest is told. With --require-signature the owner of the key has to have signed the manifest
(as `cosign sign --key` does), and the file's own signature is written beside it. Nothing of the component is run.")]
pub(super) struct Pull {
    /// REGISTRY/REPOSITORY@sha256:DIGEST, or REGISTRY/REPOSITORY:TAG
    place: String,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = COMPONENT_FILE)]
    out: PathBuf,
    /// Take the component only if the owner of this public key (PEM) signed it
    #[arg(long, value_name = "KEY")]
    require_signature: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    place: String,
    digest: String,
    file: PathBuf,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
}

impl Pull {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let place = place(&self.place)?;
        let Some(target) = &place.target else {
            return Err(WrongUsage(format!(
                "{place} names several components: add @sha256:DIGEST, or :TAG"
            ))
            .into());
        };
        let key = self
            .require_signature
            .as_deref()
            .map(public_key)
            .transpose()?;
        output_file::is_free(&self.out)?;
        if key.is_some() {
            output_file::is_free(&signature_of(&self.out))?;
        }
        let client = self.registry.client(&place)?;
        let pulled = client.pull(target, LARGEST_COMPONENT, key.as_ref()).await?;
        output_file::write(&self.out, &pulled.component)?;
        if let Some(signature) = &pulled.signature {
            let text = format!("{signature}\n");
            output_file::write(&signature_of(&self.out), text.as_bytes())?;
        }
        let taken = Taken {
            place: place.place(),
            digest: pulled.digest,
            file: self.out,
            size: pulled.component.len(),
            signed_by: key.map(|key| key.fingerprint()),
        };
        if self.json {
            printer::json(&taken)?;
        } else {
            show(&taken, target);
        }
        Ok(Ending::Done)
    }
}

fn show(taken: &Taken, target: &Target) {
    printer::line(format_args!(
        "{}: {} bytes",
        taken.file.display(),
        taken.size
    ));
    printer::line(format_args!("{}@{}", taken.place, taken.digest));
    if let Some(key) = &taken.signed_by {
        printer::line(format_args!("signed by {key}"));
    }
    if let Target::Tag(tag) = target {
        printer::notice(format_args!(
            "The registry says that this is {tag}. Ask for the digest the next time: it cannot come to mean another one."
        ));
    }
}
