//! Whatever a run did and whatever was edited since, on contacts made up by the dozen.

use proptest::prelude::*;

use super::*;
use crate::contact::Contact;

const FIELDS: [&str; 2] = ["company", "job_title"];

/// How a contact of a user stands before the run.
#[derive(Clone, Copy, Debug)]
enum Before {
    Absent,
    Unlinked,
    Linked,
    Inactive,
}

/// What the run tries with it. What is not possible is left out.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize, u8),
    Bind(usize, u8),
    Remove(RemovalKind),
}

fn before() -> impl Strategy<Value = Before> {
    prop_oneof![
        Just(Before::Absent),
        Just(Before::Unlinked),
        Just(Before::Linked),
        Just(Before::Inactive)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..FIELDS.len(), 0..3_u8).prop_map(|(field, value)| Step::Write(field, value)),
        2 => (0..FIELDS.len(), 0..3_u8).prop_map(|(field, value)| Step::Bind(field, value)),
        1 => prop_oneof![
            Just(RemovalKind::Unlink),
            Just(RemovalKind::Deactivate),
            Just(RemovalKind::Delete)
        ]
        .prop_map(Step::Remove),
    ]
}

fn histories() -> impl Strategy<Value = Vec<(Before, Vec<Step>)>> {
    prop::collection::vec((before(), prop::collection::vec(step(), 0..5)), 1..6)
}

/// The platform before the run.
fn made(histories: &[(Before, Vec<Step>)]) -> Memory {
    let memory = Memory::default();
    memory.max_batch.set(Some(4));
    for (number, (before, _)) in histories.iter().enumerate() {
        let (id, user) = (format!("c{number}"), format!("u{number}"));
        let linked = Contact {
            lists: vec!["Staff".to_owned()],
            ..linked_contact(&id, &user, &[("job_title", "A")])
        };
        match before {
            Before::Absent => {}
            Before::Unlinked => memory.put(contact(&id, &[("job_title", "A")])),
            Before::Linked => memory.put(linked),
            Before::Inactive => memory.put(Contact {
                active: false,
                ..linked
            }),
        }
    }
    memory
}

/// Lets run r1 do what it can.
fn run(memory: &Memory, histories: &[(Before, Vec<Step>)]) {
    for (number, (_, steps)) in histories.iter().enumerate() {
        let user = format!("u{number}");
        let mut id = format!("c{number}");
        for step in steps {
            let now = memory.contact(&id);
            let linked = now.as_ref().is_some_and(|contact| contact.link.is_some());
            let value = |value: u8| char::from(b'A' + value).to_string();
            let change = match (*step, now) {
                (Step::Write(field, with), Some(_)) if linked => {
                    update(memory, &id, &user, FIELDS[field], &value(with))
                }
                (Step::Bind(field, with), Some(_)) if !linked => {
                    link(memory, &id, &user, FIELDS[field], &value(with))
                }
                (Step::Bind(field, with), None) => create(&user, &[(FIELDS[field], &value(with))]),
                (Step::Remove(kind), Some(_)) if linked => remove(memory, &id, &user, kind),
                _ => continue,
            };
            memory.run("r1", change, "directory-changed");
            id = memory.history().last().unwrap().contact.as_str().to_owned();
        }
    }
}

/// Takes r1 back until nothing of it is left to take back.
fn take_back(memory: &Memory) {
    for _ in 0..8 {
        if memory.history().is_empty() {
            return;
        }
        let plan = planned(memory);
        let result = undone(memory, &plan.digest);
        let (changes, performed) = approved(&result.run);
        assert_eq!(changes, performed, "{result:?}");
        if changes == 0 {
            return;
        }
    }
    panic!("there is always something left to take back");
}

proptest! {
    #[test]
    fn a_run_that_nobody_edited_after_is_taken_back_to_the_last_field(histories in histories()) {
        let memory = made(&histories);
        let before = memory.snapshot();
        run(&memory, &histories);
        take_back(&memory);
        prop_assert_eq!(memory.snapshot(), before);
    }

    #[test]
    fn nothing_that_was_edited_since_is_lost(
        histories in histories(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..FIELDS.len()), 1..4),
    ) {
        let memory = made(&histories);
        run(&memory, &histories);
        let contacts = memory.snapshot();
        prop_assume!(!contacts.is_empty());
        let mut edited = Vec::new();
        for (index, field) in edits {
            let id = index.get(&contacts).id.as_str();
            memory.edit(id, FIELDS[field], Some("edited"));
            edited.push((id, FIELDS[field]));
        }
        take_back(&memory);
        for (id, field) in edited {
            let contact = memory.contact(id);
            let value = contact.as_ref().and_then(|contact| contact.field(field));
            prop_assert_eq!(value, Some("edited"), "{} of {}", field, id);
        }
    }
}
