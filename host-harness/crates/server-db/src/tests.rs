use api_types::views::{Role, SetupStep};

use super::*;

fn act(action: &str) -> Act<'_> {
    Act {
        at_ms: 1_000,
        who: "Ada",
        action,
        subject: None,
    }
}

fn settings(version: i64, settings: &str) -> NewSettings<'_> {
    NewSettings {
        version,
        settings,
        time_zone: "UTC",
        step: SetupStep::Map,
        in_force: None,
        tested: None,
        anew: false,
        proposal: None,
    }
}

fn books() -> (tempfile::TempDir, Books) {
    let directory = tempfile::tempdir().unwrap();
    let books = Books::open(directory.path()).unwrap();
    let workspace = NewWorkspace {
        id: "acme".to_owned(),
        name: "Acme".to_owned(),
        plan: "standard".to_owned(),
        settings: "{}".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    assert!(
        books
            .add_workspace(&workspace, act("workspace-made"))
            .unwrap()
    );
    (directory, books)
}

#[test]
fn a_setting_is_saved_once_from_each_version_and_the_second_hears_who_was_first() {
    let (_directory, books) = books();
    let save = |version, text| {
        books.save_settings("acme", &settings(version, text), act("settings-saved"))
    };
    assert_eq!(save(1, "{\"a\":1}").unwrap(), 2);
    let refused = save(1, "{\"b\":1}").unwrap_err();
    assert!(matches!(refused, Unsaved::Conflict { by, at_ms: 1_000 } if by == "Ada"));
    let workspace = books.workspace("acme").unwrap().unwrap();
    assert_eq!(
        (workspace.settings.as_str(), workspace.step),
        ("{\"a\":1}", SetupStep::Map)
    );
}

#[test]
fn the_audit_log_is_neither_edited_nor_shortened_and_shows_when_the_file_was_altered() {
    let (directory, books) = books();
    books.note(Some("acme"), act("settings-saved")).unwrap();
    books.note(None, act("server-started")).unwrap();
    assert_eq!(books.verify_audit(None).unwrap().unwrap().entries, 3);

    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    assert!(file.execute("UPDATE audit SET who = 'Eve'", []).is_err());
    assert!(file.execute("DELETE FROM audit", []).is_err());
    file.execute_batch(
        "DROP TRIGGER audit_is_not_edited; UPDATE audit SET who = 'Eve' WHERE number = 2",
    )
    .unwrap();
    assert_eq!(books.verify_audit(None).unwrap(), Err(Tampered::Altered(2)));
}

#[test]
fn an_entry_that_was_taken_out_shows() {
    let (directory, books) = books();
    books.note(Some("acme"), act("settings-saved")).unwrap();
    books.note(None, act("server-started")).unwrap();
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    file.execute_batch("DROP TRIGGER audit_is_not_shortened; DELETE FROM audit WHERE number = 2")
        .unwrap();
    assert_eq!(books.verify_audit(None).unwrap(), Err(Tampered::Altered(3)));
}

#[test]
fn a_sign_in_code_works_once_and_not_after_its_time() {
    let (_directory, books) = books();
    let invitation = Invitation {
        workspace: "acme".to_owned(),
        who: "Ada".to_owned(),
        role: Role::Administrator,
        expires_at_ms: 5_000,
    };
    books.invite(b"code", &invitation, act("invited")).unwrap();
    let sign_in = |now_ms| {
        books
            .sign_in(b"code", b"session", "csrf", now_ms, 1_000)
            .unwrap()
    };
    assert_eq!(
        sign_in(2_000).map(|session| session.role),
        Some(Role::Administrator)
    );
    assert_eq!(sign_in(2_000), None, "used");
    assert!(books.session(b"session", 2_999).unwrap().is_some());
    assert!(
        books.session(b"session", 3_000).unwrap().is_none(),
        "expired"
    );

    books.invite(b"code", &invitation, act("invited")).unwrap();
    assert_eq!(sign_in(5_000), None, "too old");
}

#[test]
fn a_form_that_comes_again_leads_where_it_led_and_is_forgotten_after_a_day() {
    let (_directory, books) = books();
    let day = 24 * 60 * 60 * 1000;
    assert_eq!(books.submitted("acme", "t").unwrap(), None);
    books.keep_submission("acme", "t", "/w/acme", 0).unwrap();
    let again = books.submitted("acme", "t").unwrap();
    assert_eq!(again.as_deref(), Some("/w/acme"));
    assert_eq!(books.submitted("other", "t").unwrap(), None);
    books
        .keep_submission("acme", "u", "/w/acme", day + 1)
        .unwrap();
    assert_eq!(books.submitted("acme", "t").unwrap(), None);
}

#[test]
fn a_consent_ends_once_and_only_in_the_session_in_which_it_began() {
    let (_directory, books) = books();
    books
        .begin_consent(b"state", "acme", b"mine", 9_000, act("consent-asked"))
        .unwrap();
    assert!(!books.end_consent(b"state", b"another", 2_000).unwrap());
    assert!(!books.end_consent(b"forged", b"mine", 2_000).unwrap());
    assert!(
        !books.end_consent(b"state", b"mine", 9_000).unwrap(),
        "too late"
    );
    assert!(books.end_consent(b"state", b"mine", 2_000).unwrap());
    assert!(!books.end_consent(b"state", b"mine", 2_000).unwrap());
}

#[test]
fn disconnecting_forgets_the_secrets() {
    let (_directory, books) = books();
    let secret = StoredSecret {
        sealed: vec![1],
        version: 1,
        set_at_ms: 0,
        expires_at_ms: None,
    };
    let new = settings(1, "{}");
    let saved = books.save_with_secret(
        "acme",
        &new,
        ("client-secret", &SecretChange::Set(secret)),
        act("connection-saved"),
    );
    assert_eq!(saved.unwrap(), 2);
    books
        .begin_disconnecting("acme", act("disconnecting"))
        .unwrap();
    assert!(books.secret("acme", "client-secret").unwrap().is_none());
    let meanwhile = books.save_with_secret(
        "acme",
        &settings(2, "{}"),
        ("client-secret", &SecretChange::Expires(None)),
        act("connection-saved"),
    );
    assert!(matches!(meanwhile, Err(Unsaved::Disconnecting)));
    let begins = books.begin_job("acme", begun(Starter::Person), act("sync-started"));
    assert!(!begins.unwrap());
    books.set_disconnected("acme", act("disconnected")).unwrap();
    assert!(books.secret("acme", "client-secret").unwrap().is_none());
    let workspace = books.workspace("acme").unwrap().unwrap();
    assert_eq!(workspace.state, State::Disconnected);
}

fn begun(starter: Starter) -> Begun<'static> {
    Begun {
        job: "{}",
        starter,
        connects: false,
        confirms: false,
    }
}

