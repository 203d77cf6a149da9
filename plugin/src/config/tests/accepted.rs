//! Documents that are valid, and what they mean.

use entra_directory::connection::Cloud;
use entra_users::mapping::filter::Test;
use serde_json::json;
use sync_core::settings::{Conflict, Disabled, ListRule, Removing};

use super::super::read;
use super::super::test_fixture::{SAMPLE, accepted, settings, store};
use super::{TENANT, connected, rows, with};

#[test]
fn the_document_people_already_have_is_valid_as_it_stands_and_means_messaging() {
    let settings = read(SAMPLE, &store()).expect("valid");
    assert!(settings.connection.is_none());
    assert_eq!(settings.schedule.as_deref(), Some("0 6 * * *"));
    assert_eq!(
        rows(&settings),
        [
            ("displayName", "contact_name", false, false),
            ("mobilePhone", "phone_number", true, false),
            ("mail", "email", false, false),
            ("department", "group", false, false),
        ]
    );
    assert_eq!(settings.policies.conflict, Conflict::Merge);
    assert_eq!(settings.policies.removed, Removing::Unlink);
    assert_eq!(settings.policies.disabled, Disabled::LeavesScope);
    assert!(matches!(
        settings.lists,
        ListRule::PerAttribute {
            attribute: "department",
            ..
        }
    ));
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    let selected = settings.mapping.selection().to_query();
    let country = if cfg!(feature = "e164") {
        "usageLocation,"
    } else {
        ""
    };
    assert_eq!(
        selected,
        format!(
            "id,accountEnabled,creationType,department,displayName,identities,mail,mobilePhone,otherMails,\
             {country}userPrincipalName"
        )
    );
}

#[test]
fn a_connection_uses_the_roots_of_its_cloud() {
    let connection = accepted(&connected()).connection.expect("a connection");
    assert_eq!(connection.tenant, TENANT);
    assert_eq!(connection.credential.identity(), "client-secret");
    assert_eq!(connection.login, "https://login.microsoftonline.com");
    assert_eq!(connection.graph, "https://graph.microsoft.com");

    let dod = with(connected(), "/tenant", "cloud", json!("us-gov-l5"));
    let connection = accepted(&dod).connection.expect("a connection");
    assert_eq!(connection.cloud, Cloud::UsGovL5);
    assert_eq!(connection.graph, "https://dod-graph.microsoft.us");
}

#[test]
fn endpoints_replace_the_roots_of_the_cloud() {
    let local = json!({"login": "http://127.0.0.1:8080/", "graph": "https://localhost:8443"});
    let connection = accepted(&with(connected(), "", "endpoints", local))
        .connection
        .expect("a connection");
    assert_eq!(connection.login, "http://127.0.0.1:8080");
    assert_eq!(connection.graph, "https://localhost:8443");
}

#[test]
fn an_attribute_goes_into_several_fields_and_into_custom_ones_under_their_label() {
    let settings = settings(&json!({
        "preset": "mirror",
        "mapping": {
            "mobilePhone": ["mobile_phone", {"field": "phone_number", "onlyOnCreate": true}],
            "employeeId": {"label": "Staff number", "mandatory": true},
            "accountEnabled": "Account on",
        }
    }));
    assert_eq!(
        rows(&settings),
        [
            ("accountEnabled", "Account on", false, false),
            ("employeeId", "Staff number", true, false),
            ("mobilePhone", "mobile_phone", false, false),
            ("mobilePhone", "phone_number", false, true),
        ]
    );
}

#[test]
fn a_label_is_what_people_read_of_a_field_the_store_has() {
    let settings = settings(&json!({
        "preset": "mirror", "mapping": {"city": {"field": "office_location", "label": "Town"}}
    }));
    assert_eq!(settings.mapping.rows[0].field, "office_location");
    assert_eq!(settings.mapping.rows[0].label, "Town");
    assert_eq!(settings.mapping.rows[0].max_length, Some(100));
}

#[test]
fn filters_take_a_value_several_a_negation_and_a_presence() {
    let settings = settings(&json!({
        "preset": "mirror",
        "filters": {
            "department": " Sales ",
            "city": ["Wien", "Bern", "wien"],
            "jobTitle": {"not": "Intern"},
            "mail": {"exists": true},
            "userType": "member",
        }
    }));
    let test = |name: &str| {
        let clauses = &settings.filter.clauses;
        let clause = clauses.iter().find(|clause| clause.attribute.name == name);
        clause.expect(name).test.clone()
    };
    let words = |test| match test {
        Test::AnyOf(values) | Test::NoneOf(values) => values
            .iter()
            .map(|value| value.as_str().to_owned())
            .collect::<Vec<_>>(),
        Test::Exists(_) => Vec::new(),
    };
    assert_eq!(words(test("department")), ["sales"]);
    assert_eq!(words(test("city")), ["bern", "wien"]);
    assert!(matches!(test("jobTitle"), Test::NoneOf(_)));
    assert_eq!(test("mail"), Test::Exists(true));
}

#[test]
fn a_null_schedule_means_only_on_request_where_the_preset_has_one() {
    assert_eq!(
        settings(&json!({"preset": "mirror"})).schedule.as_deref(),
        Some("every 1 h")
    );
    assert_eq!(
        settings(&json!({"preset": "mirror", "schedule": null})).schedule,
        None
    );
}
