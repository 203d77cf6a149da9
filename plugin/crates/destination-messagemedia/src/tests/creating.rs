//! Contacts made, each once.

use super::*;
use messagemedia_emulator::{ForeignRequest, Twins};

#[test]
fn a_person_of_the_sample_configuration_lands_as_the_documents_have_it() {
    let world = World::new();
    let list = id(&world.somebody("POST", "/lists", json!({"name": "Sales"})));
    let mut draft = person(1);
    draft
        .fields
        .extend(owned(&[("first_name", "Per"), ("last_name", "Son")]));
    draft.lists = vec![list.clone()];
    let record = world.create(&draft).unwrap();
    let told = world.contact(&record.id);
    assert_eq!(told["fullName"], "Per Son");
    assert_eq!(
        told["channels"],
        json!([{"channelId": "+447700900001", "type": "SMS", "subscriptionState": "SUBSCRIBED"}])
    );
    assert_eq!(told["lists"], json!([{"id": list, "name": "Sales"}]));
    let value = |tag: &str| {
        let values = told["customFields"].as_array().unwrap().iter();
        let mut values = values.filter(|value| value["mergeTag"] == tag);
        values
            .next()
            .map(|value| (value["value"].clone(), value["type"].clone()))
    };
    let is = |value: &str, kind: &str| Some((json!(value), json!(kind)));
    assert_eq!(value("contact_name"), is("Person 1", "NAME"));
    assert_eq!(value("email"), is("person1@contoso.example", "EMAIL"));
    assert_eq!(value("group"), is("Sales", "TEXT"));
    let link = format!("{} {SOURCE}", tie(1).object_id);
    assert_eq!(value("entra_object_id"), is(&link, "TEXT"));
    assert_eq!(value("phone_number_as_written"), None);
    assert_eq!((record.tie, record.lists), (Some(tie(1)), Some(vec![list])));
    assert_eq!(record.active, None);
}

#[test]
fn what_was_written_is_read_back_word_for_word() {
    let world = World::new();
    let mut draft = person(1);
    draft.fields = owned(&[
        ("country", "GB"),
        ("date_of_birth", "2000-02-29"),
        ("email", "Ana.Ærø@contoso.example"),
        ("first_name", "Ana \"the\" \\ 東京"),
        ("location", "18/2100"),
        ("note", "a\nb"),
        ("phone_number", "+44 (7700) 900-001"),
        ("state", "Kent"),
    ]);
    let record = world.create(&draft).unwrap();
    assert_eq!(record.fields, draft.fields);
    assert_eq!(world.fetch(&record.id), Some(record));
}

#[test]
fn many_at_once_need_each_custom_field_once() {
    let world = World::new();
    let destination = world.destination();
    let drafts: Vec<Draft> = (1..=40).map(person).collect();
    let made = one(&destination, destination.create(&drafts));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(world.control().custom_fields().len(), 4);
    assert_eq!(world.asked("POST"), 44);
}

#[test]
fn ten_thousand_take_little_more_than_the_width_allows() {
    let world = World::new();
    let made = world.create_all(10_000);
    assert!(made.iter().all(Result::is_ok));
    let took = world.elapsed();
    let most = u32::try_from(destination_kit::MOST_AT_ONCE).unwrap();
    let limit = LATENCY * 10_000 / most;
    assert!(took <= limit * 13 / 10, "{took:?} of {limit:?}");
    assert_eq!(world.control().contacts().len(), 10_000);
    println!("10,000 contacts in {took:?}; {limit:?} at {most} at once");
}

#[test]
fn a_contact_whose_answer_was_lost_is_found_and_not_made_again() {
    let world = World::new();
    world.create(&person(1)).unwrap();
    world.control().inject(Fault::lost_answer("POST"));
    let record = world.create(&person(2)).unwrap();
    assert_eq!(record.tie, Some(tie(2)));
    assert_eq!(world.control().contacts().len(), 2);
}

#[test]
fn a_request_that_was_lost_is_not_sent_again_by_itself() {
    let world = World::new();
    world.create(&person(1)).unwrap();
    for fault in [
        Fault::lost_request("POST"),
        Fault::unavailable_in_html(1),
        Fault::failing_with_detail(1, "x"),
    ] {
        let posts = world.asked("POST");
        let fault = Fault {
            method: Some("POST".to_owned()),
            ..fault
        };
        world.control().inject(fault);
        let lost = world.create(&person(2));
        assert!(matches!(lost, Err(Failure::Unknown(_))), "{lost:?}");
        assert_eq!(world.asked("POST") - posts, 1);
        let destination = world.destination();
        let found = one(&destination, destination.created(&person(2)));
        assert_eq!(found, Ok(None));
    }
    assert!(world.create(&person(2)).is_ok());
    assert_eq!(world.control().contacts().len(), 2);
}

#[test]
fn where_pages_lag_behind_a_lost_contact_is_found_later_and_is_the_only_one() {
    for twins in [Twins::Allowed, Twins::Conflict] {
        let world = World::that(|behaviour| {
            behaviour.visibility_delay_ms = 4_000;
            behaviour.duplicate_channels = twins;
        });
        world.probe().unwrap();
        world.create(&person(1)).unwrap();
        world.control().inject(Fault::lost_answer("POST"));
        let lost = world.create(&person(2));
        assert!(matches!(lost, Err(Failure::Unknown(_))), "{lost:?}");
        let settles = world.probe().unwrap().settles_after_ms;
        world.control().advance(Duration::from_millis(settles));
        let destination = world.destination();
        let found = one(&destination, destination.created(&person(2))).unwrap();
        assert_eq!(found.unwrap().tie, Some(tie(2)));
        assert_eq!(world.control().contacts().len(), 2);
    }
}

