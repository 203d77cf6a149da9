//! How a record is changed.

use serde_json::Value;

use crate::change_log::PropertyChange;
use crate::record::Record;

/// Sets the members of a patch on a record, and says what that changed; `null` and `[]` clear.
pub(crate) fn apply(record: &mut Record, patch: Record) -> Vec<PropertyChange> {
    let mut changes = Vec::new();
    for (name, value) in patch {
        let before = record.get(&name);
        if is_unset(&value) {
            if let Some(before) = record.remove(&name) {
                changes.push(PropertyChange::cleared(name, &before));
            }
        } else if before != Some(&value) {
            record.insert(name.clone(), value);
            changes.push(PropertyChange::set(name));
        }
    }
    changes
}

/// Whether a value is how a property that is not set is written.
pub(crate) fn is_unset(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
