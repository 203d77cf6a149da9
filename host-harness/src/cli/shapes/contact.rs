//! `contacts`: one of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::store::ContactRow;

/// One entry of `contacts --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct ContactShape {
    pub(in crate::cli) id: String,
    pub(in crate::cli) active: bool,
    pub(in crate::cli) object_id: Option<String>,
    pub(in crate::cli) linked: bool,
    pub(in crate::cli) fields: BTreeMap<String, String>,
    pub(in crate::cli) lists: Vec<String>,
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
