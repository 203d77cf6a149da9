//! Files of earlier versions are rewritten, in portions, and everything in them is found again.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use connector_contract::imports::{PlanSink as _, State as _};
use connector_contract::{Effect, Sightings, Who};
use rusqlite::Connection;
use rusqlite::types::Value;
use store_api::PlanFilter;

use super::*;
use crate::schema::earlier::STEPS;
use crate::{FILE_NAME, MigrationProgress, OpenError};

/// A user whose id has this number.
fn user(number: u32) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// What the version before this one kept of a workspace: eleven people of a directory, two of them of
/// another one, too, and a friend; what two runs did; plans, a round and state.
fn old_contents() -> String {
    let mut sql = format!(
        "INSERT INTO sources (id, name) VALUES (1, '{SOURCE}'), (2, '{OTHER_SOURCE}');
         INSERT INTO custom_fields (id, name) VALUES (0, 'Shoe size');
         INSERT INTO lists (id, name, description, key) VALUES (1, 'Sales', 'D', 'sales');
         INSERT INTO run_names (id, name, began_ms) VALUES (1, 'run-1', 10), (2, 'run-2', 20);"
    );
    for contact in 1..=11_u32 {
        let user = user(contact * 7 % 12);
        sql += &format!(
            "INSERT INTO contacts (id, version, active, filled, email_key, email, company) VALUES
                 ({contact}, 2, 1, 65576, 'p{contact}@x.org', 'P{contact}@x.org', 'Contoso');
             INSERT INTO custom_values VALUES ({contact}, 0, '42');
             INSERT INTO links (sequence, source_id, object_id, contact_id, base) VALUES
                 ({contact}, 1, '{user}', {contact},
                  '{{\"Shoe size\":\"42\",\"company\":\"Contoso\",\"email\":\"P{contact}@x.org\"}}');
             INSERT INTO memberships VALUES ({contact}, 1, 1);
             INSERT INTO journal (number, source_id, run_id, at_ms, object_id, contact_id, effect, reason,
                 version, before) VALUES
                 ({contact}, 1, 1, 11, '{user}', {contact}, 'create', 'new-user', 1,
                  '{{\"joins\":[\"Sales\"]}}');"
        );
    }
    sql + &format!(
        "INSERT INTO tallies VALUES (1, 1, 65576, 11), (2, 1, 65576, 2);
         UPDATE links SET base = '{{\"company\":\"Fabrikam\"}}' WHERE contact_id = 3;
         INSERT INTO links (sequence, source_id, object_id, contact_id, base) VALUES
             (15, 2, 'other-5', 5, '{{}}'), (16, 2, 'other-6', 6, '{{\"company\":\"Contoso\"}}');
         INSERT INTO contacts (id, active, filled, first_name) VALUES (14, 1, 1, 'Friend');
         INSERT INTO memberships VALUES (14, 1, 0);
         INSERT INTO former_links VALUES (14, 1, '{former}');
         UPDATE sqlite_sequence SET seq = 20 WHERE name = 'contacts';
         UPDATE sqlite_sequence SET seq = 30 WHERE name = 'links';
         INSERT INTO journal (number, source_id, run_id, at_ms, object_id, contact_id, effect, reason,
             version, before) VALUES
             (40, 1, 2, 21, '{third}', 3, 'update', 'directory-changed', 2,
              '{{\"fields\":[[\"company\",\"Litware\",\"Contoso\"]],\"base\":\"{{\\\"company\\\":\\\"Litware\\\"}}\"}}');
         INSERT INTO notes (object_id, source_id, reason, run_id, since_ms) VALUES
             ('skipped-1', 1, 'out-of-scope', 1, 5), ('skipped-2', 1, 'out-of-scope', 1, 5);
         INSERT INTO plans (id, digest, mode, created_at_ms, summary) VALUES
             (3, 'd3', 'full', 1, '{{}}'), (5, 'd5', 'full', 2, '{{}}');
         INSERT INTO plan_lists VALUES (3, 'support', 'Support', 'b');
         INSERT INTO plan_entries (plan_id, object_id, effect, reason, contact_id, version, detail) VALUES
             (3, 'd', 'create', 'new-user', NULL, NULL, '{{\"joins\":[\"support\"]}}'),
             (3, 'a', 'link', 'address', '14', 1, NULL), (3, 'c', 'unchanged', 'same', '1', 2, NULL),
             (3, 'b', 'skip', 'out-of-scope', NULL, NULL, NULL), (5, 'a', 'delete', 'gone', '1', 2, NULL);
         INSERT INTO rounds VALUES (1, 1, 'round', 11, 11);
         INSERT INTO sightings SELECT 1, sequence FROM links WHERE sequence <= 10;
         INSERT INTO state (key, value) VALUES ('a', x'01'), ('b', x'02'), ('c', x'03'), ('d', x'04');
         INSERT INTO settings (name, value) VALUES ('document', '{{}}'), ('connected', 'yes');
         INSERT INTO runs (call, asked_by, started_at_ms, status) VALUES ('sync', 'test', 1, 'running');
         UPDATE lease SET token = 9;
         UPDATE settings SET value = '00ff' WHERE name = 'address-key';",
        former = user(99),
        third = user(3 * 7 % 12),
    )
}

