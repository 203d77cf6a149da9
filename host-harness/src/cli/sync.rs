//! `sync`: brings the contacts in step, slice by slice.

use api_types::shapes::RunShape;
use clap::Args;
use connector_contract::{Approval, ReportRequest, Run, RunMode, SyncRequest};
use connector_runtime::CallStats;
use sync_runner::{DataDirectory, Opened, plans};

use super::course::{ending, show};
use super::failure::{Ending, WrongUsage, explain};
use super::place::ConnectionArguments;
use super::printer;
use super::progress::ShownProgress;
use super::slices::{SliceArguments, to_the_end};

/// Bring the contacts in step with the directory
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness sync
  host-harness sync --full --json
  host-harness sync --approve DIGEST

DIGEST is one that `plan` or a blocked sync has shown. That of a plan: exactly its changes are
performed, and whatever no longer fits is left out. That of a block: what the limit stopped may pass,
and everything else goes on as always.")]
pub(super) struct Sync {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Read everybody, not only what changed. A plan is performed as it was made
    #[arg(long)]
    full: bool,
    /// Perform exactly this plan, or let exactly what this block names pass the limit
    #[arg(long, value_name = "DIGEST")]
    approve: Option<String>,
    #[command(flatten)]
    slice: SliceArguments,
    /// Who asks, for the record
    #[arg(long, default_value = "manual")]
    trigger: String,
    /// Print every log event of the connector
    #[arg(long, short)]
    verbose: bool,
    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

impl Sync {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let _working = data.work("sync")?;
        let control = ShownProgress::start(self.verbose);
        let (mut opened, document) = self.connection.open_saved(data, control.clone()).await?;
        opened.hold("sync")?;
        let wished = if self.full {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        let (approval, mode) = match self.approve.as_deref() {
            Some(digest) => approved(&opened, &document, digest, wished).await?,
            None => (None, wished),
        };
        let request = SyncRequest {
            mode,
            trigger: self.trigger,
            slice: self.slice.into(),
            approval,
        };
        let outcome = execute(&opened, &document, &request).await;
        control.finish();
        let (run, _) = outcome?;
        let ending = ending(run.status);
        if self.json {
            printer::json(&RunShape::from(run))?;
        } else {
            show(&run);
        }
        Ok(ending)
    }
}

/// What a digest approves, and the mode that goes with it: a plan has its own. Asks nobody but the
/// store.
async fn approved(
    opened: &Opened,
    document: &str,
    digest: &str,
    wished: RunMode,
) -> anyhow::Result<(Option<Approval>, RunMode)> {
    if let Some(plan) = plans::by_digest(&opened.store, digest)? {
        if let Some(run) = &plan.summary.undoes {
            return Err(WrongUsage(format!(
                "this digest is of a plan that takes the run {run} back; perform it with \
                 `undo {run} --approve {digest}`"
            ))
            .into());
        }
        return Ok((Some(Approval::Plan(digest.to_owned())), plan.mode()));
    }
    if is_block(opened, document, digest).await? {
        return Ok((Some(Approval::Block(digest.to_owned())), wished));
    }
    Err(WrongUsage(
        "no plan that is kept and no blocked sync has this digest; `plan list` and `report` show \
         which have, and `plan` makes a new one"
            .to_owned(),
    )
    .into())
}

/// Whether a kept plan or a run of the history has a block of this digest.
async fn is_block(opened: &Opened, document: &str, digest: &str) -> anyhow::Result<bool> {
    let planned = plans::all(&opened.store)?
        .iter()
        .flat_map(|plan| &plan.summary.blocks)
        .any(|block| block.digest == digest);
    if planned {
        return Ok(true);
    }
    let overview = opened
        .connector
        .report(
            &opened.workspace,
            document,
            ReportRequest { running: false },
        )
        .await
        .result
        .map_err(explain)?;
    let mut blocks = overview.history.iter().filter_map(|run| run.block.as_ref());
    Ok(blocks.any(|block| block.digest == digest))
}

/// Syncs to the end; the run, and what its calls used.
pub(super) async fn execute(
    opened: &Opened,
    document: &str,
    request: &SyncRequest,
) -> anyhow::Result<(Run, CallStats)> {
    to_the_end(opened, "sync", &request.trigger, async || {
        opened
            .connector
            .sync(&opened.workspace, document, request.clone())
            .await
    })
    .await
}
