//! Decisions, one behaviour each.

use super::*;
use crate::contact::ContactList;
use crate::reconcile::test_samples::{contact, linked_contact, mirroring, name_and_email, person};
use crate::settings::Conflict;

#[path = "decide_linking_tests.rs"]
mod linking;

fn decide(policies: &Policies, person: &Person, correlation: Correlation<'_>) -> Decision {
    let rows = name_and_email();
    Rules::new(&rows, policies).live(person, correlation)
}

fn user(id: &str) -> ObjectId {
    ObjectId::new(id)
}

fn outside(stated: bool) -> Scope {
    Scope::Outside {
        clause: "department".to_owned(),
        stated,
        asked: Asked::Value,
    }
}

fn list(name: &str) -> ContactList {
    ContactList {
        name: name.to_owned(),
        description: String::new(),
    }
}

#[test]
fn somebody_new_becomes_a_contact_with_the_directorys_values_as_base() {
    let decision = decide(
        &mirroring(),
        &person("u1", "Zoë", "zoe@contoso.com"),
        Correlation::Nobody,
    );
    let Action::Add(Addition::Create(create)) = decision.action else {
        panic!("{decision:?}");
    };
    assert_eq!(create.fields, create.base);
    assert_eq!(create.fields.len(), 2);
    assert_eq!(decision.reason, Reason::NewUser);
}

#[test]
fn an_unlinked_contact_with_the_address_is_linked_or_left_alone_as_policy_says() {
    let existing = contact("7", &[("email", "zoe@contoso.com"), ("first_name", "Zoe")]);
    let zoe = person("u1", "Zoë", "zoe@contoso.com");

    let linked = decide(&mirroring(), &zoe, Correlation::Matching(&existing));
    assert_eq!(linked.effect(), Some(crate::contact::Effect::Link));
    assert_eq!(linked.fields.len(), 1, "only the first name differs");

    let policies = Policies {
        existing: Existing::Skip,
        ..mirroring()
    };
    let skipped = decide(&policies, &zoe, Correlation::Matching(&existing));
    assert_eq!(skipped.action, Action::Skip(Some(existing.id.clone())));
    assert_eq!(skipped.reason, Reason::AddressExists);
}

#[test]
fn a_contact_in_step_is_left_alone() {
    let existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    let decision = decide(
        &mirroring(),
        &person("u1", "Zoë", "zoe@contoso.com"),
        Correlation::Linked(&existing),
    );
    assert_eq!(decision.action, Action::Leave(existing.precondition()));
}

#[test]
fn a_rename_updates_the_linked_contact_whatever_the_address() {
    let existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    let renamed = person("u1", "Zoë", "zoe.married@contoso.com");
    let decision = decide(&mirroring(), &renamed, Correlation::Linked(&existing));
    let Action::Add(Addition::Update(update)) = decision.action else {
        panic!("{decision:?}");
    };
    assert_eq!(update.writes.len(), 1);
    assert_eq!(update.base.map(|base| base.len()), Some(2));
}

#[test]
fn without_updates_a_linked_contact_stays_as_it_is() {
    let policies = Policies {
        update: false,
        ..mirroring()
    };
    let existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoe"), ("email", "old@contoso.com")],
    );
    let decision = decide(
        &policies,
        &person("u1", "Zoë", "zoe@contoso.com"),
        Correlation::Linked(&existing),
    );
    assert_eq!(decision.reason, Reason::UpdatesOff);
    assert_eq!(decision.effect(), Some(crate::contact::Effect::Unchanged));
}

#[test]
fn a_person_without_a_mandatory_value_is_skipped_and_the_field_is_counted() {
    let mut nameless = person("u1", "Zoë", "zoe@contoso.com");
    nameless.fields[1] = Stated::Empty;
    nameless.match_key = None;
    let decision = decide(&mirroring(), &nameless, Correlation::Nobody);
    assert_eq!(decision.reason, Reason::MissingMandatory);
    assert_eq!(decision.missing, [1]);
}

#[test]
fn a_link_may_take_the_mandatory_value_from_the_contact() {
    let existing = contact("7", &[("email", "zoe@contoso.com")]);
    let mut unstated = person("u1", "Zoë", "zoe@contoso.com");
    unstated.fields[1] = Stated::Unstated;
    let decision = decide(&mirroring(), &unstated, Correlation::Matching(&existing));
    assert_eq!(decision.reason, Reason::MatchedByAddress);
}

#[test]
fn leaving_the_scope_is_a_removal_with_the_clause_as_evidence() {
    let existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.scope = outside(true);
    let decision = decide(&mirroring(), &zoe, Correlation::Linked(&existing));
    let Action::Remove(removal) = decision.action else {
        panic!("{decision:?}");
    };
    assert_eq!(removal.kind, RemovalKind::Unlink);
    assert_eq!(
        removal.evidence,
        Evidence::LeftScope("department".to_owned())
    );
}

#[test]
fn a_scope_that_the_page_does_not_state_removes_nobody() {
    let existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.scope = outside(false);
    let decision = decide(&mirroring(), &zoe, Correlation::Linked(&existing));
    assert_eq!(decision.reason, Reason::InStep);
    assert_eq!(
        decide(&mirroring(), &zoe, Correlation::Nobody).reason,
        Reason::OutOfScope
    );
}

