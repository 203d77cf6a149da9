//! Users read as a configuration says.

use std::borrow::Cow;

use entra_users::user::{Members, User, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sync_core::contact::Tombstone;
use sync_core::contact::{ContactList, ObjectId};
use sync_core::mapping::person::{Asked, Invalid, Item, Person, Scope, Stated, WantedLists};

use crate::config::settings::Settings;
use crate::config::test_fixture::settings;

mod managers;
#[cfg(feature = "e164")]
mod numbers;
mod org_contacts;
mod scope_and_lists;

const ID: &str = "f4b1c2d3-0000-4000-8000-000000000001";

/// A user of the settings' selection with these values; what is not named is absent.
fn user(settings: &Settings, values: &[(&str, Value<'static>)]) -> User<'static> {
    let selection = settings.mapping.selection();
    let mut all = vec![Value::Absent; selection.properties().len()];
    for (property, value) in values {
        let position = selection.position(property);
        all[position.unwrap_or_else(|| panic!("{property} is not selected"))] = value.clone();
    }
    User {
        id: Some(ID.into()),
        removed: None,
        is_agent: false,
        values: all,
    }
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(text.into())
}

fn texts(texts: &[&'static str]) -> Value<'static> {
    Value::Texts(texts.iter().map(|text| Cow::Borrowed(*text)).collect())
}

fn person(settings: &Settings, values: &[(&str, Value<'static>)]) -> Person {
    match settings
        .reader("Contoso")
        .read_item(&user(settings, values))
    {
        Item::Live(person) => person,
        other => panic!("not a live user: {other:?}"),
    }
}

fn stated(value: &str) -> Stated {
    Stated::Value(value.to_owned())
}

fn mirror(mapping: &Json) -> Settings {
    settings(&json!({"preset": "mirror", "mapping": mapping}))
}

/// The only field of a mapping of one attribute.
fn field(attribute: &str, target: &str, value: Value<'static>) -> Stated {
    let settings = mirror(&json!({attribute: target}));
    let property = attribute.split('/').next().unwrap_or(attribute).to_owned();
    let person = person(&settings, &[(&property, value)]);
    assert_eq!(person.invalid, None);
    person.fields[0].clone()
}

#[test]
fn what_a_page_leaves_out_is_unstated_and_what_it_clears_is_empty() {
    assert_eq!(
        field("jobTitle", "job_title", Value::Absent),
        Stated::Unstated
    );
    assert_eq!(field("jobTitle", "job_title", Value::Null), Stated::Empty);
    assert_eq!(field("jobTitle", "job_title", text(" \t ")), Stated::Empty);
    assert_eq!(
        field("jobTitle", "job_title", text(" Head of\nSales ")),
        stated("Head of Sales")
    );
}

#[test]
fn each_type_of_attribute_becomes_text() {
    assert_eq!(
        field("accountEnabled", "On", Value::Bool(false)),
        stated("false")
    );
    assert_eq!(
        field("employeeHireDate", "Hired", text("2024-05-01T00:00:00Z")),
        stated("2024-05-01T00:00:00Z")
    );
    assert_eq!(
        field(
            "businessPhones",
            "phone_number",
            texts(&[" ", "+1 425 555 0100", "2"])
        ),
        stated("+1 425 555 0100")
    );
    assert_eq!(
        field(
            "proxyAddresses",
            "Primary",
            texts(&["smtp:old@contoso.com", "SMTP:a@contoso.com"])
        ),
        stated("a@contoso.com")
    );
    assert_eq!(
        field(
            "proxyAddresses",
            "Primary",
            texts(&["smtp:old@contoso.com"])
        ),
        Stated::Empty
    );
}

#[test]
fn a_member_of_a_complex_value_is_absent_null_or_a_value_by_itself() {
    let members = || {
        Value::Members(vec![
            ("extensionAttribute1".into(), Some(" A7 ".into())),
            ("extensionAttribute2".into(), None),
        ])
    };
    let extension = |number: u8| {
        let name = format!("onPremisesExtensionAttributes/extensionAttribute{number}");
        field(&name, "Extension", members())
    };
    assert_eq!(extension(1), stated("A7"));
    assert_eq!(extension(2), Stated::Empty);
    assert_eq!(extension(3), Stated::Unstated);
}

#[test]
fn the_object_id_can_be_mapped_although_it_is_never_selected() {
    let settings = mirror(&json!({"id": "Entra ID"}));
    assert_eq!(person(&settings, &[]).fields, [stated(ID)]);
}

#[test]
fn a_value_the_field_cannot_hold_makes_the_person_invalid_and_states_nothing() {
    let settings = mirror(&json!({"city": "company", "jobTitle": "job_title"}));
    let long = Value::Text("ß".repeat(101).into());
    let person = person(&settings, &[("city", long), ("jobTitle", text("Clerk"))]);
    assert_eq!(person.fields, [Stated::Unstated, stated("Clerk")]);
    assert_eq!(
        person.invalid,
        Some(Invalid {
            field: Some("company".to_owned()),
            code: "too-long"
        })
    );
}

#[test]
fn a_value_of_another_shape_makes_the_person_invalid() {
    let settings = mirror(&json!({"city": "company"}));
    for value in [
        Value::Unexpected,
        Value::Bool(true),
        texts(&["a"]),
        Value::Members(Vec::new()),
    ] {
        let person = person(&settings, &[("city", value)]);
        assert_eq!(
            person.invalid,
            Some(Invalid {
                field: Some("company".to_owned()),
                code: "unexpected-shape"
            })
        );
    }
}

#[test]
fn a_tombstone_is_somebody_gone_and_an_element_without_id_is_nobody() {
    let settings = mirror(&json!({"mail": "email"}));
    let reader = settings.reader("Contoso");
    let mut user = user(&settings, &[]);
    user.removed = Some(Tombstone::Soft);
    assert_eq!(
        reader.read_item(&user),
        Item::Gone {
            object_id: ObjectId::new(ID),
            tombstone: Tombstone::Soft
        }
    );
    for id in [None, Some("".into()), Some("x".repeat(129).into())] {
        user.id = id;
        assert_eq!(reader.read_item(&user), Item::Nameless);
    }
}

#[test]
fn an_account_is_enabled_disabled_or_not_mentioned() {
    let settings = settings(&json!({"preset": "lifecycle"}));
    let enabled = |value| person(&settings, &[("accountEnabled", value)]).enabled;
    assert_eq!(enabled(Value::Bool(false)), Some(false));
    assert_eq!(enabled(Value::Absent), None);
    let odd = person(&settings, &[("accountEnabled", text("yes"))]);
    assert_eq!(
        (odd.enabled, odd.invalid.map(|invalid| invalid.code)),
        (None, Some("unexpected-shape"))
    );
}

fn address(values: &[(&str, Value<'static>)]) -> (Stated, Option<String>) {
    let person = person(&mirror(&json!({"mail": "email"})), values);
    (person.fields[0].clone(), person.match_key)
}

#[test]
fn the_address_is_mail_else_another_address_else_the_user_name() {
    let guest = text("alice_fabrikam.com#EXT#@contoso.onmicrosoft.com");
    for (mail, other, expected) in [
        (
            text("Ann@Contoso.com"),
            texts(&["b@x.org"]),
            "Ann@Contoso.com",
        ),
        (Value::Null, texts(&[" ", "b@x.org", "c@x.org"]), "b@x.org"),
        (text("  "), Value::Null, "alice@fabrikam.com"),
    ] {
        let values = [
            ("mail", mail),
            ("otherMails", other),
            ("userPrincipalName", guest.clone()),
        ];
        assert_eq!(
            address(&values),
            (stated(expected), Some(expected.to_owned()))
        );
    }
}

#[test]
fn an_address_below_one_the_page_leaves_out_is_only_assumed() {
    let values = [("userPrincipalName", text("ann@contoso.com"))];
    let (field, key) = address(&values);
    assert_eq!(field, Stated::Assumed("ann@contoso.com".to_owned()));
    assert_eq!(field.value(), None);
    assert_eq!(field.value_for_new(), Some("ann@contoso.com"));
    assert_eq!(key.as_deref(), Some("ann@contoso.com"));
}

#[test]
fn no_address_is_empty_where_every_source_says_so_and_unstated_where_one_is_left_out() {
    let cleared = [
        ("mail", Value::Null),
        ("otherMails", Value::Null),
        ("userPrincipalName", Value::Null),
    ];
    assert_eq!(address(&cleared), (Stated::Empty, None));
    assert_eq!(address(&[("mail", Value::Null)]), (Stated::Unstated, None));
}

#[test]
fn the_order_of_addresses_is_the_documents() {
    let settings = settings(&json!({
        "preset": "mirror", "mapping": {"mail": "email"},
        "addresses": ["userPrincipalName", "mail"],
    }));
    assert_eq!(
        settings.mapping.selection().to_query(),
        "id,creationType,identities,mail,userPrincipalName"
    );
    let both = [
        ("mail", text("a@x.org")),
        ("userPrincipalName", text("b@x.org")),
    ];
    assert_eq!(
        person(&settings, &both).match_key.as_deref(),
        Some("b@x.org")
    );
}

#[test]
fn an_email_field_mapped_from_another_attribute_follows_that_alone() {
    let settings = mirror(&json!({"userPrincipalName": ["email", "Login"]}));
    let name = "a_x.org#EXT#@contoso.onmicrosoft.com";
    let person = person(&settings, &[("userPrincipalName", text(name))]);
    assert_eq!(person.fields, [stated("a@x.org"), stated(name)]);
    assert_eq!(person.match_key.as_deref(), Some("a@x.org"));
}

#[test]
fn people_are_found_by_address_also_where_it_is_not_mapped() {
    let settings = mirror(&json!({"givenName": "first_name"}));
    let person = person(&settings, &[("mail", text("ann@contoso.com"))]);
    assert_eq!(person.match_key.as_deref(), Some("ann@contoso.com"));
    assert_eq!(person.fields, [Stated::Unstated]);
}

#[test]
fn what_is_not_seen_is_no_part_of_a_number_or_an_address_and_stays_in_a_name() {
    for (number, held) in [
        ("\u{202a}+44 7700 900123\u{202c}", "+44 7700 900123"),
        ("+44\u{a0}7700 900123\u{fffc}", "+44 7700 900123"),
        ("＋４４ 7700 900123\u{fe0f}", "+44 7700 900123"),
    ] {
        assert_eq!(
            field("mobilePhone", "phone_number", text(number)),
            stated(held)
        );
        let both = [number];
        let first = Value::Texts(both.map(Cow::Borrowed).to_vec());
        assert_eq!(field("businessPhones", "mobile_phone", first), stated(held));
    }
    assert_eq!(
        address(&[("mail", text("\u{202a}Kim@Contoso.example\u{200b}\u{202c}"))]),
        (
            stated("Kim@Contoso.example"),
            Some("Kim@Contoso.example".to_owned())
        )
    );
    // A joiner decides how these letters are written.
    let name = "می\u{200c}خواهم";
    assert_eq!(field("givenName", "first_name", text(name)), stated(name));
}

#[test]
fn a_value_without_a_digit_is_no_telephone_number() {
    for written in ["n/a", "-", "tbd", "ext.", "\u{200b}", "none"] {
        assert_eq!(
            field("mobilePhone", "phone_number", text(written)),
            Stated::Empty,
            "{written:?}"
        );
    }
    assert_eq!(
        field(
            "businessPhones",
            "phone_number",
            texts(&["n/a", "+1 425 555 0100"])
        ),
        stated("+1 425 555 0100")
    );
    // Elsewhere it is what somebody wrote.
    assert_eq!(field("mobilePhone", "Mobile", text("n/a")), stated("n/a"));
}

/// The sign-in identities of a customer's local account.
fn identities(addresses: &[&'static str]) -> Value<'static> {
    let identity = |kind: &'static str, id: &'static str| {
        vec![
            ("signInType".into(), Some(kind.into())),
            ("issuer".into(), Some("contosob2c.onmicrosoft.com".into())),
            ("issuerAssignedId".into(), Some(id.into())),
        ]
    };
    let name = identity("userPrincipalName", MADE_UP);
    let addresses = addresses.iter().map(|id| identity("emailAddress", id));
    Value::Records(std::iter::once(name).chain(addresses).collect())
}

const MADE_UP: &str = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0@contosob2c.onmicrosoft.com";

#[test]
fn a_local_accounts_user_name_is_no_address_and_what_it_signs_in_with_is() {
    let nothing = || {
        vec![
            ("mail", Value::Null),
            ("otherMails", Value::Null),
            ("creationType", text("LocalAccount")),
        ]
    };
    for (name, identities, expected) in [
        (
            MADE_UP,
            identities(&["kim@example.org"]),
            Some("kim@example.org"),
        ),
        (MADE_UP, identities(&[]), None),
        (MADE_UP, Value::Null, None),
        ("kim@contosob2c.onmicrosoft.com", identities(&[]), None),
        (
            "kim@contosob2c.onmicrosoft.com",
            identities(&["\u{200b}kim@example.org"]),
            Some("kim@example.org"),
        ),
    ] {
        let mut values = nothing();
        values.push(("userPrincipalName", text(name)));
        values.push(("identities", identities));
        let field = expected.map_or(Stated::Empty, stated);
        let key = expected.map(str::to_owned);
        assert_eq!(address(&values), (field, key), "{name}");
    }
    // By its looks alone, where the directory does not say how the account was made.
    let values = [
        ("mail", Value::Null),
        ("otherMails", Value::Null),
        ("userPrincipalName", text(MADE_UP)),
    ];
    assert_eq!(address(&values), (Stated::Unstated, None));
}

#[test]
fn what_only_explains_a_user_name_is_not_missed_where_a_page_leaves_it_out() {
    let settings = mirror(&json!({"mail": "email"}));
    let values = [
        ("mail", text("kim@contoso.example")),
        ("otherMails", Value::Null),
        ("userPrincipalName", text("kim@contoso.example")),
    ];
    assert!(person(&settings, &values).is_whole);
    assert!(!person(&settings, &values[..2]).is_whole);
    let asked = mirror(&json!({"mail": "email", "creationType": "Made by"}));
    assert!(!person(&asked, &values).is_whole);
}

#[test]
fn an_id_is_read_in_its_canonical_form_in_elements_and_tombstones() {
    let settings = mirror(&json!({"mail": "email"}));
    let reader = settings.reader("Contoso");
    for removed in [None, Some(Tombstone::Soft)] {
        let mut user = user(&settings, &[]);
        user.id = Some(ID.to_uppercase().into());
        user.removed = removed;
        let item = reader.read_item(&user);
        assert_eq!(item.object_id().map(ObjectId::as_str), Some(ID));
    }
}