fn ended(outcome: Outcome) -> Ended<'static> {
    Ended {
        outcome,
        failure: None,
    }
}

#[test]
fn a_failed_scheduled_run_counts_and_a_success_begins_anew() {
    let (_directory, books) = books();
    let end = |outcome, scheduled| {
        let starter = if scheduled {
            Starter::Schedule
        } else {
            Starter::Person
        };
        books
            .begin_job("acme", begun(starter), act("sync-started"))
            .unwrap();
        books
            .end_job("acme", ended(outcome), act("sync-ended"))
            .unwrap();
        books.workspace("acme").unwrap().unwrap().failures
    };
    assert_eq!(end(Outcome::Failed, true), 1);
    assert_eq!(
        end(Outcome::Failed, false),
        1,
        "a person's try is no reason to wait"
    );
    assert_eq!(end(Outcome::Stopped, true), 1);
    assert_eq!(end(Outcome::Failed, true), 2);
    assert_eq!(end(Outcome::Succeeded, false), 0);
    assert!(books.unfinished_jobs().unwrap().is_empty());
}

#[test]
fn what_another_program_wrote_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    file.execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(
        Books::open(directory.path()),
        Err(BooksError::Foreign { .. })
    ));
}

#[test]
fn a_full_disk_is_told_as_one_and_what_was_saved_before_is_there() {
    let (_directory, books) = books();
    {
        let writer = guard(&books.writer);
        let pages: i64 = writer
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        writer
            .pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(()))
            .unwrap();
    }
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    let act = act("settings-saved");
    let refused = books.save_settings("acme", &settings(1, &large), act);
    let Err(Unsaved::Database(DatabaseError::Unavailable(told))) = refused else {
        panic!("{refused:?}");
    };
    assert!(told.contains("full"), "{told}");
    let workspace = books.workspace("acme").unwrap().unwrap();
    assert_eq!((workspace.settings.as_str(), workspace.version), ("{}", 1));
    assert_eq!(
        books.verify_audit(None).unwrap().unwrap().entries,
        1,
        "nothing is noted that was not done"
    );
}

