//! Of two calls that work at the same time, the one that writes second writes nothing.

use super::*;

fn wanted(company: &str) -> Directory {
    Directory::from([("alice".to_owned(), there("alice", company, &[]))])
}

#[test]
fn whoever_decided_before_another_wrote_is_refused_before_anything_is_sent() {
    let world = World::new(profile(), 1);
    world.sync(&wanted("A"), "1").unwrap();
    let late = world.store();
    late.describe().unwrap();
    let changes = decide(&late, &wanted("late")).unwrap();
    world.sync(&wanted("B"), "2").unwrap();
    let refused = late.apply(page(changes, "late"));
    assert!(
        matches!(refused, Err(StoreError::LeaseLost(_))),
        "{refused:?}"
    );
    assert_eq!(
        field(&world.records_at("alice")[0], "company").as_deref(),
        Some("B")
    );
    assert_eq!(place(&world).as_deref(), Some("2"));
}

#[test]
fn whoever_only_looks_disturbs_nobody() {
    let world = World::new(profile(), 1);
    world.sync(&wanted("A"), "1").unwrap();
    let writer = world.store();
    writer.describe().unwrap();
    let changes = decide(&writer, &wanted("B")).unwrap();
    let onlooker = world.store();
    onlooker.describe().unwrap();
    let deeds = world.life.deeds();
    world
        .service
        .edit("1", "job_title", Some("Edited"))
        .unwrap();
    onlooker
        .lookup(query(["alice".to_owned()].into_iter()))
        .unwrap();
    onlooker.get_statistics(SOURCE, &[]).unwrap();
    assert_eq!(world.life.deeds(), deeds, "nothing was written");
    let outcomes = writer.apply(page(changes, "2")).unwrap();
    let version = Outcome::Conflict(crate::contract::Conflict::Version);
    assert_eq!(outcomes, [version], "but the edit is seen");
}

#[test]
fn the_next_call_goes_on_in_the_same_process() {
    let world = World::new(profile(), 1);
    let store = world.store();
    for (turn, company) in ["A", "B", "C"].into_iter().enumerate() {
        store.describe().unwrap();
        let changes = decide(&store, &wanted(company)).unwrap();
        assert!(
            store
                .apply(page(changes, "x"))
                .unwrap()
                .iter()
                .all(is_applied),
            "{turn}"
        );
        world.sync(&wanted(company), "y").unwrap();
    }
}
