//! `serve`: the administrator's side, for many workspaces; and what its operator does beside it.

use connector_runtime::{HttpAccess, HttpOptions, HttpPolicy};
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use connector_artifacts::component_bytes;
use schedule::Tier;
use secrecy::SecretString;
use server::{
    Endpoints, KeySource, PlatformApplication, PlatformCredential, Role, Server, ServerOptions,
    SystemClock, public_url,
};
use tokio::net::TcpListener;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::failure::Ending;
use super::network::ProxyArguments;
use super::platform_application::ApplicationArguments;
use super::printer;
use super::progress::asked_to_end;
use super::wrong_usage::WrongUsage;
use crate::graph_emulator::{Control, DirectorySource, Emulator, EmulatorOptions, TenantOptions};

/// Where a server keeps everything when nobody says.
pub(super) const DEFAULT_DATA: &str = ".connector-server";

/// The environment variable that holds the vault's keys, where they are not in a file.
pub(super) const KEYS: &str = "CONTACT_SYNC_VAULT_KEYS";

/// Where a server keeps its things. The commands of its operator have the same options.
#[derive(Clone, Debug, Args)]
pub(super) struct ServerArguments {
    /// The vault's key file [default: vault.key in the server's directory]; the variable
    /// CONTACT_SYNC_VAULT_KEYS goes before it
    #[arg(long, value_name = "FILE", global = true)]
    key_file: Option<PathBuf>,
    /// The address at which browsers find the server, such as https://sync.example [default: http:// and
    /// the one it listens on; for `workspaces invite`, where the server was found when it ran last]
    #[arg(long, value_name = "URL", value_parser = public_url, global = true)]
    public_url: Option<String>,
}

impl ServerArguments {
    /// The options of a server in a directory.
    pub(super) fn options(&self, data: Option<PathBuf>) -> ServerOptions {
        let data = data.unwrap_or_else(|| PathBuf::from(DEFAULT_DATA));
        let keys = match std::env::var(KEYS) {
            Ok(text) => KeySource::Text(SecretString::from(text)),
            Err(_) => KeySource::File(
                self.key_file
                    .clone()
                    .unwrap_or_else(|| data.join("vault.key")),
            ),
        };
        ServerOptions {
            component: Bytes::from_static(component_bytes()),
            destinations: super::destinations::all(),
            data,
            keys,
            compiled: None,
            parallel: default_parallel(),
            endpoints: None,
            public_url: self.public_url.clone().unwrap_or_default(),
            application: None,
            notifications: false,
            demo: false,
            ca_file: None,
            proxy: None,
            clock: Arc::new(SystemClock),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Run the web server: set-up, overview, schedules, for many workspaces
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness serve --demo          (a directory of invented people, on this machine alone)
  host-harness workspaces add acme --name 'Acme Ltd' --time-zone Europe/Berlin
  host-harness serve --public-url https://sync.example
  host-harness serve --public-url https://sync.example --application-id ID --application-secret @secret.txt
  host-harness workspaces invite acme --who Ada      (while it runs)

It listens on this machine only; for others, put a proxy that speaks https in front, and say its
address with --public-url. RUST_LOG chooses what is logged.")]
pub(super) struct Serve {
    /// Start with a local directory of invented people, and a workspace to connect with it
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    server: ServerArguments,
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8484")]
    listen: SocketAddr,
    /// Workspaces that may sync at the same time [default: two for each processor]; half as many may plan
    /// beside them
    #[arg(long, value_name = "N")]
    parallel: Option<NonZeroUsize>,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    proxy: ProxyArguments,
    #[command(flatten)]
    application: ApplicationArguments,
    /// Ask no directory to tell of changes at the public address: they are found by the schedule alone
    #[arg(long)]
    no_notifications: bool,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log: LogFormat,
}

impl Serve {
    pub(super) async fn run(self, data: Option<PathBuf>) -> anyhow::Result<Ending> {
        start_log(self.log)?;
        ensure!(
            self.listen.ip().is_loopback(),
            "the server listens on this machine only: use 127.0.0.1, and put a proxy that speaks https \
             in front of it for others"
        );
        let proxy = self.proxy.read()?;
        let application = self.application.read()?;
        if self.demo && application.is_some() {
            return Err(WrongUsage(
                "--demo brings an application of its own, for its invented directory: leave out --application-id and \
                 what goes with it"
                    .to_owned(),
            )
            .into());
        }
        // What cannot be read is told now, and not by the first sync of each workspace.
        HttpAccess::new(
            HttpPolicy::default(),
            &HttpOptions {
                extra_certificates: self.ca_file.clone(),
                ..HttpOptions::default()
            },
        )?;
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!(
                "cannot listen on {}; choose another with --listen",
                self.listen
            )
        })?;
        let address = listener.local_addr()?;
        let mut options = self.server.options(data.clone());
        if options.public_url.is_empty() {
            options.public_url = format!("http://{address}");
        }
        options.parallel = self.parallel.map_or(options.parallel, NonZeroUsize::get);
        options.ca_file = self.ca_file;
        options.proxy = proxy;
        options.application = application;
        // Microsoft tells nobody without https.
        options.notifications = !self.no_notifications && options.public_url.starts_with("https:");
        let temporary = tempfile::tempdir().context("no temporary directory can be made")?;
        let stage = if self.demo {
            if data.is_none() {
                options.data = temporary.path().to_owned();
                options.keys = KeySource::File(options.data.join("vault.key"));
            }
            Some(Stage::set(&mut options).await?)
        } else {
            None
        };
        let server = Server::start(listener, options.clone()).await?;
        match &stage {
            Some(stage) => stage.introduce(&server)?,
            None => printer::line(format_args!(
                "Listening on http://{address}. `workspaces invite` makes a sign-in link; Ctrl-C ends."
            )),
        }
        asked_to_end().await;
        printer::notice(
            "ending after the pages that are being worked on; Ctrl-C again ends at once",
        );
        tokio::select! {
            () = server.stop() => Ok(Ending::Done),
            _ = asked_to_end() => Ok(Ending::Failed),
        }
    }
}

/// Half of the time a workspace waits: for the directory, or for the disk.
pub(super) fn default_parallel() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// What is logged where `RUST_LOG` does not say: everything that is worth knowing of this host's own crates.
const LOGGED: &str =
    "connector_runtime=info,host_harness=info,server=info,server_db=info,sync_runner=info,warn";

fn start_log(format: LogFormat) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    // One that is there already stays.
    let _ = tracing_subscriber::registry()
        .with(log.with_filter(logged()?))
        .try_init();
    Ok(())
}

