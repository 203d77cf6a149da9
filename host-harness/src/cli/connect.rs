//! `connect`: saves a configuration and tests the connection.

use super::{certificates, secrets};
use configuration_document::Outline;
use std::path::PathBuf;
use std::sync::Arc;

use api_types::shapes::{ConnectShape, RefusedShape};
use clap::Args;
use connector_contract::{CheckStatus, ConfigurationReport, Error as GuestError};
use connector_runtime::CallError;
use sync_runner::{DataDirectory, OpenWorkspace, configure, explain_checks};

use super::failure::{Ending, explain};
use super::input_file;
use super::open_workspace::{ConnectionArguments, Credentials};
use super::printer::{self, Colour, coloured};
use super::progress::ShownProgress;

/// Save a configuration and test the connection
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness connect connector.json --secret client-secret=@secret.txt
  host-harness connect connector.json --secret client-secret=env:CLIENT_SECRET --json
  pass show entra | host-harness connect connector.json --secret client-secret=-
  host-harness connect connector.json --certificate app.pfx --certificate-password @password.txt

What has connected already stays as it is where the configuration has problems or does not connect;
--replace puts the new one in its place all the same.")]
pub(super) struct Connect {
    /// The configuration document
    configuration: PathBuf,
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Save the configuration in the place of one that has connected, even where it does not connect
    #[arg(long)]
    replace: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Connect {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let document = input_file::text(&self.configuration)?;
        let outline = Outline::read(&document).ok();
        let target = outline.as_ref().and_then(Outline::target);
        let of_a_service = target.and_then(|target| target.secret());
        let secrets = Arc::new(self.connection.secrets(data, of_a_service)?);
        let certificates = Arc::new(self.connection.certificates(data)?);
        let credentials = Credentials {
            secrets: secrets.clone(),
            certificates: certificates.clone(),
        };
        let store = data.store()?;
        let _lock = data.lock("connect")?;
        let control = ShownProgress::start(false);
        let opened = self
            .connection
            .open(data, store, credentials, &document, control.clone())
            .await;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                control.finish();
                return self.refused(error);
            }
        };
        let OpenWorkspace {
            connector,
            workspace,
            store,
        } = &opened;
        let report = configure(connector, workspace, &**store, &document)
            .await
            .result;
        control.finish();
        let mut report = match report {
            Err(CallError::Guest {
                error: GuestError::InvalidConfiguration(problems),
                ..
            }) if self.json => {
                printer::json(&RefusedShape::from(problems))?;
                return Ok(Ending::Failed);
            }
            other => other.map_err(explain)?,
        };
        // A first document is kept even where the connection does not work yet: what is missing is often on
        // the other side, and mended there. One that has worked may work again, and a wrong digit in the new
        // one must not end that.
        let may_work =
            opened.store.document()?.is_some() && opened.store.has_connected()?.unwrap_or(true);
        let saved = report.ready || self.replace || !may_work;
        if saved {
            opened.store.save_document(&document)?;
            opened.store.note_connected(report.ready)?;
            secrets.remember()?;
            certificates.remember()?;
            self.connection.network(data)?.remember(data.path())?;
        }
        explain_checks(&mut report, &opened.workspace.http);
        explain_secret(&mut report, &document);
        let ending = if report.ready {
            Ending::Done
        } else {
            Ending::Failed
        };
        if self.json {
            printer::json(&ConnectShape {
                saved,
                ..report.into()
            })?;
        } else {
            show(&report, saved);
        }
        Ok(ending)
    }
}

impl Connect {
    /// Before the connector was asked: what is wrong with the settings of a destination is told as it tells what is
    /// wrong with the document.
    fn refused(&self, error: anyhow::Error) -> anyhow::Result<Ending> {
        match error.downcast::<CallError>()? {
            CallError::Guest {
                error: GuestError::InvalidConfiguration(problems),
                ..
            } if self.json => {
                printer::json(&RefusedShape::from(problems))?;
                Ok(Ending::Failed)
            }
            other => Err(explain(other)),
        }
    }
}

/// Says of a secret that nobody has, how to give it.
fn explain_secret(report: &mut ConfigurationReport, document: &str) {
    let outline = Outline::read(document).ok();
    let outline = outline.as_ref();
    for check in &mut report.checks {
        let how = match check.code.as_deref() {
            Some(secrets::NOT_FOUND) => {
                let name = outline.and_then(|outline| outline.secrets().next());
                secrets::say_where(name.unwrap_or("NAME"))
            }
            Some(certificates::NOT_FOUND) => {
                let name = outline.and_then(|outline| outline.keys().next());
                certificates::say_where(name.unwrap_or("NAME"))
            }
            _ => continue,
        };
        check.advice = Some(match check.advice.take() {
            Some(advice) => format!("{advice} {how}"),
            None => how,
        });
    }
}

fn show(report: &ConfigurationReport, saved: bool) {
    for check in &report.checks {
        let mark = match check.status {
            CheckStatus::Passed => coloured(Colour::Green, "ok     "),
            CheckStatus::Warning => coloured(Colour::Yellow, "warning"),
            CheckStatus::Failed => coloured(Colour::Red, "failed "),
            CheckStatus::NotTried => "–      ".to_owned(),
        };
        printer::line(format_args!("{mark} {}: {}", check.name, check.message));
        if let Some(advice) = &check.advice {
            printer::line(format_args!("        {advice}"));
        }
    }
    for warning in &report.warnings {
        printer::line(format_args!(
            "{} {warning}",
            coloured(Colour::Yellow, "note   ")
        ));
    }
    let rows = report.mappings.iter().map(|row| {
        let mandatory = if row.mandatory { "mandatory" } else { "" };
        [
            row.attribute.clone(),
            row.field.clone(),
            mandatory.to_owned(),
        ]
    });
    printer::line(format_args!(
        "\n{}\n",
        printer::table(["attribute", "field", ""], rows)
    ));
    if report.ready {
        let tenant = report.tenant_name.as_deref().unwrap_or("the directory");
        printer::line(format_args!(
            "Connected to {tenant}. Next: `plan` shows what a sync would do."
        ));
    } else if saved {
        printer::line("The configuration is saved; the connection does not work yet.");
    } else {
        printer::line(
            "Nothing was saved: what was connected before stays as it is. `connect --replace` saves this \
             configuration all the same.",
        );
    }
}
