//! Categories as lists.

use destination_kit::destination::{Destination as _, Draft, Failure, RemoteList};

use crate::servers::book::{Book, FAKES, stranger};
use crate::servers::fake::Manner;
use crate::world::{World, one, person};

#[test]
fn a_list_is_spelt_as_it_is_on_cards_and_is_there_with_the_first_who_joins() {
    for book in FAKES {
        let world = World::of(book());
        world
            .book
            .save("a.vcf", &stranger("1", &["CATEGORIES:Friends,SALES"]));
        let id = world.create(&[person(1)]).pop().unwrap().unwrap().id;
        let destination = world.destination();
        let list = |name: &str| one(&destination, destination.make_list(name, "")).unwrap();
        let sales = list("sales");
        assert_eq!(
            sales,
            RemoteList {
                id: "sales".to_owned(),
                name: "SALES".to_owned()
            }
        );
        let east = list("Sales, East");
        assert_eq!(east.name, "Sales, East");
        let add = [id.clone()];
        for list in [&sales, &east, &sales] {
            one(&destination, destination.membership(&list.id, &add, &[])).unwrap();
        }
        assert!(
            world
                .book
                .card(&id)
                .unwrap()
                .contains("\r\nCATEGORIES:SALES,Sales\\, East\r\n")
        );
        let lists = world.fetch(&id).unwrap().lists;
        assert_eq!(
            lists,
            Some(vec!["sales".to_owned(), "sales, east".to_owned()])
        );
        one(&destination, destination.membership(&sales.id, &[], &add)).unwrap();
        one(&destination, destination.membership(&sales.id, &[], &add)).unwrap();
        assert!(
            world
                .book
                .card(&id)
                .unwrap()
                .contains("\r\nCATEGORIES:Sales\\, East\r\n")
        );
        let gone = ["nobody.vcf".to_owned()];
        let joined = one(&destination, destination.membership(&sales.id, &gone, &[]));
        assert_eq!(joined, Err(Failure::Gone));
    }
}

#[test]
fn lists_that_are_remembered_cost_no_look_at_every_card() {
    let world = World::of(Book::fake(Manner::Radicale));
    let record = world.create(&[person(1)]).pop().unwrap().unwrap();
    let destination = world.destination();
    destination.recall_lists(vec![RemoteList {
        id: "sales".to_owned(),
        name: "Sales".to_owned(),
    }]);
    one(
        &destination,
        destination.membership(&"sales".to_owned(), std::slice::from_ref(&record.id), &[]),
    )
    .unwrap();
    assert_eq!(world.asked("PROPFIND"), 0);
    assert!(
        world
            .book
            .card(&record.id)
            .unwrap()
            .contains("CATEGORIES:Sales")
    );
}

#[test]
fn a_list_is_spelt_anew_on_every_card_of_ours_that_is_on_it() {
    let world = World::of(Book::fake(Manner::Xandikos));
    let on = |number, list: &str| Draft {
        lists: vec![list.to_owned()],
        ..person(number)
    };
    let drafts = [on(1, "sales"), on(2, "sales"), on(3, "other")];
    assert!(world.create(&drafts).iter().all(Result::is_ok));
    let theirs = stranger("9", &["CATEGORIES:sales"]);
    world.book.save("theirs.vcf", &theirs);
    let writes = world.writes();
    let destination = world.destination();
    one(
        &destination,
        destination.rename_list(&"sales".to_owned(), "Sales"),
    )
    .unwrap();
    let cards = world.book.cards();
    let renamed = cards
        .iter()
        .filter(|(_, card)| card.contains("CATEGORIES:Sales\r\n"));
    assert_eq!((renamed.count(), world.writes() - writes), (2, 2));
    assert_eq!(world.book.card("theirs.vcf"), Some(theirs));
    let lists = one(&destination, destination.lists()).unwrap();
    assert_eq!(lists.len(), 2);
}

#[test]
fn groups_that_are_cards_are_no_contacts_and_left_alone() {
    let world = World::of(Book::fake(Manner::Radicale));
    world.book.save(
        "g3.vcf",
        &stranger("1", &["X-ADDRESSBOOKSERVER-KIND:group"]),
    );
    let four = stranger("2", &["KIND:group", "MEMBER:urn:uuid:1"]).replace("3.0", "4.0");
    world.book.save("g4.vcf", &four);
    world
        .book
        .save("p.vcf", &stranger("3", &["KIND:individual"]));
    let scanned = world.scanned();
    let ids: Vec<_> = scanned.iter().map(|record| &*record.id).collect();
    assert_eq!(ids, ["p.vcf"]);
}

#[test]
fn every_contact_is_on_one_page() {
    let world = World::of(Book::fake(Manner::Xandikos));
    for number in 0..250 {
        let card = stranger(&number.to_string(), &["NOTE:x"]);
        world.book.save(&format!("{number:03}.vcf"), &card);
    }
    assert_eq!(world.scanned().len(), 250);
    assert_eq!((world.asked("PROPFIND"), world.asked("REPORT")), (1, 3));
}
