//! The table of fields: the one place that knows what a contact can hold.
//!
//! A field's place in [`DESCRIBED`] is its bit in `contacts.filled` and never changes; a new field
//! goes to the end, with a migration for its column. Custom fields take the bits from
//! [`FIRST_CUSTOM_BIT`] on, so that one integer says which fields a contact lacks.

use connector_contract::{FieldDescription, FieldKind, FieldRole};
use contact_identity::address::comparable;

/// What a described field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Email,
    Phone,
}

/// What a described field means to the connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Email,
    GivenName,
    FamilyName,
    DisplayName,
    Phone,
    Company,
    Group,
}

/// One field that every contact can have.
#[derive(Debug)]
pub(super) struct Described {
    /// Its name in the contract and the name of its column.
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    /// In Unicode scalar values.
    pub(super) max_length: usize,
    pub(super) role: Option<Role>,
}

const fn field(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    max_length: usize,
    role: Option<Role>,
) -> Described {
    Described {
        name,
        label,
        kind,
        max_length,
        role,
    }
}

/// How many fields are described.
pub(super) const DESCRIBED_FIELDS: usize = 12;

/// Every described field, in the order of its bit.
pub(super) const DESCRIBED: [Described; DESCRIBED_FIELDS] = [
    field(
        "first_name",
        "First name",
        Kind::Text,
        64,
        Some(Role::GivenName),
    ),
    field(
        "last_name",
        "Last name",
        Kind::Text,
        64,
        Some(Role::FamilyName),
    ),
    field(
        "display_name",
        "Display name",
        Kind::Text,
        256,
        Some(Role::DisplayName),
    ),
    field("email", "Email", Kind::Email, 254, Some(Role::Email)),
    field(
        "mobile_phone",
        "Mobile phone",
        Kind::Phone,
        64,
        Some(Role::Phone),
    ),
    field("company", "Company", Kind::Text, 256, Some(Role::Company)),
    field("job_title", "Job title", Kind::Text, 128, None),
    field("department", "Department", Kind::Text, 128, None),
    field("office_location", "Office location", Kind::Text, 128, None),
    field("contact_name", "Contact name", Kind::Text, 256, None),
    field(
        "phone_number",
        "Phone number",
        Kind::Phone,
        64,
        Some(Role::Phone),
    ),
    field("group", "Group", Kind::Text, 256, Some(Role::Group)),
];

/// The place of the match key in [`DESCRIBED`].
pub(super) const EMAIL: usize = 3;

/// Bits below are kept for described fields.
pub(super) const FIRST_CUSTOM_BIT: usize = 16;

/// As many custom fields as bits are left in a positive 64-bit integer.
pub(super) const MAX_CUSTOM_FIELDS: usize = 63 - FIRST_CUSTOM_BIT;

/// Longest label of a custom field, in Unicode scalar values.
pub(super) const MAX_CUSTOM_NAME: usize = 128;

/// Longest value of a custom field, in Unicode scalar values.
pub(super) const MAX_CUSTOM_VALUE: usize = 4_096;

/// The place of a described field.
pub(super) fn position(name: &str) -> Option<usize> {
    DESCRIBED.iter().position(|field| field.name == name)
}

/// A column as SQL text; `group` is a keyword.
pub(super) fn column(field: &Described) -> String {
    format!("\"{}\"", field.name)
}

/// The key by which an address is found.
pub(super) fn email_key(address: &str) -> String {
    comparable(address).into_owned()
}

/// A set of fields, as `contacts.filled` holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Filled(pub(super) i64);

impl Filled {
    /// The set with the field of that bit in or out.
    pub(super) fn with(self, bit: usize, holds_value: bool) -> Self {
        let mask = 1_i64 << bit;
        Self(if holds_value {
            self.0 | mask
        } else {
            self.0 & !mask
        })
    }

    /// Whether the field of that bit is in the set.
    pub(super) fn contains(self, bit: usize) -> bool {
        self.0 & (1_i64 << bit) != 0
    }
}

/// The described fields as the contract tells them.
pub(super) fn descriptions(mandatory: impl Fn(usize) -> bool) -> Vec<FieldDescription> {
    DESCRIBED
        .iter()
        .enumerate()
        .map(|(place, field)| FieldDescription {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            kind: match field.kind {
                Kind::Text => FieldKind::Text,
                Kind::Email => FieldKind::Email,
                Kind::Phone => FieldKind::Phone,
            },
            mandatory: mandatory(place),
            max_length: u32::try_from(field.max_length).ok(),
            role: field.role.map(|role| match role {
                Role::Email => FieldRole::Email,
                Role::GivenName => FieldRole::GivenName,
                Role::FamilyName => FieldRole::FamilyName,
                Role::DisplayName => FieldRole::DisplayName,
                Role::Phone => FieldRole::Phone,
                Role::Company => FieldRole::Company,
                Role::Group => FieldRole::Group,
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_field_is_the_match_key_and_it_is_the_one_the_store_indexes() {
        let keys: Vec<_> = DESCRIBED
            .iter()
            .enumerate()
            .filter(|(_, field)| field.role == Some(Role::Email))
            .map(|(place, _)| place)
            .collect();
        assert_eq!(keys, [EMAIL]);
    }

    #[test]
    fn described_and_custom_fields_share_no_bit_and_fit_a_positive_integer() {
        const { assert!(DESCRIBED_FIELDS <= FIRST_CUSTOM_BIT) };
        assert!(
            Filled(0)
                .with(FIRST_CUSTOM_BIT + MAX_CUSTOM_FIELDS - 1, true)
                .0
                > 0
        );
    }

    #[test]
    fn an_address_is_keyed_without_case_in_every_script() {
        assert_eq!(email_key(" ÅSA@Example.ORG "), "åsa@example.org");
    }
}
