//! Plans that are kept.

use api_types::shapes::PlanShape;
use api_types::views::RemovalsView;
use connector_contract::Effect;
use sync_runner::plans::{self, KeptPlan};

use crate::services::context::{WorkspaceContext, blocking};
use crate::services::error::ServiceError;

/// The plan of exactly this digest, where it is kept.
pub(crate) async fn kept_plan(
    ws: &WorkspaceContext,
    digest: &str,
) -> Result<Option<KeptPlan>, ServiceError> {
    let store = ws.store().await?;
    let digest = digest.to_owned();
    blocking(move || plans::by_digest(&*store, &digest).map_err(ServiceError::closed)).await
}

/// The run that a plan takes back, where it takes one back.
pub(crate) async fn undone_by(
    ws: &WorkspaceContext,
    digest: &str,
) -> Result<Option<String>, ServiceError> {
    let plan = kept_plan(ws, digest).await?;
    Ok(plan.and_then(|plan| plan.summary.undoes))
}

/// What a plan takes away.
pub(crate) fn removals(plan: &PlanShape) -> RemovalsView {
    let of = |effect: Effect| plan.count(&[effect]);
    RemovalsView {
        deleted: of(Effect::Delete),
        deactivated: of(Effect::Deactivate),
        unlinked: of(Effect::Unlink),
    }
}
