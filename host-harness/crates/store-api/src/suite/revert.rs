//! Taking back what a run did.

use connector_contract::{Effect, JournalNumber, Reversal};

use super::workspace::*;

/// Everything there is to know of a contact but its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: String,
    pub active: bool,
    pub fields: Vec<(String, String)>,
    /// The user, and the base.
    pub link: Option<(String, Vec<(String, String)>)>,
    pub former: Option<String>,
    pub lists: Vec<String>,
}

fn owned(values: Vec<(&str, &str)>) -> Vec<(String, String)> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

impl Workspace {
    /// All contacts, with every list they are on.
    pub fn rows(&self) -> Vec<Row> {
        let all = self.store.contacts(Default::default());
        all.map(|row| {
            let row = row.unwrap();
            let Contact { link, former, .. } = self.contact(&row.id).unwrap();
            let mut lists = row.lists;
            lists.sort();
            Row {
                id: row.id,
                active: row.active,
                fields: row.fields.into_iter().collect(),
                link: link.map(|link| (link.object_id, owned(values(&link.base)))),
                former,
                lists,
            }
        })
        .collect()
    }

    /// The reversal of all that a run did to each user, as a connector decides it where nothing was
    /// edited since.
    pub fn reversals(&self, run: &str) -> Vec<Reversal> {
        let mut reversals: Vec<Reversal> = Vec::new();
        for entry in self.done_in(run) {
            let older = reversals.iter_mut().find(|reversal| {
                reversal.object_id == entry.what.object_id
                    && reversal.contact.contact == entry.contact
            });
            let reversal = match older {
                Some(reversal) => reversal,
                None => {
                    let now = self.contact(&entry.contact);
                    reversals.push(Reversal {
                        contact: Precondition {
                            contact: entry.contact.clone(),
                            version: now.map_or(entry.version, |contact| contact.version),
                        },
                        object_id: entry.what.object_id.clone(),
                        entries: Vec::new(),
                        writes: Vec::new(),
                        evidence: Evidence::Undone(run.to_owned()),
                        reason: "undone".to_owned(),
                        directory: Vec::new(),
                    });
                    reversals.last_mut().unwrap()
                }
            };
            reversal.entries.push(entry.number);
            // What the changes made goes, and what they deleted comes back, as a whole.
            if matches!(entry.what.effect, Effect::Create | Effect::Delete) {
                continue;
            }
            for field in entry.what.fields {
                reversal.writes.retain(|write| write.name != field.field);
                reversal.writes.push(FieldWrite {
                    name: field.field,
                    value: field.before,
                });
            }
        }
        reversals
    }

    /// Takes a run back in a run of its own; the words for what became of that.
    pub fn undo(&self, run: &str, as_run: &str) -> Vec<String> {
        // The newest first: what one user lost to another is free again before it is given back.
        let mut reversals = self.reversals(run);
        reversals.sort_by_key(|reversal| std::cmp::Reverse(reversal.entries[0].number));
        let reversals = reversals.into_iter();
        reversals
            .map(|reversal| word(&self.apply_in(as_run, Change::Revert(reversal))))
            .collect()
    }

    fn effects_of(&self, run: &str) -> Vec<Effect> {
        self.done_in(run)
            .into_iter()
            .map(|entry| entry.what.effect)
            .collect()
    }
}

/// A contact that others know too: a custom field, a list by hand, a link of another connection.
fn shared(workspace: &Workspace) -> Contact {
    let created = Create {
        lists: lists(&["Ours"]),
        ..create(
            "user-1",
            &[("email", "j@x.org"), ("company", "A"), ("Shoe size", "42")],
        )
    };
    let (id, _) = applied(&workspace.apply_in("before", created));
    let theirs = Commit {
        source: OTHER_SOURCE.to_owned(),
        ..commit(vec![
            link(&workspace.contact(&id).unwrap(), "their-user").into(),
        ])
    };
    applied(&workspace.store.apply(theirs).unwrap()[0]);
    workspace
        .store
        .put_on_list(&id, &lists(&["Mine"])[0])
        .unwrap();
    workspace
        .store
        .edit_field(&id, "job_title", Some("Boss"))
        .unwrap();
    workspace.contact(&id).unwrap()
}

