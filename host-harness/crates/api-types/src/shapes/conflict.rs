//! `conflicts`: values that both sides have changed.

use connector_contract::ContestedValue;
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;

/// One element of `conflicts --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictShape {
    pub object_id: String,
    pub attribute: String,
    pub field: String,
    pub label: String,
    pub directory: Option<String>,
    pub contact: Option<String>,
    pub base: Option<String>,
    pub seen_at: String,
    pub run: String,
    pub decided: Option<&'static str>,
    /// The contact's value cannot count: the person is mastered in another directory.
    pub directory_alone: bool,
}

impl From<ContestedValue> for ConflictShape {
    fn from(value: ContestedValue) -> Self {
        Self {
            object_id: value.object_id,
            attribute: value.attribute,
            field: value.field,
            label: value.label,
            directory: value.directory,
            contact: value.contact,
            base: value.base,
            seen_at: moment(value.seen_at_ms),
            run: value.run,
            decided: value.decided.map(connector_contract::Side::name),
            directory_alone: value.directory_alone,
        }
    }
}
