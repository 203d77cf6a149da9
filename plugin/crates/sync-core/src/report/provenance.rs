//! Where the value of a field comes from, and which policy keeps it so.
//!
//! This is [`merge`] told backwards: for each way in which a merge leaves a field as it is, the
//! sentence that says why.
//!
//! [`merge`]: crate::reconcile::merge

use crate::contact::Effect;
use crate::mapping::rows::Row;
use crate::ports::JournalEntry;
use crate::reconcile::asking::Side;
use crate::reconcile::merge::Base;
use crate::reconcile::reason::Reason;
use crate::settings::{Conflict, Policies};
use guest_kit::ordered::Map;

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
    /// Both sides have changed it, and a person decides.
    Contested,
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

/// Tells it, of a contact that has no link any more, from the changes that wrote the field: those of the
/// contact, newest first. A value that an undo put back comes from where it came from before.
#[must_use]
pub fn from_history(value: Option<&str>, journal: &[&JournalEntry], field: &str) -> Origin {
    let mut by_directory: Map<Option<&str>, bool> = Map::new();
    let mut last = None;
    let written = journal
        .iter()
        .rev()
        .filter(|entry| entry.effect != Effect::Delete);
    for entry in written {
        let of_field = entry.fields.iter().filter(|change| change.field == field);
        for change in of_field {
            let (found, left) = (change.before.as_deref(), change.after.as_deref());
            by_directory.or_default(found);
            if entry.reason == Reason::Undo.code() {
                by_directory.or_default(left);
            } else {
                by_directory.insert(left, true);
            }
            last = Some(left);
        }
    }
    let is_directorys = |value| by_directory.get(&value).copied().unwrap_or_default();
    match last {
        Some(left) if left == value && value.is_some() && is_directorys(value) => Origin::Directory,
        Some(left) if left != value && left.is_some() && is_directorys(left) => Origin::Local,
        _ if value.is_some() => Origin::Host,
        _ => Origin::Nobody,
    }
}

/// What is said of a field that both sides have changed, by what was decided.
#[must_use]
pub fn contested(decided: Option<Side>) -> &'static str {
    match decided {
        None => {
            "Directory and contact have both changed it since they agreed last, and nobody has decided whose value counts."
        }
        Some(Side::Directory) => {
            "Directory and contact have both changed it; the directory's value counts, as somebody decided, and the next \
             sync writes it here."
        }
        Some(Side::Contact) => {
            "Directory and contact have both changed it; the contact's value counts, as somebody decided, and the next \
             sync gives it to the directory."
        }
    }
}

/// What is said of a field that a limit keeps filled.
pub const HELD: &str =
    "The directory has no value any more, and a limit holds back that the field is emptied.";

const UPDATES_OFF: &str = "The configuration never updates contacts that are there.";
const ONLY_ON_CREATE: &str = "It is written when the contact is made, and never afterwards.";
const KEEP_LOCAL: &str =
    "The conflict policy keep-local keeps what the contact holds, and fills only what is empty.";
const MERGE_EDIT: &str =
    "The conflict policy merge keeps an edit until the directory has another value of its own.";
const MERGE_OWN: &str =
    "The conflict policy merge does not throw away what was written here first.";
const MERGE_UNTIL: &str =
    "The directory had no value; the conflict policy merge keeps what is here until it has one.";
const NEVER_FILLED: &str = "A value is emptied only where the directory had filled it.";
const MANDATORY: &str = "The field is mandatory: it is never emptied.";

