//! Creates, updates and links; order, atomicity and durability of a commit.

use super::workspace::*;

pub fn a_created_contact_is_linked_and_holds_what_was_written(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let outcome = workspace.apply_one(Create {
        base: fields(&[("email", "jane@example.org")]),
        lists: lists(&["Example Users"]),
        ..create(
            "user-1",
            &[("email", "Jane@Example.org"), ("Shoe size", "42")],
        )
    });
    let (id, version) = applied(&outcome);
    let contact = workspace.linked_to("user-1").unwrap();
    assert_eq!((&contact.id, contact.version), (&id, version));
    assert!(contact.active);
    assert_eq!(
        values(&contact.fields),
        [("Shoe size", "42"), ("email", "Jane@Example.org")]
    );
    assert_eq!(base(&contact), [("email", "jane@example.org")]);
    assert_eq!(contact.lists, ["Example Users"]);
}

pub fn a_field_that_is_not_named_in_a_write_is_not_touched(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let all = [
        ("first_name", "Jane"),
        ("email", "j@x.org"),
        ("Shoe size", "42"),
    ];
    let contact = workspace.created("user-1", &all);
    workspace.apply_one(update(&contact, &[("company", Some("Example"))]));
    let after = workspace.contact(&contact.id).unwrap();
    let expected = [
        ("Shoe size", "42"),
        ("company", "Example"),
        ("email", "j@x.org"),
        ("first_name", "Jane"),
    ];
    assert_eq!(values(&after.fields), expected);
    assert_eq!(
        base(&after),
        base(&contact),
        "the base stays where none is given"
    );
}

pub fn a_write_without_a_value_empties_the_field(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let all = [
        ("first_name", "Jane"),
        ("email", "j@x.org"),
        ("Shoe size", "42"),
    ];
    let contact = workspace.created("user-1", &all);
    let emptied = [
        ("first_name", None),
        ("email", None),
        ("Shoe size", None),
        ("Never", None),
    ];
    applied(&workspace.apply_one(update(&contact, &emptied)));
    assert!(workspace.contact(&contact.id).unwrap().fields.is_empty());
    let by_address = Query {
        match_keys: names(&["j@x.org"]),
        ..query()
    };
    assert!(workspace.find(by_address).is_empty());
}

pub fn an_update_replaces_the_whole_base(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("first_name", "Jane"), ("company", "Example")]);
    workspace.apply_one(Update {
        base: Some(fields(&[("company", "New")])),
        ..update(&contact, &[])
    });
    assert_eq!(
        base(&workspace.contact(&contact.id).unwrap()),
        [("company", "New")]
    );
}

pub fn every_write_gives_a_version_that_was_never_there(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let mut contact = workspace.created("user-1", &[("company", "A")]);
    let mut seen = vec![contact.version];
    for company in ["B", "A", "A"] {
        let outcome = workspace.apply_one(update(&contact, &[("company", Some(company))]));
        let (_, version) = applied(&outcome);
        contact = workspace.contact(&contact.id).unwrap();
        assert_eq!(
            contact.version, version,
            "the outcome tells the version after the change"
        );
        assert!(!seen.contains(&version));
        seen.push(version);
    }
}

pub fn a_change_decided_on_an_older_version_is_a_conflict_without_effect(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    workspace
        .store
        .edit_field(&contact.id, "company", Some("Mine"))
        .unwrap();
    let stale = Update {
        base: Some(Vec::new()),
        membership: Membership {
            join: lists(&["L"]),
            leave: Vec::new(),
        },
        ..update(
            &contact,
            &[("company", Some("B")), ("Shoe size", Some("42"))],
        )
    };
    assert_eq!(word(&workspace.apply_one(stale)), "version");
    let after = workspace.contact(&contact.id).unwrap();
    assert_eq!(values(&after.fields), [("company", "Mine")]);
    assert_eq!(base(&after), [("company", "A")]);
    assert!(after.lists.is_empty());
}

pub fn conflicts_are_told_apart(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let linked = workspace.created("user-1", &[]);
    let unlinked = workspace.by_hand(&[("company", "X")]);
    let mut nobody = unlinked.clone();
    nobody.id = "4711".to_owned();
    let mut never = unlinked.clone();
    never.id = "no id of this store".to_owned();
    let other_user = Update {
        object_id: "user-2".to_owned(),
        ..update(&linked, &[])
    };
    let mut future = unlinked.clone();
    future.version = u64::MAX;
    let changes: Vec<Change> = vec![
        create("user-1", &[]).into(),
        link(&linked, "user-3").into(),
        link(&unlinked, "user-1").into(),
        other_user.into(),
        link(&nobody, "user-3").into(),
        link(&never, "user-3").into(),
        link(&future, "user-3").into(),
    ];
    let told = words(&workspace.apply(changes));
    assert_eq!(
        told,
        [
            "linked", "linked", "linked", "linked", "gone", "gone", "version"
        ]
    );
}

