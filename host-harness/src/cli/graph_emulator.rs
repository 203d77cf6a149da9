//! `graph-emulator`: runs a local Microsoft Graph until it is interrupted.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::failure::Ending;
use super::printer;
use crate::graph_emulator::{
    DirectorySource, Emulator, EmulatorOptions, TenantOptions, controls_as_text,
};

const EXAMPLES: &str = "\
Examples:
  host-harness graph-emulator --users 100000 --port 8080
  host-harness graph-emulator --directory users.json --tls --ca-file emulator-ca.pem
  host-harness graph-emulator --certificate application.pem
  curl -X POST http://127.0.0.1:8080/emulator/users/ID/disable

Controls, over HTTP; GET /emulator lists them, too:
";

/// Run a local Microsoft Graph
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}{}", controls_as_text()))]
pub(super) struct GraphEmulatorCommand {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// People of a synthetic company
    #[arg(long, default_value_t = 1000, conflicts_with = "directory")]
    users: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1, conflicts_with = "directory")]
    seed: u64,
    /// A directory as `GET /users` returns it
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// Speak https, with a certificate made for the occasion
    #[arg(long)]
    tls: bool,
    /// Where to write the certificate to be trusted
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// Name of the organisation
    #[arg(long, default_value = "Contoso")]
    organization: String,
    /// The client secret that is accepted (a made-up one: the emulator guards nothing)
    #[arg(long, default_value = "emulator-secret")]
    accept_secret: String,
    /// A certificate (PEM) that the application may sign in with; may be given again
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Print where it listens as JSON, in one line
    #[arg(long)]
    json: bool,
}

impl GraphEmulatorCommand {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let mut certificates = Vec::with_capacity(self.certificate.len());
        for path in &self.certificate {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            certificates.push(text);
        }
        let tenant = TenantOptions {
            organization: self.organization,
            client_secret: self.accept_secret,
            certificates,
            ..TenantOptions::default()
        };
        let options = EmulatorOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], self.port)),
            tls: self.tls,
            tenant: tenant.clone(),
            directory: match self.directory {
                Some(path) => DirectorySource::File(path),
                None => DirectorySource::Synthetic {
                    users: self.users,
                    seed: self.seed,
                },
            },
            ..EmulatorOptions::default()
        };
        let emulator = Emulator::start(options).await?;
        if let (Some(path), Some(pem)) = (&self.ca_file, emulator.ca_pem()) {
            std::fs::write(path, pem)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let endpoints = serde_json::json!({
            "login": emulator.login_url(),
            "graph": emulator.graph_url(),
            "tenantId": tenant.tenant_id,
            "clientId": tenant.client_id,
        });
        if self.json {
            printer::json_line(&endpoints)?;
        } else {
            printer::line(format_args!(
                "Microsoft Graph and its token endpoint at {}",
                emulator.graph_url()
            ));
            printer::line(format_args!(
                "tenant {}, client {}",
                tenant.tenant_id, tenant.client_id
            ));
            printer::line(format_args!(
                "In a configuration: \"endpoints\": {{ \"login\": \"{}\", \"graph\": \"{}\" }}, to be used with \
                 --allow-loopback",
                emulator.login_url(),
                emulator.graph_url()
            ));
            printer::line(format_args!(
                "What changes the directory, and makes things go wrong: {}/emulator lists it",
                emulator.graph_url()
            ));
            printer::line("Press Ctrl-C to end.");
        }
        tokio::signal::ctrl_c()
            .await
            .context("Ctrl-C cannot be waited for")?;
        emulator.stop().await;
        Ok(Ending::Done)
    }
}
