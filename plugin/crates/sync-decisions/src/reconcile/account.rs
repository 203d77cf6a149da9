//! What one run did to each part of one contact, read from the journal, and whether a part has been
//! changed since.
//!
//! The parts of a contact are its link, each of its fields, whether it is active, and the lists that
//! the connector put it on, taken together. A part has been **changed since** where it is neither as
//! the run left it nor as it was before the run, whoever changed it: that is one question, asked of
//! every part in the same way ([`Made::since`]).

use crate::contact::{Contact, ContactId, Effect, ObjectId};
use crate::effects::JournalEntry;
use guest_kit::ordered::{Map, Set};

/// A part of a contact that can be left alone while others go back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field, by its name.
    Field(String),
    /// The connector's lists.
    Lists,
}

/// What a contact is to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no contact.
    Absent,
    /// The contact is linked to nobody.
    Unlinked,
    /// Linked to the user.
    Linked,
    /// Linked to somebody else.
    Foreign,
}

impl Standing {
    /// What a contact is to a user now.
    #[must_use]
    pub fn of(contact: Option<&Contact>, user: &ObjectId) -> Self {
        match contact.map(|contact| contact.link.as_ref()) {
            None => Self::Absent,
            Some(None) => Self::Unlinked,
            Some(Some(link)) if link.object_id == *user => Self::Linked,
            Some(Some(_)) => Self::Foreign,
        }
    }
}

/// What a run made of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made<T> {
    /// What it was before the run.
    pub before: T,
    /// As the run left it.
    pub after: T,
}

/// What a run gave the directory of one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    /// The contact's field that it belonged to.
    pub field: &'a str,
    /// What the directory held before, and was given.
    pub made: Made<Option<&'a str>>,
}

/// How a part stands to what a run made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It is as it was before the run: there is nothing to put back.
    AsBefore,
    /// It is as the run left it: it can be put back.
    AsLeft,
    /// Somebody has made something else of it.
    Changed,
}

impl<T: PartialEq> Made<T> {
    /// How the part stands now.
    pub fn since(&self, now: &T) -> Since {
        if *now == self.before {
            Since::AsBefore
        } else if *now == self.after {
            Since::AsLeft
        } else {
            Since::Changed
        }
    }
}

/// What a run did to one contact for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// Whether there is a contact, and whether it is linked.
    pub link: Made<Standing>,
    /// Whether it is active; `None` where the run did not touch that.
    pub activity: Option<Made<bool>>,
    /// Each field that the run wrote.
    pub fields: Map<&'a str, Made<Option<&'a str>>>,
    /// Each list that it joined or left, and whether the contact was and is on it.
    pub lists: Map<&'a str, Made<bool>>,
    /// Each attribute of the user that it gave the directory.
    pub directory: Map<&'a str, Given<'a>>,
}