#[test]
fn a_number_that_somebody_else_has_is_refused_and_their_contact_left_alone() {
    let world = World::new();
    let theirs = world.stranger("+447700900001");
    let before = world.contact(&theirs);
    refused(world.create(&person(1)), "phone_number", "duplicate");
    assert_eq!(world.control().contacts(), [before]);
    let destination = world.destination();
    assert_eq!(one(&destination, destination.created(&person(1))), Ok(None));
}

#[test]
fn a_contact_that_is_there_already_for_the_same_user_is_the_answer() {
    let world = World::new();
    let first = world.create(&person(1)).unwrap();
    assert_eq!(world.create(&person(1)), Ok(first));
    assert_eq!(world.control().contacts().len(), 1);
}

#[test]
fn one_made_for_nobody_is_known_by_its_fields_and_only_if_it_is_new() {
    let world = World::new();
    let draft = Draft {
        tie: None,
        ..person(1)
    };
    let record = world.create(&draft).unwrap();
    let destination = world.destination();
    let found = |draft: &Draft| one(&destination, destination.created(draft)).unwrap();
    assert_eq!(found(&draft), Some(record));
    let later = Draft {
        decided_at_ms: BEGINNING_MS + 3_600_000,
        ..draft.clone()
    };
    assert_eq!(found(&later), None);
    let mut other = draft.clone();
    other.fields.push(("note".to_owned(), "x".to_owned()));
    assert_eq!(found(&other), None);
    assert_eq!(found(&person(1)), None, "with a link it is somebody else");
}

#[test]
fn a_custom_field_that_a_person_deletes_meanwhile_is_made_again() {
    let world = World::new();
    let destination = world.destination();
    create(&destination, &person(1)).unwrap();
    let field = world.field_id("email");
    world.somebody("DELETE", &format!("/custom-fields/{field}"), Value::Null);
    let record = create(&destination, &person(2)).unwrap();
    assert_eq!(
        field_value(&record, "email"),
        Some("person2@contoso.example")
    );
    assert_ne!(world.field_id("email"), field);
    let other = world.field_id("group");
    let request = ForeignRequest {
        method: "DELETE".to_owned(),
        target: target(&format!("/custom-fields/{other}")),
        body: Value::Null,
    };
    world.control().inject(Fault::meanwhile("POST", request));
    let record = create(&destination, &person(3)).unwrap();
    assert_eq!(field_value(&record, "group"), Some("Sales"));
}

use super::field as field_value;

#[test]
fn a_custom_field_whose_answer_was_lost_is_made_once() {
    for fault in [Fault::lost_answer("POST"), Fault::lost_request("POST")] {
        let world = World::new();
        world.control().inject(fault);
        // What is certain not to have been done comes again with the next run.
        let made = world.create(&person(1)).or_else(|failure| {
            assert!(matches!(failure, Failure::NotDone(_)), "{failure:?}");
            world.create(&person(1))
        });
        made.unwrap();
        assert_eq!(world.control().custom_fields().len(), 4);
        assert_eq!(world.control().contacts().len(), 1);
    }
}

#[test]
fn a_list_that_is_gone_is_told_and_nothing_is_made() {
    let world = World::new();
    let mut draft = person(1);
    draft.lists = vec!["00000000-0000-4000-8000-000000000001".to_owned()];
    assert_eq!(world.create(&draft), Err(Failure::Gone));
    assert!(world.control().contacts().is_empty());
}

#[test]
fn each_value_that_is_not_taken_is_refused_at_its_field() {
    let world = World::new();
    for (name, value, code) in [
        ("phone_number", "07700 900001", "invalid-phone"),
        ("phone_number", "+44 (0)7700 900001", "invalid-phone"),
        ("email", "nobody", "invalid-email"),
        ("date_of_birth", "yesterday", "invalid-format"),
        ("contact_name", &"x".repeat(257), "too-long"),
        ("unknown", "x", "unknown-field"),
    ] {
        let mut draft = person(1);
        draft.fields.retain(|(field, _)| field != name);
        draft.fields.push((name.to_owned(), value.to_owned()));
        refused(world.create(&draft), name, code);
    }
    let mut draft = person(1);
    draft.fields.retain(|(field, _)| field != "phone_number");
    refused(world.create(&draft), "phone_number", "missing-mandatory");
    assert!(world.control().contacts().is_empty());
}

#[test]
fn a_field_of_ones_own_is_made_and_filled_and_read_by_its_name() {
    let world = World::new();
    let destination = world.destination();
    for name in ["Cost centre", "cost-centre", "Email"] {
        one(&destination, destination.make_field(name)).unwrap();
        one(&destination, destination.make_field(name)).unwrap();
    }
    let tags: Vec<Value> = world
        .control()
        .custom_fields()
        .iter()
        .map(|field| field["mergeTag"].clone())
        .collect();
    assert_eq!(tags, ["cost_centre", "cost_centre_2", "email_2"]);
    let mut draft = person(1);
    draft
        .fields
        .push(("Cost centre".to_owned(), "17".to_owned()));
    let record = create(&destination, &draft).unwrap();
    assert_eq!(field(&record, "Cost centre"), Some("17"));
    let described = world.probe().unwrap().fields;
    assert!(
        described
            .iter()
            .any(|field| field.name == "Cost centre" && field.max_length == Some(255))
    );
    refused(
        one(&destination, destination.make_field("東京")),
        "東京",
        "unknown-field",
    );
}
