//! Schema and validation agree.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::test_fixture::{accepted, document, refused, store};
use super::super::{
    addresses, clouds, directions, groups, numbers, policies, presets, read, schema, sync,
};
use super::{CLIENT, connected, sample, with};

fn validator() -> jsonschema::Validator {
    let schema = serde_json::from_str(schema()).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a JSON Schema");
    jsonschema::validator_for(&schema).expect("the schema can be used")
}

#[test]
fn every_document_that_is_accepted_is_valid_by_the_schema() {
    let validator = validator();
    let mut documents = vec![sample(), connected()];
    for (name, _) in presets::PRESETS {
        let mapping = json!({"preset": name, "mapping": {
            "givenName": "first_name", "surname": "last_name", "mail": "email",
            "mobilePhone": ["mobile_phone", {"field": "phone_number", "label": "Phone", "mandatory": true}],
            "employeeId": {"label": "Staff number", "onlyOnCreate": true},
        }});
        documents.push(document(&mapping));
    }
    for member in [
        json!({"schedule": null}),
        json!({"schedule": "every 30 min"}),
        json!({"list": "none"}),
        json!({"list": {"name": "Staff of {organization}", "description": "All"}}),
        json!({"list": {"perAttribute": "city"}}),
        json!({"scope": "users"}),
        json!({"scope": "users-and-groups", "groups": {}}),
        json!({"scope": "users-and-groups", "groups": {
            "include": ["Sales", "Region *", "abcdef00-0000-4000-8000-00000000abcd"],
            "kinds": ["security", "microsoft-365", "mail-enabled"], "members": "transitive",
            "list": {"name": "Entra {group}", "description": "{group}: {description}"}, "people": "members"}}),
        json!({"scope": "users-and-groups", "groups": {"list": "none", "people": "members"}}),
        json!({"filters": {"city": {"not": ["A", "B"]}, "mail": {"exists": false}, "accountEnabled": [true, false]}}),
        json!({"filters": {"assignedLicenses": {"exists": true}, "assignedLicenses/skuId": {"not": "c7df2760-2c81-4ef7-b578-5b5392b571df"}}}),
        json!({"existing": "skip", "update": false, "conflict": "keep-local", "removed": "delete",
               "leftScope": "deactivate", "disabled": "leaves-scope"}),
        json!({"addresses": ["proxyAddresses", "mail"], "fullSyncEveryDays": 30}),
        json!({"mapping": {"mobilePhone": {"field": "phone_number", "format": "as-written"}}}),
        #[cfg(feature = "e164")]
        json!({"phoneCountry": "DE", "mapping": {"mobilePhone": {"field": "phone_number", "format": "e164"}}}),
        json!({"listing": {"atOnce": 1, "pageSize": 100}}),
        json!({"writes": {"perSecond": 5}}),
        json!({"limits": {"removals": {"count": 5, "percent": 50, "floor": 1}, "blanks": {}}}),
    ] {
        let member = with(member, "", "preset", json!("mirror"));
        documents.push(document(&member));
    }
    for credential in [
        json!({"secret": "a", "secretExpires": "2027-06-30"}),
        json!({"certificate": {"key": "app-key", "sendChain": true}, "fallback": {"secret": "a"}}),
        json!({"federated": {"token": "cluster"}, "fallback": {"certificate": {"key": "app-key"}}}),
    ] {
        let credentials = with(credential, "", "clientId", json!(CLIENT));
        documents.push(with(connected(), "", "credentials", credentials));
    }
    documents.push(with(
        with(connected(), "", "$schema", json!("./schema.json")),
        "",
        "endpoints",
        json!({"login": "http://[::1]:8080", "graph": "https://localhost:8443/"}),
    ));
    for document in documents {
        accepted(&document);
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{document}\n{errors:#?}");
    }
}

#[test]
fn a_document_of_the_wrong_structure_is_refused_by_schema_and_validation_alike() {
    let validator = validator();
    for (parent, key, value) in [
        ("", "sync", json!([])),
        ("", "unknown", json!(1)),
        ("", "tenant", json!({})),
        ("/tenant", "cloud", json!("mars")),
        ("/credentials", "certificate", json!("x")),
        ("/credentials", "certificate", json!({"key": "app-key"})),
        ("/credentials", "federated", json!({})),
        (
            "/credentials",
            "fallback",
            json!({"secret": "a", "federated": {"token": "b"}}),
        ),
        ("/credentials", "fallback", json!({"clientId": "x"})),
        ("/credentials", "secretExpires", json!("30.06.2027")),
        ("/credentials", "clientId", json!("x")),
        ("/credentials", "secret", json!("a~b")),
        ("", "endpoints", json!({"graph": "https://a/b"})),
        ("/sync", "unknown", json!(1)),
        ("/sync", "direction", json!("sideways")),
        ("/sync", "conflicts", json!("newest")),
        ("/sync", "writes", json!({"sensitive": "yes"})),
        ("/sync", "writes", json!(["mobilePhone"])),
        ("/sync", "source", json!("ldap")),
        ("/sync", "target", json!("")),
        ("/sync", "preset", json!("mirorr")),
        ("/sync", "schedule", json!(6)),
        ("/sync", "mapping", json!({"mail": 1})),
        ("/sync", "mapping", json!({"mail": {"mandatory": true}})),
        ("/sync", "filters", json!({"city": null})),
        ("/sync", "filters", json!({"city": {"like": "x"}})),
        (
            "/sync",
            "filters",
            json!({"assignedLicenses": "c7df2760-2c81-4ef7-b578-5b5392b571df"}),
        ),
        (
            "/sync",
            "filters",
            json!({"assignedLicenses": {"not": "x"}}),
        ),
        ("/sync", "update", json!("yes")),
        ("/sync", "removed", json!("vanish")),
        ("/sync", "list", json!({})),
        ("/sync", "addresses", json!(["pager"])),
        ("/sync", "phoneCountry", json!("Germany")),
        (
            "/sync",
            "mapping",
            json!({"mobilePhone": {"field": "phone_number", "format": "E164"}}),
        ),
        ("/sync", "addresses", json!(["mail", "mail"])),
        ("/sync", "fullSyncEveryDays", json!(0)),
        ("/sync", "limits", json!({"removals": {"percent": 101}})),
        ("/sync", "scope", json!("groups")),
        ("/sync", "groups", json!({})),
        ("/sync", "listing", json!({"atOnce": 9})),
        ("/sync", "writes", json!({"perSecond": 0})),
        ("/sync", "writes", json!({"perSecond": "fast"})),
        ("/sync", "listing", json!({"pageSize": 0})),
        ("/sync", "listing", json!({"partitions": true})),
    ] {
        let document = with(connected(), parent, key, value);
        refused(&document, &store());
        assert!(!validator.is_valid(&document), "{document}");
    }
}

#[test]
fn groups_of_the_wrong_structure_are_refused_by_schema_and_validation_alike() {
    let validator = validator();
    for groups in [
        json!([]),
        json!({"exclude": ["Sales"]}),
        json!({"include": []}),
        json!({"include": [""]}),
        json!({"include": ["Sales", "Sales"]}),
        json!({"include": (0..1_001).map(|number| format!("Group {number}")).collect::<Vec<_>>()}),
        json!({"kinds": []}),
        json!({"kinds": ["dynamic"]}),
        json!({"kinds": ["security", "security"]}),
        json!({"members": "nested"}),
        json!({"people": "some"}),
        json!({"list": "some"}),
        json!({"list": {"name": "Everybody"}}),
        json!({"list": {"perAttribute": "department"}}),
    ] {
        let scoped = with(connected(), "/sync", "scope", json!("users-and-groups"));
        let document = with(scoped, "/sync", "groups", groups);
        refused(&document, &store());
        assert!(!validator.is_valid(&document), "{document}");
    }
}

#[test]
fn the_schema_offers_exactly_the_words_that_validation_knows() {
    let schema: Value = serde_json::from_str(schema()).expect("the schema is JSON");
    let offered = |pointer: &str| -> Vec<String> {
        let words = schema
            .pointer(pointer)
            .and_then(Value::as_array)
            .expect(pointer);
        words
            .iter()
            .filter_map(|word| word.get("const").unwrap_or(word).as_str())
            .map(str::to_owned)
            .collect()
    };
    fn known<T>(choices: &[(&str, T)]) -> Vec<String> {
        choices.iter().map(|(word, _)| (*word).to_owned()).collect()
    }
    let sync = |key: &str| offered(&format!("/properties/sync/properties/{key}/oneOf"));
    assert_eq!(sync("preset"), known(presets::PRESETS));
    assert_eq!(sync("existing"), known(policies::EXISTING));
    assert_eq!(sync("conflict"), known(policies::CONFLICT));
    assert_eq!(sync("direction"), known(directions::WAYS));
    let formats = offered("/$defs/target/anyOf/1/properties/format/enum");
    assert_eq!(formats, known(numbers::FORMATS));
    assert_eq!(sync("conflicts"), known(directions::WINNERS));
    assert_eq!(sync("disabled"), known(policies::DISABLED));
    assert_eq!(sync("agents"), known(policies::AGENTS));
    assert_eq!(
        sync("organizationalContacts"),
        known(policies::ORG_CONTACTS)
    );
    assert_eq!(sync("scope"), known(groups::SCOPES));
    assert_eq!(sync("groups/properties/members"), known(groups::MEMBERS));
    assert_eq!(sync("groups/properties/people"), known(groups::PEOPLE));
    assert_eq!(sync("groups/properties/kinds/items"), known(groups::KINDS));
    assert_eq!(offered("/$defs/removing/oneOf"), known(policies::REMOVING));
    assert_eq!(
        offered("/properties/sync/properties/addresses/items/enum"),
        known(addresses::SOURCES)
    );
    assert_eq!(
        offered("/properties/tenant/properties/cloud/oneOf"),
        known(clouds::CLOUDS)
    );
    let keys = schema
        .pointer("/properties/sync/properties")
        .and_then(Value::as_object)
        .expect("the keys of sync");
    assert!(sync::SYNC.known.iter().all(|key| keys.contains_key(*key)));
    assert_eq!(keys.len(), sync::SYNC.known.len());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("not|exists|field|label|name|mail|\\PC{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever stands at a key, validation answers; and what it takes, the schema takes.
    #[test]
    fn any_value_at_any_key_is_answered_and_accepted_documents_fit_the_schema(
        index in 0..sync::SYNC.known.len(),
        value in any_json(),
    ) {
        let key = sync::SYNC.known[index];
        let document = with(sample(), "/sync", key, value);
        match read(&document.to_string(), &store()) {
            Ok(_) => prop_assert!(SCHEMA.with(|schema| schema.is_valid(&document)), "{}", document),
            Err(problems) => prop_assert!(problems.iter().all(|problem| {
                problem.pointer.is_empty() || document.pointer(&problem.pointer).is_some()
            }), "{:#?}", problems),
        }
    }
}

thread_local! {
    static SCHEMA: jsonschema::Validator = validator();
}
