//! What this store keeps of edits: as little as it needs, and nothing of what a connection writes itself.

use connector_contract::EditsSince;
use rusqlite::Connection;

use super::*;
use crate::FILE_NAME;

impl Workspace {
    fn edited_since(&self, token: Option<&str>) -> (Vec<String>, String) {
        match self.store.changed_since(SOURCE, token, 10).unwrap() {
            EditsSince::Edits(edits) => (edits.users, edits.next),
            EditsSince::TokenLost => panic!("{token:?} is lost"),
        }
    }

    fn rows_of_edits(&self) -> i64 {
        let connection = &self.store.connector().connection;
        let count = "SELECT count(*) FROM edits";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn what_a_connection_writes_itself_leaves_nothing() {
    let workspace = Workspace::new();
    let contact = workspace.created("user-1", &[("company", "A")]);
    workspace.apply_one(update(&contact, &[("company", Some("B"))]));
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_one(remove(&contact, RemovalKind::Deactivate));
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_one(remove(&contact, RemovalKind::Delete));
    workspace.by_hand(&[("email", "nobody@x.org")]);
    assert_eq!(workspace.rows_of_edits(), 0);
}

#[test]
fn whoever_is_edited_often_is_one_row_and_told_once() {
    let workspace = Workspace::new();
    let (_, begin) = workspace.edited_since(None);
    for user in ["user-1", "user-2"] {
        let contact = workspace.created(user, &[]);
        for company in ["A", "B", "C"] {
            let store = &workspace.store;
            store
                .edit_field(&contact.id, "company", Some(company))
                .unwrap();
        }
    }
    assert_eq!(workspace.rows_of_edits(), 2);
    let (told, end) = workspace.edited_since(Some(&begin));
    assert_eq!(told, ["user-1", "user-2"]);
    assert_eq!(workspace.edited_since(Some(&end)).0, [""; 0]);
    // A number never comes back, so a token of today is never one of tomorrow.
    let contact = workspace.linked_to("user-2").unwrap();
    workspace
        .store
        .edit_field(&contact.id, "company", None)
        .unwrap();
    assert_eq!(workspace.edited_since(Some(&end)).0, ["user-2"]);
}

#[test]
fn a_file_of_the_version_before_gets_the_table_where_it_is() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[]);
    let Workspace {
        shared,
        store,
        directory,
    } = workspace;
    drop((shared, store));
    let file = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    file.execute_batch("DROP TABLE edits; PRAGMA user_version = 7")
        .unwrap();
    file.close().unwrap();
    let options = StoreOptions::default();
    let store = SqliteStore::open(directory.path(), &options).unwrap();
    let contact = store.linked_to("user-1").unwrap().unwrap();
    store.edit_field(&contact.id, "company", Some("A")).unwrap();
    let told = store.changed_since(SOURCE, Some("0"), 10).unwrap();
    assert!(matches!(told, EditsSince::Edits(edits) if edits.users == ["user-1"]));
}
