//! Contacts that are linked, were somebody's before, or are inactive.

use super::*;

fn formerly(user: &str, pairs: &[(&str, &str)]) -> Contact {
    Contact {
        former: Some(ObjectId::new(user)),
        ..contact("7", pairs)
    }
}

fn linking(decision: Decision) -> LinkContact {
    match decision.action {
        Action::Add(Addition::Link(link)) => link,
        other => panic!("{other:?}"),
    }
}

fn merging() -> Policies {
    Policies {
        conflict: Conflict::Merge,
        ..mirroring()
    }
}

#[test]
fn whoever_had_the_contact_before_gets_it_by_id_with_the_directorys_values() {
    let theirs = formerly("u1", &[("email", "old@contoso.com"), ("first_name", "Zoe")]);
    let zoe = person("u1", "Zoë", "new@contoso.com");
    for policies in [mirroring(), merging()] {
        let decision = decide(&policies, &zoe, Correlation::Former(&theirs));
        assert_eq!(decision.reason, Reason::MatchedById);
        assert_eq!(decision.overruled, [0; 0], "nobody is known to have edited");
        assert_eq!(linking(decision).writes.len(), 2);
    }
}

#[test]
fn a_merge_keeps_what_a_contact_found_by_address_holds_and_notes_the_directorys_beside_it() {
    let found = contact(
        "7",
        &[("email", "zoe@contoso.com"), ("first_name", "Our Zoe")],
    );
    let zoe = person("u1", "Zoë", "zoe@contoso.com");
    let link = linking(decide(&merging(), &zoe, Correlation::Matching(&found)));
    assert_eq!(link.writes, []);
    assert_eq!(link.base[0].value, "Zoë");
}

#[test]
fn where_contacts_that_are_there_are_skipped_so_is_the_one_that_was_theirs_before() {
    let theirs = formerly("u1", &[("email", "old@contoso.com")]);
    let policies = Policies {
        existing: Existing::Skip,
        ..mirroring()
    };
    let zoe = person("u1", "Zoë", "new@contoso.com");
    let decision = decide(&policies, &zoe, Correlation::Former(&theirs));
    assert_eq!(decision.action, Action::Skip(Some(theirs.id.clone())));
    assert_eq!(decision.reason, Reason::FormerlyLinked);
}

#[test]
fn a_field_of_the_first_day_is_not_written_when_a_contact_is_linked_be_it_empty() {
    let mut rows = name_and_email();
    rows[0].only_on_create = true;
    let zoe = person("u1", "Zoë", "zoe@contoso.com");
    for first_name in [Some("Our Zoe"), None] {
        let mut found = contact("7", &[("email", "zoe@contoso.com")]);
        found.fields.extend(first_name.map(|value| Field {
            name: "first_name".to_owned(),
            value: value.to_owned(),
        }));
        for found in [Correlation::Matching(&found), Correlation::Former(&found)] {
            for policies in [mirroring(), merging()] {
                let link = linking(Rules::new(&rows, &policies).live(&zoe, found));
                assert_eq!(link.writes, []);
                assert_eq!(link.base.len(), 1, "and the base does not speak of it");
            }
        }
    }
}

#[test]
fn without_updates_values_and_lists_of_a_linked_contact_stay() {
    let policies = Policies {
        update: false,
        ..mirroring()
    };
    let mut existing = linked_contact("7", "u1", &[("email", "zoe@contoso.com")]);
    existing.lists = vec!["Support".to_owned()];
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.lists = WantedLists::Exactly(vec![list("Sales")]);
    let decision = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(decision.action, Action::Leave(existing.precondition()));
    assert_eq!(decision.reason, Reason::UpdatesOff);
}

#[test]
fn a_disabled_account_that_gets_no_contact_leaves_the_one_it_has_alone() {
    let policies = Policies {
        disabled: Disabled::NotCreated,
        ..mirroring()
    };
    let mut existing = linked_contact("7", "u1", &[("first_name", "Zoe")]);
    existing.lists = vec!["Support".to_owned()];
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.lists = WantedLists::Exactly(vec![list("Sales")]);
    zoe.enabled = Some(false);
    let decision = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(decision.action, Action::Leave(existing.precondition()));
    assert_eq!(decision.reason, Reason::AccountDisabled);
}

/// The decision about an inactive contact, where it is known who made it so.
fn about_inactive(
    policies: &Policies,
    person: &Person,
    found: Correlation<'_>,
    who: Option<MadeInactive>,
) -> Decision {
    let rows = name_and_email();
    let inactive = who
        .map(|who| (ContactId::new("7"), who))
        .into_iter()
        .collect();
    Rules {
        inactive: &inactive,
        ..Rules::new(&rows, policies)
    }
    .live(person, found)
}

