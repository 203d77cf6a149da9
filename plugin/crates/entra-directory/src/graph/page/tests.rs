use std::borrow::Cow;

use entra_users::user::Value;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sync_core::contact::Tombstone;

use crate::graph::link::LinkRefusal;

use super::*;

const NEXT: &str = "https://graph.microsoft.com/v1.0/users/delta?$skiptoken=oEBwdSP6";
const DELTA: &str = "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=MF1LuFYb";

fn selection() -> Selection {
    Selection::new([
        "displayName",
        "mail",
        "businessPhones",
        "accountEnabled",
        "onPremisesExtensionAttributes",
    ])
}

fn root() -> GraphRoot {
    GraphRoot::new("https://graph.microsoft.com")
}

fn read(bytes: &[u8]) -> Result<Page<'_>, GraphError> {
    parse(bytes, &selection(), &root())
}

/// The one user of a list's page, given as JSON text.
fn user(element: &str, check: impl FnOnce(&User<'_>)) {
    let page = format!(r#"{{"value":[{element}]}}"#);
    let page = read(page.as_bytes()).unwrap();
    assert_eq!(page.users.len(), 1);
    check(&page.users[0]);
}

/// What the page states about a property of its one user.
fn value(property: &str, json: &str, check: impl FnOnce(&Value<'_>)) {
    user(&format!(r#"{{"id":"1","{property}":{json}}}"#), |user| {
        check(user.value(selection().position(property).unwrap()));
    });
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

#[test]
fn the_documented_first_page_of_changes_is_read() {
    let body = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(displayName,mail)",
        "@odata.nextLink": NEXT,
        "value": [
            {"displayName": "Cameron White", "mail": null, "id": "ffff7b1a-13b6-477b-8c0c-380905cd99f7"},
            {"id": "86462606-fde0-4fc4-9e0c-a20eb73e54c6", "@removed": {"reason": "deleted"}},
            {"id": "8ffff70c-1c63-4860-b963-e34ec660931d", "@removed": {"reason": "changed"}},
        ],
    })
    .to_string();
    let page = read(body.as_bytes()).unwrap();
    assert_eq!(page.next, Next::Page(Link::restore(NEXT, &root()).unwrap()));
    let [live, purged, deleted] = page.users.as_slice() else {
        panic!("three users")
    };
    assert_eq!(
        live.id.as_deref(),
        Some("ffff7b1a-13b6-477b-8c0c-380905cd99f7")
    );
    assert_eq!(
        live.value(selection().position("displayName").unwrap()),
        &text("Cameron White")
    );
    assert_eq!(live.removed, None);
    assert_eq!(purged.removed, Some(Tombstone::Permanent));
    assert_eq!(deleted.removed, Some(Tombstone::Soft));
}

#[test]
fn absent_is_not_null() {
    user(r#"{"id":"1","mail":null}"#, |user| {
        assert_eq!(
            user.value(selection().position("mail").unwrap()),
            &Value::Null
        );
        assert_eq!(
            user.value(selection().position("displayName").unwrap()),
            &Value::Absent
        );
    });
}

#[test]
fn every_type_of_the_catalogue_is_read() {
    value("displayName", r#""Ünal O'Brien""#, |v| {
        assert_eq!(v, &text("Ünal O'Brien"))
    });
    value("displayName", r#""a\"b\u00e9""#, |v| {
        assert_eq!(v, &text("a\"bé"))
    });
    value("displayName", r#""""#, |v| assert_eq!(v, &text("")));
    value("accountEnabled", "true", |v| {
        assert_eq!(v, &Value::Bool(true))
    });
    value("accountEnabled", "false", |v| {
        assert_eq!(v, &Value::Bool(false))
    });
    value("businessPhones", "[]", |v| assert_eq!(v, &Value::Null));
    value("businessPhones", r#"["+1", "\u002b2"]"#, |v| {
        assert_eq!(v, &Value::Texts(vec!["+1".into(), "+2".into()]));
    });
    let members =
        r#"{"@odata.type":"x","extensionAttribute1":"a","extensionAttribute2":null,"n":1}"#;
    value("onPremisesExtensionAttributes", members, |v| {
        let expected = vec![
            ("extensionAttribute1".into(), Some("a".into())),
            ("extensionAttribute2".into(), None),
        ];
        assert_eq!(v, &Value::Members(expected));
    });
}

#[test]
fn a_string_without_escapes_is_not_copied() {
    value("displayName", r#""Cameron""#, |v| {
        assert!(matches!(v, Value::Text(Cow::Borrowed(_))));
    });
}

#[test]
fn an_unexpected_shape_hurts_its_own_property_only() {
    for shape in ["1", "-2.5e3", "1e999", "[1]", r#"["a",null]"#, "[[]]"] {
        value("displayName", shape, |v| {
            assert_eq!(v, &Value::Unexpected, "{shape}")
        });
    }
    user(
        r#"{"id":"1","displayName":7,"mail":"a@b.example"}"#,
        |user| {
            assert_eq!(
                user.value(selection().position("mail").unwrap()),
                &text("a@b.example")
            );
        },
    );
}

