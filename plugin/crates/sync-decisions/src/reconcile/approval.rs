//! Whether a change is the one that a person approved.
//!
//! The comparison covers exactly what the digest of a plan covers: who, which contact, what happens,
//! every field before and after, lists, and the class of the evidence. So a run that performs only
//! changes that are the same performs nothing that the digest does not name.

use crate::effects::PlanEntry;

use super::digest::{class_of, comparable_names};

/// Whether what would be done now is what was approved. Versions, reasons and counts may differ: they
/// say nothing of what happens to the contact.
#[must_use]
pub fn same_change(approved: &PlanEntry, now: &PlanEntry) -> bool {
    approved.object_id == now.object_id
        && approved.contact == now.contact
        && approved.effect == now.effect
        && approved.fields == now.fields
        && approved.directory == now.directory
        && comparable_names(&approved.joins) == comparable_names(&now.joins)
        && comparable_names(&approved.leaves) == comparable_names(&now.leaves)
        && approved.evidence.as_ref().map(class_of) == now.evidence.as_ref().map(class_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::AttributeChange;
    use crate::contact::{ContactId, Effect, Evidence, ObjectId};
    use crate::effects::FieldChange;
    use crate::reconcile::digest::PlanDigest;

    fn entry() -> PlanEntry {
        PlanEntry {
            object_id: ObjectId::new("u1"),
            contact: Some(ContactId::new("7")),
            effect: Effect::Delete,
            reason: "deleted".to_owned(),
            fields: vec![FieldChange {
                field: "email".to_owned(),
                before: Some("a@contoso.com".to_owned()),
                after: None,
            }],
            joins: vec!["Sales".to_owned()],
            leaves: Vec::new(),
            evidence: Some(Evidence::DeletedSoft),
            directory: vec![AttributeChange {
                attribute: "jobTitle".to_owned(),
                before: None,
                after: Some("Head".to_owned()),
            }],
            version: Some(3),
        }
    }

    fn digest_of(entry: &PlanEntry) -> String {
        let mut digest = PlanDigest::new("fingerprint");
        digest.add(entry);
        digest.finish()
    }

    #[test]
    fn another_version_or_reason_is_the_same_change() {
        let now = PlanEntry {
            version: Some(99),
            reason: "undo".to_owned(),
            ..entry()
        };
        assert!(same_change(&entry(), &now));
    }

    #[test]
    fn a_deletion_told_by_the_feed_and_one_found_by_asking_are_the_same_change() {
        let now = PlanEntry {
            evidence: Some(Evidence::FoundInDeletedItems),
            ..entry()
        };
        assert!(same_change(&entry(), &now));
    }

    #[test]
    fn the_comparison_and_the_digest_always_agree() {
        let variations: [fn(&mut PlanEntry); 18] = [
            |_| {},
            |entry| entry.version = None,
            |entry| entry.reason = String::new(),
            |entry| entry.object_id = ObjectId::new("u2"),
            |entry| entry.contact = None,
            |entry| entry.effect = Effect::Unlink,
            |entry| entry.fields[0].before = None,
            |entry| entry.fields[0].after = Some("b@contoso.com".to_owned()),
            |entry| entry.fields.clear(),
            |entry| entry.joins.clear(),
            |entry| entry.joins = vec!["SALES".to_owned()],
            |entry| entry.leaves.push("Sales".to_owned()),
            |entry| entry.evidence = None,
            |entry| entry.evidence = Some(Evidence::FoundInDeletedItems),
            |entry| entry.evidence = Some(Evidence::DeletedPermanently),
            |entry| entry.directory.clear(),
            |entry| entry.directory[0].before = Some("Hand".to_owned()),
            |entry| entry.directory[0].after = None,
        ];
        for (number, vary) in variations.iter().enumerate() {
            let mut now = entry();
            vary(&mut now);
            assert_eq!(
                same_change(&entry(), &now),
                digest_of(&entry()) == digest_of(&now),
                "variation {number}"
            );
        }
    }
}
