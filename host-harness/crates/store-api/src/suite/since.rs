//! What a reversal leaves alone because it was changed since, and whose a contact is afterwards.

use connector_contract::{Effect, Reversal};

use super::workspace::*;

/// The reversal of a run that changed one contact, without a field.
fn reversal(workspace: &Workspace, run: &str) -> Reversal {
    let mut reversals = workspace.reversals(run);
    assert_eq!(reversals.len(), 1);
    reversals.remove(0)
}

fn revert(workspace: &Workspace, run: &str) -> String {
    let reversal = reversal(workspace, run);
    word(&workspace.apply_in("undo", Change::Revert(reversal)))
}

fn moving(contact: &Contact, join: &[&str], leave: &[&str]) -> Update {
    Update {
        membership: Membership {
            join: lists(join),
            leave: names(leave),
        },
        ..update(contact, &[])
    }
}

fn now(workspace: &Workspace, id: &str) -> Contact {
    let mut contact = workspace.contact(id).unwrap();
    contact.lists.sort();
    contact
}

/// A contact on the list Sales, which the run `moved` moved to Support.
fn moved(stores: &dyn StoreFactory) -> (Workspace, Contact) {
    let workspace = Workspace::new(stores);
    let made = Create {
        lists: lists(&["Sales"]),
        ..create("user-1", &[("email", "a@x.org")])
    };
    let (id, _) = applied(&workspace.apply_in("made", made));
    let contact = now(&workspace, &id);
    workspace.apply_in("moved", moving(&contact, &["Support"], &["Sales"]));
    let contact = now(&workspace, &id);
    (workspace, contact)
}

pub fn lists_that_were_changed_since_stay(stores: &dyn StoreFactory) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("later", moving(&contact, &["Board"], &["Support"]));
    assert_eq!(revert(&workspace, "moved"), "applied");
    assert_eq!(now(&workspace, &contact.id).lists, ["Board"]);

    // A list that the run did not touch is part of it.
    let (workspace, contact) = moved(stores);
    workspace.apply_in("later", moving(&contact, &["Board"], &[]));
    assert_eq!(revert(&workspace, "moved"), "applied");
    assert_eq!(now(&workspace, &contact.id).lists, ["Board", "Support"]);
}

pub fn lists_that_are_as_they_were_left_go_back_whatever_else_was_changed(
    stores: &dyn StoreFactory,
) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("there", moving(&contact, &["Board"], &["Support"]));
    let contact = now(&workspace, &contact.id);
    workspace.apply_in("back", moving(&contact, &["Support"], &["Board"]));
    workspace
        .store
        .edit_field(&contact.id, "company", Some("Edited"))
        .unwrap();
    assert_eq!(revert(&workspace, "moved"), "applied");
    assert_eq!(now(&workspace, &contact.id).lists, ["Sales"]);
}

pub fn who_was_deactivated_since_is_put_on_no_list(stores: &dyn StoreFactory) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("later", remove(&contact, RemovalKind::Deactivate));
    assert_eq!(revert(&workspace, "moved"), "applied");
    let contact = now(&workspace, &contact.id);
    assert_eq!((contact.active, contact.lists.len()), (false, 0));
}

pub fn who_becomes_inactive_again_leaves_every_list(stores: &dyn StoreFactory) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("gone", remove(&contact, RemovalKind::Deactivate));
    let contact = now(&workspace, &contact.id);
    let again = Update {
        active: Some(true),
        ..moving(&contact, &["Support"], &[])
    };
    workspace.apply_in("again", again);
    let contact = now(&workspace, &contact.id);
    workspace.apply_in("later", moving(&contact, &["Board"], &["Support"]));
    assert_eq!(revert(&workspace, "again"), "applied");
    let contact = now(&workspace, &contact.id);
    assert_eq!((contact.active, contact.lists.len()), (false, 0));
    let undone = &workspace.done_in("undo")[0];
    assert_eq!(undone.what.effect, Effect::Deactivate);
    assert_eq!(undone.what.leaves, ["Board"]);
}