pub fn a_field_of_which_the_directory_was_given_something_goes_back_and_its_base_says_what_both_hold(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let (id, _) = applied(&workspace.apply_in("before", create("user-1", &[("company", "A")])));
    // Somebody edited it, and the run gave it to the directory, where it was something else by then.
    workspace
        .store
        .edit_field(&id, "company", Some("B"))
        .unwrap();
    let gave = Update {
        base: Some(fields(&[("company", "B")])),
        directory: vec![given("companyName", "company", Some("C"), Some("B"))],
        ..update(&workspace.contact(&id).unwrap(), &[])
    };
    applied(&workspace.apply_in("r1", gave));
    // And another field since.
    workspace
        .store
        .edit_field(&id, "first_name", Some("Boss"))
        .unwrap();
    let back = |run: &str, from: &str, to: &str| {
        let mut reversals = workspace.reversals(run);
        let mut reversal = reversals.remove(0);
        reversal.writes = writes(&[("company", Some(to))]);
        reversal.directory = vec![given("companyName", "company", Some(from), Some(to))];
        reversal
    };
    let reversal = back("r1", "B", "C");
    let other = Reversal {
        writes: writes(&[("first_name", None)]),
        ..reversal.clone()
    };
    assert_eq!(
        word(&workspace.apply_in("undo", Change::Revert(other))),
        "not-journaled"
    );
    applied(&workspace.apply_in("undo", Change::Revert(reversal.clone())));
    let after = workspace.contact(&id).unwrap();
    assert_eq!(
        values(&after.fields),
        [("company", "C"), ("first_name", "Boss")]
    );
    assert_eq!(base(&after), [("company", "C")]);
    let entry = workspace.done_in("undo").remove(0);
    assert_eq!(entry.directory, reversal.directory);
    // An undo is a run itself.
    applied(&workspace.apply_in("again", Change::Revert(back("undo", "C", "B"))));
    let again = workspace.contact(&id).unwrap();
    assert_eq!(
        (values(&again.fields)[0], base(&again)),
        (("company", "B"), vec![("company", "B")])
    );
}

pub fn an_update_is_taken_back_field_by_field_with_its_base(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = shared(&workspace);
    let before = workspace.rows();
    let changed = Update {
        base: Some(fields(&[("company", "B"), ("email", "j@x.org")])),
        membership: Membership {
            join: lists(&["New"]),
            leave: names(&["Ours"]),
        },
        ..update(&contact, &[("company", Some("B")), ("Shoe size", None)])
    };
    workspace.apply_in("r1", changed);
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    let after = workspace.rows();
    assert_eq!(after[0].fields, before[0].fields, "fields");
    assert_eq!(after[0].lists, before[0].lists, "lists");
    assert_eq!(after, before);
    let entry = &workspace.done_in("undo")[0];
    assert_eq!(
        (entry.what.effect, &*entry.what.reason),
        (Effect::Update, "undone")
    );
    assert_eq!(entry.what.evidence, None, "an update takes nothing away");
}

pub fn the_base_is_put_back_where_another_change_of_the_run_wrote_the_field(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    let before = workspace.rows();
    let only_the_base = Update {
        base: Some(Vec::new()),
        ..update(&contact, &[])
    };
    workspace.apply_in("r1", only_the_base);
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_in("r1", update(&contact, &[("company", Some("B"))]));
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    assert_eq!(workspace.rows(), before);
}

pub fn a_field_that_was_edited_since_stays_with_its_base(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A"), ("first_name", "J")]);
    let values = [("company", "B"), ("first_name", "K")];
    let changed = Update {
        base: Some(fields(&values)),
        ..update(
            &contact,
            &[("company", Some("B")), ("first_name", Some("K"))],
        )
    };
    workspace.apply_in("r1", changed);
    workspace
        .store
        .edit_field(&contact.id, "company", Some("Mine"))
        .unwrap();
    let mut reversal = workspace.reversals("r1").remove(0);
    reversal.writes.retain(|write| write.name != "company");
    applied(&workspace.apply_in("undo", Change::Revert(reversal)));
    let after = workspace.contact(&contact.id).unwrap();
    assert_eq!(
        values_of(&after),
        [("company", "Mine"), ("first_name", "J")]
    );
    assert_eq!(base(&after), [("company", "B"), ("first_name", "J")]);
}

