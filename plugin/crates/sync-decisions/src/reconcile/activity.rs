//! Who made a contact inactive, as far as the journal tells.
//!
//! What a sync took away, a sync gives back, whatever the configuration was then. What a person at the
//! host did stays as it is.

use crate::contact::{Effect, Evidence};
use crate::effects::JournalEntry;

/// Who made a contact inactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeInactive {
    /// A sync.
    ByConnector,
    /// Somebody here: the connector left it active.
    ByPerson,
}

/// Reads it from the changes to one inactive contact, newest first; `None` where they do not tell.
///
/// A run that was taken back never happened, and nor did an undo that was taken back.
#[must_use]
pub fn made_inactive(journal: &[JournalEntry]) -> Option<MadeInactive> {
    let mut undone: Vec<&str> = Vec::new();
    for entry in journal {
        if entry
            .run
            .as_deref()
            .is_some_and(|run| undone.contains(&run))
        {
            continue;
        }
        match (&entry.evidence, entry.effect) {
            (Some(Evidence::Undone(run)), _) => undone.push(run),
            // Whatever the connector does is part of a run.
            (_, Effect::Deactivate) if entry.run.is_none() => return Some(MadeInactive::ByPerson),
            (_, Effect::Deactivate) => return Some(MadeInactive::ByConnector),
            (_, Effect::Create | Effect::Reactivate) => return Some(MadeInactive::ByPerson),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{ContactId, ObjectId};
    use guest_kit::Timestamp;

    fn entry(run: &str, effect: Effect) -> JournalEntry {
        JournalEntry {
            number: 1,
            run: Some(run.to_owned()),
            at: Timestamp(0),
            object_id: ObjectId::new("u1"),
            contact: ContactId::new("7"),
            effect,
            reason: String::new(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
            version: 1,
            directory: Vec::new(),
        }
    }

    fn undo(run: &str, of: &str, effect: Effect) -> JournalEntry {
        JournalEntry {
            evidence: Some(Evidence::Undone(of.to_owned())),
            ..entry(run, effect)
        }
    }

    #[test]
    fn the_newest_change_of_the_flag_tells_and_other_changes_do_not() {
        use Effect::{Create, Deactivate, Link, Reactivate, Unlink, Update};
        let told = |effects: &[Effect]| {
            let entries: Vec<_> = effects.iter().map(|effect| entry("r", *effect)).collect();
            made_inactive(&entries)
        };
        let by_connector = Some(MadeInactive::ByConnector);
        let by_person = Some(MadeInactive::ByPerson);
        for (newest_first, expected) in [
            (&[Deactivate, Create][..], by_connector),
            (&[Update, Link, Unlink, Update, Deactivate], by_connector),
            (&[Update, Reactivate, Deactivate, Create], by_person),
            (&[Update, Create], by_person),
            (&[Update, Link], None),
            (&[], None),
        ] {
            assert_eq!(told(newest_first), expected, "{newest_first:?}");
        }
    }

    #[test]
    fn what_belongs_to_no_run_was_done_by_a_person() {
        let by_hand = JournalEntry {
            run: None,
            ..entry("r", Effect::Deactivate)
        };
        let story = [by_hand, entry("r1", Effect::Create)];
        assert_eq!(made_inactive(&story), Some(MadeInactive::ByPerson));
    }

    #[test]
    fn what_was_taken_back_never_happened() {
        use Effect::{Create, Deactivate, Reactivate};
        let deactivated = [entry("r2", Deactivate), entry("r1", Create)];
        let reactivated = [entry("r3", Reactivate)];
        let undone = [undo("u1", "r3", Deactivate)];
        let done_again = [undo("u2", "u1", Reactivate)];
        let story = [&undone[..], &reactivated, &deactivated].concat();
        assert_eq!(made_inactive(&story), Some(MadeInactive::ByConnector));
        let story = [&done_again[..], &undone, &reactivated, &deactivated].concat();
        assert_eq!(
            made_inactive(&story),
            Some(MadeInactive::ByPerson),
            "the run r3 stands, and made it active"
        );
    }
}
