//! Who is known not to be there: whatever comes between, whoever is there is found.

use connector_contract::Sightings;

use super::*;

impl Workspace {
    /// The ids of contacts with an address.
    fn addressed(&self, address: &str) -> Vec<String> {
        let found = self.find(Query {
            match_keys: vec![address.to_owned()],
            ..query()
        });
        found.into_iter().map(|contact| contact.id).collect()
    }

    /// Looks for somebody who is not there, so that the store learns who is.
    fn learn(&self) {
        assert!(self.linked_to("nobody").is_none());
        let connector = self.store.connector();
        assert!(!connector.presence.may_have_user(1, "nobody"));
    }
}

#[test]
fn whoever_another_store_has_made_is_found() {
    let workspace = Workspace::new();
    workspace.created("user-1", &[("email", "one@example.org")]);
    workspace.learn();
    let directory = workspace.directory.path();
    let other = SqliteStore::open(directory, &StoreOptions::default()).unwrap();
    let made = create("user-2", &[("email", "two@example.org")]);
    other.apply(commit(vec![made.into()])).unwrap();
    assert!(workspace.linked_to("user-2").is_some());
    workspace.learn();
    let made = create("user-3", &[("email", "three@example.org")]);
    other.apply(commit(vec![made.into()])).unwrap();
    assert_eq!(workspace.addressed("three@example.org").len(), 1);
    workspace.learn();
    let made = create("user-4", &[]);
    other.apply(commit(vec![made.clone().into()])).unwrap();
    assert_eq!(
        workspace.apply_one(made),
        Outcome::Conflict(Conflict::Linked)
    );
}

#[test]
fn whom_people_have_added_or_edited_is_found_by_the_address() {
    let workspace = Workspace::new();
    workspace.learn();
    let added = workspace.by_hand(&[("email", "one@example.org")]);
    assert_eq!(workspace.addressed("one@example.org").len(), 1);
    workspace.learn();
    let edited = workspace
        .store
        .edit_field(&added.id, "email", Some("two@example.org"));
    edited.unwrap();
    assert_eq!(workspace.addressed("two@example.org"), [added.id]);
}

#[test]
fn a_commit_that_failed_leaves_nobody_who_is_there_out() {
    let workspace = Workspace::new();
    workspace.learn();
    let mut page = commit(vec![create("user-1", &[]).into()]);
    // Of a round that is not open.
    page.sightings = Some(Sightings {
        round: "round".to_owned(),
        object_ids: Vec::new(),
        links: Vec::new(),
    });
    workspace.store.apply(page).unwrap_err();
    assert!(workspace.linked_to("user-1").is_none());
    workspace.created("user-1", &[]);
    assert!(workspace.linked_to("user-1").is_some());
}

#[test]
fn of_two_new_contacts_of_one_user_in_one_commit_the_second_is_in_conflict() {
    let workspace = Workspace::new();
    for knows in [false, true] {
        if knows {
            workspace.learn();
        }
        let user = format!("user-{knows}");
        let twice = [create(&user, &[]), create("other", &[]), create(&user, &[])];
        let outcomes = workspace.apply(twice.map(Into::into).to_vec());
        assert_eq!(outcomes.last(), Some(&Outcome::Conflict(Conflict::Linked)));
    }
    workspace.check();
}

#[test]
fn outcomes_are_told_with_the_ids_and_versions_that_the_contacts_have_then() {
    let workspace = Workspace::new();
    let first = workspace.created("user-1", &[]);
    let update = update(&first, &[("company", Some("Contoso"))]);
    let changes = vec![
        create("user-2", &[("email", "two@example.org")]).into(),
        create("user-3", &[("Shoe size", "43")]).into(),
        update.into(),
        create("user-4", &[]).into(),
    ];
    let mut told = Vec::new();
    let tell = Box::new(|outcomes| told = outcomes);
    workspace.store.apply_early(commit(changes), tell).unwrap();
    for (outcome, user) in told.iter().zip(["user-2", "user-3", "user-1", "user-4"]) {
        let contact = workspace.linked_to(user).unwrap();
        assert_eq!(applied(outcome), (contact.id, contact.version));
    }
    workspace.check();
}