fn values_of(contact: &Contact) -> Vec<(&str, &str)> {
    values(&contact.fields)
}

pub fn a_created_contact_goes_and_comes_back_when_the_undo_is_undone(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let created = Create {
        lists: lists(&["Ours"]),
        ..create("user-1", &[("email", "j@x.org"), ("Shoe size", "42")])
    };
    workspace.apply_in("r1", created);
    let before = workspace.rows();
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    assert!(workspace.rows().is_empty());
    assert_eq!(workspace.effects_of("undo"), [Effect::Delete]);
    assert_eq!(workspace.undo("undo", "redo"), ["applied"]);
    assert_eq!(workspace.rows(), before, "under the same id");
    assert_eq!(workspace.effects_of("redo"), [Effect::Create]);
    assert_eq!(workspace.undo("redo", "again"), ["applied"]);
    assert!(workspace.rows().is_empty());
}

pub fn a_deleted_contact_comes_back_with_all_that_others_know_of_it(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = shared(&workspace);
    let before = workspace.rows();
    let mut seen = vec![contact.version];
    for round in ["1", "2"] {
        let now = workspace.contact(&contact.id).unwrap();
        workspace.apply_in(round, remove(&now, RemovalKind::Delete));
        assert!(workspace.rows().is_empty());
        assert_eq!(workspace.undo(round, &format!("undo {round}")), ["applied"]);
        assert_eq!(workspace.rows(), before);
        let version = workspace.contact(&contact.id).unwrap().version;
        assert!(
            seen.iter().all(|seen| *seen < version),
            "{version} came back"
        );
        seen.push(version);
    }
    let theirs = Query {
        source: OTHER_SOURCE.to_owned(),
        object_ids: names(&["their-user"]),
        ..query()
    };
    assert_eq!(workspace.find(theirs)[0].id, contact.id);
    let next = workspace.created("user-2", &[]);
    assert_ne!(next.id, contact.id);
}

pub fn links_activity_and_lists_become_what_they_were(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let unlinked = workspace.by_hand(&[("email", "a@x.org")]);
    let linked = shared(&workspace);
    let inactive = workspace.created("user-3", &[("email", "c@x.org")]);
    workspace.apply(vec![remove(&inactive, RemovalKind::Deactivate).into()]);
    let inactive = workspace.contact(&inactive.id).unwrap();
    let before = workspace.rows();

    let linking = LinkContact {
        base: fields(&[("email", "a@x.org")]),
        ..link(&unlinked, "user-9")
    };
    workspace.apply_in("r1", linking);
    workspace.apply_in("r1", remove(&linked, RemovalKind::Unlink));
    let again = Update {
        active: Some(true),
        ..update(&inactive, &[])
    };
    workspace.apply_in("r1", again);
    assert_eq!(workspace.undo("r1", "undo"), ["applied"; 3]);
    assert_eq!(workspace.rows(), before);
    let effects = workspace.effects_of("undo");
    assert_eq!(effects, [Effect::Link, Effect::Deactivate, Effect::Unlink]);
    assert_eq!(workspace.undo("undo", "redo"), ["applied"; 3]);
    let effects = workspace.effects_of("redo");
    assert_eq!(effects, [Effect::Unlink, Effect::Reactivate, Effect::Link]);
}

pub fn what_no_longer_fits_is_a_conflict_without_effect(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    workspace.apply_in("r1", update(&contact, &[("company", Some("B"))]));
    let stale = workspace.reversals("r1").remove(0);
    workspace
        .store
        .edit_field(&contact.id, "company", Some("C"))
        .unwrap();
    let before = workspace.rows();
    let revert =
        |reversal: &Reversal| word(&workspace.apply_in("undo", Change::Revert(reversal.clone())));
    assert_eq!(revert(&stale), "version");
    let fresh = workspace.reversals("r1").remove(0);
    let other = Reversal {
        object_id: "user-2".to_owned(),
        ..fresh.clone()
    };
    assert!(revert(&other).contains("unknown-entry"));
    let unknown = Reversal {
        entries: vec![JournalNumber { number: 4_711 }],
        ..fresh.clone()
    };
    assert!(revert(&unknown).contains("unknown-entry"));
    let more = Reversal {
        writes: writes(&[("first_name", None)]),
        ..fresh.clone()
    };
    assert_eq!(revert(&more), "not-journaled");
    let baseless = Reversal {
        evidence: Evidence::DeletedSoft,
        ..fresh
    };
    assert_eq!(revert(&baseless), "needs-undone");
    assert_eq!(workspace.rows(), before);
    assert!(workspace.done_in("undo").is_empty());
}

