//! What is known about one person, in a few sentences without a value of a field.

use crate::contact::{Contact, ContactId, Effect};
use crate::engine::checkpoint::Staged;
use crate::ports::{JournalEntry, Noted, Timestamp};

use super::ledger::Failing;
use super::moment::in_words;
use super::wording;

/// The facts.
pub(super) struct Facts<'a> {
    /// The contact, where there is one.
    pub(super) contact: Option<&'a Contact>,
    /// Whether the contact is linked to the user, or has a link where no user was asked for.
    pub(super) linked: bool,
    /// Newest first.
    pub(super) journal: &'a [JournalEntry],
    /// Whether the store keeps one.
    pub(super) keeps_journal: bool,
    pub(super) note: Option<&'a Noted>,
    pub(super) failing: Option<&'a Failing>,
    pub(super) staged: Option<&'a Staged>,
    /// Labels of the fields that were edited at the host.
    pub(super) edited: &'a [&'a str],
}

/// Tells it. `label` is what people call a field.
pub(super) fn tell(facts: &Facts<'_>, label: impl Fn(&str) -> String) -> Vec<String> {
    let removal = facts.removal();
    let mut sentences = Vec::new();
    if facts.linked || removal.is_none() {
        sentences.push(facts.standing());
    }
    sentences.extend(removal.map(removed));
    sentences.extend(facts.inactive_without_reason(removal));
    sentences.extend(facts.last_change(&label));
    if !facts.edited.is_empty() {
        sentences.push(format!("Edited here since: {}.", listed(facts.edited)));
    }
    sentences.extend(facts.staged.map(|staged| waiting(staged, &label)));
    sentences.extend(facts.note.map(skipped));
    sentences.extend(facts.failing.map(|failing| not_written(failing, &label)));
    if !facts.keeps_journal {
        sentences.push("The contact store keeps no journal, so nothing older is known.".to_owned());
    }
    sentences
}

impl Facts<'_> {
    /// What the contact is to the user, and since when.
    fn standing(&self) -> String {
        let Some(contact) = self.contact else {
            return "This user has no contact.".to_owned();
        };
        let id = &contact.id;
        if !self.linked {
            return format!("Contact {id} is not linked to a user of the directory.");
        }
        match linked_by(self.journal, id) {
            Some(entry) => {
                let what = if entry.effect == Effect::Create {
                    format!("Contact {id} was made for this user")
                } else {
                    format!("Linked to contact {id}")
                };
                let why = wording::reason_by_code(&entry.reason);
                format!("{what} {}, because {why}.", when(entry))
            }
            None => {
                format!("Linked to contact {id}; the journal does not reach back to when that was.")
            }
        }
    }

    /// The removal that made things as they are now.
    fn removal(&self) -> Option<&JournalEntry> {
        let last = self.journal.iter().find(|entry| {
            !matches!(
                entry.effect,
                Effect::Update | Effect::Unchanged | Effect::Skip
            )
        })?;
        let same = |contact: &Contact| contact.id == last.contact;
        let holds = match last.effect {
            Effect::Unlink => !self.linked,
            Effect::Deactivate => self
                .contact
                .is_some_and(|contact| same(contact) && !contact.active),
            Effect::Delete => self.contact.is_none(),
            _ => false,
        };
        holds.then_some(last)
    }

    fn inactive_without_reason(&self, removal: Option<&JournalEntry>) -> Option<String> {
        let told = removal.is_some_and(|removal| removal.effect == Effect::Deactivate);
        let contact = self.contact.filter(|contact| !contact.active && !told)?;
        Some(format!("Contact {} is inactive.", contact.id))
    }

    /// The newest change, where it is one of values.
    fn last_change(&self, label: impl Fn(&str) -> String) -> Option<String> {
        let last = self.journal.first()?;
        let what = match last.effect {
            Effect::Update => "Last changed",
            Effect::Reactivate => "Made active again",
            _ => return None,
        };
        let labels: Vec<_> = last
            .fields
            .iter()
            .map(|change| label(&change.field))
            .collect();
        let fields = if labels.is_empty() {
            String::new()
        } else {
            format!(" ({})", listed(&labels))
        };
        let why = wording::reason_by_code(&last.reason);
        Some(format!("{what}{fields} {}, because {why}.", when(last)))
    }
}

