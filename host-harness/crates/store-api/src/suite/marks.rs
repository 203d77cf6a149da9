//! Contacts that are known again by their marks, and what makes them unknown.
//!
//! A store that says of itself that it keeps no marks knows nobody, and passes.

use std::collections::BTreeMap;

use connector_contract::{
    Expected, JournalNumber, LinkNumber, Mark, Marked, Marking, Note, Reversal, SameContact,
    Sightings,
};
use proptest::prelude::*;

use super::history::{Turn, turn};
use super::model::{Model, play};
use super::workspace::*;

const ROUND: &str = "round-1";

fn mark(low: u64) -> Mark {
    Mark {
        high: 0xfedc_ba98_7654_3210,
        low,
    }
}

fn expected(user: &str, low: u64) -> Expected {
    Expected {
        object_id: user.to_owned(),
        mark: mark(low),
    }
}

fn standing(contact: &Contact, low: u64) -> Marking {
    Marking {
        what: Marked::Contact(precondition(contact)),
        mark: mark(low),
    }
}

impl Workspace {
    fn keeps_marks(&self) -> bool {
        self.store.describe().unwrap().marks
    }

    fn same(&self, users: &[(&str, u64)]) -> Vec<SameContact> {
        let users = users.iter().map(|(user, low)| expected(user, *low));
        let mut same = self.store.same(SOURCE, users.collect()).unwrap();
        same.sort_by_key(|same| same.user);
        same
    }

    fn knows(&self, user: &str, low: u64) -> bool {
        !self.same(&[(user, low)]).is_empty()
    }

    fn mark_as_it_is(&self, contact: &Contact, low: u64) {
        let mut page = commit(Vec::new());
        page.marks = vec![standing(contact, low)];
        self.store.apply(page).unwrap();
    }

    /// Does a change that gives its contact a mark.
    fn apply_marked(&self, change: impl Into<Change>, low: u64) -> Outcome {
        let mut page = commit(vec![change.into()]);
        page.marks = vec![Marking {
            what: Marked::Change(0),
            mark: mark(low),
        }];
        self.store.apply(page).unwrap().remove(0)
    }

    /// A contact of a user, on a list, with a mark.
    fn marked(&self, user: &str) -> Contact {
        let new = Create {
            lists: lists(&["Sales"]),
            ..create(user, &[("company", "A"), ("email", "jo@contoso.com")])
        };
        let (id, _) = applied(&self.apply_marked(new, 1));
        assert!(self.knows(user, 1));
        self.contact(&id).unwrap()
    }
}

pub fn a_contact_is_known_again_by_its_mark_and_by_no_other(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let users = ["d", "b", "a", "c"];
    for user in users {
        workspace.marked(user);
    }
    workspace.created("unmarked", &[]);
    let asked = [
        ("a", 1),
        ("nobody", 1),
        ("b", 2),
        ("unmarked", 1),
        ("c", 1),
        ("d", 1),
    ];
    let same = workspace.same(&asked);
    let known: Vec<_> = same.iter().map(|same| same.user).collect();
    assert_eq!(known, [0, 4, 5]);
    let of_another = workspace.store.same(OTHER_SOURCE, vec![expected("a", 1)]);
    assert_eq!(of_another.unwrap(), []);
    let mut other = expected("a", 1);
    other.mark.high = 0;
    assert_eq!(workspace.store.same(SOURCE, vec![other]).unwrap(), []);
}

