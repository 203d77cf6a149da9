//! The workspace in memory: its store, and the settings by which it mirrors a directory.

use std::time::Duration;

use crate::mapping::rows::{Direction, Purpose, Row};
use crate::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription, StoreLimits};
use crate::settings::{
    Agents, Conflict, Disabled, Existing, Limit, ListRule, Policies, Removing, Settings,
};

/// The namespace of the object ids.
pub const SOURCE: &str = "entra:6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

/// A store with twelve fields that takes custom ones.
pub fn store() -> StoreDescription {
    use FieldKind::{Email, Phone, Text};
    StoreDescription {
        fields: vec![
            field("first_name", Text, Some(FieldRole::GivenName)),
            field("last_name", Text, Some(FieldRole::FamilyName)),
            field("display_name", Text, Some(FieldRole::DisplayName)),
            field("email", Email, Some(FieldRole::Email)),
            field("mobile_phone", Phone, Some(FieldRole::Phone)),
            field("company", Text, Some(FieldRole::Company)),
            field("job_title", Text, None),
            field("department", Text, None),
            field("office_location", Text, None),
            field("contact_name", Text, None),
            field("phone_number", Phone, Some(FieldRole::Phone)),
            field("group", Text, Some(FieldRole::Group)),
        ],
        custom_fields: true,
        atomic: true,
        max_batch: 1_000,
        journal: true,
        marks: false,
        edits: true,
        unlinked: true,
        limits: StoreLimits::default(),
    }
}

fn field(name: &str, kind: FieldKind, role: Option<FieldRole>) -> FieldDescription {
    FieldDescription {
        name: name.to_owned(),
        label: name.replace('_', " "),
        kind,
        mandatory: false,
        max_length: Some(100),
        role,
    }
}

/// Mirrors a directory: five fields, contacts with somebody's address are linked, and those of whoever is
/// deleted are unlinked.
pub fn settings() -> Settings {
    let row = |attribute, field: &str, purpose| Row {
        attribute,
        field: field.to_owned(),
        label: field.replace('_', " "),
        purpose,
        mandatory: false,
        only_on_create: false,
        max_length: Some(100),
        direction: Direction::OneWay,
        always_filled: false,
    };
    Settings {
        rows: vec![
            row("givenName", "first_name", Purpose::Plain),
            row("surname", "last_name", Purpose::Plain),
            row("mail", "email", Purpose::MatchKey),
            row("mobilePhone", "mobile_phone", Purpose::Telephone),
            row("companyName", "company", Purpose::Plain),
        ],
        policies: Policies {
            existing: Existing::Link,
            update: true,
            conflict: Conflict::SourceWins,
            removed: Removing::Unlink,
            left_scope: Removing::Unlink,
            disabled: Disabled::Ignore,
            agents: Agents::Skip,
        },
        lists: ListRule::One {
            name: "{organization} Users".to_owned(),
            description: "Synced contacts".to_owned(),
        },
        groups: None,
        org_contacts: crate::settings::OrgContacts::Skip,
        schedule: Some("every 1 h".to_owned()),
        full_round_every: Duration::from_secs(7 * 24 * 60 * 60),
        removal_limit: Limit {
            count: 500,
            percent: 10,
            floor: 5,
        },
        blank_limit: Limit {
            count: 1_000,
            percent: 20,
            floor: 10,
        },
        directory_limit: Limit {
            count: 100,
            percent: 5,
            floor: 3,
        },
        directory_blank_limit: Limit {
            count: 20,
            percent: 2,
            floor: 1,
        },
        invitations: None,
        invitation_limit: Limit {
            count: 10,
            percent: 5,
            floor: 3,
        },
        fingerprint: "f".repeat(64),
        filter_remarks: Vec::new(),
    }
}