pub fn an_update_of_a_contact_that_lost_its_link_is_a_version_conflict(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[]);
    workspace.apply_one(remove(&contact, RemovalKind::Unlink));
    assert_eq!(word(&workspace.apply_one(update(&contact, &[]))), "version");
}

pub fn linking_ties_a_contact_to_the_user_and_writes_in_the_same_step(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.by_hand(&[("email", "jane@example.org"), ("company", "Mine")]);
    let outcome = workspace.apply_one(LinkContact {
        writes: writes(&[("first_name", Some("Jane"))]),
        base: fields(&[("company", "Example")]),
        membership: Membership {
            join: lists(&["Example Users"]),
            leave: Vec::new(),
        },
        ..link(&contact, "user-1")
    });
    assert_eq!(applied(&outcome).0, contact.id);
    let after = workspace.linked_to("user-1").unwrap();
    let expected = [
        ("company", "Mine"),
        ("email", "jane@example.org"),
        ("first_name", "Jane"),
    ];
    assert_eq!(values(&after.fields), expected);
    assert_eq!(base(&after), [("company", "Example")]);
    assert_eq!(after.lists, ["Example Users"]);
}

pub fn an_update_reactivates_but_only_a_removal_deactivates(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let inactive = Create {
        active: false,
        ..create("user-1", &[])
    };
    workspace.apply_one(inactive);
    let contact = workspace.linked_to("user-1").unwrap();
    assert!(!contact.active);
    workspace.apply_one(update(&contact, &[]));
    let contact = workspace.linked_to("user-1").unwrap();
    assert!(
        !contact.active,
        "an update that says nothing of it leaves it inactive"
    );
    let with = |active, contact: &Contact| Update {
        active: Some(active),
        ..update(contact, &[])
    };
    applied(&workspace.apply_one(with(true, &contact)));
    let contact = workspace.linked_to("user-1").unwrap();
    assert!(contact.active);
    assert_eq!(
        word(&workspace.apply_one(with(false, &contact))),
        "needs-removal"
    );
    assert!(workspace.linked_to("user-1").unwrap().active);
}

pub fn joining_and_leaving_lists_twice_is_no_error(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let join = |contact: &Contact| Update {
        membership: Membership {
            join: lists(&["A", "B"]),
            leave: names(&["Never"]),
        },
        ..update(contact, &[])
    };
    let contact = workspace.created("user-1", &[]);
    applied(&workspace.apply_one(join(&contact)));
    let contact = workspace.contact(&contact.id).unwrap();
    applied(&workspace.apply_one(join(&contact)));
    let mut contact = workspace.contact(&contact.id).unwrap();
    contact.lists.sort();
    assert_eq!(contact.lists, ["A", "B"]);
    workspace.apply_one(Update {
        membership: Membership {
            join: Vec::new(),
            leave: names(&["A"]),
        },
        ..update(&contact, &[])
    });
    assert_eq!(workspace.contact(&contact.id).unwrap().lists, ["B"]);
}

pub fn a_list_that_a_person_put_the_contact_on_is_neither_told_nor_left(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[]);
    let [list] = <[ContactList; 1]>::try_from(lists(&["Friends"])).unwrap();
    workspace.store.put_on_list(&contact.id, &list).unwrap();
    let contact = workspace.contact(&contact.id).unwrap();
    assert!(contact.lists.is_empty());
    for (join, leave) in [
        (lists(&["Friends"]), names(&[])),
        (Vec::new(), names(&["Friends"])),
    ] {
        let contact = workspace.contact(&contact.id).unwrap();
        applied(&workspace.apply_one(Update {
            membership: Membership { join, leave },
            ..update(&contact, &[])
        }));
    }
    assert!(workspace.contact(&contact.id).unwrap().lists.is_empty());
    let rows: Vec<_> = workspace.store.contacts(Default::default()).collect();
    assert_eq!(
        rows[0].as_ref().unwrap().lists,
        ["Friends"],
        "the person's membership stays"
    );
}