/// A directory with a file as the version before this one has left it.
pub(super) fn old() -> TempDir {
    let directory = TempDir::new().unwrap();
    let database = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    database
        .pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
        .unwrap();
    for step in STEPS {
        database.execute_batch(step).unwrap();
    }
    database
        .execute_batch("CREATE UNIQUE INDEX lists_by_key ON lists (key)")
        .unwrap();
    database.execute_batch(&old_contents()).unwrap();
    database.pragma_update(None, "user_version", 5).unwrap();
    directory
}

fn open(directory: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(directory, &StoreOptions::default())
}

/// Opens a store and dies after so many portions; what was told until then.
fn die_after(directory: &Path, portions: usize) -> Vec<MigrationProgress> {
    let mut told = Vec::new();
    let dying = AssertUnwindSafe(|| {
        let mut tell = |progress| {
            told.push(progress);
            assert!(told.len() < portions, "killed");
        };
        SqliteStore::open_with_progress(directory, &StoreOptions::default(), &mut tell).unwrap();
    });
    assert!(catch_unwind(dying).is_err());
    told
}

/// All portions of a migration that nothing interrupts.
fn portions() -> Vec<MigrationProgress> {
    let directory = old();
    let mut told = Vec::new();
    let mut tell = |progress| told.push(progress);
    SqliteStore::open_with_progress(directory.path(), &StoreOptions::default(), &mut tell).unwrap();
    told
}

/// Every table with its rows, those of indexes in levels as one.
pub(super) fn contents(directory: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
    let database = Connection::open(directory.join(FILE_NAME)).unwrap();
    let mut statement = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let tables: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut contents: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    for table in tables {
        let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                (0..columns).map(|column| row.get(column)).collect()
            })
            .unwrap();
        let name = table.trim_end_matches(['0', '1', '2']).to_owned();
        contents
            .entry(name)
            .or_default()
            .extend(rows.map(Result::unwrap));
    }
    for rows in contents.values_mut() {
        rows.sort_by_key(|row| format!("{row:?}"));
    }
    contents
}

fn fingerprint(directory: &Path) -> Vec<u8> {
    fs::read(directory.join(FILE_NAME)).unwrap()
}