#[test]
fn settings_and_their_secret_are_saved_together_or_not_at_all_and_a_date_alone_is_saved_too() {
    let (_directory, books) = books();
    let save = |version, change: &SecretChange| {
        let change = ("client-secret", change);
        let act = act("connection-saved");
        books.save_with_secret("acme", &settings(version, "{}"), change, act)
    };
    let secret = |sealed| StoredSecret {
        sealed: vec![sealed],
        version: 1,
        set_at_ms: 7,
        expires_at_ms: None,
    };
    let kept = || {
        let kept = books.secret("acme", "client-secret").unwrap().unwrap();
        (kept.sealed, kept.set_at_ms, kept.expires_at_ms)
    };
    save(1, &SecretChange::Set(secret(1))).unwrap();
    assert!(
        save(1, &SecretChange::Set(secret(2))).is_err(),
        "a conflict"
    );
    assert_eq!(kept(), (vec![1], 7, None));
    save(2, &SecretChange::Expires(Some(9_000))).unwrap();
    assert_eq!(kept(), (vec![1], 7, Some(9_000)));
    save(3, &SecretChange::Expires(Some(9_000))).unwrap();
    let entries = books.activity("acme", None, 50).unwrap();
    let done: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        done,
        [
            "connection-saved",
            "secret-expiry-set",
            "connection-saved",
            "secret-set",
            "connection-saved",
            "workspace-made"
        ],
        "newest first; nothing is noted where nothing changed"
    );
}

#[test]
fn the_address_of_the_last_server_is_known() {
    let (_directory, books) = books();
    assert_eq!(books.public_url().unwrap(), None);
    for url in ["http://127.0.0.1:8484", "https://sync.example"] {
        books.set_public_url(url).unwrap();
        assert_eq!(books.public_url().unwrap().as_deref(), Some(url));
    }
}

#[test]
fn a_log_that_an_earlier_version_sealed_without_a_key_is_still_checked_and_cannot_be_made_anew() {
    use sha2::{Digest as _, Sha256};
    let directory = tempfile::tempdir().unwrap();
    drop(Books::open(directory.path()).unwrap());
    // As the earlier version wrote it: SHA-256 over the seal before and the parts, each with its length.
    std::fs::remove_file(directory.path().join("audit.key")).unwrap();
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    let seal = |who: &str| {
        let mut bytes = Vec::new();
        for part in [&b""[..], &1_i64.to_be_bytes(), &7_i64.to_be_bytes()] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&u64::MAX.to_be_bytes());
        for part in [who, "server-started"] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&u64::MAX.to_be_bytes());
        Sha256::digest(bytes).to_vec()
    };
    let first = "INSERT INTO audit (number, at_ms, workspace, who, action, subject, seal) \
                 VALUES (1, 7, NULL, ?1, 'server-started', NULL, ?2)";
    file.execute(first, rusqlite::params!["server", seal("server")])
        .unwrap();

    let books = Books::open(directory.path()).unwrap();
    assert_eq!(books.verify_audit(None).unwrap().unwrap().entries, 1);
    books.note(None, act("server-started")).unwrap();
    assert_eq!(books.verify_audit(None).unwrap().unwrap().entries, 2);

    file.execute_batch("DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_shortened;")
        .unwrap();
    let anew = "UPDATE audit SET who = 'Eve', seal = ?1 WHERE number = 1";
    file.execute(anew, [seal("Eve")]).unwrap();
    assert_eq!(books.verify_audit(None).unwrap(), Err(Tampered::Altered(2)));
    file.execute("DELETE FROM audit WHERE number = 2", [])
        .unwrap();
    assert_eq!(books.verify_audit(None).unwrap().unwrap().entries, 1);
    let noted = Head {
        number: 1,
        seal: seal("server"),
    };
    assert_eq!(
        books.verify_audit(Some(&noted)).unwrap(),
        Err(Tampered::MadeAnew(1)),
        "who noted the head elsewhere sees what cannot be seen from within"
    );
}