/// The change that linked the contact last, as far as the journal reaches.
pub(super) fn linked_by<'a>(
    journal: &'a [JournalEntry],
    contact: &ContactId,
) -> Option<&'a JournalEntry> {
    journal.iter().find(|entry| {
        entry.contact == *contact && matches!(entry.effect, Effect::Create | Effect::Link)
    })
}

fn removed(entry: &JournalEntry) -> String {
    let what = match entry.effect {
        Effect::Unlink => "unlinked",
        Effect::Deactivate => "deactivated",
        _ => "deleted",
    };
    let why = entry
        .evidence
        .as_ref()
        .map_or_else(|| wording::reason_by_code(&entry.reason), wording::evidence);
    format!(
        "Contact {} was {what} {}: {why}.",
        entry.contact,
        when(entry)
    )
}

fn waiting(staged: &Staged, label: impl Fn(&str) -> String) -> String {
    match staged {
        Staged::Removal { removal, .. } => {
            let what = match Effect::from(removal.kind) {
                Effect::Unlink => "unlinked",
                Effect::Deactivate => "deactivated",
                _ => "deleted",
            };
            format!(
                "To be {what} when the round that is being read ends, unless a limit stops it: {}.",
                wording::evidence(&removal.evidence)
            )
        }
        Staged::Blanking { blanking, .. } => {
            let labels: Vec<_> = blanking
                .fields
                .iter()
                .map(|field| label(&field.name))
                .collect();
            format!(
                "To be emptied when the round that is being read ends, unless a limit stops it: {}; \
                 the directory has no value any more.",
                listed(&labels)
            )
        }
    }
}

fn skipped(note: &Noted) -> String {
    let by = by_run(note.run.as_deref());
    let why = wording::reason_by_code(&note.reason);
    format!("Skipped since {}{by}: {why}.", in_words(note.since))
}

fn not_written(failing: &Failing, label: impl Fn(&str) -> String) -> String {
    let times = match failing.tries {
        1 => "once".to_owned(),
        tries => format!("{tries} times"),
    };
    let code = &failing.code;
    let what = failing.field.as_deref().map_or_else(
        || code.clone(),
        |field| format!("{code}, field {}", label(field)),
    );
    let next = if failing.is_given_up() {
        "it was given up, and is tried again when the directory changes the user, with a full sync, or \
         when somebody asks for it"
    } else {
        "it will be tried again with the next sync"
    };
    format!(
        "Could not be written {times} ({what}), last on {}; {next}.",
        in_words(failing.last)
    )
}

fn when(entry: &JournalEntry) -> String {
    on(entry.at) + &by_run(entry.run.as_deref())
}

fn on(moment: Timestamp) -> String {
    format!("on {}", in_words(moment))
}

fn by_run(run: Option<&str>) -> String {
    run.map_or_else(String::new, |run| format!(" by the run {run}"))
}

/// `A`, `A and B`, `A, B and C`.
fn listed<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Blanking, Evidence, Field, ObjectId, Precondition, Removal, RemovalKind};
    use crate::ports::FieldChange;
    use crate::reconcile::reason::Reason;
    use crate::reconcile::samples::{contact, linked_contact};

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
            },
            reason: Reason::OutOfScope,
        };
        let blanking = Staged::Blanking {
            blanking: Blanking {
                contact: precondition,
                object_id: ObjectId::new("u1"),
                fields: vec![Field {
                    name: "phone".to_owned(),
                    value: "secret".to_owned(),
                }],
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
                blanking,
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
        let mut entry = Failing {
            code: "too-long".to_owned(),
            field: Some("phone".to_owned()),
            tries: 3,
            first: MOMENT,
            last: MOMENT,
            run: "r1".to_owned(),
            unheard: None,
        };
        let sentence = |entry: &Failing| {
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
        entry.tries = super::super::ledger::TRIES;
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
}
