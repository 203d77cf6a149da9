//! What is known about one person, in a few sentences without a value of a field.

use crate::contact::{Contact, ContactId, Effect};
use crate::engine::held::{Held, HeldBack};
use crate::engine::staged::Staged;
use crate::ports::{JournalEntry, Noted, Timestamp};
use crate::reconcile::reason::Reason;

use super::moment::in_words;
use super::wording;
use crate::run::ledger::LedgerRecord;
use crate::run::refused_number;

const DIRECTORY_CHANGED: &str = Reason::DirectoryChanged.code();

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
    pub(super) failing: Option<&'a LedgerRecord>,
    pub(super) staged: Option<&'a Staged>,
    pub(super) held: Option<&'a Held>,
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
    if let (Some(held), None) = (facts.held, facts.staged) {
        sentences.push(held_back(held, facts.note, &label));
    } else {
        sentences.extend(facts.note.map(skipped));
    }
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
        let when = when(last);
        let why = wording::reason_by_code(&last.reason);
        let labels: Vec<_> = last
            .fields
            .iter()
            .map(|change| label(&change.field))
            .collect();
        let moved = match (last.joins.is_empty(), last.leaves.is_empty()) {
            (true, true) => None,
            (false, true) => Some("put on a list"),
            (true, false) => Some("taken off a list"),
            (false, false) => Some("moved to another list"),
        };
        let fields = (!labels.is_empty()).then(|| listed(&labels));
        let what = match last.effect {
            Effect::Update => "Last changed",
            Effect::Reactivate => "Made active again",
            _ => return None,
        };
        Some(match (last.effect, fields, moved) {
            (Effect::Update, None, None) => format!("Last written {when}: {why}."),
            // The reason is one of values, or of the contact's being inactive.
            (Effect::Update, None, Some(moved)) if last.reason == DIRECTORY_CHANGED => {
                format!("Last {moved} {when}.")
            }
            (Effect::Update, None, Some(moved)) => format!("Last {moved} {when}, because {why}."),
            (_, Some(fields), None) => format!("{what} ({fields}) {when}, because {why}."),
            (_, None, None) => format!("{what} {when}, because {why}."),
            (_, Some(fields), Some(moved)) => {
                format!("{what} ({fields}) and {moved} {when}, because {why}.")
            }
            (_, None, Some(moved)) => format!("{what} and {moved} {when}, because {why}."),
        })
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
        Staged::Invitation { .. } => {
            "To be invited as a guest of the directory when the round that is being read ends, unless a limit stops it."
                .to_owned()
        }
        Staged::Update { update, .. } => {
            let labels: Vec<_> = update
                .fields
                .iter()
                .map(|field| label(&field.name))
                .collect();
            let attributes: Vec<_> = update
                .directory
                .iter()
                .map(|change| change.attribute.as_str())
                .collect();
            let when = " when the round that is being read ends, unless a limit stops it";
            format!("{}.", to_come(&labels, &attributes, when))
        }
    }
}

/// What is to become of fields and of attributes of the directory, and when.
fn to_come(labels: &[String], attributes: &[impl AsRef<str>], when: &str) -> String {
    let emptied = (!labels.is_empty()).then(|| {
        format!(
            "To be emptied{when}: {}; the directory has no value any more",
            listed(labels)
        )
    });
    let given = (!attributes.is_empty())
        .then(|| format!("To be given to the directory{when}: {}", listed(attributes)));
    let sentences: Vec<_> = emptied.into_iter().chain(given).collect();
    sentences.join(". ")
}

/// What a limit held back, since when, in which run, and what the limit said.
fn held_back(held: &Held, note: Option<&Noted>, label: impl Fn(&str) -> String) -> String {
    let what = match &held.what {
        HeldBack::Removal { kind, evidence } => {
            let what = match Effect::from(*kind) {
                Effect::Unlink => "unlinked",
                Effect::Deactivate => "deactivated",
                _ => "deleted",
            };
            format!("To be {what}: {}", wording::evidence(evidence))
        }
        HeldBack::Invitation => "To be invited as a guest of the directory".to_owned(),
        HeldBack::Update { fields, attributes } => {
            let labels: Vec<_> = fields.iter().map(|field| label(field)).collect();
            to_come(&labels, attributes, "")
        }
    };
    let since = note.map_or_else(String::new, |note| {
        format!(" since {}", in_words(note.since))
    });
    format!(
        "{what}. A limit holds that back{since}, last in the run {}: {}.",
        held.run, held.limit
    )
}

fn skipped(note: &Noted) -> String {
    let by = by_run(note.run.as_deref());
    let why = wording::reason_by_code(&note.reason);
    format!("Skipped since {}{by}: {why}.", in_words(note.since))
}

fn not_written(failing: &LedgerRecord, label: impl Fn(&str) -> String) -> String {
    let times = match failing.tries {
        1 => "once".to_owned(),
        tries => format!("{tries} times"),
    };
    let code = &failing.code;
    let mut what = failing.field.as_deref().map_or_else(
        || code.clone(),
        |field| format!("{code}, field {}", label(field)),
    );
    if let Some(words) = refused_number::in_words(code) {
        what.push_str(": ");
        what.push_str(words);
    }
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
#[path = "story_tests.rs"]
mod tests;
