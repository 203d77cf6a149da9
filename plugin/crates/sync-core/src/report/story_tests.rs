use super::*;
use crate::contact::{Evidence, Field, ObjectId, Precondition, Removal, RemovalKind, StagedUpdate};
use crate::ports::FieldChange;
use crate::reconcile::reason::Reason;
use crate::reconcile::test_samples::{contact, linked_contact};

const MOMENT: Timestamp = Timestamp(1_795_169_700_000);

fn did(effect: Effect, reason: Reason) -> JournalEntry {
    JournalEntry {
        number: 1,
        run: Some("r1".to_owned()),
        at: MOMENT,
        object_id: ObjectId::new("u1"),
        contact: ContactId::new("17"),
        effect,
        reason: reason.code().to_owned(),
        evidence: None,
        fields: Vec::new(),
        joins: Vec::new(),
        leaves: Vec::new(),
        version: 1,
        directory: Vec::new(),
    }
}

fn facts<'a>(contact: Option<&'a Contact>, journal: &'a [JournalEntry]) -> Facts<'a> {
    Facts {
        contact,
        linked: contact.is_some_and(|contact| contact.link.is_some()),
        journal,
        keeps_journal: true,
        note: None,
        failing: None,
        staged: None,
        held: None,
        edited: &[],
    }
}

fn told(facts: &Facts<'_>) -> Vec<String> {
    tell(facts, str::to_uppercase)
}

#[test]
fn how_and_when_somebody_was_linked() {
    let linked = linked_contact("17", "u1", &[]);
    let by_address = [did(Effect::Link, Reason::MatchedByAddress)];
    assert_eq!(
        told(&facts(Some(&linked), &by_address)),
        [
            "Linked to contact 17 on 2026-11-20 10:15 UTC by the run r1, because an unlinked contact \
             had the same address."
        ]
    );
    let made = [did(Effect::Create, Reason::NewUser)];
    assert_eq!(
        told(&facts(Some(&linked), &made)),
        [
            "Contact 17 was made for this user on 2026-11-20 10:15 UTC by the run r1, because nobody \
             had a contact for this user."
        ]
    );
    assert_eq!(
        told(&facts(Some(&linked), &[])),
        ["Linked to contact 17; the journal does not reach back to when that was."]
    );
}

#[test]
fn who_is_not_linked() {
    assert_eq!(told(&facts(None, &[])), ["This user has no contact."]);
    let free = contact("17", &[]);
    assert_eq!(
        told(&facts(Some(&free), &[])),
        ["Contact 17 is not linked to a user of the directory."]
    );
}

#[test]
fn why_a_contact_was_removed_stands_with_its_evidence() {
    let free = contact("17", &[]);
    let inactive = Contact {
        active: false,
        ..linked_contact("17", "u1", &[])
    };
    for (effect, contact, what) in [
        (Effect::Unlink, Some(&free), "unlinked"),
        (Effect::Delete, None, "deleted"),
        (Effect::Deactivate, Some(&inactive), "deactivated"),
    ] {
        let mut removal = did(effect, Reason::Deleted);
        removal.evidence = Some(Evidence::DeletedSoft);
        let journal = [removal];
        let sentences = told(&facts(contact, &journal));
        assert_eq!(
            sentences.last().unwrap(),
            &format!(
                "Contact 17 was {what} on 2026-11-20 10:15 UTC by the run r1: the directory said that \
                 the user was deleted, and may be restored for 30 days."
            )
        );
        assert_eq!(
            sentences.len(),
            if effect == Effect::Deactivate { 2 } else { 1 }
        );
    }
}

#[test]
fn a_removal_that_holds_no_longer_is_not_told() {
    let linked = linked_contact("17", "u1", &[]);
    let journal = [
        did(Effect::Link, Reason::MatchedByAddress),
        did(Effect::Unlink, Reason::Deleted),
    ];
    let sentences = told(&facts(Some(&linked), &journal));
    assert_eq!(sentences.len(), 1);
    assert!(sentences[0].starts_with("Linked to contact 17"));
}

#[test]
fn an_inactive_contact_that_no_run_made_so_is_named() {
    let inactive = Contact {
        active: false,
        ..contact("17", &[])
    };
    let sentences = told(&facts(Some(&inactive), &[]));
    assert_eq!(sentences[1], "Contact 17 is inactive.");
}

#[test]
fn the_last_change_names_its_fields_by_their_labels() {
    let linked = linked_contact("17", "u1", &[]);
    let mut update = did(Effect::Update, Reason::DirectoryChanged);
    for field in ["company", "phone", "title"] {
        update.fields.push(FieldChange {
            field: field.to_owned(),
            before: Some("secret".to_owned()),
            after: None,
        });
    }
    let journal = [update];
    let sentences = told(&facts(Some(&linked), &journal));
    assert_eq!(
        sentences[1],
        "Last changed (COMPANY, PHONE and TITLE) on 2026-11-20 10:15 UTC by the run r1, because the \
         directory had other values than the contact."
    );
}

