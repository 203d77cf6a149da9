//! Which contacts a query gives, and what of them.

use super::workspace::*;

pub fn a_contact_is_returned_once_however_many_criteria_it_meets(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("email", "j@x.org")]);
    let everything = Query {
        object_ids: names(&["user-1", "user-1"]),
        match_keys: names(&["j@x.org", "J@X.ORG"]),
        contacts: vec![contact.id.clone()],
        ..query()
    };
    assert_eq!(ids(&workspace.find(everything)), [contact.id]);
}

pub fn match_keys_find_linked_and_unlinked_contacts_without_regard_to_case(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let linked = workspace.created("user-1", &[("email", "Åsa@Example.org")]);
    let unlinked = workspace.by_hand(&[("email", " åsa@example.ORG ")]);
    workspace.by_hand(&[("email", "asa@example.org")]);
    let found = workspace.find(Query {
        match_keys: names(&["ÅSA@EXAMPLE.ORG"]),
        ..query()
    });
    assert_eq!(ids(&found), [linked.id, unlinked.id]);
    assert_eq!(
        values(&found[0].fields),
        [("email", "Åsa@Example.org")],
        "stored as given"
    );
    assert!(found[1].link.is_none());
}

pub fn object_ids_are_compared_byte_for_byte(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("User-1", &[]);
    assert!(workspace.linked_to("user-1").is_none());
}

pub fn a_changed_address_is_found_and_the_former_is_not(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("email", "old@x.org")]);
    workspace.apply_one(update(&contact, &[("email", Some("new@x.org"))]));
    let by_address = |address| Query {
        match_keys: names(&[address]),
        ..query()
    };
    assert!(workspace.find(by_address("old@x.org")).is_empty());
    assert_eq!(ids(&workspace.find(by_address("new@x.org"))), [contact.id]);
}

pub fn only_the_fields_that_are_asked_for_come_back(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let all = [
        ("first_name", "Jane"),
        ("group", "Sales"),
        ("Shoe size", "42"),
        ("Hobby", "Go"),
    ];
    let contact = workspace.created("user-1", &all);
    let found = workspace.find(Query {
        contacts: vec![contact.id],
        fields: names(&["group", "Shoe size", "Unheard of"]),
        ..query()
    });
    assert_eq!(
        values(&found[0].fields),
        [("Shoe size", "42"), ("group", "Sales")]
    );
}

pub fn links_and_lists_of_another_source_are_not_told(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.apply_one(Create {
        lists: lists(&["Example Users"]),
        ..create("user-1", &[("email", "j@x.org")])
    });
    let other = |query: Query| Query {
        source: OTHER_SOURCE.to_owned(),
        ..query
    };
    let by_link = Query {
        object_ids: names(&["user-1"]),
        ..query()
    };
    assert!(workspace.find(other(by_link)).is_empty());
    let by_address = Query {
        match_keys: names(&["j@x.org"]),
        ..query()
    };
    let found = workspace.find(other(by_address));
    assert_eq!(found.len(), 1);
    assert!(found[0].link.is_none() && found[0].lists.is_empty());
}

pub fn what_is_not_there_and_what_no_text_of_this_store_is_are_left_out(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[]);
    let found = workspace.find(Query {
        object_ids: names(&["nobody", "", "'; DROP TABLE contacts; --"]),
        match_keys: names(&["nobody@x.org", ""]),
        contacts: names(&["0", "-1", "x", "", "4711"]),
        ..query()
    });
    assert!(found.is_empty());
    assert!(workspace.contact(&contact.id).is_some());
}

pub fn a_whole_page_is_found_at_once(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let user = |n: i32| format!("user-{n}");
    let address = |n: i32| format!("user-{n}@x.org");
    let changes = (0..999)
        .map(|n| create(&user(n), &[("email", &address(n))]).into())
        .collect();
    workspace.apply(changes);
    let found = workspace.find(Query {
        object_ids: (0..999).map(user).collect(),
        match_keys: (0..999).map(address).collect(),
        ..query()
    });
    assert_eq!(found.len(), 999);
}
