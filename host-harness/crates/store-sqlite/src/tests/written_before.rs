//! Files that earlier versions of this program really wrote: a small company after a first sync, edits by
//! hand, a second sync with a deletion, and a plan. What those versions told of them stands beside them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use connector_contract::{Effect, Who};
use serde_json::Value;

use super::*;
use crate::FILE_NAME;

/// The first version of this program had the third version of the schema.
const VERSION_3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/fixtures/version-3");

/// The version before marks were kept.
const VERSION_6: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/fixtures/version-6");

/// A directory with the file, as it was written.
fn written() -> TempDir {
    copy_of(VERSION_3)
}

fn copy_of(version: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    let from = Path::new(version).join(FILE_NAME);
    fs::copy(from, directory.path().join(FILE_NAME)).unwrap();
    directory
}

fn opened() -> Workspace {
    let directory = written();
    let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
    Workspace::of(directory, store)
}

/// What that version told.
fn told(what: &str) -> Vec<Value> {
    told_by(VERSION_3, what)
}

fn told_by(version: &str, what: &str) -> Vec<Value> {
    let text = fs::read_to_string(Path::new(version).join(what)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn source(workspace: &Workspace) -> String {
    let connection = &workspace.store.connector().connection;
    let sql = "SELECT name FROM sources WHERE id = 1";
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn its_contacts_are_told_as_that_version_told_them() {
    let workspace = opened();
    workspace.check();
    assert_eq!(contacts(&workspace), told("contacts.json"));
}

#[test]
fn a_file_that_lacks_columns_gets_them_and_is_not_rewritten() {
    let directory = copy_of(VERSION_6);
    let mut portions = 0;
    let mut tell = |_| portions += 1;
    let options = StoreOptions::default();
    let store = SqliteStore::open_with_progress(directory.path(), &options, &mut tell).unwrap();
    assert_eq!(portions, 0);
    let workspace = Workspace::of(directory, store);
    workspace.check();
    assert_eq!(contacts(&workspace), told_by(VERSION_6, "contacts.json"));
    let marked = "SELECT count(*) FROM contacts WHERE mark IS NOT NULL OR marked IS NOT NULL";
    let connection = &workspace.store.connector().connection;
    let marked: i64 = connection.query_row(marked, [], |row| row.get(0)).unwrap();
    assert_eq!(marked, 0);
}

/// Everybody, as the commands tell them.
fn contacts(workspace: &Workspace) -> Vec<Value> {
    let rows = workspace.store.contacts(Default::default());
    rows.map(|row| {
        let row = row.unwrap();
        serde_json::json!({
            "id": row.id,
            "active": row.active,
            "objectId": row.object_id,
            "linked": row.linked,
            "fields": row.fields,
            "lists": row.lists,
        })
    })
    .collect()
}

#[test]
fn its_runs_and_plans_are_told_as_that_version_told_them() {
    let workspace = opened();
    let runs = workspace.store.changed_runs(9).unwrap();
    let now: Vec<_> = runs
        .iter()
        .map(|run| (run.run.as_str(), run.people, run.changes))
        .collect();
    let before = told("undo.json");
    let before: Vec<_> = before
        .iter()
        .map(|run| {
            let number = |name: &str| run[name].as_u64().unwrap();
            (
                run["runId"].as_str().unwrap(),
                number("people"),
                number("changes"),
            )
        })
        .collect();
    assert_eq!(now, before);
    let plans = workspace.store.kept_plans().unwrap();
    let now: Vec<_> = plans.iter().map(|plan| plan.digest.as_str()).collect();
    let before = told("plans.json");
    let before: Vec<_> = before
        .iter()
        .map(|plan| plan["digest"].as_str().unwrap())
        .collect();
    assert_eq!(now, before);
    for plan in plans {
        let changes = workspace
            .store
            .planned(&plan.digest, &Default::default(), None, 99);
        assert!(!changes.unwrap().is_empty());
    }
}

#[test]
fn everybody_is_found_by_user_and_address_and_has_a_history() {
    let workspace = opened();
    let source = source(&workspace);
    for row in workspace.store.contacts(Default::default()) {
        let row = row.unwrap();
        let email = &row.fields["email"];
        let by_address = workspace.store.by_address(&email.to_uppercase()).unwrap();
        assert!(by_address.iter().any(|found| found.id == row.id));
        let Some(user) = row.object_id else {
            continue;
        };
        assert_eq!(
            workspace.store.linked_to(&user).unwrap().unwrap().id,
            row.id
        );
        let entries = workspace
            .store
            .journal(&source, &Who::User(user), 9)
            .unwrap();
        let first = &entries.last().unwrap().what;
        assert!(matches!(first.effect, Effect::Create | Effect::Link));
        assert!(!first.fields.is_empty(), "what it was given");
    }
}

#[test]
fn a_kill_at_any_portion_leaves_the_file_as_it_was_written_and_loses_nothing() {
    let before = fs::read(Path::new(VERSION_3).join(FILE_NAME)).unwrap();
    for portion in 0.. {
        let directory = written();
        let mut portions = 0;
        let opening = AssertUnwindSafe(|| {
            let mut tell = |_| {
                portions += 1;
                assert!(portions <= portion, "killed");
            };
            SqliteStore::open_with_progress(directory.path(), &StoreOptions::default(), &mut tell)
        });
        let is_whole = catch_unwind(opening).is_ok();
        if !is_whole {
            let now = fs::read(directory.path().join(FILE_NAME)).unwrap();
            assert!(now == before, "killed in portion {portion}");
        }
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        let workspace = Workspace::of(directory, store);
        workspace.check();
        let people = workspace.store.contacts(Default::default()).count();
        assert_eq!(people, told("contacts.json").len());
        if is_whole {
            return;
        }
    }
}
