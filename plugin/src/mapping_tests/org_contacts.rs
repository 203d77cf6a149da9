//! What a page states of organisational contacts.

use entra_users::mapping::Reader;
use entra_users::page;
use sync_core::mapping::person::PersonKind;

use super::*;

const KIND: PersonKind = PersonKind::OrgContact;

/// One of them, as its page states it.
fn read(settings: &Settings, stated: &Json) -> Person {
    let reader = Reader::new(
        KIND,
        &settings.mapping,
        &settings.filter,
        settings.policies.disabled,
        &settings.lists,
        "Contoso",
    );
    let mut element = stated.clone();
    element["id"] = json!(ID);
    let text = json!({ "value": [element] }).to_string();
    let page = page::parse(&text, settings.mapping.selection_of(KIND)).unwrap();
    match reader.read_item(&page.users.unwrap()[0]) {
        Item::Live(person) => person,
        other => panic!("nobody: {other:?}"),
    }
}

fn asked_for(mapping: &Json) -> String {
    mirror(mapping).mapping.selection_of(KIND).to_query()
}

#[test]
fn they_are_asked_for_what_they_have_and_for_nothing_of_users_alone() {
    let mapping = json!({
        "givenName": "first_name", "mobilePhone": "phone", "mail": "email",
        "employeeId": { "label": "ID" }, "manager/displayName": { "label": "Manager" },
        "city": { "label": "City" }, "country": { "label": "Country" },
    });
    assert_eq!(asked_for(&mapping), "id,addresses,givenName,mail,phones");
}

#[test]
fn a_telephone_is_the_one_of_its_type_and_a_place_is_of_the_first_address() {
    let settings = mirror(&json!({
        "mail": "email",
        "mobilePhone": "phone",
        "businessPhones": { "label": "Desk" },
        "country": { "label": "Country" },
        "officeLocation": { "label": "Office" },
    }));
    let whole = read(
        &settings,
        &json!({
            "mail": "Erica@fabrikam.example",
            "phones": [
                {"type": "business", "number": "+47 555 0101"},
                {"number": "+47 555 0102", "type": "mobile"},
            ],
            "addresses": [
                {"countryOrRegion": "Norway", "officeLocation": null},
                {"countryOrRegion": "Sweden", "officeLocation": "Pier 3"},
            ],
        }),
    );
    let expected = [
        stated("+47 555 0101"),
        stated("Norway"),
        stated("Erica@fabrikam.example"),
        stated("+47 555 0102"),
        Stated::Empty,
    ];
    assert_eq!(whole.fields, expected);
    assert_eq!((whole.kind, whole.enabled), (KIND, Some(true)));
    assert!(whole.is_whole && whole.invalid.is_none());

    let none = read(
        &settings,
        &json!({ "mail": null, "phones": [], "addresses": [] }),
    );
    assert_eq!(none.fields, vec![Stated::Empty; 5]);
    let part = read(
        &settings,
        &json!({ "phones": [{"type": "businessFax", "number": "1"}] }),
    );
    let expected = [
        Stated::Empty,
        Stated::Unstated,
        Stated::Unstated,
        Stated::Empty,
        Stated::Unstated,
    ];
    assert_eq!(part.fields, expected);
    assert!(!part.is_whole);
}

#[test]
fn what_only_users_have_is_never_stated_of_them_and_no_page_lacks_it() {
    let settings = mirror(&json!({
        "mail": "email", "employeeId": { "label": "ID" }, "userPrincipalName": { "label": "UPN" },
    }));
    let person = read(&settings, &json!({ "mail": "erica@fabrikam.example" }));
    let expected = [
        Stated::Unstated,
        stated("erica@fabrikam.example"),
        Stated::Unstated,
    ];
    assert_eq!(person.fields, expected);
    assert!(person.is_whole);
}

#[test]
fn a_clause_about_users_alone_keeps_none_of_them_out_and_one_about_both_does() {
    let scope = |filters: Json, stated: Json| {
        let settings = settings(&json!({
            "preset": "messaging", "mapping": { "mobilePhone": "phone_number" }, "filters": filters,
        }));
        read(&settings, &stated).scope
    };
    let of_users = json!({
        "accountEnabled": true, "userType": "Member", "assignedLicenses": { "exists": true },
        "manager/id": { "exists": true }, "usageLocation": "NO",
    });
    assert_eq!(scope(of_users, json!({})), Scope::Inside);
    let of_both = || json!({ "department": "Sales", "city": "Oslo" });
    let there = json!({ "department": "sales", "addresses": [{"city": "OSLO"}] });
    assert_eq!(scope(of_both(), there), Scope::Inside);
    let elsewhere = json!({ "department": "Sales", "addresses": [{"city": "Bergen"}] });
    let outside = Scope::Outside {
        clause: "city".to_owned(),
        stated: true,
        asked: Asked::Value,
    };
    assert_eq!(scope(of_both(), elsewhere), outside);
}

#[test]
fn a_list_for_what_only_users_have_is_none_of_theirs() {
    let lists = |attribute: &str, stated: Json| {
        let settings = settings(&json!({
            "preset": "mirror", "mapping": { "mail": "email" }, "list": { "perAttribute": attribute },
        }));
        read(&settings, &stated).lists
    };
    assert_eq!(
        lists("usageLocation", json!({})),
        WantedLists::Exactly(Vec::new())
    );
    let WantedLists::Exactly(found) = lists("department", json!({ "department": "Sales" })) else {
        panic!("unstated");
    };
    assert_eq!(found[0].name, "Sales");
}

#[test]
fn what_cannot_be_read_hurts_only_whoever_it_is_of() {
    let settings = mirror(&json!({ "mail": "email", "mobilePhone": "phone" }));
    let odd = read(
        &settings,
        &json!({ "mail": "a@b.example", "phones": "none" }),
    );
    let invalid = Invalid {
        field: Some("phone".to_owned()),
        code: "unexpected-shape",
    };
    assert_eq!(odd.invalid, Some(invalid));
    for phones in [
        json!([{"type": "mobile"}]),
        json!([{"number": 7, "type": "mobile"}]),
    ] {
        let person = read(
            &settings,
            &json!({ "mail": "a@b.example", "phones": phones }),
        );
        assert_eq!(person.fields[1], Stated::Empty);
    }
}
