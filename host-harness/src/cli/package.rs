//! `package`: the connector as a marketplace wants it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use api_types::shapes::moment;
use clap::Args;
use connector_artifacts::{component_bytes, linked_list};
use connector_runtime::{Limits, Runtime, RuntimeOptions};
use inspection::Inspection;
use packaging::{COMPONENT_FILE, File, Metadata, Release, linked, package};
use signatures::PrivateKey;

use super::component_file::read_bounded;
use super::description::describe;
use super::failure::Ending;
use super::output_file;
use super::printer;
use super::wrong_usage::WrongUsage;

/// Make of the connector what a marketplace wants
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness package
  host-harness package --out release --source https://git.example/connector --revision $(git rev-parse HEAD)
  host-harness package --out release --sign key.pem --repository registry.example/acme/connector

Makes a folder with the component, what it asks for, what is linked into it, how it was made, the contract, and all
of it as an OCI image layout. The same connector with the same options is the same bytes, but for signatures;
SOURCE_DATE_EPOCH is the time that stands in it. A key is made by
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub")]
pub(super) struct Package {
    /// The folder to make
    #[arg(long, value_name = "DIR", default_value = "package")]
    out: PathBuf,
    /// Sign the file and its manifest with this private key (P-256, PEM)
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// The repository for which the manifest is signed, with its registry
    #[arg(long, value_name = "REPOSITORY", requires = "sign", default_value = "")]
    repository: String,
    /// Where the sources are
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// The revision of the sources
    #[arg(long, value_name = "COMMIT")]
    revision: Option<String>,
    /// Who made it
    #[arg(long, value_name = "TEXT")]
    authors: Option<String>,
    /// Where more is told
    #[arg(long, value_name = "URL")]
    homepage: Option<String>,
    /// Who packages it, for the provenance
    #[arg(long, value_name = "URI")]
    builder: Option<String>,
}

const DESCRIPTION: &str =
    "Keeps a host platform's contacts in step with a Microsoft Entra ID directory.";

impl Package {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let key = self.sign.as_deref().map(private_key).transpose()?;
        let created = created()?;
        let linked = linked(linked_list())?;
        let connector = Runtime::new(RuntimeOptions::default())?.load(component_bytes())?;
        let description = describe(&connector).await?;
        let component = component_bytes();
        let inspection = Inspection::of(component, connector.imports(), connector.exports());
        let files = package(&Release {
            component,
            inspection: &inspection,
            description: &description,
            metadata: Metadata {
                description: Some(DESCRIPTION.to_owned()),
                licenses: Some(env!("CARGO_PKG_LICENSE").to_owned()),
                authors: self.authors,
                source: self.source,
                revision: self.revision,
                homepage: self.homepage,
                ..Metadata::default()
            },
            limits: limits(&Limits::default()),
            linked: &linked,
            builder: self.builder.as_deref(),
            created: &created,
            key: key.as_ref(),
            repository: &self.repository,
        })?;
        output_file::new_folder(&self.out)?;
        write(&self.out, &files)?;
        show(&self.out, &files, component.len());
        Ok(Ending::Done)
    }
}

/// What a host lets one call use, as a manifest says it.
fn limits(limits: &Limits) -> packaging::Limits {
    packaging::Limits {
        memory_bytes: limits.memory_bytes as u64,
        call_seconds: limits.call_time.as_secs(),
        cpu_seconds: limits.cpu_time.as_secs(),
        requests: limits.http_requests,
        answer_bytes: limits.response_bytes,
        changes_bytes: limits.commit_bytes,
        state_bytes: limits.state_bytes,
        plan_bytes: limits.plan_bytes,
        secret_uses: limits.secret_uses,
    }
}

/// When it is said to be made: a time of the sources (<https://reproducible-builds.org/specs/source-date-epoch/>),
/// since that of the clock would be another each time.
fn created() -> Result<String, WrongUsage> {
    let Some(seconds) = env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(moment(0));
    };
    let milliseconds = seconds.to_str().and_then(|seconds| {
        let seconds: u64 = seconds.parse().ok()?;
        seconds.checked_mul(1_000)
    });
    milliseconds
        .map(moment)
        .ok_or_else(|| WrongUsage("SOURCE_DATE_EPOCH is a number of seconds since 1970".to_owned()))
}

fn private_key(path: &Path) -> Result<PrivateKey, WrongUsage> {
    let pem = read_bounded(path, 1 << 20)?;
    PrivateKey::read(&pem)
        .map_err(|error| WrongUsage(format!("--sign {}: {error}", path.display())))
}

fn write(folder: &Path, files: &[File]) -> anyhow::Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        output_file::write(&path, &file.bytes)?;
    }
    Ok(())
}

fn show(folder: &Path, files: &[File], before: usize) {
    let component = files.iter().find(|file| file.path == COMPONENT_FILE);
    let bytes = component.map_or(0, |file| file.bytes.len());
    printer::line(format_args!("{}: {} files", folder.display(), files.len()));
    printer::line(format_args!(
        "{COMPONENT_FILE}: {bytes} bytes, of which {} say what it is",
        bytes.saturating_sub(before)
    ));
    if let Some(manifest) = packaging::manifest_digest(files) {
        printer::line(format_args!("manifest: {manifest}"));
    }
}
