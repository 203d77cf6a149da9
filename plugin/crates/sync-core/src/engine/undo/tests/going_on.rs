use super::*;

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
        waiting: false,
        restarts: 0,
        proof: crate::engine::proof::Proof::default(),
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
    let error = undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request(&plan.digest),
    )
    .unwrap_err();
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
        let result = undo(memory.ports(), &memory.prepared(), SOURCE, None, &slice).unwrap();
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
    assert_eq!(result.run.skips.get("drifted"), Some(&4));
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
            let first = undo(
                memory.ports(),
                &memory.prepared(),
                SOURCE,
                None,
                &request(&plan.digest),
            );
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
    let first = undo(memory.ports(), &memory.prepared(), SOURCE, None, &slice).unwrap();
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
fn a_host_that_says_stop_ends_a_plan() {
    let memory = after_a_run();
    memory.stops.set(Some(0));
    let error = plan_undo(memory.ports(), &memory.prepared(), SOURCE, None, "r1").unwrap_err();
    assert!(matches!(
        error,
        CallError::Aborted(crate::engine::run_abort::RunAbort::Stopped)
    ));
}

#[test]
fn what_the_store_refused_of_a_page_that_was_not_heard_of_is_counted_right() {
    let memory = after_a_long_run(7);
    let plan = planned(&memory);
    let kept = memory.contacts.borrow().keys().next().cloned().unwrap();
    let refusal = Outcome::Refused {
        field: None,
        code: "too-long".to_owned(),
    };
    memory.refused.borrow_mut().insert(kept, refusal);
    memory.dies.set(Some((0, true)));
    undo(
        memory.ports(),
        &memory.prepared(),
        SOURCE,
        None,
        &request(&plan.digest),
    )
    .unwrap_err();
    memory.dies.set(None);
    let counted_as_done = current_run(&memory).unwrap().unwrap();
    assert_eq!(approved(&counted_as_done), (7, 2));

    let result = undone(&memory, &plan.digest);
    assert_eq!(result.run.id, counted_as_done.id);
    assert_eq!(approved(&result.run), (7, 6));
    assert_eq!(result.run.counts.processed, 7);
    assert_eq!(result.run.counts.removed, 6);
    assert_eq!(result.run.counts.failed, 1);
    assert_eq!(result.run.errors[0].code, "not-applied");
    assert_eq!(memory.contacts.borrow().len(), 1);
}

#[test]
fn an_undo_that_a_disconnect_cuts_off_is_recorded_as_far_as_it_got() {
    for done in [false, true] {
        let memory = after_a_long_run(7);
        let plan = planned(&memory);
        memory.dies.set(Some((2, done)));
        undo(
            memory.ports(),
            &memory.prepared(),
            SOURCE,
            None,
            &request(&plan.digest),
        )
        .unwrap_err();
        memory.dies.set(None);
        let undone = memory.history().len() - 7;
        crate::engine::disconnect::disconnect(
            memory.ports(),
            Vec::new(),
            |_| Ok(SOURCE.to_owned()),
        )
        .unwrap();
        assert_eq!(current_run(&memory).unwrap(), None);
        let runs = finished_runs(&memory).unwrap();
        assert_eq!(runs[0].status, RunStatus::Stopped);
        assert_sum(&runs[0].counts);
        assert_eq!(approved(&runs[0]), (7, undone as u64), "done: {done}");
        assert_eq!(memory.history().len(), 7 + undone, "nothing more is done");
    }
}
