//! Cards made, each once.

use std::time::Duration;

use destination_kit::destination::{Destination as _, Draft, Failure, Key};
use destination_kit::{MOST_AT_ONCE, drive};
use guest_kit::Clock as _;

use crate::servers::book::{Book, FAKES, stranger};
use crate::servers::fake::Manner;
use crate::world::{Trouble, World, field, one, person, refused, tie, user};

#[test]
fn a_card_is_made_with_all_that_a_draft_has_and_read_back_as_the_server_keeps_it() {
    for book in FAKES {
        let world = World::of(book());
        let mut draft = person(1);
        draft
            .fields
            .push(("Cost; centre".to_owned(), "1,7".to_owned()));
        draft
            .fields
            .push(("family_name".to_owned(), "Röa".to_owned()));
        draft.lists = vec!["sales".to_owned()];
        draft.active = false;
        let record = world
            .create(std::slice::from_ref(&draft))
            .pop()
            .unwrap()
            .unwrap();
        assert_eq!(record.tie, Some(tie(1)));
        assert_eq!(record.active, Some(false));
        assert_eq!(record.lists, Some(vec!["sales".to_owned()]));
        let mut fields = draft.fields.clone();
        fields.sort();
        assert_eq!(record.fields, fields);
        assert_eq!(world.fetch(&record.id), Some(record.clone()));
        let card = world.book.card(&record.id).unwrap();
        for line in [
            "FN:Person 1",
            "N:Röa;;;;",
            "EMAIL;TYPE=INTERNET,WORK,PREF:person1@contoso.example",
            "TEL;TYPE=CELL:+447700900001",
            "ORG:Contoso\\, Ltd",
            "CATEGORIES:sales",
            &format!("X-ENTRA-OBJECT-ID:{} {}", user(1), crate::world::SOURCE),
            "X-ENTRA-INACTIVE:TRUE",
            "X-COST-CENTRE;X-LABEL=\"Cost; centre\":1\\,7",
        ] {
            assert!(card.contains(&format!("\r\n{line}\r\n")), "{line}: {card}");
        }
    }
}

#[test]
fn many_cards_are_read_back_by_one_request() {
    let world = World::of(Book::fake(Manner::Radicale));
    let drafts: Vec<Draft> = (1..=25).map(person).collect();
    assert!(world.create(&drafts).iter().all(Result::is_ok));
    assert_eq!(
        (
            world.asked("PUT"),
            world.asked("REPORT"),
            world.asked("GET")
        ),
        (25, 1, 0)
    );
}

#[test]
fn a_draft_that_was_made_already_is_answered_with_its_card() {
    for book in FAKES {
        let world = World::of(book());
        let first = world.create(&[person(1)]);
        let second = world.create(&[person(1)]);
        assert_eq!(first, second);
        assert_eq!(world.created(&person(1)).as_ref(), first[0].as_ref().ok());
        assert_eq!(world.created(&person(2)), None);
        assert_eq!(world.book.names().len(), 1);
    }
}

