//! Contacts that are nobody's: told, each once, and nobody else's.
//!
//! A store that says of itself that it cannot tell passes.

use super::workspace::*;

impl Workspace {
    fn unlinked_of(&self, source: &str, after: Option<&str>, limit: u32) -> Vec<Contact> {
        let fields = FIELDS.map(str::to_owned);
        self.store.unlinked(source, after, limit, &fields).unwrap()
    }

    /// All of them by id, so many at a time.
    fn all_unlinked(&self, limit: u32) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        loop {
            let page = self.unlinked_of(SOURCE, all.last().map(String::as_str), limit);
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                return all;
            }
            all.extend(page.into_iter().map(|contact| contact.id));
        }
    }
}

fn a_store(stores: &dyn StoreFactory) -> Option<Workspace> {
    let workspace = Workspace::new(stores);
    let tells = workspace.store.describe().unwrap().unlinked;
    tells.then_some(workspace)
}

pub fn contacts_that_are_nobodys_are_told_and_no_others(stores: &dyn StoreFactory) {
    let Some(workspace) = a_store(stores) else {
        return;
    };
    let address = |number: usize| format!("p{number}@fabrikam.com");
    let nobodys = workspace.by_hand(&[("email", &address(0)), ("company", "A")]);
    workspace.by_hand(&[("company", "without an address")]);
    workspace.created("linked", &[("email", &address(1))]);
    let former = workspace.created("former", &[("email", &address(2))]);
    workspace.apply_one(remove(&former, RemovalKind::Unlink));
    let inactive = workspace.created("inactive", &[("email", &address(3))]);
    workspace.apply_one(remove(&inactive, RemovalKind::Deactivate));
    let told = workspace.unlinked_of(SOURCE, None, 10);
    assert_eq!(told, std::slice::from_ref(&nobodys));
    // To another connection everybody who is active is nobody's.
    let told: Vec<_> = workspace
        .unlinked_of(OTHER_SOURCE, None, 10)
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.contains(&nobodys.id) && told.contains(&former.id) && !told.contains(&inactive.id)
    );
    workspace.apply_one(link(&nobodys, "theirs"));
    assert_eq!(workspace.unlinked_of(SOURCE, None, 10), []);
    workspace.check();
}

pub fn nobodys_contacts_come_part_by_part_also_where_one_is_gone_meanwhile(
    stores: &dyn StoreFactory,
) {
    let Some(workspace) = a_store(stores) else {
        return;
    };
    let made: Vec<_> = (0..7)
        .map(|number| {
            let address = format!("p{number}@fabrikam.com");
            workspace.by_hand(&[("email", &address)]).id
        })
        .collect();
    for limit in [1, 3, 10] {
        let mut told = workspace.all_unlinked(limit);
        assert_eq!(told.len(), made.len(), "each once, {limit} at a time");
        told.sort();
        let mut expected = made.clone();
        expected.sort();
        assert_eq!(told, expected);
    }
    let first = workspace.unlinked_of(SOURCE, None, 3);
    let last = first.last().unwrap();
    workspace.apply_one(link(last, "theirs"));
    let linked = workspace.contact(&last.id).unwrap();
    workspace.apply_one(remove(&linked, RemovalKind::Delete));
    let rest = workspace.unlinked_of(SOURCE, Some(&last.id), 10);
    assert_eq!(rest.len(), made.len() - first.len());
}
