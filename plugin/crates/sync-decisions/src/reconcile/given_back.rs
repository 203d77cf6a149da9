//! Whether what a run gave the directory goes back: attribute by attribute, given both sides as they are now.
//!
//! A value goes back on both sides or on neither. Given back to the directory alone, it would be given again by the
//! next sync, since the contact still holds it; taken from the contact alone, it would come back from the directory.

use crate::contact::{AttributeChange, Contact};
use crate::effects::FieldChange;
use crate::mapping::person::{Person, PersonKind};
use crate::mapping::rows::Row;

use super::account::{Given, Made};

/// What can be said of the directory's side of one user.
#[derive(Clone, Copy, Debug)]
pub struct There<'a> {
    /// The rows of the mapping in force.
    pub rows: &'a [Row],
    /// Attributes that rows write and the application may not.
    pub not_permitted: &'a [&'static str],
    /// The user as the directory has them, in the order of the rows; otherwise why nothing is known of what it holds.
    pub person: Result<&'a Person, Stays>,
    /// What the directory was asked to take without an answer that tells whether it did.
    pub unanswered: &'a [AttributeChange],
}

/// Why the directory keeps what a run gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stays {
    /// The directory, or the contact, no longer holds what the run left.
    Changed,
    /// The mapping in force does not write the attribute.
    NotMapped,
    /// The application is not permitted to write it.
    NotPermitted,
    /// It is mastered in another directory, and can be changed only there.
    MasteredElsewhere,
    /// It was empty before, and one of the sides cannot be.
    CannotBeEmpty,
    /// The directory has no such user any more.
    Gone,
    /// The directory did not tell what it holds.
    Unread,
}

/// Something that the directory keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staying {
    /// The directory's attribute.
    pub attribute: String,
    /// The contact's field that it belonged to.
    pub field: String,
    /// Why.
    pub why: Stays,
}

/// What is to be done about one attribute, and about its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Back {
    /// Both sides are as before the run.
    AsBefore,
    /// Both sides go back.
    Both(AttributeChange, FieldChange),
    /// Neither does.
    Stays(Stays),
}