fn logged() -> anyhow::Result<Targets> {
    let chosen = match std::env::var("RUST_LOG") {
        Ok(chosen) if !chosen.trim().is_empty() => chosen,
        _ => LOGGED.to_owned(),
    };
    let wanted = "write levels and targets, such as `info` or `server=debug,warn`";
    chosen
        .parse()
        .with_context(|| format!("RUST_LOG cannot be read: {wanted}"))
}

/// A directory of invented people, and a workspace to be connected with it.
struct Stage {
    emulator: Emulator,
    tenant: TenantOptions,
}

impl Stage {
    async fn set(options: &mut ServerOptions) -> anyhow::Result<Self> {
        // As before an administrator's consent: the set-up has something to show.
        let mut tenant = TenantOptions {
            roles: Vec::new(),
            ..TenantOptions::default()
        };
        // So that groups can be chosen, too.
        tenant.permissions.push("GroupMember.Read.All".to_owned());
        let emulator = Emulator::start(EmulatorOptions {
            tenant: tenant.clone(),
            directory: DirectorySource::Users(super::demo::users()?),
            // The demonstration's server is on this machine, too.
            plain_listeners: true,
            ..EmulatorOptions::default()
        })
        .await?;
        let control: &Control = emulator.control();
        control.register_redirect_uri(format!("{}/consent", options.public_url));
        let secret = PlatformCredential::Secret(SecretString::from(&*tenant.client_secret));
        options.application = Some(PlatformApplication::new(&tenant.client_id, secret)?);
        options.demo = true;
        options.notifications = true;
        options.endpoints = Some(Endpoints {
            login: emulator.login_url(),
            graph: emulator.graph_url(),
        });
        Ok(Self { emulator, tenant })
    }

    fn introduce(&self, server: &Server) -> anyhow::Result<()> {
        let operator = server.operator();
        operator.add_workspace("demo", "Demo", Tier::Plus, "UTC", "mirror")?;
        let administrator = operator.invite("demo", "Ada (administrator)", Role::Administrator)?;
        let member = operator.invite("demo", "Max (member)", Role::Member)?;
        printer::line(format_args!(
            "The demonstration listens on http://{}.\n\n\
             Sign in as administrator, once:  {}\n\
             Sign in as member, once:         {}\n\n\
             The first step of the set-up connects with one button; sign in there as Adele Administrator.\n\
             For an app registration of your own, which it offers too:\n  \
             directory (tenant) ID    {}\n  \
             application (client) ID  {}\n  \
             client secret            {}\n\n\
             The directory of invented people is at {}; {}/emulator lists what changes it. Ctrl-C ends.",
            server.address(),
            administrator.link,
            member.link,
            self.tenant.tenant_id,
            self.tenant.client_id,
            self.tenant.client_secret,
            self.emulator.graph_url(),
            self.emulator.graph_url(),
        ));
        Ok(())
    }
}
