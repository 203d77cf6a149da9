//! The people behind a number, a page at a time.

use super::workspace::*;
use crate::{ContactFilter, ContactPage};

/// All pages, so many contacts each: the ids, and how many pages there were.
fn all(mut page: impl FnMut(Option<&str>) -> ContactPage) -> (Vec<String>, usize) {
    let (mut found, mut pages) = (Vec::new(), 0);
    let mut after: Option<String> = None;
    loop {
        let page = page(after.as_deref());
        pages += 1;
        found.extend(page.contacts.into_iter().map(|contact| contact.id));
        match page.next {
            Some(next) => {
                assert_ne!(Some(&next), after.as_ref(), "a page leads on");
                after = Some(next);
            }
            None => return (found, pages),
        }
    }
}

fn missing(workspace: &Workspace, source: Option<&str>, field: &str, limit: u32) -> Vec<String> {
    let (mut found, _) = all(|after| {
        let page = workspace
            .store
            .missing(source, field, after, limit)
            .unwrap();
        assert!(page.contacts.len() <= limit as usize);
        page
    });
    found.sort_by_key(|id| id.parse::<i64>().unwrap());
    found
}

pub fn whoever_is_counted_as_missing_a_field_is_found_and_nobody_else(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.by_hand(&[]);
    let mut expected = Vec::new();
    for number in 0..20 {
        let user = format!("u{number}");
        let mut fields = vec![("company", "X"), ("Shoe size", "42")];
        if number % 3 == 0 {
            fields.remove(0);
        }
        if number % 2 == 0 {
            fields.pop();
        }
        let contact = workspace.created(&user, &fields);
        if number % 3 == 0 {
            expected.push(contact.id);
        }
    }
    let inactive = workspace.created("gone", &[]);
    workspace.apply_one(remove(&inactive, RemovalKind::Deactivate));
    for limit in [1, 2, 3, 7, 500] {
        for source in [None, Some(SOURCE)] {
            assert_eq!(
                missing(&workspace, source, "company", limit),
                expected,
                "{limit}"
            );
        }
    }
    for field in ["company", "Shoe size", "Unheard of", "email"] {
        let counted = workspace
            .store
            .get_statistics(SOURCE, &names(&[field]))
            .unwrap();
        let found = missing(&workspace, Some(SOURCE), field, 4);
        assert_eq!(found.len() as u64, counted.missing[0].contacts, "{field}");
    }
    assert_eq!(
        missing(&workspace, Some(OTHER_SOURCE), "company", 4),
        Vec::<String>::new()
    );
}

pub fn a_person_is_shown_whole_and_a_page_that_is_full_ends_the_list(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("u", &[("first_name", "Ada"), ("Shoe size", "42")]);
    let page = workspace.store.missing(None, "company", None, 1).unwrap();
    assert_eq!(page.next, None, "there is nobody else");
    let ada = &page.contacts[0];
    assert_eq!(ada.object_id.as_deref(), Some("u"));
    assert_eq!(ada.fields["Shoe size"], "42");
    let again = workspace
        .store
        .missing(None, "company", Some("nonsense"), 1);
    assert_eq!(again.unwrap(), page);
}

pub fn a_filter_finds_what_the_whole_list_shows_page_by_page(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    for number in 0..30 {
        let name = format!("Ada {number}");
        let contact =
            workspace.by_hand(&[("first_name", if number % 4 == 0 { "Bob" } else { &name })]);
        if number % 5 == 0 {
            let list = ContactList {
                name: "Friends".to_owned(),
                description: String::new(),
            };
            workspace.store.put_on_list(&contact.id, &list).unwrap();
        }
    }
    workspace.created("u", &[("first_name", "Linked Ada")]);
    let filters = [
        ContactFilter::default(),
        ContactFilter {
            text: Some("ADA".to_owned()),
            ..ContactFilter::default()
        },
        ContactFilter {
            list: Some("Friends".to_owned()),
            text: Some("bob".to_owned()),
            ..ContactFilter::default()
        },
        ContactFilter {
            linked: Some(true),
            ..ContactFilter::default()
        },
        ContactFilter {
            active: Some(false),
            ..ContactFilter::default()
        },
    ];
    for filter in filters {
        let listed: Vec<_> = workspace
            .store
            .contacts(filter.clone())
            .map(|row| row.unwrap().id)
            .collect();
        for limit in [1, 3, 500] {
            let (found, _) = all(|after| workspace.store.page(&filter, after, limit).unwrap());
            assert_eq!(found, listed, "{filter:?}");
        }
    }
}

pub fn an_address_finds_everybody_who_has_it_without_regard_to_case(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let first = workspace.by_hand(&[("email", "Åsa@Example.org")]);
    let second = workspace.created("u", &[("email", "åsa@example.org")]);
    workspace.by_hand(&[("email", "asa@example.org")]);
    let found = workspace.store.by_address(" ÅSA@example.ORG ").unwrap();
    let ids: Vec<_> = found.into_iter().map(|contact| contact.id).collect();
    assert_eq!(ids, [first.id, second.id]);
    assert_eq!(workspace.store.by_address("").unwrap(), Vec::new());
}