pub fn a_contact_that_has_lost_its_link_since_is_not_written(stores: &dyn StoreFactory) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("later", remove(&contact, RemovalKind::Unlink));
    let before = workspace.rows();
    assert_eq!(revert(&workspace, "moved"), "linked");
    assert_eq!(workspace.rows(), before);
}

pub fn whose_link_is_taken_back_is_nobodys_or_theirs_whose_it_was(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let free = workspace.by_hand(&[("email", "a@x.org")]);
    workspace.apply_in("match", link(&free, "user-1"));
    assert_eq!(revert(&workspace, "match"), "applied");
    assert_eq!(now(&workspace, &free.id).former, None);

    let free = now(&workspace, &free.id);
    workspace.apply_in("r1", link(&free, "user-1"));
    let linked = now(&workspace, &free.id);
    workspace.apply_in("r2", remove(&linked, RemovalKind::Unlink));
    let unlinked = now(&workspace, &free.id);
    assert_eq!(unlinked.former.as_deref(), Some("user-1"));
    workspace.apply_in("again", link(&unlinked, "user-1"));
    assert_eq!(revert(&workspace, "again"), "applied");
    assert_eq!(now(&workspace, &free.id).former.as_deref(), Some("user-1"));
}

pub fn a_user_who_has_another_contact_by_now_gets_no_second_one(stores: &dyn StoreFactory) {
    for kind in [RemovalKind::Delete, RemovalKind::Unlink] {
        let workspace = Workspace::new(stores);
        let first = workspace.created("user-1", &[("email", "a@x.org")]);
        workspace.apply_in("gone", remove(&first, kind));
        if kind == RemovalKind::Unlink {
            // The contact went to somebody else and came back to nobody.
            let free = now(&workspace, &first.id);
            workspace.apply_in("other", link(&free, "user-2"));
            assert_eq!(revert(&workspace, "other"), "applied");
        }
        let second = workspace.created("user-1", &[("email", "b@x.org")]);
        assert_eq!(revert(&workspace, "gone"), "linked", "{kind:?}");
        workspace.apply_in("later", remove(&second, RemovalKind::Unlink));
        let before = workspace.rows();
        assert_eq!(revert(&workspace, "gone"), "linked", "{kind:?}");
        assert_eq!(workspace.rows(), before);
    }
}

pub fn the_journal_tells_what_a_contact_was_given_whatever_was_written_later(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let made = create("user-1", &[("company", "A"), ("email", "a@x.org")]);
    let (id, _) = applied(&workspace.apply_in("made", made));
    let told = |workspace: &Workspace| {
        let entry = workspace.done_in("made").remove(0);
        let fields = entry.what.fields.into_iter();
        fields
            .map(|field| (field.field, field.before, field.after.unwrap()))
            .collect::<Vec<_>>()
    };
    let given = [("company", "A"), ("email", "a@x.org")]
        .map(|(name, value)| (name.to_owned(), None, value.to_owned()));
    assert_eq!(told(&workspace), given);
    let changed = Update {
        base: Some(fields(&[("company", "B")])),
        ..update(
            &now(&workspace, &id),
            &[("company", Some("B")), ("email", None)],
        )
    };
    workspace.apply_in("changed", changed);
    assert_eq!(told(&workspace), given);
    workspace.apply_in("gone", remove(&now(&workspace, &id), RemovalKind::Unlink));
    assert_eq!(told(&workspace), given);
}

pub fn a_contact_that_is_made_again_is_told_with_all_that_it_got_back(stores: &dyn StoreFactory) {
    let (workspace, contact) = moved(stores);
    workspace.apply_in("gone", remove(&contact, RemovalKind::Delete));
    let gone = &workspace.done_in("gone")[0];
    assert_eq!(gone.what.leaves, ["Support"]);
    assert_eq!(revert(&workspace, "gone"), "applied");
    let back = &workspace.done_in("undo")[0];
    assert_eq!(back.what.effect, Effect::Create);
    assert_eq!(back.what.joins, ["Support"]);
    assert_eq!(back.what.fields[0].after.as_deref(), Some("a@x.org"));
}
