//! The calls, in the order in which a host makes those of a connector.

use connector_contract::{
    Approval, CheckStatus, ReportRequest, RunMode, Slice, SliceEnd, SyncRequest,
};
use connector_runtime::CallError;
use host_promises::report::Report;
use sync_runner::{OpenWorkspace, plans};

/// A check that ends its call is passed over by the next one; a host that ends more calls than this is not asked
/// further.
const MOST_CALLS: usize = 30;

/// Why nothing is known of the host.
#[derive(Debug, thiserror::Error)]
pub enum NotTried {
    /// The component refused, or the host failed in each call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The host's own database failed.
    #[error("the plan cannot be kept: {0}")]
    Plan(String),
    /// What the component left is none of its reports.
    #[error("the report cannot be read: {0}")]
    Report(String),
}

/// What trying a host came to.
#[derive(Debug)]
pub struct Tried {
    /// What the component reports.
    pub report: Report,
    /// Calls that the host ended without an answer, in order: the report says of which check each was.
    pub ended: Vec<CallError>,
    /// What `configure` said, by the promise, of what it does not find kept.
    pub configured: Vec<String>,
    /// What `plan` said of that.
    pub planned: Vec<String>,
}

/// Tries everything that needs nobody beside the component.
///
/// # Errors
///
/// Where the component refuses the document or the workspace, or what it found cannot be had.
pub async fn try_host(opened: &OpenWorkspace, document: &str) -> Result<Tried, NotTried> {
    let mut ended = Vec::new();
    let OpenWorkspace {
        connector,
        workspace,
        ..
    } = opened;
    let configured = connector.configure(workspace, document).await.result;
    let configured = noted(configured, &mut ended)?.map_or_else(Vec::new, |report| {
        let failed = report
            .checks
            .into_iter()
            .filter(|check| check.status == CheckStatus::Failed);
        failed.map(|check| check.name).collect()
    });

    let plan = plans::make(opened, document, RunMode::Full)
        .await
        .map_err(|error| NotTried::Plan(error.to_string()))?;
    let plan = noted(plan.result, &mut ended)?;
    let mut planned = Vec::new();
    if let Some(plan) = &plan {
        plans::keep(&*opened.store, plan).map_err(|error| NotTried::Plan(error.to_string()))?;
        planned.extend(
            plan.warnings
                .iter()
                .filter_map(|warning| warning.field.clone()),
        );
    }

    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "manual".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: plan.map(|plan| Approval::Plan(plan.digest)),
    };
    for _ in 0..MOST_CALLS {
        let result = connector
            .sync(workspace, document, request.clone())
            .await
            .result;
        if let Some(slice) = noted(result, &mut ended)?
            && slice.end == SliceEnd::Finished
        {
            break;
        }
    }
    let asked = ReportRequest { running: false };
    let overview = connector.report(workspace, document, asked).await.result?;
    let report = serde_json::from_str(&overview.explanation)
        .map_err(|error| NotTried::Report(error.to_string()))?;
    Ok(Tried {
        report,
        ended,
        configured,
        planned,
    })
}

/// What a call gave; nothing where the host ended it, which is noted.
fn noted<T>(
    result: Result<T, CallError>,
    ended: &mut Vec<CallError>,
) -> Result<Option<T>, CallError> {
    match result {
        Ok(value) => Ok(Some(value)),
        // The component says why it does not go on.
        Err(error @ CallError::Guest { .. }) => Err(error),
        Err(error) => {
            ended.push(error);
            Ok(None)
        }
    }
}
