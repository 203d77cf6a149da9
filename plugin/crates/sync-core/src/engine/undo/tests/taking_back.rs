use super::*;

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
    let plan = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, &id).unwrap();
    memory.keep_plan(&plan.digest);
    let back = UndoRequest {
        run: id,
        ..request(&plan.digest)
    };
    let result = undo(memory.ports(), &memory.prepared(), SOURCE, None, &back).unwrap();
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
fn a_store_whose_journal_never_ends_is_not_followed_for_ever() {
    let memory = after_a_long_run(7);
    memory.stuck.set(true);
    let error = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, "r1").unwrap_err();
    assert!(error.to_string().contains("is damaged"), "{error}");
}
