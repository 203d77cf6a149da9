//! Contacts that are users of a SCIM server: two servers as they are published, which disagree in most places, and
//! each test with both.

mod front;
mod servers;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use self::servers::{Server, Software, TOKEN};
use super::desk::{Desk, Ended, document, until, warm_destination};
use crate::world::{object_id, person, person_with};

/// A desk whose contacts are kept by a server.
struct Office {
    desk: Desk,
    server: Server,
}

impl Office {
    async fn with(software: Software, users: Vec<Value>) -> Option<Self> {
        let server = software.start()?;
        let desk = Desk::with(users).await;
        warm_destination(&desk.path("data"), "scim");
        fs::write(desk.path("token.txt"), TOKEN).unwrap();
        let office = Self { desk, server };
        office.configure(
            json!({ "name": "scim", "server": office.server.url(), "secret": "scim-token" }),
        );
        Some(office)
    }

    /// Everybody is connected and synced once.
    async fn synced(software: Software, users: Vec<Value>) -> Option<Self> {
        let office = Self::with(software, users).await?;
        office.connect().with(0);
        office.sync();
        Some(office)
    }

    fn configure(&self, target: Value) {
        let emulator = &self.desk.emulator;
        let sync = json!({
            "disabled": "deactivate",
            "mapping": {
                "userPrincipalName": "user_name", "displayName": "contact_name", "mobilePhone": "phone_number",
                "mail": "email", "department": "group",
            },
            "filters": { "department": ["Sales", "Support"] },
        });
        let mut document = document(&emulator.login_url(), &emulator.graph_url(), sync);
        document["sync"]["target"] = target;
        fs::write(self.desk.path("connector.json"), document.to_string()).unwrap();
    }

    fn connect(&self) -> Ended {
        self.run(&[
            "connect",
            "connector.json",
            "--secret",
            "client-secret=@secret.txt",
            "--secret",
            "scim-token=@token.txt",
        ])
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let ended = self.desk.run(arguments);
        let said = [&ended.out, &ended.err];
        assert!(said.iter().all(|said| !said.contains(TOKEN)), "{ended:#?}");
        ended
    }

    #[track_caller]
    fn sync(&self) -> Value {
        self.run(&["sync", "--json"]).with(0).json()
    }

    #[track_caller]
    fn full_sync(&self) -> Value {
        self.run(&["sync", "--full", "--json"]).with(0).json()
    }

    /// What has to be so whatever happened: nobody is there twice, nor in a group twice.
    fn check(&self) {
        let users = self.server.users();
        let mut names: Vec<_> = users
            .iter()
            .map(|user| user["userName"].to_string())
            .collect();
        names.dedup();
        assert_eq!(names.len(), users.len(), "{users:#?}");
        for (group, members) in self.server.groups() {
            let mut once = members.clone();
            once.dedup();
            assert_eq!(once, members, "{group}");
        }
    }
}

fn changes(run: &Value) -> [u64; 3] {
    ["created", "updated", "removed"].map(|count| run[count].as_u64().unwrap())
}

fn team() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Adams"),
        person_with(2, "Ben", "Brown", json!({ "department": "Support" })),
        person_with(3, "Cleo", "Clark", json!({ "department": "Finance" })),
        person(4, "Dan", "Davis"),
    ]
}

const ZOE: &str = "zoe.adams@contoso.example";
const BEN: &str = "ben.brown@contoso.example";
const DAN: &str = "dan.davis@contoso.example";

fn department(user: &Value) -> &Value {
    &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["department"]
}

fn group(name: &str, members: &[&str]) -> (String, Vec<String>) {
    let members = members.iter().map(|name| (*name).to_owned());
    (name.to_owned(), members.collect())
}

async fn people_come_in_and_a_second_sync_writes_nothing(software: Software) {
    let Some(office) = Office::with(software, team()).await else {
        return;
    };
    office
        .connect()
        .with(0)
        .saying("destination: SCIM answers. A contact there needs: User name.")
        .saying("Entra's own provisioning writes it: do not let both look after the same people.");
    let plan = office.run(&["plan", "--json"]).with(0).json();
    assert_eq!(plan["counts"]["create"], 3, "{plan:#}");
    assert_eq!(office.server.users().len(), 0, "a plan writes nothing");

    let digest = plan["digest"].as_str().unwrap();
    let run = office.run(&["sync", "--json", "--approve", digest]);
    assert_eq!(changes(&run.with(0).json()), [3, 0, 0]);
    let zoe = office.server.user(ZOE);
    assert_eq!(zoe["displayName"], "Zoe Adams");
    assert_eq!(zoe["emails"][0]["value"], ZOE);
    assert_eq!(zoe["emails"][0]["type"], "work");
    assert_eq!(zoe["phoneNumbers"][0]["value"], "+12065550001");
    assert_eq!(zoe["active"], true);
    assert_eq!(department(&zoe), "Sales");
    let external_id = zoe["externalId"].as_str().unwrap();
    assert!(external_id.starts_with(&format!("contact-sync:{}:entra:", object_id(1))));
    assert_eq!(
        office.server.groups(),
        [group("Sales", &[DAN, ZOE]), group("Support", &[BEN])]
    );

    let users = office.server.users();
    office.server.front.stop_after(1_000);
    assert_eq!(changes(&office.sync()), [0, 0, 0]);
    let full = office.full_sync();
    assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
    assert_eq!(full["unchanged"], 3, "{full:#}");
    assert_eq!(office.server.front.writes(), 0, "nothing was written");
    assert_eq!(office.server.users(), users);
    office.check();
}

