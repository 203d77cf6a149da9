//! The journal and the notes: what was done, why nothing was done, and how long that is known.

use connector_contract::{Effect, JournalEntry, Note, Noted, Who};

use super::workspace::*;

impl Workspace {
    fn journal(&self, who: Who) -> Vec<JournalEntry> {
        self.store.journal(SOURCE, &who, 20).unwrap()
    }

    fn note(&self, run: &str, note: Note) {
        let page = Commit {
            run: Some(run.to_owned()),
            notes: vec![note],
            ..commit(Vec::new())
        };
        self.store.apply(page).unwrap();
    }

    fn notes(&self, who: Who) -> Vec<Noted> {
        self.store.notes(SOURCE, &who).unwrap()
    }
}

fn user(object_id: &str) -> Who {
    Who::User(object_id.to_owned())
}

fn address(address: &str) -> Who {
    Who::Address(address.to_owned())
}

fn effects(entries: &[JournalEntry]) -> Vec<Effect> {
    entries.iter().map(|entry| entry.what.effect).collect()
}

fn note(object_id: &str, reason: &str) -> Note {
    Note {
        object_id: object_id.to_owned(),
        address: Some(" Jane@Example.org ".to_owned()),
        contact: None,
        reason: reason.to_owned(),
    }
}

pub fn every_applied_change_is_in_the_journal_and_no_other(stores: &dyn StoreFactory) {
    let clock = SetClock::at(7);
    let workspace = Workspace::with_clock(stores, &SuiteOptions::default(), clock.clone());
    let made = Create {
        lists: lists(&["B", "A"]),
        ..create("user-1", &[("company", "A")])
    };
    workspace.apply_in("r1", made);
    let contact = workspace.linked_to("user-1").unwrap();
    clock.set(8);
    let changed = Update {
        membership: Membership {
            join: lists(&["C"]),
            leave: names(&["A", "never on it"]),
        },
        ..update(
            &contact,
            &[("email", Some("j@x.org")), ("company", Some("A"))],
        )
    };
    workspace.apply_in("r2", changed.clone());
    assert_eq!(word(&workspace.apply_in("r2", changed)), "version");
    let contact = workspace.linked_to("user-1").unwrap();
    workspace.apply_in("r3", remove(&contact, RemovalKind::Deactivate));

    let entries = workspace.journal(user("user-1"));
    assert_eq!(
        effects(&entries),
        [Effect::Deactivate, Effect::Update, Effect::Create]
    );
    let [deactivated, updated, created] = &entries[..] else {
        unreachable!("three effects")
    };
    assert_eq!(
        [created, updated, deactivated].map(|entry| entry.number.number),
        [1, 2, 3]
    );
    assert_eq!((created.at_ms, updated.at_ms), (7, 8));
    assert_eq!(created.what.joins, ["A", "B"]);
    assert_eq!(created.what.reason, "new-user");
    assert_eq!(created.run.as_deref(), Some("r1"));
    assert_eq!(updated.contact, contact.id);
    assert_eq!(updated.version, contact.version);
    assert_eq!(
        (&updated.what.joins[..], &updated.what.leaves[..]),
        (&["C".to_owned()][..], &["A".to_owned()][..])
    );
    let field = &updated.what.fields[..];
    assert_eq!(field.len(), 1, "what was not changed is not told");
    assert_eq!((&*field[0].field, &field[0].before), ("email", &None));
    assert_eq!(deactivated.what.evidence, Some(Evidence::DeletedSoft));
    assert_eq!(deactivated.what.leaves, ["B", "C"]);
}

