//! Plans that are kept: by their digest, with their summaries, and entry by entry.

use super::super::failure::WrongUsage;
use super::super::shapes::{ChangeShape, PlanShape};
use super::super::slices::now_ms;
use crate::contract::RunMode;
use crate::store::{PlanFilter, PlanRecord, SqliteStore};

/// Entries read from the store at a time.
const BATCH: u32 = 500;

/// A plan that is kept.
pub(in crate::cli) struct KeptPlan {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(in crate::cli) created_at_ms: u64,
    pub(in crate::cli) summary: PlanShape,
}

impl KeptPlan {
    fn read(record: PlanRecord) -> anyhow::Result<Self> {
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
    pub(in crate::cli) fn mode(&self) -> RunMode {
        if self.summary.mode == "full" {
            RunMode::Full
        } else {
            RunMode::Incremental
        }
    }
}

/// Keeps the plan in the making.
pub(in crate::cli) fn keep(store: &SqliteStore, summary: &PlanShape) -> anyhow::Result<()> {
    store.keep_plan(&PlanRecord {
        digest: summary.digest.clone(),
        mode: summary.mode.clone(),
        created_at_ms: now_ms(),
        summary: serde_json::to_string(summary)?,
    })?;
    Ok(())
}

/// Every plan that is kept, newest first.
pub(in crate::cli) fn all(store: &SqliteStore) -> anyhow::Result<Vec<KeptPlan>> {
    let records = store.kept_plans()?;
    records.into_iter().map(KeptPlan::read).collect()
}

/// The plan of exactly this digest.
pub(in crate::cli) fn by_digest(
    store: &SqliteStore,
    digest: &str,
) -> anyhow::Result<Option<KeptPlan>> {
    store.kept_plan(digest)?.map(KeptPlan::read).transpose()
}

/// The one plan whose digest begins so; without a beginning, the last one.
pub(in crate::cli) fn find(
    store: &SqliteStore,
    beginning: Option<&str>,
) -> anyhow::Result<KeptPlan> {
    let mut records = store.kept_plans()?;
    let Some(beginning) = beginning else {
        let last = records.into_iter().next();
        let last = last.ok_or_else(|| anyhow::anyhow!("no plan is kept; `plan` makes one"))?;
        return KeptPlan::read(last);
    };
    let beginning = beginning.to_ascii_lowercase();
    records.retain(|record| record.digest.starts_with(&beginning));
    let plans = records.len();
    match (records.pop(), plans) {
        (Some(record), 1) => KeptPlan::read(record),
        (None, _) => Err(WrongUsage(
            "no plan is kept whose digest begins so; `plan list` shows those that are".to_owned(),
        )
        .into()),
        (Some(_), plans) => Err(WrongUsage(format!(
            "{plans} plans have a digest that begins so; write more of it, as `plan list` shows it"
        ))
        .into()),
    }
}

/// The entries of a plan that are wanted, in order of the object id, read as they are asked for.
pub(in crate::cli) fn changes<'s>(
    store: &'s SqliteStore,
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
        after = entry.as_ref().map(|entry| entry.object_id.clone());
        entry.map(|entry| Ok(ChangeShape::from(entry)))
    })
}