#[test]
fn everything_that_an_old_file_held_is_found() {
    let directory = old();
    let store = open(directory.path()).unwrap();
    let workspace = Workspace::of(directory, store);
    workspace.check();
    for contact in 1..=11_u32 {
        let found = workspace.linked_to(&user(contact * 7 % 12)).unwrap();
        assert_eq!(found.id, contact.to_string());
        assert_eq!(found.lists, ["Sales"]);
        let address = format!("P{contact}@x.org");
        let held = [
            ("Shoe size", "42"),
            ("company", "Contoso"),
            ("email", &*address),
        ];
        assert_eq!(values(&found.fields), held);
        match contact {
            3 => assert_eq!(base(&found), [("company", "Fabrikam")]),
            _ => assert_eq!(base(&found), held),
        }
        let by_address = workspace.store.by_address(&address.to_uppercase()).unwrap();
        assert_eq!(by_address[0].id, found.id);
    }
    let of_the_other = Query {
        source: OTHER_SOURCE.to_owned(),
        object_ids: names(&["other-5", "other-6"]),
        ..query()
    };
    let others = workspace.find(of_the_other);
    assert_eq!(ids(&others), ["5", "6"]);
    assert_eq!(base(&others[1]), [("company", "Contoso")]);
    let friend = workspace.contact("14").unwrap();
    assert_eq!(friend.former, Some(user(99)));

    let history = workspace
        .store
        .journal(SOURCE, &Who::Contact("3".to_owned()), 9)
        .unwrap();
    let effects: Vec<_> = history.iter().map(|entry| entry.what.effect).collect();
    assert_eq!(effects, [Effect::Update, Effect::Create]);
    assert_eq!(history[1].what.fields[0].after.as_deref(), Some("Litware"));
    let run = workspace
        .store
        .run_journal(SOURCE, "run-1", None, 99)
        .unwrap();
    assert_eq!(run.len(), 11);
    let noted = workspace
        .store
        .noted_people(None, "out-of-scope", None, 9)
        .unwrap();
    assert_eq!(noted.len(), 2);
    let kept: Vec<_> = workspace.store.kept_plans().unwrap();
    assert_eq!(
        kept.iter().map(|plan| &*plan.digest).collect::<Vec<_>>(),
        ["d5", "d3"]
    );
    let planned = workspace
        .store
        .planned("d3", &PlanFilter::default(), None, 9)
        .unwrap();
    let planned: Vec<_> = planned.into_iter().map(|entry| entry.what).collect();
    assert_eq!(
        planned
            .iter()
            .map(|what| &*what.object_id)
            .collect::<Vec<_>>(),
        ["a", "b", "c", "d"]
    );
    assert_eq!(planned[3].joins, ["Support"]);
    assert_eq!(
        workspace.store.changes(Some("d3"), None, 9).unwrap().len(),
        2
    );
    assert_eq!(workspace.store.list("", None, 9).unwrap().len(), 4);
    assert_eq!(workspace.store.document().unwrap().as_deref(), Some("{}"));
    assert_eq!(workspace.store.has_connected().unwrap(), Some(true));
}

#[test]
fn what_counts_up_goes_on_where_it_was() {
    let directory = old();
    let store = open(directory.path()).unwrap();
    let workspace = Workspace::of(directory, store);
    let unseen = |workspace: &Workspace| {
        let unseen = workspace
            .store
            .unseen(SOURCE, "round", None, 9, &[])
            .unwrap();
        unseen.iter().map(object_id).collect::<Vec<_>>()
    };
    assert_eq!(unseen(&workspace), [user(11 * 7 % 12)]);
    let new = workspace.created("new", &[]);
    assert_eq!(new.id, "21", "no id comes back");
    assert_eq!(
        unseen(&workspace).len(),
        1,
        "a new link is none of an old round's business"
    );
    let entry = &workspace
        .store
        .journal(SOURCE, &Who::User("new".to_owned()), 1)
        .unwrap()[0];
    assert_eq!(entry.number.number, 41);
    let mut seen = commit(Vec::new());
    seen.sightings = Some(Sightings {
        round: "round".to_owned(),
        object_ids: vec![user(11 * 7 % 12)],
        links: Vec::new(),
    });
    workspace.store.apply(seen).unwrap();
    assert!(unseen(&workspace).is_empty());
    workspace.check();
}

