//! A small vocabulary for the tests of this room.

use std::time::Duration;

use crate::contact::{Contact, ContactId, Field, Link, ObjectId};
use crate::mapping::person::{Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::{Direction, Purpose, Row};
use crate::settings::{
    Agents, Conflict, Disabled, Existing, Limit, ListRule, OrgContacts, Policies, Removing,
    Settings,
};

fn fields(pairs: &[(String, String)]) -> Vec<Field> {
    pairs
        .iter()
        .map(|(name, value)| Field {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// An unlinked, active contact.
pub fn contact(id: &str, pairs: &[(&str, &str)]) -> Contact {
    Contact {
        id: ContactId::new(id),
        version: 1,
        active: true,
        fields: fields(&owned(pairs)),
        link: None,
        former: None,
        lists: Vec::new(),
    }
}

/// A contact linked to a user and in step with the directory.
pub fn linked_contact(id: &str, user: &str, pairs: &[(&str, &str)]) -> Contact {
    linked_with_base(id, user, &owned(pairs), &owned(pairs))
}

/// A contact linked to a user, with a base of its own.
pub fn linked_with_base(
    id: &str,
    user: &str,
    pairs: &[(String, String)],
    base: &[(String, String)],
) -> Contact {
    Contact {
        fields: fields(pairs),
        link: Some(Link {
            object_id: ObjectId::new(user),
            base: fields(base),
        }),
        ..contact(id, &[])
    }
}

/// An optional row of the mapping.
pub fn row(attribute: &'static str, field: &str) -> Row {
    Row {
        attribute,
        field: field.to_owned(),
        label: field.to_owned(),
        purpose: Purpose::Plain,
        mandatory: false,
        only_on_create: false,
        max_length: None,
        direction: Direction::OneWay,
        always_filled: false,
    }
}

/// First name and address; the address is mandatory.
pub fn name_and_email() -> Vec<Row> {
    let mut email = row("mail", "email");
    email.mandatory = true;
    vec![row("givenName", "first_name"), email]
}

/// An enabled person in scope, with a first name and an address.
pub fn person(user: &str, first_name: &str, email: &str) -> Person {
    Person {
        object_id: ObjectId::new(user),
        kind: PersonKind::User,
        enabled: Some(true),
        scope: Scope::Inside,
        fields: vec![
            Stated::Value(first_name.to_owned()),
            Stated::Value(email.to_owned()),
        ],
        match_key: Some(email.to_owned()),
        lists: WantedLists::Unstated,
        is_whole: true,
        address_may_be_gone: false,
        number_is_open: false,
        states_changes_only: false,
        address_is_open: false,
        is_agent: false,
        names_by_id: false,
        mastered_elsewhere: false,
        invalid: None,
    }
}

/// Settings with these rows and policies, and otherwise without anything special.
pub fn settings(rows: Vec<Row>, policies: Policies) -> Settings {
    let limit = Limit {
        count: 10,
        percent: 10,
        floor: 5,
    };
    Settings {
        rows,
        policies,
        lists: ListRule::None,
        groups: None,
        org_contacts: OrgContacts::Skip,
        schedule: None,
        full_round_every: Duration::from_secs(86_400),
        removal_limit: limit,
        blank_limit: limit,
        directory_limit: limit,
        directory_blank_limit: limit,
        invitations: None,
        invitation_limit: limit,
        fingerprint: "0".to_owned(),
        filter_remarks: Vec::new(),
    }
}

/// Links, updates, lets the directory win, unlinks.
pub fn mirroring() -> Policies {
    Policies {
        existing: Existing::Link,
        update: true,
        conflict: Conflict::SourceWins,
        removed: Removing::Unlink,
        left_scope: Removing::Unlink,
        disabled: Disabled::Ignore,
        agents: Agents::Skip,
    }
}
