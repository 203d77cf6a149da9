//! Where the value of a field comes from, and which policy keeps it so.
//!
//! This is [`merge`] told backwards: for each way in which a merge leaves a field as it is, the
//! sentence that says why.
//!
//! [`merge`]: crate::reconcile::merge

use crate::config::settings::{Conflict, Policies};
use crate::mapping::rows::Row;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The directory: field and base agree.
    Directory,
    /// Edited, or emptied, at the host since the directory's value was written.
    Local,
    /// Filled at the host; the directory has no value, or has not been asked yet.
    Host,
    /// Neither side has a value.
    Nobody,
}

impl Origin {
    /// Tells it from what the field holds and the directory's value at the last reconciliation.
    #[must_use]
    pub fn of(value: Option<&str>, base: Option<&str>) -> Self {
        match (value, base) {
            (None, None) => Self::Nobody,
            (Some(_), None) => Self::Host,
            (value, base) if value == base => Self::Directory,
            _ => Self::Local,
        }
    }
}

const UPDATES_OFF: &str = "The configuration never updates contacts that are there.";
const ONLY_ON_CREATE: &str = "It is written when the contact is made, and never afterwards.";
const KEEP_LOCAL: &str =
    "The conflict policy keep-local keeps what the contact holds, and fills only what is empty.";
const MERGE_EDIT: &str =
    "The conflict policy merge keeps an edit until the directory changes its own value.";
const MERGE_OWN: &str =
    "The conflict policy merge does not throw away what was written here first.";
const NEVER_FILLED: &str = "A value is emptied only where the directory had filled it.";
const MANDATORY: &str = "The field is mandatory: it is never emptied.";

/// Which policy keeps the field of a linked contact as it is, where one does, in a sentence. `None`
/// where the next value that the directory states takes its place.
#[must_use]
pub fn kept_by(
    row: &Row,
    value: Option<&str>,
    base: Option<&str>,
    policies: &Policies,
) -> Option<&'static str> {
    if !policies.update {
        return Some(UPDATES_OFF);
    }
    if row.only_on_create {
        return Some(ONLY_ON_CREATE);
    }
    if policies.conflict == Conflict::KeepLocal {
        return value.is_some().then_some(KEEP_LOCAL);
    }
    match (Origin::of(value, base), policies.conflict) {
        (Origin::Local, Conflict::Merge) => Some(MERGE_EDIT),
        (Origin::Host, Conflict::Merge) => Some(MERGE_OWN),
        (Origin::Host, _) => Some(NEVER_FILLED),
        (Origin::Directory, _) if row.mandatory => Some(MANDATORY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::person::Stated;
    use crate::reconcile::merge::{Occasion, merge};
    use crate::reconcile::samples::{linked_with_base, mirroring, row};

    const VALUES: [Option<&str>; 3] = [None, Some("A"), Some("B")];
    const CONFLICTS: [Conflict; 3] = [Conflict::SourceWins, Conflict::KeepLocal, Conflict::Merge];

    fn policies(conflict: Conflict) -> Policies {
        Policies {
            conflict,
            ..mirroring()
        }
    }

    #[test]
    fn the_origin_is_told_by_value_and_base() {
        for (value, base, expected) in [
            (None, None, Origin::Nobody),
            (Some("A"), None, Origin::Host),
            (Some("A"), Some("A"), Origin::Directory),
            (Some("A"), Some("B"), Origin::Local),
            (None, Some("B"), Origin::Local),
        ] {
            assert_eq!(Origin::of(value, base), expected, "{value:?} {base:?}");
        }
    }

    #[test]
    fn each_policy_has_its_sentence() {
        use Conflict::{KeepLocal, Merge, SourceWins};
        for (conflict, value, base, expected) in [
            (SourceWins, Some("A"), Some("A"), None),
            (SourceWins, Some("A"), Some("B"), None),
            (SourceWins, None, Some("B"), None),
            (SourceWins, Some("A"), None, Some(NEVER_FILLED)),
            (KeepLocal, Some("A"), Some("A"), Some(KEEP_LOCAL)),
            (KeepLocal, Some("A"), None, Some(KEEP_LOCAL)),
            (KeepLocal, None, Some("B"), None),
            (Merge, Some("A"), Some("A"), None),
            (Merge, Some("A"), Some("B"), Some(MERGE_EDIT)),
            (Merge, None, Some("B"), Some(MERGE_EDIT)),
            (Merge, Some("A"), None, Some(MERGE_OWN)),
            (Merge, None, None, None),
        ] {
            let kept = kept_by(&row("jobTitle", "title"), value, base, &policies(conflict));
            assert_eq!(kept, expected, "{conflict:?} {value:?} {base:?}");
        }
    }

    #[test]
    fn a_row_that_is_written_once_and_a_configuration_without_updates_come_first() {
        let mut once = row("jobTitle", "title");
        once.only_on_create = true;
        let merging = policies(Conflict::Merge);
        assert_eq!(
            kept_by(&once, Some("A"), Some("B"), &merging),
            Some(ONLY_ON_CREATE)
        );
        let additive = Policies {
            update: false,
            ..merging
        };
        assert_eq!(
            kept_by(&once, Some("A"), Some("A"), &additive),
            Some(UPDATES_OFF)
        );
    }

    #[test]
    fn a_mandatory_field_is_kept_filled() {
        let mut mandatory = row("mail", "email");
        mandatory.mandatory = true;
        let mirror = policies(Conflict::SourceWins);
        assert_eq!(
            kept_by(&mandatory, Some("A"), Some("A"), &mirror),
            Some(MANDATORY)
        );
    }

    /// What a merge does with a field, where the directory states what it said last.
    #[test]
    fn where_no_policy_keeps_a_field_a_merge_brings_back_what_the_directory_says() {
        for conflict in CONFLICTS {
            for value in VALUES {
                for base in VALUES {
                    let row = row("jobTitle", "title");
                    let kept = kept_by(&row, value, base, &policies(conflict));
                    let field = |value: &str| ("title".to_owned(), value.to_owned());
                    let contact = linked_with_base(
                        "1",
                        "u1",
                        value.map(field).as_slice(),
                        base.map(field).as_slice(),
                    );
                    let stated = base.map_or(Stated::Empty, |base| Stated::Value(base.to_owned()));
                    let merged = merge(&[row], &[stated], &contact, conflict, Occasion::Linked);
                    let stays = merged.writes.is_empty() && merged.blanks.is_empty();
                    assert!(
                        kept.is_none() || stays,
                        "{conflict:?} {value:?} {base:?} {kept:?}"
                    );
                    assert!(
                        kept.is_some() || !stays || value == base,
                        "{conflict:?} {value:?} {base:?}"
                    );
                }
            }
        }
    }
}
