//! `workspaces`: makes them, and lets people in.

use std::path::PathBuf;

use api_types::shapes::moment;
use clap::{Args, Subcommand, ValueEnum};
use schedule::Tier;
use serde::Serialize;
use server::{Operator, Role};

use super::failure::Ending;
use super::printer;
use super::serve::ServerArguments;
use super::wrong_usage::WrongUsage;

/// Make the workspaces of a server, and let people in
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness workspaces
  host-harness workspaces add acme --name 'Acme Ltd' --plan plus --time-zone Europe/Berlin
  host-harness workspaces invite acme --who Ada
  host-harness workspaces invite acme --who Max --role member
  host-harness workspaces revoke acme --who Max

The server may run meanwhile.")]
pub(super) struct Workspaces {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    server: ServerArguments,
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a workspace
    Add(Add),
    /// Make a link that lets one person in, once, within a day
    Invite(Invite),
    /// End the sessions of a workspace and take back its links, of one person or of everybody
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Add {
    /// Lower-case letters, digits and hyphens
    id: String,
    /// For people [default: the id]
    #[arg(long)]
    name: Option<String>,
    /// Decides the least time between scheduled syncs: standard 60 minutes, plus 30
    #[arg(long, value_enum, default_value_t)]
    plan: PlanName,
    /// In which schedules are meant
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// The settings to begin with
    #[arg(long, default_value = "mirror", value_parser = ["additive", "mirror", "lifecycle", "messaging"])]
    preset: String,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PlanName {
    #[default]
    Standard,
    Plus,
}

#[derive(Debug, Args)]
struct Invite {
    /// The workspace's id
    workspace: String,
    /// What the person is called in the audit log
    #[arg(long)]
    who: String,
    /// What they may do
    #[arg(long, value_enum, default_value_t)]
    role: RoleName,
}

#[derive(Debug, Args)]
struct Revoke {
    /// The workspace's id
    workspace: String,
    /// Only of the person who is called so in the audit log
    #[arg(long)]
    who: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum RoleName {
    #[default]
    Administrator,
    Member,
}

/// One element of `workspaces --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WorkspaceShape {
    id: String,
    name: String,
    state: &'static str,
    next_run: Option<String>,
}

impl Workspaces {
    pub(super) fn run(self, data: Option<PathBuf>) -> anyhow::Result<Ending> {
        let options = self.server.options(data);
        let operator = match self.action {
            // The first workspace makes the server's directory.
            Some(Action::Add(_)) => Operator::open(&options)?,
            _ => Operator::open_existing(&options)?,
        };
        match self.action {
            None => list(&operator, self.json)?,
            Some(Action::Add(add)) => {
                let plan = match add.plan {
                    PlanName::Standard => Tier::Standard,
                    PlanName::Plus => Tier::Plus,
                };
                let name = add.name.as_deref().unwrap_or(&add.id);
                let preset = &add.preset;
                if !operator.add_workspace(&add.id, name, plan, &add.time_zone, preset)? {
                    return Err(WrongUsage(format!(
                        "there is a workspace `{}` already; it was left as it is",
                        add.id
                    ))
                    .into());
                }
                printer::line(format_args!(
                    "Made. Next: `workspaces invite {} --who NAME` lets its administrator in.",
                    add.id
                ));
            }
            Some(Action::Invite(invite)) => {
                let role = match invite.role {
                    RoleName::Administrator => Role::Administrator,
                    RoleName::Member => Role::Member,
                };
                let invited = operator.invite(&invite.workspace, &invite.who, role)?;
                printer::notice(format_args!(
                    "Works once, within {} hours. Give it to this person alone.",
                    invited.good_for.as_secs() / 3600
                ));
                if invited.is_guess {
                    printer::notice(
                        "No server ran here yet: the link leads to where `serve` listens by itself. Where it \
                         will have another address, say so with --public-url.",
                    );
                }
                printer::line(invited.link);
            }
            Some(Action::Revoke(revoke)) => {
                let revoked = operator.revoke(&revoke.workspace, revoke.who.as_deref())?;
                printer::line(format_args!(
                    "Ended {}, took back {}.",
                    printer::counted(revoked.sessions, "session"),
                    printer::counted(revoked.links, "link")
                ));
            }
        }
        Ok(Ending::Done)
    }
}

fn list(operator: &Operator<'_>, json: bool) -> anyhow::Result<()> {
    let next = |at: Option<i64>| at.map(|at| moment(at.unsigned_abs()));
    let workspaces = operator.workspaces()?;
    if json {
        let shapes: Vec<_> = workspaces
            .into_iter()
            .map(|workspace| WorkspaceShape {
                id: workspace.id,
                name: workspace.name,
                state: workspace.state,
                next_run: next(workspace.next_run_ms),
            })
            .collect();
        return printer::json(&shapes);
    }
    if workspaces.is_empty() {
        printer::line("There are no workspaces; `workspaces add ID` makes one.");
        return Ok(());
    }
    let rows = workspaces.into_iter().map(|workspace| {
        let next = next(workspace.next_run_ms).unwrap_or_default();
        [
            workspace.id,
            workspace.name,
            workspace.state.to_owned(),
            next,
        ]
    });
    printer::line(printer::table(["id", "name", "state", "next sync"], rows));
    Ok(())
}
