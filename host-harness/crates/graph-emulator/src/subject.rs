//! One user as requests see it: a record, or a person drawn on the spot; and how it is written.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::directory::Record;
use super::properties::MANAGER;
use super::selection::Selection;
use super::synthetic::{Field, Person};

/// The annotation that states a type.
pub(super) const TYPE: &str = "@odata.type";

/// The type of a user who is nothing more.
pub(super) const USER_TYPE: &str = "#microsoft.graph.user";

/// A user.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'d> {
    Stated(&'d Record),
    Drawn(Person<'d>),
}

/// What is written for a property that is not set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unset<'a> {
    /// `null`, or `[]`: lists and single users.
    Null,
    /// Nothing, except `null` or `[]` for these: delta.
    OmittedBut(&'a BTreeSet<&'a str>),
}

impl<'d> Subject<'d> {
    /// The value of a property; `None` where it is not set.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'d, Value>> {
        match self {
            Self::Stated(record) => record
                .get(name)
                .filter(|value| !value.is_null())
                .map(Cow::Borrowed),
            Self::Drawn(person) => {
                let mut text = Vec::with_capacity(64);
                if !person.write(Field::named(name)?, &mut text) {
                    return None;
                }
                serde_json::from_slice(&text).ok().map(Cow::Owned)
            }
        }
    }

    /// Everything that is set.
    pub(super) fn to_record(self) -> Record {
        match self {
            Self::Stated(record) => record.clone(),
            Self::Drawn(person) => person.record(),
        }
    }

    /// The object id of the manager, where one is known.
    pub(super) fn manager(&self) -> Option<Cow<'d, str>> {
        match self {
            Self::Stated(record) => record.get(MANAGER)?.get("id")?.as_str().map(Cow::Borrowed),
            Self::Drawn(person) => person.manager().map(Cow::Owned),
        }
    }

    /// The type of one that is more than a user, such as the account of an agent; the service states
    /// it wherever it shows one.
    pub(super) fn derived_type(&self) -> Option<&'d str> {
        match self {
            Self::Stated(record) => record.get(TYPE)?.as_str().filter(|kind| *kind != USER_TYPE),
            Self::Drawn(_) => None,
        }
    }

    /// Appends `"name":value` for every selected property, separated by commas, and says whether
    /// anything was written.
    pub(super) fn write_members(
        &self,
        selection: &Selection,
        unset: Unset<'_>,
        out: &mut Vec<u8>,
    ) -> bool {
        let mut any = false;
        if let Some(kind) = self.derived_type() {
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
            let set = match self {
                Self::Drawn(person) => column.field.is_some_and(|field| person.write(field, out)),
                Self::Stated(record) => write_value(record.get(&column.name), out),
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