pub fn whatever_is_written_makes_a_contact_unknown(stores: &dyn StoreFactory) {
    if !Workspace::new(stores).keeps_marks() {
        return;
    }
    type Write = fn(&Workspace, &Contact);
    let writes: [(&str, Write); 14] = [
        ("a field by hand", |it, contact| {
            it.store
                .edit_field(&contact.id, "company", Some("B"))
                .unwrap();
        }),
        ("a field that is not asked for", |it, contact| {
            it.store
                .edit_field(&contact.id, "Shoe size", Some("42"))
                .unwrap();
        }),
        ("a field by the connector", |it, contact| {
            it.apply_one(update(contact, &[("company", Some("B"))]));
        }),
        ("a field that is emptied", |it, contact| {
            it.apply_one(update(contact, &[("company", None)]));
        }),
        ("the base", |it, contact| {
            it.apply_one(Update {
                base: Some(fields(&[("company", "B")])),
                ..update(contact, &[])
            });
        }),
        ("a list that is joined", |it, contact| {
            it.apply_one(Update {
                membership: Membership {
                    join: lists(&["Support"]),
                    leave: Vec::new(),
                },
                ..update(contact, &[])
            });
        }),
        ("a list that is left", |it, contact| {
            it.apply_one(Update {
                membership: Membership {
                    join: Vec::new(),
                    leave: names(&["Sales"]),
                },
                ..update(contact, &[])
            });
        }),
        ("an edit that is taken back by hand", |it, contact| {
            for value in ["B", "A"] {
                it.store
                    .edit_field(&contact.id, "company", Some(value))
                    .unwrap();
            }
        }),
        ("nothing but a version", |it, contact| {
            it.apply_one(update(contact, &[]));
        }),
        ("a deactivation", |it, contact| {
            it.apply_one(remove(contact, RemovalKind::Deactivate));
        }),
        ("an unlinking", |it, contact| {
            it.apply_one(remove(contact, RemovalKind::Unlink));
        }),
        ("a deletion", |it, contact| {
            it.apply_one(remove(contact, RemovalKind::Delete));
        }),
        ("a note about the user", |it, contact| {
            let mut page = commit(Vec::new());
            page.notes = vec![Note {
                object_id: object_id(contact),
                address: None,
                contact: None,
                reason: "too-long".to_owned(),
            }];
            it.store.apply(page).unwrap();
        }),
        ("an undo", |it, contact| {
            let entries = it.done_in(RUN);
            let made = entries.iter().find(|entry| entry.contact == contact.id);
            it.apply_one(Change::Revert(Reversal {
                contact: precondition(contact),
                object_id: object_id(contact),
                entries: vec![JournalNumber {
                    number: made.unwrap().number.number,
                }],
                writes: Vec::new(),
                evidence: Evidence::Undone(RUN.to_owned()),
                reason: "undo".to_owned(),
                directory: Vec::new(),
            }));
        }),
    ];
    for (name, write) in writes {
        let workspace = Workspace::new(stores);
        let contact = workspace.marked("user-1");
        workspace.marked("user-2");
        write(&workspace, &contact);
        assert!(!workspace.knows("user-1", 1), "{name}");
        assert!(workspace.knows("user-2", 1), "{name}: of somebody else");
        workspace.check();
    }
}

pub fn what_another_connection_writes_makes_a_contact_unknown(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let contact = workspace.marked("user-1");
    let mut page = commit(vec![link(&contact, "other-user").into()]);
    OTHER_SOURCE.clone_into(&mut page.source);
    assert_eq!(words(&workspace.store.apply(page).unwrap()), ["applied"]);
    assert!(!workspace.knows("user-1", 1));
    // As it is then, it can be marked again, and each connection knows its own mark alone.
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.mark_as_it_is(&contact, 2);
    assert!(workspace.knows("user-1", 2));
    let theirs = workspace
        .store
        .same(OTHER_SOURCE, vec![expected("other-user", 2)]);
    assert_eq!(theirs.unwrap(), []);
}

pub fn a_change_gives_its_contact_the_mark_that_comes_with_it(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let made = workspace.marked("user-1");
    workspace.apply_marked(update(&made, &[("company", Some("B"))]), 2);
    assert!(workspace.knows("user-1", 2) && !workspace.knows("user-1", 1));
    let there = workspace.by_hand(&[("email", "kim@contoso.com")]);
    workspace.apply_marked(link(&there, "user-2"), 3);
    assert!(workspace.knows("user-2", 3));
    // Two changes of one commit, of which only the second gives a mark.
    let mut page = commit(vec![
        create("user-3", &[]).into(),
        create("user-4", &[]).into(),
    ]);
    page.marks = vec![Marking {
        what: Marked::Change(1),
        mark: mark(4),
    }];
    workspace.store.apply(page).unwrap();
    assert!(workspace.knows("user-4", 4) && !workspace.knows("user-3", 4));
}

