//! Field by field: what the directory says, what the contact holds, and what was last agreed.
//!
//! Three values decide about a field: the directory's (**stated**), the contact's (**local**), and
//! the **base**, the directory's value with which the contact was last reconciled. From them follows which
//! side has moved, and from that, by the row's direction, which side follows. What the directory
//! does not state changes nothing, and a value goes from filled to empty only where the base shows
//! that the directory had filled it.
//!
//! What the directory is to be [given](Merged::gives) leaves the base as it is until the directory holds it.
//!
//! One field is settled in `settle`, here all of them are. *No base* and *base: nothing* are two things, see [`Base`]. Where both sides hold the same, the
//! base becomes that, under every policy: what was agreed upon is where the next comparison starts.

use guest_kit::ordered;

use crate::contact::AttributeChange;
use crate::contact::{Contact, Field, FieldWrite};
use crate::effects::FieldChange;
use crate::mapping::person::Stated;
use crate::mapping::rows::{Row, Winner};
use crate::settings::Conflict;

use super::asking::{Answer, Contested, Question, Side};
use super::settle;
pub use super::settle::{Base, Occasion};

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
    /// What the directory is to be given of the contact, ordered by attribute. The base of these stays until
    /// that is done.
    pub gives: Vec<AttributeChange>,
    /// Positions of rows that both sides had edited; the directory is to be given the contact's value.
    pub prevailing: Vec<usize>,
    /// Fields that both sides had edited where a person decides. Both sides, and the base, stay until then.
    pub asked: Vec<Question>,
}

impl Merged {
    /// Does what a person decided about what was asked.
    pub(super) fn answer(&mut self, rows: &[Row], contact: &Contact, answers: &[Answer]) {
        for question in &mut self.asked {
            let Question {
                row,
                contested,
                answer,
                directory_alone,
            } = question;
            let decided = answers.iter().find(|known| known.contested == *contested);
            let decided =
                decided.filter(|known| !(*directory_alone && known.side == Side::Contact));
            let (Some(decided), Some(mapped)) = (decided, rows.get(*row)) else {
                continue;
            };
            let Contested {
                attribute,
                field,
                directory,
                contact: held,
                base,
            } = contested;
            match (decided.side, directory) {
                // What cannot be empty stays undecided.
                (Side::Contact, _) if held.is_none() && mapped.always_filled => continue,
                (Side::Contact, before) => {
                    self.prevailing.push(*row);
                    self.gives.push(AttributeChange {
                        attribute: attribute.clone(),
                        before: before.clone(),
                        after: held.clone(),
                    });
                }
                (Side::Directory, Some(value)) => {
                    self.overruled.push(*row);
                    self.base.retain(|known| known.name != *field);
                    self.base.push(Field {
                        name: field.clone(),
                        value: value.clone(),
                    });
                    self.writes.push(FieldWrite {
                        name: field.clone(),
                        value: Some(value.clone()),
                    });
                }
                // Emptied like any other field: where the directory had filled it, and the store takes it so.
                (Side::Directory, None) if base.is_some() && !mapped.mandatory => {
                    self.overruled.push(*row);
                    let held = contact.field(field).map(str::to_owned);
                    self.blanks.extend(held.map(|value| Field {
                        name: field.clone(),
                        value,
                    }));
                }
                (Side::Directory, None) => continue,
            }
            *answer = Some(decided.side);
        }
        ordered::sort(&mut self.blanks);
        ordered::sort(&mut self.gives);
    }

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
        let settled = settle::Question {
            row,
            local,
            base,
            conflict,
            occasion,
        }
        .settle(stated);
        match settled.overruled {
            Some(Winner::Directory) => merged.overruled.push(position),
            Some(Winner::Contact) => merged.prevailing.push(position),
            Some(Winner::Ask) | None => {}
        }
        merged
            .asked
            .extend(settled.contested.map(|contested| Question {
                row: position,
                contested,
                answer: None,
                directory_alone: false,
            }));
        merged.gives.extend(settled.give);
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
    ordered::sort(&mut merged.gives);
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

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
