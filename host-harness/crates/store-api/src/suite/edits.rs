//! Whose contacts others wrote: told from a token on, and nobody left out.
//!
//! A store that says of itself that it cannot tell passes.

use std::collections::{BTreeMap, BTreeSet};

use connector_contract::{Edits, EditsSince};
use proptest::prelude::*;

use super::history::{Turn, turn};
use super::model::{Model, play};
use super::workspace::*;

impl Workspace {
    fn tells_edits(&self) -> bool {
        self.store.describe().unwrap().edits
    }

    fn part(&self, since: Option<&str>, limit: u32) -> Edits {
        match self.store.changed_since(SOURCE, since, limit).unwrap() {
            EditsSince::Edits(edits) => edits,
            EditsSince::TokenLost => panic!("{since:?} is lost"),
        }
    }

    /// Where the edits stand.
    fn now(&self) -> String {
        let edits = self.part(None, 10);
        assert!(edits.users.is_empty(), "{edits:?}");
        edits.next
    }

    /// Everybody who is told since a token, so many at a time, and the token behind them.
    fn told_by(&self, since: &str, limit: u32) -> (BTreeSet<String>, String) {
        let (mut told, mut next) = (BTreeSet::new(), since.to_owned());
        loop {
            let edits = self.part(Some(&next), limit);
            assert!(edits.users.len() <= limit as usize);
            next = edits.next;
            if edits.users.is_empty() {
                return (told, next);
            }
            told.extend(edits.users);
        }
    }

    fn told(&self, since: &str) -> BTreeSet<String> {
        self.told_by(since, 10).0
    }

    fn apply_for_another(&self, change: impl Into<Change>) -> Outcome {
        let mut page = commit(vec![change.into()]);
        OTHER_SOURCE.clone_into(&mut page.source);
        self.store.apply(page).unwrap().remove(0)
    }

    fn edit(&self, contact: &Contact, value: &str) {
        let edited = self.store.edit_field(&contact.id, "company", Some(value));
        edited.unwrap();
    }
}

fn a_store(stores: &dyn StoreFactory) -> Option<Workspace> {
    let workspace = Workspace::new(stores);
    workspace.tells_edits().then_some(workspace)
}

pub fn whatever_others_write_is_told(stores: &dyn StoreFactory) {
    type Write = fn(&Workspace, &Contact);
    let writes: [(&str, Write); 7] = [
        ("a field by hand", |it, contact| it.edit(contact, "B")),
        ("a list by hand", |it, contact| {
            let list = lists(&["Friends"]).remove(0);
            it.store.put_on_list(&contact.id, &list).unwrap();
        }),
        ("a link of another connection", |it, contact| {
            it.apply_for_another(link(contact, "theirs"));
        }),
        ("a field of another connection", |it, contact| {
            it.apply_for_another(link(contact, "theirs"));
            let linked = it.contact(&contact.id).unwrap();
            let write = Update {
                object_id: "theirs".to_owned(),
                ..update(&linked, &[("company", Some("B"))])
            };
            assert_eq!(word(&it.apply_for_another(write)), "applied");
        }),
        ("a deactivation by another connection", |it, contact| {
            it.remove_for_another(contact, RemovalKind::Deactivate);
        }),
        ("a deletion by another connection", |it, contact| {
            it.remove_for_another(contact, RemovalKind::Delete);
        }),
        ("an edit before an own write", |it, contact| {
            it.edit(contact, "B");
            let edited = it.contact(&contact.id).unwrap();
            let own = update(&edited, &[("first_name", Some("Jo"))]);
            assert_eq!(word(&it.apply_one(own)), "applied");
        }),
    ];
    for (what, write) in writes {
        let Some(workspace) = a_store(stores) else {
            return;
        };
        let contact = workspace.created("user-1", &[("company", "A")]);
        let now = workspace.now();
        write(&workspace, &contact);
        assert!(workspace.told(&now).contains("user-1"), "{what}");
        workspace.check();
    }
}

impl Workspace {
    fn remove_for_another(&self, contact: &Contact, kind: RemovalKind) {
        self.apply_for_another(link(contact, "theirs"));
        let linked = self.contact(&contact.id).unwrap();
        let removal = Removal {
            object_id: "theirs".to_owned(),
            ..remove(&linked, kind)
        };
        assert_eq!(word(&self.apply_for_another(removal)), "applied");
    }
}

pub fn edits_are_told_part_by_part_and_then_no_more(stores: &dyn StoreFactory) {
    let Some(workspace) = a_store(stores) else {
        return;
    };
    let users = ["a", "b", "c", "d", "e"];
    let made: Vec<_> = users
        .iter()
        .map(|user| workspace.created(user, &[("company", "A")]))
        .collect();
    let begin = workspace.now();
    made.iter().for_each(|contact| workspace.edit(contact, "B"));
    let (told, end) = workspace.told_by(&begin, 2);
    let all: BTreeSet<_> = users.map(str::to_owned).into();
    assert_eq!(told, all);
    assert!(workspace.told(&end).is_empty());
    workspace.edit(&made[2], "C");
    assert!(workspace.told(&end).contains("c"));
    assert_eq!(workspace.told(&begin), all, "an older token tells of all");
}

pub fn a_token_outlives_the_process(stores: &dyn StoreFactory) {
    let Some(workspace) = a_store(stores) else {
        return;
    };
    let contact = workspace.created("user-1", &[("company", "A")]);
    let begin = workspace.now();
    workspace.edit(&contact, "B");
    let workspace = workspace.reopened();
    let (told, end) = workspace.told_by(&begin, 10);
    assert_eq!(told, BTreeSet::from(["user-1".to_owned()]));
    assert!(workspace.reopened().told(&end).is_empty());
}

pub fn a_token_that_the_store_never_gave_is_lost(stores: &dyn StoreFactory) {
    let Some(workspace) = a_store(stores) else {
        return;
    };
    for token in ["", "no token", "-1", "99999999999999999999"] {
        let told = workspace.store.changed_since(SOURCE, Some(token), 10);
        assert_eq!(told.unwrap(), EditsSince::TokenLost, "{token}");
    }
}

/// The version of everybody's contact.
fn versions(workspace: &Workspace) -> BTreeMap<String, u64> {
    let all = workspace.store.contacts(Default::default());
    let linked = all.filter_map(|row| {
        let row = row.unwrap();
        Some((row.object_id?, row.version))
    });
    linked.collect()
}

fn play_edited(workspace: &Workspace, turns: &[Turn]) {
    let mut model = Model::default();
    let mut edited = BTreeSet::new();
    let begin = workspace.now();
    for turn in turns {
        let before = versions(workspace);
        play(workspace, &mut model, turn, RUN);
        if matches!(turn, Turn::EditByHand { .. }) {
            let after = versions(workspace).into_iter();
            let written = after.filter(|(user, version)| before.get(user) != Some(version));
            edited.extend(written.map(|(user, _)| user));
        }
        let told = workspace.told(&begin);
        assert!(told.is_superset(&edited), "{turn:?} {told:?} {edited:?}");
    }
}

pub fn nobody_is_left_out_whom_others_edit_between_random_commits(stores: &dyn StoreFactory) {
    proptest!(cases(96, file!()), |(
        turns in prop::collection::vec(turn(), 1..12)
    )| {
        if let Some(workspace) = a_store(stores) {
            play_edited(&workspace, &turns);
        }
    });
}
