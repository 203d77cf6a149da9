//! The statements that write a new contact, in the order in which they run.
//!
//! They are public because the benchmark measures itself against them: its floor is the same rows
//! inserted with the same statements and no logic around them.

use std::sync::LazyLock;

use super::fields::{DESCRIBED, EMAIL, column};

/// The columns of a contact that are stated when it is made, in the order of their parameters:
/// `active`, `filled`, `email_key`, then every described field.
pub static CONTACT_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let stated = ["active", "filled", "email_key"].map(str::to_owned);
    let described = DESCRIBED.iter().map(column);
    stated
        .into_iter()
        .chain(described)
        .collect::<Vec<_>>()
        .join(", ")
});

/// A contact: a parameter for each of [`CONTACT_COLUMNS`].
pub static INSERT_CONTACT: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<String> = (1..4 + DESCRIBED.len()).map(|n| format!("?{n}")).collect();
    format!(
        "INSERT INTO contacts ({}) VALUES ({})",
        *CONTACT_COLUMNS,
        places.join(", ")
    )
});

/// A link: source, object id, contact, base.
pub const INSERT_LINK: &str =
    "INSERT INTO links (source_id, object_id, contact_id, base) VALUES (?1, ?2, ?3, ?4)";

/// A value of a custom field: contact, field, value.
pub const INSERT_CUSTOM_VALUE: &str = "INSERT INTO custom_values (contact_id, field_id, value) \
     VALUES (?1, ?2, ?3) ON CONFLICT (contact_id, field_id) DO UPDATE SET value = excluded.value";

/// A membership: contact, list, source.
pub const INSERT_MEMBERSHIP: &str = "INSERT INTO memberships (contact_id, list_id, manager) \
     VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

/// New values for a contact: contact, new version, `active`, `filled`, the set of written fields,
/// then every described field.
///
/// One text serves every set of written fields, so that it stays prepared; a field outside the set
/// keeps its value. The address is left out where it is not written, because naming an indexed
/// column costs a rewrite of its index entry.
pub(super) static UPDATE_CONTACT: LazyLock<String> = LazyLock::new(|| update(false));

/// As [`UPDATE_CONTACT`], with the address, and its key as the last parameter.
pub(super) static UPDATE_CONTACT_AND_EMAIL: LazyLock<String> = LazyLock::new(|| update(true));

fn update(with_email: bool) -> String {
    let mut assignments = vec![
        "version = ?2".to_owned(),
        "active = ?3".to_owned(),
        "filled = ?4".to_owned(),
    ];
    for (place, field) in DESCRIBED.iter().enumerate() {
        if place == EMAIL && !with_email {
            continue;
        }
        let column = column(field);
        let (bit, parameter) = (1_i64 << place, place + 6);
        assignments.push(format!(
            "{column} = CASE WHEN ?5 & {bit} THEN ?{parameter} ELSE {column} END"
        ));
    }
    if with_email {
        assignments.push(format!("email_key = ?{}", DESCRIBED.len() + 6));
    }
    format!(
        "UPDATE contacts SET {} WHERE id = ?1",
        assignments.join(", ")
    )
}
