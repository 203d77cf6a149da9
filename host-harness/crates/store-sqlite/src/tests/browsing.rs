//! Browsing costs the same however many contacts there are.

use rusqlite::Connection;
use store_api::{ContactFilter, ContactPage};

use super::*;
use crate::FILE_NAME;
use crate::browsing::{NTH_CONTACT, NTH_MEMBER, OF_CLASS, linked_to_sql};

/// All pages, so many contacts each: the ids, and how many pages there were.
fn all(mut page: impl FnMut(Option<&str>) -> ContactPage) -> (Vec<String>, usize) {
    let (mut found, mut pages) = (Vec::new(), 0);
    let mut after: Option<String> = None;
    loop {
        let page = page(after.as_deref());
        pages += 1;
        found.extend(page.contacts.into_iter().map(|contact| contact.id));
        match page.next {
            Some(next) => {
                assert_ne!(Some(&next), after.as_ref(), "a page leads on");
                after = Some(next);
            }
            None => return (found, pages),
        }
    }
}

/// So many active, unlinked contacts without any field.
fn crowd(workspace: &Workspace, count: u32) {
    let connection = Connection::open(workspace.directory.path().join(FILE_NAME)).unwrap();
    connection
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
             INSERT INTO contacts (active, filled) SELECT 1, 0 FROM n",
            [count],
        )
        .unwrap();
}

#[test]
fn a_call_looks_at_five_thousand_contacts_and_says_where_to_go_on() {
    let workspace = Workspace::new();
    crowd(&workspace, 12_000);
    let last = workspace.created("u", &[]);
    let nobody = ContactFilter {
        text: Some("no such text".to_owned()),
        ..ContactFilter::default()
    };
    let first = workspace.store.page(&nobody, None, 50).unwrap();
    assert_eq!(
        (first.contacts.len(), first.next.as_deref()),
        (0, Some("5000"))
    );
    let (found, pages) = all(|after| workspace.store.page(&nobody, after, 50).unwrap());
    assert_eq!((found.len(), pages), (0, 3));
    // Unlinked ones of the same class are passed over, so many a call.
    let (found, pages) = all(|after| workspace.store.missing(None, "company", after, 50).unwrap());
    assert_eq!((found, pages), (vec![last.id], 3));
}

#[test]
fn every_query_searches_an_index_and_none_scans_or_sorts_the_contacts() {
    let workspace = Workspace::new();
    workspace.created("u", &[("company", "X")]);
    let connection = Connection::open(workspace.directory.path().join(FILE_NAME)).unwrap();
    let cases = [
        (
            OF_CLASS,
            "SEARCH c USING INDEX contacts_by_class (filled=? AND rowid>?)",
        ),
        (
            NTH_CONTACT,
            "SEARCH contacts USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (
            NTH_MEMBER,
            "SEARCH memberships USING COVERING INDEX memberships_by_list (list_id=? AND contact_id>?)",
        ),
    ];
    for (sql, expected) in cases {
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let steps: Vec<String> = statement
            .raw_query()
            .mapped(|row| row.get(3))
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(steps[0], expected, "{sql}");
        let plan = steps.join("\n");
        assert!(
            !plan.contains("SCAN") && !plan.contains("B-TREE"),
            "{sql}: {plan}"
        );
    }
}

#[test]
fn who_is_found_by_the_object_id_is_searched_on_each_level() {
    let workspace = Workspace::new();
    let connection = Connection::open(workspace.directory.path().join(FILE_NAME)).unwrap();
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {}", linked_to_sql()))
        .unwrap();
    let steps: Vec<String> = statement
        .raw_query()
        .mapped(|row| row.get(3))
        .collect::<Result<_, _>>()
        .unwrap();
    let searched = "SEARCH o USING PRIMARY KEY (source_id=? AND object_id=?)";
    assert_eq!(
        steps.iter().filter(|step| *step == searched).count(),
        3,
        "{steps:?}"
    );
    assert!(!steps.iter().any(|step| step.contains("SCAN o")));
}
