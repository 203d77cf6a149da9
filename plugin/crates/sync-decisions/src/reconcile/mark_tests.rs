use std::time::Duration;

use crate::contact::{ContactList, ObjectId};
use crate::mapping::person::{Asked, Invalid};
use crate::mapping::rows::Purpose;
use crate::settings::{Conflict, Existing, FilterRemark, Limit, Removing};

use super::super::test_samples::{mirroring, name_and_email, person, settings};
use super::*;

const SOURCE: &str = "entra:tenant";

fn plain() -> Settings {
    settings(name_and_email(), mirroring())
}

fn jo() -> Person {
    person("u1", "Jo", "jo@contoso.com")
}

/// The mark of somebody in one connection under some settings.
fn mark(settings: &Settings, person: &Person) -> Option<Mark> {
    Marks::new(SOURCE, settings).of(person)
}

/// Settings with one thing changed.
fn with(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = plain();
    change(&mut settings);
    settings
}

#[test]
fn every_setting_that_decides_something_makes_it_another_mark() {
    let one_list = |name: &str| ListRule::One {
        name: name.to_owned(),
        description: String::new(),
    };
    let per_attribute = |attribute, longest| ListRule::PerAttribute {
        attribute,
        description: String::new(),
        longest,
    };
    let different = [
        plain(),
        with(|it| it.fingerprint = "1".to_owned()),
        with(|it| it.policies.existing = Existing::Skip),
        with(|it| it.policies.update = false),
        with(|it| it.policies.conflict = Conflict::Merge),
        with(|it| it.policies.conflict = Conflict::KeepLocal),
        with(|it| it.policies.removed = Removing::Delete),
        with(|it| it.policies.left_scope = Removing::Delete),
        with(|it| it.policies.disabled = Disabled::Deactivate),
        with(|it| it.policies.agents = Agents::Include),
        with(|it| it.rows[0].attribute = "surname"),
        with(|it| it.rows[0].field = "last_name".to_owned()),
        with(|it| it.rows[0].purpose = Purpose::Telephone),
        with(|it| it.rows[0].mandatory = true),
        with(|it| it.rows[0].only_on_create = true),
        with(|it| it.rows[0].max_length = Some(64)),
        with(|it| it.rows[0].max_length = Some(65)),
        with(|it| it.rows.reverse()),
        with(|it| drop(it.rows.pop())),
        with(|it| it.lists = one_list("Contoso")),
        with(|it| it.lists = one_list("Fabrikam")),
        with(|it| it.lists = per_attribute("department", None)),
        with(|it| it.lists = per_attribute("city", None)),
        with(|it| it.lists = per_attribute("department", Some(64))),
    ];
    let marks: Vec<_> = different
        .iter()
        .map(|settings| mark(settings, &jo()).unwrap())
        .collect();
    for (place, one) in marks.iter().enumerate() {
        for (other_place, other) in marks.iter().enumerate().skip(place + 1) {
            assert_ne!(one, other, "settings {place} and {other_place}");
        }
    }
}

#[test]
fn what_decides_nothing_about_a_person_leaves_the_mark() {
    let limit = Limit {
        count: 1,
        percent: 1,
        floor: 1,
    };
    for same in [
        with(|it| it.schedule = Some("every 6 h".to_owned())),
        with(|it| it.full_round_every = Duration::from_secs(1)),
        with(|it| it.removal_limit = limit),
        with(|it| it.blank_limit = limit),
        with(|it| it.rows[0].label = "Given name".to_owned()),
        with(|it| {
            it.filter_remarks = vec![FilterRemark {
                label: "Department".to_owned(),
                message: "Nobody has one.".to_owned(),
            }];
        }),
    ] {
        assert_eq!(mark(&same, &jo()), mark(&plain(), &jo()));
    }
}

#[test]
fn another_connection_has_other_marks() {
    let settings = plain();
    let elsewhere = Marks::new("entra:another", &settings);
    assert_ne!(elsewhere.of(&jo()), mark(&settings, &jo()));
}

