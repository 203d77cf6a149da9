//! What a limit has stopped, and whom that is about.

use std::sync::Arc;

use api_types::shapes::{BlockShape, PlanShape};
use api_types::views::{BlockView, ConcernedView, PeopleView, RemovalsView, Task};
use connector_contract::{Effect, PlanEntry, RunMode};
use store_api::{AdminStore, BackendError};

use super::plans::{kept_plan, removals};
use crate::codes::CodeLabels;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::jobs::begin::begin;
use crate::services::jobs::job::{Job, Planned};
use crate::services::overview::report::blocked;
use crate::services::people::person::person_of_entry;
use crate::services::people::planned::{contacts_of, entries_of};
use crate::task_state::Snapshot;

/// The block that stands, with a page of the people whom it is about: from the plan that was made when
/// it was met, or since.
pub(crate) async fn block(
    ws: &WorkspaceContext,
    after: Option<String>,
) -> Result<Option<BlockView>, ServiceError> {
    // First: a plan that ends meanwhile is there, or is shown as being made.
    let snapshot = ws.task.snapshot();
    let Some(blocked) = blocked(ws).await? else {
        return Ok(None);
    };
    let block = blocked.block.clone();
    let removals = removals_of(ws, &block).await?;
    let codes = Arc::clone(&ws.app.connector.codes);
    let named = ws.look(move |store| {
        let Some(plan) = plan_naming(store, &block)? else {
            return Ok(None);
        };
        let people = held_people(store, &codes, &plan, &block, after)?;
        Ok(Some(ConcernedView::Named { plan, people }))
    });
    let concerned = match named.await? {
        Some(named) => named,
        None => not_named(ws, snapshot)?,
    };
    Ok(Some(BlockView {
        blocked,
        removals,
        concerned,
    }))
}

fn not_named(ws: &WorkspaceContext, snapshot: Snapshot) -> Result<ConcernedView, ServiceError> {
    // A test of the connection is over in a moment, and leads to no plan.
    let progress = snapshot
        .progress
        .as_ref()
        .filter(|progress| progress.task != Task::Test);
    if let Some(progress) = progress {
        return Ok(ConcernedView::Awaited {
            progress: progress.view(),
            changes: snapshot.changes,
        });
    }
    Ok(ConcernedView::Unnamed {
        why: match ws.record()?.plan_failure {
            Some(failure) => format!("The plan that tells who they are failed: {failure}"),
            None => "No plan that is kept tells who they are: none was finished, or what a sync \
                     would do is no longer the same."
                .to_owned(),
        },
    })
}

/// Plans again what a limit has stopped, to tell who is concerned.
pub(crate) async fn plan_block(ws: &WorkspaceContext, who: &str) -> Result<(), ServiceError> {
    let blocked = blocked(ws).await?.ok_or_else(|| {
        ServiceError::NotNow("no sync stands stopped by a limit any more".to_owned())
    })?;
    let full = blocked.mode == RunMode::Full;
    let of = Planned::InForce;
    begin(ws, Job::Plan { full, of }, who)
}

/// What approving a block takes away, where a plan that is kept tells it.
pub(crate) async fn removals_of(
    ws: &WorkspaceContext,
    block: &BlockShape,
) -> Result<Option<RemovalsView>, ServiceError> {
    let block = block.clone();
    let naming = ws.look(move |store| plan_naming(store, &block)).await?;
    let Some(digest) = naming else {
        return Ok(None);
    };
    let plan = kept_plan(ws, &digest).await?;
    Ok(plan.map(|plan| removals(&plan.summary)))
}

/// The plan that names the people of a block, where one is kept.
fn plan_naming(store: &dyn AdminStore, block: &BlockShape) -> Result<Option<String>, BackendError> {
    let names_it = |plan: &PlanShape| plan.blocks.iter().any(|one| one.digest == block.digest);
    let mut kept = store.kept_plans()?.into_iter();
    // A summary that cannot be read names nobody.
    Ok(kept
        .find(|plan| serde_json::from_str(&plan.summary).is_ok_and(|plan| names_it(&plan)))
        .map(|plan| plan.digest))
}

/// People of a plan whom a block is about.
fn held_people(
    store: &dyn AdminStore,
    codes: &CodeLabels,
    plan: &str,
    block: &BlockShape,
    after: Option<String>,
) -> Result<PeopleView, BackendError> {
    let blanked = block.blanked_field();
    let given = block.given();
    let concerned = |entry: &PlanEntry| match (&given, blanked) {
        (Some(given), _) => entry.directory.iter().any(|change| given.is_about(change)),
        (None, Some(field)) => {
            let mut fields = entry.what.fields.iter();
            fields.any(|change| change.field == field && change.after.is_none())
        }
        (None, None) => true,
    };
    let effects: &[Effect] = if given.is_some() || blanked.is_some() {
        &[Effect::Update]
    } else {
        &[Effect::Unlink, Effect::Deactivate, Effect::Delete]
    };
    let (entries, next) = entries_of(store, plan, effects, concerned, after)?;
    let contacts = contacts_of(store, &entries)?;
    Ok(PeopleView {
        title: "Who is concerned".to_owned(),
        explanation: "Exactly this is done when you approve it, and nothing else of its kind."
            .to_owned(),
        total: None,
        people: entries
            .into_iter()
            .map(|entry| person_of_entry(codes, entry, &contacts))
            .collect(),
        next,
    })
}
