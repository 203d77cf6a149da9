//! Documents that are not valid, and what their authors are told.

use proptest::prelude::*;
use serde_json::json;
use sync_core::ports::{StoreDescription, StoreLimits};

use super::super::read;
use super::super::test_fixture::{
    SAMPLE, accepted, document, refused, settings, store, strict_store,
};
use super::{connected, one_problem, one_problem_in_sync, rows, sample, with};

#[test]
fn every_problem_of_a_document_is_reported_at_once() {
    let document = json!({
        "tenant": {"id": "common", "cluod": "global"},
        "credentials": {"clientId": "me"},
        "endpoints": {"graph": "http://example.com"},
        "sync": {
            "preset": "mirorr",
            "direction": "sideways",
            "target": "",
            "schedule": "whenever",
            "mapping": {"givenNmae": "first_name", "skills": "Skills", "jobTitle": "email"},
            "filters": {"accountEnabled": "yes", "department": null, "createdDateTime": "2026"},
            "update": "no",
            "removed": "vanish",
            "list": 7,
            "addresses": ["mail", "mail", "pager"],
            "fullSyncEveryDays": 0,
            "limits": {"removals": {"percent": 101}, "blanks": {"floor": 2000}},
            "groups": [],
        }
    });
    let problems = refused(&document, &store());
    let pointers: Vec<_> = problems
        .iter()
        .map(|problem| problem.pointer.as_str())
        .collect();
    for pointer in [
        "/tenant/id",
        "/tenant/cluod",
        "/credentials",
        "/credentials/clientId",
        "/endpoints/graph",
        "/sync/preset",
        "/sync/direction",
        "/sync/target",
        "/sync/schedule",
        "/sync/mapping/givenNmae",
        "/sync/mapping/skills",
        "/sync/mapping/jobTitle",
        "/sync/filters/accountEnabled",
        "/sync/filters/department",
        "/sync/filters/createdDateTime",
        "/sync/update",
        "/sync/removed",
        "/sync/list",
        "/sync/addresses/1",
        "/sync/addresses/2",
        "/sync/fullSyncEveryDays",
        "/sync/limits/removals/percent",
        "/sync/limits/blanks",
        "/sync/groups",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} in {problems:#?}");
    }
    assert_eq!(pointers.len(), 24, "{problems:#?}");
}

#[test]
fn a_document_that_is_no_object_and_one_that_says_nothing_are_told_what_to_write() {
    one_problem(&json!([]), &store(), "", &["an object in braces", "a list"]);
    one_problem(&json!({}), &store(), "", &["`sync` is missing", "preset"]);
}

#[test]
fn an_unknown_key_is_reported_with_the_one_that_was_meant() {
    one_problem(
        &with(sample(), "/sync", "filter", json!({})),
        &store(),
        "/sync/filter",
        &["Did you mean `filters`?"],
    );
}

#[test]
fn a_preset_stands_in_sync_or_beside_it_and_not_in_both() {
    let inside = json!({"sync": {"preset": "additive"}});
    let beside = json!({"preset": "additive", "sync": {}});
    assert_eq!(accepted(&inside).fingerprint, accepted(&beside).fingerprint);
    one_problem(
        &json!({"preset": "additive", "sync": {"preset": "mirror"}}),
        &store(),
        "/preset",
        &["one of them"],
    );
}

#[test]
fn a_filter_that_stands_there_twice_does_not_lose_its_first_half() {
    let twice = SAMPLE.replace(r#""accountEnabled": true"#, r#""department": "Board""#);
    let problems = read(&twice, &store()).expect_err("a duplicate");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].pointer, "/sync/filters/department");
}

#[test]
fn what_comes_later_is_refused_in_a_sentence() {
    let newest = with(sample(), "/sync", "conflicts", json!("newest"));
    one_problem(
        &newest,
        &store(),
        "/sync/conflicts",
        &["no time for an attribute", "\"ask\""],
    );
    let later = with(sample(), "/sync", "notifications", json!(true));
    one_problem(
        &later,
        &store(),
        "/sync/notifications",
        &["for the host to decide"],
    );
}

