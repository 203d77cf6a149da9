//! `conformance`: tries a host with the conformance component.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use conformance::{
    Addresses, Report, SECRET_NAME, SECRET_VALUE, try_host, try_lost_lease, try_stop,
};
use connector_artifacts::conformance_bytes;
use connector_contract::imports::SecretsInMemory;
use connector_runtime::{HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use sync_runner::grant::grant;
use sync_runner::{DataDirectory, OpenWorkspace, in_words};

use super::failure::Ending;
use super::output_file;
use super::printer::{self, Colour, coloured};
use super::progress::asked_to_end;

/// Try whether a host keeps what the contract promises
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness conformance
  host-harness conformance --json | jq '.checks[] | select(.passed | not)'
  host-harness conformance --write host_conformance.wasm    (for another host)
  host-harness conformance --addresses                      (what it asks there, until Ctrl-C)

Without an option this host is tried, on a workspace that is made for it and thrown away. For another host, load
the file in the connector's place, give it the document that --addresses prints, and call configure, plan, sync
with the plan's approval until it is finished, and report: its explanation is the report, as JSON.")]
pub(super) struct Conformance {
    /// Write the component to this file, which is not there yet, and try nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["addresses", "json", "details"])]
    write: Option<PathBuf>,
    /// Serve the addresses that the component asks, and print the document that names them
    #[arg(long, conflicts_with_all = ["json", "details"])]
    addresses: bool,
    /// Show every check, also those that passed
    #[arg(long)]
    details: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Conformance {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        if let Some(file) = &self.write {
            output_file::write(file, conformance_bytes())?;
            return Ok(Ending::Done);
        }
        let addresses = Addresses::start()
            .await
            .context("no port of this machine can be listened at")?;
        if self.addresses {
            printer::json_line(&addresses.document())?;
            printer::notice(format_args!(
                "The secret {SECRET_NAME} has the value {SECRET_VALUE}. Ctrl-C ends this."
            ));
            asked_to_end().await;
            return Ok(Ending::Done);
        }
        let report = try_this_host(&addresses).await?;
        if self.json {
            printer::json(&report)?;
        } else {
            show(&report, self.details);
        }
        Ok(if report.is_passed() {
            Ending::Done
        } else {
            Ending::Failed
        })
    }
}

/// Tries this host on a workspace that nobody else has.
async fn try_this_host(addresses: &Addresses) -> anyhow::Result<Report> {
    let directory = tempfile::tempdir().context("no directory can be made for the workspace")?;
    let store = DataDirectory::new(Some(directory.path().to_owned())).store()?;
    let document = addresses.document();
    let text = document.to_string();
    let mut workspace = Workspace::new(store.clone());
    workspace.secrets = Arc::new(SecretsInMemory::new([(SECRET_NAME, SECRET_VALUE)]));
    workspace.http = HttpAccess::new(grant(&text, &[], true)?, &HttpOptions::default())?;
    let mut opened = OpenWorkspace {
        store,
        connector: Runtime::new(RuntimeOptions::default())?.load(conformance_bytes())?,
        workspace,
    };
    opened.hold("conformance")?;
    let tried = try_host(&opened, &text).await?;
    for error in &tried.ended {
        printer::notice(format_args!("this host ended a call: {}", in_words(error)));
    }
    let mut report = tried.report;
    report.decide("stop", try_stop(&opened, &document).await?);
    // The last one, because nothing is written under this lease any more.
    report.decide("lease-lost", try_lost_lease(&opened, &document).await?);
    Ok(report)
}

fn show(report: &Report, details: bool) {
    for check in &report.checks {
        if check.passed && !details {
            continue;
        }
        let colour = if check.passed {
            Colour::Green
        } else if report.failures().any(|failed| failed.name == check.name) {
            Colour::Red
        } else {
            Colour::Yellow
        };
        printer::line(format_args!(
            "{}  {}",
            coloured(colour, &check.name),
            check.sentence()
        ));
    }
    printer::line(format_args!(
        "{} (contract {}, {} ms)",
        report.sentence(),
        report.contract,
        report.took_ms
    ));
}
