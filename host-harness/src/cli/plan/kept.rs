//! The kept plan that somebody means by the beginning of a digest.

use store_api::AdminStore;
use sync_runner::plans::KeptPlan;

use crate::cli::wrong_usage::WrongUsage;

/// The one plan whose digest begins so; without a beginning, the last one.
pub(super) fn find(store: &dyn AdminStore, beginning: Option<&str>) -> anyhow::Result<KeptPlan> {
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