#[test]
fn disabled_and_enabled_again_deactivates_and_reactivates() {
    let policies = Policies {
        disabled: Disabled::Deactivate,
        ..mirroring()
    };
    let mut existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.enabled = Some(false);

    let decision = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(decision.effect(), Some(crate::contact::Effect::Deactivate));

    existing.active = false;
    let again = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(again.reason, Reason::AlreadyInactive);
    assert_eq!(again.effect(), Some(crate::contact::Effect::Unchanged));

    zoe.enabled = Some(true);
    let enabled = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(enabled.effect(), Some(crate::contact::Effect::Reactivate));

    zoe.enabled = None;
    let unstated = decide(&policies, &zoe, Correlation::Linked(&existing));
    assert_eq!(
        unstated.reason,
        Reason::InStep,
        "an unstated flag reactivates nobody"
    );
}

#[test]
fn a_contact_that_somebody_here_made_inactive_stays_so_where_policy_never_deactivates() {
    let mut existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    existing.active = false;
    let decision = decide(
        &mirroring(),
        &person("u1", "Zoë", "zoe@contoso.com"),
        Correlation::Linked(&existing),
    );
    assert_eq!(decision.reason, Reason::InStep);
}

#[test]
fn tombstones_remove_with_their_own_evidence_and_only_where_policy_removes() {
    let existing = linked_contact("7", "u1", &[]);
    let rows = name_and_email();
    let policies = mirroring();
    let rules = Rules::new(&rows, &policies);
    for (tombstone, evidence) in [
        (Tombstone::Soft, Evidence::DeletedSoft),
        (Tombstone::Permanent, Evidence::DeletedPermanently),
    ] {
        let Action::Remove(removal) = rules.gone(&user("u1"), tombstone, Some(&existing)).action
        else {
            panic!("a tombstone of a linked user removes");
        };
        assert_eq!(removal.evidence, evidence);
    }
    assert_eq!(
        rules.gone(&user("u2"), Tombstone::Soft, None).reason,
        Reason::NotLinked
    );

    let keeping = Policies {
        removed: Removing::Keep,
        ..mirroring()
    };
    let kept = Rules::new(&rows, &keeping).gone(&user("u1"), Tombstone::Soft, Some(&existing));
    assert_eq!(kept.reason, Reason::KeptByPolicy);
}

#[test]
fn an_unanswered_question_removes_nobody() {
    let existing = linked_contact("7", "u1", &[]);
    let rows = name_and_email();
    let policies = mirroring();
    let rules = Rules::new(&rows, &policies);
    let unknown = rules.unseen(
        &user("u1"),
        &existing,
        Finding::Unknown("lookup-failed".to_owned()),
    );
    assert_eq!(unknown.effect(), None);
    let present = rules.unseen(&user("u1"), &existing, Finding::Present);
    assert_eq!(present.action, Action::Leave(existing.precondition()));
    for finding in [Finding::Deleted, Finding::Nowhere] {
        assert!(matches!(
            rules.unseen(&user("u1"), &existing, finding).action,
            Action::Remove(_)
        ));
    }
}

#[test]
fn lists_follow_the_directory_and_leave_others_lists_alone() {
    let mut existing = linked_contact(
        "7",
        "u1",
        &[("first_name", "Zoë"), ("email", "zoe@contoso.com")],
    );
    existing.lists = vec!["Sales".to_owned(), "Support".to_owned()];
    let mut zoe = person("u1", "Zoë", "zoe@contoso.com");
    zoe.lists = WantedLists::Exactly(vec![list("Legal"), list("Sales")]);
    let Action::Add(Addition::Update(update)) =
        decide(&mirroring(), &zoe, Correlation::Linked(&existing)).action
    else {
        panic!("membership differs");
    };
    assert_eq!(update.membership.join, [list("Legal")]);
    assert_eq!(update.membership.leave, ["Support"]);
    assert_eq!(update.base, None, "the base has not changed");
}

#[test]
fn an_invalid_record_fails_alone_and_out_of_scope_it_does_not_even_fail() {
    let mut broken = person("u1", "Zoë", "zoe@contoso.com");
    broken.fields[0] = Stated::Unstated;
    broken.invalid = Some(crate::mapping::person::Invalid {
        field: Some("first_name".to_owned()),
        code: "too-long",
    });
    let decision = decide(&mirroring(), &broken, Correlation::Nobody);
    assert!(matches!(decision.action, Action::Fail { .. }));
    assert!(
        decision.missing.is_empty(),
        "a value that cannot be used is not missing"
    );
    broken.scope = outside(true);
    assert_eq!(
        decide(&mirroring(), &broken, Correlation::Nobody).reason,
        Reason::OutOfScope
    );
}

#[test]
fn both_sides_edited_is_told() {
    let policies = Policies {
        conflict: Conflict::Merge,
        ..mirroring()
    };
    let pair = |value: &str| ("first_name".to_owned(), value.to_owned());
    let existing = crate::reconcile::test_samples::linked_with_base(
        "7",
        "u1",
        &[pair("Zozo")],
        &[pair("Zoe")],
    );
    let decision = decide(
        &policies,
        &person("u1", "Zoë", "zoe@contoso.com"),
        Correlation::Linked(&existing),
    );
    assert_eq!(decision.overruled, [0]);
}