#[test]
fn tenant_and_credentials_come_together() {
    let mut lonely = connected();
    lonely
        .as_object_mut()
        .expect("an object")
        .remove("credentials");
    one_problem(&lonely, &store(), "", &["`credentials` is missing"]);
}

#[test]
fn a_secret_in_place_of_its_name_is_refused_and_not_repeated() {
    let secret = "abc8Q~example.not-a-real-secret_0123456789";
    for (key, pointer) in [
        ("secret", "/credentials/secret"),
        ("clientSecret", "/credentials/clientSecret"),
        ("clientId", "/credentials/clientId"),
    ] {
        let pasted = with(connected(), "/credentials", key, json!(secret));
        let problems = refused(&pasted, &store());
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert_eq!(problems[0].pointer, pointer);
        assert!(!format!("{problems:?}").contains("abc8Q"), "{problems:#?}");
    }
}

#[test]
fn a_field_takes_one_attribute() {
    one_problem_in_sync(
        &json!({"preset": "mirror", "mapping": {"city": "company", "companyName": "company"}}),
        "/sync/mapping/companyName",
        &["`company`", "/sync/mapping/city"],
    );
}

#[test]
fn a_store_without_custom_fields_lists_the_fields_it_has() {
    let unknown = document(&json!({"preset": "mirror", "mapping": {"mail": "emial"}}));
    one_problem(
        &unknown,
        &strict_store(),
        "/sync/mapping/mail",
        &[
            "takes no custom ones",
            "`first_name`",
            "Did you mean `email`?",
        ],
    );
    let warnings = read(&unknown.to_string(), &store())
        .expect("a custom field")
        .warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("`email`"), "{warnings:?}");
}

#[test]
fn a_field_the_store_cannot_do_without_must_be_mapped_and_stays_mandatory() {
    let mut store = store();
    store.fields[0].mandatory = true;
    let unmapped = json!({"preset": "mirror", "mapping": {"mail": "email"}});
    one_problem(
        &document(&unmapped),
        &store,
        "/sync/mapping",
        &["`first_name`"],
    );
    let waived = json!({"preset": "mirror", "mapping": {"givenName": {"field": "first_name", "mandatory": false}}});
    one_problem(
        &document(&waived),
        &store,
        "/sync/mapping/givenName",
        &["`mandatory`"],
    );
}

#[test]
fn an_attribute_goes_only_where_it_fits() {
    for (attribute, field, phrase) in [
        (
            "jobTitle",
            "email",
            "`mail`, `otherMails`, `proxyAddresses` or `userPrincipalName`",
        ),
        (
            "mail",
            "phone_number",
            "`businessPhones`, `mobilePhone` or `faxNumber`",
        ),
        ("accountEnabled", "company", "map it to a custom field"),
    ] {
        one_problem_in_sync(
            &json!({"preset": "mirror", "mapping": {attribute: field}}),
            &format!("/sync/mapping/{}", attribute.replace("/", "~1")),
            &[phrase],
        );
    }
}

#[test]
fn an_extension_attribute_fits_wherever_text_does() {
    let name = "onPremisesExtensionAttributes/extensionAttribute7";
    let settings = settings(&json!({"preset": "mirror", "mapping": {name: "mobile_phone"}}));
    assert_eq!(rows(&settings), [(name, "mobile_phone", false, false)]);
}

#[test]
fn attributes_the_directory_does_not_list_are_refused_with_the_reason() {
    for (attribute, phrase) in [
        ("skills", "SharePoint Online"),
        ("manager", "`manager/displayName`"),
        ("memberOf", "relationship"),
        (
            "assignedLicenses",
            "`filters` take `assignedLicenses/skuId`",
        ),
        (
            "assignedPlans/servicePlanId",
            "`filters` take `assignedPlans/servicePlanId`",
        ),
        ("signInActivity", "outside the directory's main store"),
        ("extension_0123_shoeSize", "not available in this version"),
        ("onPremisesExtensionAttributes", "extensionAttribute1"),
        ("gievnName", "Did you mean `givenName`?"),
    ] {
        one_problem_in_sync(
            &json!({"preset": "mirror", "mapping": {"mail": "email", attribute: "X"}}),
            &format!("/sync/mapping/{}", attribute.replace("/", "~1")),
            &[phrase],
        );
    }
}

