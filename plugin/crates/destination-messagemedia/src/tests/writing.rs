//! Contacts written: what is asked for, all of it, and nothing else.

use super::*;
use messagemedia_emulator::{Arrays, Clear, ForeignRequest};

/// A contact with something of everybody's: two fields and a list that somebody else looks after.
pub(super) fn shared(world: &World) -> Record {
    let record = world.create(&person(1)).unwrap();
    let field = json!({"label": "Loyalty", "mergeTag": "loyalty", "maxLength": 20, "type": "TEXT"});
    let field = id(&world.somebody("POST", "/custom-fields", field));
    let list = id(&world.somebody("POST", "/lists", json!({"name": "Theirs"})));
    let told = world.contact(&record.id);
    let mut values: Vec<Value> = told["customFields"].as_array().unwrap().clone();
    values.push(json!({"id": field, "value": "gold"}));
    let path = format!("/contacts/{}", record.id);
    world.somebody(
        "PATCH",
        &path,
        json!({"note": "theirs", "customFields": values}),
    );
    world.somebody(
        "POST",
        &format!("/lists/{list}/contacts/{}", record.id),
        Value::Null,
    );
    world.fetch(&record.id).unwrap()
}

pub(super) fn assert_theirs_is_there(world: &World, record: &Record) {
    let told = world.contact(&record.id);
    assert_eq!(told["note"], "theirs");
    assert_eq!(told["lists"][0]["name"], "Theirs");
    let values = told["customFields"].as_array().unwrap();
    let loyalty = values.iter().find(|value| value["mergeTag"] == "loyalty");
    assert_eq!(loyalty.expect("a value")["value"], "gold");
}

#[test]
fn each_field_is_written_and_what_others_have_written_stays() {
    for arrays in [Arrays::Replace, Arrays::Merge] {
        let world = World::that(|behaviour| behaviour.arrays = arrays);
        let known = shared(&world);
        let writes = [
            ("first_name", Some("Ana")),
            ("contact_name", Some("Ana Beispiel")),
            ("email", Some("ana@contoso.example")),
        ];
        let written = world.write(&patch(&known, &writes)).unwrap();
        for (name, value) in writes {
            assert_eq!(field(&written, name), value, "{arrays:?}");
        }
        assert_eq!(field(&written, "group"), Some("Sales"));
        assert_eq!(written.tie, Some(tie(1)));
        assert_eq!(world.fetch(&known.id), Some(written));
        assert_theirs_is_there(&world, &known);
    }
}

#[test]
fn each_field_is_emptied_by_whichever_way_the_service_knows_or_refused() {
    for arrays in [Arrays::Replace, Arrays::Merge] {
        for clear in [Clear::EmptyString, Clear::Null, Clear::Refused] {
            let world = World::that(|behaviour| {
                behaviour.arrays = arrays;
                behaviour.clear = clear;
            });
            let known = shared(&world);
            let known = world
                .write(&patch(&known, &[("first_name", Some("Ana"))]))
                .unwrap();
            let value = world.write(&patch(
                &known,
                &[("group", None), ("email", Some("new@contoso.example"))],
            ));
            if clear == Clear::Refused && arrays == Arrays::Merge {
                refused(value, "group", "cannot-clear");
                assert_eq!(
                    world.fetch(&known.id),
                    Some(known.clone()),
                    "nothing was done"
                );
            } else {
                let written = value.unwrap();
                assert_eq!(
                    (field(&written, "group"), field(&written, "email")),
                    (None, Some("new@contoso.example"))
                );
            }
            let known = world.fetch(&known.id).unwrap();
            let property = world.write(&patch(
                &known,
                &[("first_name", None), ("last_name", Some("B"))],
            ));
            if clear == Clear::Refused {
                refused(property, "first_name", "cannot-clear");
                assert_eq!(
                    world.fetch(&known.id),
                    Some(known.clone()),
                    "nothing was done"
                );
            } else {
                let written = property.unwrap();
                assert_eq!(
                    (field(&written, "first_name"), field(&written, "last_name")),
                    (None, Some("B"))
                );
            }
            assert_theirs_is_there(&world, &known);
        }
    }
}

#[test]
fn what_was_found_out_once_is_not_tried_again() {
    let world = World::that(|behaviour| {
        behaviour.arrays = Arrays::Merge;
        behaviour.clear = Clear::Null;
    });
    let destination = world.destination();
    let mut requests = Vec::new();
    for number in 1..=3 {
        let known = create(&destination, &person(number)).unwrap();
        let before = world.asked("PATCH");
        write(&destination, &patch(&known, &[("group", None)])).unwrap();
        requests.push(world.asked("PATCH") - before);
    }
    assert_eq!(requests, [3, 1, 1]);
}

