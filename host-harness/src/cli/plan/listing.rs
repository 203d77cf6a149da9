//! `plan list`: the plans that are kept.

use api_types::shapes::{Effect, KeptPlanShape, moment};
use clap::Args;
use store_api::AdminStore;
use sync_runner::plans::{self, KeptPlan};

use super::super::failure::Ending;
use super::super::printer;

/// List the plans that are kept, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness plan list
  host-harness plan list --json | jq -r '.[0].digest'")]
pub(super) struct List {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self, store: &dyn AdminStore) -> anyhow::Result<Ending> {
        let kept = plans::all(store)?;
        if self.json {
            let rows = kept.into_iter().map(|plan| {
                Ok(KeptPlanShape {
                    created_at: moment(plan.created_at_ms),
                    plan: plan.summary,
                })
            });
            printer::json_array(rows)?;
        } else if kept.is_empty() {
            printer::line("No plan is kept; `plan` makes one.");
        } else {
            let rows = kept.iter().map(row);
            printer::line(printer::table(
                ["digest", "made", "of", "changes", "skipped", "blocked"],
                rows,
            ));
        }
        Ok(Ending::Done)
    }
}

fn row(plan: &KeptPlan) -> [String; 6] {
    let summary = &plan.summary;
    let of = match (&summary.undoes, &summary.configuration) {
        (Some(run), _) => format!("undo of {run}"),
        (None, Some(file)) => format!("{} sync with {file}", summary.mode.name()),
        (None, None) => format!("{} sync", summary.mode.name()),
    };
    [
        summary.digest.clone(),
        moment(plan.created_at_ms),
        of,
        summary.changing().to_string(),
        summary.count(&[Effect::Skip]).to_string(),
        if summary.blocks.is_empty() { "" } else { "yes" }.to_owned(),
    ]
}
