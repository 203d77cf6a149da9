//! `contacts`: one of them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// One entry of `contacts --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactShape {
    pub id: String,
    pub active: bool,
    pub object_id: Option<String>,
    pub linked: bool,
    pub fields: BTreeMap<String, String>,
    pub lists: Vec<String>,
}
