use api_types::views::{Role, SetupStep};
use rusqlite::Connection;
use rusqlite_migration::Migrations;
use schedule::Tier;

use super::database::{FILE_NAME, MIGRATIONS, ServerDb, ServerDbError, guard};
use crate::records::*;

fn event(action: &str) -> AuditEvent<'_> {
    AuditEvent {
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

fn db() -> (tempfile::TempDir, ServerDb) {
    let directory = tempfile::tempdir().unwrap();
    let db = ServerDb::open(directory.path()).unwrap();
    let workspace = NewWorkspace {
        id: "acme".to_owned(),
        name: "Acme".to_owned(),
        tier: Tier::Standard,
        settings: "{}".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    assert!(
        db.add_workspace(&workspace, event("workspace-made"))
            .unwrap()
    );
    (directory, db)
}

#[test]
fn a_setting_is_saved_once_from_each_version_and_the_second_hears_who_was_first() {
    let (_directory, db) = db();
    let save =
        |version, text| db.save_settings("acme", &settings(version, text), event("settings-saved"));
    assert_eq!(save(1, "{\"a\":1}").unwrap(), 2);
    let refused = save(1, "{\"b\":1}").unwrap_err();
    assert!(matches!(refused, SaveError::Conflict { by, at_ms: 1_000 } if by == "Ada"));
    let workspace = db.workspace("acme").unwrap().unwrap();
    assert_eq!(
        (workspace.settings.as_str(), workspace.step),
        ("{\"a\":1}", SetupStep::Map)
    );
}

#[test]
fn the_audit_log_is_neither_edited_nor_shortened_and_shows_when_the_file_was_altered() {
    let (directory, db) = db();
    db.note(Some("acme"), event("settings-saved")).unwrap();
    db.note(None, event("server-started")).unwrap();
    assert_eq!(db.verify_audit(None).unwrap().unwrap().entries, 3);

    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    assert!(file.execute("UPDATE audit SET who = 'Eve'", []).is_err());
    assert!(file.execute("DELETE FROM audit", []).is_err());
    file.execute_batch(
        "DROP TRIGGER audit_is_not_edited; UPDATE audit SET who = 'Eve' WHERE number = 2",
    )
    .unwrap();
    assert_eq!(db.verify_audit(None).unwrap(), Err(Tampered::Altered(2)));
}

#[test]
fn an_entry_that_was_taken_out_shows() {
    let (directory, db) = db();
    db.note(Some("acme"), event("settings-saved")).unwrap();
    db.note(None, event("server-started")).unwrap();
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    file.execute_batch("DROP TRIGGER audit_is_not_shortened; DELETE FROM audit WHERE number = 2")
        .unwrap();
    assert_eq!(db.verify_audit(None).unwrap(), Err(Tampered::Altered(3)));
}

#[test]
fn a_sign_in_code_works_once_and_not_after_its_time() {
    let (_directory, db) = db();
    let invitation = Invitation {
        workspace: "acme".to_owned(),
        who: "Ada".to_owned(),
        role: Role::Administrator,
        expires_at_ms: 5_000,
    };
    db.invite(b"code", &invitation, event("invited")).unwrap();
    let sign_in = |now_ms| {
        db.sign_in(b"code", b"session", "csrf", now_ms, 1_000)
            .unwrap()
    };
    assert_eq!(
        sign_in(2_000).map(|session| session.role),
        Some(Role::Administrator)
    );
    assert_eq!(sign_in(2_000), None, "used");
    assert!(db.session(b"session", 2_999).unwrap().is_some());
    assert!(db.session(b"session", 3_000).unwrap().is_none(), "expired");

    db.invite(b"code", &invitation, event("invited")).unwrap();
    assert_eq!(sign_in(5_000), None, "too old");
}

#[test]
fn a_form_that_comes_again_leads_where_it_led_and_is_forgotten_after_a_day() {
    let (_directory, db) = db();
    let day = 24 * 60 * 60 * 1000;
    assert_eq!(db.submitted("acme", "t").unwrap(), None);
    db.keep_submission("acme", "t", "/w/acme", 0).unwrap();
    let again = db.submitted("acme", "t").unwrap();
    assert_eq!(again.as_deref(), Some("/w/acme"));
    assert_eq!(db.submitted("other", "t").unwrap(), None);
    db.keep_submission("acme", "u", "/w/acme", day + 1).unwrap();
    assert_eq!(db.submitted("acme", "t").unwrap(), None);
}

fn trip<'a>(state: &'a [u8], purpose: &'a RoundTrip) -> NewRoundTrip<'a> {
    NewRoundTrip {
        state_hash: state,
        workspace: "acme",
        session_hash: b"mine",
        purpose,
        expires_at_ms: 9_000,
    }
}

#[test]
fn a_consent_ends_once_and_only_in_the_session_in_which_it_began() {
    let (_directory, db) = db();
    let own = RoundTrip::OwnConsent;
    db.begin_consent(&trip(b"state", &own), event("consent-asked"))
        .unwrap();
    let ended = |state: &[u8], session: &[u8], at| db.end_consent(state, session, at).unwrap();
    assert_eq!(ended(b"state", b"another", 2_000), None);
    assert_eq!(ended(b"forged", b"mine", 2_000), None);
    assert_eq!(ended(b"state", b"mine", 9_000), None, "too late");
    assert_eq!(ended(b"state", b"mine", 2_000), Some(own));
    assert_eq!(ended(b"state", b"mine", 2_000), None);
}

#[test]
fn a_round_trip_says_what_it_was_for() {
    let (_directory, db) = db();
    let tenant = "84841066-274d-4ec0-a5c1-276be684bdd3".to_owned();
    for purpose in [
        RoundTrip::OwnConsent,
        RoundTrip::PlatformConsent,
        RoundTrip::SignIn { tenant },
    ] {
        db.begin_consent(&trip(b"state", &purpose), event("consent-asked"))
            .unwrap();
        let ended = db.end_consent(b"state", b"mine", 2_000).unwrap();
        assert_eq!(ended, Some(purpose));
    }
}

#[test]
fn disconnecting_forgets_the_secrets() {
    let (_directory, db) = db();
    let secret = StoredSecret {
        sealed: vec![1],
        version: 1,
        set_at_ms: 0,
        expires_at_ms: None,
    };
    let new = settings(1, "{}");
    let saved = db.save_with_secrets(
        "acme",
        &new,
        &[("client-secret", SecretChange::Set(secret))],
        event("connection-saved"),
    );
    assert_eq!(saved.unwrap(), 2);
    db.begin_disconnecting("acme", event("disconnecting"))
        .unwrap();
    assert!(db.secret("acme", "client-secret").unwrap().is_none());
    let meanwhile = db.save_with_secrets(
        "acme",
        &settings(2, "{}"),
        &[("client-secret", SecretChange::Expires(None))],
        event("connection-saved"),
    );
    assert!(matches!(meanwhile, Err(SaveError::Disconnecting)));
    let begins = db.begin_job("acme", begun(JobStarter::Person), event("sync-started"));
    assert!(!begins.unwrap());
    db.set_disconnected("acme", None, event("disconnected"))
        .unwrap();
    assert!(db.secret("acme", "client-secret").unwrap().is_none());
    let workspace = db.workspace("acme").unwrap().unwrap();
    assert_eq!(workspace.state, WorkspaceState::Disconnected);
}

fn begun(starter: JobStarter) -> NewJob<'static> {
    NewJob {
        job: "{}",
        starter,
        connects: false,
        confirms: false,
    }
}

fn ended(outcome: Outcome) -> JobEnd<'static> {
    JobEnd {
        outcome,
        starter: JobStarter::Schedule,
        failure: None,
    }
}