pub fn what_the_directory_was_given_is_kept_with_its_change_and_nothing_else_is_done(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    workspace.apply_in("r1", create("user-1", &[("company", "A")]));
    let before = workspace.linked_to("user-1").unwrap();
    let told = vec![
        given("companyName", "company", Some("Ä"), Some("A")),
        GivenValue {
            answered: false,
            ..given("jobTitle", "job_title", Some("Hand"), None)
        },
    ];
    let bare = Update {
        directory: told.clone(),
        ..update(&before, &[])
    };
    applied(&workspace.apply_in("r2", bare));
    let after = workspace.linked_to("user-1").unwrap();
    assert_eq!(values(&after.fields), values(&before.fields));
    assert_eq!(base(&after), base(&before));
    let entries = workspace.journal(user("user-1"));
    assert_eq!(entries[0].directory, told);
    assert_eq!(entries[0].what.fields, []);
    assert_eq!(entries[1].directory, [], "a create gives nothing");
    let of_run = workspace.store.run_journal(SOURCE, "r2", None, 10).unwrap();
    assert_eq!(of_run[0].directory, told);
}

pub fn a_run_is_read_user_by_user_and_newest_first_for_each(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    for id in ["c", "a", "b"] {
        workspace.apply_in("r1", create(id, &[("company", "A")]));
    }
    for id in ["a", "b"] {
        let contact = workspace.linked_to(id).unwrap();
        workspace.apply_in("r1", update(&contact, &[("company", Some("B"))]));
        workspace.apply_in("r2", update(&workspace.linked_to(id).unwrap(), &[]));
    }
    let read = |after: Option<&str>, limit| {
        let entries = workspace
            .store
            .run_journal(SOURCE, "r1", after, limit)
            .unwrap();
        let read = entries
            .into_iter()
            .map(|entry| (entry.what.object_id, entry.number.number));
        read.collect::<Vec<_>>()
    };
    let at = |id: &str, number| (id.to_owned(), number);
    assert_eq!(
        read(None, 2),
        [at("a", 4), at("a", 2), at("b", 6), at("b", 3)]
    );
    assert_eq!(read(Some("b"), 2), [at("c", 1)]);
    assert!(read(Some("c"), 2).is_empty());
    assert!(workspace.done_in("never").is_empty());
    assert!(
        workspace
            .store
            .run_journal(OTHER_SOURCE, "r1", None, 9)
            .unwrap()
            .is_empty()
    );
}

pub fn somebody_is_found_by_user_by_contact_and_by_address_also_once_they_are_gone(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let fields = [("email", "Jane@Example.org"), ("Shoe size", "42")];
    workspace.apply_in("r1", create("user-1", &fields));
    let contact = workspace.linked_to("user-1").unwrap();
    let all = [
        user("user-1"),
        Who::Contact(contact.id.clone()),
        address("jane@EXAMPLE.org "),
    ];
    for who in all.clone() {
        assert_eq!(effects(&workspace.journal(who)), [Effect::Create]);
    }
    workspace.apply_in("r2", remove(&contact, RemovalKind::Delete));
    for who in all {
        let entries = workspace.journal(who);
        assert_eq!(effects(&entries), [Effect::Delete, Effect::Create]);
        for (entry, is_there_before) in entries.iter().zip([true, false]) {
            let told: Vec<_> = entry
                .what
                .fields
                .iter()
                .map(|field| {
                    (
                        &*field.field,
                        field.before.as_deref(),
                        field.after.as_deref(),
                    )
                })
                .collect();
            let expected = [("Shoe size", "42"), ("email", "Jane@Example.org")];
            let expected = expected.map(|(name, value)| match is_there_before {
                true => (name, Some(value), None),
                false => (name, None, Some(value)),
            });
            assert_eq!(told, expected);
        }
    }
    assert!(workspace.journal(user("user-2")).is_empty());
    assert!(
        workspace
            .journal(Who::Contact("no id".to_owned()))
            .is_empty()
    );
}

pub fn what_belongs_to_no_run_is_kept_without_one(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let page = Commit {
        run: None,
        ..commit(vec![create("user-1", &[]).into()])
    };
    workspace.store.apply(page).unwrap();
    assert_eq!(workspace.journal(user("user-1"))[0].run, None);
}

