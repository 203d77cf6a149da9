//! Taking a run back: planned first, like every change, and done once somebody has approved it.

use api_types::shapes::{RunShape, moment};
use api_types::views::{Task, UndoView, UndoableView};
use connector_contract::{Run, RunStatus};
use sync_runner::plans::{self, KeptPlan};

use super::context::{WorkspaceContext, blocking};
use super::error::ServiceError;
use super::jobs::begin::{begin, begin_guarded};
use super::jobs::job::Job;
use super::overview::report::runs;
use super::review::buckets::counts;
use super::review::confirmation::{Approving, confirm_deletions};
use super::review::plans::{kept_plan, removals};
use super::start::enter;

/// The runs of the history that changed contacts, newest first.
pub(crate) async fn undoable(ws: &WorkspaceContext) -> Result<UndoableView, ServiceError> {
    let runs = runs(ws).await?.into_iter().map(RunShape::from);
    Ok(UndoableView {
        runs: runs.filter(RunShape::changed_contacts).collect(),
    })
}

/// What taking a run back would do, as far as that was planned.
pub(crate) async fn undo_view(ws: &WorkspaceContext, run: &str) -> Result<UndoView, ServiceError> {
    // First: a plan that ends meanwhile is shown as being made.
    let snapshot = ws.task.snapshot();
    let history = runs(ws).await?;
    let plan = undo_plan(ws, run).await?;
    let done = plan
        .as_ref()
        .and_then(|plan| done_at_ms(&history, &plan.summary.digest));
    let known = history.iter().find(|known| known.id == run);
    let failure = ws.task.failed_undo(run);
    // One that is being planned now may turn out to be none.
    let is_told = known.is_some() || plan.is_some() || failure.is_some();
    if !is_told && snapshot.progress.is_none() && !has_changed(ws, run).await? {
        return Err(ServiceError::Unknown(
            "There is no run of this id.".to_owned(),
        ));
    }
    let summary = plan.as_ref().map(|plan| &plan.summary);
    Ok(UndoView {
        run_id: run.to_owned(),
        run: known.map(|known| known.clone().into()),
        progress: snapshot.progress_view(),
        changes: snapshot.changes,
        failure,
        digest: summary.map(|plan| plan.digest.clone()),
        made_at: plan.as_ref().map(|plan| moment(plan.created_at_ms)),
        done_at: done.map(moment),
        counts: summary.map(counts).unwrap_or_default(),
        removals: summary.map(removals).unwrap_or_default(),
        warnings: summary
            .map(|plan| plan.warnings.clone())
            .unwrap_or_default(),
        given: summary.map_or(0, |plan| plan.given),
        limits: summary
            .map(|plan| {
                plan.blocks
                    .iter()
                    .map(|block| block.message.clone())
                    .collect()
            })
            .unwrap_or_default(),
    })
}

/// Begins to find out what taking a run back would do.
pub(crate) fn plan_undo(ws: &WorkspaceContext, run: &str, who: &str) -> Result<(), ServiceError> {
    let job = Job::PlanUndo {
        run: run.to_owned(),
    };
    begin(ws, job, who)
}

/// Approves exactly the plan that takes a run back, and begins with it.
pub(crate) async fn undo(
    ws: &WorkspaceContext,
    run: &str,
    approving: Approving<'_>,
    who: &str,
) -> Result<(), ServiceError> {
    // Started before anything is looked at, so that nothing of it changes before it begins.
    let guard = enter(ws, Task::Undo)?;
    let record = ws.record()?;
    let plan = kept_plan(ws, approving.digest).await?;
    let plan = plan.filter(|plan| plan.summary.undoes.as_deref() == Some(run));
    let plan = plan.ok_or_else(|| {
        ServiceError::NotNow(
            "no plan that takes this run back is kept under this digest; plan it again".to_owned(),
        )
    })?;
    confirm_deletions(removals(&plan.summary).deleted, approving.deletions)?;
    let job = Job::Undo {
        run: run.to_owned(),
        approved: approving.digest.to_owned(),
    };
    begin_guarded(ws, guard, &record, (job, false), who)
}

/// Whether the journal has a run that the history has forgotten.
async fn has_changed(ws: &WorkspaceContext, run: &str) -> Result<bool, ServiceError> {
    let run = run.to_owned();
    ws.look(move |store| Ok(store.runs_named(&run, 1)?.first() == Some(&run)))
        .await
}

/// The newest plan that takes a run back.
async fn undo_plan(ws: &WorkspaceContext, run: &str) -> Result<Option<KeptPlan>, ServiceError> {
    let (store, run) = (ws.store().await?, run.to_owned());
    blocking(move || {
        let kept = plans::all(&*store).map_err(ServiceError::closed)?;
        let mut kept = kept.into_iter();
        Ok(kept.find(|plan| plan.summary.undoes.as_deref() == Some(run.as_str())))
    })
    .await
}

/// When exactly the plan of this digest was performed to its end.
fn done_at_ms(history: &[Run], digest: &str) -> Option<u64> {
    let is_done = |run: &&Run| {
        let approved = run.approved.as_ref();
        approved.is_some_and(|approved| approved.digest == digest)
            && matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings)
    };
    history.iter().find(is_done)?.finished_at_ms
}
