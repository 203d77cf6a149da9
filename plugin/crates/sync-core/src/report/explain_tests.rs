use super::*;
use crate::contact::{
    Change, ContactList, Create, Evidence, Field, FieldWrite, LinkContact, Membership,
    Precondition, Removal, RemovalKind, Update,
};
use crate::ports::Note;
use crate::ports::testing::{Memory, SOURCE};
use crate::reconcile::reason::Reason;
use crate::reconcile::test_samples::contact;
use crate::run::ledger::LedgerRecord;

fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
    pairs
        .iter()
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}

/// Makes a contact for a user in run r1; its id.
fn made(memory: &Memory, user: &str, pairs: &[(&str, &str)]) -> ContactId {
    let create = Create {
        object_id: ObjectId::new(user),
        fields: fields(pairs),
        base: fields(pairs),
        active: true,
        lists: vec![ContactList {
            name: "Staff".to_owned(),
            description: String::new(),
        }],
    };
    memory.run("r1", Change::Create(create), "new-user");
    memory.history().last().unwrap().contact.clone()
}

fn noted(memory: &Memory, user: &str, address: &str, reason: Reason, contact: Option<&str>) {
    let note = Note {
        object_id: ObjectId::new(user),
        address: Some(address.to_owned()),
        contact: contact.map(ContactId::new),
        reason: reason.code().to_owned(),
    };
    let kept = Noted {
        object_id: note.object_id.clone(),
        contact: note.contact.clone(),
        reason: note.reason.clone(),
        run: Some("r1".to_owned()),
        since: Timestamp(0),
    };
    memory.notes.borrow_mut().push((note, kept));
}

fn save(memory: &Memory, key: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_vec(value).unwrap();
    memory.state.borrow_mut().insert(key.to_owned(), value);
}

fn explained(memory: &Memory, who: &Who) -> Vec<Explanation> {
    explain(memory.ports(), &memory.prepared(), SOURCE, who, &|_| None).expect("an explanation")
}

fn the_one(memory: &Memory, who: &Who) -> Explanation {
    let mut all = explained(memory, who);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn user(id: &str) -> Who {
    Who::User(ObjectId::new(id))
}

fn field<'e>(explanation: &'e Explanation, name: &str) -> &'e FieldStory {
    let mut fields = explanation.fields.iter();
    fields.find(|field| field.field == name).expect("mapped")
}

#[test]
fn nobody_is_explained_of_whom_nothing_is_known() {
    let memory = Memory::default();
    for who in [
        user("u1"),
        Who::Contact(ContactId::new("1")),
        Who::Address("a@contoso.example".to_owned()),
    ] {
        assert_eq!(explained(&memory, &who), [], "{who:?}");
    }
}

#[test]
fn user_contact_and_address_lead_to_the_same_story() {
    let memory = Memory::default();
    let id = made(&memory, "u1", &[("email", "A@contoso.example")]);
    let by_user = the_one(&memory, &user("u1"));
    assert_eq!(by_user.object_id, Some(ObjectId::new("u1")));
    assert_eq!(by_user.contact, Some(id.clone()));
    assert_eq!(by_user.active, Some(true));
    assert_eq!(by_user.lists, ["Staff"]);
    assert_eq!(by_user.journal.len(), 1);
    assert_eq!(
        by_user.link,
        Some(LinkStory {
            at: Some(by_user.journal[0].at),
            run: Some("r1".to_owned()),
            reason: Some("new-user".to_owned()),
        })
    );
    assert_eq!(the_one(&memory, &Who::Contact(id)), by_user);
    let address = Who::Address("a@CONTOSO.example".to_owned());
    assert_eq!(the_one(&memory, &address), by_user);
}