#[test]
fn a_clause_is_refused_where_it_is_wrong() {
    for (clause, pointer, phrase) in [
        (
            json!({"department": []}),
            "/sync/filters/department",
            "at least one",
        ),
        (
            json!({"department": ["Sales", 5]}),
            "/sync/filters/department/1",
            "double quotes",
        ),
        (
            json!({"department": ["Sales", " "]}),
            "/sync/filters/department/1",
            "exists",
        ),
        (
            json!({"department": null}),
            "/sync/filters/department",
            "{\"exists\": false}",
        ),
        (
            json!({"department": {"not": ["A", null]}}),
            "/sync/filters/department/not/1",
            "exists",
        ),
        (
            json!({"department": {"exists": 1}}),
            "/sync/filters/department/exists",
            "true or false",
        ),
        (
            json!({"department": {}}),
            "/sync/filters/department",
            "exactly one",
        ),
        (
            json!({"department": {"exist": true, "not": "A"}}),
            "/sync/filters/department/exist",
            "`exists`",
        ),
        (
            json!({"accountEnabled": "true"}),
            "/sync/filters/accountEnabled",
            "without quotes",
        ),
        (
            json!({"userType": ["Member", "Gast"]}),
            "/sync/filters/userType/1",
            "`Member` or `Guest`",
        ),
        (json!({"photo": "x"}), "/sync/filters/photo", "picture"),
        (
            json!({"assignedPlans": {"exists": true}}),
            "/sync/filters/assignedPlans",
            "`filters` take `assignedPlans/servicePlanId`",
        ),
        (
            json!({"assignedLicenses": "c7df2760-2c81-4ef7-b578-5b5392b571df"}),
            "/sync/filters/assignedLicenses",
            "as `assignedLicenses/skuId`",
        ),
        (
            json!({"assignedLicenses": {"not": ["c7df2760-2c81-4ef7-b578-5b5392b571df"]}}),
            "/sync/filters/assignedLicenses",
            "{\"exists\": true}",
        ),
        (
            json!({"assignedlicenses/skuid": {"exists": true}}),
            "/sync/filters/assignedlicenses~1skuid",
            "Did you mean `assignedLicenses/skuId`?",
        ),
        (
            json!({"assignedLicenses/skuId": "ENTERPRISEPACK"}),
            "/sync/filters/assignedLicenses~1skuId",
            "is no skuId",
        ),
        (
            json!({"departmant": "x"}),
            "/sync/filters/departmant",
            "`department`",
        ),
        (
            json!({"onPremisesExtensionAttributes/extensionAttribute1": 5}),
            "/sync/filters/onPremisesExtensionAttributes~1extensionAttribute1",
            "double quotes",
        ),
    ] {
        one_problem_in_sync(
            &json!({"preset": "mirror", "filters": clause}),
            pointer,
            &[phrase],
        );
    }
}

#[test]
fn a_filter_that_leaves_nobody_is_warned_of() {
    let nobody = settings(&json!({
        "preset": "lifecycle", "filters": {"accountEnabled": false}
    }));
    assert_eq!(nobody.warnings.len(), 1, "{:?}", nobody.warnings);
    assert!(nobody.warnings[0].contains("nobody"));
}

proptest! {
    #[test]
    fn any_text_is_answered_with_settings_or_problems(text in "\\PC{0,64}") {
        if let Err(problems) = read(&text, &store()) {
            prop_assert!(!problems.is_empty());
        }
    }
}

