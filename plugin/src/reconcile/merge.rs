//! Field by field: what the directory says, what the contact holds, and what was last agreed.
//!
//! Three values decide about a field: the directory's (**stated**), the contact's (**local**), and
//! the **base**, the directory's value with which the contact was last reconciled. What the directory
//! does not state changes nothing, and a value goes from filled to empty only where the base shows
//! that the directory had filled it.

use crate::config::settings::Conflict;
use crate::contact::{Contact, Field, FieldWrite};
use crate::mapping::person::Stated;
use crate::mapping::rows::Row;
use crate::ports::FieldChange;

/// What the fields of one person and one contact come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// What to fill or overwrite; empty where nothing differs.
    pub writes: Vec<FieldWrite>,
    /// Fields to empty, with the values they lose. Their base stays until they are emptied.
    pub blanks: Vec<Field>,
    /// The base after the merge, ordered as the mapping's rows.
    pub base: Vec<Field>,
    /// The base must be saved even where nothing is written, or the next merge would not know that
    /// this one kept a local value.
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
        changes.sort_unstable();
        changes
    }
}

/// How a contact comes to be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It is linked to the person already.
    Linked,
    /// It is about to be linked: there is no base yet.
    Linking,
}

/// Settles every row of the mapping.
#[must_use]
pub fn merge(
    rows: &[Row],
    stated: &[Stated],
    contact: &Contact,
    conflict: Conflict,
    occasion: Occasion,
) -> Merged {
    let mut merged = Merged::default();
    for (position, (row, stated)) in rows.iter().zip(stated).enumerate() {
        let local = contact.field(&row.field);
        let base = contact.base(&row.field);
        let settled = settle(row, stated, local, base, conflict, occasion);
        if settled.overruled {
            merged.overruled.push(position);
        }
        merged.save_base |= settled.save_base;
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
    merged.blanks.sort_unstable();
    merged
}

/// One field, settled.
#[derive(Default)]
struct Settled {
    write: Option<String>,
    /// Empty the field.
    blank: bool,
    base: Option<String>,
    save_base: bool,
    overruled: bool,
}

impl Settled {
    fn keep(base: Option<&str>) -> Self {
        Self {
            base: base.map(str::to_owned),
            ..Self::default()
        }
    }

    fn take(value: &str) -> Self {
        Self {
            write: Some(value.to_owned()),
            base: Some(value.to_owned()),
            ..Self::default()
        }
    }

    /// Keeps the local value, and remembers the directory's beside it.
    fn keep_beside(value: &str) -> Self {
        Self {
            base: Some(value.to_owned()),
            save_base: true,
            ..Self::default()
        }
    }
}

fn settle(
    row: &Row,
    stated: &Stated,
    local: Option<&str>,
    base: Option<&str>,
    conflict: Conflict,
    occasion: Occasion,
) -> Settled {
    if row.only_on_create && occasion == Occasion::Linked {
        return Settled::keep(base);
    }
    match stated {
        Stated::Unstated => Settled::keep(base),
        Stated::Assumed(_) if occasion == Occasion::Linked => Settled::keep(base),
        Stated::Value(value) | Stated::Assumed(value) => {
            if local == Some(value) {
                return Settled::keep(Some(value));
            }
            match conflict {
                Conflict::SourceWins => Settled::take(value),
                Conflict::KeepLocal if local.is_none() => Settled::take(value),
                Conflict::KeepLocal => Settled::keep(base),
                Conflict::Merge => three_way(value, local, base),
            }
        }
        Stated::Empty => empty(row, local, base, conflict),
    }
}

/// The directory states a value that differs from the local one.
fn three_way(stated: &str, local: Option<&str>, base: Option<&str>) -> Settled {
    match base {
        // Nobody edited it here, so the directory did.
        _ if local == base => Settled::take(stated),
        // The directory says what it said before, so it was edited, or emptied, here.
        Some(base) if base == stated => Settled::keep(Some(base)),
        Some(_) => Settled {
            overruled: true,
            ..Settled::take(stated)
        },
        // No common ancestor: what somebody wrote here is not thrown away.
        None => Settled::keep_beside(stated),
    }
}

/// The directory states that there is nothing.
fn empty(row: &Row, local: Option<&str>, base: Option<&str>, conflict: Conflict) -> Settled {
    let filled_by_directory = match conflict {
        Conflict::SourceWins => base.is_some(),
        Conflict::KeepLocal => false,
        Conflict::Merge => base.is_some() && local == base,
    };
    if local.is_some() && filled_by_directory && !row.mandatory {
        Settled {
            blank: true,
            ..Settled::keep(base)
        }
    } else {
        Settled::keep(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::samples::{linked_with_base, row};

    /// Settles one linked field and tells what it holds afterwards, and its base.
    fn settled(
        conflict: Conflict,
        stated: Stated,
        local: Option<&str>,
        base: Option<&str>,
    ) -> (Option<String>, Option<String>) {
        let field = |value: &str| ("title".to_owned(), value.to_owned());
        let contact = linked_with_base(
            "1",
            "u1",
            local.map(field).as_slice(),
            base.map(field).as_slice(),
        );
        let merged = merge(
            &[row("jobTitle", "title")],
            &[stated],
            &contact,
            conflict,
            Occasion::Linked,
        );
        let after = match (merged.writes.first(), merged.blanks.is_empty()) {
            (Some(write), _) => write.value.clone(),
            (None, false) => None,
            (None, true) => local.map(str::to_owned),
        };
        (after, merged.base.first().map(|field| field.value.clone()))
    }

    fn value(text: &str) -> Stated {
        Stated::Value(text.to_owned())
    }

    fn holds(after: &str, base: &str) -> (Option<String>, Option<String>) {
        (Some(after.to_owned()), Some(base.to_owned()))
    }

    const EVERY_POLICY: [Conflict; 3] =
        [Conflict::SourceWins, Conflict::KeepLocal, Conflict::Merge];

    #[test]
    fn what_is_not_stated_changes_nothing_under_any_policy() {
        for conflict in EVERY_POLICY {
            assert_eq!(
                settled(conflict, Stated::Unstated, Some("Chef"), Some("Cook")),
                holds("Chef", "Cook")
            );
            let assumed = Stated::Assumed("Baker".to_owned());
            assert_eq!(
                settled(conflict, assumed, Some("Chef"), Some("Cook")),
                holds("Chef", "Cook")
            );
        }
    }

    #[test]
    fn source_wins_over_a_local_edit() {
        assert_eq!(
            settled(
                Conflict::SourceWins,
                value("Cook"),
                Some("Chef"),
                Some("Cook")
            ),
            holds("Cook", "Cook")
        );
    }

    #[test]
    fn keep_local_fills_only_what_is_empty() {
        assert_eq!(
            settled(Conflict::KeepLocal, value("Cook"), Some("Chef"), None),
            (Some("Chef".into()), None)
        );
        assert_eq!(
            settled(Conflict::KeepLocal, value("Cook"), None, None),
            holds("Cook", "Cook")
        );
    }

    #[test]
    fn merge_takes_the_directorys_edit_where_nobody_edited_here() {
        assert_eq!(
            settled(Conflict::Merge, value("Chef"), Some("Cook"), Some("Cook")),
            holds("Chef", "Chef")
        );
    }

    #[test]
    fn merge_keeps_the_local_edit_where_the_directory_did_not_change() {
        assert_eq!(
            settled(Conflict::Merge, value("Cook"), Some("Chef"), Some("Cook")),
            holds("Chef", "Cook")
        );
        assert_eq!(
            settled(Conflict::Merge, value("Cook"), None, Some("Cook")),
            (None, Some("Cook".into()))
        );
    }

    #[test]
    fn merge_lets_the_directory_win_where_both_edited_and_says_so() {
        let field = |value: &str| [("title".to_owned(), value.to_owned())];
        let contact = linked_with_base("1", "u1", &field("Chef"), &field("Cook"));
        let merged = merge(
            &[row("jobTitle", "title")],
            &[value("Baker")],
            &contact,
            Conflict::Merge,
            Occasion::Linked,
        );
        assert_eq!(
            merged.writes,
            [FieldWrite {
                name: "title".into(),
                value: Some("Baker".into())
            }]
        );
        assert_eq!(merged.overruled, [0]);
    }

    #[test]
    fn merge_keeps_a_value_without_ancestor_and_then_follows_the_directory() {
        assert_eq!(
            settled(Conflict::Merge, value("Cook"), Some("Chef"), None),
            holds("Chef", "Cook")
        );
        assert_eq!(
            settled(Conflict::Merge, value("Baker"), Some("Chef"), Some("Cook")),
            holds("Baker", "Baker")
        );
    }

    #[test]
    fn null_empties_a_field_only_where_the_directory_had_filled_it() {
        assert_eq!(
            settled(
                Conflict::SourceWins,
                Stated::Empty,
                Some("Cook"),
                Some("Cook")
            ),
            (None, Some("Cook".into())),
            "the base stays until the field is emptied"
        );
        assert_eq!(
            settled(Conflict::Merge, Stated::Empty, Some("Cook"), Some("Cook")),
            (None, Some("Cook".into()))
        );
        for conflict in EVERY_POLICY {
            assert_eq!(
                settled(conflict, Stated::Empty, Some("Chef"), None),
                (Some("Chef".into()), None)
            );
        }
        assert_eq!(
            settled(Conflict::Merge, Stated::Empty, Some("Chef"), Some("Cook")),
            holds("Chef", "Cook")
        );
        assert_eq!(
            settled(
                Conflict::KeepLocal,
                Stated::Empty,
                Some("Cook"),
                Some("Cook")
            ),
            holds("Cook", "Cook")
        );
    }

    #[test]
    fn a_mandatory_field_is_never_emptied() {
        let field = [("title".to_owned(), "Cook".to_owned())];
        let contact = linked_with_base("1", "u1", &field, &field);
        let mut row = row("jobTitle", "title");
        row.mandatory = true;
        let merged = merge(
            &[row],
            &[Stated::Empty],
            &contact,
            Conflict::SourceWins,
            Occasion::Linked,
        );
        assert_eq!(merged.blanks, []);
    }

    #[test]
    fn a_field_of_the_first_day_is_not_updated_later() {
        let contact = linked_with_base("1", "u1", &[("title".to_owned(), "Cook".to_owned())], &[]);
        let mut row = row("jobTitle", "title");
        row.only_on_create = true;
        let merged = merge(
            &[row],
            &[value("Chef")],
            &contact,
            Conflict::SourceWins,
            Occasion::Linked,
        );
        assert_eq!(merged.writes, []);
    }
}
