use super::*;
use crate::contact::{
    Change, ContactId, ContactList, Create, Effect, Evidence, Field, FieldWrite, LinkContact,
    Membership, ObjectId, Removal, RemovalKind, Update,
};
use crate::engine::checkpoint::{Cursor, Round, Step, current_run, finished_runs};
use crate::engine::memory::{DOCUMENT, Memory};
use crate::engine::plan::PlanSummary;
use crate::engine::sync::{SliceEnd, SyncResult};
use crate::ports::{Conflict, Outcome};
use crate::reconcile::samples::{contact, linked_contact};
use crate::report::run::{Counts, RunMode, RunRecord, RunStatus};

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
    Change::Update(Update {
        contact: contact.precondition(),
        object_id: ObjectId::new(user),
        writes: vec![FieldWrite {
            name: field.to_owned(),
            value: Some(value.to_owned()),
        }],
        base: Some(fields(&[(field, value)])),
        membership: Membership::default(),
        reactivate: false,
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
    let plan = plan_undo(memory.ports(), DOCUMENT, "r1").expect("a plan");
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
    let result = undo(memory.ports(), DOCUMENT, &request(digest)).expect("a run");
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
    }
}

fn write_state(memory: &Memory, key: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_vec(value).unwrap();
    memory.state.borrow_mut().insert(key.to_owned(), value);
}

#[test]
fn taking_a_run_back_restores_every_contact_to_what_it_was() {
    let memory = after_a_run();
    let plan = planned(&memory);
    for (effect, expected) in [
        (Effect::Create, 1),
        (Effect::Update, 1),
        (Effect::Link, 1),
        (Effect::Unlink, 1),
        (Effect::Deactivate, 0),
        (Effect::Reactivate, 1),
        (Effect::Delete, 1),
        (Effect::Unchanged, 0),
        (Effect::Skip, 0),
    ] {
        assert_eq!(counted(&plan, effect), expected, "{effect:?}");
    }
    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.status, RunStatus::Succeeded);
    assert_eq!(approved(&result.run), (6, 6));
    assert_eq!(result.run.counts.processed, 6);
    assert_eq!(result.run.counts.removed, 2);
    assert_eq!(result.run.requests, 0);

    let before = Memory::default();
    before.put(linked_contact("1", "u1", &[("job_title", "A")]));
    before.put(contact(
        "2",
        &[("email", "b@c.example"), ("job_title", "A")],
    ));
    for number in ["3", "4", "5"] {
        let user = format!("u{number}");
        let mut contact = linked_contact(number, &user, &[("job_title", "A")]);
        contact.lists = vec!["Staff".to_owned()];
        before.put(contact);
    }
    assert_eq!(memory.snapshot(), before.snapshot());
}

#[test]
fn the_undo_is_a_run_of_its_own_that_can_be_taken_back() {
    let memory = after_a_run();
    let done = memory.snapshot();
    let result = undone(&memory, &planned(&memory).digest);
    let id = result.run.id;
    let plan = plan_undo(memory.ports(), DOCUMENT, &id).unwrap();
    memory.keep_plan(&plan.digest);
    let back = UndoRequest {
        run: id,
        ..request(&plan.digest)
    };
    let result = undo(memory.ports(), DOCUMENT, &back).unwrap();
    assert_eq!(approved(&result.run), (6, 6));
    assert_eq!(memory.snapshot(), done);
}

#[test]
fn a_second_undo_of_the_same_run_changes_nothing() {
    let memory = after_a_run();
    let first = planned(&memory);
    undone(&memory, &first.digest);
    let second = planned(&memory);
    assert_eq!(counted(&second, Effect::Unchanged), 6);
    let changes = memory.history().len();
    let result = undone(&memory, &second.digest);
    assert_eq!(result.run.counts.unchanged, 6);
    assert_eq!(approved(&result.run), (0, 0));
    assert_eq!(memory.history().len(), changes);
}

