//! The format is written with whatever is kept.

use std::collections::BTreeMap;

use super::*;
use crate::ports::testing::{Memory, SOURCE};

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
