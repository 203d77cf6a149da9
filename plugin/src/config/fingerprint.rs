//! The fingerprint: what the cursor of a workspace belongs to.
//!
//! Two documents with the same fingerprint read the same people and write the same values, however
//! they are laid out; a different one makes the next run read everybody. The schedule, the limits,
//! the credentials, the endpoints and the listing decide nothing of that and are left out; so is what a preset
//! is called, because only what it stands for counts.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use entra_directory::connection::Connection;
use entra_users::mapping::filter::{Clause, Comparand, Filter, Test};
use entra_users::mapping::rows::Mapping;
use guest_kit::{json, ordered};
use sync_core::mapping::rows::{Direction, Purpose, Row, Winner};
use sync_core::settings::{GroupRules, Invitations, ListRule, OrgContacts, Policies};

use super::groups::{KINDS, word};

/// Rises when this version of the connector would make something else of the same settings.
const FORMAT: u32 = 2;

/// Who is a person beside the users, and who is to be one.
pub(super) struct Guests<'a> {
    pub(super) org_contacts: OrgContacts,
    pub(super) invitations: Option<&'a Invitations>,
}

/// SHA-256 of the canonical form, in hexadecimal.
pub(super) fn of(
    connection: Option<&Connection>,
    mapping: &Mapping,
    filter: &Filter,
    policies: &Policies,
    lists: &ListRule,
    groups: Option<&GroupRules>,
    guests: Guests<'_>,
) -> String {
    let mut canonical = vec![
        Value::from(FORMAT),
        Value::from(connection.map(|connection| connection.tenant.to_ascii_lowercase())),
        json::to_value(&connection.map(|connection| connection.cloud)),
        in_order(&mut mapping.rows.iter().map(row)),
        json::to_value(&mapping.addresses),
        in_order(&mut filter.clauses.iter().map(clause)),
        // As trees, whose members are in the order of their names.
        json::to_value(policies),
        json::to_value(lists),
    ];
    // Where users alone are read, there is nothing to say of groups and of organisational contacts: what was read under such a document,
    // be it before there were any, stays read.
    canonical.extend(groups.map(of_groups));
    if guests.org_contacts == OrgContacts::Include {
        canonical.push("organizational-contacts".into());
    }
    // What is approved is approved with the terms on which people are invited.
    canonical.extend(guests.invitations.map(|terms| {
        let terms = json::to_value(terms);
        Value::from(vec![Value::from("invitations"), terms])
    }));
    // Where no row holds numbers in E.164, it decides nothing.
    let mut rows = mapping.rows.iter();
    if rows.any(|row| row.purpose.is_in_e164()) {
        let country = mapping.country.as_deref();
        canonical.extend(country.map(|country| Value::from(vec!["phone-country", country])));
    }
    let digest = Sha256::digest(json::to_text(&Value::from(canonical)));
    let mut hexadecimal = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

/// What is named is in any order; names are as they are compared.
fn of_groups(rules: &GroupRules) -> Value {
    let selection = &rules.selection;
    let names = |names: &[String]| {
        let mut names = names.iter().map(|name| Value::from(name.as_str()));
        in_order(&mut names)
    };
    let mut ids = selection.ids.iter().map(|id| Value::from(id.as_str()));
    let mut kinds = selection.kinds.iter().map(|kind| word(KINDS, kind).into());
    let list = rules.list.as_ref();
    Value::from(vec![
        in_order(&mut ids),
        names(&selection.names),
        names(&selection.prefixes),
        in_order(&mut kinds),
        Value::from(rules.transitive),
        Value::from(list.map(|list| list.name.as_str())),
        Value::from(list.map(|list| list.description.as_str())),
        Value::from(rules.members_only),
    ])
}

/// Rows and clauses of one set are the same in any order.
fn in_order(values: &mut dyn Iterator<Item = Value>) -> Value {
    let mut values: Vec<_> = values.collect();
    ordered::sort_by(&mut values, |left, right| {
        json::to_text(left).cmp(&json::to_text(right))
    });
    Value::Array(values)
}

fn row(row: &Row) -> Value {
    let mut canonical = vec![
        Value::from(row.field.as_str()),
        Value::from(row.attribute),
        Value::from(row.mandatory),
        Value::from(row.only_on_create),
        Value::from(row.max_length),
    ];
    // A row that is read only is what it was before there were others.
    canonical.extend(match row.direction {
        Direction::OneWay => None,
        Direction::Reverse => Some(Value::from("reverse")),
        Direction::TwoWay(Winner::Directory) => Some(Value::from("two-way, directory-wins")),
        Direction::TwoWay(Winner::Contact) => Some(Value::from("two-way, contact-wins")),
        Direction::TwoWay(Winner::Ask) => Some(Value::from("two-way, ask")),
    });
    // So is one whose numbers stay as they are written.
    canonical.extend(match row.purpose {
        Purpose::E164 => Some(Value::from("e164")),
        Purpose::Channel => Some(Value::from("e164, channel")),
        Purpose::Plain | Purpose::Telephone | Purpose::Address | Purpose::MatchKey => None,
    });
    Value::from(canonical)
}

fn clause(clause: &Clause) -> Value {
    let values = |values: &[Comparand]| -> Value {
        values
            .iter()
            .map(|value| Value::from(value.as_str()))
            .collect()
    };
    let (name, value) = match &clause.test {
        Test::AnyOf(any) => ("any-of", values(any)),
        Test::NoneOf(none) => ("none-of", values(none)),
        Test::Exists(exists) => ("exists", Value::from(*exists)),
    };
    let test = Value::from(vec![Value::from(name), value]);
    Value::from(vec![Value::from(clause.attribute.name), test])
}
