//! The command line of the emulator, for its own binary and for programs that have it as a subcommand.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use emulator_controls::command::{ServingError, until_interrupted};
use serde_json::json;

use super::{DirectorySource, Emulator, EmulatorError, EmulatorOptions, TenantOptions};

/// What a synthetic company has at most: what can be said of each is worked out at the start.
const MOST_GROUPS: u64 = 1_000_000;
/// Each of them is kept.
const MOST_CONTACTS: u64 = 1_000_000;

/// What the emulator is started with.
#[derive(Debug, Args)]
pub struct EmulatorCommand {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// People of a synthetic company
    #[arg(long, default_value_t = 1000, conflicts_with = "directory")]
    users: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1, conflicts_with = "directory")]
    seed: u64,
    /// Groups of the synthetic company, of which each person is in four
    #[arg(long, default_value_t = 0, conflicts_with = "directory", value_parser = clap::value_parser!(u64).range(..=MOST_GROUPS))]
    groups: u64,
    /// Organisational contacts of the synthetic company, beside those in its groups
    #[arg(long, default_value_t = 0, conflicts_with = "directory", value_parser = clap::value_parser!(u64).range(..=MOST_CONTACTS))]
    contacts: u64,
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
    /// Let a listener on this machine subscribe to changes without TLS
    #[arg(long)]
    plain_listeners: bool,
    /// Certificates (PEM) by which listeners are trusted, beside the public ones; may be given again
    #[arg(long, value_name = "FILE")]
    listener_ca: Vec<PathBuf>,
    /// Print where it listens as JSON, in one line
    #[arg(long)]
    json: bool,
}

/// Why the command ended otherwise than by being interrupted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A certificate that the application would sign in with, or that listeners are trusted by.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The certificate that is to be trusted.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The emulator did not start.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// It could not serve to its end.
    #[error(transparent)]
    Serving(#[from] ServingError),
}

impl EmulatorCommand {
    /// Starts the emulator, says on `out` where it listens, and serves until Ctrl-C.
    ///
    /// # Errors
    /// [`CommandError`], before anything is served or when the process cannot hear of its end.
    pub async fn run(self, out: &mut (dyn Write + Send)) -> Result<(), CommandError> {
        let certificates = read_all(self.certificate)?;
        let listener_authorities = read_all(self.listener_ca)?;
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
            synthetic_groups: self.groups,
            synthetic_contacts: self.contacts,
            plain_listeners: self.plain_listeners,
            listener_authorities,
            ..EmulatorOptions::default()
        };
        let emulator = Emulator::start(options).await?;
        if let (Some(path), Some(pem)) = (self.ca_file, emulator.ca_pem()) {
            std::fs::write(&path, pem)
                .map_err(|source| CommandError::Unwritable { path, source })?;
        }
        let told = |out: &mut (dyn Write + Send)| {
            if self.json {
                tell_program(&emulator, &tenant, out)
            } else {
                tell_person(&emulator, &tenant, out)
            }
        };
        until_interrupted(out, told).await?;
        emulator.stop().await;
        Ok(())
    }
}

fn read_all(paths: Vec<PathBuf>) -> Result<Vec<String>, CommandError> {
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(source) => Err(CommandError::Unreadable { path, source }),
    };
    paths.into_iter().map(read).collect()
}

fn tell_program(
    emulator: &Emulator,
    tenant: &TenantOptions,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let endpoints = json!({
        "login": emulator.login_url(),
        "graph": emulator.graph_url(),
        "tenantId": tenant.tenant_id,
        "clientId": tenant.client_id,
    });
    writeln!(out, "{endpoints}")
}

fn tell_person(
    emulator: &Emulator,
    tenant: &TenantOptions,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let (login, graph) = (emulator.login_url(), emulator.graph_url());
    writeln!(out, "Microsoft Graph and its token endpoint at {graph}")?;
    writeln!(
        out,
        "tenant {}, client {}",
        tenant.tenant_id, tenant.client_id
    )?;
    writeln!(
        out,
        "In a configuration: \"endpoints\": {{ \"login\": \"{login}\", \"graph\": \"{graph}\" }}, to be \
         used with --allow-loopback"
    )?;
    writeln!(
        out,
        "What changes the directory, and makes things go wrong: {graph}/emulator lists it"
    )?;
    writeln!(out, "Press Ctrl-C to end.")
}
