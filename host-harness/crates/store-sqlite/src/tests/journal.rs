//! What the file holds of notes, and which numbers the journal gives.

use connector_contract::{Commit, Note, Noted, Who};

use super::*;

impl Workspace {
    fn note(&self, note: Note) {
        let page = Commit {
            notes: vec![note],
            ..commit(Vec::new())
        };
        self.store.apply(page).unwrap();
    }

    fn notes(&self, address: &str) -> Vec<Noted> {
        let who = Who::Address(address.to_owned());
        self.store.notes(SOURCE, &who).unwrap()
    }

    /// The directory, in which no store is open any more.
    fn closed(self) -> Arc<TempDir> {
        self.directory
    }
}

fn note(object_id: &str, reason: &str) -> Note {
    Note {
        object_id: object_id.to_owned(),
        address: Some(" Jane@Example.org ".to_owned()),
        contact: None,
        reason: reason.to_owned(),
    }
}

#[test]
fn a_note_is_found_by_an_address_of_which_the_database_holds_no_letter() {
    let workspace = Workspace::new();
    workspace.note(note("user-1", "out-of-scope"));
    workspace.note(note("user-2", "ambiguous"));
    let found = workspace.notes("JANE@example.org");
    let users: Vec<_> = found.iter().map(|noted| &*noted.object_id).collect();
    assert_eq!(users, ["user-1", "user-2"]);
    assert!(workspace.notes("joe@example.org").is_empty());
    let directory = workspace.closed();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path())
            .unwrap()
            .to_ascii_lowercase();
        let shown = bytes.windows(4).any(|window| window == b"jane");
        assert!(
            !shown,
            "an address of somebody who has no contact is in the file"
        );
    }
}

#[test]
fn two_databases_hash_one_address_differently() {
    let hash = || {
        let workspace = Workspace::new();
        workspace.note(note("user-1", "out-of-scope"));
        let sql = "SELECT address FROM notes";
        let connector = &workspace.store.connector().connection;
        connector
            .query_row(sql, [], |row| row.get::<_, Vec<u8>>(0))
            .unwrap()
    };
    assert_ne!(hash(), hash());
}

#[test]
fn numbers_do_not_come_back_when_their_entries_are_gone() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[]);
    let delete = "DELETE FROM journal";
    let connector = workspace.store.connector();
    connector.connection.execute(delete, []).unwrap();
    drop(connector);
    workspace.created("user-2", &[]);
    let who = Who::User("user-2".to_owned());
    let journal = workspace.store.journal(SOURCE, &who, 20);
    assert_eq!(journal.unwrap()[0].number.number, 2);
}
