//! Contacts in an address book: Radicale as it is published, and Xandikos where the two differ.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, Ended, document, until, warm_destination};
use crate::address_books::book::{Book, PASSWORD, USER, stranger};
use crate::address_books::live::Server;
use crate::world::{object_id, person, person_with};

/// A desk whose contacts are kept in an address book.
struct Office {
    desk: Desk,
    book: Book,
}

impl Office {
    /// `None` where there is no Python to run the server.
    async fn at(server: Server, users: Vec<Value>) -> Option<Self> {
        let book = server.book()?;
        let desk = Desk::with(users).await;
        warm_destination(&desk.path("data"), "carddav");
        let office = Self { desk, book };
        fs::write(office.desk.path("password.txt"), PASSWORD).unwrap();
        office.configure(&office.book.address());
        Some(office)
    }

    /// Everybody is connected and synced once.
    async fn synced(server: Server, users: Vec<Value>) -> Option<Self> {
        let office = Self::at(server, users).await?;
        office.connect().with(0);
        office.sync();
        Some(office)
    }

    /// Writes the configuration of the README, with this address.
    fn configure(&self, addressbook: &str) {
        let emulator = &self.desk.emulator;
        let sync = json!({
            "disabled": "deactivate",
            "mapping": {
                "displayName": "full_name", "givenName": "given_name", "surname": "family_name", "mail": "email",
                "mobilePhone": { "field": "mobile_phone", "mandatory": false }, "department": "group", "jobTitle": "job_title",
            },
        });
        let mut document = document(&emulator.login_url(), &emulator.graph_url(), sync);
        document["sync"]["target"] = json!({
            "name": "carddav", "addressbook": addressbook, "user": USER, "secret": "book-password",
        });
        fs::write(self.desk.path("connector.json"), document.to_string()).unwrap();
    }

    fn connect(&self) -> Ended {
        self.run(&[
            "connect",
            "connector.json",
            "--secret",
            "client-secret=@secret.txt",
            "--secret",
            "book-password=@password.txt",
        ])
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let ended = self.desk.run(arguments);
        let said = [&ended.out, &ended.err];
        assert!(
            said.iter().all(|said| !said.contains(PASSWORD)),
            "{ended:#?}"
        );
        ended
    }

    #[track_caller]
    fn sync(&self) -> [u64; 3] {
        changes(&self.run(&["sync", "--json"]).with(0).json())
    }

    /// The card of somebody with this name: its own name, and its text.
    fn card(&self, full_name: &str) -> (String, String) {
        let line = format!("\r\nFN:{full_name}\r\n");
        let mut cards = self.book.cards().into_iter();
        cards
            .find(|(_, card)| card.contains(&line))
            .expect("a card")
    }
}

fn changes(run: &Value) -> [u64; 3] {
    ["created", "updated", "removed"].map(|count| run[count].as_u64().unwrap())
}

