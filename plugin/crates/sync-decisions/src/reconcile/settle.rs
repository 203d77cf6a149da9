//! One field: which side has moved, and which follows.
//!
//! The comparison is the same for every row. What follows from it is the row's [`Direction`]: one that is read only
//! goes by the policy about conflicts, as if the directory were never to be written to.

use std::borrow::Cow;

use crate::contact::AttributeChange;
use crate::contact::Contact;
use crate::mapping::person::Stated;
use crate::mapping::rows::{Direction, Row, Winner};
use crate::settings::Conflict;

use super::asking::Contested;

/// How a contact comes to be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion<'a> {
    /// It is linked to the person already.
    Linked {
        /// Fields of which the base of every link tells, by name: where it does not name one of them,
        /// the directory had nothing. See [`Base`].
        reconciled: &'a [String],
    },
    /// It was found by its address, and has never been compared with the person.
    ByAddress,
    /// It was the person's before, and its base went with the link.
    ById,
}

/// The directory's value with which a field was last reconciled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base<'a> {
    /// Never: the contact is being linked, or the field has been mapped since.
    None,
    /// With nothing: the directory had no value.
    Nothing,
    /// With this.
    Value(&'a str),
}

impl<'a> Base<'a> {
    /// The base of a field of a linked contact; `reconciled` as in [`Occasion::Linked`].
    #[must_use]
    pub fn of(contact: &'a Contact, field: &str, reconciled: &[String]) -> Self {
        match contact.base(field) {
            Some(value) => Self::Value(value),
            None if reconciled.iter().any(|known| known == field) => Self::Nothing,
            None => Self::None,
        }
    }

    /// The value, where there was one.
    #[must_use]
    pub const fn value(self) -> Option<&'a str> {
        match self {
            Self::Value(value) => Some(value),
            Self::None | Self::Nothing => None,
        }
    }
}

/// One field, settled.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) write: Option<String>,
    /// Empty the field.
    pub(super) blank: bool,
    pub(super) give: Option<AttributeChange>,
    pub(super) base: Option<String>,
    /// Both sides had moved: whose value counts.
    pub(super) overruled: Option<Winner>,
    /// Both sides had moved, and a person decides.
    pub(super) contested: Option<Contested>,
}

impl Settled {
    /// What the contact holds stays.
    fn keep(base: Option<&str>) -> Self {
        Self {
            base: base.map(str::to_owned),
            ..Self::default()
        }
    }

    fn take(value: &str) -> Self {
        Self {
            write: Some(value.to_owned()),
            ..Self::keep(Some(value))
        }
    }

    /// Empties the field; the base stays until that is done.
    fn blank(base: &str) -> Self {
        Self {
            blank: true,
            ..Self::keep(Some(base))
        }
    }
}

/// Which side has moved away from what was last agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    /// Nothing was ever agreed on.
    Unknown,
    /// The directory alone.
    Directory,
    /// The contact alone.
    Contact,
    /// Both, and apart.
    Both,
}

/// What becomes of two values that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Both stay.
    Leave,
    /// Both stay, and from the directory's value it is told from now on which side moves.
    Note,
    /// The contact follows.
    Take,
    /// The directory follows.
    Give,
    /// Both stay until a person has decided.
    Ask,
}

/// What two sides that differ hold.
#[derive(Clone, Copy)]
struct Sides<'v> {
    /// As the directory states it.
    stated: Option<&'v str>,
    /// As the contact holds it.
    held: Option<&'v str>,
}

/// One field that is to be settled with what the directory states.
pub(super) struct Question<'a> {
    pub(super) row: &'a Row,
    pub(super) local: Option<&'a str>,
    pub(super) base: Base<'a>,
    pub(super) conflict: Conflict,
    pub(super) occasion: Occasion<'a>,
}

