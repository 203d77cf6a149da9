//! Who is in scope, and on which lists.

use std::borrow::Cow;

use super::*;

fn scope(filters: Json, values: &[(&str, Value<'static>)]) -> Scope {
    let settings = settings(&json!({"preset": "mirror", "filters": filters}));
    person(&settings, values).scope
}

fn outside(clause: &str, stated: bool) -> Scope {
    Scope::Outside {
        clause: clause.to_owned(),
        stated,
        asked: Asked::Value,
    }
}

fn unlicensed(clause: &str, stated: bool) -> Scope {
    Scope::Outside {
        clause: clause.to_owned(),
        stated,
        asked: Asked::License,
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

fn assigned(entries: &[&[(&'static str, &'static str)]]) -> Value<'static> {
    let entry = |members: &&[(&'static str, &'static str)]| {
        let members = members.iter();
        members
            .map(|(name, value)| (Cow::Borrowed(*name), Some(Cow::Borrowed(*value))))
            .collect()
    };
    Value::Records(entries.iter().map(entry).collect())
}

const MAIL: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";
const TALK: &str = "57ff2da0-773e-42df-b2af-ffb7a2317929";

#[test]
fn a_license_is_found_by_its_product_and_is_a_uuid() {
    let with = |filter| {
        scope(
            json!({"assignedLicenses/skuId": filter}),
            &[(
                "assignedLicenses",
                assigned(&[&[("skuId", TALK)], &[("skuId", MAIL)]]),
            )],
        )
    };
    let stated = || unlicensed("assignedLicenses/skuId", true);
    assert_eq!(with(json!(MAIL)), Scope::Inside);
    assert_eq!(
        with(json!([format!("{{{}}}", MAIL.to_uppercase())])),
        Scope::Inside
    );
    assert_eq!(
        with(json!("00000000-0000-4000-8000-000000000001")),
        stated()
    );
    let not_wanted = outside("assignedLicenses/skuId", true);
    assert_eq!(with(json!({"not": TALK})), not_wanted);
    assert_eq!(with(json!({"exists": true})), Scope::Inside);
}

#[test]
fn who_has_no_license_is_told_by_an_empty_collection_and_not_by_silence() {
    let any = || json!({"assignedLicenses/skuId": {"exists": true}});
    let empty = [("assignedLicenses", Value::Null)];
    assert_eq!(
        scope(any(), &empty),
        unlicensed("assignedLicenses/skuId", true)
    );
    assert_eq!(
        scope(any(), &[]),
        unlicensed("assignedLicenses/skuId", false)
    );
    let none = || json!({"assignedLicenses/skuId": {"exists": false}});
    assert_eq!(scope(none(), &empty), Scope::Inside);
}

#[test]
fn a_plan_that_is_switched_off_or_suspended_is_none() {
    for (state, scoped) in [
        ("Enabled", Scope::Inside),
        ("Warning", Scope::Inside),
        ("Deleted", unlicensed("assignedPlans/servicePlanId", true)),
        ("Suspended", unlicensed("assignedPlans/servicePlanId", true)),
        ("LockedOut", unlicensed("assignedPlans/servicePlanId", true)),
    ] {
        let other: &[_] = &[("servicePlanId", TALK), ("capabilityStatus", "Enabled")];
        let plan: &[_] = &[("capabilityStatus", state), ("servicePlanId", MAIL)];
        let plans = [("assignedPlans", assigned(&[other, plan]))];
        let filter = json!({"assignedPlans/servicePlanId": MAIL});
        assert_eq!(scope(filter, &plans), scoped, "{state}");
    }
}

#[test]
fn whether_somebody_has_any_license_is_asked_of_the_collection_itself() {
    let of = |exists: bool, value: Value<'static>| {
        let filter = json!({"assignedLicenses": {"exists": exists}});
        scope(filter, &[("assignedLicenses", value)])
    };
    let one = || assigned(&[&[("skuId", MAIL)]]);
    assert_eq!(of(true, one()), Scope::Inside);
    assert_eq!(of(true, Value::Null), unlicensed("assignedLicenses", true));
    assert_eq!(of(false, one()), outside("assignedLicenses", true));
    assert_eq!(of(false, Value::Null), Scope::Inside);
}

#[test]
fn assignments_that_cannot_be_read_are_neither_wanted_nor_unwanted_and_no_failure() {
    let nameless = || assigned(&[&[("disabledPlans", "x")]]);
    for value in [nameless(), Value::Unexpected, text("x"), Value::Bool(true)] {
        for (filter, asked) in [
            (json!(MAIL), Asked::License),
            (json!({"not": MAIL}), Asked::Value),
            (json!({"exists": true}), Asked::License),
            (json!({"exists": false}), Asked::Value),
        ] {
            let filters = json!({"assignedLicenses/skuId": filter});
            let settings = settings(&json!({"preset": "mirror", "filters": filters}));
            let person = person(&settings, &[("assignedLicenses", value.clone())]);
            let expected = Scope::Outside {
                clause: "assignedLicenses/skuId".to_owned(),
                stated: false,
                asked,
            };
            assert_eq!(person.scope, expected, "{filters} of {value:?}");
            assert_eq!(person.invalid, None, "{filters} of {value:?}");
        }
    }
    // What can be read counts beside what cannot.
    let beside = assigned(&[&[("disabledPlans", "x")], &[("skuId", MAIL)]]);
    let wanted = json!({"assignedLicenses/skuId": MAIL});
    assert_eq!(
        scope(wanted, &[("assignedLicenses", beside)]),
        Scope::Inside
    );
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