#[test]
fn half_an_emoji_hurts_nobody() {
    value("displayName", r#""Jane \ud83d""#, |v| {
        let Value::Text(name) = v else {
            panic!("{v:?}")
        };
        assert!(
            name.starts_with("Jane ") && name.contains('\u{fffd}'),
            "{name}"
        );
    });
    value("businessPhones", r#"["\udc00"]"#, |v| {
        assert!(matches!(v, Value::Texts(_)))
    });
    user(r#"{"id":"1","skills":"\ud83d"}"#, |user| {
        assert_eq!(user.id.as_deref(), Some("1"))
    });
    user(r#"{"id":"a\ud83d"}"#, |user| assert_eq!(user.id, None));
}

#[test]
fn an_element_that_is_no_user_has_no_id() {
    for element in [
        "5",
        "-5",
        "1.5",
        "null",
        "true",
        r#""text""#,
        "[1,2]",
        "{}",
        r#"{"id":null}"#,
        r#"{"id":7}"#,
        r#"{"id":""}"#,
        r#"{"id":{"a":1}}"#,
    ] {
        user(element, |user| assert_eq!(user.id, None, "{element}"));
    }
}

#[test]
fn of_duplicate_keys_the_last_one_counts() {
    user(r#"{"id":"1","mail":"a","id":"2","mail":null}"#, |user| {
        assert_eq!(user.id.as_deref(), Some("2"));
        assert_eq!(
            user.value(selection().position("mail").unwrap()),
            &Value::Null
        );
    });
}

#[test]
fn what_was_not_selected_is_passed_over() {
    let element = r#"{"@odata.type":"t","manager@delta":[{"id":"9"}],"id":"1","x":{"mail":"y"}}"#;
    user(element, |user| {
        assert_eq!(user.id.as_deref(), Some("1"));
        assert!(user.values.iter().all(|value| *value == Value::Absent));
    });
}

