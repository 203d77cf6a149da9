//! The report's numbers, whatever way the contacts came to be as they are.

use super::workspace::*;

/// active, linked, missing in the order asked, incomplete.
fn numbers(workspace: &Workspace, asked: &[&str]) -> (u64, u64, Vec<u64>, u64) {
    let numbers = workspace
        .store
        .get_statistics(SOURCE, &names(asked))
        .unwrap();
    let fields: Vec<_> = numbers
        .missing
        .iter()
        .map(|missing| missing.field.as_str())
        .collect();
    assert_eq!(fields, asked);
    let missing = numbers
        .missing
        .iter()
        .map(|missing| missing.contacts)
        .collect();
    (numbers.active, numbers.linked, missing, numbers.incomplete)
}

pub fn missing_fields_are_counted_over_active_linked_contacts(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.by_hand(&[]);
    workspace.created("a", &[("company", "X"), ("Shoe size", "42")]);
    workspace.created("b", &[("company", "X")]);
    workspace.created("c", &[]);
    let inactive = workspace.created("d", &[]);
    workspace.apply_one(remove(&inactive, RemovalKind::Deactivate));
    let asked = ["company", "Shoe size", "Unheard of"];
    assert_eq!(numbers(&workspace, &asked), (3, 4, vec![1, 2, 3], 3));
    assert_eq!(numbers(&workspace, &["company"]), (3, 4, vec![1], 1));
    assert_eq!(numbers(&workspace, &[]), (3, 4, vec![], 0));
}

pub fn the_numbers_follow_every_kind_of_write(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.by_hand(&[("company", "X")]);
    assert_eq!(numbers(&workspace, &["company"]), (0, 0, vec![0], 0));
    workspace.apply_one(LinkContact {
        writes: writes(&[("company", None)]),
        ..link(&contact, "a")
    });
    assert_eq!(numbers(&workspace, &["company"]), (1, 1, vec![1], 1));
    workspace
        .store
        .edit_field(&contact.id, "company", Some("Y"))
        .unwrap();
    assert_eq!(numbers(&workspace, &["company"]), (1, 1, vec![0], 0));
    let now = workspace.contact(&contact.id).unwrap();
    workspace.apply_one(update(&now, &[("company", None)]));
    assert_eq!(numbers(&workspace, &["company"]), (1, 1, vec![1], 1));
    let now = workspace.contact(&contact.id).unwrap();
    workspace.apply_one(remove(&now, RemovalKind::Unlink));
    assert_eq!(numbers(&workspace, &["company"]), (0, 0, vec![0], 0));
}

pub fn a_source_that_was_never_used_has_no_contacts(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    let numbers = workspace
        .store
        .get_statistics(OTHER_SOURCE, &names(&["company"]))
        .unwrap();
    assert_eq!(
        (numbers.active, numbers.linked, numbers.incomplete),
        (0, 0, 0)
    );
    assert_eq!(numbers.missing[0].contacts, 0);
}

pub fn a_contact_linked_by_two_sources_counts_for_both(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("a", &[("company", "X")]);
    let mut other = commit(vec![link(&contact, "z").into()]);
    other.source = OTHER_SOURCE.to_owned();
    assert_eq!(words(&workspace.store.apply(other).unwrap()), ["applied"]);
    let contact = workspace.contact(&contact.id).unwrap();
    workspace.apply_one(update(&contact, &[("company", None)]));
    for source in [SOURCE, OTHER_SOURCE] {
        let numbers = workspace
            .store
            .get_statistics(source, &names(&["company"]))
            .unwrap();
        assert_eq!((numbers.active, numbers.incomplete), (1, 1), "{source}");
    }
}
