//! `report`: how the connection stands.

use api_types::shapes::{ReportShape, moment};
use api_types::shapes::{RunKind, is_sync};
use clap::Args;
use connector_contract::Block;
use connector_contract::{Ledger, Overview, ReportRequest, ReportStatus};
use sync_runner::DataDirectory;

use super::failure::{Ending, explain};
use super::open_workspace::ConnectionArguments;
use super::printer::{self, Colour, coloured};

/// Show how the connection stands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness report
  host-harness report --json | jq .status
  host-harness report --json | jq '.ledger.entries[].objectId'")]
pub(super) struct Report {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let (opened, document) = self.connection.open_to_look(data).await?;
        let request = ReportRequest {
            running: data.is_syncing(),
        };
        let overview = opened
            .connector
            .report(&opened.workspace, &document, request)
            .await
            .result
            .map_err(explain)?;
        if self.json {
            printer::json(&ReportShape::from(overview))?;
        } else {
            show(&overview);
        }
        Ok(Ending::Done)
    }
}

pub(super) fn show(overview: &Overview) {
    let colour = match overview.status {
        ReportStatus::Succeeded => Colour::Green,
        ReportStatus::NeverRun
        | ReportStatus::Syncing
        | ReportStatus::Warnings
        | ReportStatus::Incomplete => Colour::Yellow,
        ReportStatus::Failed | ReportStatus::Blocked => Colour::Red,
    };
    let last = overview
        .last_success_ms
        .map_or_else(|| "never".to_owned(), moment);
    printer::line(format_args!(
        "status            {} – {}",
        coloured(colour, overview.status.name()),
        overview.explanation
    ));
    for warning in &overview.warnings {
        printer::line(format_args!(
            "{}           {warning}",
            coloured(Colour::Yellow, "warning")
        ));
    }
    if overview.status == ReportStatus::Blocked {
        let last = overview.history.iter().find(|run| is_sync(&run.trigger));
        if let Some(block) = last.and_then(|run| run.block.as_ref()) {
            show_block(block);
        }
    }
    printer::line(format_args!("last success      {last}"));
    printer::line(format_args!(
        "active records    {}",
        overview.active_records
    ));
    printer::line(format_args!(
        "mapped attributes {}",
        overview.mapped_attributes
    ));
    printer::line(format_args!(
        "schedule          {}",
        overview.schedule.as_deref().unwrap_or("none")
    ));
    printer::line(format_args!(
        "data insights     {} with a missing field",
        printer::counted(overview.data_insights, "record")
    ));
    if !overview.data_quality.is_empty() {
        let rows = overview.data_quality.iter().map(|quality| {
            [
                quality.label.clone(),
                quality.attribute.clone(),
                quality.missing.to_string(),
            ]
        });
        printer::line(format_args!(
            "\n{}",
            printer::table(["field", "attribute", "missing"], rows)
        ));
    }
    show_ledger(&overview.ledger);
    let rows = overview.history.iter().map(|run| {
        let counts = &run.counts;
        [
            moment(run.started_at_ms),
            run.id.clone(),
            RunKind::of(&run.trigger).name().to_owned(),
            run.status.name().to_owned(),
            counts.processed.to_string(),
            counts.created.to_string(),
            counts.updated.to_string(),
            counts.skipped.to_string(),
            counts.removed.to_string(),
            counts.failed.to_string(),
        ]
    });
    let header = [
        "begun",
        "run",
        "kind",
        "status",
        "processed",
        "added",
        "updated",
        "skipped",
        "removed",
        "failed",
    ];
    printer::line(format_args!("\n{}", printer::table(header, rows)));
}

/// What a limit stopped, beside the message that is the status's.
fn show_block(block: &Block) {
    printer::line(format_args!("blocked           {}", block.breaker));
    printer::line(format_args!("  cause           {}", block.cause));
    printer::line(format_args!("  digest          {}", block.digest));
    printer::line(format_args!(
        "  To see who it is about: plan --details. To let exactly this pass: sync --approve {}",
        block.digest
    ));
}

/// Who could not be written; nothing where everybody could.
fn show_ledger(ledger: &Ledger) {
    if ledger.waiting == 0 && ledger.given_up == 0 {
        return;
    }
    printer::line(format_args!(
        "\nnot written       {} will be tried again by the next sync, {} given up",
        ledger.waiting, ledger.given_up
    ));
    let rows = ledger.entries.iter().map(|entry| {
        [
            entry.object_id.clone(),
            entry.code.clone(),
            entry.field.clone().unwrap_or_default(),
            printer::counted(entry.tries.into(), "time"),
            if entry.given_up {
                "given up"
            } else {
                "waiting"
            }
            .to_owned(),
            moment(entry.last_ms),
        ]
    });
    printer::line(printer::table(
        ["user", "code", "field", "tried", "", "last"],
        rows,
    ));
    let shown = ledger.entries.len() as u64;
    let all = ledger.waiting + ledger.given_up;
    if shown < all {
        printer::line(format_args!("and {} more", all - shown));
    }
    printer::line("`explain USER` tells about one of them; `retry USER` tries one again.");
}