/// The field's words for attributes, wherever an attribute can be named.
#[test]
fn the_fields_words_are_answered_with_the_attribute_that_is_meant() {
    for (word, hint) in [
        ("telephoneNumber", "`businessPhones`"),
        ("mobile", "`mobilePhone`"),
        ("title", "`jobTitle`"),
        ("sAMAccountName", "`onPremisesSamAccountName`"),
        ("physicalDeliveryOfficeName", "`officeLocation`"),
        (
            "extensionAttribute5",
            "`onPremisesExtensionAttributes/extensionAttribute5`",
        ),
        ("hiddenFromAddressListsEnabled", "`showInAddressList`"),
        ("sn", "`surname`"),
        ("givenname", "`givenName`"),
        ("user.city", "`city`"),
        (
            "extension_0a1b2c3d4e5f_badge",
            "Directory extensions are not available",
        ),
        ("customSecurityAttributes", "a permission of their own"),
        ("customSecurityAttributes/A/B", "a permission of their own"),
        ("homePhone", "keeps no such attribute"),
        ("manager", "`manager/displayName`"),
        ("managerEmail", "`manager/mail`"),
    ] {
        let mut mapped = sample();
        mapped["sync"]["mapping"][word] = json!("Some label");
        let pointer = word.replace('/', "~1");
        one_problem(
            &mapped,
            &store(),
            &format!("/sync/mapping/{pointer}"),
            &[hint],
        );
        let mut filtered = sample();
        filtered["sync"]["filters"][word] = json!("x");
        one_problem(
            &filtered,
            &store(),
            &format!("/sync/filters/{pointer}"),
            &[hint],
        );
        let listed = with(sample(), "/sync", "list", json!({ "perAttribute": word }));
        one_problem(&listed, &store(), "/sync/list/perAttribute", &[hint]);
    }
    let addresses = with(
        sample(),
        "/sync",
        "addresses",
        json!(["primarySmtpAddress"]),
    );
    one_problem(
        &addresses,
        &store(),
        "/sync/addresses/0",
        &["Did you mean `mail`?"],
    );
}

#[test]
fn another_word_for_a_cloud_is_answered_with_its_name() {
    for (word, name) in [
        ("gcc", "global"),
        ("GCC-High", "us-gov-l4"),
        ("dod", "us-gov-l5"),
        ("AzureCloud", "global"),
        ("AzureChinaCloud", "china"),
    ] {
        let cloud = with(connected(), "/tenant", "cloud", json!(word));
        let hint = format!("Did you mean `{name}`?");
        one_problem(&cloud, &store(), "/tenant/cloud", &[&hint]);
    }
}

#[test]
fn a_schedule_that_never_comes_is_a_problem_of_the_configuration() {
    for schedule in [
        "0 6 31 2 *",
        "0 6 30 2 *",
        "0 6 31 4 *",
        "0 6 31 2,4,6,9,11 *",
    ] {
        let never = with(sample(), "/sync", "schedule", json!(schedule));
        one_problem(&never, &store(), "/sync/schedule", &["never comes"]);
    }
}

#[test]
fn a_list_has_a_name_that_can_be_seen_and_that_the_store_takes() {
    let limited = StoreDescription {
        limits: StoreLimits {
            list_name: Some(8),
            custom_field_label: Some(4),
            ..StoreLimits::default()
        },
        ..store()
    };
    let named = |name: &str| with(sample(), "/sync", "list", json!({ "name": name }));
    let nothing = named("\u{200b}\u{ad}");
    one_problem(
        &nothing,
        &store(),
        "/sync/list/name",
        &["can be seen", "`none`"],
    );
    one_problem(
        &named("Everybody"),
        &limited,
        "/sync/list/name",
        &["at most 8"],
    );
    assert!(read(&named("Everyone").to_string(), &limited).is_ok());
    let labelled = with(
        sample(),
        "/sync/mapping",
        "city",
        json!({ "label": "Located" }),
    );
    one_problem(&labelled, &limited, "/sync/mapping/city", &["at most 4"]);
}

#[test]
fn a_filter_on_the_id_takes_nothing_that_is_no_id() {
    for (value, pointer) in [
        (json!("not-a-guid"), "/sync/filters/id"),
        (
            json!({ "not": ["adele.vance@contoso.example"] }),
            "/sync/filters/id/not/0",
        ),
    ] {
        let document = with(sample(), "/sync/filters", "id", value);
        one_problem(
            &document,
            &store(),
            pointer,
            &["is no object id", "nobody has it"],
        );
    }
}