#[test]
fn a_rewriting_that_was_killed_goes_on_and_ends_as_one_that_was_not() {
    let whole = old();
    drop(open(whole.path()).unwrap());
    let expected = contents(whole.path());
    let all = portions();
    assert!(all.len() > 20, "{all:?}");
    assert_eq!(
        all.last().map(|last| last.done),
        all.last().map(|last| last.total)
    );
    for killed_after in 1..all.len() {
        let directory = old();
        let before = fingerprint(directory.path());
        die_after(directory.path(), killed_after);
        assert_eq!(
            fingerprint(directory.path()),
            before,
            "the old file is as it was"
        );
        let mut told = Vec::new();
        let mut tell = |progress| told.push(progress);
        let store =
            SqliteStore::open_with_progress(directory.path(), &StoreOptions::default(), &mut tell);
        drop(store.unwrap());
        assert_eq!(told, all[killed_after..], "it goes on where it was");
        assert_eq!(
            contents(directory.path()),
            expected,
            "killed after {killed_after}"
        );
    }
}

#[test]
fn a_rewriting_that_is_killed_again_and_again_comes_to_its_end() {
    let directory = old();
    let all = portions().len();
    for _ in 1..all {
        die_after(directory.path(), 1);
    }
    let store = open(directory.path()).unwrap();
    let workspace = Workspace::of(directory, store);
    workspace.check();
    assert_eq!(workspace.store.contacts(Default::default()).count(), 12);
}

#[test]
fn what_was_written_to_the_old_file_meanwhile_is_in_the_new_one() {
    let directory = old();
    die_after(directory.path(), 8);
    let earlier_program = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    earlier_program
        .execute(
            "UPDATE contacts SET version = 3, company = 'Edited' WHERE id = 1",
            [],
        )
        .unwrap();
    drop(earlier_program);
    let store = open(directory.path()).unwrap();
    let edited = &store.by_ids(&["1"]).unwrap()[0];
    assert_eq!(edited.fields["company"], "Edited");
}

#[test]
fn what_is_left_of_something_else_beside_the_file_is_no_hindrance() {
    let directory = old();
    fs::write(directory.path().join("connector.db.new"), "no database").unwrap();
    let store = open(directory.path()).unwrap();
    assert_eq!(store.contacts(Default::default()).count(), 12);
    let left: Vec<PathBuf> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".new"))
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

#[test]
fn an_old_file_that_another_process_has_open_is_left_alone() {
    let directory = old();
    let other = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    let reading = "BEGIN; SELECT count(*) FROM contacts";
    other.execute_batch(reading).unwrap();
    let told = open(directory.path()).unwrap_err();
    assert!(matches!(told, OpenError::Database { .. }), "{told}");
    assert!(told.to_string().contains("end that process"), "{told}");
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    assert_eq!(
        open(directory.path())
            .unwrap()
            .contacts(Default::default())
            .count(),
        12
    );
}

#[test]
fn a_new_file_is_its_owners_alone() {
    let directory = old();
    drop(open(directory.path()).unwrap());
    let metadata = fs::metadata(directory.path().join(FILE_NAME)).unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077,
        0
    );
    assert!(metadata.is_file());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_the_file_that_it_leads_to_is_rewritten() {
    let directory = old();
    let elsewhere = TempDir::new().unwrap();
    let (link, path) = (
        directory.path().join(FILE_NAME),
        elsewhere.path().join("contacts"),
    );
    fs::copy(&link, &path).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let store = open(directory.path()).unwrap();
    assert_eq!(store.contacts(Default::default()).count(), 12);
    drop(store);
    assert!(link.is_symlink());
    let left = fs::read_dir(elsewhere.path()).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["contacts", "opening.lock"]);
}

#[cfg(unix)]
#[test]
fn who_comes_by_another_name_waits_and_finds_the_new_file() {
    for _ in 0..20 {
        let directory = old();
        let linking = TempDir::new().unwrap();
        let link = linking.path().join(FILE_NAME);
        std::os::unix::fs::symlink(directory.path().join(FILE_NAME), link).unwrap();
        let names = [directory.path(), linking.path()];
        let together = std::sync::Barrier::new(names.len());
        std::thread::scope(|scope| {
            for name in names {
                scope.spawn(|| {
                    together.wait();
                    let store = open(name).unwrap();
                    assert_eq!(store.contacts(Default::default()).count(), 12);
                });
            }
        });
    }
}
