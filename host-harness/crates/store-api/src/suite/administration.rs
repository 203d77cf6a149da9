//! What people do beside the connector, and what the host keeps.

use super::workspace::*;
use crate::{ContactFilter, EditError};

impl Workspace {
    fn listed(&self, filter: ContactFilter) -> Vec<String> {
        let rows = self.store.contacts(filter);
        rows.map(|row| row.unwrap().fields["company"].clone())
            .collect()
    }
}

/// A linked, an unlinked and an inactive contact, told apart by their company.
fn three_contacts(stores: &dyn StoreFactory) -> Workspace {
    let workspace = Workspace::new(stores);
    workspace.apply_one(Create {
        lists: lists(&["Example Users"]),
        ..create("user-1", &[("company", "Linked"), ("Shoe size", "42")])
    });
    workspace.by_hand(&[("company", "Unlinked"), ("first_name", "ÅSA")]);
    let inactive = workspace.created("user-2", &[("company", "Inactive")]);
    workspace.apply_one(remove(&inactive, RemovalKind::Deactivate));
    workspace
}

pub fn contacts_are_listed_with_all_they_have(stores: &dyn StoreFactory) {
    let workspace = three_contacts(stores);
    let rows: Vec<_> = workspace.store.contacts(ContactFilter::default()).collect();
    let row = rows[0].as_ref().unwrap();
    assert_eq!(row.object_id.as_deref(), Some("user-1"));
    assert!(row.linked && row.active);
    assert_eq!(row.fields["Shoe size"], "42");
    assert_eq!(row.lists, ["Example Users"]);
    assert!(!rows[1].as_ref().unwrap().linked);
}

pub fn a_filter_narrows_the_list(stores: &dyn StoreFactory) {
    let workspace = three_contacts(stores);
    let nothing = ContactFilter::default;
    let inactive = ContactFilter {
        active: Some(false),
        ..nothing()
    };
    let unlinked = ContactFilter {
        linked: Some(false),
        ..nothing()
    };
    let linked = ContactFilter {
        linked: Some(true),
        ..nothing()
    };
    let members = ContactFilter {
        list: Some("Example Users".to_owned()),
        ..nothing()
    };
    let strangers = ContactFilter {
        list: Some("No such list".to_owned()),
        ..nothing()
    };
    let named = ContactFilter {
        text: Some("åS".to_owned()),
        ..nothing()
    };
    let sized = ContactFilter {
        text: Some("42".to_owned()),
        ..nothing()
    };
    assert_eq!(
        workspace.listed(nothing()),
        ["Linked", "Unlinked", "Inactive"]
    );
    assert_eq!(workspace.listed(inactive), ["Inactive"]);
    assert_eq!(workspace.listed(unlinked), ["Unlinked"]);
    assert_eq!(workspace.listed(linked), ["Linked", "Inactive"]);
    assert_eq!(workspace.listed(members), ["Linked"]);
    assert!(workspace.listed(strangers).is_empty());
    assert_eq!(workspace.listed(named), ["Unlinked"]);
    assert_eq!(workspace.listed(sized), ["Linked"]);
}

pub fn a_list_longer_than_a_page_is_complete_and_can_begin_behind_a_contact(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let all = || (0..1_234).map(|n| create(&format!("user-{n}"), &[("company", "X")]));
    let with_list = |create: Create| Create {
        lists: lists(&["L"]),
        ..create
    };
    workspace.apply(all().map(|create| with_list(create).into()).collect());
    assert_eq!(workspace.listed(ContactFilter::default()).len(), 1_234);
    let members = || ContactFilter {
        list: Some("L".to_owned()),
        ..ContactFilter::default()
    };
    assert_eq!(workspace.listed(members()).len(), 1_234);
    let page: Vec<_> = workspace
        .store
        .contacts(members())
        .take(100)
        .map(Result::unwrap)
        .collect();
    let last = &page[99].id;
    assert_eq!(
        workspace.store.contacts(members()).after(last).count(),
        1_134
    );
}

pub fn a_contact_that_two_put_on_a_list_is_listed_once(stores: &dyn StoreFactory) {
    let workspace = three_contacts(stores);
    let contact = workspace.linked_to("user-1").unwrap();
    let [list] = <[ContactList; 1]>::try_from(lists(&["Example Users"])).unwrap();
    workspace.store.put_on_list(&contact.id, &list).unwrap();
    let members = ContactFilter {
        list: Some(list.name),
        ..ContactFilter::default()
    };
    let rows: Vec<_> = workspace
        .store
        .contacts(members)
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].lists, ["Example Users"]);
}

pub fn an_edit_by_hand_is_seen_by_the_version(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("email", "j@x.org")]);
    let version = workspace
        .store
        .edit_field(&contact.id, "email", Some("k@x.org"))
        .unwrap();
    let after = workspace.contact(&contact.id).unwrap();
    assert_eq!(after.version, version);
    assert_ne!(version, contact.version);
    assert_eq!(
        base(&after),
        base(&contact),
        "the base is the directory's, not the person's"
    );
    let found = workspace.find(Query {
        match_keys: names(&["K@x.org"]),
        ..query()
    });
    assert_eq!(found.len(), 1);
    workspace
        .store
        .edit_field(&contact.id, "email", None)
        .unwrap();
    assert!(workspace.contact(&contact.id).unwrap().fields.is_empty());
}

pub fn people_are_held_to_the_same_rules_and_told_the_field_not_the_value(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = workspace.by_hand(&[]);
    let told = workspace
        .store
        .edit_field(&contact.id, "email", Some("secret"))
        .unwrap_err();
    assert_eq!(
        told.to_string(),
        "the contact store refuses the field `email`: invalid-email"
    );
    let told = workspace
        .store
        .edit_field("4711", "email", None)
        .unwrap_err();
    assert!(matches!(told, EditError::NoSuchContact(id) if id == "4711"));
    let added = [("email".to_owned(), "secret".to_owned())].into();
    assert!(matches!(
        workspace.store.add_contact(&added),
        Err(EditError::Refused { .. })
    ));
    assert_eq!(
        workspace.contact(&contact.id).unwrap().version,
        contact.version
    );
}

pub fn the_document_is_kept_as_it_is(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    assert!(workspace.store.document().unwrap().is_none());
    workspace.store.save_document("{ \"a\" : 1 }").unwrap();
    workspace.store.save_document("{ \"a\" : 2 }").unwrap();
    let workspace = workspace.reopened();
    assert_eq!(
        workspace.store.document().unwrap().unwrap(),
        "{ \"a\" : 2 }"
    );
}
