//! `undo`: takes back what a run did, as a plan first.

use super::sync::whole_digest;
use api_types::shapes::UNDO;
use api_types::shapes::{ChangedRunShape, RunShape, moment};
use clap::Args;
use connector_contract::{Effect, RunStatus, UndoRequest};
use serde_json::Value;
use store_api::{AdminStore, ChangedRun, PlanFilter};
use sync_runner::{DataDirectory, OpenWorkspace, plans};

use super::destinations::destination_of;
use super::failure::{Ending, explain};
use super::open_workspace::ConnectionArguments;
use super::plan::words;
use super::printer;
use super::progress::ShownProgress;
use super::run_summary::{ending, show_as};
use super::slices::{SliceArguments, to_the_end};
use super::wrong_usage::WrongUsage;

/// How many runs are listed.
const LISTED: u32 = 30;

/// Take back what a run did
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness undo                          (the last runs that changed contacts)
  host-harness undo RUN --details            (what taking it back would do; nothing is written)
  host-harness undo RUN --approve DIGEST     (does exactly that)

What was edited since is left alone. What the run gave the directory is given back to it, and the contact's field goes
with it: where both still hold it, within the limits and permissions of any write. Of a run that only read, the directory
is not asked.")]
pub(super) struct Undo {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// The id of the run, or how it begins
    run: Option<String>,
    /// Perform exactly the plan with this digest
    #[arg(long, value_name = "DIGEST", requires = "run")]
    approve: Option<String>,
    /// Show every change, field by field, and whoever is left alone
    #[arg(long, requires = "run", conflicts_with = "approve")]
    details: bool,
    #[command(flatten)]
    slice: SliceArguments,
    /// Who asks, for the record
    #[arg(long, default_value = UNDO)]
    trigger: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Undo {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let Some(beginning) = &self.run else {
            return self.list(&*data.existing_store()?);
        };
        let _lock = data.lock("undo")?;
        let control = ShownProgress::start(false);
        let (_, saved) = data.connected_store()?;
        // What a run gave the directory is given back: that needs a way to it.
        let (mut opened, document) = if writes_directory(&saved) {
            self.connection.open_saved(data, control.clone()).await?
        } else {
            self.connection.open_to_look(data).await?
        };
        opened.workspace.control = control.clone();
        opened.hold("undo")?;
        let run = run_named(&*opened.store, beginning)?;
        let outcome = match &self.approve {
            None => self.plan(&opened, &document, &run, &control).await,
            Some(digest) => {
                self.perform(&opened, &document, &run, digest, &control)
                    .await
            }
        };
        control.finish();
        outcome
    }

    fn list(&self, store: &dyn AdminStore) -> anyhow::Result<Ending> {
        if destination_of(store)?.is_some() {
            anyhow::bail!(
                "what runs have changed is kept with the contacts, at the destination: `report` lists the runs, and \
                 `undo RUN` says what taking one of them back would do"
            );
        }
        let runs = store.changed_runs(LISTED)?;
        if self.json {
            let runs = runs.into_iter().map(|run| Ok(shape(run)));
            printer::json_array(runs)?;
        } else if runs.is_empty() {
            printer::line("No run has changed a contact.");
        } else {
            let rows = runs.into_iter().map(|run| {
                [
                    run.run,
                    moment(run.at_ms),
                    run.people.to_string(),
                    run.changes.to_string(),
                ]
            });
            printer::line(printer::table(["run", "at", "people", "changes"], rows));
            printer::line("`undo RUN` says what taking one of them back would do.");
        }
        Ok(Ending::Done)
    }

    async fn plan(
        &self,
        opened: &OpenWorkspace,
        document: &str,
        run: &str,
        control: &ShownProgress,
    ) -> anyhow::Result<Ending> {
        let made = plans::make_undo(opened, document, run).await?;
        let mut summary = made.result.map_err(explain)?;
        plans::keep(&*opened.store, &summary)?;
        control.finish();
        let mut effects = words::CHANGING.to_vec();
        effects.push(Effect::Skip);
        let wanted = PlanFilter {
            effects,
            ..PlanFilter::default()
        };
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

    async fn perform(
        &self,
        opened: &OpenWorkspace,
        document: &str,
        run: &str,
        digest: &str,
        control: &ShownProgress,
    ) -> anyhow::Result<Ending> {
        let plan = plans::by_digest(&*opened.store, digest)?;
        if plan.and_then(|plan| plan.summary.undoes).as_deref() != Some(run) {
            let plans = plans::all(&*opened.store)?.into_iter();
            let plans = plans.filter(|plan| plan.summary.undoes.as_deref() == Some(run));
            let known = plans.map(|plan| plan.summary.digest);
            return Err(WrongUsage(whole_digest(digest, known).unwrap_or_else(|| {
                format!(
                    "no plan that takes this run back is kept under this digest; `undo {run}` makes one \
                     and shows its digest"
                )
            }))
            .into());
        }
        let request = UndoRequest {
            run: run.to_owned(),
            approved: digest.to_owned(),
            trigger: self.trigger.clone(),
            slice: self.slice.into(),
        };
        let (run, _) = to_the_end(opened, async || {
            opened
                .connector
                .undo(&opened.workspace, document, request.clone())
                .await
        })
        .await?;
        control.finish();
        let (status, id) = (run.status, run.id.clone());
        if self.json {
            printer::json(&RunShape::from(run))?;
        } else {
            show_as("undo", &run);
            if status == RunStatus::Stopped {
                printer::line("  To go on: the same command again.");
            }
            if ending(status) == Ending::Done {
                printer::line(format_args!(
                    "The next sync reads everybody and does again what the configuration says: if \
                     the configuration was the cause, change it first, and look with `plan`.\n\
                     This undo is the run {id}; it can be taken back like any other."
                ));
            }
        }
        Ok(ending(status))
    }
}

/// Whether a document has rows that write to the directory.
fn writes_directory(document: &str) -> bool {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let writes = |place: &Value| {
        let word = place.get("direction").and_then(Value::as_str);
        word.is_some_and(|word| word != "one-way")
    };
    let sync = &document["sync"];
    let mut rows = sync["mapping"].as_object().into_iter().flatten();
    writes(sync) || rows.any(|(_, row)| writes(row))
}

/// The run whose id begins so. One that the store does not know is left to the connector to refuse.
fn run_named(store: &dyn AdminStore, beginning: &str) -> anyhow::Result<String> {
    let mut runs = store.runs_named(beginning, 2)?;
    match (runs.pop(), runs.is_empty()) {
        (Some(run), true) => Ok(run),
        (None, _) => Ok(beginning.to_owned()),
        (Some(_), false) => Err(WrongUsage(
            "several runs have an id that begins so; write more of it, as `undo` shows it"
                .to_owned(),
        )
        .into()),
    }
}

fn shape(run: ChangedRun) -> ChangedRunShape {
    ChangedRunShape {
        run_id: run.run,
        at: moment(run.at_ms),
        people: run.people,
        changes: run.changes,
    }
}
