use super::*;

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
    let prepared = memory.prepared();
    assert_ne!(
        digest_under(&seed("r1")),
        digest_under(&prepared.settings.fingerprint)
    );
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
    assert_eq!(result.run.skips.get("not-approved"), Some(&1));
    assert_eq!(result.run.skips.get("drifted"), None);
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
    let error = undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request(&plan.digest),
    )
    .unwrap_err();
    assert!(matches!(error, CallError::UnknownPlan), "{error}");
    assert_eq!(memory.snapshot(), before);
    assert!(memory.state.borrow().is_empty());
}

#[test]
fn the_plan_of_another_run_approves_nothing() {
    let memory = after_a_run();
    let change = update(&memory, "1", "u1", "job_title", "C");
    memory.run("r2", change, "directory-changed");
    let plan = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, "r2").unwrap();
    memory.keep_plan(&plan.digest);
    let error = undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request(&plan.digest),
    )
    .unwrap_err();
    assert!(matches!(error, CallError::UnknownPlan), "{error}");
}

#[test]
fn a_run_that_the_journal_does_not_hold_cannot_be_taken_back() {
    let memory = Memory::default();
    let planned = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, "r1").unwrap_err();
    let performed = undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request("0000"),
    )
    .unwrap_err();
    for error in [planned, performed] {
        assert!(matches!(error, CallError::NothingToUndo { .. }), "{error}");
        assert!(error.to_string().contains("does not reach that far back"));
    }
}
