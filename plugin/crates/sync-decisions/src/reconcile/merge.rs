//! Field by field: what the directory says, what the contact holds, and what was last agreed.
//!
//! Three values decide about a field: the directory's (**stated**), the contact's (**local**), and
//! the **base**, the directory's value with which the contact was last reconciled. What the directory
//! does not state changes nothing, and a value goes from filled to empty only where the base shows
//! that the directory had filled it.
//!
//! *No base* and *base: nothing* are two things, see [`Base`]. Where both sides hold the same, the
//! base becomes that, under every policy: what was agreed upon is where the next comparison starts.

use guest_kit::ordered;

use crate::contact::{Contact, Field, FieldWrite};
use crate::effects::FieldChange;
use crate::mapping::person::Stated;
use crate::mapping::rows::Row;
use crate::settings::Conflict;

/// What the fields of one person and one contact come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// What to fill or overwrite; empty where nothing differs.
    pub writes: Vec<FieldWrite>,
    /// Fields to empty, with the values they lose. Their base stays until they are emptied.
    pub blanks: Vec<Field>,
    /// The base after the merge: the mapping's rows in their order, then what the base says of fields
    /// that are not mapped now, as it was.
    pub base: Vec<Field>,
    /// The base must be saved even where nothing is written, or the next merge would not know what
    /// this one found.
    pub save_base: bool,
    /// Positions of rows that both sides had edited; the directory's value was taken.
    pub overruled: Vec<usize>,
}

impl Merged {
    /// The writes as changes of the contact, ordered by field.
    #[must_use]
    pub fn changes(&self, contact: &Contact) -> Vec<FieldChange> {
        let mut changes: Vec<_> = self
            .writes
            .iter()
            .map(|write| FieldChange {
                field: write.name.clone(),
                before: contact.field(&write.name).map(str::to_owned),
                after: write.value.clone(),
            })
            .chain(self.blanks.iter().map(|blank| FieldChange {
                field: blank.name.clone(),
                before: Some(blank.value.clone()),
                after: None,
            }))
            .collect();
        ordered::sort(&mut changes);
        changes
    }
}

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

/// Settles every row of the mapping.
#[must_use]
pub fn merge(
    rows: &[Row],
    stated: &[Stated],
    contact: &Contact,
    conflict: Conflict,
    occasion: Occasion<'_>,
) -> Merged {
    let mut merged = Merged::default();
    for (position, (row, stated)) in rows.iter().zip(stated).enumerate() {
        let local = contact.field(&row.field);
        let base = match occasion {
            Occasion::Linked { reconciled } => Base::of(contact, &row.field, reconciled),
            Occasion::ByAddress | Occasion::ById => Base::None,
        };
        let settled = Question {
            row,
            local,
            base,
            conflict,
            occasion,
        }
        .settle(stated);
        if settled.overruled {
            merged.overruled.push(position);
        }
        // A base that would be as it is is not written: else a contact in step would be updated each time.
        merged.save_base |= settled.base.as_deref() != base.value();
        if let Some(value) = settled.base {
            merged.base.push(Field {
                name: row.field.clone(),
                value,
            });
        }
        if let Some(value) = settled.write {
            merged.writes.push(FieldWrite {
                name: row.field.clone(),
                value: Some(value),
            });
        }
        if let Some(value) = local.filter(|_| settled.blank) {
            merged.blanks.push(Field {
                name: row.field.clone(),
                value: value.to_owned(),
            });
        }
    }
    merged.base.extend(unmapped(rows, contact));
    ordered::sort(&mut merged.blanks);
    merged
}

/// What the base says of fields that are not mapped now. They may be mapped again, and what was agreed
/// on then is still what was agreed on last.
fn unmapped(rows: &[Row], contact: &Contact) -> impl Iterator<Item = Field> {
    let link = contact.link.as_ref();
    let base = link.map_or(&[][..], |link| link.base.as_slice());
    base.iter()
        .filter(|field| rows.iter().all(|row| row.field != field.name))
        .cloned()
}

/// One field, settled.
#[derive(Default)]
struct Settled {
    write: Option<String>,
    /// Empty the field.
    blank: bool,
    base: Option<String>,
    overruled: bool,
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

/// One field that is to be settled with what the directory states.
struct Question<'a> {
    row: &'a Row,
    local: Option<&'a str>,
    base: Base<'a>,
    conflict: Conflict,
    occasion: Occasion<'a>,
}

impl Question<'_> {
    fn settle(&self, stated: &Stated) -> Settled {
        let is_linked = matches!(self.occasion, Occasion::Linked { .. });
        match stated {
            // The contact was made without the connector, or long ago.
            _ if self.row.only_on_create => self.leave(),
            // Absent is not null, and an assumption is no change: a page of changes leaves out what was
            // never set, and may leave out what has not changed.
            Stated::Unstated => self.leave(),
            Stated::Assumed(_) if is_linked => self.leave(),
            Stated::Value(value) | Stated::Assumed(value) => self.value(value),
            Stated::Empty => self.nothing(),
        }
    }

    fn leave(&self) -> Settled {
        Settled::keep(self.base.value())
    }

    /// The directory states a value.
    fn value(&self, stated: &str) -> Settled {
        if self.local == Some(stated) {
            return Settled::keep(Some(stated));
        }
        match self.conflict {
            Conflict::SourceWins => Settled::take(stated),
            Conflict::KeepLocal if self.local.is_none() => Settled::take(stated),
            Conflict::KeepLocal => self.leave(),
            Conflict::Merge => self.three_way(stated),
        }
    }

    /// The directory states a value that differs from the local one.
    fn three_way(&self, stated: &str) -> Settled {
        match (self.base, self.local) {
            // The directory says what it said before, so it was edited, or emptied, here.
            (Base::Value(base), _) if base == stated => self.leave(),
            // Nobody edited it here, so the directory did.
            (base, local) if base.value() == local => Settled::take(stated),
            // What somebody wrote here first is not thrown away.
            (Base::None, Some(_)) if self.occasion != Occasion::ById => Settled::keep(Some(stated)),
            // Who had it before had it from the directory.
            (Base::None, _) => Settled::take(stated),
            // Both sides changed it. The directory wins, and the run's warnings say over whom.
            (Base::Nothing | Base::Value(_), _) => Settled {
                overruled: true,
                ..Settled::take(stated)
            },
        }
    }

    /// The directory states that there is nothing.
    fn nothing(&self) -> Settled {
        let Some(local) = self.local else {
            return Settled::keep(None);
        };
        match (self.base, self.conflict) {
            // Only what the directory had filled can it empty.
            (Base::None | Base::Nothing, _) | (_, Conflict::KeepLocal) => self.leave(),
            // The store would refuse the contact without it.
            _ if self.row.mandatory => self.leave(),
            (Base::Value(base), Conflict::SourceWins) => Settled::blank(base),
            (Base::Value(base), Conflict::Merge) if local == base => Settled::blank(base),
            (Base::Value(_), Conflict::Merge) => self.leave(),
        }
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