#[test]
fn a_failed_scheduled_run_counts_and_a_success_begins_anew() {
    let (_directory, db) = db();
    let end = |outcome, scheduled| {
        let starter = if scheduled {
            JobStarter::Schedule
        } else {
            JobStarter::Person
        };
        db.begin_job("acme", begun(starter), event("sync-started"))
            .unwrap();
        db.end_job("acme", ended(outcome), event("sync-ended"))
            .unwrap();
        db.workspace("acme").unwrap().unwrap().failures
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
    assert!(db.unfinished_jobs().unwrap().is_empty());
}

#[test]
fn what_another_program_wrote_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    file.execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(
        ServerDb::open(directory.path()),
        Err(ServerDbError::Foreign { .. })
    ));
}

#[test]
fn a_full_disk_is_told_as_one_and_what_was_saved_before_is_there() {
    let (_directory, db) = db();
    {
        let writer = guard(&db.writer);
        let pages: i64 = writer
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        writer
            .pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(()))
            .unwrap();
    }
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    let event = event("settings-saved");
    let refused = db.save_settings("acme", &settings(1, &large), event);
    let Err(SaveError::Database(RecordsError::Unavailable(told))) = refused else {
        panic!("{refused:?}");
    };
    assert!(told.contains("full"), "{told}");
    let workspace = db.workspace("acme").unwrap().unwrap();
    assert_eq!((workspace.settings.as_str(), workspace.version), ("{}", 1));
    assert_eq!(
        db.verify_audit(None).unwrap().unwrap().entries,
        1,
        "nothing is noted that was not done"
    );
}

