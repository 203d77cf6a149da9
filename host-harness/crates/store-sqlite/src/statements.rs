//! The statements that write a new contact and its indexes, and the one that writes fields.

use std::sync::LazyLock;

use super::fields::{DESCRIBED, column};

/// A contact: id (null for the next one), version, `active`, `filled`, the source, object id, number and base
/// of its link, its mark and the version that has it, then every described field.
pub(super) static INSERT_CONTACT: LazyLock<String> = LazyLock::new(|| {
    let stated = [
        "id",
        "version",
        "active",
        "filled",
        "source_id",
        "object_id",
        "link",
        "base",
        "mark",
        "marked",
    ];
    let columns: Vec<String> = (stated.into_iter().map(str::to_owned))
        .chain(DESCRIBED.iter().map(column))
        .collect();
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
    format!(
        "INSERT INTO contacts ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    )
});

/// A link in its index: source, object id, contact, number of the link.
pub(super) const INSERT_OBJECT: &str =
    "INSERT INTO objects_0 (source_id, object_id, contact_id, link) VALUES (?1, ?2, ?3, ?4)";

/// An address in its index: hash, contact.
pub(super) const INSERT_ADDRESS: &str =
    "INSERT INTO addresses_0 (hash, contact_id) VALUES (?1, ?2)";

/// A value of a custom field: contact, field, value.
pub(super) const INSERT_CUSTOM_VALUE: &str = "INSERT INTO custom_values (contact_id, field_id, value) \
     VALUES (?1, ?2, ?3) ON CONFLICT (contact_id, field_id) DO UPDATE SET value = excluded.value";

/// A membership: contact, list, source.
pub(super) const INSERT_MEMBERSHIP: &str = "INSERT INTO memberships (contact_id, list_id, manager) \
     VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

/// New values for a contact: contact, new version, `active`, `filled`, the set of written fields,
/// then every described field.
///
/// One text serves every set of written fields, so that it stays prepared; a field outside the set
/// keeps its value.
pub(super) static UPDATE_CONTACT: LazyLock<String> = LazyLock::new(|| {
    let mut assignments = vec![
        "version = ?2".to_owned(),
        "active = ?3".to_owned(),
        "filled = ?4".to_owned(),
    ];
    for (place, field) in DESCRIBED.iter().enumerate() {
        let column = column(field);
        let (bit, parameter) = (1_i64 << place, place + 6);
        assignments.push(format!(
            "{column} = CASE WHEN ?5 & {bit} THEN ?{parameter} ELSE {column} END"
        ));
    }
    format!(
        "UPDATE contacts SET {} WHERE id = ?1",
        assignments.join(", ")
    )
});
