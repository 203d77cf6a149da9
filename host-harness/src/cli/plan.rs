//! `plan`: says what a sync would do.

use clap::Args;

use super::data_directory::DataDirectory;
use super::failure::{Ending, explain};
use super::place::{ConnectionArguments, Opened};
use super::printer::{self, Colour, coloured};
use super::progress::ShownProgress;
use super::shapes::{ChangeShape, PlanShape, effect_name, mode_name};
use crate::contract::{PlanSummary, RunMode};
use crate::runtime::imports::PlanSink as _;
use crate::store::PlanRecord;

/// Changes read from the store at a time.
const BATCH: u32 = 500;

/// Say what a sync would do, without doing it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness plan
  host-harness plan --full --details
  host-harness plan --json --details > plan.json")]
pub(super) struct Plan {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Read everybody, not only what changed
    #[arg(long)]
    full: bool,
    /// Show every change, field by field
    #[arg(long)]
    details: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Plan {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let _working = data.work("plan")?;
        let control = ShownProgress::start(false);
        let (opened, document) = self.connection.open_saved(data, control.clone()).await?;
        let mode = if self.full {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        let summary = make(&opened, &document, mode).await;
        control.finish();
        let summary = summary?;
        if self.json {
            let changes = self
                .details
                .then(|| changes(&opened, &summary.digest))
                .transpose()?;
            printer::json(&PlanShape::new(summary, changes))?;
        } else {
            show(&summary);
            if self.details {
                for change in changes(&opened, &summary.digest)? {
                    show_change(&change);
                }
            }
        }
        Ok(Ending::Done)
    }
}

/// Makes a plan and keeps it, entries and summary.
pub(super) async fn make(
    opened: &Opened,
    document: &str,
    mode: RunMode,
) -> anyhow::Result<PlanSummary> {
    opened.store.begin_plan()?;
    let summary = opened
        .connector
        .plan(&opened.workspace, document, mode)
        .await
        .result
        .map_err(explain)?;
    opened.store.keep_plan(&PlanRecord {
        digest: summary.digest.clone(),
        mode: mode_name(summary.mode).to_owned(),
        created_at_ms: super::sync::now_ms(),
        summary: serde_json::to_string(&PlanShape::new(summary.clone(), None))?,
    })?;
    Ok(summary)
}

/// Every change of a plan that is kept, by object id.
pub(super) fn changes(opened: &Opened, digest: &str) -> anyhow::Result<Vec<ChangeShape>> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = opened
            .store
            .changes(Some(digest), after.as_deref(), BATCH)
            .map_err(|error| anyhow::anyhow!("the plan cannot be read: {error:?}"))?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = Some(last.object_id.clone());
        all.extend(page.into_iter().map(ChangeShape::from));
    }
}

pub(super) fn show(summary: &PlanSummary) {
    printer::line(format_args!("A {} sync would:", mode_name(summary.mode)));
    let rows = summary
        .counts
        .iter()
        .filter(|entry| entry.count > 0)
        .map(|entry| {
            [
                effect_name(entry.effect).to_owned(),
                entry.count.to_string(),
            ]
        });
    printer::line(printer::table(["", ""], rows).trim_start_matches('\n'));
    for skip in &summary.skips {
        printer::line(format_args!("  skipped, {}: {}", skip.reason, skip.count));
    }
    for warning in &summary.warnings {
        printer::line(format_args!("  {}", warning.message));
    }
    for block in &summary.blocks {
        printer::line(format_args!(
            "{}: {}\n  {}\n  To let exactly this pass: sync --approve {}",
            coloured(Colour::Red, "would be blocked"),
            block.message,
            block.cause,
            block.digest
        ));
    }
    printer::line(format_args!("digest {}", summary.digest));
}

fn show_change(change: &ChangeShape) {
    let contact = change
        .contact_id
        .as_deref()
        .map(|id| format!(" contact {id}"))
        .unwrap_or_default();
    let title = format!("{} {}{contact}", change.change, change.object_id);
    printer::line(format_args!(
        "{} ({})",
        coloured(Colour::Bold, title),
        change.reason
    ));
    for field in &change.fields {
        let shown = |value: &Option<String>| {
            value
                .as_deref()
                .map_or_else(|| "(empty)".to_owned(), printer::plain)
        };
        printer::line(format_args!(
            "  {}: {} -> {}",
            field.field,
            shown(&field.before),
            shown(&field.after)
        ));
    }
    for list in &change.joins {
        printer::line(format_args!("  joins {}", printer::plain(list)));
    }
    for list in &change.leaves {
        printer::line(format_args!("  leaves {}", printer::plain(list)));
    }
}