#[test]
fn settings_and_their_secret_are_saved_together_or_not_at_all_and_a_date_alone_is_saved_too() {
    let (_directory, db) = db();
    let save = |version, change: &SecretChange| {
        let event = event("connection-saved");
        let new = settings(version, "{}");
        db.save_with_secrets("acme", &new, &[("client-secret", change.clone())], event)
    };
    let secret = |sealed| StoredSecret {
        sealed: vec![sealed],
        version: 1,
        set_at_ms: 7,
        expires_at_ms: None,
    };
    let kept = || {
        let kept = db.secret("acme", "client-secret").unwrap().unwrap();
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
    let entries = db.activity("acme", None, 50).unwrap();
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
    let (_directory, db) = db();
    assert_eq!(db.public_url().unwrap(), None);
    for url in ["http://127.0.0.1:8484", "https://sync.example"] {
        db.set_public_url(url).unwrap();
        assert_eq!(db.public_url().unwrap().as_deref(), Some(url));
    }
}

#[test]
fn a_log_that_an_earlier_version_sealed_without_a_key_is_still_checked_and_cannot_be_made_anew() {
    use sha2::{Digest as _, Sha256};
    let directory = tempfile::tempdir().unwrap();
    drop(ServerDb::open(directory.path()).unwrap());
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

    let db = ServerDb::open(directory.path()).unwrap();
    assert_eq!(db.verify_audit(None).unwrap().unwrap().entries, 1);
    db.note(None, event("server-started")).unwrap();
    assert_eq!(db.verify_audit(None).unwrap().unwrap().entries, 2);

    file.execute_batch("DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_shortened;")
        .unwrap();
    let anew = "UPDATE audit SET who = 'Eve', seal = ?1 WHERE number = 1";
    file.execute(anew, [seal("Eve")]).unwrap();
    assert_eq!(db.verify_audit(None).unwrap(), Err(Tampered::Altered(2)));
    file.execute("DELETE FROM audit WHERE number = 2", [])
        .unwrap();
    assert_eq!(db.verify_audit(None).unwrap().unwrap().entries, 1);
    let noted = Head {
        number: 1,
        seal: seal("server"),
    };
    assert_eq!(
        db.verify_audit(Some(&noted)).unwrap(),
        Err(Tampered::MadeAnew(1)),
        "who noted the head elsewhere sees what cannot be seen from within"
    );
}

#[test]
fn settings_that_are_proposed_are_in_force_from_the_moment_at_which_their_plan_begins_and_not_before()
 {
    let (_directory, db) = db();
    let workspace = || db.workspace("acme").unwrap().unwrap();
    let before = workspace();
    let proposed = db.propose(
        "acme",
        &settings(1, "{\"a\":1}"),
        event("settings-proposed"),
    );
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
    let late = db.save_settings("acme", &settings(1, "{}"), event("settings-saved"));
    assert!(matches!(late, Err(SaveError::Conflict { by, .. }) if by == "Ada"));

    db.begin_job("acme", begun(JobStarter::Schedule), event("sync-started"))
        .unwrap();
    assert_eq!(workspace().settings, "{}", "a schedule confirms nothing");
    let confirming = NewJob {
        confirms: true,
        ..begun(JobStarter::Person)
    };
    db.begin_job("acme", confirming, event("sync-approved"))
        .unwrap();
    let confirmed = workspace();
    assert_eq!(confirmed.settings, "{\"a\":1}");
    assert_eq!((confirmed.proposal, confirmed.version), (None, 2));
    let told = db.activity("acme", None, 2).unwrap();
    let told: Vec<_> = told.into_iter().map(|entry| entry.action).collect();
    assert_eq!(told, ["sync-approved", "settings-confirmed"]);
}

#[test]
fn settings_that_are_given_up_leave_nothing_and_nothing_can_be_given_up_twice() {
    let (_directory, db) = db();
    let proposed = db.propose(
        "acme",
        &settings(1, "{\"a\":1}"),
        event("settings-proposed"),
    );
    proposed.unwrap();
    let discard = || {
        db.discard_proposal("acme", event("settings-discarded"))
            .unwrap()
    };
    assert!(discard());
    assert!(!discard());
    let workspace = db.workspace("acme").unwrap().unwrap();
    assert_eq!((workspace.edited(), workspace.version), ("{}", 3));
}

#[test]
fn a_schedule_waits_from_an_undo_until_a_person_syncs() {
    let (_directory, db) = db();
    let held_after = |starter| {
        db.begin_job("acme", begun(starter), event("sync-started"))
            .unwrap();
        db.end_undo("acme", event("undo-ended")).unwrap();
        db.workspace("acme").unwrap().unwrap().held_since_ms
    };
    assert_eq!(held_after(JobStarter::Schedule), None);
    assert_eq!(held_after(JobStarter::Undoing), Some(1_000));
    assert_eq!(held_after(JobStarter::Schedule), Some(1_000));
    assert_eq!(held_after(JobStarter::Person), None);
}

#[test]
fn runs_that_fail_one_after_another_fail_since_the_first_of_them() {
    let (_directory, db) = db();
    let end = |at_ms, outcome| {
        let event = AuditEvent {
            at_ms,
            ..event("sync-ended")
        };
        db.end_job("acme", ended(outcome), event).unwrap();
        db.workspace("acme").unwrap().unwrap().failing_since_ms
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
    let db = ServerDb::open(directory.path()).unwrap();
    let workspace = db.workspace("acme").unwrap().unwrap();
    assert_eq!(
        (workspace.edited(), workspace.proposal.clone()),
        ("{}", None)
    );
    assert_eq!(workspace.failure.as_deref(), Some("why"));
}

#[test]
fn what_a_person_does_is_on_the_disk_and_what_the_schedule_does_waits_for_nobody() {
    let (_directory, db) = db();
    let flushes = || db.flushes();
    let before = flushes();
    db.begin_job("acme", begun(JobStarter::Schedule), event("sync-started"))
        .unwrap();
    db.end_job("acme", ended(Outcome::Succeeded), event("sync-ended"))
        .unwrap();
    db.set_next_run("acme", Some(5_000)).unwrap();
    assert_eq!(flushes(), before);
    db.begin_job("acme", begun(JobStarter::Person), event("sync-started"))
        .unwrap();
    assert_eq!(flushes(), before + 1);
    db.note(Some("acme"), event("secret-used")).unwrap();
    assert_eq!(flushes(), before + 2);
}

#[test]
fn the_end_of_the_log_that_is_told_outlives_a_failure_of_the_power() {
    let (_directory, db) = db();
    db.end_job("acme", ended(Outcome::Succeeded), event("sync-ended"))
        .unwrap();
    let before = db.flushes();
    db.audit_head().unwrap();
    assert_eq!(db.flushes(), before + 1);
}

#[test]
fn what_ten_write_at_once_is_in_the_log_in_one_chain() {
    let (_directory, db) = db();
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                for _ in 0..20 {
                    db.note(Some("acme"), event("secret-used")).unwrap();
                }
            });
        }
    });
    assert_eq!(db.verify_audit(None).unwrap().unwrap().entries, 201);
}
