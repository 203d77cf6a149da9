//! `push`: a package is given to a registry.

use std::path::PathBuf;

use clap::Args;
use packaging::LAYOUT_FOLDER;
use registry::{Layout, Target};
use serde::Serialize;

use super::component_file::{LARGEST_COMPONENT, read_bounded};
use super::failure::Ending;
use super::printer;
use super::registry_access::{RegistryArguments, place};
use super::wrong_usage::WrongUsage;

/// Give a package to a registry
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness push package registry.example/acme/connector --registry-credentials @credentials.txt
  host-harness push package registry.example/acme/connector:latest

Gives the image layout in the package byte for byte, with what refers to the component and its signature. The tag is
the component's version, or the one that is named. `wkg get` and `cosign verify --key` find both.")]
pub(super) struct Push {
    /// The package's folder
    package: PathBuf,
    /// REGISTRY/REPOSITORY, or REGISTRY/REPOSITORY:TAG
    place: String,
    #[command(flatten)]
    registry: RegistryArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Given {
    place: String,
    tag: String,
    digest: String,
    manifests: usize,
}

struct Folder(PathBuf);

impl Layout for Folder {
    fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.0.join(path);
        read_bounded(&file, LARGEST_COMPONENT).map_err(|error| error.to_string())
    }
}

impl Push {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let place = place(&self.place)?;
        let tag = match &place.target {
            None => None,
            Some(Target::Tag(tag)) => Some(tag.as_str()),
            Some(Target::Digest(_)) => {
                let why = "a digest is what comes of it: name a tag, or none";
                return Err(WrongUsage(why.to_owned()).into());
            }
        };
        let layout = Folder(self.package.join(LAYOUT_FOLDER));
        if !layout.0.join("index.json").is_file() {
            return Err(WrongUsage(format!(
                "{} is no package: there is no {LAYOUT_FOLDER}/index.json in it",
                self.package.display()
            ))
            .into());
        }
        let pushed = self.registry.client(&place)?.push(&layout, tag).await?;
        let given = Given {
            place: place.place(),
            tag: pushed.tag,
            digest: pushed.digest,
            manifests: pushed.manifests,
        };
        if self.json {
            printer::json(&given)?;
        } else {
            printer::line(format_args!("{}:{}", given.place, given.tag));
            printer::line(format_args!("{}@{}", given.place, given.digest));
        }
        Ok(Ending::Done)
    }
}
