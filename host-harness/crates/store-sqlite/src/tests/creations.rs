//! A creation that shares a row of the journal is told as one that has an entry of its own.

use connector_contract::{JournalEntry, Who};
use proptest::prelude::*;
use store_api::suite::history::turn;
use store_api::suite::model::{Model, play};
use store_api::suite::workspace::RUN;
use store_api::{ChangedRun, PlanFilter};

use super::*;
use crate::creations;

impl Workspace {
    /// How many rows of the journal stand for creations, and how many entries there are beside.
    fn rows_of_journal(&self) -> (i64, i64) {
        let count = |sql| {
            self.store
                .connector()
                .connection
                .query_row(sql, [], |row| row.get(0))
        };
        (
            count("SELECT count(*) FROM creations").unwrap(),
            count("SELECT count(*) FROM journal").unwrap(),
        )
    }

    /// Everything that the journal tells.
    fn told(&self, contacts: &[String]) -> (Vec<JournalEntry>, Vec<ChangedRun>) {
        let users = ["u1", "u2", "u3", "u4", "u5"];
        let addresses = ["a@x.org", "B@x.org"];
        let who = (users.iter().map(|user| Who::User((*user).to_owned())))
            .chain(contacts.iter().cloned().map(Who::Contact))
            .chain(addresses.map(|address| Who::Address(address.to_owned())));
        let mut told: Vec<_> = who
            .flat_map(|who| self.store.journal(SOURCE, &who, 50).unwrap())
            .collect();
        for run in ["one", "two"] {
            for limit in [1, 2, 50] {
                let mut after: Option<String> = None;
                loop {
                    let page = self.store.run_journal(SOURCE, run, after.as_deref(), limit);
                    let page = page.unwrap();
                    let Some(last) = page.last() else {
                        break;
                    };
                    after = Some(last.what.object_id.clone());
                    told.extend(page);
                }
            }
        }
        (told, self.store.changed_runs(9).unwrap())
    }
}

#[test]
fn a_page_of_creations_is_one_row() {
    let workspace = Workspace::new();
    let page = |from: u32| (from..from + 50).map(|n| create(&format!("user-{n:02}"), &[]).into());
    workspace.apply(page(0).collect());
    assert_eq!(workspace.rows_of_journal(), (1, 0));
    let run = workspace.store.run_journal(SOURCE, RUN, None, 99).unwrap();
    assert_eq!(run.len(), 50);
    let numbers: Vec<_> = run.iter().map(|entry| entry.number.number).collect();
    assert_eq!(
        numbers,
        Vec::from_iter(1..=50),
        "each has a number of its own"
    );
    workspace.apply(page(50).collect());
    assert_eq!(workspace.rows_of_journal(), (2, 0));
}

#[test]
fn another_reason_or_list_or_change_between_begins_another_row() {
    let workspace = Workspace::new();
    let other = Create {
        reason: "other".to_owned(),
        ..create("b", &[])
    };
    let listed = Create {
        lists: lists(&["L"]),
        ..create("d", &[])
    };
    let page = [create("a", &[]), other, create("c", &[]), listed];
    workspace.apply(page.into_iter().map(Change::from).collect());
    assert_eq!(workspace.rows_of_journal(), (4, 0));
    let a = workspace.linked_to("a").unwrap();
    let between: Vec<Change> = vec![
        create("e", &[]).into(),
        update(&a, &[("company", Some("X"))]).into(),
        create("f", &[]).into(),
    ];
    workspace.apply(between);
    assert_eq!(workspace.rows_of_journal(), (6, 1));
}

#[test]
fn who_is_unlinked_or_deleted_is_written_out_under_the_number_it_had() {
    for kind in [RemovalKind::Unlink, RemovalKind::Delete] {
        let workspace = Workspace::new();
        let page = ["a", "b", "c"].map(|user| create(user, &[("company", "X")]).into());
        workspace.apply(page.to_vec());
        let before = workspace.store.run_journal(SOURCE, RUN, None, 9).unwrap();
        let b = workspace.linked_to("b").unwrap();
        let mut later = commit(vec![remove(&b, kind).into()]);
        later.run = Some("later".to_owned());
        workspace.store.apply(later).unwrap();
        assert_eq!(workspace.rows_of_journal(), (1, 2));
        let after = workspace.store.run_journal(SOURCE, RUN, None, 9).unwrap();
        assert_eq!(after, before);
        let filter = PlanFilter::default();
        assert!(
            workspace
                .store
                .planned("none", &filter, None, 9)
                .unwrap()
                .is_empty()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_told_does_not_depend_on_whether_it_was_written_out(
        first in prop::collection::vec(turn(), 1..8),
        second in prop::collection::vec(turn(), 1..8),
    ) {
        let workspace = Workspace::new();
        let mut model = Model::default();
        for (turns, run) in [(&first, "one"), (&second, "two")] {
            for turn in turns {
                play(&workspace, &mut model, turn, run);
            }
        }
        let contacts: Vec<String> = (1..=40).map(|contact| contact.to_string()).collect();
        let told = workspace.told(&contacts);
        for contact in 1..=40 {
            creations::write_out(&workspace.store.connector().connection, contact).unwrap();
        }
        prop_assert_eq!(workspace.told(&contacts), told);
    }
}

#[test]
fn of_a_commit_that_was_told_and_cannot_be_written_nothing_is_kept() {
    let workspace = Workspace::new();
    let store = &workspace.store;
    let page = || {
        let people = (0..900).map(|person| {
            let user = format!("user-{person}");
            create(&user, &[("last_name", &user)]).into()
        });
        commit(people.collect())
    };
    let most_pages = |pages: i64| {
        let connection = &store.connector().connection;
        connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    };
    let pages = |store: &SqliteStore| -> i64 {
        let connection = &store.connector().connection;
        let count = |row: &rusqlite::Row<'_>| row.get(0);
        connection
            .query_row("PRAGMA page_count", [], count)
            .unwrap()
    };
    most_pages(pages(store) + 1);
    let mut told = 0;
    let tell = |outcomes: Vec<_>| told = outcomes.len();
    let full = store.apply_early(page(), Box::new(tell));
    assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
    assert_eq!(told, 900, "before it was written");
    assert_eq!(store.contacts(Default::default()).count(), 0);

    most_pages(1 << 30);
    let outcomes = store.apply(page()).unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Applied(_)))
    );
    assert_eq!(store.contacts(Default::default()).count(), 900);
}