#[test]
fn any_removed_annotation_but_null_is_a_tombstone_and_only_deleted_is_for_good() {
    for (annotation, expected) in [
        ("null", None),
        (r#"{"reason":"deleted"}"#, Some(Tombstone::Permanent)),
        (r#"{"reason":"changed"}"#, Some(Tombstone::Soft)),
        (r#"{"reason":"moved"}"#, Some(Tombstone::Soft)),
        ("{}", Some(Tombstone::Soft)),
        (r#""deleted""#, Some(Tombstone::Soft)),
    ] {
        let element = format!(r#"{{"@removed":{annotation},"id":"1"}}"#);
        user(&element, |user| {
            assert_eq!(user.removed, expected, "{annotation}")
        });
    }
}

#[test]
fn the_links_may_stand_before_or_after_the_users() {
    let after = format!(
        r##"{{"value":[{{"id":"1"}}],"@odata.deltaLink":"{DELTA}","@odata.context":"#"}}"##
    );
    let before = format!(r#" {{"@odata.deltaLink":"{DELTA}","value":[{{"id":"1"}}]}} "#);
    for body in [after, before] {
        let page = read(body.as_bytes()).unwrap();
        assert_eq!(
            page.next,
            Next::Done(Link::restore(DELTA, &root()).unwrap())
        );
        assert_eq!(page.users.len(), 1);
    }
}

#[test]
fn an_empty_page_goes_on_where_it_says() {
    let body = json!({"value": [], "@odata.nextLink": NEXT}).to_string();
    let page = read(body.as_bytes()).unwrap();
    assert!(page.users.is_empty());
    assert!(matches!(page.next, Next::Page(_)));
}

#[test]
fn a_page_without_links_is_an_end_without_a_deltalink() {
    let body = br#"{"value":[],"@odata.nextLink":null}"#;
    assert_eq!(read(body).unwrap().next, Next::End);
}

#[test]
fn both_links_at_once_are_an_error() {
    let body = json!({"value": [], "@odata.nextLink": NEXT, "@odata.deltaLink": DELTA}).to_string();
    let error = read(body.as_bytes()).unwrap_err();
    assert!(matches!(error, GraphError::UnexpectedShape { .. }));
}

#[test]
fn a_link_that_leads_elsewhere_is_refused() {
    for key in ["@odata.nextLink", "@odata.deltaLink"] {
        let body = json!({"value": [], key: "https://evil.example/v1.0/users"}).to_string();
        let error = read(body.as_bytes()).unwrap_err();
        assert_eq!(error, GraphError::ForeignLink(LinkRefusal::OtherHost));
    }
}

#[test]
fn what_is_json_but_no_page_is_told_apart_from_what_is_no_json() {
    for body in [
        "{}",
        "[]",
        "5",
        r#"{"value":5}"#,
        r#"{"value":null}"#,
        r#"{"error":{}}"#,
        r#"{"value":[],"@odata.nextLink":5}"#,
    ] {
        let error = read(body.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "unexpected-shape", "{body}");
    }
    for body in [
        "",
        "<html>",
        r#"{"value":[]"#,
        r#"{"value":[]} x"#,
        r#"{"value":[{"id":"jane"#,
    ] {
        let error = read(body.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "not-json", "{body}");
        assert!(!format!("{error:?}").contains("jane"));
    }
    assert_eq!(
        read(b"{\"value\":[\"\xff\"]}").unwrap_err().code(),
        "not-json"
    );
}

#[test]
fn a_deeply_nested_value_is_no_danger() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    user(&format!(r#"{{"id":"1","x":{deep}}}"#), |user| {
        assert_eq!(user.id.as_deref(), Some("1"))
    });
    value("businessPhones", &deep, |v| {
        assert_eq!(v, &Value::Unexpected)
    });
}

fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn element() -> impl Strategy<Value = Json> {
    let key = prop_oneof![
        Just("id".to_owned()),
        Just("@removed".to_owned()),
        prop::sample::select(selection().properties().to_vec()).prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::hash_map(key, json_value(), 0..8)
        .prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&bytes);
    }

    #[test]
    fn every_element_becomes_one_user_and_texts_survive(elements in prop::collection::vec(element(), 0..5)) {
        let body = json!({"value": elements}).to_string();
        let page = read(body.as_bytes()).unwrap();
        prop_assert_eq!(page.users.len(), elements.len());
        for (user, element) in page.users.iter().zip(&elements) {
            let id = element.get("id").and_then(Json::as_str).filter(|id| !id.is_empty());
            prop_assert_eq!(user.id.as_deref(), id);
            for (property, value) in selection().properties().iter().zip(&user.values) {
                match element.get(*property) {
                    None => prop_assert_eq!(value, &Value::Absent),
                    Some(Json::String(text)) => prop_assert_eq!(value, &Value::Text(text.into())),
                    Some(Json::Bool(flag)) => prop_assert_eq!(value, &Value::Bool(*flag)),
                    Some(Json::Null) => prop_assert_eq!(value, &Value::Null),
                    Some(Json::Number(_)) => prop_assert_eq!(value, &Value::Unexpected),
                    Some(_) => prop_assert_ne!(value, &Value::Absent),
                }
            }
        }
    }

    #[test]
    fn no_damage_to_a_page_makes_the_parser_panic(
        elements in prop::collection::vec(element(), 0..5),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
    ) {
        let mut body = json!({"value": elements, "@odata.nextLink": NEXT}).to_string().into_bytes();
        for (position, byte) in damage {
            let position = position.index(body.len());
            body[position] = byte;
        }
        let _ = read(&body);
        let _ = read(&body[..length.index(body.len())]);
    }
}

#[test]
fn the_account_of_an_agent_is_told_by_its_type() {
    for (element, is_agent) in [
        (
            r##"{"id":"1","@odata.type":"#microsoft.graph.agentUser"}"##,
            true,
        ),
        (
            r#"{"@odata.type":"microsoft.graph.agentUser","id":"1"}"#,
            true,
        ),
        (
            r##"{"id":"1","@odata.type":"#microsoft.graph.user"}"##,
            false,
        ),
        (r#"{"id":"1","@odata.type":null}"#, false),
        (r#"{"id":"1"}"#, false),
    ] {
        user(element, |user| {
            assert_eq!(user.is_agent, is_agent, "{element}")
        });
    }
}

#[test]
fn a_collection_of_complex_values_is_read_with_its_texts() {
    let json = r#"[{"signInType":"emailAddress","issuerAssignedId":"kim@example.org","n":1}, {}]"#;
    value("businessPhones", json, |value| {
        let Value::Records(records) = value else {
            panic!("{value:?}");
        };
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].len(), 2);
        assert!(records[1].is_empty());
    });
    value("businessPhones", r#"[{"a":"b"}, "c"]"#, |value| {
        assert_eq!(*value, Value::Unexpected);
    });
}

#[test]
fn an_id_is_the_same_in_either_case_and_one_that_is_no_uuid_stays_as_it_is() {
    for (written, id) in [
        (
            "ABCDEF00-0000-4000-8000-00000000ABCD",
            "abcdef00-0000-4000-8000-00000000abcd",
        ),
        (
            "\\u0041BCDEF00-0000-4000-8000-00000000ABCD",
            "abcdef00-0000-4000-8000-00000000abcd",
        ),
        ("Kim", "Kim"),
    ] {
        user(&format!(r#"{{"id":"{written}"}}"#), |user| {
            assert_eq!(user.id.as_deref(), Some(id));
        });
    }
}