#[test]
fn a_plan_writes_nothing_and_says_the_same_each_time() {
    let memory = after_a_run();
    let (contacts, state) = (memory.snapshot(), memory.state.borrow().clone());
    let first = planned(&memory);
    assert_eq!(planned(&memory), first);
    assert_eq!(memory.snapshot(), contacts);
    assert_eq!(*memory.state.borrow(), state);
}

#[test]
fn an_undo_has_a_digest_that_no_sync_and_no_other_undo_has() {
    let memory = after_a_run();
    let entries = {
        planned(&memory);
        let digest = memory.plans.borrow().keys().next().cloned().unwrap();
        memory.plans.borrow()[&digest].clone()
    };
    let digest_under = |seed: &str| {
        let mut digest = crate::reconcile::digest::PlanDigest::new(seed);
        entries.values().for_each(|entry| digest.add(entry));
        digest.finish()
    };
    assert_eq!(digest_under(&seed("r1")), planned(&memory).digest);
    assert_ne!(digest_under(&seed("r1")), digest_under(&seed("r2")));
    let prepared = crate::engine::call::prepare(memory.ports(), DOCUMENT).unwrap();
    assert_ne!(
        digest_under(&seed("r1")),
        digest_under(&prepared.settings.fingerprint)
    );
}

#[test]
fn fields_edited_since_are_left_alone_and_named_by_their_label() {
    let memory = after_a_run();
    memory.edit("1", "job_title", Some("edited"));
    memory.edit("2", "job_title", Some("edited"));
    let plan = planned(&memory);
    let warnings: Vec<_> = plan
        .warnings
        .iter()
        .map(|warning| &warning.message)
        .collect();
    assert_eq!(warnings, ["job title: 2 records edited since, left alone"]);
    assert_eq!(plan.skips.get("edited-since"), Some(&1));
    assert_eq!(counted(&plan, Effect::Unlink), 1);

    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.status, RunStatus::Warnings);
    assert_eq!(result.run.warnings(), plan.warnings);
    assert_eq!(result.run.skips.get("edited-since"), Some(&1));
    assert_eq!(
        memory.contact("2").unwrap().field("job_title"),
        Some("edited")
    );
    assert_eq!(memory.contact("2").unwrap().link, None);
}

#[test]
fn what_changed_since_the_plan_was_made_is_left_out_and_counted() {
    let memory = after_a_run();
    let plan = planned(&memory);
    memory.edit("1", "job_title", Some("edited"));
    memory.edit("2", "job_title", Some("edited"));
    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.skips.get("drifted"), Some(&2));
    assert_eq!(approved(&result.run), (6, 4));
    assert!(memory.contact("2").unwrap().link.is_some());
}

#[test]
fn a_change_that_was_not_approved_is_not_made_up() {
    let memory = after_a_run();
    memory.edit("1", "job_title", Some("edited"));
    let plan = planned(&memory);
    memory.edit("1", "job_title", Some("B"));
    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.skips.get("drifted"), Some(&1));
    assert_eq!(memory.contact("1").unwrap().field("job_title"), Some("B"));
}

#[test]
fn a_plan_that_the_host_altered_is_refused_before_anything_is_written() {
    let memory = after_a_run();
    let plan = planned(&memory);
    {
        let mut plans = memory.plans.borrow_mut();
        let kept = plans.get_mut(&plan.digest).unwrap();
        kept.get_mut(&ObjectId::new("u1")).unwrap().effect = Effect::Delete;
    }
    let before = memory.snapshot();
    let error = undo(memory.ports(), DOCUMENT, &request(&plan.digest)).unwrap_err();
    assert!(matches!(error, CallError::UnknownPlan), "{error}");
    assert_eq!(memory.snapshot(), before);
    assert!(memory.state.borrow().is_empty());
}

#[test]
fn the_plan_of_another_run_approves_nothing() {
    let memory = after_a_run();
    let change = update(&memory, "1", "u1", "job_title", "C");
    memory.run("r2", change, "directory-changed");
    let plan = plan_undo(memory.ports(), DOCUMENT, "r2").unwrap();
    memory.keep_plan(&plan.digest);
    let error = undo(memory.ports(), DOCUMENT, &request(&plan.digest)).unwrap_err();
    assert!(matches!(error, CallError::UnknownPlan), "{error}");
}