impl Question<'_> {
    pub(super) fn settle(&self, stated: &Stated) -> Settled {
        match stated {
            // The contact was made without the connector, or long ago.
            _ if self.row.only_on_create => self.leave(),
            // Absent is not null, and an assumption is no change: a page of changes leaves out what was
            // never set, and may leave out what has not changed.
            Stated::Unstated => self.leave(),
            Stated::Assumed(_) if self.is_linked() => self.leave(),
            Stated::Value(value) | Stated::Assumed(value) => self.compare(Some(value)),
            Stated::Empty => self.compare(None),
        }
    }

    fn is_linked(&self) -> bool {
        matches!(self.occasion, Occasion::Linked { .. })
    }

    fn leave(&self) -> Settled {
        Settled::keep(self.base.value())
    }

    /// The directory states a value, or that it has none.
    fn compare(&self, stated: Option<&str>) -> Settled {
        let held = self.held();
        let sides = Sides {
            stated,
            held: held.as_deref(),
        };
        if self.is_same(stated, sides.held) {
            return Settled::keep(stated);
        }
        let moved = self.moved(sides);
        let (verdict, tells) = match self.row.direction {
            Direction::OneWay => (
                self.one_way(stated, moved),
                self.conflict == Conflict::Merge,
            ),
            Direction::Reverse => (self.reverse(sides, moved), true),
            Direction::TwoWay(winner) => (self.two_way(sides, moved, winner), true),
        };
        let settled = match (verdict, stated) {
            (Verdict::Leave, _) => self.leave(),
            (Verdict::Note, _) => Settled::keep(stated),
            (Verdict::Take, Some(value)) => Settled::take(value),
            (Verdict::Take, None) => self.empty(),
            (Verdict::Give, _) => self.give(sides),
            (Verdict::Ask, _) => self.ask(sides),
        };
        let overruled = match verdict {
            Verdict::Take if settled.write.is_some() || settled.blank => Some(Winner::Directory),
            Verdict::Give => Some(Winner::Contact),
            Verdict::Take | Verdict::Leave | Verdict::Note | Verdict::Ask => None,
        };
        Settled {
            overruled: overruled.filter(|_| tells && moved == Moved::Both),
            ..settled
        }
    }

    /// What the contact holds; of a row that may write, as the directory would be given it and would state it
    /// afterwards.
    fn held(&self) -> Option<Cow<'_, str>> {
        let local = self.local?;
        if !self.row.direction.writes_directory() {
            return Some(Cow::Borrowed(local));
        }
        self.row.form().given(local)
    }

    /// Of what may be written to the directory, nothing is written for its form. The directory's side compares in
    /// the same way, or a value would be given again and again.
    fn is_same(&self, one: Option<&str>, other: Option<&str>) -> bool {
        one == other
            || (self.row.direction.writes_directory() && self.row.form().is_same(one, other))
    }

    fn moved(&self, sides: Sides<'_>) -> Moved {
        let base = match self.base {
            Base::None => return Moved::Unknown,
            Base::Nothing => None,
            Base::Value(base) => Some(base),
        };
        if self.is_same(base, sides.stated) {
            Moved::Contact
        } else if self.is_same(base, sides.held) {
            Moved::Directory
        } else if self.was_of_another_form(base, sides.stated) {
            // Whether the directory has moved nobody can tell, so nothing of the contact is thrown away.
            sides.held.map_or(Moved::Contact, |_| Moved::Unknown)
        } else {
            Moved::Both
        }
    }

    /// Whether the base is from before the row's numbers were brought into E.164.
    fn was_of_another_form(&self, base: Option<&str>, stated: Option<&str>) -> bool {
        let is_e164 = |text: &str| {
            let figures = text.strip_prefix('+');
            figures.is_some_and(|figures| figures.bytes().all(|byte| byte.is_ascii_digit()))
        };
        self.row.purpose.is_in_e164()
            && base.is_some_and(|base| !is_e164(base))
            && stated.is_some_and(is_e164)
    }

    /// The contact follows the directory, as far as the policy goes.
    fn one_way(&self, stated: Option<&str>, moved: Moved) -> Verdict {
        if stated.is_none() {
            return self.one_way_emptied(moved);
        }
        match (self.conflict, moved) {
            (Conflict::SourceWins, _) => Verdict::Take,
            (Conflict::KeepLocal, _) if self.local.is_none() => Verdict::Take,
            (Conflict::KeepLocal, _) => Verdict::Leave,
            // The directory says what it said before, so it was edited, or emptied, here.
            (Conflict::Merge, Moved::Contact) => Verdict::Leave,
            // What somebody wrote here first is not thrown away. Who had it before had it from the directory.
            (Conflict::Merge, Moved::Unknown)
                if self.local.is_some() && self.occasion != Occasion::ById =>
            {
                Verdict::Note
            }
            // Where both sides changed it the directory wins, and the run's warnings say over whom.
            (Conflict::Merge, Moved::Unknown | Moved::Directory | Moved::Both) => Verdict::Take,
        }
    }

    /// Only what the directory had filled can it empty.
    fn one_way_emptied(&self, moved: Moved) -> Verdict {
        match (self.conflict, moved) {
            (Conflict::SourceWins, Moved::Directory | Moved::Both)
            | (Conflict::Merge, Moved::Directory) => Verdict::Take,
            _ => Verdict::Leave,
        }
    }

    /// The directory follows the contact, but for what the contact never had.
    fn reverse(&self, sides: Sides<'_>, moved: Moved) -> Verdict {
        match (sides.held, moved) {
            // Somebody who is being linked is planned with what the contact changes; the next round compares.
            (Some(_), _) if self.is_linked() => Verdict::Give,
            (None, Moved::Contact) if self.may_empty() => Verdict::Give,
            (Some(_) | None, _) => Verdict::Leave,
        }
    }

    /// Whichever side moved is followed.
    fn two_way(&self, Sides { stated, held }: Sides<'_>, moved: Moved, winner: Winner) -> Verdict {
        match (held, moved) {
            // As above: the next round compares. Until then nothing is agreed on.
            (Some(_), _) if !self.is_linked() => match (stated, winner) {
                (Some(_), Winner::Directory) => Verdict::Take,
                (Some(_), Winner::Contact | Winner::Ask) | (None, _) => Verdict::Leave,
            },
            (_, Moved::Directory) => Verdict::Take,
            (None, Moved::Contact) if !self.may_empty() => Verdict::Take,
            (_, Moved::Contact) => Verdict::Give,
            (_, Moved::Both) if winner == Winner::Ask => Verdict::Ask,
            // An empty side never wins against a value that both sides never agreed on.
            (None, Moved::Unknown | Moved::Both) => Verdict::Take,
            (Some(_), Moved::Unknown | Moved::Both) if stated.is_none() => Verdict::Give,
            (Some(_), Moved::Unknown | Moved::Both) => match winner {
                Winner::Directory => Verdict::Take,
                Winner::Contact => Verdict::Give,
                Winner::Ask => Verdict::Ask,
            },
        }
    }

    /// Whether the attribute may become empty with the field: it held what both sides had agreed on, and the
    /// directory takes it so.
    fn may_empty(&self) -> bool {
        self.base.value().is_some() && !self.row.always_filled
    }

    /// Empties the field, where the directory had filled it and the store takes the contact without it.
    fn empty(&self) -> Settled {
        match self.base {
            Base::Value(base) if !self.row.mandatory => Settled::blank(base),
            Base::Value(_) | Base::Nothing | Base::None => self.leave(),
        }
    }

    fn ask(&self, Sides { stated, held }: Sides<'_>) -> Settled {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        Settled {
            contested: Some(Contested {
                attribute: self.row.attribute.to_owned(),
                field: self.row.field.clone(),
                directory: owned(stated),
                contact: owned(held),
                base: owned(self.base.value()),
            }),
            ..self.leave()
        }
    }

    fn give(&self, Sides { stated, held }: Sides<'_>) -> Settled {
        Settled {
            give: Some(AttributeChange {
                attribute: self.row.attribute.to_owned(),
                before: stated.map(str::to_owned),
                after: held.map(str::to_owned),
            }),
            ..self.leave()
        }
    }
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