impl There<'_> {
    /// Decides about an attribute that a run gave the directory of a linked contact.
    pub(super) fn back(&self, attribute: &str, given: &Given<'_>, contact: &Contact) -> Back {
        let Made { before, after } = given.made;
        let mut rows = self.rows.iter().enumerate();
        let row = rows.find(|(_, row)| row.attribute == attribute && row.field == given.field);
        let Some((place, row)) = row.filter(|(_, row)| row.direction.writes_directory()) else {
            return Back::Stays(Stays::NotMapped);
        };
        let person = match self.person {
            Ok(person) => person,
            Err(why) => return Back::Stays(why),
        };
        let form = row.form();
        let held = contact.field(&row.field);
        let here = held.and_then(|held| form.given(held));
        let stated = person.fields.get(place);
        let there = stated.and_then(|stated| stated.is_told().then(|| stated.value()));
        let Some(there) = there else {
            return Back::Stays(Stays::Changed);
        };
        let is_here = |value: Option<&str>| form.is_same(here.as_deref(), value);
        let is_there = |value: Option<&str>| form.is_same(there, value);
        // Given back by somebody who died before the answer was kept: it is compared again when it is written.
        let may_be_on_its_way = is_there(before)
            && self.unanswered.iter().any(|change| {
                change.attribute == attribute
                    && form.is_same(change.before.as_deref(), after)
                    && form.is_same(change.after.as_deref(), before)
            });
        if is_here(before) && is_there(before) {
            return Back::AsBefore;
        }
        if !is_here(after) || !(is_there(after) || may_be_on_its_way) {
            return Back::Stays(Stays::Changed);
        }
        if self.not_permitted.contains(&row.attribute) {
            return Back::Stays(Stays::NotPermitted);
        }
        if person.mastered_elsewhere || person.kind == PersonKind::OrgContact {
            return Back::Stays(Stays::MasteredElsewhere);
        }
        if before.is_none() && (row.mandatory || row.always_filled) {
            return Back::Stays(Stays::CannotBeEmpty);
        }
        let now = if is_there(after) { there } else { after };
        Back::Both(
            AttributeChange {
                attribute: attribute.to_owned(),
                before: now.map(str::to_owned),
                after: before.map(str::to_owned),
            },
            FieldChange {
                field: row.field.clone(),
                before: held.map(str::to_owned),
                after: before.map(str::to_owned),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::person::Stated;
    use crate::mapping::rows::{Direction, Winner};
    use crate::reconcile::test_samples::{linked_contact, row};

    const GIVEN: Given<'static> = Given {
        field: "title",
        made: Made {
            before: Some("Hand"),
            after: Some("Head"),
        },
    };

    fn title() -> Row {
        Row {
            direction: Direction::TwoWay(Winner::Directory),
            ..row("jobTitle", "title")
        }
    }

    fn person(title: Option<&str>) -> Person {
        let stated = title.map_or(Stated::Empty, |title| Stated::Value(title.to_owned()));
        Person {
            fields: vec![stated],
            ..crate::reconcile::test_samples::person("u1", "", "")
        }
    }

    fn back(there: &There<'_>, given: &Given<'_>, here: Option<&str>) -> Back {
        let held: Vec<_> = here.map(|here| ("title", here)).into_iter().collect();
        there.back("jobTitle", given, &linked_contact("1", "u1", &held))
    }

    #[test]
    fn what_both_sides_still_hold_goes_back_on_both_and_everything_else_on_neither() {
        let rows = [title()];
        let decide = |there: Option<&str>, here: Option<&str>| {
            let person = person(there);
            let there = There {
                rows: &rows,
                not_permitted: &[],
                person: Ok(&person),
                unanswered: &[],
            };
            back(&there, &GIVEN, here)
        };
        let (hand, head, chief) = (Some("Hand"), Some("Head"), Some("Chief"));
        let Back::Both(directory, field) = decide(head, head) else {
            panic!("it goes back");
        };
        assert_eq!(
            (directory.before.as_deref(), directory.after.as_deref()),
            (head, hand)
        );
        assert_eq!(
            (field.before.as_deref(), field.after.as_deref()),
            (head, hand)
        );
        assert_eq!(decide(hand, hand), Back::AsBefore);
        for (there, here) in [
            (head, chief),
            (chief, head),
            (hand, head),
            (head, hand),
            (None, head),
            (head, None),
        ] {
            assert_eq!(
                decide(there, here),
                Back::Stays(Stays::Changed),
                "{there:?} {here:?}"
            );
        }
    }

    #[test]
    fn what_may_not_be_written_stays_with_its_reason() {
        let person = person(Some("Head"));
        let mastered = Person {
            mastered_elsewhere: true,
            ..person.clone()
        };
        let one_way = [row("jobTitle", "title")];
        let (two_way, other) = (
            [title()],
            [Row {
                field: "role".to_owned(),
                ..title()
            }],
        );
        let why = |rows: &[Row], not_permitted: &[&'static str], person: Result<&Person, Stays>| {
            let there = There {
                rows,
                not_permitted,
                person,
                unanswered: &[],
            };
            back(&there, &GIVEN, Some("Head"))
        };
        let there = Ok(&person);
        assert_eq!(
            why(&one_way, &[], there),
            Back::Stays(Stays::NotMapped),
            "the row reads only by now"
        );
        assert_eq!(why(&other, &[], there), Back::Stays(Stays::NotMapped));
        assert_eq!(
            why(&two_way, &[], Err(Stays::Gone)),
            Back::Stays(Stays::Gone)
        );
        assert_eq!(
            why(&two_way, &["jobTitle"], there),
            Back::Stays(Stays::NotPermitted)
        );
        assert_eq!(
            why(&two_way, &[], Ok(&mastered)),
            Back::Stays(Stays::MasteredElsewhere)
        );
    }

    #[test]
    fn what_was_empty_before_is_emptied_unless_one_side_cannot_be() {
        let person = person(Some("Head"));
        let filled = Given {
            made: Made {
                before: None,
                ..GIVEN.made
            },
            ..GIVEN
        };
        let decide = |row: Row| {
            let rows = [row];
            let there = There {
                rows: &rows,
                not_permitted: &[],
                person: Ok(&person),
                unanswered: &[],
            };
            back(&there, &filled, Some("Head"))
        };
        assert!(matches!(decide(title()), Back::Both(..)));
        let mandatory = Row {
            mandatory: true,
            ..title()
        };
        let always_filled = Row {
            always_filled: true,
            ..title()
        };
        for row in [mandatory, always_filled] {
            assert_eq!(decide(row), Back::Stays(Stays::CannotBeEmpty));
        }
    }

    #[test]
    fn what_somebody_who_died_has_given_back_is_on_its_way_and_no_edit() {
        let (rows, person) = ([title()], person(Some("Hand")));
        let change = |before: &str, after: &str| AttributeChange {
            attribute: "jobTitle".to_owned(),
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
        };
        let decide = |unanswered: &[AttributeChange]| {
            let there = There {
                rows: &rows,
                not_permitted: &[],
                person: Ok(&person),
                unanswered,
            };
            back(&there, &GIVEN, Some("Head"))
        };
        let Back::Both(directory, _) = decide(&[change("Head", "Hand")]) else {
            panic!("it is on its way");
        };
        assert_eq!(directory, change("Head", "Hand"));
        assert_eq!(
            decide(&[change("Hand", "Head")]),
            Back::Stays(Stays::Changed)
        );
    }
}