#[test]
fn a_link_is_taken_away_and_given() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let mut unlink = patch(&known, &[]);
    unlink.tie = Some(None);
    let unlinked = world.write(&unlink).unwrap();
    assert_eq!(unlinked.tie, None);
    let mut link = patch(&unlinked, &[]);
    link.tie = Some(Some(tie(2)));
    assert_eq!(world.write(&link).unwrap().tie, Some(tie(2)));
}

#[test]
fn a_contact_that_becomes_inactive_is_left_as_it_is() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let requests = world.control().counters().requests;
    let mut deactivate = patch(&known, &[]);
    deactivate.active = Some(false);
    assert_eq!(world.write(&deactivate), Ok(known));
    assert_eq!(
        world.control().counters().requests - requests,
        1,
        "the custom fields"
    );
}

#[test]
fn what_somebody_else_has_changed_since_is_not_written_over() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let path = format!("/contacts/{}", known.id);
    world.somebody("PATCH", &path, json!({"firstName": "Theirs"}));
    let before = world.contact(&known.id);
    let change = patch(&known, &[("email", Some("new@contoso.example"))]);
    assert_eq!(world.write(&change), Err(Failure::Changed));
    assert_eq!(world.contact(&known.id), before);
}

#[test]
fn a_change_in_the_moment_between_loses_nothing_but_the_same_field() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let request = ForeignRequest {
        method: "PATCH".to_owned(),
        target: target(&format!("/contacts/{}", known.id)),
        body: json!({"note": "theirs", "firstName": "Theirs"}),
    };
    world.control().inject(Fault::meanwhile("PATCH", request));
    let change = patch(&known, &[("email", Some("new@contoso.example"))]);
    let written = world.write(&change).unwrap();
    assert_eq!(
        (field(&written, "note"), field(&written, "first_name")),
        (Some("theirs"), Some("Theirs"))
    );
}

#[test]
fn a_contact_that_is_gone_is_told() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    world.somebody("DELETE", &format!("/contacts/{}", known.id), Value::Null);
    for change in [
        [("email", Some("x@contoso.example"))],
        [("first_name", Some("X"))],
    ] {
        assert_eq!(world.write(&patch(&known, &change)), Err(Failure::Gone));
    }
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again() {
    for fault in [
        Fault::lost_answer("PATCH"),
        Fault::lost_request("PATCH"),
        Fault {
            method: Some("PATCH".to_owned()),
            ..Fault::unavailable_in_html(3)
        },
    ] {
        let world = World::new();
        let known = world.create(&person(1)).unwrap();
        world.control().inject(fault);
        let written = world
            .write(&patch(&known, &[("email", Some("new@contoso.example"))]))
            .unwrap();
        assert_eq!(field(&written, "email"), Some("new@contoso.example"));
    }
}

#[test]
fn an_update_that_is_done_though_the_service_never_says_so_is_seen() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let fault = Fault {
        times: None,
        ..Fault::lost_answer("PATCH")
    };
    world.control().inject(fault);
    let written = world
        .write(&patch(&known, &[("email", Some("new@contoso.example"))]))
        .unwrap();
    assert_eq!(field(&written, "email"), Some("new@contoso.example"));
    world.control().clear_faults();
    world.control().inject(Fault {
        times: None,
        ..Fault::lost_request("PATCH")
    });
    let lost = world.write(&patch(
        &written,
        &[("email", Some("newer@contoso.example"))],
    ));
    assert!(matches!(lost, Err(Failure::Unknown(_))), "{lost:?}");
}

#[test]
fn a_custom_field_that_was_deleted_is_made_again_for_what_is_written() {
    let world = World::new();
    let destination = world.destination();
    let known = create(&destination, &person(1)).unwrap();
    let email = world.field_id("email");
    world.somebody("DELETE", &format!("/custom-fields/{email}"), Value::Null);
    let change = patch(&known, &[("email", Some("new@contoso.example"))]);
    assert_eq!(
        write(&destination, &change),
        Err(Failure::Changed),
        "its value is gone, too"
    );
    let known = world.fetch(&known.id).unwrap();
    let written = write(
        &destination,
        &patch(&known, &[("email", Some("new@contoso.example"))]),
    )
    .unwrap();
    assert_eq!(field(&written, "email"), Some("new@contoso.example"));
}

#[test]
fn each_value_that_is_not_taken_is_refused_and_nothing_is_done() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    for (name, value, code) in [
        ("email", Some("nobody"), "invalid-email"),
        ("phone_number", Some("0"), "invalid-phone"),
        ("phone_number", None, "missing-mandatory"),
        ("date_of_birth", Some("x"), "invalid-format"),
    ] {
        let change = patch(&known, &[("contact_name", Some("New")), (name, value)]);
        refused(world.write(&change), name, code);
        assert_eq!(world.fetch(&known.id), Some(known.clone()), "{name}");
    }
}
