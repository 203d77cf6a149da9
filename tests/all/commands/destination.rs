//! Contacts that a service keeps: the document chooses a destination, and everything else stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;

use host_harness::component::DESTINATIONS;
use host_harness::messagemedia_emulator::{Credentials, Emulator, EmulatorOptions, Fault};
use serde_json::{Value, json};

use super::desk::{Desk, Ended, document, until, warm_destination};
use crate::world::{object_id, person, person_with};

/// The secret that the account accepts; it must never be seen again.
const SECRET: &str = "a-secret-of-this-account";

/// A desk whose contacts are kept by an account of MessageMedia.
struct Office {
    desk: Desk,
    account: Emulator,
}

impl Office {
    async fn with(users: Vec<Value>) -> Self {
        let desk = Desk::with(users).await;
        warm_destination(&desk.path("data"), "messagemedia");
        let credentials = Credentials {
            key: "key".to_owned(),
            secret: SECRET.to_owned(),
        };
        let account = Emulator::start(EmulatorOptions {
            credentials,
            ..EmulatorOptions::default()
        });
        let office = Self {
            desk,
            account: account.await.unwrap(),
        };
        fs::write(office.desk.path("account.txt"), SECRET).unwrap();
        office.configure(office.target());
        office
    }

    /// Everybody is connected and synced once.
    async fn synced(users: Vec<Value>) -> Self {
        let office = Self::with(users).await;
        office.connect().with(0);
        office.sync();
        office
    }

    fn target(&self) -> Value {
        json!({
            "name": "messagemedia", "server": self.account.url(), "key": "key", "secret": "account-secret",
        })
    }

    /// Writes the configuration of the README, with this target.
    fn configure(&self, target: Value) {
        let emulator = &self.desk.emulator;
        let sync = json!({
            "mapping": {
                "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email",
                "department": "group",
            },
            "filters": { "department": ["Sales", "Support"], "accountEnabled": true },
        });
        let mut document = document(&emulator.login_url(), &emulator.graph_url(), sync);
        document["sync"]["target"] = target;
        fs::write(self.desk.path("connector.json"), document.to_string()).unwrap();
    }

    fn connect(&self) -> Ended {
        self.connect_and(&[])
    }

    fn connect_and(&self, more: &[&str]) -> Ended {
        let mut arguments = vec![
            "connect",
            "connector.json",
            "--secret",
            "client-secret=@secret.txt",
            "--secret",
            "account-secret=@account.txt",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let ended = self.desk.run(arguments);
        let said = [&ended.out, &ended.err];
        assert!(said.iter().all(|said| !said.contains(SECRET)), "{ended:#?}");
        ended
    }

    #[track_caller]
    fn sync(&self) -> Value {
        self.run(&["sync", "--json"]).with(0).json()
    }

    /// The contacts of the account, by number.
    fn contacts(&self) -> BTreeMap<String, Value> {
        let contacts = self.account.control().contacts().into_iter();
        let by_number = |contact: Value| {
            let number = contact["channels"][0]["channelId"].as_str().unwrap();
            (number.to_owned(), contact)
        };
        contacts.map(by_number).collect()
    }

    fn contact(&self, number: &str) -> Value {
        self.contacts().remove(number).expect("a contact")
    }
}

/// The custom fields of a contact, by merge tag.
fn custom(contact: &Value) -> BTreeMap<&str, &str> {
    let fields = contact["customFields"].as_array().unwrap().iter();
    fields
        .map(|field| {
            let text = |name: &str| field[name].as_str().unwrap();
            (text("mergeTag"), text("value"))
        })
        .collect()
}

fn lists(contact: &Value) -> Vec<&str> {
    let lists = contact["lists"].as_array().unwrap().iter();
    lists.map(|list| list["name"].as_str().unwrap()).collect()
}

fn subscription(contact: &Value) -> &str {
    contact["channels"][0]["subscriptionState"]
        .as_str()
        .unwrap()
}

fn changes(run: &Value) -> [u64; 3] {
    ["created", "updated", "removed"].map(|count| run[count].as_u64().unwrap())
}

fn team() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Adams"),
        person_with(2, "Ben", "Brown", json!({ "department": "Support" })),
        person_with(3, "Cleo", "Clark", json!({ "department": "Finance" })),
        person_with(4, "Dan", "Davis", json!({ "mobilePhone": null })),
    ]
}

