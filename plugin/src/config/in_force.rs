//! The configuration in force, as a document: what a host shows, and from which it makes a form.

use entra_directory::directory::{Listing, WRITES_A_SECOND};
use entra_users::mapping::catalogue::Kind;
use entra_users::mapping::filter::{Comparand, Test};
use entra_users::mapping::rows::AddressSource;
use guest_kit::json::{self, object};
use serde_json::{Map, Value};
use sync_core::mapping::rows::{Direction, Purpose, Row, Winner};
use sync_core::settings::{GroupRules, Limit, ListRule};

use super::directions::is_sensitive;
use super::groups::{self, KINDS, MEMBERS, PEOPLE, SCOPES, word};
use super::numbers::{FORMATS, Format};
use super::policies::ORG_CONTACTS;
use super::presets::Preset;
use super::settings::Settings;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// A document that says everything that preset and defaults have filled in, as JSON text. It is valid,
/// and has the fingerprint of the one that the settings are from; who is asked and with which
/// credentials is not in it. Values of the filter and names of groups are written as they are compared, in lower
/// case.
#[must_use]
pub fn in_force(settings: &Settings) -> String {
    let mut sync = match json::to_value(&settings.policies) {
        Value::Object(policies) => policies,
        _ => Map::new(),
    };
    let more = [
        ("preset", settings.preset.into()),
        ("schedule", settings.schedule.as_deref().into()),
        ("scope", word(SCOPES, &settings.groups.is_some()).into()),
        (
            "organizationalContacts",
            word(ORG_CONTACTS, &settings.org_contacts).into(),
        ),
        ("mapping", mapping(settings)),
        ("filters", filters(settings)),
        ("list", list(&settings.lists)),
        ("addresses", addresses(&settings.mapping.addresses)),
        (
            "fullSyncEveryDays",
            (settings.full_round_every.as_secs() / DAY_SECONDS).into(),
        ),
        (
            "limits",
            object([
                ("removals", limit(&settings.removal_limit)),
                ("blanks", limit(&settings.blank_limit)),
            ]),
        ),
    ];
    json::insert(&mut sync, &mut more.into_iter());
    if let Some(country) = &settings.mapping.country {
        sync.insert("phoneCountry".to_owned(), country.as_str().into());
    }
    written(settings, &mut sync);
    if let Some(rules) = &settings.groups {
        sync.insert("groups".to_owned(), groups(rules));
    }
    // A setting of operators: whoever has not set it does not need to see it.
    let Listing { at_once, page_size } = settings.listing;
    if settings.listing != Listing::default() {
        let listing = object([("atOnce", at_once.into()), ("pageSize", page_size.into())]);
        sync.insert("listing".to_owned(), listing);
    }
    json::to_text(&object([("sync", Value::Object(sync))]))
}

/// What is said only where rows write to the directory.
fn written(settings: &Settings, sync: &mut Map<String, Value>) {
    let rows = settings.mapping.rows.iter();
    let written: Vec<_> = rows
        .filter(|row| row.direction.writes_directory())
        .collect();
    if written.is_empty() {
        return;
    }
    for (winner, word) in [(Winner::Contact, "contact-wins"), (Winner::Ask, "ask")] {
        if written
            .iter()
            .any(|row| row.direction == Direction::TwoWay(winner))
        {
            sync.insert("conflicts".to_owned(), word.into());
        }
    }
    let sensitive = written.iter().any(|row| is_sensitive(row.attribute));
    let pace = settings.writes_a_second;
    let writes = match (sensitive, pace != WRITES_A_SECOND) {
        (true, true) => Some(object([
            ("sensitive", true.into()),
            ("perSecond", pace.into()),
        ])),
        (true, false) => Some(object([("sensitive", true.into())])),
        (false, true) => Some(object([("perSecond", pace.into())])),
        (false, false) => None,
    };
    sync.extend(writes.map(|writes| ("writes".to_owned(), writes)));
    let mut limits = Map::new();
    let of_directory = [
        ("removals", limit(&settings.removal_limit)),
        ("blanks", limit(&settings.blank_limit)),
        ("directory", limit(&settings.directory_limit)),
        ("directoryBlanks", limit(&settings.directory_blank_limit)),
    ];
    json::insert(&mut limits, &mut of_directory.into_iter());
    if let Some(terms) = &settings.invitations {
        sync.insert("contactsWithoutUser".to_owned(), "invite".into());
        let invitations = object([
            ("redirectUrl", terms.redirect_url.as_str().into()),
            ("sendMessage", terms.send_message.into()),
        ]);
        sync.insert("invitations".to_owned(), invitations);
        limits.insert("invitations".to_owned(), limit(&settings.invitation_limit));
    }
    sync.insert("limits".to_owned(), Value::Object(limits));
}

