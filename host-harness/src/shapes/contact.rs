//! `contacts`: one of them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use store_sqlite::ContactRow;

/// One entry of `contacts --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactShape {
    pub(crate) id: String,
    pub(crate) active: bool,
    pub(crate) object_id: Option<String>,
    pub(crate) linked: bool,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) lists: Vec<String>,
}

impl From<ContactRow> for ContactShape {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id,
            active: row.active,
            object_id: row.object_id,
            linked: row.linked,
            fields: row.fields,
            lists: row.lists,
        }
    }
}