#[test]
fn what_waits_for_the_end_of_the_round_is_told_with_its_evidence() {
    let linked = linked_contact("17", "u1", &[]);
    let precondition = Precondition {
        contact: ContactId::new("17"),
        version: 1,
    };
    let removal = Staged::Removal {
        removal: Removal {
            contact: precondition.clone(),
            object_id: ObjectId::new("u1"),
            kind: RemovalKind::Unlink,
            evidence: Evidence::LeftScope("department".to_owned()),
            leaves: Vec::new(),
        },
        reason: Reason::OutOfScope,
    };
    let update = Staged::Update {
        update: StagedUpdate {
            contact: precondition,
            object_id: ObjectId::new("u1"),
            fields: vec![Field {
                name: "phone".to_owned(),
                value: "secret".to_owned(),
            }],
            directory: Vec::new(),
        },
        counted: false,
    };
    for (staged, expected) in [
        (
            removal,
            "To be unlinked when the round that is being read ends, unless a limit stops it: the user \
             no longer matches the filter on department.",
        ),
        (
            update,
            "To be emptied when the round that is being read ends, unless a limit stops it: PHONE; the \
             directory has no value any more.",
        ),
    ] {
        let facts = Facts {
            staged: Some(&staged),
            ..facts(Some(&linked), &[])
        };
        assert_eq!(told(&facts)[1], expected);
    }
}

#[test]
fn why_somebody_is_skipped_and_since_when() {
    let note = Noted {
        object_id: ObjectId::new("u1"),
        contact: None,
        reason: "account-disabled".to_owned(),
        run: Some("r1".to_owned()),
        since: MOMENT,
    };
    let facts = Facts {
        note: Some(&note),
        ..facts(None, &[])
    };
    assert_eq!(
        told(&facts)[1],
        "Skipped since 2026-11-20 10:15 UTC by the run r1: the account is disabled, and the \
         configuration makes no contacts for disabled accounts."
    );
}

#[test]
fn who_could_not_be_written_is_told_with_code_field_and_what_comes_next() {
    let mut entry = LedgerRecord {
        code: "too-long".to_owned(),
        field: Some("phone".to_owned()),
        tries: 3,
        first: MOMENT,
        last: MOMENT,
        run: "r1".to_owned(),
        unheard: None,
    };
    let sentence = |entry: &LedgerRecord| {
        let facts = Facts {
            failing: Some(entry),
            ..facts(None, &[])
        };
        told(&facts).remove(1)
    };
    assert_eq!(
        sentence(&entry),
        "Could not be written 3 times (too-long, field PHONE), last on 2026-11-20 10:15 UTC; it will be \
         tried again with the next sync."
    );
    entry.tries = crate::run::ledger::TRIES;
    entry.field = None;
    let given_up = sentence(&entry);
    assert!(given_up.contains("5 times (too-long)"), "{given_up}");
    assert!(given_up.contains("it was given up"), "{given_up}");
    entry.tries = 1;
    assert!(sentence(&entry).starts_with("Could not be written once (too-long)"));
}

#[test]
fn edits_and_a_missing_journal_are_named() {
    let linked = linked_contact("17", "u1", &[]);
    let facts = Facts {
        edited: &["Company", "Phone"],
        keeps_journal: false,
        ..facts(Some(&linked), &[])
    };
    assert_eq!(
        told(&facts)[1..],
        [
            "Edited here since: Company and Phone.",
            "The contact store keeps no journal, so nothing older is known."
        ]
    );
}

#[test]
fn what_a_limit_holds_back_is_told_with_run_and_limit_and_since_when() {
    let linked = linked_contact("17", "u1", &[]);
    let note = Noted {
        object_id: ObjectId::new("u1"),
        contact: None,
        reason: Reason::HeldByBreaker.code().to_owned(),
        run: Some("r1".to_owned()),
        since: MOMENT,
    };
    let limit = "3 of 9 linked contacts would be removed; at most 0 may be in one run";
    for (what, expected) in [
        (
            HeldBack::Removal {
                kind: RemovalKind::Unlink,
                evidence: Evidence::AccountDisabled,
            },
            "To be unlinked: the directory said that the account is disabled",
        ),
        (
            HeldBack::Update {
                fields: vec!["company".to_owned()],
                attributes: Vec::new(),
            },
            "To be emptied: COMPANY; the directory has no value any more",
        ),
        (
            HeldBack::Update {
                fields: Vec::new(),
                attributes: vec!["companyName".to_owned()],
            },
            "To be given to the directory: companyName",
        ),
    ] {
        let held = Held {
            run: "r2".to_owned(),
            limit: limit.to_owned(),
            what,
        };
        let facts = Facts {
            held: Some(&held),
            note: Some(&note),
            ..facts(Some(&linked), &[])
        };
        assert_eq!(
            told(&facts).last().unwrap(),
            &format!(
                "{expected}. A limit holds that back since 2026-11-20 10:15 UTC, last in the run r2: \
                 {limit}."
            )
        );
    }
}

#[test]
fn a_change_of_lists_alone_and_one_that_nobody_sees_are_told_as_what_they_are() {
    let linked = linked_contact("17", "u1", &[]);
    let mut moved = did(Effect::Update, Reason::DirectoryChanged);
    moved.joins = vec!["Sales".to_owned()];
    moved.leaves = vec!["Support".to_owned()];
    let base = did(Effect::Update, Reason::BaseOnly);
    let off = JournalEntry {
        joins: Vec::new(),
        ..JournalEntry {
            reason: Reason::AlreadyInactive.code().to_owned(),
            ..moved.clone()
        }
    };
    for (entry, expected) in [
        (
            moved,
            "Last moved to another list on 2026-11-20 10:15 UTC by the run r1.",
        ),
        (
            off,
            "Last taken off a list on 2026-11-20 10:15 UTC by the run r1, because the contact was \
             inactive already.",
        ),
        (
            base,
            "Last written on 2026-11-20 10:15 UTC by the run r1: what directory and contact were last \
             reconciled with had to be noted.",
        ),
    ] {
        assert_eq!(
            told(&facts(Some(&linked), &[entry])).last().unwrap(),
            expected
        );
    }
}