#[test]
fn whatever_is_stated_of_a_person_makes_it_another_mark() {
    let on = |names: &[&str]| {
        let list = |name: &&str| ContactList {
            name: (*name).to_owned(),
            description: String::new(),
        };
        WantedLists::Exactly(names.iter().map(list).collect())
    };
    let value = |value: &str| Stated::Value(value.to_owned());
    let of = |fields: [Stated; 2]| Person {
        fields: fields.to_vec(),
        ..jo()
    };
    let different = [
        jo(),
        Person {
            object_id: ObjectId::new("u2"),
            ..jo()
        },
        Person {
            enabled: None,
            ..jo()
        },
        Person {
            enabled: Some(false),
            ..jo()
        },
        of([value("Jo"), Stated::Empty]),
        of([value("Jo"), Stated::Unstated]),
        of([Stated::Empty, value("jo@contoso.com")]),
        // The same characters, elsewhere.
        of([value("Joj"), value("o@contoso.com")]),
        Person {
            lists: on(&[]),
            ..jo()
        },
        Person {
            lists: on(&["Sales"]),
            ..jo()
        },
        Person {
            lists: on(&["Sales", "Support"]),
            ..jo()
        },
    ];
    let marks: Vec<_> = different
        .iter()
        .map(|person| mark(&plain(), person).unwrap())
        .collect();
    for (place, one) in marks.iter().enumerate() {
        assert!(!marks[place + 1..].contains(one), "person {place}");
    }
}

#[test]
fn an_address_that_no_field_holds_is_nothing_to_know_a_linked_contact_by() {
    let moved = Person {
        match_key: Some("jo@fabrikam.com".to_owned()),
        ..jo()
    };
    assert_eq!(mark(&plain(), &moved), mark(&plain(), &jo()));
}

#[test]
fn nobody_is_known_again_of_whom_a_page_says_too_little() {
    let assumed = Stated::Assumed("jo@contoso.com".to_owned());
    for person in [
        Person {
            is_whole: false,
            ..jo()
        },
        Person {
            address_is_open: true,
            ..jo()
        },
        Person {
            names_by_id: true,
            ..jo()
        },
        Person {
            address_may_be_gone: true,
            ..jo()
        },
        Person {
            number_is_open: true,
            ..jo()
        },
        Person {
            states_changes_only: true,
            ..jo()
        },
        Person {
            fields: vec![Stated::Empty, assumed],
            ..jo()
        },
    ] {
        assert_eq!(mark(&plain(), &person), None, "{person:?}");
    }
}

#[test]
fn nobody_is_known_again_from_whom_something_may_be_taken_or_of_whom_there_is_something_to_tell() {
    let outside = |stated| Person {
        scope: Scope::Outside {
            clause: "department".to_owned(),
            stated,
            asked: Asked::Value,
        },
        ..jo()
    };
    let invalid = Invalid {
        field: None,
        code: "too-long",
    };
    let told = [
        outside(true),
        outside(false),
        Person {
            is_agent: true,
            ..jo()
        },
        Person {
            invalid: Some(invalid),
            ..jo()
        },
    ];
    for person in told {
        assert_eq!(mark(&plain(), &person), None, "{person:?}");
    }
    let disabled = Person {
        enabled: Some(false),
        ..jo()
    };
    for (means, is_known) in [
        (Disabled::Ignore, true),
        (Disabled::LeavesScope, true),
        (Disabled::NotCreated, false),
        (Disabled::Deactivate, false),
    ] {
        let settings = with(|it| it.policies.disabled = means);
        assert_eq!(mark(&settings, &disabled).is_some(), is_known, "{means:?}");
    }
    let agent = Person {
        is_agent: true,
        ..jo()
    };
    let included = with(|it| it.policies.agents = Agents::Include);
    assert!(mark(&included, &agent).is_some());
}