#[test]
fn a_run_that_the_journal_does_not_hold_cannot_be_taken_back() {
    let memory = Memory::default();
    let planned = plan_undo(memory.ports(), DOCUMENT, "r1").unwrap_err();
    let performed = undo(memory.ports(), DOCUMENT, &request("0000")).unwrap_err();
    for error in [planned, performed] {
        assert!(matches!(error, CallError::NothingToUndo { .. }), "{error}");
        assert!(error.to_string().contains("does not reach that far back"));
    }
}

#[test]
fn an_open_round_keeps_an_undo_from_beginning() {
    let memory = after_a_run();
    let plan = planned(&memory);
    let round = Round {
        mode: RunMode::Full,
        fingerprint: "f".to_owned(),
        step: Step::Closed {
            delta_link: "https://graph.example/delta".to_owned(),
        },
        known_links: 0,
        people: 0,
        staged: false,
        restarts: 0,
    };
    write_state(&memory, "round", &round);
    let error = undo(memory.ports(), DOCUMENT, &request(&plan.digest)).unwrap_err();
    assert!(matches!(error, CallError::RoundOpen), "{error}");
    assert_eq!(memory.history().len(), 6);
}

#[test]
fn a_sync_that_had_not_opened_its_round_is_closed() {
    let memory = after_a_run();
    let plan = planned(&memory);
    let sync = RunRecord::begin(
        "r2".to_owned(),
        RunMode::Full,
        "schedule".to_owned(),
        crate::ports::Timestamp(1),
    );
    write_state(&memory, "run/current", &sync);
    undone(&memory, &plan.digest);
    let finished = finished_runs(&memory).unwrap();
    assert_eq!(finished[1].id, "r2");
    assert_eq!(finished[1].status, RunStatus::Failed);
}

#[test]
fn the_saved_cursor_is_dropped_so_that_the_next_sync_reads_everybody() {
    let memory = after_a_run();
    write_state(&memory, "cursor", &cursor());
    let plan = planned(&memory);
    undone(&memory, &plan.digest);
    assert_eq!(Cursor::load(&memory).unwrap(), None);
    assert_eq!(current_run(&memory).unwrap(), None);
    let finished = finished_runs(&memory).unwrap();
    assert_eq!(finished.len(), 1);
    assert_eq!(finished[0].trigger, "manual");
}

#[test]
fn a_reversal_that_the_store_does_not_take_hurts_only_itself() {
    let memory = after_a_run();
    let plan = planned(&memory);
    let refusal = Outcome::Refused {
        field: Some("job_title".to_owned()),
        code: "too-long".to_owned(),
    };
    memory.refused.borrow_mut().extend([
        (ContactId::new("1"), refusal),
        (ContactId::new("2"), Outcome::Conflict(Conflict::Version)),
        (ContactId::new("3"), Outcome::Conflict(Conflict::Linked)),
        (ContactId::new("4"), Outcome::Conflict(Conflict::Gone)),
    ]);
    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.status, RunStatus::Warnings);
    assert_eq!(result.run.counts.failed, 4);
    assert_eq!(approved(&result.run), (6, 2));
    let codes: Vec<_> = result
        .run
        .errors
        .iter()
        .map(|error| error.code.as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "too-long",
            "changed-meanwhile",
            "linked-meanwhile",
            "gone-meanwhile"
        ]
    );
    assert_eq!(finished_runs(&memory).unwrap()[0].counts, result.run.counts);
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

#[test]
fn an_undo_goes_on_slice_by_slice_and_adds_up() {
    let memory = after_a_long_run(7);
    write_state(&memory, "cursor", &cursor());
    let plan = planned(&memory);
    let slice = UndoRequest {
        max_pages: Some(1),
        ..request(&plan.digest)
    };
    let mut slices = 0;
    let run = loop {
        let result = undo(memory.ports(), DOCUMENT, &slice).unwrap();
        slices += 1;
        assert_sum(&result.run.counts);
        assert_eq!(Cursor::load(&memory).unwrap(), None);
        if result.end == SliceEnd::Finished {
            break result.run;
        }
        let current = current_run(&memory).unwrap().expect("between two slices");
        assert_eq!(current, result.run);
    };
    assert_eq!(slices, 4);
    assert_eq!(approved(&run), (7, 7));
    assert!(memory.contacts.borrow().is_empty());
    assert_eq!(finished_runs(&memory).unwrap().len(), 1);
}

