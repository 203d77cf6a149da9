//! Files that are not what they should be, and more than one who wants them.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use store_api::BackendError;

use super::*;
use crate::{FILE_NAME, OpenError};

fn open(directory: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(directory, &StoreOptions::default())
}

#[test]
fn the_data_directory_is_made_and_the_file_is_its_owners_alone() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("a/b");
    open(&data).unwrap();
    let metadata = fs::metadata(data.join(FILE_NAME)).unwrap();
    assert!(metadata.is_file());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077,
        0
    );
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(FILE_NAME);
    let contents = "somebody's notes, long enough to be taken for a database ".repeat(100);
    fs::write(&path, &contents).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), contents);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(FILE_NAME);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_and_both_versions_are_told() {
    let directory = TempDir::new().unwrap();
    drop(open(directory.path()).unwrap());
    let path = directory.path().join(FILE_NAME);
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = open(directory.path()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::TooNew {
                found: 99,
                known: 8,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_directory_that_cannot_be_made_and_a_file_that_cannot_be_written_are_told_apart() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(
        open(&file.join("data")),
        Err(OpenError::Directory { .. })
    ));
    fs::create_dir(directory.path().join(FILE_NAME)).unwrap();
    assert!(matches!(
        open(directory.path()),
        Err(OpenError::File { .. })
    ));
}

#[test]
fn a_field_that_the_store_has_not_cannot_be_mandatory() {
    let directory = TempDir::new().unwrap();
    let options = StoreOptions {
        mandatory: names(&["shoe_size"]),
        ..StoreOptions::default()
    };
    let error = SqliteStore::open(directory.path(), &options).unwrap_err();
    assert!(error.to_string().contains("`shoe_size`"), "{error}");
    assert!(!directory.path().join(FILE_NAME).exists());
}

#[test]
fn damage_is_told_with_what_to_do_and_is_not_overwritten() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let page = (0..500).map(|n| create(&format!("user-{n}"), &[("company", "X")]).into());
    store.apply(commit(page.collect())).unwrap();
    drop(store);
    let path = directory.path().join(FILE_NAME);
    let mut contents = fs::read(&path).unwrap();
    // Everything but the first page, which says that this is a database of ours.
    contents[4_096..].fill(0xA5);
    fs::write(&path, &contents).unwrap();
    let told = match open(directory.path()) {
        Ok(store) => store
            .apply(commit(vec![create("new", &[]).into()]))
            .unwrap_err(),
        Err(OpenError::Database { source, .. }) => source.into(),
        Err(other) => panic!("{other}"),
    };
    assert!(
        matches!(&told, StoreError::Damaged(message) if message.contains("backup")),
        "{told:?}"
    );
    assert_eq!(fs::read(&path).unwrap()[4_096..], contents[4_096..]);
}

#[test]
fn a_row_that_is_not_as_its_index_says_is_damage_and_no_person_without_a_contact() {
    let damages = [
        "DELETE FROM contacts",
        "UPDATE contacts SET object_id = x'00112233445566778899aabbccddeeff'",
        "UPDATE contacts SET source_id = NULL, object_id = NULL",
    ];
    for damage in damages {
        let workspace = Workspace::new();
        workspace.created("user-1", &[]);
        let other = Connection::open(workspace.directory.path().join(FILE_NAME)).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        other
            .pragma_update(None, "ignore_check_constraints", true)
            .unwrap();
        other.execute(damage, []).unwrap();
        let asked = Query {
            object_ids: names(&["user-1", "user-1", "user-2"]),
            ..query()
        };
        let told = workspace.store.lookup(asked).unwrap_err();
        assert!(matches!(told, StoreError::Damaged(_)), "{damage}: {told:?}");
    }
}

#[test]
fn a_person_who_is_asked_for_twice_is_there_once() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[]);
    let asked = Query {
        object_ids: names(&["user-1", "user-1"]),
        ..query()
    };
    assert_eq!(workspace.store.lookup(asked).unwrap().len(), 1);
}

#[test]
fn an_empty_file_is_what_was_lost_and_not_a_new_store() {
    let directory = TempDir::new().unwrap();
    drop(open(directory.path()).unwrap());
    let path = directory.path().join(FILE_NAME);
    fs::write(&path, "").unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Empty { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn a_store_that_was_begun_and_not_finished_is_begun_anew() {
    let directory = TempDir::new().unwrap();
    for begun in ["", "half of a file"] {
        fs::write(directory.path().join("connector.db.begun"), begun).unwrap();
        drop(open(directory.path()).unwrap());
        fs::remove_file(directory.path().join(FILE_NAME)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_told_and_stays() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(FILE_NAME);
    std::os::unix::fs::symlink(directory.path().join("unmounted/contacts"), &path).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "{error}");
    assert!(path.is_symlink());
}

#[test]
fn a_base_that_cannot_be_read_is_damage_and_its_text_is_not_told() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[]);
    let path = workspace.directory.path().join(FILE_NAME);
    let other = Connection::open(path).unwrap();
    other
        .execute("UPDATE contacts SET base = '{secret'", [])
        .unwrap();
    let asked = Query {
        object_ids: names(&["user-1"]),
        ..query()
    };
    let told = workspace.store.lookup(asked).unwrap_err();
    assert!(
        matches!(&told, StoreError::Damaged(text) if !text.contains("secret")),
        "{told:?}"
    );
}

#[test]
fn a_writer_in_another_process_makes_the_store_unavailable_not_the_reading() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[("company", "X")]);
    let path = workspace.directory.path().join(FILE_NAME);
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    workspace
        .store
        .connector()
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let told = workspace.store.apply(commit(Vec::new())).unwrap_err();
    assert!(matches!(told, StoreError::Unavailable(_)), "{told:?}");
    let told = workspace.store.save_document("{}").unwrap_err();
    assert!(matches!(told, BackendError::Unavailable(_)), "{told:?}");
    assert!(workspace.linked_to("user-1").is_some());
    assert_eq!(workspace.store.contacts(Default::default()).count(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    workspace.store.apply(commit(Vec::new())).unwrap();
}

#[test]
fn people_can_look_while_the_connector_writes() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[("company", "X")]);
    let connector = &workspace.store.connector().connection;
    connector
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM contacts")
        .unwrap();
    assert_eq!(workspace.store.contacts(Default::default()).count(), 1);
    connector.execute_batch("ROLLBACK").unwrap();
}
