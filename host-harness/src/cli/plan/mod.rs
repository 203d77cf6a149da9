//! `plan`: says what a sync would do, and looks back at plans that are kept.

mod compare;
mod kept;
mod listing;
mod show;
pub(super) mod words;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use connector_contract::{Effect, RunMode};
use store_api::PlanFilter;
use sync_runner::{DataDirectory, plans};

use super::failure::{Ending, explain_way};
use super::input_file;
use super::open_workspace::ConnectionArguments;
use super::printer;
use super::progress::ShownProgress;
use super::wrong_usage::WrongUsage;

/// Say what a sync would do, without doing it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness plan
  host-harness plan --full --details
  host-harness plan --json --details > plan.json
  host-harness plan --config new.json      (what another configuration would do; it is not saved)
  host-harness plan show --person zoe@contoso.example
  host-harness plan compare 3f2a 91bc

A plan is kept under its digest, the last ten are. `sync --approve DIGEST` performs exactly one.")]
pub(super) struct Plan {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Read everybody, not only what changed
    #[arg(long)]
    full: bool,
    /// Plan with this configuration instead of the saved one, which stays as it is
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Show every change, field by field; with --config, everybody who is skipped, too
    #[arg(long)]
    details: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(listing::List),
    Show(show::Show),
    Compare(compare::Compare),
}

impl Plan {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        if self.action.is_some()
            && (self.full || self.details || self.json || self.config.is_some())
        {
            return Err(WrongUsage(
                "options of a new plan do not go with `list`, `show` and `compare`; write options \
                 of these behind the word"
                    .to_owned(),
            )
            .into());
        }
        match &self.action {
            Some(Action::List(list)) => list.run(&*data.existing_store()?),
            Some(Action::Show(show)) => show.run(&*data.existing_store()?),
            Some(Action::Compare(compare)) => compare.run(&*data.existing_store()?),
            None => self.plan(data).await,
        }
    }

    async fn plan(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let _lock = data.lock("plan")?;
        let control = ShownProgress::start(false);
        let (mut opened, document) = match &self.config {
            None => self.connection.open_saved(data, control.clone()).await?,
            Some(file) => {
                let document = input_file::text(file)?;
                let opened = self
                    .connection
                    .open_with(data, &document, control.clone())
                    .await?;
                (opened, document)
            }
        };
        opened.hold("plan")?;
        let mode = if self.full {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        let made = plans::make(&opened, &document, mode).await;
        control.finish();
        let mut summary = made?
            .result
            .map_err(|error| explain_way(error, &opened.workspace.http))?;
        if let Some(file) = &self.config {
            summary.configuration = Some(file.display().to_string());
        }
        plans::keep(&*opened.store, &summary)?;
        let wanted = self.wanted();
        if self.json {
            if self.details {
                let changes = plans::changes(&*opened.store, &summary.digest, &wanted);
                summary.changes = Some(changes.collect::<Result<_, _>>()?);
            }
            printer::json(&summary)?;
        } else {
            words::show(&summary);
            if self.details {
                for change in plans::changes(&*opened.store, &summary.digest, &wanted) {
                    words::show_change(&*opened.store, &change?);
                }
            }
            words::show_what_next(&summary);
        }
        Ok(words::ending(&summary))
    }

    /// What the details are about. Who tries a configuration also wants to know whom it leaves out.
    fn wanted(&self) -> PlanFilter {
        let mut effects = words::CHANGING.to_vec();
        if self.config.is_some() {
            effects.push(Effect::Skip);
        }
        PlanFilter {
            effects,
            ..PlanFilter::default()
        }
    }
}
