//! The third step: what a sync would do.

use api_types::shapes::moment;
use api_types::views::{CaveatView, ReviewView};
use server_db::WorkspaceState;

use super::buckets::counts;
use super::plans::{kept_plan, removals};
use crate::services::context::WorkspaceContext;
use crate::services::destination::described;
use crate::services::document::document;
use crate::services::error::ServiceError;
use crate::services::setup::examine::deletes;
use crate::services::setup::proposal::proposal_view;

/// The review, as it stands.
pub(crate) async fn review(ws: &WorkspaceContext) -> Result<ReviewView, ServiceError> {
    // First: a plan that ends meanwhile is shown as being made, and whoever watches is told of its end.
    let snapshot = ws.task.snapshot();
    let record = ws.record()?;
    let plan = match &record.plan_digest {
        Some(digest) => kept_plan(ws, digest).await?,
        None => None,
    };
    // What is wrong with its settings, its own page says.
    let destination = described(ws, &document(&ws.app, record.edited())).await;
    let destination = destination.ok().and_then(Result::ok).flatten();
    let summary = plan.as_ref().map(|plan| &plan.summary);
    Ok(ReviewView {
        progress: snapshot.progress_view(),
        changes: snapshot.changes,
        failure: record.plan_failure.clone(),
        digest: summary.map(|plan| plan.digest.clone()),
        made_at: plan.as_ref().map(|plan| moment(plan.created_at_ms)),
        stale: record.plan_version != Some(record.version),
        counts: summary.map(counts).unwrap_or_default(),
        warnings: summary
            .map(|plan| plan.warnings.clone())
            .unwrap_or_default(),
        blocks: summary.map(|plan| plan.blocks.clone()).unwrap_or_default(),
        removals: summary.map(removals).unwrap_or_default(),
        setting_up: record.state != WorkspaceState::Connected,
        proposal: record.proposal.as_ref().map(proposal_view),
        kept_by: destination
            .as_ref()
            .map(|described| described.label.clone()),
        caveats: destination
            .map(|described| described.caveats)
            .unwrap_or_default()
            .into_iter()
            .map(|caveat| CaveatView {
                code: caveat.code,
                meaning: caveat.meaning,
            })
            .collect(),
        deletes_by_itself: deletes(ws, record.edited()).await?,
    })
}