impl<'a> Account<'a> {
    /// Reads all that a run did to one contact for one user, newest first. `None` where it did
    /// nothing.
    #[must_use]
    pub fn of(entries: &[&'a JournalEntry]) -> Option<Self> {
        let (newest, oldest) = (entries.first()?, entries.last()?);
        let mut account = Self {
            link: Made {
                before: standing_before(oldest.effect),
                after: standing_after(newest.effect),
            },
            activity: None,
            fields: Map::new(),
            lists: Map::new(),
            directory: Map::new(),
        };
        for entry in entries.iter().rev() {
            account.add(entry);
        }
        Some(account)
    }

    /// Takes the next change, oldest first.
    fn add(&mut self, entry: &'a JournalEntry) {
        if let Some(active) = activity_after(entry) {
            let before = self.activity.map_or(!active, |made| made.before);
            self.activity = Some(Made {
                before,
                after: active,
            });
        }
        for change in &entry.fields {
            let (found, left) = (change.before.as_deref(), change.after.as_deref());
            let made = self.fields.or_insert_with(&change.field, || Made {
                before: found,
                after: found,
            });
            // Somebody edited it between two changes of the run: it goes back to that edit.
            if made.after != found {
                made.before = found;
            }
            made.after = left;
        }
        for given in &entry.directory {
            let change = &given.change;
            let (found, left) = (change.before.as_deref(), change.after.as_deref());
            let known = self
                .directory
                .or_insert_with(change.attribute.as_str(), || Given {
                    field: &given.field,
                    made: Made {
                        before: found,
                        after: found,
                    },
                });
            // Somebody edited it there between two writes of the run.
            if known.made.after != found && known.made.before != found {
                known.made.before = found;
            }
            known.made.after = left;
        }
        let moves = entry.leaves.iter().map(|list| (list, false));
        for (list, on) in moves.chain(entry.joins.iter().map(|list| (list, true))) {
            let made = self.lists.or_insert_with(list, || Made {
                before: !on,
                after: on,
            });
            made.after = on;
        }
    }

    /// How the lists stand, all of them together. `moved_since` tells whether later changes have
    /// moved the contact, see [`moved_since`]: that shows lists that the run did not touch.
    #[must_use]
    pub fn lists_since(&self, now: &[String], moved_since: bool) -> Since {
        let is_on = |list: &str| now.iter().any(|on| on == list);
        if self
            .lists
            .iter()
            .all(|(list, made)| made.before == is_on(list))
        {
            Since::AsBefore
        } else if moved_since
            || self
                .lists
                .iter()
                .any(|(list, made)| made.after != is_on(list))
        {
            Since::Changed
        } else {
            Since::AsLeft
        }
    }
}

fn standing_before(oldest: Effect) -> Standing {
    match oldest {
        Effect::Create => Standing::Absent,
        Effect::Link => Standing::Unlinked,
        _ => Standing::Linked,
    }
}

fn standing_after(newest: Effect) -> Standing {
    match newest {
        Effect::Delete => Standing::Absent,
        Effect::Unlink => Standing::Unlinked,
        _ => Standing::Linked,
    }
}

/// Whether the change left the contact active; `None` where its effect does not tell.
fn activity_after(entry: &JournalEntry) -> Option<bool> {
    match entry.effect {
        Effect::Deactivate => Some(false),
        Effect::Reactivate => Some(true),
        _ => None,
    }
}

/// Whether later changes of a contact, newest first, come to other lists than it was on before them.
#[must_use]
pub fn moved_since<'e>(later: impl IntoIterator<Item = &'e JournalEntry>, now: &[String]) -> bool {
    let now = Set::from_iter(now.iter().map(String::as_str));
    let mut then = now.clone();
    for entry in later {
        for list in &entry.joins {
            then.remove(list.as_str());
        }
        then.extend(entry.leaves.iter().map(String::as_str));
    }
    then != now
}

