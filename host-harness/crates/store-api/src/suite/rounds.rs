//! Which contacts a full round has not seen.

use connector_contract::Sightings;

use super::workspace::*;

const ROUND: &str = "round-1";

impl Workspace {
    fn open(&self, resume: bool) -> u64 {
        self.store
            .open_round(SOURCE, ROUND, resume)
            .unwrap()
            .known_links
    }

    fn see(&self, users: &[&str]) {
        let mut page = commit(Vec::new());
        page.sightings = Some(Sightings {
            round: ROUND.to_owned(),
            object_ids: names(users),
            links: Vec::new(),
        });
        self.store.apply(page).unwrap();
    }

    fn unseen(&self, after: Option<&str>, limit: u32) -> Vec<String> {
        let contacts = self
            .store
            .unseen(SOURCE, ROUND, after, limit, &names(&FIELDS))
            .unwrap();
        contacts.iter().map(object_id).collect()
    }
}

pub fn known_links_that_no_page_showed_are_unseen_in_order_of_the_object_id(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    for user in ["d", "b", "a", "c"] {
        workspace.created(user, &[("company", user)]);
    }
    assert_eq!(workspace.open(false), 4);
    workspace.see(&["b", "nobody"]);
    assert_eq!(workspace.unseen(None, 10), ["a", "c", "d"]);
    assert_eq!(workspace.unseen(None, 2), ["a", "c"]);
    assert_eq!(workspace.unseen(Some("c"), 2), ["d"]);
    let contacts = workspace
        .store
        .unseen(SOURCE, ROUND, None, 1, &names(&["company"]))
        .unwrap();
    assert_eq!(values(&contacts[0].fields), [("company", "a")]);
}

pub fn a_link_made_after_the_round_was_opened_is_none_of_its_business(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    workspace.open(false);
    workspace.created("b", &[]);
    assert_eq!(workspace.unseen(None, 10), ["a"]);
}

pub fn a_link_that_is_gone_or_was_made_anew_is_not_unseen(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let gone = workspace.created("a", &[]);
    let anew = workspace.created("b", &[]);
    workspace.open(false);
    workspace.apply_one(remove(&gone, RemovalKind::Delete));
    workspace.apply_one(remove(&anew, RemovalKind::Unlink));
    let anew = workspace.contact(&anew.id).unwrap();
    workspace.apply_one(link(&anew, "b"));
    assert!(workspace.unseen(None, 10).is_empty());
}

pub fn the_last_link_before_the_round_does_not_lend_its_place_to_a_later_one(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    let last = workspace.created("b", &[]);
    workspace.open(false);
    workspace.apply_one(remove(&last, RemovalKind::Delete));
    let workspace = workspace.reopened();
    workspace.created("c", &[]);
    assert_eq!(workspace.unseen(None, 10), ["a"]);
}

pub fn a_resumed_round_goes_on_and_one_that_is_not_resumed_starts_anew(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    workspace.created("b", &[]);
    assert_eq!(
        workspace.open(true),
        2,
        "there is none to resume, so it is opened"
    );
    workspace.see(&["a"]);
    workspace.created("c", &[]);
    let workspace = workspace.reopened();
    assert_eq!(workspace.open(true), 2);
    assert_eq!(workspace.unseen(None, 10), ["b"]);
    assert_eq!(workspace.open(false), 3);
    assert_eq!(workspace.unseen(None, 10), ["a", "b", "c"]);
}

pub fn a_closed_round_is_forgotten_and_closing_it_again_is_no_error(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    workspace.open(false);
    workspace.store.close_round(SOURCE, ROUND).unwrap();
    workspace.store.close_round(SOURCE, ROUND).unwrap();
    workspace.store.close_round(OTHER_SOURCE, "never").unwrap();
    assert!(is_other(&workspace.store.unseen(
        SOURCE,
        ROUND,
        None,
        1,
        &[]
    )));
}

pub fn a_user_may_be_seen_twice_and_rounds_do_not_see_for_each_other(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.created("a", &[]);
    workspace
        .store
        .open_round(SOURCE, "another", false)
        .unwrap();
    workspace.open(false);
    workspace.see(&["a"]);
    workspace.see(&["a", "a"]);
    assert!(workspace.unseen(None, 10).is_empty());
    let another = workspace
        .store
        .unseen(SOURCE, "another", None, 10, &[])
        .unwrap();
    assert_eq!(another.len(), 1);
}

pub fn an_inactive_linked_contact_can_be_unseen(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("a", &[]);
    workspace.apply_one(remove(&contact, RemovalKind::Deactivate));
    assert_eq!(workspace.open(false), 1);
    assert_eq!(workspace.unseen(None, 10), ["a"]);
}
