//! Users read as a configuration says.

use std::borrow::Cow;

use entra_directory::graph::user::{Members, User, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sync_core::contact::Tombstone;
use sync_core::contact::{ContactList, ObjectId};
use sync_core::mapping::person::{Invalid, Item, Person, Scope, Stated, WantedLists};

use crate::config::fixture::settings;
use crate::config::settings::Settings;

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

fn scope(filters: Json, values: &[(&str, Value<'static>)]) -> Scope {
    let settings = settings(&json!({"preset": "mirror", "filters": filters}));
    person(&settings, values).scope
}

fn outside(clause: &str, stated: bool) -> Scope {
    Scope::Outside {
        clause: clause.to_owned(),
        stated,
    }
}

#[test]
fn case_and_white_space_do_not_matter_to_a_filter() {
    let sales = || json!({"department": ["Sales", " ÉTUDES "]});
    for department in [
        "sales",
        " SALES\n",
        "études",
        "e\u{301}TUDES",
        "Ｓales",
        "Sa\u{ad}les",
    ] {
        assert_eq!(
            scope(sales(), &[("department", text(department))]),
            Scope::Inside
        );
    }
    assert_eq!(
        scope(sales(), &[("department", text("Sales 2"))]),
        outside("department", true)
    );
}

#[test]
fn a_clause_that_fails_only_because_the_page_is_silent_says_so() {
    let sales = || json!({"department": "Sales"});
    assert_eq!(scope(sales(), &[]), outside("department", false));
    assert_eq!(
        scope(sales(), &[("department", Value::Null)]),
        outside("department", true)
    );
}

#[test]
fn the_clause_that_is_named_is_the_first_that_fails_on_what_is_stated() {
    let filters = || json!({"city": "Wien", "department": "Sales", "jobTitle": "Clerk"});
    let values = [("department", text("Board")), ("jobTitle", text("Chair"))];
    assert_eq!(scope(filters(), &values), outside("department", true));
    assert_eq!(scope(filters(), &values[1..]), outside("jobTitle", true));
    assert_eq!(scope(filters(), &[]), outside("city", false));
}

#[test]
fn negation_and_presence_take_silence_for_emptiness() {
    let not = || json!({"jobTitle": {"not": ["Intern", "Temp"]}});
    assert_eq!(scope(not(), &[]), Scope::Inside);
    assert_eq!(scope(not(), &[("jobTitle", Value::Null)]), Scope::Inside);
    assert_eq!(
        scope(not(), &[("jobTitle", text("TEMP"))]),
        outside("jobTitle", true)
    );

    let missing = || json!({"city": {"exists": false}});
    assert_eq!(scope(missing(), &[]), Scope::Inside);
    assert_eq!(
        scope(missing(), &[("city", text("Bern"))]),
        outside("city", true)
    );
    let filled = || json!({"city": {"exists": true}});
    assert_eq!(
        scope(filled(), &[("city", text(" "))]),
        outside("city", true)
    );
    assert_eq!(scope(filled(), &[]), outside("city", false));
}

#[test]
fn any_element_of_a_collection_will_do() {
    let filters = || json!({"otherMails": "b@x.org"});
    let mails = [("otherMails", texts(&["a@x.org", "B@X.ORG"]))];
    assert_eq!(scope(filters(), &mails), Scope::Inside);
    let not = || json!({"otherMails": {"not": "b@x.org"}});
    assert_eq!(scope(not(), &mails), outside("otherMails", true));
}

#[test]
fn a_disabled_account_leaves_the_scope_where_the_policy_says_so() {
    let settings = settings(&json!({"preset": "mirror", "disabled": "leaves-scope"}));
    let scope = |value| person(&settings, &[("accountEnabled", value)]).scope;
    assert_eq!(scope(Value::Bool(true)), Scope::Inside);
    assert_eq!(scope(Value::Bool(false)), outside("accountEnabled", true));
    assert_eq!(scope(Value::Absent), outside("accountEnabled", false));
}

#[test]
fn a_filtered_attribute_of_another_shape_is_no_evidence() {
    let settings = settings(&json!({"preset": "mirror", "filters": {"city": "Wien"}}));
    let person = person(&settings, &[("city", Value::Unexpected)]);
    assert_eq!(person.scope, outside("city", false));
    assert!(person.invalid.is_some());
}

fn lists(rule: Json, department: Value<'static>) -> WantedLists {
    let settings = settings(&json!({
        "preset": "mirror", "list": rule, "mapping": {"department": "department"},
    }));
    person(&settings, &[("department", department)]).lists
}

fn one_list(name: &str, description: &str) -> WantedLists {
    WantedLists::Exactly(vec![ContactList {
        name: name.to_owned(),
        description: description.to_owned(),
    }])
}

#[test]
fn one_list_bears_the_organisations_name() {
    assert_eq!(
        lists(json!({"name": "{organization} Users"}), Value::Absent),
        one_list("Contoso Users", "Synced contacts")
    );
    assert_eq!(
        lists(json!("none"), Value::Absent),
        WantedLists::Exactly(Vec::new())
    );
}

#[test]
fn a_list_for_each_value_follows_the_value() {
    let rule = || json!({"perAttribute": "department", "description": "Of {organization}"});
    assert_eq!(
        lists(rule(), text(" Sales ")),
        one_list("Sales", "Of Contoso")
    );
    assert_eq!(lists(rule(), Value::Null), WantedLists::Exactly(Vec::new()));
    assert_eq!(lists(rule(), Value::Absent), WantedLists::Unstated);
}

/// Settings that ask for every kind of attribute.
fn demanding() -> Settings {
    settings(&json!({
        "preset": "messaging",
        "mapping": {
            "mail": "email", "mobilePhone": "phone_number", "businessPhones": "mobile_phone",
            "proxyAddresses": "Primary", "accountEnabled": "On", "createdDateTime": "Since",
            "employeeOrgData/costCenter": "Cost center", "userPrincipalName": "Login",
        },
        "filters": {"userType": "Member", "otherMails": {"not": "x"}, "city": {"exists": true}},
        "addresses": ["mail", "proxyAddresses", "otherMails", "userPrincipalName"],
    }))
}

fn members() -> impl Strategy<Value = Members<'static>> {
    let name = "costCenter|signInType|issuerAssignedId|x".prop_map(Cow::Owned);
    let text = "emailAddress|\\PC{0,9}".prop_map(Cow::<str>::Owned);
    prop::collection::vec((name, prop::option::of(text)), 0..3)
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let text = || "\\PC{0,12}|[\\x00-\\x20]{0,3}|[a-z_]{0,6}#EXT#@c".prop_map(Cow::<str>::Owned);
    prop_oneof![
        Just(Value::Absent),
        Just(Value::Null),
        Just(Value::Unexpected),
        any::<bool>().prop_map(Value::Bool),
        text().prop_map(Value::Text),
        prop::collection::vec(text(), 0..3).prop_map(Value::Texts),
        members().prop_map(Value::Members),
        prop::collection::vec(members(), 1..3).prop_map(Value::Records),
    ]
}

proptest! {
    #[test]
    fn any_user_is_read_without_a_panic_and_no_value_is_empty_or_untrimmed(
        id in prop::option::of("\\PC{0,8}"),
        values in prop::collection::vec(any_value(), 0..20),
    ) {
        let settings = demanding();
        let user = User { id: id.map(Cow::Owned), removed: None, is_agent: false, values };
        if let Item::Live(person) = settings.reader("Contoso").read_item(&user) {
            prop_assert_eq!(person.fields.len(), settings.mapping.rows.len());
            for value in person.fields.iter().filter_map(Stated::value_for_new) {
                prop_assert!(!value.is_empty() && value.trim() == value, "{:?}", value);
            }
        }
    }

    #[test]
    fn the_order_of_clauses_does_not_decide_who_is_in_scope(
        values in prop::collection::vec(any_value(), 20),
        rotation in 0..4_usize,
    ) {
        let settings = demanding();
        let mut rotated = settings.clone();
        let length = rotated.filter.clauses.len();
        rotated.filter.clauses.rotate_left(rotation % length);
        let user = User { id: Some(ID.into()), removed: None, is_agent: false, values };
        let verdict = |settings: &Settings| match settings.reader("").read_item(&user) {
            Item::Live(Person { scope: Scope::Inside, .. }) => None,
            Item::Live(Person { scope: Scope::Outside { stated, .. }, .. }) => Some(stated),
            other => panic!("not a live user: {other:?}"),
        };
        prop_assert_eq!(verdict(&settings), verdict(&rotated));
    }
}