#[test]
fn each_field_tells_its_origin_and_the_run_that_wrote_it() {
    let memory = Memory::default();
    let values = [
        ("first_name", "Jane"),
        ("last_name", "Doe"),
        ("email", "a@b.example"),
    ];
    let id = made(&memory, "u1", &values);
    let update = Update {
        contact: memory.contact(id.as_str()).unwrap().precondition(),
        object_id: ObjectId::new("u1"),
        writes: vec![FieldWrite {
            name: "last_name".to_owned(),
            value: Some("Roe".to_owned()),
        }],
        base: Some(fields(&[
            ("first_name", "Jane"),
            ("last_name", "Roe"),
            ("email", "a@b.example"),
        ])),
        membership: Membership::default(),
        reactivate: false,
        directory: Vec::new(),
    };
    memory.run("r2", Change::Update(update), "directory-changed");
    memory.edit(id.as_str(), "first_name", Some("Janet"));
    memory.edit(id.as_str(), "company", Some("Own"));

    let explanation = the_one(&memory, &user("u1"));
    for (name, origin, run) in [
        ("first_name", Origin::Local, Some("r1")),
        ("last_name", Origin::Directory, Some("r2")),
        ("email", Origin::Directory, Some("r1")),
        ("company", Origin::Host, None),
        ("mobile_phone", Origin::Nobody, None),
    ] {
        let story = field(&explanation, name);
        assert_eq!(story.origin, origin, "{name}");
        assert_eq!(story.run.as_deref(), run, "{name}");
    }
    assert_eq!(
        field(&explanation, "first_name").value.as_deref(),
        Some("Janet")
    );
    assert_eq!(
        field(&explanation, "first_name").base.as_deref(),
        Some("Jane")
    );
    assert!(field(&explanation, "company").kept_by.is_some());
    let edited = &field(&explanation, "first_name").label;
    assert!(
        explanation
            .summary
            .contains(&format!("Edited here since: {edited}.")),
        "{:?}",
        explanation.summary
    );
    for value in ["Jane", "Janet", "Roe", "a@b.example", "Own"] {
        assert!(
            !explanation
                .summary
                .iter()
                .any(|sentence| sentence.contains(value)),
            "{:?}",
            explanation.summary
        );
    }
}

#[test]
fn an_unlinked_contact_tells_why_it_was_removed_and_no_policy_keeps_it() {
    let memory = Memory::default();
    let id = made(&memory, "u1", &[("email", "a@b.example")]);
    let removal = Removal {
        contact: memory.contact(id.as_str()).unwrap().precondition(),
        object_id: ObjectId::new("u1"),
        kind: RemovalKind::Unlink,
        evidence: Evidence::NotFoundAnywhere,
        leaves: Vec::new(),
    };
    memory.run("r2", Change::Remove(removal), "deleted");
    let by_user = the_one(&memory, &user("u1"));
    assert_eq!(by_user.contact, Some(id.clone()));
    assert_eq!(by_user.link, None);
    assert!(by_user.fields.iter().all(|field| field.kept_by.is_none()));
    assert_eq!(
        by_user.journal[0].evidence,
        Some(Evidence::NotFoundAnywhere)
    );
    assert!(
        by_user.summary[0].contains("was unlinked"),
        "{:?}",
        by_user.summary
    );
    assert!(
        by_user.summary[0].contains("by the run r2"),
        "{:?}",
        by_user.summary
    );
    let by_contact = the_one(&memory, &Who::Contact(id));
    assert_eq!(by_contact, by_user);
}

#[test]
fn a_deleted_contact_is_still_explained_by_its_id_and_its_address() {
    let memory = Memory::default();
    let id = made(&memory, "u1", &[("email", "a@b.example")]);
    let removal = Removal {
        contact: memory.contact(id.as_str()).unwrap().precondition(),
        object_id: ObjectId::new("u1"),
        kind: RemovalKind::Delete,
        evidence: Evidence::DeletedPermanently,
        leaves: Vec::new(),
    };
    memory.run("r2", Change::Remove(removal), "deleted");
    for who in [
        user("u1"),
        Who::Contact(id),
        Who::Address("a@b.example".to_owned()),
    ] {
        let explanation = the_one(&memory, &who);
        assert_eq!(explanation.object_id, Some(ObjectId::new("u1")));
        assert_eq!(explanation.contact, None);
        assert_eq!(explanation.active, None);
        assert!(explanation.fields.is_empty());
        assert!(
            explanation.summary[0].contains("was deleted"),
            "{:?}",
            explanation.summary
        );
    }
}

#[test]
fn an_address_that_several_have_gives_a_story_for_each() {
    let memory = Memory::default();
    let address = "shared@contoso.example";
    made(&memory, "u1", &[("email", address)]);
    memory.put(contact("7", &[("email", address)]));
    noted(&memory, "u2", address, Reason::AddressAmbiguous, None);
    let all = explained(&memory, &Who::Address(address.to_owned()));
    let who: Vec<_> = all
        .iter()
        .map(|explanation| {
            let user = explanation.object_id.as_ref().map(ObjectId::as_str);
            let contact = explanation.contact.as_ref().map(ContactId::as_str);
            (user, contact)
        })
        .collect();
    assert_eq!(
        who,
        [
            (Some("u1"), Some("new-0")),
            (Some("u2"), None),
            (None, Some("7"))
        ]
    );
    assert_eq!(all[1].note.as_ref().unwrap().reason, "address-ambiguous");
}

