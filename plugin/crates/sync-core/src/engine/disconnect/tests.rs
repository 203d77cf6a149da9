use super::*;
use crate::contact::{Evidence, ObjectId, Removal, RemovalKind};
use crate::engine::checkpoint::{Step, finished_runs};
use crate::engine::proof::Proof;
use crate::engine::staged::{Deferred, Staged};
use crate::ports::Timestamp;
use crate::ports::testing::{Memory, SOURCE};
use crate::reconcile::reason::Reason;
use crate::reconcile::test_samples::linked_contact;
use crate::run::RunMode;

fn write_state(memory: &Memory, key: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_vec(value).unwrap();
    memory.state.borrow_mut().insert(key.to_owned(), value);
}

/// What the directory keeps for itself.
fn also() -> Vec<StateWrite> {
    vec![StateWrite {
        key: "of-the-directory".to_owned(),
        value: None,
    }]
}

/// A workspace between two slices of a full sync that would delete somebody: a cursor, a run, a round,
/// and so many people of whom something waits.
fn in_the_middle(people: u32) -> Memory {
    let memory = Memory::default();
    memory.put(linked_contact("1", "u1", &[("job_title", "A")]));
    let cursor = Cursor {
        delta_link: "https://graph.example/delta".to_owned(),
        fingerprint: "f".to_owned(),
        saved_at: Timestamp(1),
        full_round_at: Timestamp(1),
        people: 6,
        organization: None,
        org_contacts: None,
        edits: None,
        asks_edited: false,
        not_permitted: Vec::new(),
    };
    write_state(&memory, "cursor", &cursor);
    write_state(&memory, &also()[0].key, &1);
    let round = Round {
        mode: RunMode::Full,
        fingerprint: "f".to_owned(),
        step: Step::Closed {
            delta_link: cursor.delta_link,
        },
        known_links: 1,
        people: 0,
        staged: true,
        waiting: true,
        restarts: 0,
        proof: Proof::default(),
        approved: None,
        organization: None,
        to_ask: 0,
        lists_by_changes: false,
        partitions: None,
        groups: None,
        reads: crate::mapping::person::PersonKind::User,
        other: None,
        edits: None,
        reads_edits: false,
        asks_edited: false,
        not_permitted: Vec::new(),
    };
    write_state(&memory, "round", &round);
    let mut run = RunRecord::begin(
        "r1".to_owned(),
        RunMode::Full,
        "manual".to_owned(),
        Timestamp(1),
    );
    run.count(crate::contact::Effect::Create, "new-user");
    write_state(&memory, "run/current", &run);
    let contact = memory.contact("1").unwrap().precondition();
    for number in 1..=people {
        let user = format!("u{number}");
        let staged = Staged::Removal {
            removal: Removal {
                contact: contact.clone(),
                object_id: ObjectId::new(&user),
                kind: RemovalKind::Delete,
                evidence: Evidence::DeletedSoft,
                leaves: Vec::new(),
            },
            reason: Reason::Deleted,
        };
        write_state(&memory, &format!("staged/{user}"), &staged);
        for round in [SYNC_ROUND, PLAN_ROUND] {
            write_state(&memory, &format!("waiting/{round}/{user}"), &Deferred::Ask);
        }
    }
    memory
}

fn keys(memory: &Memory) -> Vec<String> {
    memory.state.borrow().keys().cloned().collect()
}

#[test]
fn a_workspace_in_the_middle_of_a_sync_forgets_where_it_stands_and_keeps_its_contacts() {
    let memory = in_the_middle(1_200);
    write_state(&memory, "tenant-of/contoso.example", &"another");
    let before = memory.snapshot();
    disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
    assert_eq!(
        keys(&memory),
        [
            "format",
            "run/log/000000000000/r1",
            "tenant-of/contoso.example"
        ]
    );
    assert_eq!(memory.snapshot(), before);
    let runs = finished_runs(&memory).unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].status, RunStatus::Stopped);
    assert!(runs[0].finished_at.is_some());
    assert_eq!(runs[0].counts.created, 1, "what it did is told");
}

#[test]
fn it_is_harmless_when_repeated_and_where_there_is_nothing() {
    let memory = in_the_middle(3);
    disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
    let after = memory.state.borrow().clone();
    disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
    assert_eq!(*memory.state.borrow(), after);

    let nothing = Memory::default();
    disconnect(nothing.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
    assert_eq!(keys(&nothing), Vec::<String>::new());
}

#[test]
fn killed_at_any_commit_it_leaves_no_round_that_could_take_away_and_the_next_call_ends_it() {
    for commits in 0.. {
        for done in [false, true] {
            let memory = in_the_middle(1_200);
            memory.dies.set(Some((commits, done)));
            let first = disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned()));
            memory.dies.set(None);
            if first.is_ok() {
                assert!(commits > 5, "{commits} commits");
                return;
            }
            let begun = commits > 0 || done;
            assert_eq!(Round::load(&memory).unwrap().is_none(), begun);
            assert_eq!(Cursor::load(&memory).unwrap().is_none(), begun);
            assert_eq!(current_run(&memory).unwrap().is_none(), begun);
            disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
            assert_eq!(keys(&memory), ["format", "run/log/000000000000/r1"]);
        }
    }
}

#[test]
fn a_state_that_cannot_be_read_is_forgotten_like_any_other() {
    let memory = in_the_middle(1);
    for key in ["cursor", "round", "undo", "run/current", "staged/u1"] {
        memory
            .state
            .borrow_mut()
            .insert(key.to_owned(), b"rubbish".to_vec());
    }
    disconnect(memory.ports(), also(), |_| Ok(SOURCE.to_owned())).unwrap();
    assert_eq!(keys(&memory), Vec::<String>::new());
}
