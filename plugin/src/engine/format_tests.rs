//! The format is written with whatever is kept, and a higher one stops every call before it changes
//! anything.

use std::collections::BTreeMap;

use super::*;
use crate::contact::{ObjectId, Who};
use crate::engine::call::CallError;
use crate::engine::connection_test::configure;
use crate::engine::disconnect::disconnect;
use crate::engine::memory::{DOCUMENT, Memory, SOURCE};
use crate::engine::plan::plan;
use crate::engine::retry::retry;
use crate::engine::sync::{SyncRequest, sync};
use crate::engine::undo::{UndoRequest, plan_undo, undo};
use crate::report::explain::explain;
use crate::report::overview::report;
use crate::run::RunMode;

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

fn keeping(key: &str, value: Option<&[u8]>) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        state: vec![StateWrite {
            key: key.to_owned(),
            value: value.map(<[u8]>::to_vec),
        }],
        ..Commit::default()
    }
}

/// Every call that there is, by name.
fn calls(memory: &Memory) -> Vec<(&'static str, Result<(), CallError>)> {
    let ports = memory.ports();
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
        ("configure", configure(ports, DOCUMENT).map(drop)),
        ("plan", plan(ports, DOCUMENT, RunMode::Full).map(drop)),
        ("sync", sync(ports, DOCUMENT, &request).map(drop)),
        ("report", report(ports, DOCUMENT, false).map(drop)),
        ("explain", explain(ports, DOCUMENT, &who).map(drop)),
        ("retry", retry(ports, DOCUMENT, &user).map(drop)),
        ("plan-undo", plan_undo(ports, DOCUMENT, "r1").map(drop)),
        ("undo", undo(ports, DOCUMENT, &taken_back).map(drop)),
        ("disconnect", disconnect(ports, DOCUMENT)),
    ]
}

#[test]
fn a_state_of_a_newer_connector_stops_every_call_and_stays_as_it_is() {
    let memory = holding((FORMAT + 1).to_string().as_bytes());
    let before = state_of(&memory);
    for (call, outcome) in calls(&memory) {
        let error = outcome.expect_err(call);
        assert!(
            matches!(error, CallError::Halted(Halt::NewerState { written, .. }) if written == FORMAT + 1),
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
                matches!(&error, CallError::Halted(Halt::Unreadable { key }) if key == KEY),
                "{call}: {error}"
            ),
        }
    }
    assert_eq!(state_of(&memory), BTreeMap::new());
}

#[test]
fn whoever_keeps_something_says_in_which_format_and_whoever_forgets_does_not() {
    let memory = Memory::default();
    commit(memory.ports(), keeping("cursor", None)).unwrap();
    assert_eq!(state_of(&memory), BTreeMap::new());
    commit(memory.ports(), keeping("cursor", Some(b"{}"))).unwrap();
    assert_eq!(state_of(&memory)[KEY], FORMAT.to_string().into_bytes());
    check(&memory).unwrap();
}

#[test]
fn an_entry_that_was_to_be_forgotten_is_written_where_something_is_kept() {
    let memory = holding(b"rubbish");
    let mut both = keeping("cursor", Some(b"{}"));
    both.state.push(forget());
    commit(memory.ports(), both).unwrap();
    check(&memory).unwrap();
    assert_eq!(state_of(&memory)[KEY], FORMAT.to_string().into_bytes());
}