pub fn a_note_keeps_its_moment_as_long_as_the_reason_is_the_same(stores: &dyn StoreFactory) {
    let clock = SetClock::at(1);
    let workspace = Workspace::with_clock(stores, &SuiteOptions::default(), clock.clone());
    workspace.note("r1", note("user-1", "out-of-scope"));
    clock.set(2);
    let known = Note {
        contact: Some("7".to_owned()),
        ..note("user-1", "out-of-scope")
    };
    workspace.note("r2", known);
    let noted = workspace.notes(user("user-1"));
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (noted[0].since_ms, noted[0].run.as_deref()),
        (1, Some("r1"))
    );
    assert_eq!(noted[0].contact.as_deref(), Some("7"));
    clock.set(3);
    workspace.note("r3", note("user-1", "no-address"));
    let noted = workspace.notes(user("user-1")).remove(0);
    assert_eq!((&*noted.reason, noted.since_ms), ("no-address", 3));
    assert_eq!(noted.run.as_deref(), Some("r3"));
    let settled = Commit {
        settled: names(&["user-1", "user-2"]),
        ..commit(Vec::new())
    };
    workspace.store.apply(settled).unwrap();
    assert!(workspace.notes(user("user-1")).is_empty());
}

pub fn a_contingency_is_written_where_its_change_was_not_applied(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let refused = create("user-1", &[("email", "no address")]);
    let good = create("user-2", &[("company", "A")]);
    let otherwise = |changes: Vec<u32>| connector_contract::Contingency {
        changes,
        key_prefix: "ledger/".to_owned(),
        value: b"otherwise".to_vec(),
    };
    let page = Commit {
        otherwise: vec![otherwise(vec![0, 1])],
        state: vec![
            state("ledger/user-1", Some("state")),
            state("ledger/user-2", Some("state")),
        ],
        ..commit(vec![refused.into(), good.into()])
    };
    workspace.store.apply(page).unwrap();
    let value = |key: &str| workspace.store.get(key).unwrap().unwrap();
    assert_eq!(value("ledger/user-1"), b"otherwise");
    assert_eq!(value("ledger/user-2"), b"state");

    let lost = Commit {
        otherwise: vec![otherwise(vec![1])],
        ..commit(vec![create("user-3", &[]).into()])
    };
    assert!(is_other(&workspace.store.apply(lost)));
    assert!(
        workspace.linked_to("user-3").is_none(),
        "nothing of it is done"
    );
}

pub fn a_run_is_forgotten_once_it_is_old_and_many_runs_ago_and_never_the_last(
    stores: &dyn StoreFactory,
) {
    const DAY: u64 = 24 * 60 * 60 * 1_000;
    let clock = SetClock::at(0);
    let options = SuiteOptions {
        journal_days: 10,
        journal_runs: 2,
        ..SuiteOptions::default()
    };
    let workspace = Workspace::with_clock(stores, &options, clock.clone());
    let kept = || {
        let runs = (1..=9).filter(|run| !workspace.done_in(&format!("r{run}")).is_empty());
        runs.collect::<Vec<_>>()
    };
    let work = |run: u32| {
        workspace.apply_in(&format!("r{run}"), create(&format!("user-{run}"), &[]));
    };
    for run in 1..=4 {
        work(run);
    }
    clock.set(9 * DAY);
    work(5);
    assert_eq!(kept(), [1, 2, 3, 4, 5], "young");
    clock.set(11 * DAY);
    work(6);
    work(7);
    work(8);
    assert_eq!(kept(), [4, 5, 6, 7, 8], "one run a commit");
    clock.set(100 * DAY);
    for person in 0..9 {
        workspace.apply_in("r9", create(&format!("late-{person}"), &[]));
    }
    assert_eq!(kept(), [8, 9]);
    assert!(workspace.linked_to("user-1").is_some());
}
