//! `sync`: brings the contacts in step, slice by slice.

use api_types::shapes::RunShape;
use api_types::shapes::is_sync;
use clap::Args;
use connector_contract::{Approval, ReportRequest, Run, RunMode, SyncRequest};
use connector_runtime::CallStats;
use std::collections::BTreeSet;
use sync_runner::{DataDirectory, OpenWorkspace, plans};

use super::failure::{Ending, explain};
use super::open_workspace::ConnectionArguments;
use super::printer;
use super::progress::ShownProgress;
use super::run_summary::{ending, show};
use super::slices::{SliceArguments, to_the_end};
use super::wrong_usage::WrongUsage;

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
    /// Who asks, for the record: any word but `retry` and `undo`, which are other commands
    #[arg(long, default_value = "manual", value_parser = trigger)]
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
        let _lock = data.lock("sync")?;
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

/// A word for who asks. Two of them tell a run of another command.
fn trigger(word: &str) -> Result<String, String> {
    if is_sync(word) {
        Ok(word.to_owned())
    } else {
        Err("the history has this word for the runs of the command of that name".to_owned())
    }
}

/// What a digest approves, and the mode that goes with it: a plan has its own. Asks nobody but the
/// store.
async fn approved(
    opened: &OpenWorkspace,
    document: &str,
    digest: &str,
    wished: RunMode,
) -> anyhow::Result<(Option<Approval>, RunMode)> {
    if let Some(plan) = plans::by_digest(&*opened.store, digest)? {
        if let Some(run) = &plan.summary.undoes {
            return Err(WrongUsage(format!(
                "this digest is of a plan that takes the run {run} back; perform it with \
                 `undo {run} --approve {digest}`"
            ))
            .into());
        }
        return Ok((Some(Approval::Plan(digest.to_owned())), plan.mode()));
    }
    let blocks = blocks(opened, document).await?;
    if blocks.contains(digest) {
        return Ok((Some(Approval::Block(digest.to_owned())), wished));
    }
    let plans = plans::all(&*opened.store)?.into_iter();
    let known = plans.map(|plan| plan.summary.digest).chain(blocks);
    Err(WrongUsage(whole_digest(digest, known).unwrap_or_else(|| {
        "no plan that is kept and no blocked sync has this digest; `plan list` and `report` show \
         which have, and `plan` makes a new one"
            .to_owned()
    }))
    .into())
}

/// What to write where exactly one digest that is known begins so: what is approved is named as a whole.
pub(super) fn whole_digest(beginning: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let beginning = beginning.trim().to_ascii_lowercase();
    let begins = |digest: &String| !beginning.is_empty() && digest.starts_with(&beginning);
    let known: BTreeSet<_> = known.filter(begins).collect();
    let mut known = known.into_iter();
    match (known.next(), known.next()) {
        (Some(whole), None) => Some(format!("write the whole digest: {whole}")),
        _ => None,
    }
}

/// The digests of the blocks of kept plans and of the runs of the history.
async fn blocks(opened: &OpenWorkspace, document: &str) -> anyhow::Result<BTreeSet<String>> {
    let plans = plans::all(&*opened.store)?.into_iter();
    let blocks = plans.flat_map(|plan| plan.summary.blocks);
    let mut digests: BTreeSet<_> = blocks.map(|block| block.digest).collect();
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
    let blocks = overview.history.into_iter().filter_map(|run| run.block);
    digests.extend(blocks.map(|block| block.digest));
    Ok(digests)
}

/// Syncs to the end; the run, and what its calls used.
pub(super) async fn execute(
    opened: &OpenWorkspace,
    document: &str,
    request: &SyncRequest,
) -> anyhow::Result<(Run, CallStats)> {
    to_the_end(opened, async || {
        opened
            .connector
            .sync(&opened.workspace, document, request.clone())
            .await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_one_digest_is_answered_with_the_whole_of_it() {
        let known = || {
            ["abc123", "abd456", "abd456"]
                .map(str::to_owned)
                .into_iter()
        };
        let told = whole_digest("ABC", known());
        assert_eq!(told.as_deref(), Some("write the whole digest: abc123"));
        let told = whole_digest("abd", known());
        assert_eq!(told.as_deref(), Some("write the whole digest: abd456"));
        for beginning in ["ab", "b", "", " "] {
            assert_eq!(whole_digest(beginning, known()), None, "{beginning:?}");
        }
    }

    #[test]
    fn a_sync_is_not_called_as_a_retry_or_an_undo_is() {
        assert!(trigger("nightly").is_ok());
        assert!(trigger("retry").is_err() && trigger("undo").is_err());
    }
}
