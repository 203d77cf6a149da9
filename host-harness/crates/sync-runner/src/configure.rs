//! What a configuration comes to, with what only the store knows.

use std::collections::BTreeSet;

use connector_contract::{ConfigurationReport, Error, Problem};
use connector_runtime::{Answer, Call, CallError, Connector, Workspace};
use store_api::{AdminStore, BackendError};

use super::destination;

/// Where a document has its mapping.
const MAPPING: &str = "/sync/mapping";

/// Asks the connector what it makes of a document. One that maps to more custom fields than the store has
/// room for is refused like any other that cannot be: otherwise each person with a value too many would be
/// refused, run after run. Where a service keeps the contacts, it is tried, and what it cannot promise is told.
pub async fn configure(
    connector: &Connector,
    workspace: &Workspace,
    store: &dyn AdminStore,
    document: &str,
) -> Answer<ConfigurationReport> {
    if connector.has_destination() {
        return destination::configure(connector, workspace, document).await;
    }
    let answer = connector.configure(workspace, document).await;
    Answer {
        result: answer.result.and_then(|report| {
            match too_many(&report, store) {
                Ok(None) => Ok(report),
                Ok(Some(problem)) => Err(CallError::Guest {
                    call: Call::Configure,
                    error: Error::InvalidConfiguration(vec![problem]),
                }),
                // Whoever opens the store next hears of it.
                Err(error) => {
                    tracing::warn!(%error, "the custom fields of a store cannot be counted");
                    Ok(report)
                }
            }
        }),
        stats: answer.stats,
        output: answer.output,
    }
}

fn too_many(
    report: &ConfigurationReport,
    store: &dyn AdminStore,
) -> Result<Option<Problem>, BackendError> {
    let fields: BTreeSet<_> = report
        .mappings
        .iter()
        .map(|row| row.field.as_str())
        .collect();
    let missing = store.custom_fields_without_room(&fields)?;
    Ok((missing > 0).then(|| Problem {
        pointer: MAPPING.to_owned(),
        message: format!(
            "maps to more custom fields than the contact store has room for, {missing} too many (fields that \
             were ever used stay): map to fields that the store has, or leave some out"
        ),
    }))
}
