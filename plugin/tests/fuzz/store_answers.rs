//! Any answer of the store: a store that contradicts itself harms nobody but its own workspace.

use std::collections::BTreeMap;

use guest_kit::Timestamp;
use proptest::prelude::*;
use sync_core::contact::{Contact, ContactId, Effect, Field, Link, ObjectId};
use sync_core::ports::{
    Conflict, EditsSince, FieldChange, FieldDescription, FieldKind, FieldRole, JournalEntry, Noted,
    Outcome, SameContact, Statistics, StoreDescription, StoreError, StoreLimits,
};

use super::cases;
use super::judgement::{call_everything, leak};
use super::mutation::{mutations, spoilt, text};
use super::outside::{Oddities, Outside, contact};
use super::sound::{GRAPH, document};

/// A name or label of a field. It is the store's, and nothing personal.
fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("email".to_owned()),
        2 => Just("display_name".to_owned()),
        1 => "[a-z\u{202e}\u{0} é]{0,6}",
    ]
}

fn field() -> impl Strategy<Value = Field> {
    (label(), text()).prop_map(|(name, value)| Field { name, value })
}

/// Contacts of which several have one id, one user, or one address.
fn odd_contact() -> impl Strategy<Value = Contact> {
    (
        0..5_u32,
        prop::option::of(0..5_u32),
        any::<u64>(),
        any::<bool>(),
        prop::collection::vec(field(), 0..5),
        prop::collection::vec(text(), 0..3),
    )
        .prop_map(|(id, user, version, active, fields, lists)| {
            let base = fields.clone();
            Contact {
                id: ContactId::new(id.to_string()),
                version,
                active,
                fields,
                link: user.map(|user| Link {
                    object_id: ObjectId::new(format!("user-{user}")),
                    base,
                }),
                former: None,
                lists,
            }
        })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        any::<u64>().prop_map(|version| Outcome::Applied {
            contact: ContactId::new("1"),
            version,
        }),
        Just(Outcome::Conflict(Conflict::Version)),
        Just(Outcome::Conflict(Conflict::Gone)),
        Just(Outcome::Conflict(Conflict::Linked)),
        prop::option::of(Just("email".to_owned())).prop_map(|field| Outcome::Refused {
            field,
            code: "invalid-email".to_owned(),
        }),
    ]
}

fn description() -> impl Strategy<Value = StoreDescription> {
    let kind = prop_oneof![
        Just(FieldKind::Text),
        Just(FieldKind::Email),
        Just(FieldKind::Phone),
        Just(FieldKind::Date),
        label().prop_map(FieldKind::Other),
    ];
    let role = prop_oneof![
        Just(FieldRole::Email),
        Just(FieldRole::DisplayName),
        label().prop_map(FieldRole::Other),
    ];
    let length = prop::option::of(any::<u32>());
    let field = (
        label(),
        label(),
        kind,
        any::<bool>(),
        length,
        prop::option::of(role),
    )
        .prop_map(
            |(name, label, kind, mandatory, max_length, role)| FieldDescription {
                name,
                label,
                kind,
                mandatory,
                max_length,
                role,
            },
        );
    (
        prop::collection::vec(field, 0..6),
        any::<bool>(),
        any::<bool>(),
        any::<u32>(),
    )
        .prop_map(
            |(fields, custom_fields, atomic, max_batch)| StoreDescription {
                fields,
                custom_fields,
                atomic,
                max_batch,
                journal: true,
                marks: max_batch % 2 == 0,
                edits: max_batch % 3 != 0,
                unlinked: max_batch % 5 != 0,
                limits: StoreLimits::default(),
            },
        )
}

/// Entries as the connector writes them, spoilt, and bytes that nobody wrote.
fn state() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let keys = [
        "cursor",
        "round",
        "tenant",
        "run/current",
        "run/log/000000000000/run-1",
        "staged/user-1",
        "ledger/user-1",
        "waiting/sync/user-1",
        "undo",
        "format",
    ];
    let value = prop_oneof![
        3 => (0..4_usize, mutations())
            .prop_map(|(which, mutations)| spoilt(&entries()[which], &mutations)),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::btree_map(
        prop::sample::select(keys.map(str::to_owned).to_vec()),
        value,
        0..5,
    )
}

