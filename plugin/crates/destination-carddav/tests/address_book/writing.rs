//! Cards written, among everything that somebody else has put there.

use std::sync::{Arc, Mutex};

use destination_kit::destination::{Destination as _, Doomed, Failure, Guard, Record};

use crate::servers::book::{Book, FAKES, stranger};
use crate::servers::fake::{Fake, Manner};
use crate::world::{Trouble, World, field, one, patch, person, refused, tie};

fn made(world: &World) -> Record {
    world.create(&[person(1)]).pop().unwrap().unwrap()
}

fn fake(change: impl FnOnce(&mut Fake)) -> World {
    let mut fake = Fake::new(Manner::Radicale);
    change(&mut fake);
    World::of(Book::Fake(Arc::new(Mutex::new(fake))))
}

#[test]
fn a_photograph_and_a_note_and_what_nobody_knows_stay_through_our_update() {
    for book in FAKES {
        let world = World::of(book());
        let id = made(&world).id;
        let photo = format!("PHOTO;ENCODING=b;TYPE=JPEG:{}", "QUJD".repeat(400));
        world.book.edit(&id, |lines| {
            lines.insert(3, photo.clone());
            lines.insert(4, "item1.TEL;TYPE=HOME:+1 425 555 0100".to_owned());
            lines.insert(5, "item1.X-ABLABEL:Boat".to_owned());
            lines.insert(6, "NOTE:met at the fair\\, likes; tea".to_owned());
            lines.insert(7, "X-SOMETHING;X-P=\"a;b\":c\\,d".to_owned());
        });
        let before = world.book.card(&id).unwrap();
        let record = world.fetch(&id).unwrap();
        let change = [
            ("email", Some("new@contoso.example")),
            ("job_title", Some("Head")),
            ("mobile_phone", None),
        ];
        let written = world.write(&patch(&record, &change)).unwrap();
        for (name, value) in change {
            assert_eq!(field(&written, name), value, "{name}");
        }
        let after = world.book.card(&id).unwrap();
        let ours = ["EMAIL;", "TITLE:", "TEL;TYPE=CELL"];
        let is_theirs = |line: &&str| !ours.iter().any(|ours| line.starts_with(ours));
        let theirs = |card: &str| -> Vec<String> {
            card.split("\r\n")
                .filter(is_theirs)
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(theirs(&after), theirs(&before));
        assert!(after.contains(&photo));
    }
}

#[test]
fn a_short_card_is_written_without_a_look_and_a_long_one_after_one() {
    let world = World::of(Book::fake(Manner::Xandikos));
    let record = made(&world);
    let reports = world.asked("REPORT");
    let record = world
        .write(&patch(&record, &[("job_title", Some("Head"))]))
        .unwrap();
    assert_eq!(world.asked("REPORT") - reports, 1, "it is read back");
    world.book.edit(&record.id, |lines| {
        lines.insert(3, format!("PHOTO:{}", "A".repeat(20_000)));
    });
    let record = world.fetch(&record.id).unwrap();
    assert!(record.native.is_empty());
    let reports = world.asked("REPORT");
    let written = world
        .write(&patch(&record, &[("job_title", None)]))
        .unwrap();
    assert_eq!(field(&written, "job_title"), None);
    assert_eq!(world.asked("REPORT") - reports, 2);
    assert!(
        world
            .book
            .card(&record.id)
            .unwrap()
            .contains(&"A".repeat(20_000))
    );
    // And one that somebody has written since is not.
    world
        .book
        .edit(&record.id, |lines| lines.insert(3, "NOTE:x".to_owned()));
    let late = world.write(&patch(&written, &[("job_title", Some("x"))]));
    assert_eq!(late, Err(Failure::Changed));
}

#[test]
fn a_change_of_somebody_else_is_never_overwritten() {
    for book in FAKES {
        let world = World::of(book());
        let record = made(&world);
        world.book.edit(&record.id, |lines| {
            lines.insert(3, "NOTE:theirs".to_owned())
        });
        let change = patch(&record, &[("job_title", Some("Head"))]);
        assert_eq!(world.write(&change), Err(Failure::Changed));
        assert!(!world.book.card(&record.id).unwrap().contains("TITLE"));
        world.book.remove(&record.id);
        assert_eq!(world.write(&change), Err(Failure::Gone));
    }
}

#[test]
fn a_lost_answer_to_a_write_is_found_out_by_a_look() {
    for book in FAKES {
        let world = World::of(book());
        let mut record = made(&world);
        world.trouble.set(Trouble {
            lost_after: 70,
            ..Trouble::default()
        });
        for number in 0..30 {
            let title = format!("Title {number}");
            match world.write(&patch(&record, &[("job_title", Some(&title))])) {
                Ok(written) => assert_eq!(field(&written, "job_title"), Some(&*title)),
                Err(failure) => assert!(
                    matches!(failure, Failure::Unknown(_) | Failure::Unusable(_)),
                    "{failure:?}"
                ),
            }
            world.trouble.set(Trouble::default());
            record = world.fetch(&record.id).unwrap();
            assert_eq!(
                field(&record, "job_title"),
                Some(&*title),
                "nothing else can have happened"
            );
            world.trouble.set(Trouble {
                lost_after: 70,
                ..Trouble::default()
            });
        }
    }
}

#[test]
fn link_and_activity_are_written_and_what_is_as_it_should_be_is_not_sent() {
    let world = World::of(Book::fake(Manner::Radicale));
    let record = made(&world);
    let mut change = patch(&record, &[]);
    change.tie = Some(Some(tie(2)));
    change.active = Some(false);
    let written = world.write(&change).unwrap();
    assert_eq!((written.tie, written.active), (Some(tie(2)), Some(false)));
    let record = world.fetch(&record.id).unwrap();
    let writes = world.writes();
    let same = world.write(&patch(&record, &[("full_name", Some("Person 1"))]));
    assert_eq!(same, Ok(record.clone()));
    assert_eq!(world.writes(), writes);
    let mut back = patch(&record, &[]);
    back.tie = Some(None);
    back.active = Some(true);
    let written = world.write(&back).unwrap();
    assert_eq!((written.tie, written.active), (None, Some(true)));
    assert!(!world.book.card(&record.id).unwrap().contains("X-ENTRA"));
}

#[test]
fn weak_tags_of_a_proxy_are_sent_in_the_strong_form() {
    let world = fake(|fake| {
        fake.is_behind_a_proxy = true;
        fake.is_terse = true;
    });
    let record = made(&world);
    assert!(
        world.asked("GET") > 0,
        "a report that says nothing is asked no more"
    );
    let written = world
        .write(&patch(&record, &[("job_title", Some("Head"))]))
        .unwrap();
    assert_eq!(field(&written, "job_title"), Some("Head"));
    assert_eq!(world.fetch("nobody.vcf"), None);
}

#[test]
fn a_card_that_is_no_vcard_is_told_and_left_alone() {
    let world = World::of(Book::fake(Manner::Xandikos));
    let old = stranger("1", &["NOTE:old"]).replace("3.0", "2.1");
    world.book.save("old.vcf", &old);
    let record = world.fetch("old.vcf").unwrap();
    assert_eq!(record.fields, []);
    refused(
        world.write(&patch(&record, &[("full_name", Some("x"))])),
        "card-unreadable",
    );
    assert_eq!(world.scanned(), [], "nobody can be matched with it");
    assert_eq!(world.book.card("old.vcf"), Some(old));
}

#[test]
fn a_card_is_deleted_only_as_it_was_read() {
    for book in FAKES {
        let world = World::of(book());
        let record = made(&world);
        let delete = |guard: &Option<Guard>| {
            let destination = world.destination();
            let doomed = [Doomed {
                id: record.id.clone(),
                guard: guard.clone(),
            }];
            one(&destination, destination.delete(&doomed))
                .pop()
                .unwrap()
        };
        world.book.edit(&record.id, |lines| {
            lines.insert(3, "NOTE:theirs".to_owned())
        });
        assert_eq!(delete(&record.guard), Err(Failure::Changed));
        let now = world.fetch(&record.id).unwrap();
        assert_eq!(delete(&now.guard), Ok(()));
        assert_eq!(delete(&now.guard), Err(Failure::Gone));
    }
}

#[test]
fn a_page_that_would_be_too_long_is_read_in_halves() {
    let world = World::of(Book::fake(Manner::Xandikos));
    for number in 0..40 {
        let photo = format!("PHOTO:{}", "A".repeat(10_000));
        let uid = number.to_string();
        world
            .book
            .save(&format!("{number:02}.vcf"), &stranger(&uid, &[&photo]));
    }
    world.longest.set(100_000);
    assert_eq!(world.scanned().len(), 40);
    world.longest.set(5_000);
    let destination = world.destination();
    let ids = ["01.vcf".to_owned()];
    let read = one(&destination, destination.fetch(&ids));
    assert!(read.is_err());
    let error = one(&destination, destination.scan(None)).unwrap_err();
    assert!(error.to_string().contains("divide it"), "{error}");
}
