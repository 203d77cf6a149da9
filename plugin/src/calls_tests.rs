//! Every call reads the document, the state's format and the host's consent first, and does nothing where
//! one of them stands in its way.

use std::collections::BTreeMap;

use serde_json::json;
use sync_core::contact::{Change, ContactList, Create, Field, ObjectId, Who};
use sync_core::engine::call::CallError;
use sync_core::engine::checkpoint::Cursor;
use sync_core::engine::format::FORMAT;
use sync_core::engine::run_abort::RunAbort;
use sync_core::engine::sync::SyncRequest;
use sync_core::engine::undo::UndoRequest;
use sync_core::ports::testing::{Memory, settings, store};
use sync_core::ports::{Note, Noted, Timestamp};
use sync_core::reconcile::reason::Reason;
use sync_core::report::explain::Explanation;
use sync_core::run::RunMode;

use crate::calls::{disconnect, explain, plan, plan_undo, report, retry, sync, undo};
use crate::config;
use crate::configure::configure;
use crate::imports::Imports;
use crate::test_host::{DOCUMENT, KeepsToMicrosoft, offline};

/// The entry of the state that says its format.
const KEY: &str = "format";

#[test]
fn the_platform_in_memory_goes_by_the_settings_of_its_document() {
    let read = config::read(DOCUMENT, &store()).unwrap().for_sync();
    let fingerprint = read.fingerprint.clone();
    assert_eq!(
        read,
        sync_core::settings::Settings {
            fingerprint,
            ..settings()
        }
    );
}

/// Makes a contact with an address for a user in run r1.
fn made(memory: &Memory, user: &str, address: &str) {
    let fields = vec![Field {
        name: "email".to_owned(),
        value: address.to_owned(),
    }];
    let create = Create {
        object_id: ObjectId::new(user),
        base: fields.clone(),
        fields,
        active: true,
        lists: vec![ContactList {
            name: "Staff".to_owned(),
            description: String::new(),
        }],
    };
    memory.run("r1", Change::Create(create), "new-user");
}

fn noted(memory: &Memory, user: &str, address: &str) {
    let note = Note {
        object_id: ObjectId::new(user),
        address: Some(address.to_owned()),
        contact: None,
        reason: Reason::OutOfScope.code().to_owned(),
    };
    let kept = Noted {
        object_id: note.object_id.clone(),
        contact: None,
        reason: note.reason.clone(),
        run: Some("r1".to_owned()),
        since: Timestamp(0),
    };
    memory.notes.borrow_mut().push((note, kept));
}

fn explained(memory: &Memory, address: &str) -> Vec<Explanation> {
    let who = Who::Address(address.to_owned());
    explain(offline(memory), DOCUMENT, &who).expect("an explanation")
}

/// A workspace whose last sync has left a cursor.
fn connected() -> Memory {
    let memory = Memory::default();
    let cursor = json!({
        "delta_link": "https://graph.example/delta", "fingerprint": "f",
        "saved_at": 1, "full_round_at": 1, "people": 6,
    });
    let mut state = memory.state.borrow_mut();
    state.insert("cursor".to_owned(), cursor.to_string().into_bytes());
    drop(state);
    memory
}

fn holding(format: &[u8]) -> Memory {
    let memory = Memory::default();
    let mut state = memory.state.borrow_mut();
    state.insert(KEY.to_owned(), format.to_vec());
    // Whatever a format of the future has there.
    state.insert("cursor".to_owned(), br#"["another form"]"#.to_vec());
    drop(state);
    memory
}

fn state_of(memory: &Memory) -> BTreeMap<String, Vec<u8>> {
    memory.state.borrow().clone()
}

/// Every call that there is, by name.
fn calls(memory: &Memory) -> Vec<(&'static str, Result<(), CallError>)> {
    let imports = offline(memory);
    let user = ObjectId::new("u1");
    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "manual".to_owned(),
        max_pages: None,
        max_time: None,
        approval: None,
    };
    let taken_back = UndoRequest {
        run: "r1".to_owned(),
        approved: "digest".to_owned(),
        trigger: "manual".to_owned(),
        max_pages: None,
        max_time: None,
    };
    let who = Who::User(user.clone());
    vec![
        ("configure", configure(imports, DOCUMENT).map(drop)),
        ("plan", plan(imports, DOCUMENT, RunMode::Full).map(drop)),
        ("sync", sync(imports, DOCUMENT, &request).map(drop)),
        ("report", report(imports, DOCUMENT, false).map(drop)),
        ("explain", explain(imports, DOCUMENT, &who).map(drop)),
        ("retry", retry(imports, DOCUMENT, &user).map(drop)),
        ("plan-undo", plan_undo(imports, DOCUMENT, "r1").map(drop)),
        ("undo", undo(imports, DOCUMENT, &taken_back).map(drop)),
        ("disconnect", disconnect(imports, DOCUMENT)),
    ]
}