fn team() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Adams"),
        person_with(2, "Ben", "Brown", json!({ "department": "Support" })),
        person_with(3, "Dan", "Davis", json!({ "mobilePhone": null })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_into_the_address_book_and_a_second_sync_writes_nothing() {
    for server in [Server::Radicale, Server::Xandikos] {
        let Some(office) = Office::at(server, team()).await else {
            return;
        };
        office
            .connect()
            .with(0)
            .saying("destination: CardDAV answers. A contact there needs: Full name.")
            .saying("CardDAV: A list is a category.");
        let plan = office.run(&["plan", "--json"]).with(0).json();
        assert_eq!(plan["counts"]["create"], 3, "{plan:#}");
        assert_eq!(office.book.names().len(), 0, "a plan writes nothing");
        assert_eq!(office.sync(), [3, 0, 0]);
        let (_, zoe) = office.card("Zoe Adams");
        for line in [
            "N:Adams;Zoe;;;",
            "EMAIL;TYPE=INTERNET,WORK,PREF:zoe.adams@contoso.example",
            "X-ENTRA-GROUP:Sales",
            "CATEGORIES:Sales",
        ] {
            assert!(zoe.contains(&format!("\r\n{line}\r\n")), "{line}: {zoe}");
        }
        let cards = office.book.cards();
        assert_eq!(office.sync(), [0, 0, 0]);
        let full = office.run(&["sync", "--full", "--json"]).with(0).json();
        assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
        assert_eq!(office.book.cards(), cards, "a second sync writes nothing");
        let known = office.run(&["explain", "zoe.adams@contoso.example", "--json"]);
        assert_eq!(known.with(0).json()[0]["objectId"], object_id(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_and_a_note_stay_through_an_update_and_a_leaver_goes_by_what_was_decided() {
    for server in [Server::Radicale, Server::Xandikos] {
        let Some(office) = Office::synced(server, team()).await else {
            return;
        };
        let (name, _) = office.card("Zoe Adams");
        let photo = format!("PHOTO;ENCODING=b;TYPE=JPEG:{}", "QUJD".repeat(5_000));
        office.book.edit(&name, |lines| {
            lines.insert(3, photo.clone());
            lines.insert(4, "NOTE:met at the fair".to_owned());
        });
        office
            .book
            .save("theirs.vcf", &stranger("theirs", &["NOTE:nobody of ours"]));
        let theirs = office.book.card("theirs.vcf");
        let directory = office.desk.emulator.control();
        let married =
            json!({ "displayName": "Zoe Archer", "surname": "Archer", "department": "Support" });
        directory.edit_user(&object_id(1), married).unwrap();
        assert_eq!(office.sync(), [0, 1, 0]);
        let (same, zoe) = office.card("Zoe Archer");
        assert_eq!(same, name);
        for line in [
            &*photo,
            "NOTE:met at the fair",
            "N:Archer;Zoe;;;",
            "CATEGORIES:Support",
        ] {
            assert!(zoe.contains(&format!("\r\n{line}\r\n")), "{line}: {zoe}");
        }
        // She leaves: the categories of the connector go, and the card stays.
        directory.disable_user(&object_id(1)).unwrap();
        assert_eq!(office.sync(), [0, 0, 1]);
        let (_, zoe) = office.card("Zoe Archer");
        assert!(
            !zoe.contains("CATEGORIES") && zoe.contains("X-ENTRA-INACTIVE:TRUE"),
            "{zoe}"
        );
        assert!(zoe.contains(&photo));
        assert_eq!(office.book.card("theirs.vcf"), theirs);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_brought_into_the_address_book_is_taken_back_by_its_plan() {
    let Some(office) = Office::at(Server::Radicale, team()).await else {
        return;
    };
    office.connect().with(0);
    let run = office.run(&["sync", "--json"]).with(0).json();
    let run = run["runId"].as_str().unwrap();
    let planned = office.run(&["undo", run, "--json"]).with(0).json();
    assert_eq!(planned["counts"]["delete"], 3, "{planned:#}");
    assert_eq!(office.book.names().len(), 3, "a plan takes nothing away");
    let digest = planned["digest"].as_str().unwrap();
    let undone = office.run(&["undo", run, "--approve", digest, "--json"]);
    assert_eq!(changes(&undone.with(0).json()), [0, 0, 3]);
    assert_eq!(office.book.names().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_wrong_address_are_told_before_anything_is_saved() {
    let Some(office) = Office::at(Server::Radicale, team()).await else {
        return;
    };
    fs::write(office.desk.path("password.txt"), "a guess").unwrap();
    office
        .connect()
        .with(1)
        .saying("the CardDAV server does not accept the user with this secret");
    fs::write(office.desk.path("password.txt"), PASSWORD).unwrap();
    let address = office.book.address();
    let user = &address[..address.trim_end_matches('/').rfind('/').unwrap()];
    office.configure(user);
    office
        .connect()
        .with(1)
        .saying("this is the address of a user");
    office.configure(&format!("{address}nothing/"));
    office
        .connect()
        .with(1)
        .saying("there is nothing at the address");
    office.configure("http://10.0.0.1/book/");
    office
        .connect()
        .with(1)
        .saying("/sync/target/addressbook: ");
    office
        .run(&["sync"])
        .with(1)
        .saying("run `connect CONFIG.json` first");
    assert_eq!(office.book.names().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_its_requests_leaves_nobody_twice_and_nobody_out() {
    let everybody = (1..=200).map(|id| person(id, "Given", &format!("Number{id}")));
    let Some(office) = Office::at(Server::Radicale, everybody.collect()).await else {
        return;
    };
    office.connect().with(0);
    let mut sync = office
        .desk
        .command(&["sync"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("somebody was made", || office.book.names().len() > 2);
    sync.kill().unwrap();
    sync.wait().unwrap();
    let made = office.book.names().len();
    assert!((3..200).contains(&made), "{made}");
    // What was still under way is believed to have come to its end after two seconds, by the clock.
    tokio::time::sleep(Duration::from_secs(3)).await;
    until("everybody was written", || {
        let run = office.run(&["sync", "--json"]).with(0).json();
        run["failed"] == 0
    });
    assert_eq!(office.book.names().len(), 200);
    let full = office.run(&["sync", "--full", "--json"]).with(0).json();
    assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
    assert_eq!(full["unchanged"], 200);
}
