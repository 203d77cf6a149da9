//! What versions without canonical forms have left is brought into them.

use connector_contract::Who;
use connector_contract::imports::State as _;
use rusqlite::Connection;
use store_api::ContactFilter;

use super::*;
use crate::FILE_NAME;

const USER: &str = "abcdef00-0000-4000-8000-00000000abcd";
const CAPITALS: &str = "ABCDEF00-0000-4000-8000-00000000ABCD";

/// A database as the last version without canonical forms has left it.
fn of_schema_3(statements: &str) -> Workspace {
    let directory = TempDir::new().unwrap();
    let database = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    for migration in [
        include_str!("../schema/0001_initial.sql"),
        include_str!("../schema/0002_trust.sql"),
        include_str!("../schema/0003_people_behind_numbers.sql"),
        statements,
    ] {
        database.execute_batch(migration).unwrap();
    }
    database.pragma_update(None, "user_version", 3).unwrap();
    drop(database);
    let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
    Workspace::of(directory, store)
}

#[test]
fn lists_that_an_earlier_version_kept_apart_become_the_one_that_was_made_first() {
    let workspace = of_schema_3(
        "INSERT INTO sources (id, name) VALUES (1, 'entra:11111111-2222-3333-4444-555555555555');
         INSERT INTO contacts (id, active, filled) VALUES (1, 1, 0), (2, 1, 0), (3, 1, 0);
         INSERT INTO lists (id, name, description) VALUES
             (1, 'Sales', ''), (2, 'SALES', ''), (3, 'Ärzte', ''), (4, 'ÄRZTE', '');
         INSERT INTO memberships (contact_id, list_id, manager) VALUES
             (1, 1, 1), (2, 2, 1), (3, 1, 1), (3, 2, 1), (3, 4, 0);",
    );
    let rows: Vec<_> = workspace.store.contacts(ContactFilter::default()).collect();
    let lists: Vec<_> = rows.into_iter().map(|row| row.unwrap().lists).collect();
    assert_eq!(lists[0], ["Sales"]);
    assert_eq!(lists[1], ["Sales"]);
    assert_eq!(lists[2], ["Sales", "Ärzte"]);
}

#[test]
fn users_whom_an_earlier_version_kept_in_capitals_are_found_and_a_second_contact_is_nobodys() {
    let other = CAPITALS.replace("ABCD", "ABCE");
    let workspace = of_schema_3(&format!(
        "INSERT INTO sources (id, name) VALUES (1, '{SOURCE}');
         INSERT INTO contacts (id, active, filled, email, email_key) VALUES
             (1, 1, 8, 'kim@contoso.example', 'kim@contoso.example'),
             (2, 1, 8, 'kim@contoso.example', 'kim@contoso.example'),
             (3, 1, 8, 'Jo@xn--bcher-kva.example', 'jo@xn--bcher-kva.example');
         INSERT INTO links (source_id, object_id, contact_id, base) VALUES
             (1, '{USER}', 1, '{{}}'), (1, '{CAPITALS}', 2, '{{}}'), (1, '{other}', 3, '{{}}');
         INSERT INTO tallies VALUES (1, 1, 8, 3);
         INSERT INTO lists (id, name, description) VALUES (1, 'Sales', '');
         INSERT INTO memberships (contact_id, list_id, manager) VALUES (2, 1, 1), (2, 1, 0);
         INSERT INTO journal (source_id, at_ms, object_id, contact_id, effect, reason, version)
             VALUES (1, 0, '{CAPITALS}', 2, 'create', 'new-user', 1);
         INSERT INTO notes (object_id, source_id, reason, since_ms) VALUES
             ('{USER}', 1, 'kept-by-policy', 1), ('{CAPITALS}', 1, 'out-of-scope', 2);
         INSERT INTO plans (id, digest, mode, created_at_ms, summary) VALUES
             (1, 'd1', 'full', 1, '{{}}'), (2, 'd2', 'full', 2, '{{}}');
         INSERT INTO plan_entries (plan_id, object_id, effect, reason) VALUES
             (1, '{CAPITALS}', 'create', 'new-user'), (2, '{USER}', 'create', 'new-user');
         INSERT INTO state (key, value) VALUES ('ledger/{CAPITALS}', x'7b7d'), ('cursor', x'7b7d');",
    ));
    assert_eq!(workspace.linked_to(USER).unwrap().id, "1");
    assert_eq!(workspace.linked_to(&other.to_lowercase()).unwrap().id, "3");
    let second = workspace.contact("2").unwrap();
    assert_eq!((second.link, second.former), (None, None));
    let row = &workspace.store.by_ids(&["2"]).unwrap()[0];
    assert_eq!(row.lists, ["Sales"], "where a person put it");
    let numbers = workspace.store.get_statistics(SOURCE, &[]).unwrap();
    assert_eq!((numbers.active, numbers.linked), (2, 2));
    let who = Who::User(USER.to_owned());
    assert_eq!(workspace.store.notes(SOURCE, &who).unwrap().len(), 1);
    let history = workspace
        .store
        .journal(SOURCE, &Who::Contact("2".to_owned()), 9);
    assert_eq!(history.unwrap()[0].what.object_id, USER);
    let kept = workspace.store.kept_plans().unwrap();
    assert_eq!(
        kept.len(),
        1,
        "what cannot be proven any more is planned again"
    );
    let keys = workspace.store.list("", None, 9).unwrap();
    let keys: Vec<_> = keys.into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys, ["cursor".to_owned(), format!("ledger/{USER}")]);
    let found = workspace.store.by_address("jo@bücher.example").unwrap();
    assert_eq!(found.len(), 1);
}