/// Which policy keeps the field of a linked contact as it is, where one does, in a sentence. `None`
/// where the next value that the directory states takes its place.
#[must_use]
pub fn kept_by(
    row: &Row,
    value: Option<&str>,
    base: Base<'_>,
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
    match (Origin::of(value, base.value()), policies.conflict) {
        (Origin::Local, Conflict::Merge) => Some(MERGE_EDIT),
        (Origin::Host, Conflict::Merge) if base == Base::Nothing => Some(MERGE_UNTIL),
        (Origin::Host, Conflict::Merge) => Some(MERGE_OWN),
        (Origin::Host, _) => Some(NEVER_FILLED),
        (Origin::Directory, _) if row.mandatory => Some(MANDATORY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{ContactId, ObjectId};
    use crate::mapping::person::Stated;
    use crate::ports::{FieldChange, Timestamp};
    use crate::reconcile::merge::{Occasion, merge};
    use crate::reconcile::test_samples::{linked_with_base, mirroring, row};

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

    /// A field's base as it stands in a link: a value, or a field that is told of, or is not.
    const BASES: [Base<'_>; 4] = [
        Base::None,
        Base::Nothing,
        Base::Value("A"),
        Base::Value("B"),
    ];
    /// A change of contact 7 by a run.
    fn wrote(reason: Reason, before: Option<&str>, after: Option<&str>) -> JournalEntry {
        JournalEntry {
            number: 1,
            run: Some("r1".to_owned()),
            at: Timestamp(0),
            object_id: ObjectId::new("u1"),
            contact: ContactId::new("7"),
            effect: Effect::Update,
            reason: reason.code().to_owned(),
            evidence: None,
            fields: vec![FieldChange {
                field: "title".to_owned(),
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
            }],
            joins: Vec::new(),
            leaves: Vec::new(),
            version: 1,
            directory: Vec::new(),
        }
    }

    #[test]
    fn where_there_is_no_link_the_history_tells_the_origin() {
        let directory = wrote(Reason::DirectoryChanged, Some("Here"), Some("A"));
        let back = wrote(Reason::Undo, Some("A"), Some("Here"));
        let again = wrote(Reason::Undo, Some("Here"), Some("A"));
        let emptied = wrote(Reason::DirectoryChanged, Some("A"), None);
        for (journal, value, expected) in [
            (vec![], Some("Here"), Origin::Host),
            (vec![], None, Origin::Nobody),
            (vec![&directory], Some("A"), Origin::Directory),
            (vec![&directory], Some("Edited"), Origin::Local),
            (vec![&directory], None, Origin::Local),
            (vec![&back, &directory], Some("Here"), Origin::Host),
            (
                vec![&again, &back, &directory],
                Some("A"),
                Origin::Directory,
            ),
            (vec![&emptied, &directory], None, Origin::Nobody),
            (vec![&emptied, &directory], Some("Filled"), Origin::Host),
        ] {
            let told = from_history(value, &journal, "title");
            assert_eq!(told, expected, "{value:?} {journal:?}");
        }
    }

    #[test]
    fn each_policy_has_its_sentence() {
        use Conflict::{KeepLocal, Merge, SourceWins};
        let (a, b) = (Base::Value("A"), Base::Value("B"));
        for (conflict, value, base, expected) in [
            (SourceWins, Some("A"), a, None),
            (SourceWins, Some("A"), b, None),
            (SourceWins, None, b, None),
            (SourceWins, Some("A"), Base::None, Some(NEVER_FILLED)),
            (SourceWins, Some("A"), Base::Nothing, Some(NEVER_FILLED)),
            (KeepLocal, Some("A"), a, Some(KEEP_LOCAL)),
            (KeepLocal, Some("A"), Base::None, Some(KEEP_LOCAL)),
            (KeepLocal, None, b, None),
            (Merge, Some("A"), a, None),
            (Merge, Some("A"), b, Some(MERGE_EDIT)),
            (Merge, None, b, Some(MERGE_EDIT)),
            (Merge, Some("A"), Base::None, Some(MERGE_OWN)),
            (Merge, Some("A"), Base::Nothing, Some(MERGE_UNTIL)),
            (Merge, None, Base::None, None),
            (Merge, None, Base::Nothing, None),
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
            kept_by(&once, Some("A"), Base::Value("B"), &merging),
            Some(ONLY_ON_CREATE)
        );
        let additive = Policies {
            update: false,
            ..merging
        };
        assert_eq!(
            kept_by(&once, Some("A"), Base::Value("A"), &additive),
            Some(UPDATES_OFF)
        );
    }

    #[test]
    fn a_mandatory_field_is_kept_filled() {
        let mut mandatory = row("mail", "email");
        mandatory.mandatory = true;
        let mirror = policies(Conflict::SourceWins);
        assert_eq!(
            kept_by(&mandatory, Some("A"), Base::Value("A"), &mirror),
            Some(MANDATORY)
        );
    }

    /// What a merge makes of a field of a linked contact, whose base is given.
    fn settled(
        conflict: Conflict,
        stated: Stated,
        value: Option<&str>,
        base: Base<'_>,
    ) -> Option<String> {
        let field = |value: &str| ("title".to_owned(), value.to_owned());
        let contact = linked_with_base(
            "1",
            "u1",
            value.map(field).as_slice(),
            base.value().map(field).as_slice(),
        );
        let told = ["title".to_owned()];
        let reconciled: &[String] = if base == Base::None { &[] } else { &told };
        let merged = merge(
            &[row("jobTitle", "title")],
            &[stated],
            &contact,
            conflict,
            Occasion::Linked { reconciled },
        );
        match (merged.writes.first(), merged.blanks.is_empty()) {
            (Some(write), _) => write.value.clone(),
            (None, true) => value.map(str::to_owned),
            (None, false) => None,
        }
    }

    /// Every value and base under every policy, with the sentence that `explain` tells.
    fn each_case(check: impl Fn(Conflict, Option<&str>, Base<'_>, Option<&str>)) {
        for conflict in CONFLICTS {
            for value in VALUES {
                for base in BASES {
                    let row = row("jobTitle", "title");
                    let kept = kept_by(&row, value, base, &policies(conflict));
                    check(conflict, value, base, kept);
                }
            }
        }
    }

    #[test]
    fn where_no_policy_keeps_a_field_a_merge_brings_back_what_the_directory_says() {
        each_case(|conflict, value, base, kept| {
            let said_last = base
                .value()
                .map_or(Stated::Empty, |base| Stated::Value(base.to_owned()));
            let after = settled(conflict, said_last, value, base);
            let stays = after.as_deref() == value;
            assert!(
                kept.is_none() || stays,
                "{conflict:?} {value:?} {base:?} {kept:?}"
            );
            assert!(
                kept.is_some() || !stays || value == base.value(),
                "{conflict:?} {value:?} {base:?}"
            );
        });
    }

    /// Each sentence that says what happens later is true of what then happens.
    #[test]
    fn what_a_sentence_says_of_later_comes_true() {
        each_case(|conflict, value, base, kept| {
            let next = |stated| settled(conflict, stated, value, base);
            let another = next(Stated::Value("C".to_owned()));
            let emptied = next(Stated::Empty);
            let here = value.map(str::to_owned);
            match kept {
                Some(MERGE_EDIT | MERGE_UNTIL) => {
                    assert_eq!(another.as_deref(), Some("C"), "{value:?} {base:?}");
                    assert_eq!(emptied, here, "{value:?} {base:?}");
                }
                Some(MERGE_OWN | KEEP_LOCAL) => {
                    assert_eq!((&another, &emptied), (&here, &here), "{value:?} {base:?}");
                }
                Some(NEVER_FILLED) => {
                    assert_eq!(another.as_deref(), Some("C"), "{value:?} {base:?}");
                    assert_eq!(emptied, here, "{value:?} {base:?}");
                }
                Some(other) => panic!("no case for {other}"),
                None => assert_eq!(another.as_deref(), Some("C"), "{value:?} {base:?}"),
            }
        });
    }
}