#[test]
fn what_a_sync_made_inactive_becomes_active_again_and_what_a_person_did_stays() {
    let values = [("first_name", "Zoë"), ("email", "zoe@contoso.com")];
    let mut linked = linked_contact("7", "u1", &values);
    let mut former = formerly("u1", &values);
    let mut unlinked = contact("7", &values);
    for contact in [&mut linked, &mut former, &mut unlinked] {
        contact.active = false;
    }
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.lists = WantedLists::Exactly(vec![list("Sales")]);
    let deactivating = Policies {
        removed: Removing::Deactivate,
        ..mirroring()
    };
    let unchanging = Policies {
        update: false,
        ..mirroring()
    };
    for policies in [mirroring(), merging(), deactivating.clone(), unchanging] {
        for (who, returns, is_told) in [
            (Some(MadeInactive::ByConnector), true, false),
            (Some(MadeInactive::ByPerson), false, false),
            (None, policies == deactivating, policies != deactivating),
        ] {
            for found in [
                Correlation::Linked(&linked),
                Correlation::Former(&former),
                Correlation::Matching(&unlinked),
            ] {
                let decision = about_inactive(&policies, &zoe, found, who);
                assert_eq!(decision.left_inactive, is_told, "{decision:?}");
                let (reactivates, joins) = match &decision.action {
                    Action::Add(Addition::Update(update)) => {
                        (update.reactivate, update.membership.join.len())
                    }
                    Action::Add(Addition::Link(link)) => {
                        (link.reactivate, link.membership.join.len())
                    }
                    _ => (false, 0),
                };
                assert_eq!(
                    (reactivates, joins),
                    (returns, usize::from(returns)),
                    "{decision:?}"
                );
            }
        }
    }
}

#[test]
fn nobody_becomes_active_again_who_is_disabled_or_out_of_scope() {
    let mut existing = linked_contact("7", "u1", &[("first_name", "Zoë")]);
    existing.active = false;
    for disabled in [
        Disabled::Ignore,
        Disabled::NotCreated,
        Disabled::Deactivate,
        Disabled::LeavesScope,
    ] {
        let policies = Policies {
            disabled,
            ..mirroring()
        };
        let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
        let returns = |person: &Person| {
            let found = Correlation::Linked(&existing);
            let who = Some(MadeInactive::ByConnector);
            about_inactive(&policies, person, found, who).reason == Reason::ActiveAgain
        };
        assert!(returns(&zoe));
        zoe.scope = outside(false);
        assert!(!returns(&zoe));
        zoe.scope = Scope::Inside;
        zoe.enabled = Some(false);
        let account_is_looked_at = matches!(disabled, Disabled::NotCreated | Disabled::Deactivate);
        assert_eq!(returns(&zoe), !account_is_looked_at, "{disabled:?}");
    }
}

#[test]
fn where_nothing_visible_changes_the_reason_says_so() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let existing = crate::reconcile::test_samples::linked_with_base(
        "7",
        "u1",
        &[pair("first_name", "Zoë"), pair("email", "zoe@contoso.com")],
        &[pair("first_name", "Zoe"), pair("email", "zoe@contoso.com")],
    );
    let zoe = person("u1", "Zoë", "zoe@contoso.com");
    let decision = decide(&merging(), &zoe, Correlation::Linked(&existing));
    assert_eq!(decision.reason, Reason::BaseOnly);
    assert_eq!(decision.fields, []);
}

#[test]
fn who_stays_inactive_is_taken_off_the_lists() {
    let mut existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    existing.active = false;
    existing.lists = vec!["Support".to_owned(), "Sales".to_owned()];
    let policies = Policies {
        disabled: Disabled::Deactivate,
        removed: Removing::Deactivate,
        ..mirroring()
    };
    let rows = name_and_email();
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    let by_hand = about_inactive(
        &policies,
        &zoe,
        Correlation::Linked(&existing),
        Some(MadeInactive::ByPerson),
    );
    zoe.enabled = Some(false);
    let rules = Rules::new(&rows, &policies);
    for decision in [
        by_hand,
        rules.live(&zoe, Correlation::Linked(&existing)),
        rules.gone(&user("u1"), Tombstone::Soft, Some(&existing)),
        rules.unseen(&user("u1"), &existing, Finding::Nowhere),
    ] {
        assert_eq!(decision.reason, Reason::AlreadyInactive);
        let Action::Add(Addition::Update(update)) = decision.action else {
            panic!("{decision:?}");
        };
        assert_eq!(update.membership.leave, ["Sales", "Support"]);
    }
}

#[test]
fn a_removal_names_the_lists_that_the_contact_leaves() {
    let on_lists = Contact {
        lists: vec!["Staff".to_owned(), "Sales".to_owned()],
        ..linked_contact("7", "u1", &[])
    };
    let rows = name_and_email();
    for removed in [Removing::Unlink, Removing::Deactivate, Removing::Delete] {
        let policies = Policies {
            removed,
            ..mirroring()
        };
        let rules = Rules::new(&rows, &policies);
        let decision = rules.gone(&user("u1"), Tombstone::Soft, Some(&on_lists));
        assert_eq!(decision.into_plan_entry().leaves, ["Sales", "Staff"]);
    }
}
