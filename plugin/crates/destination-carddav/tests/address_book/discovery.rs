//! What is at the address, said before anything is written.

use destination_kit::destination::DestinationError;

use crate::servers::book::{Book, FAKES};
use crate::servers::fake::{Fake, Manner};
use crate::world::{World, person};

fn told(change: impl FnOnce(&mut Fake)) -> Result<(), DestinationError> {
    let mut fake = Fake::new(Manner::Radicale);
    change(&mut fake);
    let book = Book::Fake(std::sync::Arc::new(std::sync::Mutex::new(fake)));
    World::of(book).probe().map(drop)
}

#[track_caller]
fn says(told: Result<(), DestinationError>, words: &str) {
    let error = told.expect_err("it cannot be used");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn an_address_book_that_may_be_written_to_will_do() {
    for book in FAKES {
        assert!(World::of(book()).probe().is_ok());
    }
    assert_eq!(
        told(|fake| fake.privileges = "<D:privilege><D:write-content/></D:privilege>"),
        Ok(())
    );
}

#[test]
fn whatever_else_is_there_is_told_by_what_it_is() {
    says(
        told(|fake| fake.kinds = "<D:collection/>"),
        "this is a folder and no address book",
    );
    says(
        told(|fake| fake.kinds = "<D:principal/><D:collection/>"),
        "this is the address of a user",
    );
    says(
        told(|fake| {
            fake.kinds = "<D:collection/><c:calendar xmlns:c=\"urn:ietf:params:xml:ns:caldav\"/>"
        }),
        "this is the address of a calendar",
    );
    says(told(|fake| fake.kinds = ""), "not that of a card in it");
    says(
        told(|fake| fake.kinds = "<D:collection/><x:addressbook xmlns:x=\"urn:x\"/>"),
        "this is a folder and no address book",
    );
    says(
        told(|fake| fake.privileges = "<D:privilege><D:read/></D:privilege>"),
        "this user may read the address book, and not write to it",
    );
}

#[test]
fn each_refusal_of_the_server_is_told_with_what_helps() {
    for (status, words) in [
        (301, "write that one"),
        (308, "write that one"),
        (401, "does not accept the user with this secret"),
        (403, "this user may not do this"),
        (404, "there is nothing at the address"),
        (405, "does not speak CardDAV"),
        (200, "an answer that is no WebDAV document"),
        (429, "more patience"),
        (503, "it does not answer"),
        (507, "no room left"),
    ] {
        says(told(|fake| fake.status = Some(status)), words);
    }
}

#[test]
fn a_wrong_password_is_no_reason_to_write_anything() {
    let world = World::of(Book::fake(Manner::Radicale));
    world.password.set("a guess");
    says(world.probe().map(drop), "does not accept the user");
    assert!(world.create(&[person(1)])[0].is_err());
    assert_eq!(world.book.names(), [""; 0]);
}

#[test]
fn cards_are_of_version_3_unless_the_server_takes_others_alone() {
    for (versions, expected) in [
        ("", "VERSION:3.0"),
        ("<C:address-data-type/>", "VERSION:3.0"),
        (
            "<C:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>\
             <C:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>",
            "VERSION:3.0",
        ),
        (
            "<C:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>\
             <C:address-data-type content-type=\"application/json\" version=\"3.0\"/>",
            "VERSION:4.0",
        ),
    ] {
        let mut fake = Fake::new(Manner::Xandikos);
        fake.versions = versions;
        let world = World::of(Book::Fake(std::sync::Arc::new(std::sync::Mutex::new(fake))));
        let destination = world.destination();
        use destination_kit::destination::Destination as _;
        crate::world::one(&destination, destination.probe()).unwrap();
        let drafts = [person(1)];
        let made = crate::world::one(&destination, destination.create(&drafts));
        let card = world.book.card(&made[0].as_ref().unwrap().id).unwrap();
        assert!(card.contains(expected), "{versions}: {card}");
    }
}