pub fn a_deleted_contact_does_not_come_back_twice_nor_over_somebody_else(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    workspace.apply_in("r1", remove(&contact, RemovalKind::Delete));
    let reversal = workspace.reversals("r1").remove(0);
    let revert = || word(&workspace.apply_in("undo", Change::Revert(reversal.clone())));
    let replacement = workspace.created("user-1", &[("company", "B")]);
    assert_eq!(revert(), "linked");
    workspace.apply_in("r2", remove(&replacement, RemovalKind::Delete));
    assert_eq!(revert(), "applied");
    assert_eq!(revert(), "version", "it is there again");
}

pub fn part_of_what_a_run_did_to_a_contact_cannot_be_taken_back(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    workspace.apply_in("r1", update(&contact, &[("company", Some("B"))]));
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_in("r1", update(&contact, &[("company", Some("C"))]));
    let mut half = workspace.reversals("r1").remove(0);
    assert_eq!(half.entries.len(), 2);
    half.entries.pop();
    let told = word(&workspace.apply_in("undo", Change::Revert(half)));
    assert!(told.contains("unknown-entry"), "{told}");
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    let after = workspace.contact(&contact.id).unwrap();
    assert_eq!(values_of(&after), [("company", "A")]);
}

/// A contact that was `user-1`'s until their link was taken away.
fn formerly_linked(workspace: &Workspace) -> Contact {
    let contact = workspace.created("user-1", &[("email", "a@x.org"), ("company", "A")]);
    workspace.apply_in("before", remove(&contact, RemovalKind::Unlink));
    workspace.contact(&contact.id).unwrap()
}

/// Takes a run back, and that, and that again: it is as before the run, as after it, and as before.
fn back_and_forth(workspace: &Workspace, run: &str, before: &[Row]) {
    let done = workspace.rows();
    let steps = [
        (run, "undo", before),
        ("undo", "redo", &done),
        ("redo", "again", before),
    ];
    for (taken_back, by, expected) in steps {
        assert_eq!(workspace.undo(taken_back, by), ["applied"], "{by}");
        assert_eq!(workspace.rows(), expected, "{by}");
        workspace.check();
    }
}

pub fn who_was_linked_and_deleted_in_one_run_comes_back_as_whose_it_was_and_goes_again(
    stores: &dyn StoreFactory,
) {
    for user in ["user-1", "user-2"] {
        let workspace = Workspace::new(stores);
        let contact = formerly_linked(&workspace);
        let before = workspace.rows();
        assert_eq!(before[0].former.as_deref(), Some("user-1"));
        let linking = LinkContact {
            membership: Membership {
                join: lists(&["New"]),
                ..no_lists()
            },
            writes: writes(&[("company", Some("B"))]),
            ..link(&contact, user)
        };
        workspace.apply_in("r1", linking);
        let linked = workspace.contact(&contact.id).unwrap();
        workspace.apply_in("r1", remove(&linked, RemovalKind::Delete));
        back_and_forth(&workspace, "r1", &before);
    }
}

pub fn who_was_linked_and_unlinked_in_one_run_is_whose_it_was_and_the_other_way_around(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let nobodys = workspace.by_hand(&[("email", "a@x.org")]);
    let before = workspace.rows();
    workspace.apply_in("r1", link(&nobodys, "user-1"));
    let linked = workspace.contact(&nobodys.id).unwrap();
    workspace.apply_in("r1", remove(&linked, RemovalKind::Unlink));
    back_and_forth(&workspace, "r1", &before);

    let workspace = Workspace::new(stores);
    let contact = formerly_linked(&workspace);
    let before = workspace.rows();
    workspace.apply_in("r1", link(&contact, "user-2"));
    let linked = workspace.contact(&contact.id).unwrap();
    workspace.apply_in("r1", remove(&linked, RemovalKind::Unlink));
    back_and_forth(&workspace, "r1", &before);
}

