//! A name for a set of changes.
//!
//! The digest is SHA-256 over the fingerprint of the configuration and the changes in byte order of
//! the object id, each part preceded by its length, so that no two different plans are written the
//! same way. It covers what a person approves: who, which contact, what happens, every field before
//! and after, what the directory is given, lists and evidence. It leaves out versions, reasons, counts and
//! how the name of a list is spelt, which may differ between two hosts or two moments without making it another plan.

use std::borrow::Cow;
use std::fmt::Write as _;

use contact_identity::list;
use sha2::{Digest as _, Sha256};

use guest_kit::ordered;

use crate::contact::AttributeChange;
use crate::contact::{Effect, Evidence};
use crate::effects::PlanEntry;

/// Takes the changes of a plan, in order of the object id.
pub struct PlanDigest {
    hash: Sha256,
}

impl PlanDigest {
    /// Starts a digest of changes made under a configuration.
    #[must_use]
    pub fn new(fingerprint: &str) -> Self {
        let mut digest = Self {
            hash: Sha256::new(),
        };
        digest.text(fingerprint);
        digest
    }

    /// Takes the next change. Entries that change nothing are not part of a digest.
    pub fn add(&mut self, entry: &PlanEntry) {
        if matches!(entry.effect, Effect::Unchanged | Effect::Skip) {
            return;
        }
        self.text(entry.object_id.as_str());
        self.text(effect_name(entry.effect));
        self.optional(
            entry
                .contact
                .as_ref()
                .map(crate::contact::ContactId::as_str),
        );
        self.number(entry.fields.len());
        for field in &entry.fields {
            self.text(&field.field);
            self.optional(field.before.as_deref());
            self.optional(field.after.as_deref());
        }
        self.texts(&comparable_names(&entry.joins));
        self.texts(&comparable_names(&entry.leaves));
        self.evidence(entry.evidence.as_ref());
        self.directory(&entry.directory);
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn finish(self) -> String {
        hexadecimal(&self.hash.finalize())
    }

    /// A change that leaves the directory as it is has the digest that it had before there were others. What
    /// follows no entry could be taken for: nothing is as long as this.
    fn directory(&mut self, changes: &[AttributeChange]) {
        if changes.is_empty() {
            return;
        }
        self.hash.update(u64::MAX.to_be_bytes());
        self.number(changes.len());
        for change in changes {
            self.text(&change.attribute);
            self.optional(change.before.as_deref());
            self.optional(change.after.as_deref());
        }
    }

    fn number(&mut self, number: usize) {
        self.hash.update((number as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.hash.update(text.as_bytes());
    }

    fn texts(&mut self, texts: &[Cow<'_, str>]) {
        self.number(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    fn optional(&mut self, text: Option<&str>) {
        self.hash.update([u8::from(text.is_some())]);
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn evidence(&mut self, evidence: Option<&Evidence>) {
        let (kind, detail) = evidence.map_or((0, None), class_of);
        self.hash.update([kind]);
        self.optional(detail);
    }
}

/// What a plan says of evidence, as a number and its detail. Whether a deletion is told by the change
/// feed or found by asking is a matter of the round's mode, not of the change; the two must not make
/// two plans.
pub(super) fn class_of(evidence: &Evidence) -> (u8, Option<&str>) {
    match evidence {
        Evidence::DeletedSoft | Evidence::FoundInDeletedItems => (1, None),
        Evidence::DeletedPermanently | Evidence::NotFoundAnywhere => (2, None),
        Evidence::AccountDisabled => (3, None),
        Evidence::LeftScope(clause) => (4, Some(clause)),
        Evidence::Undone(run) => (5, Some(run)),
    }
}

/// Lists by what they are known by, in order: how a name is spelt makes no other plan.
pub(super) fn comparable_names(names: &[String]) -> Vec<Cow<'_, str>> {
    let mut comparable: Vec<_> = names.iter().map(|name| list::comparable(name)).collect();
    ordered::sort(&mut comparable);
    comparable
}

/// Bytes as lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "create",
        Effect::Update => "update",
        Effect::Link => "link",
        Effect::Reactivate => "reactivate",
        Effect::Unlink => "unlink",
        Effect::Deactivate => "deactivate",
        Effect::Delete => "delete",
        Effect::Invite => "invite",
        Effect::Unchanged => "unchanged",
        Effect::Skip => "skip",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{ContactId, ObjectId};
    use crate::effects::FieldChange;

    fn entry(id: &str, effect: Effect) -> PlanEntry {
        PlanEntry {
            object_id: ObjectId::new(id),
            contact: Some(ContactId::new("7")),
            effect,
            reason: "directory-changed".to_owned(),
            fields: vec![FieldChange {
                field: "email".to_owned(),
                before: Some("a@contoso.com".to_owned()),
                after: None,
            }],
            joins: vec!["Sales".to_owned()],
            leaves: Vec::new(),
            evidence: None,
            directory: vec![title(None, "Head")],
            version: Some(3),
        }
    }

    fn title(before: Option<&str>, after: &str) -> AttributeChange {
        AttributeChange {
            attribute: "jobTitle".to_owned(),
            before: before.map(str::to_owned),
            after: Some(after.to_owned()),
        }
    }

    fn digest_of(entries: &[PlanEntry]) -> String {
        let mut digest = PlanDigest::new("fingerprint");
        entries.iter().for_each(|entry| digest.add(entry));
        digest.finish()
    }

    #[test]
    fn the_same_changes_have_the_same_digest_whatever_their_version_and_reason() {
        let mut other = entry("u1", Effect::Update);
        other.version = Some(99);
        other.reason = "matched-by-address".to_owned();
        assert_eq!(
            digest_of(&[entry("u1", Effect::Update)]),
            digest_of(&[other])
        );
    }

    #[test]
    fn every_part_that_a_person_approves_changes_the_digest() {
        let reference = digest_of(&[entry("u1", Effect::Update)]);
        let variations: [fn(&mut PlanEntry); 11] = [
            |entry| entry.object_id = ObjectId::new("u2"),
            |entry| entry.effect = Effect::Link,
            |entry| entry.contact = None,
            |entry| entry.fields[0].after = Some(String::new()),
            |entry| entry.fields[0].before = None,
            |entry| std::mem::swap(&mut entry.joins, &mut entry.leaves),
            |entry| entry.evidence = Some(Evidence::AccountDisabled),
            |entry| entry.directory.clear(),
            |entry| entry.directory = vec![title(Some("Hand"), "Head")],
            |entry| entry.directory = vec![title(None, "Hand")],
            |entry| entry.directory[0].attribute = "department".to_owned(),
        ];
        for (number, vary) in variations.iter().enumerate() {
            let mut entry = entry("u1", Effect::Update);
            vary(&mut entry);
            assert_ne!(digest_of(&[entry]), reference, "variation {number}");
        }
    }

    /// Of plans that were made, and approved, before the directory could be written to.
    #[test]
    fn what_leaves_the_directory_as_it_is_keeps_the_digest_that_it_always_had() {
        let mut reads_only = entry("u1", Effect::Update);
        reads_only.directory.clear();
        assert_eq!(
            digest_of(&[reads_only]),
            "4edcf40887075fdc000d16a7ce09c788a7ed2a402e463ad5d5749194a2c020bb"
        );
    }

    #[test]
    fn entries_that_change_nothing_are_no_part_of_it() {
        assert_eq!(
            digest_of(&[entry("u0", Effect::Skip), entry("u1", Effect::Delete)]),
            digest_of(&[entry("u1", Effect::Delete), entry("u2", Effect::Unchanged)])
        );
    }

    #[test]
    fn another_configuration_gives_another_digest() {
        let mut other = PlanDigest::new("another fingerprint");
        other.add(&entry("u1", Effect::Update));
        assert_ne!(other.finish(), digest_of(&[entry("u1", Effect::Update)]));
    }
}