pub fn a_change_that_is_not_applied_gives_no_mark_and_takes_none(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let contact = workspace.marked("user-1");
    let refused = update(&contact, &[("email", Some("no address"))]);
    let stale = Update {
        contact: Precondition {
            version: contact.version + 1,
            ..precondition(&contact)
        },
        ..update(&contact, &[("company", Some("B"))])
    };
    for change in [refused, stale] {
        let outcome = workspace.apply_marked(change, 2);
        assert!(!matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
        assert!(workspace.knows("user-1", 1) && !workspace.knows("user-1", 2));
    }
    let mut page = commit(Vec::new());
    page.marks = vec![Marking {
        what: Marked::Change(7),
        mark: mark(2),
    }];
    workspace.store.apply(page).unwrap();
    assert!(workspace.knows("user-1", 1));
}

pub fn a_contact_that_is_no_longer_as_it_was_looked_up_gets_no_mark(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let looked_up = workspace.created("user-1", &[("company", "A")]);
    let unlinked = workspace.by_hand(&[("company", "A")]);
    let nowhere = Contact {
        id: "4711".to_owned(),
        ..looked_up.clone()
    };
    workspace
        .store
        .edit_field(&looked_up.id, "company", Some("B"))
        .unwrap();
    for contact in [&looked_up, &unlinked, &nowhere] {
        workspace.mark_as_it_is(contact, 1);
    }
    assert!(!workspace.knows("user-1", 1));
    workspace.apply_one(link(&unlinked, "user-2"));
    assert!(!workspace.knows("user-2", 1));
}

pub fn a_mark_is_no_write(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    let before = workspace.done_in(RUN);
    workspace.mark_as_it_is(&contact, 1);
    assert_eq!(workspace.contact(&contact.id), Some(contact.clone()));
    assert_eq!(workspace.done_in(RUN), before);
    assert_eq!(workspace.knows("user-1", 1), workspace.keeps_marks());
    let outcome = workspace.apply_one(update(&contact, &[("company", Some("B"))]));
    assert_eq!(word(&outcome), "applied");
}

pub fn a_mark_outlives_the_process(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    workspace.marked("user-1");
    let mut page = commit(Vec::new());
    page.marks = vec![standing(&workspace.linked_to("user-1").unwrap(), 2)];
    workspace.store.apply(page).unwrap();
    assert!(workspace.reopened().knows("user-1", 2));
}

pub fn who_is_known_again_is_seen_by_the_link(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    for user in ["a", "b", "c"] {
        workspace.marked(user);
    }
    workspace.store.open_round(SOURCE, ROUND, false).unwrap();
    let same = workspace.same(&[("c", 1), ("a", 1)]);
    let mut page = commit(Vec::new());
    page.sightings = Some(Sightings {
        round: ROUND.to_owned(),
        object_ids: Vec::new(),
        links: same.iter().map(|same| same.link).collect(),
    });
    workspace.store.apply(page.clone()).unwrap();
    workspace.store.apply(page).unwrap();
    let unseen = workspace.store.unseen(SOURCE, ROUND, None, 10, &[]);
    let unseen: Vec<_> = unseen.unwrap().iter().map(object_id).collect();
    assert_eq!(unseen, ["b"]);
}

pub fn a_link_that_is_gone_or_too_young_sees_nobody(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let gone = workspace.marked("a");
    workspace.marked("b");
    let link_of = |user| workspace.same(&[(user, 1)]).remove(0).link;
    let of_gone = link_of("a");
    workspace.apply_one(remove(&gone, RemovalKind::Unlink));
    workspace.store.open_round(SOURCE, ROUND, false).unwrap();
    // The same user and contact, and another link.
    let unlinked = workspace.contact(&gone.id).unwrap();
    workspace.apply_marked(link(&unlinked, "a"), 1);
    assert_ne!(link_of("a"), of_gone);
    let mut page = commit(Vec::new());
    page.sightings = Some(Sightings {
        round: ROUND.to_owned(),
        object_ids: Vec::new(),
        links: vec![of_gone, link_of("a"), LinkNumber { number: u64::MAX }],
    });
    workspace.store.apply(page).unwrap();
    let unseen = workspace.store.unseen(SOURCE, ROUND, None, 10, &[]);
    let unseen: Vec<_> = unseen.unwrap().iter().map(object_id).collect();
    assert_eq!(unseen, ["b"]);
}

pub fn a_user_in_capitals_is_known_again(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    if !workspace.keeps_marks() {
        return;
    }
    let user = "abcdef00-0000-4000-8000-00000000abcd";
    workspace.marked(user);
    assert!(workspace.knows(&format!("{{{}}}", user.to_uppercase()), 1));
}

pub fn too_many_at_once_are_refused_with_the_limit(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let limit = workspace.store.describe().unwrap().max_batch;
    let users = (0..=limit).map(|n| expected(&n.to_string(), 1)).collect();
    let told = workspace.store.same(SOURCE, users);
    assert!(matches!(told, Err(StoreError::BatchTooLarge(told)) if told == limit));
}

/// Every contact of the workspace, as a connector of the source sees it.
fn everything(workspace: &Workspace) -> BTreeMap<String, Contact> {
    let all = workspace.store.contacts(Default::default());
    let ids = all.map(|contact| contact.unwrap().id).collect();
    let found = workspace.find(Query {
        contacts: ids,
        ..query()
    });
    let of_user = |contact: Contact| Some((contact.link.as_ref()?.object_id.clone(), contact));
    found.into_iter().filter_map(of_user).collect()
}

fn play_marked(workspace: &Workspace, turns: &[Turn]) {
    let mut model = Model::default();
    for (low, turn) in (1..).zip(turns) {
        let before = everything(workspace);
        let mut page = commit(Vec::new());
        page.marks = before.values().map(|it| standing(it, low)).collect();
        workspace.store.apply(page).unwrap();
        play(workspace, &mut model, turn, RUN);
        let after = everything(workspace);
        for (user, contact) in &before {
            // Every write gives another version, so a contact that is equal was not written.
            let is_as_before = after.get(user) == Some(contact);
            let knows = workspace.knows(user, low);
            assert!(!knows || is_as_before, "{turn:?} {contact:?}");
            assert_eq!(knows, is_as_before && workspace.keeps_marks());
        }
    }
}

pub fn nobody_is_known_again_whose_contact_changed_in_random_commits(stores: &dyn StoreFactory) {
    proptest!(cases(96, file!()), |(
        turns in prop::collection::vec(turn(), 1..12)
    )| {
        play_marked(&Workspace::new(stores), &turns);
    });
}
