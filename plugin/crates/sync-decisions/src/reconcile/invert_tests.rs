use super::*;
use crate::contact::{ContactId, Link, ObjectId};
use crate::reconcile::test_samples::{contact, linked_contact};
use guest_kit::Timestamp;

const RUN: &str = "r1";

/// A change of run r1 to contact 7 of user u1, after which the contact had the version of its number.
fn did(number: u64, effect: Effect) -> JournalEntry {
    JournalEntry {
        number,
        run: Some(RUN.to_owned()),
        at: Timestamp(0),
        object_id: ObjectId::new("u1"),
        contact: ContactId::new("7"),
        effect,
        reason: "directory-changed".to_owned(),
        evidence: None,
        fields: Vec::new(),
        joins: Vec::new(),
        leaves: Vec::new(),
        directory: Vec::new(),
        version: number,
    }
}

fn wrote(
    number: u64,
    effect: Effect,
    changes: &[(&str, Option<&str>, Option<&str>)],
) -> JournalEntry {
    JournalEntry {
        fields: changes
            .iter()
            .map(|(field, before, after)| change(field, *before, *after))
            .collect(),
        ..did(number, effect)
    }
}

fn change(field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field: field.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

fn linked(version: u64, fields: &[(&str, &str)]) -> Contact {
    Contact {
        version,
        ..linked_contact("7", "u1", fields)
    }
}

fn unlinked(version: u64, fields: &[(&str, &str)]) -> Contact {
    Contact {
        version,
        ..contact("7", fields)
    }
}

fn inverted(entries: &[JournalEntry], now: Option<&Contact>) -> Undoing {
    let now = Now {
        contact: now,
        has_another: false,
        moved_since: false,
        there: None,
    };
    invert_user(RUN, entries, |_| now).expect("there are entries")
}

fn effect_and_reason(undoing: &Undoing) -> (Effect, &str) {
    (undoing.entry.effect, &undoing.entry.reason)
}

const UNCHANGED: (Effect, &str) = (Effect::Unchanged, "undo");
const EDITED_SINCE: (Effect, &str) = (Effect::Skip, "edited-since");

#[test]
fn every_effect_has_its_inverse_and_removals_alone_carry_evidence() {
    let inactive = Contact {
        active: false,
        ..linked(5, &[])
    };
    let renamed = [("title", Some("A"), Some("B"))];
    for (done, now, expected) in [
        (did(5, Effect::Create), Some(linked(5, &[])), Effect::Delete),
        (did(5, Effect::Delete), None, Effect::Create),
        (did(5, Effect::Link), Some(linked(5, &[])), Effect::Unlink),
        (did(5, Effect::Unlink), Some(unlinked(5, &[])), Effect::Link),
        (
            did(5, Effect::Deactivate),
            Some(inactive),
            Effect::Reactivate,
        ),
        (
            did(5, Effect::Reactivate),
            Some(linked(5, &[])),
            Effect::Deactivate,
        ),
        (
            wrote(5, Effect::Update, &renamed),
            Some(linked(5, &[("title", "B")])),
            Effect::Update,
        ),
    ] {
        let effect = done.effect;
        let undoing = inverted(&[done], now.as_ref());
        assert_eq!(
            effect_and_reason(&undoing),
            (expected, "undo"),
            "{effect:?}"
        );
        let removes = matches!(
            expected,
            Effect::Delete | Effect::Unlink | Effect::Deactivate
        );
        let evidence = Evidence::Undone(RUN.to_owned());
        assert_eq!(
            undoing.entry.evidence,
            removes.then(|| evidence.clone()),
            "{effect:?}"
        );
        let reversal = undoing.reversal.expect("something is done");
        assert_eq!(reversal.evidence, evidence);
        assert_eq!(reversal.entries, [5]);
        assert_eq!(reversal.contact.contact, ContactId::new("7"));
        assert_eq!(reversal.contact.version, 5);
        assert_eq!(undoing.entry.version, Some(5));
        assert_eq!(undoing.entry.contact, Some(ContactId::new("7")));
    }
}

#[test]
fn a_run_that_was_taken_back_leaves_nothing_to_take_back() {
    let renamed = [("title", Some("A"), Some("B"))];
    for (done, now) in [
        (did(5, Effect::Create), None),
        (did(5, Effect::Delete), Some(linked(6, &[]))),
        (did(5, Effect::Link), Some(unlinked(6, &[]))),
        (
            wrote(5, Effect::Link, &renamed),
            Some(unlinked(6, &[("title", "A")])),
        ),
        (did(5, Effect::Unlink), Some(linked(6, &[]))),
        (did(5, Effect::Deactivate), Some(linked(6, &[]))),
        (
            wrote(5, Effect::Update, &renamed),
            Some(linked(6, &[("title", "A")])),
        ),
    ] {
        let effect = done.effect;
        let undoing = inverted(&[done], now.as_ref());
        assert_eq!(effect_and_reason(&undoing), UNCHANGED, "{effect:?}");
        assert_eq!(undoing.reversal, None, "{effect:?}");
        assert!(undoing.left_alone.is_empty(), "{effect:?}");
    }
}

#[test]
fn a_contact_that_was_made_and_then_edited_is_kept() {
    let undoing = inverted(&[did(5, Effect::Create)], Some(&linked(6, &[])));
    assert_eq!(effect_and_reason(&undoing), EDITED_SINCE);
    assert_eq!(undoing.reversal, None);
}

#[test]
fn a_contact_that_the_run_made_and_then_wrote_again_is_deleted_by_its_last_version() {
    let done = [
        wrote(6, Effect::Update, &[("title", None, Some("B"))]),
        did(5, Effect::Create),
    ];
    let undoing = inverted(&done, Some(&linked(6, &[("title", "B")])));
    assert_eq!(undoing.entry.effect, Effect::Delete);
    assert_eq!(undoing.reversal.unwrap().entries, [6, 5]);
    let earlier = inverted(&done, Some(&linked(5, &[])));
    assert_eq!(effect_and_reason(&earlier), EDITED_SINCE);
}

#[test]
fn a_field_goes_back_over_all_that_the_run_wrote_into_it() {
    let done = [
        wrote(7, Effect::Update, &[("title", Some("B"), Some("C"))]),
        wrote(6, Effect::Update, &[("title", Some("A"), Some("B"))]),
    ];
    let undoing = inverted(&done, Some(&linked(7, &[("title", "C")])));
    assert_eq!(
        undoing.entry.fields,
        [change("title", Some("C"), Some("A"))]
    );
    let reversal = undoing.reversal.unwrap();
    assert_eq!(
        reversal.writes,
        [FieldWrite {
            name: "title".to_owned(),
            value: Some("A".to_owned())
        }]
    );
    assert_eq!(reversal.entries, [7, 6]);
}

#[test]
fn an_edit_between_two_writes_of_the_run_comes_back() {
    let done = [
        wrote(8, Effect::Update, &[("title", Some("edited"), Some("C"))]),
        wrote(6, Effect::Update, &[("title", Some("A"), Some("B"))]),
    ];
    let undoing = inverted(&done, Some(&linked(8, &[("title", "C")])));
    assert_eq!(
        undoing.entry.fields,
        [change("title", Some("C"), Some("edited"))]
    );
}

#[test]
fn a_field_that_was_edited_since_is_left_alone_and_named_while_the_others_go_back() {
    let done = wrote(
        5,
        Effect::Update,
        &[
            ("company", None, Some("Contoso")),
            ("phone", Some("1"), None),
            ("title", Some("A"), Some("B")),
        ],
    );
    let now = linked(9, &[("company", "Contoso"), ("title", "edited")]);
    let undoing = inverted(&[done], Some(&now));
    assert_eq!(effect_and_reason(&undoing), (Effect::Update, "undo"));
    assert_eq!(
        undoing.entry.fields,
        [
            change("company", Some("Contoso"), None),
            change("phone", None, Some("1"))
        ]
    );
    assert_eq!(undoing.left_alone, [Part::Field("title".to_owned())]);
    assert_eq!(undoing.reversal.unwrap().contact.version, 9);
}

#[test]
fn where_every_field_was_edited_since_nothing_is_done() {
    let done = wrote(5, Effect::Update, &[("title", Some("A"), Some("B"))]);
    let undoing = inverted(&[done], Some(&linked(6, &[("title", "edited")])));
    assert_eq!(effect_and_reason(&undoing), EDITED_SINCE);
    assert_eq!(undoing.left_alone, [Part::Field("title".to_owned())]);
}

#[test]
fn a_linked_contact_is_unlinked_and_its_fields_go_back_one_by_one() {
    let done = wrote(
        5,
        Effect::Link,
        &[("phone", None, Some("1")), ("title", Some("A"), Some("B"))],
    );
    let now = linked(6, &[("phone", "2"), ("title", "B")]);
    let undoing = inverted(&[done], Some(&now));
    assert_eq!(undoing.entry.effect, Effect::Unlink);
    assert_eq!(
        undoing.entry.fields,
        [change("title", Some("B"), Some("A"))]
    );
    assert_eq!(undoing.left_alone, [Part::Field("phone".to_owned())]);
}

#[test]
fn a_link_comes_back_only_while_user_and_contact_are_free() {
    let unlink = [did(5, Effect::Unlink)];
    let elsewhere = Now {
        contact: Some(&unlinked(5, &[])),
        has_another: true,
        moved_since: false,
        there: None,
    };
    let undoing = invert_user(RUN, &unlink, |_| elsewhere).unwrap();
    assert_eq!(effect_and_reason(&undoing), EDITED_SINCE);

    let mut foreign = linked(6, &[]);
    foreign.link = Some(Link {
        object_id: ObjectId::new("u2"),
        base: Vec::new(),
    });
    let undoing = inverted(&unlink, Some(&foreign));
    assert_eq!(effect_and_reason(&undoing), EDITED_SINCE);
}

#[test]
fn a_deleted_contact_is_made_again_only_while_its_user_has_no_other() {
    let delete = [did(5, Effect::Delete)];
    let elsewhere = Now {
        contact: None,
        has_another: true,
        moved_since: false,
        there: None,
    };
    let undoing = invert_user(RUN, &delete, |_| elsewhere).unwrap();
    assert_eq!(effect_and_reason(&undoing), EDITED_SINCE);
}

#[test]
fn a_contact_that_is_made_again_loses_what_the_run_wrote_before_it_deleted_it() {
    let done = [
        did(6, Effect::Delete),
        wrote(5, Effect::Update, &[("title", Some("A"), Some("B"))]),
    ];
    let undoing = inverted(&done, None);
    assert_eq!(undoing.entry.effect, Effect::Create);
    assert_eq!(undoing.entry.fields, [change("title", None, Some("A"))]);
    assert_eq!(undoing.reversal.unwrap().contact.version, 6);
}

#[test]
fn a_contact_that_went_after_the_run_cannot_be_put_back() {
    for effect in [
        Effect::Update,
        Effect::Link,
        Effect::Unlink,
        Effect::Deactivate,
        Effect::Reactivate,
    ] {
        let undoing = inverted(&[did(5, effect)], None);
        assert_eq!(effect_and_reason(&undoing), EDITED_SINCE, "{effect:?}");
    }
}

#[test]
fn a_contact_that_was_unlinked_after_the_run_is_left_alone() {
    let renamed = [("title", Some("A"), Some("B"))];
    for effect in [Effect::Update, Effect::Link] {
        let done = wrote(5, effect, &renamed);
        let undoing = inverted(&[done], Some(&unlinked(6, &[("title", "B")])));
        assert_eq!(effect_and_reason(&undoing), EDITED_SINCE, "{effect:?}");
        assert_eq!(undoing.reversal, None, "{effect:?}");
    }
}

#[test]
fn a_contact_that_the_run_made_and_deleted_is_as_it_was() {
    let done = [did(6, Effect::Delete), did(5, Effect::Create)];
    assert_eq!(effect_and_reason(&inverted(&done, None)), UNCHANGED);
}

#[test]
fn lists_go_back_to_what_they_were_before_the_first_move() {
    let mut first = did(5, Effect::Update);
    first.joins = vec!["Sales".to_owned()];
    first.leaves = vec!["Support".to_owned()];
    let mut second = did(6, Effect::Update);
    second.joins = vec!["Support".to_owned()];
    second.leaves = vec!["Sales".to_owned(), "Staff".to_owned()];
    let now = Contact {
        lists: vec!["Support".to_owned(), "Own".to_owned()],
        ..linked(6, &[])
    };
    let undoing = inverted(&[second, first.clone()], Some(&now));
    assert_eq!(undoing.entry.effect, Effect::Update);
    assert_eq!(undoing.entry.joins, ["Staff"]);
    assert!(undoing.entry.leaves.is_empty());

    let now = Contact {
        lists: vec!["Sales".to_owned()],
        ..linked(5, &[])
    };
    let undoing = inverted(&[first], Some(&now));
    assert_eq!(undoing.entry.joins, ["Support"]);
    assert_eq!(undoing.entry.leaves, ["Sales"]);
}

#[test]
fn of_several_contacts_the_last_that_can_go_back_does() {
    let mut earlier = did(5, Effect::Unlink);
    earlier.contact = ContactId::new("6");
    let entries = [did(9, Effect::Create), earlier];
    let made = linked(9, &[]);
    let freed = Contact {
        id: ContactId::new("6"),
        ..unlinked(5, &[])
    };
    let undoing = invert_user(RUN, &entries, |newest| Now {
        contact: Some(if newest.contact == made.id {
            &made
        } else {
            &freed
        }),
        has_another: newest.contact != made.id,
        moved_since: false,
        there: None,
    })
    .unwrap();
    assert_eq!(undoing.entry.effect, Effect::Delete);
    assert_eq!(undoing.reversal.unwrap().entries, [9]);

    let again = invert_user(RUN, &entries, |newest| Now {
        contact: (newest.contact == freed.id).then_some(&freed),
        has_another: false,
        moved_since: false,
        there: None,
    })
    .unwrap();
    assert_eq!(again.entry.effect, Effect::Link);
    assert_eq!(again.reversal.unwrap().entries, [5]);
}

#[test]
fn a_run_that_did_nothing_to_a_user_has_no_inverse() {
    let now = Now {
        contact: None,
        has_another: false,
        moved_since: false,
        there: None,
    };
    assert_eq!(invert_user(RUN, &[], |_| now), None);
}

#[test]
fn lists_that_were_changed_since_are_left_alone_and_named() {
    let mut moved = did(5, Effect::Update);
    moved.joins = vec!["Support".to_owned()];
    moved.leaves = vec!["Sales".to_owned()];
    let on = |lists: &[&str]| Contact {
        lists: lists.iter().map(|list| (*list).to_owned()).collect(),
        ..linked(9, &[])
    };
    for (now, moved_since, expected) in [
        (on(&["Support"]), false, (Effect::Update, "undo")),
        (on(&["Support"]), true, EDITED_SINCE),
        (on(&["Board"]), true, EDITED_SINCE),
        (on(&[]), true, EDITED_SINCE),
        (on(&["Sales"]), true, UNCHANGED),
    ] {
        let now = Now {
            contact: Some(&now),
            has_another: false,
            moved_since,
            there: None,
        };
        let undoing = invert_user(RUN, std::slice::from_ref(&moved), |_| now).unwrap();
        assert_eq!(effect_and_reason(&undoing), expected, "{now:?}");
        let named = expected == EDITED_SINCE;
        assert_eq!(undoing.left_alone == [Part::Lists], named, "{now:?}");
    }
}

#[test]
fn who_became_inactive_since_is_put_on_no_list_and_the_other_parts_go_back() {
    let mut done = wrote(5, Effect::Update, &[("title", Some("A"), Some("B"))]);
    done.leaves = vec!["Sales".to_owned()];
    let inactive = Contact {
        active: false,
        ..linked(9, &[("title", "B")])
    };
    let undoing = inverted(&[done], Some(&inactive));
    assert_eq!(undoing.entry.effect, Effect::Update);
    assert!(undoing.entry.joins.is_empty());
    assert_eq!(undoing.entry.fields.len(), 1);
    assert_eq!(undoing.left_alone, [Part::Lists]);
}

#[test]
fn who_loses_the_link_or_becomes_inactive_leaves_every_list() {
    let now = Contact {
        lists: vec!["Staff".to_owned(), "Sales".to_owned()],
        ..linked(9, &[])
    };
    for (done, expected) in [
        (Effect::Link, Effect::Unlink),
        (Effect::Reactivate, Effect::Deactivate),
    ] {
        let undoing = inverted(&[did(5, done)], Some(&now));
        assert_eq!(undoing.entry.effect, expected);
        assert_eq!(undoing.entry.leaves, ["Sales", "Staff"]);
    }
    let made = Contact { version: 5, ..now };
    let undoing = inverted(&[did(5, Effect::Create)], Some(&made));
    assert_eq!(undoing.entry.effect, Effect::Delete);
    assert_eq!(undoing.entry.leaves, ["Sales", "Staff"]);
}

#[test]
fn a_contact_that_is_made_again_shows_all_that_it_held_and_the_lists_it_joins() {
    let mut deleted = wrote(
        6,
        Effect::Delete,
        &[("email", Some("a@x.org"), None), ("title", Some("B"), None)],
    );
    deleted.leaves = vec!["Sales".to_owned()];
    let updated = wrote(5, Effect::Update, &[("title", Some("A"), Some("B"))]);
    let undoing = inverted(&[deleted, updated], None);
    assert_eq!(
        undoing.entry.fields,
        [
            change("email", None, Some("a@x.org")),
            change("title", None, Some("A"))
        ]
    );
    assert_eq!(undoing.entry.joins, ["Sales"]);
    let writes = undoing.reversal.unwrap().writes;
    assert_eq!(
        writes.len(),
        1,
        "what the contact held is the store's to know"
    );
}