#[test]
fn an_undo_that_the_host_stopped_can_be_asked_for_again() {
    let memory = after_a_long_run(7);
    let plan = planned(&memory);
    memory.stops.set(Some(2));
    let stopped = undone(&memory, &plan.digest);
    assert_eq!(stopped.run.status, RunStatus::Stopped);
    assert_eq!(approved(&stopped.run), (7, 4));
    memory.stops.set(None);
    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.status, RunStatus::Succeeded);
    assert_eq!(approved(&result.run), (7, 3));
    assert_eq!(result.run.counts.unchanged, 4);
    assert!(memory.contacts.borrow().is_empty());
}

#[test]
fn an_undo_that_is_killed_at_any_commit_ends_as_an_unbroken_one() {
    let mut points = 0;
    for commits in 0.. {
        for done in [false, true] {
            let memory = after_a_long_run(7);
            let plan = planned(&memory);
            memory.dies.set(Some((commits, done)));
            let first = undo(memory.ports(), DOCUMENT, &request(&plan.digest));
            memory.dies.set(None);
            if first.is_ok() {
                assert_eq!(points, 2 * 5, "four pages and the end");
                return;
            }
            points += 1;
            let result = undone(&memory, &plan.digest);
            let point = format!("killed at commit {commits}, done: {done}");
            assert!(memory.contacts.borrow().is_empty(), "{point}");
            assert_eq!(memory.history().len(), 14, "{point}");
            assert_eq!(result.run.counts.processed, 7, "{point}");
            // Only where the run was closed already, the second is another, with nothing to do.
            let expected = if commits == 4 && done { 0 } else { 7 };
            assert_eq!(approved(&result.run), (7, expected), "{point}");
        }
    }
}

#[test]
fn an_undo_that_is_not_gone_on_with_is_closed_when_another_is_asked_for() {
    let memory = after_a_long_run(7);
    let plan = planned(&memory);
    let slice = UndoRequest {
        max_pages: Some(1),
        ..request(&plan.digest)
    };
    let first = undo(memory.ports(), DOCUMENT, &slice).unwrap();
    assert!(matches!(first.end, SliceEnd::More(_)));
    let again = planned(&memory);
    let result = undone(&memory, &again.digest);
    assert_ne!(result.run.id, first.run.id);
    assert_eq!(approved(&result.run), (5, 5));
    let finished = finished_runs(&memory).unwrap();
    assert_eq!(finished[1].status, RunStatus::Failed);
    assert_eq!(finished[1].errors[0].code, "interrupted");
}

#[test]
fn several_contacts_of_one_user_are_looked_up_within_the_batch() {
    let memory = Memory::default();
    memory.max_batch.set(Some(4));
    for number in 0..6 {
        memory.run("r1", create("u1", &[("job_title", "A")]), "new-user");
        let id = memory.history().last().unwrap().contact.clone();
        if number < 5 {
            let gone = remove(&memory, id.as_str(), "u1", RemovalKind::Delete);
            memory.run("r1", gone, "deleted");
        }
    }
    let plan = planned(&memory);
    assert_eq!(counted(&plan, Effect::Delete), 1);
    undone(&memory, &plan.digest);
    assert!(memory.contacts.borrow().is_empty());
}

#[test]
fn a_host_that_says_stop_ends_a_plan() {
    let memory = after_a_run();
    memory.stops.set(Some(0));
    let error = plan_undo(memory.ports(), DOCUMENT, "r1").unwrap_err();
    assert!(matches!(
        error,
        CallError::Halted(crate::engine::halt::Halt::Stopped)
    ));
}