const ZOE: &str = "+12065550001";
const BEN: &str = "+12065550002";

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_of_the_readme_brings_people_into_the_account() {
    let office = Office::with(team()).await;
    office
        .connect()
        .with(0)
        .saying("destination: MessageMedia answers. A contact there needs: Phone number.")
        .saying("MessageMedia: A sync is as many requests as it has changes.")
        .saying("Nobody is ever subscribed by a sync.");
    let plan = office.run(&["plan", "--json"]).with(0).json();
    assert_eq!(plan["counts"]["create"], 2, "{plan:#}");
    assert_eq!(office.contacts().len(), 0, "a plan writes nothing");

    let run = office.run(&[
        "sync",
        "--json",
        "--approve",
        plan["digest"].as_str().unwrap(),
    ]);
    let run = run.with(0).json();
    assert_eq!(run["created"], 2, "{run:#}");
    let contacts = office.contacts();
    let numbers: Vec<_> = contacts.keys().map(String::as_str).collect();
    assert_eq!(
        numbers,
        [ZOE, BEN],
        "who has no number and who is out of scope are left out"
    );
    let zoe = &contacts[ZOE];
    let fields = custom(zoe);
    assert_eq!(fields["contact_name"], "Zoe Adams");
    assert_eq!(fields["email"], "zoe.adams@contoso.example");
    assert_eq!(fields["group"], "Sales");
    assert!(fields["entra_object_id"].starts_with(&object_id(1)));
    assert_eq!(zoe["channels"][0]["type"], "SMS");
    assert_eq!(
        (lists(zoe), lists(&contacts[BEN])),
        (vec!["Sales"], vec!["Support"])
    );

    assert_eq!(changes(&office.sync()), [0, 0, 0]);
    let full = office.run(&["sync", "--full", "--json"]).with(0).json();
    assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
    assert_eq!(office.contacts(), contacts, "a second sync writes nothing");

    let report = office.run(&["report", "--json"]).with(0).json();
    assert_eq!(report["activeRecords"], 2, "{report:#}");
    let known = office.run(&["explain", "zoe.adams@contoso.example", "--json"]);
    assert_eq!(known.with(0).json()[0]["objectId"], object_id(1));
    office
        .run(&["contacts"])
        .with(1)
        .saying("kept by the destination `messagemedia`");
    office
        .run(&["undo"])
        .with(1)
        .saying("`report` lists the runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_opted_out_there_is_not_brought_back_and_a_leaver_leaves_the_list() {
    let office = Office::synced(team()).await;
    assert_eq!(office.account.control().opt_out(ZOE), 1);
    let directory = office.desk.emulator.control();
    let married = json!({ "displayName": "Zoe Archer", "department": "Support" });
    directory.edit_user(&object_id(1), married).unwrap();
    assert_eq!(changes(&office.sync()), [0, 1, 0]);
    let zoe = office.contact(ZOE);
    assert_eq!(custom(&zoe)["contact_name"], "Zoe Archer");
    assert_eq!(
        (lists(&zoe), subscription(&zoe)),
        (vec!["Support"], "UNSUBSCRIBED")
    );

    // She leaves, and comes back, with another number.
    directory.disable_user(&object_id(1)).unwrap();
    assert_eq!(changes(&office.sync()), [0, 0, 1]);
    let zoe = office.contact(ZOE);
    assert_eq!((lists(&zoe), subscription(&zoe)), (vec![], "UNSUBSCRIBED"));
    let back = json!({ "accountEnabled": true, "mobilePhone": "+1 206 555 0099" });
    directory.edit_user(&object_id(1), back).unwrap();
    assert_eq!(changes(&office.sync()), [0, 1, 0]);
    let zoe = office.contact("+12065550099");
    assert_eq!(
        (lists(&zoe), subscription(&zoe)),
        (vec!["Support"], "UNSUBSCRIBED")
    );
    assert_eq!(office.contacts().len(), 2, "nobody was made twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_brought_into_the_account_is_taken_back_by_its_plan() {
    let office = Office::with(team()).await;
    office.connect().with(0);
    let run = office.sync();
    let run = run["runId"].as_str().unwrap();
    let planned = office.run(&["undo", run, "--json"]).with(0).json();
    assert_eq!(planned["counts"]["delete"], 2, "{planned:#}");
    assert_eq!(office.contacts().len(), 2, "a plan takes nothing away");
    let digest = planned["digest"].as_str().unwrap();
    let undone = office.run(&["undo", run, "--approve", digest, "--json"]);
    assert_eq!(changes(&undone.with(0).json()), [0, 0, 2]);
    assert_eq!(office.contacts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_before_anything_is_saved_and_when_it_is_revoked_later() {
    let office = Office::with(team()).await;
    fs::write(office.desk.path("account.txt"), "another-secret").unwrap();
    office
        .connect()
        .with(1)
        .saying("MessageMedia does not accept the API key with this secret");
    office
        .run(&["sync"])
        .with(1)
        .saying("run `connect CONFIG.json` first");

    fs::write(office.desk.path("account.txt"), SECRET).unwrap();
    office.connect().with(0);
    office.account.control().set_credentials(Credentials {
        key: "another-key".to_owned(),
        secret: SECRET.to_owned(),
    });
    office
        .run(&["sync"])
        .with(1)
        .saying("MessageMedia does not accept the API key with this secret");
    assert_eq!(office.contacts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_settings_is_told_with_its_place() {
    let office = Office::with(team()).await;
    office.configure(json!({ "name": "messagemedia", "region": "mars", "key": "key" }));
    let refused = office.connect_and(&["--json"]);
    // Without a name for it, there is no secret to be given.
    refused.with(2).saying("--secret account-secret");
    office
        .configure(json!({ "name": "messagemedia", "region": "mars", "secret": "account-secret" }));
    let refused = office.connect_and(&["--json"]).with(1).json();
    let problems = refused["problems"].as_array().unwrap().iter();
    let pointers: Vec<_> = problems.map(|problem| &problem["pointer"]).collect();
    assert_eq!(pointers, ["/sync/target/region", "/sync/target/key"]);
    office.configure(json!({ "name": "nobody", "secret": "account-secret" }));
    let which = DESTINATIONS.join(", ");
    office.connect().with(1).saying(&format!(
        "/sync/target/name: Write which destination it is: {which}."
    ));
    office.configure(json!({
        "name": "messagemedia", "server": "http://10.0.0.1", "key": "k", "secret": "account-secret",
    }));
    office
        .connect()
        .with(1)
        .saying("/sync/target/server: Only an address of this machine");
}

/// Each with a number that can be given out.
fn forty_people() -> Vec<Value> {
    let numbers = (1..=40).map(|id| {
        let number = format!("+1 206 555 {:04}", 2_000 + id);
        let surname = format!("Number{id}");
        person_with(id, "Given", &surname, json!({ "mobilePhone": number }))
    });
    numbers.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_its_requests_leaves_nobody_twice_and_nobody_out() {
    let office = Office::with(forty_people()).await;
    office.connect().with(0);
    // What is asked is done at once, and the answers never come.
    office.account.control().inject(Fault {
        path: Some("/contacts/contacts".to_owned()),
        method: Some("POST".to_owned()),
        delay_ms: 600_000,
        ..Fault::default()
    });
    let mut sync = office
        .desk
        .command(&["sync"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("somebody was made", || office.contacts().len() > 2);
    sync.kill().unwrap();
    sync.wait().unwrap();
    let made = office.contacts().len();
    assert!((3..40).contains(&made), "{made}");

    office.account.control().clear_faults();
    // Whoever may be there and is not shown is not made again, until the service must have shown them: five seconds, by
    // the clock. However many syncs come before that, nobody is given up.
    until("everybody was written", || office.sync()["failed"] == 0);
    let everybody = office.account.control().contacts();
    let numbers: BTreeSet<_> = everybody
        .iter()
        .map(|contact| contact["channels"][0]["channelId"].to_string())
        .collect();
    assert_eq!((everybody.len(), numbers.len()), (40, 40));
    let full = office.run(&["sync", "--full", "--json"]).with(0).json();
    assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
    assert_eq!(full["unchanged"], 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn connector_and_destination_as_one_file_are_used_as_they_are() {
    let office = Office::with(team()).await;
    let composed = office.desk.program(&[
        "compose",
        "--destination",
        "messagemedia",
        "--out",
        "whole.wasm",
        "--json",
    ]);
    let composed = composed.with(0).json();
    let file = fs::metadata(office.desk.path("whole.wasm")).unwrap();
    assert_eq!(composed["size"], file.len());
    let exports = composed["exports"].to_string();
    assert!(
        exports.contains("contact-sync:connector/target@0.2.0"),
        "{exports}"
    );
    let with_it = ["--component", "whole.wasm"];
    office.connect_and(&with_it).with(0);
    office.run(&["sync", "--component", "whole.wasm"]).with(0);
    assert_eq!(office.contacts().len(), 2);
    let unknown = office.desk.program(&["compose", "--destination", "nobody"]);
    let has = format!("this program has: {}", DESTINATIONS.join(", "));
    unknown.with(2).saying(&has);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_destination_in_a_file_reaches_and_cannot_promise_is_told_before_it_is_used() {
    let office = Office::with(team()).await;
    let composed = [
        "compose",
        "--destination",
        "messagemedia",
        "--out",
        "whole.wasm",
    ];
    office.desk.program(&composed).with(0);
    let inspected = office.desk.program(&["inspect", "whole.wasm", "--json"]);
    let told = inspected.with(0).json()["destination"].clone();
    assert_eq!(told["name"], "messagemedia", "{told:#}");
    assert_eq!(
        told["servers"],
        Value::Null,
        "nobody knows without settings"
    );
    let caveats = told["caveats"].as_array().unwrap();
    assert!(
        caveats.iter().any(|caveat| caveat["code"] == "not-atomic"),
        "{told:#}"
    );

    let with_settings = ["inspect", "whole.wasm", "--config", "connector.json"];
    office
        .desk
        .program(&with_settings)
        .with(0)
        .saying(office.account.url());
    fs::write(office.desk.path("none.json"), "{}").unwrap();
    office
        .desk
        .program(&["inspect", "whole.wasm", "--config", "none.json"])
        .with(2)
        .saying("it chooses no destination");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_a_plain_host_asks_for_wasi_alone_and_parts_are_asked_for_their_signature() {
    let office = Office::with(team()).await;
    let plain = [
        "compose",
        "--destination",
        "messagemedia",
        "--plain",
        "--json",
    ];
    let plain = office.desk.program(&plain).with(0).json();
    let mut imports = plain["imports"].as_array().unwrap().iter();
    assert!(
        imports.all(|import| import.as_str().unwrap().starts_with("wasi:")),
        "{plain:#}"
    );
    fs::write(office.desk.path("part.wasm"), b"no matter what").unwrap();
    let key = "-----BEGIN PUBLIC KEY-----\n\
               MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8\
               D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n";
    fs::write(office.desk.path("key.pub"), key).unwrap();
    let unsigned = [
        "compose",
        "--destination",
        "part.wasm",
        "--require-signature",
        "key.pub",
    ];
    office
        .desk
        .program(&unsigned)
        .with(1)
        .saying("part.wasm is not signed");
    let nothing = [
        "compose",
        "--destination",
        "messagemedia",
        "--require-signature",
        "key.pub",
    ];
    office
        .desk
        .program(&nothing)
        .with(2)
        .saying("none is named");
}
