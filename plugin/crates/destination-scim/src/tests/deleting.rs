//! Users deleted.

use super::*;

#[test]
fn whoever_is_deleted_is_in_no_group_any_more_where_groups_can_be_searched() {
    for (filters, left) in [(Filters::All, 0), (Filters::No, 1), (Filters::Ignored, 0)] {
        let world = World::that(|behaviour| {
            behaviour.forgets_members = false;
            behaviour.filters = filters;
        });
        let record = world.create(&person(1)).unwrap();
        let group = world.group("Sales");
        let destination = world.destination();
        let ids = [record.id.clone()];
        one(&destination, destination.membership(&group, &ids, &[])).unwrap();
        assert_eq!(world.delete(&record), Ok(()));
        assert_eq!(world.server.user(&record.id), None);
        assert_eq!(world.server.members(&group).len(), left, "{filters:?}");
    }
}

#[test]
fn one_who_is_gone_already_is_told_so() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    assert_eq!(world.delete(&record), Ok(()));
    assert_eq!(world.delete(&record), Err(Failure::Gone));
}

#[test]
fn one_whom_somebody_has_written_since_is_not_deleted_where_there_are_versions() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    world
        .server
        .somebody_writes(&record.id, json!({"title": "Theirs"}));
    assert_eq!(world.delete(&record), Err(Failure::Changed));
}

#[test]
fn a_server_that_deletes_nobody_says_so_for_each() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    world.trouble("DELETE", Trouble::Status(501));
    refused(world.delete(&record), None, "unsupported");
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let world = World::new();
    let record = world.create(&person(1)).unwrap();
    world.trouble("DELETE", Trouble::LostAnswer);
    assert!(matches!(world.delete(&record), Ok(()) | Err(Failure::Gone)));
    assert_eq!(world.server.user(&record.id), None);
}