/// A field that the store has is found by its name, a custom one by its label.
fn mapping(settings: &Settings) -> Value {
    let mut attributes = Map::new();
    for row in &settings.mapping.rows {
        let target = object([
            ("field", row.field.as_str().into()),
            ("label", row.label.as_str().into()),
            ("mandatory", row.mandatory.into()),
            ("onlyOnCreate", row.only_on_create.into()),
        ]);
        let target = directed(target, row.direction);
        let target = formatted(target, row, settings.preset);
        let targets = attributes
            .entry(row.attribute)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Some(targets) = targets.as_array_mut() {
            targets.push(target);
        }
    }
    Value::Object(attributes)
}

/// A row says its way where it writes to the directory.
fn directed(target: Value, direction: Direction) -> Value {
    let way = match direction {
        Direction::OneWay => return target,
        Direction::Reverse => "reverse",
        Direction::TwoWay(_) => "two-way",
    };
    said(target, "direction", way)
}

/// A row says its format where its numbers are in E.164, and where they would be if it said nothing.
fn formatted(target: Value, row: &Row, preset: &str) -> Value {
    let may_be_channel = row.mandatory || preset == Preset::Messaging.name();
    let format = match row.purpose {
        Purpose::E164 | Purpose::Channel => Format::E164,
        Purpose::Telephone if may_be_channel => Format::AsWritten,
        Purpose::Plain | Purpose::Telephone | Purpose::Address | Purpose::MatchKey => {
            return target;
        }
    };
    let mut formats = FORMATS.iter();
    let word = formats.find(|(_, known)| *known == format);
    word.map_or(target.clone(), |(word, _)| said(target, "format", word))
}

fn said(target: Value, key: &str, word: &str) -> Value {
    match target {
        Value::Object(mut target) => {
            target.insert(key.to_owned(), word.into());
            Value::Object(target)
        }
        other => other,
    }
}

fn filters(settings: &Settings) -> Value {
    let mut clauses = Map::new();
    for clause in &settings.filter.clauses {
        let kind = clause.attribute.kind;
        let test = match &clause.test {
            Test::AnyOf(any) => values(kind, any),
            Test::NoneOf(none) => object([("not", values(kind, none))]),
            Test::Exists(exists) => object([("exists", (*exists).into())]),
        };
        // Collecting would bring a sort of its own into the component.
        clauses.insert(clause.attribute.name.to_owned(), test);
    }
    Value::Object(clauses)
}

fn values(kind: Kind, comparands: &[Comparand]) -> Value {
    let value = |comparand: &Comparand| match kind {
        Kind::Boolean => Value::from(comparand.as_str() == "true"),
        _ => Value::from(comparand.as_str()),
    };
    comparands.iter().map(value).collect()
}

fn list(rule: &ListRule) -> Value {
    match rule {
        ListRule::None => "none".into(),
        ListRule::One { name, description } => named_list(name, description),
        ListRule::PerAttribute {
            attribute,
            description,
            ..
        } => object([
            ("perAttribute", (*attribute).into()),
            ("description", description.as_str().into()),
        ]),
    }
}

fn named_list(name: &str, description: &str) -> Value {
    object([("name", name.into()), ("description", description.into())])
}

fn groups(rules: &GroupRules) -> Value {
    let selection = &rules.selection;
    let mut include: Vec<Value> = Vec::new();
    for id in &selection.ids {
        include.push(id.as_str().into());
    }
    for name in &selection.names {
        include.push(name.as_str().into());
    }
    for beginning in &selection.prefixes {
        let mut name = beginning.clone();
        name.push(groups::REST);
        include.push(name.into());
    }
    let mut kinds: Vec<Value> = Vec::new();
    for kind in &selection.kinds {
        kinds.push(word(KINDS, kind).into());
    }
    let list = match &rules.list {
        None => groups::NONE.into(),
        Some(list) => named_list(&list.name, &list.description),
    };
    let mut groups = Map::new();
    let more = [
        ("include", include.into()),
        ("kinds", kinds.into()),
        ("members", word(MEMBERS, &rules.transitive).into()),
        ("list", list),
        ("people", word(PEOPLE, &rules.members_only).into()),
    ];
    // Where nothing is named it is everything, which no list says.
    let says_something = |(_, value): &(&str, Value)| value.as_array() != Some(&Vec::new());
    json::insert(&mut groups, &mut more.into_iter().filter(says_something));
    Value::Object(groups)
}

