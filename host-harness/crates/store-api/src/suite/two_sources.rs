//! Contacts that two directories have: each has its link, its base and its lists.

use connector_contract::Reversal;

use super::workspace::*;

impl Workspace {
    fn apply_as(&self, source: &str, change: impl Into<Change>) -> Outcome {
        let mut page = commit(vec![change.into()]);
        source.clone_into(&mut page.source);
        self.store.apply(page).unwrap().remove(0)
    }

    fn seen_by(&self, source: &str, id: &str) -> Contact {
        let asked = Query {
            source: source.to_owned(),
            contacts: vec![id.to_owned()],
            ..query()
        };
        self.find(asked).remove(0)
    }

    fn found_by(&self, source: &str, user: &str) -> Vec<String> {
        let asked = Query {
            source: source.to_owned(),
            object_ids: names(&[user]),
            ..query()
        };
        self.find(asked)
            .into_iter()
            .map(|contact| contact.id)
            .collect()
    }
}

/// A contact that the first source made and the second one linked, or the other way around.
fn shared(stores: &dyn StoreFactory, first: &str, second: &str) -> (Workspace, String) {
    let workspace = Workspace::new(stores);
    // So that sources are numbered in the same order whoever links first.
    workspace.apply_as(SOURCE, create("somebody", &[]));
    workspace.apply_as(OTHER_SOURCE, create("somebody else", &[]));
    let given = [("company", "A"), ("Shoe size", "42")];
    let (id, _) = applied(&workspace.apply_as(first, create("user", &given)));
    let linking = LinkContact {
        base: fields(&[("company", "B")]),
        ..link(&workspace.contact(&id).unwrap(), "other-user")
    };
    assert_eq!(word(&workspace.apply_as(second, linking)), "applied");
    workspace.check();
    (workspace, id)
}

const ORDERS: [(&str, &str); 2] = [(SOURCE, OTHER_SOURCE), (OTHER_SOURCE, SOURCE)];

pub fn each_source_has_its_own_link_and_base_whoever_came_first(stores: &dyn StoreFactory) {
    for (first, second) in ORDERS {
        let (workspace, id) = shared(stores, first, second);
        let (one, other) = (
            workspace.seen_by(first, &id),
            workspace.seen_by(second, &id),
        );
        assert_eq!(
            (object_id(&one), object_id(&other)),
            ("user".into(), "other-user".into())
        );
        assert_eq!(base(&one), [("Shoe size", "42"), ("company", "A")]);
        assert_eq!(base(&other), [("company", "B")]);
        assert_eq!(workspace.found_by(first, "user"), [id.as_str()]);
        assert_eq!(workspace.found_by(second, "other-user"), [id.as_str()]);
        assert!(workspace.found_by(second, "user").is_empty());
        let linked = workspace.store.linked_to("other-user").unwrap().unwrap();
        assert_eq!(linked.id, id);
    }
}

pub fn what_one_source_writes_leaves_the_base_of_the_other(stores: &dyn StoreFactory) {
    for (first, second) in ORDERS {
        let (workspace, id) = shared(stores, first, second);
        let contact = workspace.seen_by(second, &id);
        let written = Update {
            base: Some(fields(&[("company", "C")])),
            ..update(&contact, &[("company", Some("C"))])
        };
        assert_eq!(word(&workspace.apply_as(second, written)), "applied");
        let one = workspace.seen_by(first, &id);
        assert_eq!(base(&one), [("Shoe size", "42"), ("company", "A")]);
        assert_eq!(values(&one.fields), [("Shoe size", "42"), ("company", "C")]);
        assert_eq!(base(&workspace.seen_by(second, &id)), [("company", "C")]);
        workspace.check();
    }
}

pub fn who_loses_one_link_keeps_the_other(stores: &dyn StoreFactory) {
    for (first, second) in ORDERS {
        for (gone, stays) in [(first, second), (second, first)] {
            let (workspace, id) = shared(stores, first, second);
            let contact = workspace.seen_by(gone, &id);
            let unlinking = remove(&contact, RemovalKind::Unlink);
            assert_eq!(word(&workspace.apply_as(gone, unlinking)), "applied");
            workspace.check();
            assert_eq!(workspace.seen_by(gone, &id).link, None);
            assert!(workspace.seen_by(stays, &id).link.is_some());
            let numbers = workspace.store.get_statistics(gone, &[]).unwrap();
            assert_eq!(numbers.linked, 1);
        }
    }
}

pub fn who_was_deleted_comes_back_with_both_links(stores: &dyn StoreFactory) {
    for (first, second) in ORDERS {
        let (workspace, id) = shared(stores, first, second);
        let contact = workspace.seen_by(first, &id);
        let deletion = remove(&contact, RemovalKind::Delete);
        let mut page = commit(vec![deletion.into()]);
        first.clone_into(&mut page.source);
        page.run = Some("gone".to_owned());
        workspace.store.apply(page).unwrap();
        workspace.check();
        assert!(workspace.found_by(second, "other-user").is_empty());
        let done = workspace.store.run_journal(first, "gone", None, 9).unwrap();
        let back = Reversal {
            contact: Precondition {
                contact: id.clone(),
                version: done[0].version,
            },
            object_id: "user".to_owned(),
            entries: vec![done[0].number],
            writes: Vec::new(),
            evidence: Evidence::Undone("gone".to_owned()),
            reason: "undone".to_owned(),
            directory: Vec::new(),
        };
        assert_eq!(
            word(&workspace.apply_as(first, Change::Revert(back))),
            "applied"
        );
        workspace.check();
        let one = workspace.seen_by(first, &id);
        assert_eq!(base(&one), [("Shoe size", "42"), ("company", "A")]);
        assert_eq!(base(&workspace.seen_by(second, &id)), [("company", "B")]);
    }
}

pub fn a_round_of_each_source_sees_its_own_links(stores: &dyn StoreFactory) {
    for (first, second) in ORDERS {
        let (workspace, _) = shared(stores, first, second);
        for (source, users) in [(first, 2), (second, 2)] {
            workspace.store.open_round(source, "round", false).unwrap();
            let unseen = workspace
                .store
                .unseen(source, "round", None, 9, &[])
                .unwrap();
            assert_eq!(unseen.len(), users);
        }
    }
}
