//! Whoever dies in the middle of a commit, after whatever it has done, leaves nothing that the next call does
//! not put right: the same contacts, nobody twice, a complete journal, and a state that is never ahead.

use super::*;
use crate::destination::GuardKind;

fn before() -> Directory {
    Directory::from([
        ("alice".to_owned(), there("alice", "A", &["Sales"])),
        ("bob".to_owned(), there("bob", "B", &["Sales"])),
        ("carol".to_owned(), there("carol", "C", &["Support"])),
        ("dave".to_owned(), there("dave", "D", &[])),
    ])
}

/// Makes, alters, links, deactivates, unlinks and deletes.
fn after() -> Directory {
    Directory::from([
        ("alice".to_owned(), there("alice", "Another", &["Support"])),
        ("bob".to_owned(), Wanted::Gone(RemovalKind::Deactivate)),
        ("carol".to_owned(), Wanted::Gone(RemovalKind::Delete)),
        ("dave".to_owned(), Wanted::Gone(RemovalKind::Unlink)),
        ("erin".to_owned(), there("erin", "E", &["Sales", "Board"])),
        ("frank".to_owned(), there("frank", "F", &[])),
        ("grace".to_owned(), there("grace", "G", &["Sales"])),
    ])
}

/// Everybody of before, and a record of `grace` that somebody made.
fn begun(profile: &Profile, seed: u64) -> World {
    let world = World::new(profile.clone(), seed);
    world.sync(&before(), "1").unwrap();
    world.check(&before(), "before");
    let by_hand = [("email".to_owned(), address("grace"))];
    world.service.add(&by_hand.into()).unwrap();
    world
}

/// The deeds of a commit that nothing interrupts.
fn deeds(profile: &Profile, seed: u64) -> u64 {
    let world = begun(profile, seed);
    let before = world.life.deeds();
    let outcomes = world.sync(&after(), "2").unwrap();
    assert!(outcomes.iter().all(is_applied), "{outcomes:?}");
    let done = world.life.deeds() - before;
    world.check(&after(), "uninterrupted");
    done
}

/// Dies after each number of deeds in turn: of requests, and of what is kept in the ledger.
fn dies_everywhere(profile: &Profile) {
    for seed in 0..4 {
        let deeds = deeds(profile, seed);
        assert!(deeds > 6, "there is something to interrupt");
        for done in 0..=deeds {
            let what = format!("seed {seed}, dead after {done} of {deeds}");
            let world = begun(profile, seed);
            world.life.ends_after(done);
            let outcomes = world.sync(&after(), "2");
            world.life.begin_again();
            if place(&world).as_deref() == Some("2") {
                // The state is there, so everything before it is.
                assert!(outcomes.is_ok(), "{what}");
                world.check(&after(), &what);
            }
            for turn in 0..3 {
                let again = world.sync(&after(), "2").unwrap();
                let is_quiet = again.is_empty();
                assert!(is_quiet || turn < 2, "{what}: {again:?}");
            }
            world.check(&after(), &what);
            assert_eq!(place(&world).as_deref(), Some("2"), "{what}");
        }
    }
}

#[test]
fn at_a_service_that_tells_everything() {
    dies_everywhere(&profile());
}

#[test]
fn at_one_that_makes_records_without_their_lists() {
    let mut profile = profile();
    profile.capabilities.lists_on_create = false;
    dies_everywhere(&profile);
}

#[test]
fn at_one_that_takes_many_records_in_one_request_and_guards_them() {
    let mut profile = profile();
    profile.capabilities.guard = GuardKind::Conditional;
    profile.capabilities.batch.create = 2;
    profile.capabilities.batch.write = 2;
    dies_everywhere(&profile);
}

#[test]
fn at_one_that_keeps_no_activity() {
    let mut profile = profile();
    profile.tells_active = false;
    dies_everywhere(&profile);
}

#[test]
fn at_one_that_does_not_keep_whose_a_record_is() {
    let mut profile = profile();
    profile.keeps_ties = false;
    dies_everywhere(&profile);
}

#[test]
fn what_a_dead_call_has_made_is_found_and_journaled_with_the_run_that_made_it() {
    let world = World::new(profile(), 1);
    let wanted = Directory::from([("alice".to_owned(), there("alice", "A", &[]))]);
    world.store().describe().unwrap();
    world.store().lookup(query(std::iter::empty())).unwrap();
    // The intent and the record, and not what came of it.
    world.life.ends_after(2);
    assert!(world.sync(&wanted, "1").is_err());
    world.life.begin_again();
    assert_eq!(world.records_at("alice").len(), 1);
    let store = world.store();
    let found = store
        .lookup(query(["alice".to_owned()].into_iter()))
        .unwrap();
    let link = found[0].link.as_ref().unwrap();
    assert_eq!(
        link.object_id, "alice",
        "seen as linked before anything is written"
    );
    assert!(
        world.sync(&wanted, "1").unwrap().is_empty(),
        "there is nothing left to do"
    );
    let entry = &world.journal()[0];
    assert_eq!(
        (entry.effect.as_str(), entry.run.as_deref()),
        ("create", Some("run"))
    );
    world.check(&wanted, "recovered");
}

#[test]
fn somebody_whose_record_may_be_there_gets_no_second_one_while_the_service_does_not_show_it() {
    let mut profile = profile();
    profile.capabilities.settles_after_ms = 5_000;
    profile.capabilities.find_by.match_key = false;
    let world = World::new(profile, 1);
    world.store().lookup(query(std::iter::empty())).unwrap();
    let wanted = Directory::from([("alice".to_owned(), there("alice", "A", &[]))]);
    world.life.ends_after(2);
    assert!(world.sync(&wanted, "1").is_err());
    world.life.begin_again();
    let outcomes = world.sync(&wanted, "1").unwrap();
    assert_eq!(outcomes, [Outcome::Other("unknown".to_owned())]);
    assert_eq!(world.records_at("alice").len(), 1);
    world.clock.pass(5_000);
    assert!(world.sync(&wanted, "1").unwrap().is_empty());
    world.check(&wanted, "settled");
}