#[test]
fn settings_that_are_proposed_are_in_force_from_the_moment_at_which_their_plan_begins_and_not_before()
 {
    let (_directory, books) = books();
    let workspace = || books.workspace("acme").unwrap().unwrap();
    let before = workspace();
    let proposed = books.propose("acme", &settings(1, "{\"a\":1}"), act("settings-proposed"));
    assert_eq!(proposed.unwrap(), 2);
    let waiting = workspace();
    assert_eq!(
        (waiting.settings.as_str(), waiting.edited(), waiting.version),
        ("{}", "{\"a\":1}", 2)
    );
    assert_eq!(
        waiting.changed_at_ms, before.changed_at_ms,
        "no schedule hears of it"
    );
    // Whoever edited an earlier version hears who was first.
    let late = books.save_settings("acme", &settings(1, "{}"), act("settings-saved"));
    assert!(matches!(late, Err(Unsaved::Conflict { by, .. }) if by == "Ada"));

    books
        .begin_job("acme", begun(Starter::Schedule), act("sync-started"))
        .unwrap();
    assert_eq!(workspace().settings, "{}", "a schedule confirms nothing");
    let confirming = Begun {
        confirms: true,
        ..begun(Starter::Person)
    };
    books
        .begin_job("acme", confirming, act("sync-approved"))
        .unwrap();
    let confirmed = workspace();
    assert_eq!(confirmed.settings, "{\"a\":1}");
    assert_eq!((confirmed.proposal, confirmed.version), (None, 2));
    let told = books.activity("acme", None, 2).unwrap();
    let told: Vec<_> = told.into_iter().map(|entry| entry.action).collect();
    assert_eq!(told, ["sync-approved", "settings-confirmed"]);
}

#[test]
fn settings_that_are_given_up_leave_nothing_and_nothing_can_be_given_up_twice() {
    let (_directory, books) = books();
    let proposed = books.propose("acme", &settings(1, "{\"a\":1}"), act("settings-proposed"));
    proposed.unwrap();
    let discard = || {
        books
            .discard_proposal("acme", act("settings-discarded"))
            .unwrap()
    };
    assert!(discard());
    assert!(!discard());
    let workspace = books.workspace("acme").unwrap().unwrap();
    assert_eq!((workspace.edited(), workspace.version), ("{}", 3));
}

#[test]
fn a_schedule_waits_from_an_undo_until_a_person_syncs() {
    let (_directory, books) = books();
    let held_after = |starter| {
        books
            .begin_job("acme", begun(starter), act("sync-started"))
            .unwrap();
        books.end_undo("acme", act("undo-ended")).unwrap();
        books.workspace("acme").unwrap().unwrap().held_since_ms
    };
    assert_eq!(held_after(Starter::Schedule), None);
    assert_eq!(held_after(Starter::Undoing), Some(1_000));
    assert_eq!(held_after(Starter::Schedule), Some(1_000));
    assert_eq!(held_after(Starter::Person), None);
}

#[test]
fn runs_that_fail_one_after_another_fail_since_the_first_of_them() {
    let (_directory, books) = books();
    let end = |at_ms, outcome| {
        let act = Act {
            at_ms,
            ..act("sync-ended")
        };
        books.end_job("acme", ended(outcome), act).unwrap();
        books.workspace("acme").unwrap().unwrap().failing_since_ms
    };
    assert_eq!(end(1, Outcome::Failed), Some(1));
    assert_eq!(end(2, Outcome::Failed), Some(1));
    assert_eq!(end(3, Outcome::Succeeded), None);
    assert_eq!(end(4, Outcome::Failed), Some(4));
}

#[test]
fn records_of_the_first_version_are_read_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    {
        let mut old = Connection::open(directory.path().join(FILE_NAME)).unwrap();
        Migrations::from_slice(&MIGRATIONS[..1])
            .to_latest(&mut old)
            .unwrap();
        old.execute(
            "INSERT INTO workspaces (id, name, plan, state, step, created_at_ms, settings, \
                 changed_by, changed_at_ms, time_zone, failure) \
             VALUES ('acme', 'Acme', 'plus', 'connected', 'done', 1, '{}', 'Ada', 1, 'UTC', 'why')",
            [],
        )
        .unwrap();
    }
    let books = Books::open(directory.path()).unwrap();
    let workspace = books.workspace("acme").unwrap().unwrap();
    assert_eq!(
        (workspace.edited(), workspace.proposal.clone()),
        ("{}", None)
    );
    assert_eq!(workspace.failure.as_deref(), Some("why"));
}
