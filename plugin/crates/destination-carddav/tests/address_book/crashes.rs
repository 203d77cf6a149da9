//! Killed before and after each of the requests that write: the next syncs find out what was done and do the rest,
//! and the address book is as if nothing had happened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use destination_kit::testing::{Life, MemoryLedger};

use crate::office::{Person, Team, settle, sync};
use crate::servers::book::{Book, FAKES, stranger};
use crate::servers::live::Server;
use crate::world::{Killed, World};

const EVER: u32 = 9;

fn before() -> Team {
    (1..=4)
        .map(|number| (number, Person::new(number, "Sales")))
        .collect()
}

/// One is deleted, one moves, one is emptied of a value, and five are new.
fn after() -> Team {
    let mut team = before();
    team.remove(&3);
    team.insert(1, Person::new(1, "Support"));
    let second = team.get_mut(&2).unwrap();
    second
        .fields
        .insert("job_title", "Head, of; all".to_owned());
    second.fields.remove("department");
    team.extend((5..=9).map(|number| (number, Person::new(number, "Support"))));
    team
}

/// The cards, without what differs from one life to the next: names and identifiers.
fn told(book: &Book) -> Vec<String> {
    let card = |card: String| {
        let mut lines: Vec<_> = card
            .split("\r\n")
            .filter(|line| !line.starts_with("UID:"))
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    let mut cards: Vec<_> = book
        .cards()
        .into_iter()
        .map(|(_, text)| card(text))
        .collect();
    cards.sort();
    cards
}

/// Somebody's cards, and ours as they were.
fn begin(book: Book) -> (World, MemoryLedger) {
    let world = World::of(book);
    world.book.save(
        "s.vcf",
        &stranger("s", &["CATEGORIES:Friends", "NOTE:theirs"]),
    );
    let ledger = MemoryLedger::of(&Life::default());
    settle(&world, &ledger, &before(), EVER);
    let first = world
        .book
        .names()
        .into_iter()
        .find(|name| name != "s.vcf")
        .unwrap();
    world.book.edit(&first, |lines| {
        lines.insert(3, "NOTE:theirs, too".to_owned())
    });
    (world, ledger)
}

fn matrix(book: impl Fn() -> Book) -> u32 {
    let (world, ledger) = begin(book());
    let writes = world.writes();
    settle(&world, &ledger, &after(), EVER);
    let whole = told(&world.book);
    let writes = world.writes() - writes;
    assert!(writes >= 9, "{writes}");
    let mut killed = 0;
    for point in 0..writes {
        for when in [Killed::BeforeWrite(point), Killed::AfterWrite(point)] {
            let (world, ledger) = begin(book());
            world.killed.set(Some(when));
            let ended = catch_unwind(AssertUnwindSafe(|| sync(&world, &ledger, &after(), EVER)));
            assert!(ended.is_err(), "{when:?}");
            killed += 1;
            world.killed.set(None);
            settle(&world, &ledger, &after(), EVER);
            assert_eq!(told(&world.book), whole, "{when:?}");
            let writes = world.writes();
            settle(&world, &ledger, &after(), EVER);
            assert_eq!(world.writes(), writes, "a second sync writes nothing");
        }
    }
    killed
}

#[test]
fn whoever_is_killed_at_any_request_leaves_nobody_twice_and_nobody_out() {
    for book in FAKES {
        println!("{} points", matrix(book));
    }
}

#[test]
fn the_same_holds_at_a_radicale() {
    if Server::Radicale.book().is_some() {
        println!("{} points", matrix(|| Server::Radicale.book().unwrap()));
    }
}

#[test]
fn the_same_holds_at_a_xandikos() {
    if Server::Xandikos.book().is_some() {
        println!("{} points", matrix(|| Server::Xandikos.book().unwrap()));
    }
}
