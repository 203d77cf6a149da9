//! Contacts read: all of those that are there, and none that is not.

use super::*;
use messagemedia_emulator::QueryArrays;

fn people(world: &World, count: u32) -> Vec<String> {
    let made = world.create_all(count).into_iter();
    made.map(|record| record.unwrap().id).collect()
}

#[test]
fn a_hundred_are_one_request_however_a_filter_names_several_ids() {
    for (arrays, first) in [(QueryArrays::Repeated, 1), (QueryArrays::Comma, 2)] {
        let world = World::that(|behaviour| behaviour.query_arrays = arrays);
        let ids = people(&world, 100);
        let destination = world.destination();
        one(&destination, destination.probe()).unwrap();
        for expected in [first, 1] {
            let before = world.asked("GET");
            let records = one(&destination, destination.fetch(&ids)).unwrap();
            let told: Vec<String> = records
                .into_iter()
                .map(|record| record.unwrap().id)
                .collect();
            assert_eq!(told, ids, "{arrays:?}");
            assert_eq!(world.asked("GET") - before, expected, "{arrays:?}");
        }
        let longest = world
            .control()
            .requests()
            .into_iter()
            .map(|request| request.target.len())
            .max();
        assert!(longest.unwrap() < 8_000, "{longest:?}");
    }
}

#[test]
fn whoever_is_gone_is_none_and_whoever_no_page_shows_is_not() {
    let world = World::that(|behaviour| behaviour.visibility_delay_ms = 60_000);
    let mut ids = people(&world, 3);
    world.somebody("DELETE", &format!("/contacts/{}", ids[1]), Value::Null);
    ids.push("00000000-0000-4000-8000-000000000001".to_owned());
    let destination = world.destination();
    let records = one(&destination, destination.fetch(&ids)).unwrap();
    let there: Vec<bool> = records.iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, true, false]);
}

#[test]
fn all_are_on_the_pages_each_once() {
    let world = World::new();
    let ids = people(&world, 1_201);
    let destination = world.destination();
    let mut cursor: Option<String> = None;
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let page = one(&destination, destination.scan(cursor.as_deref())).unwrap();
        found.extend(page.records.into_iter().map(|record| record.id));
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(found.len(), 1_201);
    let all: BTreeSet<String> = found.into_iter().collect();
    assert_eq!(all, ids.into_iter().collect());
}

#[test]
fn a_place_in_a_list_that_is_not_known_any_more_is_no_end_of_it() {
    let world = World::new();
    let destination = world.destination();
    let page = one(&destination, destination.scan(Some("of yesterday")));
    assert!(
        matches!(page, Err(DestinationError::Unavailable(_))),
        "{page:?}"
    );
}

#[test]
fn a_record_tells_every_list_and_whose_it_is() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    let list = id(&world.somebody("POST", "/lists", json!({"name": "Theirs"})));
    world.somebody(
        "POST",
        &format!("/lists/{list}/contacts/{}", record.id),
        Value::Null,
    );
    let read = world.fetch(&record.id).unwrap();
    assert_eq!((read.lists, read.tie), (Some(vec![list]), Some(tie(1))));
}

#[test]
fn what_it_can_do_is_said_by_what_the_account_has() {
    let world = World::new();
    let before = world.probe().unwrap();
    let names: Vec<&str> = before.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(
        names,
        [
            "phone_number",
            "email",
            "contact_name",
            "group",
            "first_name",
            "last_name",
            "date_of_birth",
            "country",
            "state",
            "location",
            "note",
        ]
    );
    assert!(
        world.control().custom_fields().is_empty(),
        "to look makes nothing"
    );
    let field = json!({"label": "Loyalty", "mergeTag": "loyalty", "maxLength": 20, "type": "TEXT"});
    world.somebody("POST", "/custom-fields", field);
    let described = world.probe().unwrap().fields;
    assert!(
        described
            .iter()
            .any(|field| field.name == "Loyalty" && field.max_length == Some(20))
    );
}