#[test]
fn a_skip_tells_the_contact_that_it_concerns() {
    let memory = Memory::default();
    memory.put(contact("7", &[("email", "a@b.example")]));
    noted(
        &memory,
        "u2",
        "a@b.example",
        Reason::AddressExists,
        Some("7"),
    );
    for who in [
        user("u2"),
        Who::Contact(ContactId::new("7")),
        Who::Address("a@b.example".to_owned()),
    ] {
        let explanation = the_one(&memory, &who);
        assert_eq!(explanation.object_id, Some(ObjectId::new("u2")), "{who:?}");
        assert_eq!(explanation.contact, Some(ContactId::new("7")), "{who:?}");
        assert_eq!(explanation.link, None, "{who:?}");
        assert_eq!(explanation.summary.len(), 2, "{:?}", explanation.summary);
    }
}

#[test]
fn what_waits_in_ledger_and_staging_area_is_told() {
    let memory = Memory::default();
    let failing = LedgerRecord {
        code: "too-long".to_owned(),
        field: Some("mobile_phone".to_owned()),
        tries: 3,
        first: Timestamp(0),
        last: Timestamp(0),
        run: "r1".to_owned(),
        unheard: None,
    };
    save(&memory, "ledger/u1", &failing);
    let staged = Staged::Removal {
        removal: Removal {
            contact: Precondition {
                contact: ContactId::new("1"),
                version: 1,
            },
            object_id: ObjectId::new("u1"),
            kind: RemovalKind::Unlink,
            evidence: Evidence::DeletedSoft,
            leaves: Vec::new(),
        },
        reason: Reason::Deleted,
    };
    save(&memory, "staged/u1", &staged);
    let explanation = the_one(&memory, &user("u1"));
    assert_eq!(explanation.ledger.unwrap().failing, failing);
    let summary = explanation.summary.join("\n");
    assert!(
        summary.contains("To be unlinked when the round"),
        "{summary}"
    );
    assert!(
        summary.contains("Could not be written 3 times"),
        "{summary}"
    );
    let label = &crate::ports::testing::store();
    let label = &label.field("mobile_phone").unwrap().label;
    assert!(summary.contains(&format!("field {label}")), "{summary}");
}

#[test]
fn twenty_changes_are_shown_and_older_ones_still_tell_who_linked() {
    let memory = Memory::default();
    memory.put(contact("7", &[]));
    let link = LinkContact {
        contact: memory.contact("7").unwrap().precondition(),
        object_id: ObjectId::new("u1"),
        writes: Vec::new(),
        base: Vec::new(),
        membership: Membership::default(),
        reactivate: false,
    };
    memory.run("r1", Change::Link(link), "matched-by-address");
    for number in 0..30 {
        let update = Update {
            contact: memory.contact("7").unwrap().precondition(),
            object_id: ObjectId::new("u1"),
            writes: vec![FieldWrite {
                name: "company".to_owned(),
                value: Some(number.to_string()),
            }],
            base: None,
            membership: Membership::default(),
            reactivate: false,
            directory: Vec::new(),
        };
        memory.run("r2", Change::Update(update), "directory-changed");
    }
    let explanation = the_one(&memory, &user("u1"));
    assert_eq!(explanation.journal.len(), 20);
    assert_eq!(explanation.journal[0].number, 31);
    assert_eq!(explanation.link.unwrap().run.as_deref(), Some("r1"));
}

#[test]
fn a_user_is_not_told_the_story_of_a_contact_that_is_somebody_elses_by_now() {
    let memory = Memory::default();
    let id = made(&memory, "u1", &[("email", "a@b.example")]);
    let removal = Removal {
        contact: memory.contact(id.as_str()).unwrap().precondition(),
        object_id: ObjectId::new("u1"),
        kind: RemovalKind::Unlink,
        evidence: Evidence::DeletedSoft,
        leaves: Vec::new(),
    };
    memory.run("r2", Change::Remove(removal), "deleted");
    let link = LinkContact {
        contact: memory.contact(id.as_str()).unwrap().precondition(),
        object_id: ObjectId::new("u2"),
        writes: Vec::new(),
        base: Vec::new(),
        membership: Membership::default(),
        reactivate: false,
    };
    memory.run("r3", Change::Link(link), "matched-by-address");
    let first = the_one(&memory, &user("u1"));
    assert_eq!(first.contact, None);
    assert!(first.fields.is_empty());
    let second = the_one(&memory, &user("u2"));
    assert_eq!(second.contact, Some(id.clone()));
    let by_contact = the_one(&memory, &Who::Contact(id));
    assert_eq!(by_contact.object_id, Some(ObjectId::new("u2")));
    assert_eq!(by_contact.journal.len(), 3);
}
