//! Plans that are kept: by their digest, with their summaries, and entry by entry.

use api_types::shapes::{ChangeShape, PlanMode, PlanShape};
use connector_contract::RunMode;
use connector_runtime::Answer;
use store_api::{AdminStore, BackendError, PlanFilter, PlanRecord};

use super::{OpenWorkspace, now_ms};

/// Entries read from the store at a time.
const BATCH: u32 = 500;

/// A plan that is kept.
pub struct KeptPlan {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub created_at_ms: u64,
    /// What it would do.
    pub summary: PlanShape,
}

impl KeptPlan {
    /// Reads what the store keeps.
    ///
    /// # Errors
    ///
    /// Where the summary is not one of this program.
    pub fn read(record: PlanRecord) -> anyhow::Result<Self> {
        let summary = serde_json::from_str(&record.summary).map_err(|error| {
            anyhow::anyhow!(
                "the summary of the plan {} cannot be read: {error}; plan again",
                record.digest
            )
        })?;
        Ok(Self {
            created_at_ms: record.created_at_ms.unsigned_abs(),
            summary,
        })
    }

    /// In which mode it was made, and is to be performed.
    pub fn mode(&self) -> RunMode {
        match self.summary.mode {
            PlanMode::Full => RunMode::Full,
            PlanMode::Incremental | PlanMode::Undo => RunMode::Incremental,
        }
    }
}

/// Makes a plan; its entries wait in the store until it is kept. What the call used is told also where
/// the connector made none.
///
/// # Errors
///
/// Where the database cannot be written; the connector was not called then.
pub async fn make(
    opened: &OpenWorkspace,
    document: &str,
    mode: RunMode,
) -> Result<Answer<PlanShape>, BackendError> {
    opened.store.begin_plan()?;
    let answer = opened
        .connector
        .plan(&opened.workspace, document, mode)
        .await;
    Ok(Answer {
        result: answer.result.map(PlanShape::from),
        stats: answer.stats,
        output: answer.output,
    })
}

/// Plans the inverse of a run, as [`make`] plans a sync.
///
/// # Errors
///
/// As [`make`].
pub async fn make_undo(
    opened: &OpenWorkspace,
    document: &str,
    run: &str,
) -> Result<Answer<PlanShape>, BackendError> {
    opened.store.begin_plan()?;
    let answer = opened
        .connector
        .plan_undo(&opened.workspace, document, run)
        .await;
    let undo = |summary| PlanShape {
        mode: PlanMode::Undo,
        undoes: Some(run.to_owned()),
        ..PlanShape::from(summary)
    };
    Ok(Answer {
        result: answer.result.map(undo),
        stats: answer.stats,
        output: answer.output,
    })
}

/// Keeps the plan in the making.
pub fn keep(store: &dyn AdminStore, summary: &PlanShape) -> anyhow::Result<()> {
    store.keep_plan(&PlanRecord {
        digest: summary.digest.clone(),
        mode: summary.mode.name().to_owned(),
        created_at_ms: now_ms(),
        summary: serde_json::to_string(summary)?,
    })?;
    Ok(())
}

/// Every plan that is kept, newest first.
pub fn all(store: &dyn AdminStore) -> anyhow::Result<Vec<KeptPlan>> {
    let records = store.kept_plans()?;
    records.into_iter().map(KeptPlan::read).collect()
}

/// The plan of exactly this digest.
pub fn by_digest(store: &dyn AdminStore, digest: &str) -> anyhow::Result<Option<KeptPlan>> {
    store.kept_plan(digest)?.map(KeptPlan::read).transpose()
}

/// The entries of a plan that are wanted, in order of the object id, read as they are asked for.
pub fn changes<'s>(
    store: &'s dyn AdminStore,
    digest: &'s str,
    wanted: &'s PlanFilter,
) -> impl Iterator<Item = anyhow::Result<ChangeShape>> + 's {
    let mut page = Vec::new().into_iter();
    let mut after: Option<String> = None;
    let mut over = false;
    std::iter::from_fn(move || {
        if page.len() == 0 && !over {
            match store.planned(digest, wanted, after.as_deref(), BATCH) {
                Ok(entries) => page = entries.into_iter(),
                Err(error) => {
                    over = true;
                    return Some(Err(error.into()));
                }
            }
        }
        let entry = page.next();
        over = entry.is_none();
        after = entry.as_ref().map(|entry| entry.what.object_id.clone());
        entry.map(|entry| Ok(ChangeShape::from(entry)))
    })
}