#[test]
fn a_state_of_a_newer_connector_stops_every_call_and_stays_as_it_is() {
    let memory = holding((FORMAT + 1).to_string().as_bytes());
    let before = state_of(&memory);
    for (call, outcome) in calls(&memory) {
        let error = outcome.expect_err(call);
        assert!(
            matches!(error, CallError::Aborted(RunAbort::NewerState { written, .. }) if written == FORMAT + 1),
            "{call}: {error}"
        );
        let told = error.to_string();
        assert!(told.contains("newer version of this connector"), "{told}");
        assert_eq!(state_of(&memory), before, "{call}");
    }
}

#[test]
fn a_format_that_is_no_number_stops_every_call_but_the_one_that_forgets_it() {
    let memory = holding(b"rubbish");
    for (call, outcome) in calls(&memory) {
        match outcome {
            Ok(()) => assert_eq!(call, "disconnect"),
            Err(error) => assert!(
                matches!(&error, CallError::Aborted(RunAbort::Unreadable { key }) if key == KEY),
                "{call}: {error}"
            ),
        }
    }
    assert_eq!(state_of(&memory), BTreeMap::new());
}

/// The memory's way out panics where it is used at all.
#[test]
fn without_the_hosts_consent_no_secret_goes_to_a_server_that_the_document_names() {
    let document = json!({
        "tenant": { "id": "11112222-bbbb-3333-cccc-4444dddd5555" },
        "credentials": { "clientId": "00001111-aaaa-2222-bbbb-3333cccc4444", "secret": "s" },
        "endpoints": { "login": "https://login.example", "graph": "https://graph.example" },
        "sync": { "preset": "mirror" },
    })
    .to_string();
    let memory = Memory::default();
    let imports = Imports {
        consent: &KeepsToMicrosoft,
        ..offline(&memory)
    };
    let user = ObjectId::new("00000000-0000-4000-8000-000000000001");
    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "test".to_owned(),
        max_pages: None,
        max_time: None,
        approval: None,
    };
    for refused in [
        configure(imports, &document).err(),
        plan(imports, &document, RunMode::Full).err(),
        sync(imports, &document, &request).err(),
        retry(imports, &document, &user).err(),
    ] {
        let Some(CallError::InvalidConfiguration(problems)) = refused else {
            panic!("{refused:?}")
        };
        let pointers: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
        assert_eq!(pointers, ["/endpoints/login", "/endpoints/graph"]);
    }
    assert!(memory.state.borrow().is_empty(), "and no run was begun");
}

#[test]
fn the_rest_of_the_document_need_not_be_valid_but_the_tenant_must_be_named() {
    let memory = connected();
    let nameless = disconnect(offline(&memory), r#"{ "sync": {} }"#).unwrap_err();
    assert!(
        matches!(&nameless, CallError::InvalidConfiguration(problems) if problems.len() == 1),
        "{nameless}"
    );
    assert!(Cursor::load(&memory).unwrap().is_some());
    let document = r#"{ "tenant": {"id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"},
        "sync": { "preset": "no such one" } }"#;
    disconnect(offline(&memory), document).unwrap();
    assert!(Cursor::load(&memory).unwrap().is_none());
}

#[test]
fn a_guest_is_found_by_the_user_name_too_and_whatever_its_case() {
    let memory = Memory::default();
    made(&memory, "u1", "alice_b@example.com");
    noted(&memory, "u2", "bob@example.com");
    for (name, user) in [
        ("alice_b@example.com", "u1"),
        ("alice_b_example.com#EXT#@contoso.onmicrosoft.com", "u1"),
        ("ALICE_B_EXAMPLE.COM#ext#@CONTOSO.ONMICROSOFT.COM", "u1"),
        (" alice_b_example.com#EXT#@contoso.onmicrosoft.com ", "u1"),
        ("bob_example.com#EXT#@contoso.onmicrosoft.com", "u2"),
    ] {
        let users: Vec<_> = explained(&memory, name)
            .into_iter()
            .map(|explanation| explanation.object_id)
            .collect();
        assert_eq!(users, [Some(ObjectId::new(user))], "{name}");
    }
    for nobody in [
        "#EXT#@contoso.onmicrosoft.com",
        "carol_example.com#EXT#@c.example",
    ] {
        let explained = explained(&memory, nobody);
        assert_eq!(explained, [], "{nobody}");
    }
}