pub fn a_refused_change_has_no_effect_and_stops_no_other(stores: &dyn StoreFactory) {
    let workspace = Workspace::with(
        stores,
        &SuiteOptions {
            custom_fields: false,
            mandatory: names(&["email"]),
            ..SuiteOptions::default()
        },
    );
    let long = "x".repeat(65);
    let good = [("email", "a@x.org")];
    let outcomes = workspace.apply(vec![
        create("user-1", &good).into(),
        create("user-2", &[("company", "No address")]).into(),
        create("user-3", &[("email", "no address")]).into(),
        create("user-4", &[("email", "a@x.org"), ("first_name", &long)]).into(),
        create("user-5", &[("email", "a@x.org"), ("Shoe size", "42")]).into(),
        create("", &good).into(),
        create(&"x".repeat(129), &good).into(),
        create("user-6", &good).into(),
    ]);
    assert_eq!(
        words(&outcomes),
        [
            "applied",
            "missing-mandatory",
            "invalid-email",
            "too-long",
            "unknown-field",
            "invalid-object-id",
            "invalid-object-id",
            "applied"
        ]
    );
    assert_eq!(workspace.store.contacts(Default::default()).count(), 2);
}

pub fn a_refusal_names_the_field_and_never_the_value(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let outcome = workspace.apply_one(create("user-1", &[("email", "very secret")]));
    let Outcome::Refused(refusal) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(refusal.field.as_deref(), Some("email"));
    assert!(!format!("{refusal:?}").contains("secret"));
}

pub fn changes_are_performed_in_order_and_see_each_other(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[]);
    let outcomes = workspace.apply(vec![
        remove(&contact, RemovalKind::Delete).into(),
        update(&contact, &[]).into(),
        create("user-1", &[]).into(),
        create("user-1", &[]).into(),
    ]);
    assert_eq!(words(&outcomes), ["applied", "gone", "applied", "linked"]);
}

pub fn a_commit_is_there_after_the_process_is_gone(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let mut page = commit(vec![create("user-1", &[("company", "A")]).into()]);
    page.state = vec![state("cursor", Some("page 2"))];
    workspace.store.apply(page).unwrap();
    let workspace = workspace.reopened();
    assert!(workspace.linked_to("user-1").is_some());
    assert_eq!(workspace.store.get("cursor").unwrap().unwrap(), b"page 2");
}

pub fn a_commit_that_fails_leaves_nothing_of_itself(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created("user-1", &[("company", "A")]);
    let changes = || {
        vec![
            create("user-2", &[("New label", "x")]).into(),
            update(&contact, &[("company", Some("B"))]).into(),
        ]
    };
    let mut long_key = commit(changes());
    long_key.state = vec![
        state("cursor", Some("2")),
        state(&"k".repeat(257), Some("x")),
    ];
    assert!(is_other(&workspace.store.apply(long_key)));
    let mut no_round = commit(changes());
    no_round.state = vec![state("cursor", Some("2"))];
    no_round.sightings = Some(connector_contract::Sightings {
        round: "never opened".to_owned(),
        object_ids: names(&["user-1"]),
        links: Vec::new(),
    });
    assert!(is_other(&workspace.store.apply(no_round)));
    let mut no_source = commit(changes());
    no_source.source = String::new();
    assert!(is_other(&workspace.store.apply(no_source)));

    assert!(workspace.linked_to("user-2").is_none());
    assert!(workspace.store.get("cursor").unwrap().is_none());
    let after = workspace.contact(&contact.id).unwrap();
    assert_eq!(
        (after.version, values(&after.fields)),
        (contact.version, vec![("company", "A")])
    );
}

pub fn a_batch_over_the_limit_is_refused_with_the_limit(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let limit = workspace.store.describe().unwrap().max_batch;
    assert!(limit >= 1_000);
    let changes = (0..=limit)
        .map(|n| create(&format!("user-{n}"), &[]).into())
        .collect();
    let told = workspace.store.apply(commit(changes));
    assert!(matches!(told, Err(StoreError::BatchTooLarge(told)) if told == limit));
    let asked = Query {
        object_ids: (0..=limit).map(|n| n.to_string()).collect(),
        ..query()
    };
    let told = workspace.store.lookup(asked);
    assert!(matches!(told, Err(StoreError::BatchTooLarge(told)) if told == limit));
}

pub fn the_description_tells_the_fields_their_roles_and_what_was_asked_of_the_store(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::with(
        stores,
        &SuiteOptions {
            custom_fields: false,
            mandatory: names(&["phone_number"]),
            ..SuiteOptions::default()
        },
    );
    let description = workspace.store.describe().unwrap();
    assert!(description.atomic && !description.custom_fields);
    assert_eq!(description.fields.len(), 12);
    let mandatory: Vec<_> = description
        .fields
        .iter()
        .filter(|field| field.mandatory)
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(mandatory, ["phone_number"]);
}
