//! The command line: arguments to a request, the request to a library call, its result to a printer.
//!
//! Nothing but `printer` and `progress` writes to the terminal, so that `--json` gives JSON and
//! nothing else on standard output.

mod bench;
mod certificates;
mod component_file;
mod compose;
mod conflicts;
mod conformance;
mod connect;
mod contacts;
mod demo;
mod description;
mod destinations;
mod explain;
mod failure;
mod graph_emulator;
mod input_file;
mod inspect;
mod inspected_destination;
mod messagemedia_emulator;
mod network;
mod open_workspace;
mod output_file;
mod package;
mod person;
mod plan;
mod platform_application;
mod printer;
mod progress;
mod pull;
mod push;
mod registry_access;
mod remembered;
mod report;
mod retry;
mod run_summary;
mod secrets;
mod serve;
mod slices;
mod sync;
mod undo;
mod vault;
mod workspaces;
mod wrong_usage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use failure::Ending;
use sync_runner::DataDirectory;
use wrong_usage::WrongUsage;

/// Keeps contacts in step with a Microsoft Entra ID directory.
#[derive(Debug, Parser)]
#[command(name = "host-harness", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Arguments {
    /// Directory of the workspace: its contacts, and where its secrets are [default: .connector]; for
    /// serve, workspaces, vault and audit, of the server [default: .connector-server]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  host-harness demo
  host-harness connect connector.json --secret client-secret=@secret.txt
  host-harness plan --details
  host-harness sync
  host-harness report
  host-harness explain zoe@contoso.example
  host-harness contacts --list Sales --csv > sales.csv
  host-harness serve --demo

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 blocked by a limit.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a directory become contacts, on this machine alone
    Demo(demo::Demo),
    /// Save a configuration and test the connection
    Connect(connect::Connect),
    /// Say what a sync would do, without doing it
    Plan(plan::Plan),
    /// Bring the contacts in step with the directory
    Sync(sync::Sync),
    /// Show how the connection stands
    Report(report::Report),
    /// Tell who somebody is, and why they are as they are
    Explain(explain::Explain),
    /// Try one person again
    Retry(retry::Retry),
    /// Show what both sides have changed, and decide whose value counts
    Conflicts(conflicts::Conflicts),
    /// Take back what a run did
    Undo(undo::Undo),
    /// List, export, edit and add contacts
    Contacts(contacts::Contacts),
    /// Run the web server: set-up, overview, schedules, for many workspaces
    Serve(serve::Serve),
    /// Make the workspaces of a server, and let people in
    Workspaces(workspaces::Workspaces),
    /// Change the keys of a server's secrets
    Vault(vault::Vault),
    /// Read and check a server's audit log
    Audit(vault::Audit),
    /// Run a local Microsoft Graph
    GraphEmulator(graph_emulator::GraphEmulatorCommand),
    /// Make of the connector what a marketplace wants
    Package(package::Package),
    /// Give a package to a registry
    Push(push::Push),
    /// Take a component from a registry
    Pull(pull::Pull),
    /// Say what a component is, needs and would be allowed
    Inspect(inspect::Inspect),
    /// Put a destination into the connector, as one component
    Compose(compose::Compose),
    /// Try whether a host keeps what the contract promises
    Conformance(conformance::Conformance),
    /// Run a local MessageMedia Contacts API
    MessagemediaEmulator(messagemedia_emulator::MessagemediaEmulatorCommand),
    /// Measure the connector beside two floors
    Bench(bench::Bench),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            printer::error(&anyhow::anyhow!(
                "the asynchronous runtime cannot be started: {error}"
            ));
            return Ending::Failed.into();
        }
    };
    let ending = runtime.block_on(async {
        hear_of_full_files();
        run(arguments).await
    });
    let ending = ending.unwrap_or_else(|error| {
        printer::error(&error);
        Ending::of(&error)
    });
    ending.into()
}

/// A file that may not grow any more is an error like a full disk, and no reason to be killed (setrlimit(2),
/// RLIMIT_FSIZE): whoever listens to the signal hears of it from the write.
fn hear_of_full_files() {
    #[cfg(target_os = "linux")]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// signal(7): the same on every architecture but MIPS, where 25 is SIGCONT and as harmless.
        const SIGXFSZ: i32 = 25;
        // The handler stays when the stream is dropped.
        if let Err(error) = signal(SignalKind::from_raw(SIGXFSZ)) {
            tracing::debug!(%error, "SIGXFSZ would end this process");
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    let is_about_components = matches!(
        arguments.command,
        Command::Package(_)
            | Command::Push(_)
            | Command::Pull(_)
            | Command::Inspect(_)
            | Command::Conformance(_)
    );
    if is_about_components && arguments.data.is_some() {
        let why = "this command is about a component and uses no workspace: leave out --data";
        return Err(WrongUsage(why.to_owned()).into());
    }
    let data = DataDirectory::new(arguments.data.clone());
    match arguments.command {
        Command::Serve(serve) => serve.run(arguments.data).await,
        Command::Workspaces(workspaces) => workspaces.run(arguments.data),
        Command::Vault(vault) => vault.run(arguments.data),
        Command::Audit(audit) => audit.run(arguments.data),
        Command::Demo(demo) => demo.run().await,
        Command::Connect(connect) => connect.run(&data).await,
        Command::Plan(plan) => plan.run(&data).await,
        Command::Sync(sync) => sync.run(&data).await,
        Command::Report(report) => report.run(&data).await,
        Command::Explain(explain) => explain.run(&data).await,
        Command::Retry(retry) => retry.run(&data).await,
        Command::Conflicts(conflicts) => conflicts.run(&data).await,
        Command::Undo(undo) => undo.run(&data).await,
        Command::Contacts(contacts) => contacts.run(&data),
        Command::GraphEmulator(emulator) => emulator.run().await,
        Command::Package(package) => package.run().await,
        Command::Push(push) => push.run().await,
        Command::Pull(pull) => pull.run().await,
        Command::Inspect(inspect) => inspect.run().await,
        Command::Compose(compose) => compose.run(),
        Command::Conformance(conformance) => conformance.run().await,
        Command::MessagemediaEmulator(emulator) => emulator.run().await,
        Command::Bench(bench) => bench.run().await,
    }
}