async fn a_leaver_becomes_inactive_and_leaves_the_groups_and_comes_back(software: Software) {
    let Some(office) = Office::synced(software, team()).await else {
        return;
    };
    // What people keep there is theirs.
    let id = office.server.user(ZOE)["id"].as_str().unwrap().to_owned();
    let by_hand = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            { "op": "replace", "path": "title", "value": "Their title" },
            { "op": "add", "path": "emails", "value": [{ "value": "zoe@home.example", "type": "home" }] },
        ],
    });
    office
        .server
        .somebody("PATCH", &format!("/Users/{id}"), &by_hand);
    let directory = office.desk.emulator.control();
    let married = json!({ "displayName": "Zoe Archer", "mail": "zoe.archer@contoso.example", "department": "Support" });
    directory.edit_user(&object_id(1), married).unwrap();
    assert_eq!(changes(&office.sync()), [0, 1, 0]);
    let zoe = office.server.user(ZOE);
    assert_eq!(
        (&zoe["displayName"], &zoe["title"]),
        (&json!("Zoe Archer"), &json!("Their title"))
    );
    let addresses: Vec<_> = zoe["emails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|address| address["value"].as_str().unwrap())
        .collect();
    assert_eq!(
        addresses,
        ["zoe.archer@contoso.example", "zoe@home.example"]
    );
    assert_eq!(
        office.server.groups(),
        [group("Sales", &[DAN]), group("Support", &[BEN, ZOE])]
    );

    directory.disable_user(&object_id(1)).unwrap();
    assert_eq!(changes(&office.sync()), [0, 0, 1]);
    assert_eq!(office.server.user(ZOE)["active"], false);
    assert_eq!(
        office.server.groups(),
        [group("Sales", &[DAN]), group("Support", &[BEN])]
    );
    let back = json!({ "accountEnabled": true, "mobilePhone": "+1 206 555 0099" });
    directory.edit_user(&object_id(1), back).unwrap();
    assert_eq!(changes(&office.sync()), [0, 1, 0]);
    let zoe = office.server.user(ZOE);
    assert_eq!(zoe["active"], true);
    assert_eq!(zoe["phoneNumbers"][0]["value"], "+12065550099");
    assert_eq!(
        office.server.groups(),
        [group("Sales", &[DAN]), group("Support", &[BEN, ZOE])]
    );
    office.check();
}

async fn what_a_run_brought_is_taken_back_by_its_plan(software: Software) {
    let Some(office) = Office::with(software, team()).await else {
        return;
    };
    office.connect().with(0);
    let run = office.sync();
    let run = run["runId"].as_str().unwrap();
    let planned = office.run(&["undo", run, "--json"]).with(0).json();
    assert_eq!(planned["counts"]["delete"], 3, "{planned:#}");
    assert_eq!(office.server.users().len(), 3, "a plan takes nothing away");
    let digest = planned["digest"].as_str().unwrap();
    let undone = office.run(&["undo", run, "--approve", digest, "--json"]);
    assert_eq!(changes(&undone.with(0).json()), [0, 0, 3]);
    assert_eq!(office.server.users().len(), 0);
    let left: Vec<_> = office.server.groups();
    if software == Software::Scim2 {
        // It does not take a user who is deleted out of groups; the other one cannot be asked which those are.
        assert_eq!(left, [group("Sales", &[]), group("Support", &[])]);
    }
}

async fn a_wrong_token_is_told_before_anything_is_saved_and_when_it_is_revoked(software: Software) {
    let Some(office) = Office::with(software, team()).await else {
        return;
    };
    let says = "the SCIM server does not accept the token";
    fs::write(office.desk.path("token.txt"), "another-token").unwrap();
    office.connect().with(1).saying(says);
    office
        .run(&["sync"])
        .with(1)
        .saying("run `connect CONFIG.json` first");
    fs::write(office.desk.path("token.txt"), TOKEN).unwrap();
    office.connect().with(0);
    fs::write(office.desk.path("token.txt"), "another-token").unwrap();
    office.connect().with(1).saying(says);
    assert_eq!(office.server.users().len(), 0);
}

