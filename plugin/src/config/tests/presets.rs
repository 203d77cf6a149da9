//! What each preset stands for, and how a document goes its own way.

use std::time::Duration;

use entra_users::mapping::rows::AddressSource;
use serde_json::json;
use sync_core::mapping::rows::Purpose;
use sync_core::settings::{Conflict, Disabled, Existing, ListRule, Removing};

use super::super::test_fixture::{document, settings, store};
use super::super::{limits, read};
use super::{one_problem, one_problem_in_sync, rows};

#[test]
fn additive_adds_people_and_never_touches_a_contact_that_is_there() {
    let settings = settings(&json!({"preset": "additive"}));
    assert_eq!(settings.policies.existing, Existing::Skip);
    assert!(!settings.policies.update);
    assert_eq!(settings.policies.disabled, Disabled::NotCreated);
    assert_eq!(settings.policies.removed, Removing::Keep);
    assert_eq!(settings.lists, ListRule::None);
    assert_eq!(settings.schedule.as_deref(), Some("every 6 h"));
    assert_eq!(
        rows(&settings),
        [
            ("givenName", "first_name", true, false),
            ("surname", "last_name", true, false),
            ("mail", "email", true, false),
        ]
    );
}

#[test]
fn mirror_keeps_contacts_the_same_on_one_list_of_the_organisation() {
    let settings = settings(&json!({"preset": "mirror"}));
    assert!(settings.policies.update);
    assert_eq!(settings.policies.conflict, Conflict::SourceWins);
    assert_eq!(settings.policies.removed, Removing::Unlink);
    assert_eq!(
        settings.lists,
        ListRule::One {
            name: "{organization} Users".to_owned(),
            description: "Synced contacts".to_owned(),
        }
    );
    assert_eq!(
        rows(&settings),
        [
            ("givenName", "first_name", false, false),
            ("surname", "last_name", false, false),
            ("mail", "email", false, false),
            ("mobilePhone", "mobile_phone", false, false),
            ("companyName", "company", false, false),
        ]
    );
}

#[test]
fn lifecycle_needs_an_address_that_is_written_once_and_follows_the_account() {
    let settings = settings(&json!({"preset": "lifecycle"}));
    assert_eq!(settings.policies.disabled, Disabled::Deactivate);
    assert_eq!(settings.policies.removed, Removing::Deactivate);
    assert_eq!(
        settings.mapping.addresses,
        [AddressSource::Mail, AddressSource::UserPrincipalName]
    );
    assert_eq!(
        rows(&settings),
        [
            ("displayName", "display_name", false, false),
            ("mail", "email", true, true),
        ]
    );
    assert_eq!(settings.mapping.rows[1].purpose, Purpose::MatchKey);
}

#[test]
fn messaging_needs_a_telephone_number() {
    let mapping = json!({"preset": "messaging", "mapping": {"displayName": "contact_name"}});
    one_problem_in_sync(
        &mapping,
        "/sync/mapping",
        &[
            "a telephone number",
            "`mobile_phone` or `phone_number`",
            "mobilePhone",
        ],
    );
    one_problem_in_sync(&json!({}), "/sync", &["a telephone number"]);
}

#[test]
fn whatever_a_document_says_replaces_what_its_preset_says() {
    let settings = settings(&json!({
        "preset": "mirror",
        "existing": "skip",
        "update": false,
        "removed": "delete",
        "leftScope": "keep",
        "disabled": "deactivate",
        "list": "none",
        "addresses": ["userPrincipalName", "mail"],
        "fullSyncEveryDays": 1,
    }));
    assert_eq!(settings.policies.existing, Existing::Skip);
    assert!(!settings.policies.update);
    assert_eq!(settings.policies.removed, Removing::Delete);
    assert_eq!(settings.policies.left_scope, Removing::Keep);
    assert_eq!(settings.policies.disabled, Disabled::Deactivate);
    assert_eq!(settings.lists, ListRule::None);
    assert_eq!(settings.full_round_every, Duration::from_secs(86_400));
    assert_eq!(
        settings.mapping.addresses[0],
        AddressSource::UserPrincipalName
    );
}

#[test]
fn the_listing_is_as_wide_as_graph_takes_it_unless_an_operator_says_otherwise() {
    let listing = |document| {
        let listing = settings(&document).listing;
        (listing.at_once, listing.page_size)
    };
    assert_eq!(listing(json!({"preset": "mirror"})), (8, 999));
    let one = json!({"preset": "mirror", "listing": {"atOnce": 1}});
    assert_eq!(listing(one), (1, 999));
    let small = json!({"preset": "mirror", "listing": {"pageSize": 20}});
    assert_eq!(listing(small), (8, 20));
}

#[test]
fn a_document_may_waive_what_its_preset_makes_mandatory_but_must_map_it() {
    let waived = settings(&json!({
        "preset": "additive",
        "mapping": {"givenName": "first_name", "surname": {"field": "last_name", "mandatory": false}, "mail": "email"},
    }));
    assert!(
        !waived
            .mapping
            .rows
            .iter()
            .any(|row| row.field == "last_name" && row.mandatory)
    );
    one_problem_in_sync(
        &json!({"preset": "additive", "mapping": {"givenName": "first_name", "mail": "email"}}),
        "/sync/mapping",
        &["the last name", "`last_name`", "\"surname\": \"last_name\""],
    );
}

#[test]
fn a_preset_finds_fields_by_role_before_it_looks_at_names() {
    let mut store = store();
    store.fields.retain(|field| field.name != "company");
    store.fields[0].name = "vorname".to_owned();
    let document = document(&json!({"preset": "mirror"})).to_string();
    let settings = read(&document, &store).expect("valid");
    let fields: Vec<_> = settings
        .mapping
        .rows
        .iter()
        .map(|row| row.field.as_str())
        .collect();
    assert_eq!(fields, ["vorname", "last_name", "email", "mobile_phone"]);
}

#[test]
fn a_preset_that_needs_a_field_the_store_has_not_says_so() {
    let mut store = store();
    store.fields.retain(|field| field.name != "last_name");
    one_problem(
        &document(&json!({"preset": "additive"})),
        &store,
        "/sync",
        &["the last name", "choose another `preset`"],
    );
}

#[test]
fn limits_need_no_set_up_and_can_be_set_one_by_one() {
    let plain = settings(&json!({"preset": "mirror"}));
    assert_eq!(plain.removal_limit, limits::REMOVALS);
    assert_eq!(plain.blank_limit, limits::BLANKS);
    let small = settings(&json!({"preset": "mirror", "limits": {"removals": {"count": 3}}}));
    assert_eq!(small.removal_limit.count, 3);
    assert_eq!(small.removal_limit.percent, limits::REMOVALS.percent);
    assert_eq!(small.removal_limit.floor, 3);
}

#[test]
fn an_own_mapping_keeps_what_the_preset_writes_once_unless_its_row_says_otherwise() {
    for (target, once) in [
        (json!("email"), true),
        (json!({"field": "email"}), true),
        (json!({"field": "email", "onlyOnCreate": false}), false),
    ] {
        let mapping = json!({"displayName": "display_name", "mail": target});
        let settings = settings(&json!({"preset": "lifecycle", "mapping": mapping}));
        let email = settings
            .mapping
            .rows
            .iter()
            .find(|row| row.field == "email");
        assert_eq!(email.map(|row| row.only_on_create), Some(once), "{target}");
    }
}