/// The newest change that wrote a field of a contact, among changes that are newest first. A deletion
/// loses what the contact held, and writes nothing.
#[must_use]
pub fn last_writer<'e>(
    journal: &'e [JournalEntry],
    contact: &ContactId,
    field: &str,
) -> Option<&'e JournalEntry> {
    journal.iter().find(|entry| {
        entry.contact == *contact
            && entry.effect != Effect::Delete
            && entry.fields.iter().any(|change| change.field == field)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{AttributeChange, GivenChange};
    use crate::effects::FieldChange;
    use guest_kit::Timestamp;

    fn did(number: u64, effect: Effect) -> JournalEntry {
        JournalEntry {
            number,
            run: Some("r1".to_owned()),
            at: Timestamp(0),
            object_id: ObjectId::new("u1"),
            contact: ContactId::new("7"),
            effect,
            reason: "directory-changed".to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
            version: number,
            directory: Vec::new(),
        }
    }

    fn moved(number: u64, joins: &[&str], leaves: &[&str]) -> JournalEntry {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        JournalEntry {
            joins: owned(joins),
            leaves: owned(leaves),
            ..did(number, Effect::Update)
        }
    }

    #[test]
    fn a_part_is_as_before_or_as_left_or_changed() {
        let made = Made {
            before: Some("A"),
            after: Some("B"),
        };
        assert_eq!(made.since(&Some("A")), Since::AsBefore);
        assert_eq!(made.since(&Some("B")), Since::AsLeft);
        assert_eq!(made.since(&Some("C")), Since::Changed);
        assert_eq!(made.since(&None), Since::Changed);
    }

    #[test]
    fn what_a_run_made_of_a_part_in_several_changes_is_one_step() {
        let mut first = did(5, Effect::Deactivate);
        first.leaves = vec!["Sales".to_owned()];
        let mut second = did(6, Effect::Reactivate);
        second.joins = vec!["Support".to_owned()];
        let account = Account::of(&[&second, &first]).unwrap();
        assert_eq!(
            account.activity,
            Some(Made {
                before: true,
                after: true
            })
        );
        let on = |list: &str| account.lists.get(list).unwrap();
        assert_eq!((on("Sales").before, on("Sales").after), (true, false));
        assert_eq!((on("Support").before, on("Support").after), (false, true));
    }

    #[test]
    fn what_the_directory_was_given_in_several_writes_is_one_step_also_where_the_first_was_not_answered()
     {
        let given = |number, before: &str, after: &str, answered| JournalEntry {
            directory: vec![GivenChange {
                change: AttributeChange {
                    attribute: "jobTitle".to_owned(),
                    before: Some(before.to_owned()),
                    after: Some(after.to_owned()),
                },
                field: "title".to_owned(),
                answered,
            }],
            ..did(number, Effect::Update)
        };
        let step = |second: &JournalEntry, first: &JournalEntry| {
            let account = Account::of(&[second, first]).unwrap();
            let given = account.directory.get("jobTitle").unwrap();
            (
                given.made.before.map(str::to_owned),
                given.made.after.map(str::to_owned),
            )
        };
        let made = |before: &str, after: &str| (Some(before.to_owned()), Some(after.to_owned()));
        let unheard = given(5, "A", "B", false);
        assert_eq!(step(&given(6, "A", "B", true), &unheard), made("A", "B"));
        assert_eq!(step(&given(6, "B", "C", true), &unheard), made("A", "C"));
        assert_eq!(step(&given(6, "X", "C", true), &unheard), made("X", "C"));
    }

    #[test]
    fn lists_are_one_part() {
        let account = moved(5, &["Support"], &["Sales"]);
        let account = Account::of(&[&account]).unwrap();
        let since = |now: &[&str], moved| {
            let now: Vec<_> = now.iter().map(|list| (*list).to_owned()).collect();
            account.lists_since(&now, moved)
        };
        assert_eq!(since(&["Support"], false), Since::AsLeft);
        assert_eq!(since(&["Sales"], true), Since::AsBefore);
        assert_eq!(since(&[], true), Since::Changed);
        assert_eq!(since(&["Board"], true), Since::Changed);
        assert_eq!(since(&["Support", "Board"], true), Since::Changed);
    }

    #[test]
    fn later_moves_that_were_taken_back_come_to_nothing() {
        let now = ["Support".to_owned()];
        let there = moved(6, &["Board"], &["Support"]);
        let back = moved(7, &["Support"], &["Board"]);
        assert!(!moved_since([&back, &there], &now));
        assert!(moved_since([&back], &now));
        assert!(!moved_since([], &now));
    }

    #[test]
    fn a_field_is_written_last_by_the_newest_change_that_names_it_and_never_by_a_deletion() {
        let named = |number, effect| JournalEntry {
            fields: vec![FieldChange {
                field: "title".to_owned(),
                before: None,
                after: None,
            }],
            ..did(number, effect)
        };
        let journal = [
            named(9, Effect::Delete),
            did(8, Effect::Update),
            named(7, Effect::Update),
            named(6, Effect::Create),
        ];
        let last = |field| last_writer(&journal, &ContactId::new("7"), field);
        assert_eq!(last("title").unwrap().number, 7);
        assert_eq!(last("phone"), None);
    }
}