fn entries() -> [serde_json::Value; 4] {
    let link = format!("{GRAPH}/v1.0/users/delta?$deltatoken=1");
    let round = serde_json::json!({
        "mode": "full",
        "fingerprint": "0",
        "step": { "listing": { "link": link, "bookmark": link } },
        "known_links": 2,
        "people": 3,
        "staged": true,
        "restarts": 0,
        "waiting": true,
        "approved": null,
        "proof": { "counted": null, "last": 3, "pages": 1, "stated": 2, "idle": 0,
            "trail": { "kept": null, "previous": null, "steps": 0, "reach": 0 } },
    });
    let removal = serde_json::json!({
        "contact": { "contact": "1", "version": 1 },
        "object_id": "user-1",
        "kind": "delete",
        "evidence": "deleted-soft",
    });
    [
        serde_json::json!({
            "delta_link": link, "fingerprint": "0", "saved_at": 1, "full_round_at": 1, "people": 3,
        }),
        round,
        serde_json::json!({ "removal": { "removal": removal, "reason": "deleted" } }),
        serde_json::json!({ "configured": "x", "id": "y", "name": null }),
    ]
}

fn store_error() -> impl Strategy<Value = StoreError> {
    prop_oneof![
        Just(StoreError::Unavailable("locked".to_owned())),
        Just(StoreError::AccessDenied),
        any::<u32>().prop_map(StoreError::BatchTooLarge),
        Just(StoreError::Damaged("page 7".to_owned())),
        Just(StoreError::Other("code 14".to_owned())),
    ]
}

fn journal_entry() -> impl Strategy<Value = JournalEntry> {
    let change = (label(), any::<Option<String>>(), any::<Option<String>>());
    (
        any::<[u64; 3]>(),
        0..9_usize,
        0..4_u32,
        prop::option::of(Just("run-1".to_owned())),
        prop::collection::vec(change, 0..3),
    )
        .prop_map(
            |([number, at, version], effect, user, run, fields)| JournalEntry {
                number,
                run,
                at: Timestamp(at),
                object_id: ObjectId::new(format!("user-{user}")),
                contact: ContactId::new(user.to_string()),
                effect: Effect::ALL[effect],
                reason: "new-user".to_owned(),
                evidence: None,
                fields: fields
                    .into_iter()
                    .map(|(field, before, after)| FieldChange {
                        field,
                        before,
                        after,
                    })
                    .collect(),
                joins: Vec::new(),
                leaves: vec!["Sales".to_owned()],
                version,
                directory: Vec::new(),
            },
        )
}

fn same_contact() -> impl Strategy<Value = SameContact> {
    let user = prop_oneof![3 => 0..5_u32, 1 => any::<u32>()];
    (user, any::<u64>()).prop_map(|(user, link)| SameContact { user, link })
}

fn edits() -> impl Strategy<Value = EditsSince> {
    let users = prop::collection::vec(0..9_u32, 0..4);
    let edits = users.prop_map(|users| EditsSince::Edits {
        users: users
            .iter()
            .map(|user| ObjectId::new(format!("user-{user}")))
            .collect(),
        next: String::new(),
    });
    prop_oneof![6 => edits, 1 => Just(EditsSince::TokenLost)]
}

fn noted() -> impl Strategy<Value = Noted> {
    (any::<u64>(), 0..4_u32, label()).prop_map(|(since, user, reason)| Noted {
        object_id: ObjectId::new(format!("user-{user}")),
        contact: None,
        reason,
        run: None,
        since: Timestamp(since),
    })
}

prop_compose! {
    fn oddities()(
        description in prop::option::weighted(0.2, description()),
        contacts in prop::option::weighted(0.4, prop::collection::vec(odd_contact(), 0..6)),
        outcomes in prop::option::weighted(0.4, prop::collection::vec(outcome(), 0..8)),
        same in prop::collection::vec(same_contact(), 0..3),
        edits in prop::collection::vec(edits(), 0..3),
        state in state(),
        numbers in any::<[u64; 3]>(),
        journal in prop::collection::vec(journal_entry(), 0..5),
        notes in prop::collection::vec(noted(), 0..3),
        fails in prop::option::weighted(0.3, (1..80_u32, store_error())),
    ) -> Oddities {
        let [active, linked, known_links] = numbers;
        Oddities {
            description,
            contacts,
            same,
            edits,
            outcomes,
            state,
            statistics: Some(Statistics { active, linked, missing: Vec::new(), incomplete: active }),
            known_links,
            journal,
            notes,
            fails,
            refuses: None,
        }
    }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn whatever_the_store_answers_every_call_comes_back_and_tells_nothing_personal(
        oddities in oddities(),
    ) {
        let outside = Outside::with(oddities);
        let told = call_everything(&outside, &document().to_string());
        prop_assert_eq!(leak(&told), None);
    }
}

#[test]
fn two_contacts_linked_to_one_user_do_not_confuse_a_call() {
    let outside = Outside::with(Oddities {
        contacts: Some(vec![
            contact(1, Some(1)),
            contact(2, Some(1)),
            contact(1, Some(3)),
        ]),
        ..Oddities::default()
    });
    assert_eq!(
        leak(&call_everything(&outside, &document().to_string())),
        None
    );
}
