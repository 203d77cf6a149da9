//! Users read: by ids, and page by page.

use super::*;

fn begin(change: impl FnOnce(&mut Behaviour), people: u32) -> (World, Vec<String>) {
    let world = World::that(change);
    let ids = (1..=people).map(|number| world.create(&person(number)).unwrap().id);
    let ids = ids.collect();
    world.pass(60_000);
    (world, ids)
}

fn scanned(world: &World) -> Result<Vec<String>, DestinationError> {
    let destination = world.destination();
    let mut ids = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = one(&destination, destination.scan(cursor.as_deref()))?;
        ids.extend(page.records.into_iter().map(|record| record.id));
        cursor = page.next;
        if cursor.is_none() {
            ids.sort();
            return Ok(ids);
        }
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[test]
fn many_users_are_read_by_few_requests_whatever_filters_the_server_has() {
    for (filters, page, most) in [
        (Filters::All, 1_000, 8),
        // It names fifty and sends twenty.
        (Filters::All, 20, 45),
        (Filters::OneTerm, 1_000, 8),
        (Filters::No, 1_000, 8),
        (Filters::Ignored, 1_000, 8),
        (Filters::No, 20, 20),
    ] {
        let (world, ids) = begin(
            |behaviour| (behaviour.filters, behaviour.page) = (filters, page),
            200,
        );
        let destination = world.destination();
        let before = world.asked("GET");
        let records = one(&destination, destination.fetch(&ids)).unwrap();
        let asked = world.asked("GET") - before;
        assert!(asked <= most + 4, "{filters:?} {page}: {asked} requests");
        let found: Vec<_> = records
            .into_iter()
            .map(|record| record.unwrap().id)
            .collect();
        assert_eq!(found, ids, "{filters:?} {page}");
    }
}

#[test]
fn somebody_is_gone_only_where_the_server_says_so_by_id() {
    for filters in [
        Filters::All,
        Filters::OneTerm,
        Filters::Ignored,
        Filters::No,
    ] {
        // Neither pages nor filters show anybody yet.
        let (world, mut ids) = begin(
            |behaviour| (behaviour.filters, behaviour.lag_ms) = (filters, 1_000_000),
            5,
        );
        ids.push("nobody".to_owned());
        let destination = world.destination();
        let records = one(&destination, destination.fetch(&ids)).unwrap();
        let found: Vec<_> = records.iter().map(Option::is_some).collect();
        assert_eq!(found, [true, true, true, true, true, false], "{filters:?}");
    }
}

#[test]
fn everybody_is_on_a_page_whatever_the_server_calls_one() {
    for (page, stuck) in [(1_000, false), (7, false), (20, true)] {
        let (world, ids) = begin(
            |behaviour| (behaviour.page, behaviour.stuck) = (page, stuck),
            65,
        );
        assert_eq!(scanned(&world).unwrap(), sorted(ids), "{page} {stuck}");
    }
}

#[test]
fn a_server_that_sends_its_first_page_for_ever_is_told() {
    let (world, _) = begin(|behaviour| behaviour.stuck = true, 30);
    // Nor does it know another way to ask.
    let destination = world.destination();
    let limited = World::that(|behaviour| (behaviour.stuck, behaviour.page) = (true, 10));
    for number in 1..=30 {
        limited.create(&person(number)).unwrap();
    }
    drop(destination);
    limited.trouble("POST", Trouble::Status(404));
    let told = scanned(&limited).unwrap_err();
    assert!(
        told.to_string().contains("first page for every page"),
        "{told}"
    );
}

#[test]
fn whoever_moves_up_while_others_are_deleted_is_read_all_the_same() {
    let (world, mut ids) = begin(|behaviour| behaviour.page = 10, 40);
    let destination = world.destination();
    let first = one(&destination, destination.scan(None)).unwrap();
    let mut seen: Vec<String> = first.records.into_iter().map(|record| record.id).collect();
    // Two of those that were read are deleted.
    for id in seen.clone().iter().take(2) {
        world.somebody("DELETE", &format!("/Users/{id}"), Value::Null);
    }
    let mut cursor = first.next;
    while let Some(from) = cursor {
        let page = one(&destination, destination.scan(Some(&from))).unwrap();
        seen.extend(page.records.into_iter().map(|record| record.id));
        cursor = page.next;
    }
    ids.sort();
    ids.retain(|id| world.server.user(id).is_some());
    seen.sort();
    seen.dedup();
    assert!(ids.iter().all(|id| seen.contains(id)), "{ids:?} {seen:?}");
}

#[test]
fn names_in_capitals_are_read_and_written() {
    let world = World::that(|behaviour| behaviour.capitals = true);
    let record = world.create(&person(1)).unwrap();
    assert_eq!(record.tie, Some(tie(1)));
    let written = world.write(&patch(
        &record,
        &[("contact_name", Some("Ana")), ("group", None)],
    ));
    let written = written.unwrap();
    assert_eq!(field(&written, "contact_name"), Some("Ana"));
    assert_eq!(field(&written, "group"), None);
    assert_eq!(world.fetch(&record.id), Some(written));
}
