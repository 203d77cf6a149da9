//! Values that both sides have changed, and what somebody decides about them.

use connector_contract::{ContestedValue, Side};
use connector_runtime::{CallError, Decision};

use super::OpenWorkspace;

/// People asked for at a time.
const BATCH: u32 = 500;

/// All of them, in order of the object ids.
///
/// # Errors
///
/// As the connector tells it.
pub async fn all(opened: &OpenWorkspace, document: &str) -> Result<Vec<ContestedValue>, CallError> {
    let mut all: Vec<ContestedValue> = Vec::new();
    loop {
        let after = all.last().map(|last| last.object_id.clone());
        let answer = opened
            .connector
            .undecided(&opened.workspace, document, after.as_deref(), BATCH)
            .await;
        let page = answer.result?;
        // A component that tells the same people again would be asked for ever.
        let goes_on = page
            .last()
            .is_some_and(|last| Some(&last.object_id) > after.as_ref());
        if !goes_on {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Keeps whose value counts; the next run does it.
///
/// # Errors
///
/// As the connector tells it: where the two values are not in conflict any more.
pub async fn decide(
    opened: &OpenWorkspace,
    document: &str,
    value: &ContestedValue,
    side: Side,
) -> Result<(), CallError> {
    let decision = Decision {
        user: value.object_id.clone(),
        attribute: value.attribute.clone(),
        seen_at_ms: value.seen_at_ms,
        side,
    };
    opened
        .connector
        .decide(&opened.workspace, document, &decision)
        .await
        .result
}