fn addresses(sources: &[AddressSource]) -> Value {
    sources
        .iter()
        .map(|source| Value::from(source.attribute()))
        .collect()
}

fn limit(limit: &Limit) -> Value {
    object([
        ("count", limit.count.into()),
        ("percent", limit.percent.into()),
        ("floor", limit.floor.into()),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::test_fixture::{accepted, document, store};
    use super::super::{presets, read};
    use super::*;

    fn read_again(settings: &Settings) -> Settings {
        let text = in_force(settings);
        read(&text, &store()).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
    }

    #[test]
    fn what_is_in_force_is_a_valid_document_that_means_the_same() {
        for sync in [
            json!({ "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number",
                "mail": ["email", { "label": "Second address" }] },
                "filters": { "department": ["Sales", "Support"], "accountEnabled": true,
                    "city": { "not": "Graz" }, "employeeId": { "exists": true } } }),
            json!({ "preset": "mirror", "list": "none", "schedule": null, "conflict": "keep-local",
                "limits": { "removals": { "count": 7 } } }),
            json!({ "preset": "additive" }),
            json!({ "preset": "mirror", "direction": "two-way", "conflicts": "contact-wins",
                "writes": { "sensitive": true, "perSecond": 3 }, "limits": { "directory": { "count": 7 } } }),
            json!({ "preset": "mirror", "direction": "two-way", "contactsWithoutUser": "invite",
                "invitations": { "redirectUrl": "https://contoso.example", "sendMessage": true },
                "limits": { "invitations": { "count": 7 } } }),
            json!({ "preset": "mirror", "mapping": { "mail": "email",
                "jobTitle": { "field": "job_title", "direction": "reverse" } } }),
            json!({ "preset": "lifecycle", "scope": "users-and-groups" }),
            json!({ "preset": "mirror", "organizationalContacts": "include" }),
            json!({ "preset": "mirror", "scope": "users-and-groups", "groups": {
                "include": ["Region *", "{ABCDEF00-0000-4000-8000-00000000ABCD}", "Sales"],
                "kinds": ["mail-enabled", "security"], "members": "transitive", "people": "members",
                "list": { "name": "Entra {group}", "description": "From {group}" } } }),
            json!({ "preset": "mirror", "scope": "users-and-groups",
                "groups": { "list": "none", "people": "members" } }),
        ] {
            let settings = accepted(&document(&sync));
            let again = read_again(&settings);
            assert_eq!(again.fingerprint, settings.fingerprint, "{sync}");
            assert_eq!(again.groups, settings.groups);
            assert_eq!(again.schedule, settings.schedule);
            assert_eq!(again.removal_limit, settings.removal_limit);
            assert_eq!(again.directory_limit, settings.directory_limit);
            assert_eq!(again.invitation_limit, settings.invitation_limit);
            assert_eq!(again.invitations, settings.invitations);
            assert_eq!(ways(&again), ways(&settings));
            assert_eq!(in_force(&again), in_force(&settings));
        }
    }

    /// Which way each field goes, by its name.
    fn ways(settings: &Settings) -> BTreeMap<&str, Direction> {
        let rows = settings.mapping.rows.iter();
        rows.map(|row| (row.field.as_str(), row.direction))
            .collect()
    }

    proptest! {
        #[test]
        fn a_preset_and_its_policies_written_out_mean_the_same(
            preset in prop::sample::select(presets::PRESETS.to_vec()),
            update in any::<bool>(),
            removed in prop::sample::select(vec!["keep", "unlink", "deactivate", "delete"]),
        ) {
            let mut sync = json!({ "preset": preset.0, "update": update, "removed": removed });
            if preset.0 == "messaging" {
                sync["mapping"] = json!({ "mobilePhone": "phone_number" });
            }
            let settings = accepted(&document(&sync));
            prop_assert_eq!(read_again(&settings).fingerprint, settings.fingerprint);
        }
    }
}
