//! How a user's selected properties are written.

use std::collections::BTreeSet;

use emulated_directory::Subject;
use serde_json::Value;

use super::selection::Selection;

/// What is written for a property that is not set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unset<'a> {
    /// `null`, or `[]`: lists and single users.
    Null,
    /// Nothing, except `null` or `[]` for these: delta.
    OmittedBut(&'a BTreeSet<&'a str>),
}

/// Appends `"name":value` for every selected property, separated by commas, and says whether
/// anything was written.
pub(super) fn write_members(
    subject: &Subject<'_>,
    selection: &Selection,
    unset: Unset<'_>,
    out: &mut Vec<u8>,
) -> bool {
    let mut any = false;
    if let Some(kind) = subject.derived_type() {
        out.extend_from_slice(b"\"@odata.type\":");
        write_text(kind, out);
        any = true;
    }
    for column in &selection.columns {
        let start = out.len();
        if any {
            out.push(b',');
        }
        out.extend_from_slice(&column.key);
        let set = match subject {
            Subject::Drawn(person) => column.field.is_some_and(|field| person.write(field, out)),
            Subject::Stated(record) => write_value(record.get(&column.name), out),
        };
        let stated = set
            || match unset {
                Unset::Null => true,
                Unset::OmittedBut(cleared) => cleared.contains(&*column.name),
            };
        if !stated {
            out.truncate(start);
            continue;
        }
        if !set {
            out.extend_from_slice(if column.collection { b"[]" } else { b"null" });
        }
        any = true;
    }
    any
}

/// Appends a value; `false`, and nothing written, for one that is not set.
fn write_value(value: Option<&Value>, out: &mut Vec<u8>) -> bool {
    let Some(value) = value else { return false };
    let unset = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    !unset && serde_json::to_writer(&mut *out, value).is_ok()
}

/// Appends `text` as a JSON string.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"\"\"");
    }
}
