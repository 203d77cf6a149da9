//! Approving a plan, or what a limit stopped.

use api_types::views::Task;
use connector_contract::RunMode;
use server_db::WorkspaceRecord;
use sync_runner::plans::KeptPlan;

use super::block::removals_of;
use super::confirmation::{Approving, confirm_deletions};
use super::plans::{kept_plan, removals};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::jobs::begin::begin_guarded;
use crate::services::jobs::job::{Approved, Job, Trigger};
use crate::services::overview::report::blocked;
use crate::services::setup::examine::deletes;
use crate::services::start::enter;

/// Approves exactly the plan of the review, or what a limit stopped, and begins that sync. In a
/// set-up, this is what connects the workspace; of settings that wait, what puts them into force.
/// Where it deletes contacts, their number has to be given.
pub(crate) async fn approve(
    ws: &WorkspaceContext,
    approving: Approving<'_>,
    who: &str,
) -> Result<(), ServiceError> {
    let digest = approving.digest;
    // Started before anything is looked at, so that nothing of it changes before it begins.
    let guard = match enter(ws, Task::Sync) {
        Err(ServiceError::Busy(task)) => return Err(busy_or_outdated(ws, task, digest)?),
        entered => entered?,
    };
    let record = ws.record()?;
    let is_reviewed = record.plan_digest.as_deref() == Some(digest);
    let (full, approved, deletions) = if is_reviewed {
        let plan = reviewed(ws, &record, digest).await?;
        let full = plan.mode() == RunMode::Full;
        let deletions = removals(&plan.summary).deleted;
        (full, Approved::Plan(digest.to_owned()), deletions)
    } else {
        let (full, deletions) = stopped_by_limit(ws, &record, digest).await?;
        (full, Approved::Block(digest.to_owned()), deletions)
    };
    confirm_deletions(deletions, approving.deletions)?;
    let job = Job::Sync {
        full,
        trigger: Trigger::Manual,
        approve: Some(approved),
    };
    let confirms = is_reviewed && record.proposal.is_some();
    begin_guarded(ws, guard, &record, (job, confirms), who)
}

/// Why a plan cannot be approved while something goes on: mostly because of that, and to wait would not
/// help where the settings were changed since.
fn busy_or_outdated(
    ws: &WorkspaceContext,
    task: Task,
    digest: &str,
) -> Result<ServiceError, ServiceError> {
    let record = ws.record()?;
    let is_outdated = record.plan_version != Some(record.version);
    Ok(
        if is_outdated && record.plan_digest.as_deref() == Some(digest) {
            outdated()
        } else {
            ServiceError::Busy(task)
        },
    )
}

/// The plan of the review, which can be approved.
async fn reviewed(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    digest: &str,
) -> Result<KeptPlan, ServiceError> {
    if record.plan_version != Some(record.version) {
        return Err(outdated());
    }
    let plan = kept_plan(ws, digest).await?;
    plan.ok_or_else(|| ServiceError::NotNow("this plan is no longer kept; plan again".to_owned()))
}

/// Of the run that a limit stopped, which can be approved: whether it is of everybody, and how many
/// contacts it would delete.
async fn stopped_by_limit(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    digest: &str,
) -> Result<(bool, u64), ServiceError> {
    let blocked = blocked(ws).await?;
    let blocked = blocked.filter(|blocked| blocked.block.digest == digest);
    let Some(blocked) = blocked else {
        let is_plan = kept_plan(ws, digest).await?.is_some();
        let why = if is_plan {
            "this is no longer the plan that the review shows; look at that one, or plan again"
        } else {
            "what was to be approved is no longer what would be done; look at it again"
        };
        return Err(ServiceError::NotNow(why.to_owned()));
    };
    let deletions = match removals_of(ws, &blocked.block).await? {
        Some(removals) => removals.deleted,
        None if !deletes(ws, &record.settings).await? => 0,
        None => {
            return Err(ServiceError::NotNow(
                "how many contacts this deletes is not known: no plan that is kept tells it; plan again \
                 first"
                    .to_owned(),
            ));
        }
    };
    Ok((blocked.mode == RunMode::Full, deletions))
}

fn outdated() -> ServiceError {
    let changed = "the settings were changed since this plan was made; plan again";
    ServiceError::NotNow(changed.to_owned())
}
