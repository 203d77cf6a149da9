//! A run on a platform in memory, and what takes it back.

mod approving;
mod going_on;
mod restoring;
mod taking_back;

use super::*;
use crate::contact::{
    Change, ContactId, ContactList, Create, Effect, Evidence, Field, FieldWrite, LinkContact,
    Membership, ObjectId, Removal, RemovalKind, Update,
};
use crate::engine::checkpoint::{Cursor, Round, Step, current_run, finished_runs};
use crate::engine::plan::PlanSummary;
use crate::engine::sync::{SliceEnd, SyncResult};
use crate::ports::testing::{Memory, SOURCE};
use crate::ports::{Conflict, Outcome};
use crate::reconcile::test_samples::{contact, linked_contact};
use crate::run::{Counts, RunMode, RunRecord, RunStatus};

fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
    pairs
        .iter()
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}

fn create(user: &str, pairs: &[(&str, &str)]) -> Change {
    Change::Create(Create {
        object_id: ObjectId::new(user),
        fields: fields(pairs),
        base: fields(pairs),
        active: true,
        lists: vec![ContactList {
            name: "Staff".to_owned(),
            description: String::new(),
        }],
    })
}

fn update(memory: &Memory, id: &str, user: &str, field: &str, value: &str) -> Change {
    let contact = memory.contact(id).expect("there");
    let link = contact.link.as_ref().expect("linked");
    let mut base: Vec<_> = link.base.clone();
    base.retain(|known| known.name != field);
    base.extend(fields(&[(field, value)]));
    base.sort_unstable();
    Change::Update(Update {
        contact: contact.precondition(),
        object_id: ObjectId::new(user),
        writes: vec![FieldWrite {
            name: field.to_owned(),
            value: Some(value.to_owned()),
        }],
        base: Some(base),
        membership: Membership::default(),
        reactivate: false,
        directory: Vec::new(),
    })
}

fn link(memory: &Memory, id: &str, user: &str, field: &str, value: &str) -> Change {
    let contact = memory.contact(id).expect("there");
    Change::Link(LinkContact {
        contact: contact.precondition(),
        object_id: ObjectId::new(user),
        writes: vec![FieldWrite {
            name: field.to_owned(),
            value: Some(value.to_owned()),
        }],
        base: fields(&[(field, value)]),
        membership: Membership::default(),
        reactivate: false,
    })
}

fn remove(memory: &Memory, id: &str, user: &str, kind: RemovalKind) -> Change {
    let contact = memory.contact(id).expect("there");
    Change::Remove(Removal {
        contact: contact.precondition(),
        object_id: ObjectId::new(user),
        kind,
        evidence: Evidence::DeletedSoft,
        leaves: Vec::new(),
    })
}

/// Contacts 1 to 5 before run r1, and all that the run did to them; it made one more.
fn after_a_run() -> Memory {
    let memory = Memory::default();
    memory.put(linked_contact("1", "u1", &[("job_title", "A")]));
    memory.put(contact(
        "2",
        &[("job_title", "A"), ("email", "b@c.example")],
    ));
    for number in ["3", "4", "5"] {
        let user = format!("u{number}");
        let mut contact = linked_contact(number, &user, &[("job_title", "A")]);
        contact.lists = vec!["Staff".to_owned()];
        memory.put(contact);
    }
    let run = |change| memory.run("r1", change, "directory-changed");
    run(update(&memory, "1", "u1", "job_title", "B"));
    run(link(&memory, "2", "u2", "job_title", "B"));
    run(remove(&memory, "3", "u3", RemovalKind::Unlink));
    run(remove(&memory, "4", "u4", RemovalKind::Deactivate));
    run(remove(&memory, "5", "u5", RemovalKind::Delete));
    run(create("u6", &[("job_title", "B")]));
    memory
}

fn planned(memory: &Memory) -> PlanSummary {
    let plan = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, "r1").expect("a plan");
    memory.keep_plan(&plan.digest);
    plan
}

fn request(digest: &str) -> UndoRequest {
    UndoRequest {
        run: "r1".to_owned(),
        approved: digest.to_owned(),
        trigger: "manual".to_owned(),
        max_pages: None,
        max_time: None,
    }
}

fn undone(memory: &Memory, digest: &str) -> SyncResult {
    let result = undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request(digest),
    )
    .expect("a run");
    assert_eq!(result.end, SliceEnd::Finished);
    assert_sum(&result.run.counts);
    result
}

fn assert_sum(counts: &Counts) {
    let sum = counts.created
        + counts.updated
        + counts.unchanged
        + counts.skipped
        + counts.removed
        + counts.failed;
    assert_eq!(counts.processed, sum, "{counts:?}");
}

fn counted(plan: &PlanSummary, effect: Effect) -> u64 {
    let mut counts = plan.counts.iter();
    counts.find(|(known, _)| *known == effect).unwrap().1
}

fn approved(run: &RunRecord) -> (u64, u64) {
    let approved = run.approved.as_ref().expect("an approved plan");
    (approved.changes, approved.performed)
}

fn cursor() -> Cursor {
    Cursor {
        delta_link: "https://graph.example/delta".to_owned(),
        fingerprint: "f".to_owned(),
        saved_at: crate::ports::Timestamp(1),
        full_round_at: crate::ports::Timestamp(1),
        people: 6,
        organization: None,
        org_contacts: None,
        edits: None,
        asks_edited: false,
        not_permitted: Vec::new(),
    }
}

fn write_state(memory: &Memory, key: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_vec(value).unwrap();
    memory.state.borrow_mut().insert(key.to_owned(), value);
}

/// A run that changed so many users that it takes several pages.
fn after_a_long_run(users: u32) -> Memory {
    let memory = Memory::default();
    memory.max_batch.set(Some(4));
    for number in 0..users {
        let user = format!("u{number:03}");
        memory.run("r1", create(&user, &[("job_title", "A")]), "new-user");
    }
    memory
}