async fn whoever_another_program_looks_after_is_left_to_it(software: Software) {
    let Some(office) = Office::with(software, team()).await else {
        return;
    };
    // As Entra's own provisioning makes them, by the nickname and by the object id.
    let provisioned = |user_name: &str, external_id: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name,
            "externalId": external_id, "displayName": "As Entra says", "active": true,
            "emails": [{ "value": user_name, "type": "work", "primary": true }],
        })
    };
    office
        .server
        .somebody("POST", "/Users", &provisioned(ZOE, "zoe.adams"));
    office
        .server
        .somebody("POST", "/Users", &provisioned(BEN, &object_id(2)));
    // And one that somebody made by hand, whose name is spelt otherwise.
    let mut by_hand = provisioned(&DAN.to_uppercase(), "");
    by_hand.as_object_mut().unwrap().remove("externalId");
    office.server.somebody("POST", "/Users", &by_hand);
    let before = [office.server.user(ZOE), office.server.user(BEN)];
    office.connect().with(0);
    let run = office.sync();
    assert_eq!(run["failed"], 2, "{run:#}");
    assert_eq!([office.server.user(ZOE), office.server.user(BEN)], before);
    let explained = office
        .run(&["explain", &object_id(1), "--json"])
        .with(0)
        .json();
    assert!(
        explained.to_string().contains("managed-elsewhere"),
        "{explained:#}"
    );
    let users = office.server.users();
    assert_eq!(users.len(), 3, "nobody was made beside them: {users:#?}");
    let dan = office.server.user(DAN);
    assert!(
        dan["externalId"].as_str().unwrap().contains(&object_id(4)),
        "{dan:#}"
    );
    // What stood there stays, and what was empty is filled, as the preset says.
    assert_eq!(
        (&dan["displayName"], department(&dan)),
        (&json!("As Entra says"), &json!("Sales"))
    );

    // Somebody gives one of them to this connector.
    let id = before[0]["id"].as_str().unwrap();
    let given = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": "externalId" }],
    });
    office
        .server
        .somebody("PATCH", &format!("/Users/{id}"), &given);
    office.full_sync();
    let zoe = office.server.user(ZOE);
    assert_eq!(zoe["id"], *id);
    assert_eq!(department(&zoe), "Sales");
    assert!(zoe["externalId"].as_str().unwrap().contains(&object_id(1)));
    assert_eq!(office.server.user(BEN), before[1]);
    office.check();
}

async fn a_process_that_dies_after_a_write_leaves_nobody_twice(software: Software, writes: u32) {
    let people: Vec<_> = (1..=6)
        .map(|id| person(id, "Given", &format!("Number{id}")))
        .collect();
    let Some(office) = Office::with(software, people).await else {
        return;
    };
    office.connect().with(0);
    office.server.front.stop_after(writes);
    let mut sync = office
        .desk
        .command(&["sync"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("so much was written", || {
        std::thread::sleep(Duration::from_millis(5));
        office.server.front.writes() >= writes
    });
    // What was passed on is done by now.
    std::thread::sleep(Duration::from_millis(300));
    sync.kill().unwrap();
    sync.wait().unwrap();
    office.server.front.go_on();
    // Whoever may be there and is not shown is not made again, until the server must have shown them.
    tokio::time::sleep(Duration::from_secs(6)).await;
    until("everybody was written", || office.sync()["failed"] == 0);
    assert_eq!(office.server.users().len(), 6);
    office.check();
    let [(name, members)] = &office.server.groups()[..] else {
        panic!("one group: {:#?}", office.server.groups());
    };
    assert_eq!((&**name, members.len()), ("Sales", 6));
    let full = office.full_sync();
    assert_eq!(changes(&full), [0, 0, 0], "{full:#}");
    assert_eq!(full["unchanged"], 6);
}

macro_rules! with_both {
    ($($test:ident)*) => {
        mod scim2_server {
            use super::Software;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(Software::Scim2).await;
                }
            )*
        }

        mod scimmy {
            use super::Software;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(Software::Scimmy).await;
                }
            )*
        }
    };
}

with_both! {
    people_come_in_and_a_second_sync_writes_nothing
    a_leaver_becomes_inactive_and_leaves_the_groups_and_comes_back
    what_a_run_brought_is_taken_back_by_its_plan
    a_wrong_token_is_told_before_anything_is_saved_and_when_it_is_revoked
    whoever_another_program_looks_after_is_left_to_it
}

/// The points at which a process is killed: after the first user, between users, at the group, at its members.
const POINTS: [u32; 4] = [1, 4, 7, 8];

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_its_requests_to_scim2_server_leaves_nobody_twice() {
    for writes in POINTS {
        a_process_that_dies_after_a_write_leaves_nobody_twice(Software::Scim2, writes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_its_requests_to_scimmy_leaves_nobody_twice() {
    for writes in POINTS {
        a_process_that_dies_after_a_write_leaves_nobody_twice(Software::Scimmy, writes).await;
    }
}