#[test]
fn whoever_is_made_again_after_a_deletion_is_another_card() {
    let world = World::of(Book::fake(Manner::Radicale));
    let first = world.create(&[person(1)]).pop().unwrap().unwrap();
    let mut later = person(1);
    later.decided_at_ms += 1;
    let second = world.create(&[later]).pop().unwrap().unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn a_record_that_is_nobodys_is_known_by_what_it_holds() {
    let world = World::of(Book::fake(Manner::Xandikos));
    let draft = Draft {
        tie: None,
        ..person(1)
    };
    let record = world
        .create(std::slice::from_ref(&draft))
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!(record.tie, None);
    assert_eq!(world.created(&draft), Some(record));
}

#[test]
fn a_lost_answer_makes_nobody_twice() {
    for book in FAKES {
        let world = World::of(book());
        world.trouble.set(Trouble {
            lost_after: 60,
            lost_before: 20,
            ..Trouble::default()
        });
        let drafts: Vec<Draft> = (1..=25).map(person).collect();
        let mut made = world.create(&drafts);
        world.trouble.set(Trouble::default());
        for (draft, attempt) in drafts.iter().zip(&mut made) {
            match attempt {
                Ok(record) => assert_eq!(field(record, "full_name"), Some(&*draft.fields[0].1)),
                Err(Failure::Unknown(_) | Failure::Unusable(_)) => {}
                Err(failure) => panic!("{failure:?}"),
            }
        }
        let rest: Vec<_> = drafts
            .iter()
            .filter(|draft| world.created(draft).is_none())
            .cloned()
            .collect();
        assert!(world.create(&rest).iter().all(Result::is_ok));
        assert_eq!(world.book.names().len(), 25);
    }
}

#[test]
fn a_card_that_the_server_does_not_take_is_refused_whichever_status_says_so() {
    for book in FAKES {
        let world = World::of(book());
        let mut draft = person(1);
        draft.fields.retain(|(name, _)| name != "full_name");
        refused(world.create(&[draft]).pop().unwrap(), "card-refused");
        assert_eq!(world.book.names(), [""; 0]);
    }
}

#[test]
fn a_card_of_somebody_else_under_the_same_name_or_uid_is_left_alone() {
    let world = World::of(Book::fake(Manner::Radicale));
    let record = world.create(&[person(1)]).pop().unwrap().unwrap();
    let uid = record.id.strip_suffix(".vcf").unwrap();
    world.book.remove(&record.id);
    let theirs = stranger("another", &["NOTE:theirs"]);
    world.book.save(&record.id, &theirs);
    refused(world.create(&[person(1)]).pop().unwrap(), "duplicate");
    assert_eq!(world.created(&person(1)), None);
    world.book.remove(&record.id);
    world
        .book
        .save("moved.vcf", &stranger(uid, &["NOTE:moved"]));
    refused(world.create(&[person(1)]).pop().unwrap(), "duplicate");
    assert_eq!(world.book.names(), ["moved.vcf"]);
}

#[test]
fn what_no_card_can_carry_is_refused_before_anything_is_sent() {
    let world = World::of(Book::fake(Manner::Radicale));
    let mut draft = person(1);
    draft
        .fields
        .push(("job_title".to_owned(), "a\u{1}".to_owned()));
    refused(world.create(&[draft]).pop().unwrap(), "invalid-characters");
    assert_eq!(world.writes(), 0);
}

#[test]
fn ten_thousand_cards_take_little_more_than_so_many_requests_side_by_side() {
    const CARDS: u32 = 10_000;
    let world = World::of(Book::fake(Manner::Xandikos));
    world.latency.set(Duration::from_millis(50));
    let destination = world.destination();
    let capabilities = one(&destination, destination.probe()).unwrap();
    let drafts: Vec<Draft> = (1..=CARDS).map(person).collect();
    let began = world.clock.elapsed();
    let batches = drafts.chunks(capabilities.batch.create);
    let tasks = batches.map(|batch| destination.create(batch));
    let made = drive::all(&destination, capabilities.width, tasks).unwrap();
    assert!(made.iter().flatten().all(Result::is_ok));
    let took = world.clock.elapsed() - began;
    let side_by_side = u32::try_from(MOST_AT_ONCE).unwrap();
    let limit = Duration::from_millis(50) * CARDS / side_by_side;
    println!(
        "{took:?}, {:.2} times the limit",
        took.as_secs_f64() / limit.as_secs_f64()
    );
    assert!(took < limit.mul_f64(1.3), "{took:?} of {limit:?}");
    // And all of them are read in pages.
    let began = world.clock.elapsed();
    let address = Key::MatchKey("person77@contoso.example".to_owned());
    let found = one(&destination, destination.find(&[address])).unwrap();
    assert_eq!(found.len(), 1);
    println!("{:?} to find one of them", world.clock.elapsed() - began);
}
