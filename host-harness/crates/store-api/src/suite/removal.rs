//! What the three kinds of removal take away, and what they leave.

use super::workspace::*;

/// A contact on a list of the connector and on one of a person.
fn on_two_lists(workspace: &Workspace) -> Contact {
    workspace.apply_one(Create {
        lists: lists(&["Connector's"]),
        ..create("user-1", &[("email", "j@x.org"), ("Shoe size", "42")])
    });
    let contact = workspace.linked_to("user-1").unwrap();
    let [list] = <[ContactList; 1]>::try_from(lists(&["Person's"])).unwrap();
    workspace.store.put_on_list(&contact.id, &list).unwrap();
    workspace.contact(&contact.id).unwrap()
}

fn lists_of(workspace: &Workspace) -> Vec<String> {
    let mut rows = workspace.store.contacts(Default::default());
    rows.next().unwrap().unwrap().lists
}

pub fn unlinking_takes_the_link_and_the_connectors_lists_and_leaves_the_contact(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = on_two_lists(&workspace);
    let (_, version) = applied(&workspace.apply_one(remove(&contact, RemovalKind::Unlink)));
    let after = workspace.contact(&contact.id).unwrap();
    assert!(after.link.is_none() && after.active);
    assert!(after.version > contact.version && after.version == version);
    assert_eq!(values(&after.fields), values(&contact.fields));
    assert_eq!(lists_of(&workspace), ["Person's"]);
    assert!(workspace.linked_to("user-1").is_none());
}

pub fn deactivating_keeps_contact_and_link_and_takes_the_connectors_lists(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = on_two_lists(&workspace);
    applied(&workspace.apply_one(remove(&contact, RemovalKind::Deactivate)));
    let after = workspace.linked_to("user-1").unwrap();
    assert!(!after.active && after.version > contact.version);
    assert_eq!(base(&after), base(&contact));
    assert_eq!(lists_of(&workspace), ["Person's"]);
}

pub fn deleting_takes_everything_and_the_id_never_comes_back(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = on_two_lists(&workspace);
    applied(&workspace.apply_one(remove(&contact, RemovalKind::Delete)));
    assert!(workspace.contact(&contact.id).is_none());
    assert!(workspace.linked_to("user-1").is_none());
    let workspace = workspace.reopened();
    let again = workspace.created("user-1", &[("email", "j@x.org")]);
    assert_ne!(again.id, contact.id);
    assert!(again.lists.is_empty());
}

pub fn a_removal_is_refused_by_any_change_in_between(stores: &dyn StoreFactory) {
    for kind in [
        RemovalKind::Unlink,
        RemovalKind::Deactivate,
        RemovalKind::Delete,
    ] {
        let workspace = Workspace::new(stores);
        let contact = on_two_lists(&workspace);
        workspace
            .store
            .edit_field(&contact.id, "company", Some("Mine"))
            .unwrap();
        assert_eq!(
            word(&workspace.apply_one(remove(&contact, kind))),
            "version"
        );
        let after = workspace.linked_to("user-1").unwrap();
        assert!(after.active);
        assert_eq!(after.lists, ["Connector's"]);
    }
}

pub fn a_removal_for_another_user_than_the_linked_one_is_a_conflict(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = on_two_lists(&workspace);
    let other = Removal {
        object_id: "user-2".to_owned(),
        ..remove(&contact, RemovalKind::Delete)
    };
    assert_eq!(word(&workspace.apply_one(other)), "linked");
    assert!(workspace.contact(&contact.id).is_some());
}

pub fn a_contact_that_was_unlinked_can_be_linked_again(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = on_two_lists(&workspace);
    workspace.apply_one(remove(&contact, RemovalKind::Unlink));
    let contact = workspace.contact(&contact.id).unwrap();
    applied(&workspace.apply_one(link(&contact, "user-1")));
    assert_eq!(workspace.linked_to("user-1").unwrap().id, contact.id);
}