pub fn what_left_a_contact_unlinked_is_taken_back_though_a_field_was_edited_since_but_not_a_link(
    stores: &dyn StoreFactory,
) {
    for kind in [RemovalKind::Delete, RemovalKind::Unlink] {
        let undone = || {
            let workspace = Workspace::new(stores);
            let contact = workspace.by_hand(&[("email", "a@x.org")]);
            workspace.apply_in("r1", link(&contact, "user-1"));
            let linked = workspace.contact(&contact.id).unwrap();
            workspace.apply_in("r1", remove(&linked, kind));
            assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
            let contact = workspace.contact(&contact.id).unwrap();
            (workspace, contact)
        };

        let (workspace, contact) = undone();
        workspace
            .store
            .edit_field(&contact.id, "company", Some("Mine"))
            .unwrap();
        assert_eq!(workspace.undo("undo", "redo"), ["applied"], "{kind:?}");
        // The run had deleted it, or left it as it was without a link.
        let is_gone = workspace.contact(&contact.id).is_none();
        assert_eq!(is_gone, kind == RemovalKind::Delete);

        for user in ["user-1", "user-2"] {
            let (workspace, contact) = undone();
            workspace.apply_in("later", link(&contact, user));
            let before = workspace.rows();
            assert_eq!(workspace.undo("undo", "redo"), ["linked"], "{kind:?}");
            assert_eq!(workspace.rows(), before);
        }
    }
}

pub fn who_was_linked_and_deleted_does_not_come_back_where_the_user_has_another_contact(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = workspace.by_hand(&[("email", "a@x.org")]);
    workspace.apply_in("r1", link(&contact, "user-1"));
    let linked = workspace.contact(&contact.id).unwrap();
    workspace.apply_in("r1", remove(&linked, RemovalKind::Delete));
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    assert_eq!(workspace.undo("undo", "redo"), ["applied"]);
    workspace.created("user-1", &[("email", "b@x.org")]);
    let before = workspace.rows();
    assert_eq!(workspace.undo("redo", "again"), ["linked"]);
    assert_eq!(workspace.rows(), before);
}

pub fn a_deleted_contact_comes_back_as_whose_it_was_for_another_connection(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = shared(&workspace);
    let as_theirs = |id: &str| {
        let asked = Query {
            source: OTHER_SOURCE.to_owned(),
            contacts: vec![id.to_owned()],
            ..query()
        };
        workspace.find(asked).remove(0)
    };
    let unlinking = Commit {
        source: OTHER_SOURCE.to_owned(),
        ..commit(vec![
            remove(&as_theirs(&contact.id), RemovalKind::Unlink).into(),
        ])
    };
    applied(&workspace.store.apply(unlinking).unwrap()[0]);
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_in("r1", remove(&contact, RemovalKind::Delete));
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    let former = as_theirs(&contact.id).former;
    assert_eq!(former.as_deref(), Some("their-user"));
}

pub fn who_becomes_inactive_again_leaves_also_the_lists_of_before(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let inactive = Create {
        active: false,
        lists: lists(&["Ours"]),
        ..create("user-1", &[])
    };
    let (id, _) = applied(&workspace.apply_in("before", inactive));
    let before = workspace.contact(&id).unwrap();
    assert_eq!((before.active, &*before.lists), (false, &*names(&["Ours"])));
    let again = Update {
        active: Some(true),
        ..update(&before, &[])
    };
    workspace.apply_in("r1", again);
    let done = workspace.rows();
    assert_eq!(workspace.undo("r1", "undo"), ["applied"]);
    let undone = workspace.contact(&id).unwrap();
    assert_eq!((undone.active, undone.lists.len()), (false, 0));
    assert_eq!(workspace.done_in("undo")[0].what.leaves, ["Ours"]);
    assert_eq!(workspace.undo("undo", "redo"), ["applied"]);
    assert_eq!(workspace.rows(), done);
}
