//! Every cell of the merge, and the sentences that the cells follow from.

use super::*;
use crate::reconcile::test_samples::{linked_with_base, row};

/// The table, from the README's sentences about `conflict`, `mandatory` and `onlyOnCreate`.
const CELLS: &str = include_str!("merge_cells.txt");
const TITLE: &str = "title";

/// What the directory says, column by column.
fn columns() -> [Stated; 5] {
    [
        Stated::Unstated,
        Stated::Assumed("B".to_owned()),
        Stated::Empty,
        value("A"),
        value("B"),
    ]
}

fn value(text: &str) -> Stated {
    Stated::Value(text.to_owned())
}

fn filled(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

fn conflict(word: &str) -> Conflict {
    match word {
        "source-wins" => Conflict::SourceWins,
        "keep-local" => Conflict::KeepLocal,
        "merge" => Conflict::Merge,
        other => panic!("{other}"),
    }
}

fn titled(value: &str) -> (String, String) {
    (TITLE.to_owned(), value.to_owned())
}

/// A contact with one field and its base, linked or about to be.
fn contact(local: Option<&str>, base: Option<&str>, is_linked: bool) -> Contact {
    let mut contact = linked_with_base(
        "1",
        "u1",
        local.map(titled).as_slice(),
        base.map(titled).as_slice(),
    );
    if !is_linked {
        contact.link = None;
    }
    contact
}

/// What the field holds, its base, and whether both sides had edited it, as a cell says it.
fn cell(local: Option<&str>, merged: &Merged) -> String {
    let is_emptied = !merged.blanks.is_empty();
    let held = match merged.writes.first() {
        Some(write) => write.value.as_deref(),
        None => local.filter(|_| !is_emptied),
    };
    // Once a field is emptied, its base is gone.
    let base = merged.base.first().filter(|_| !is_emptied);
    format!(
        "{}/{}{}",
        held.unwrap_or("-"),
        base.map_or("-", |field| field.value.as_str()),
        if merged.overruled.is_empty() { "" } else { "!" }
    )
}

#[test]
fn every_cell_is_as_the_table_says() {
    let reconciled = [TITLE.to_owned()];
    let mut told = 0;
    for line in CELLS.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [kind, policy, occasion, base, local, cells @ ..] = words.as_slice() else {
            panic!("{line}");
        };
        let mut row = row("jobTitle", TITLE);
        row.mandatory = *kind == "mandatory";
        row.only_on_create = *kind == "only-on-create";
        let (base_value, reconciled) = match *base {
            "none" => (None, &[][..]),
            "nothing" => (None, &reconciled[..]),
            value => (Some(value), &reconciled[..]),
        };
        let occasion = match *occasion {
            "linked" => Occasion::Linked { reconciled },
            "by-address" => Occasion::ByAddress,
            "by-id" => Occasion::ById,
            other => panic!("{other}"),
        };
        let is_linked = matches!(occasion, Occasion::Linked { .. });
        let before = contact(filled(local), base_value, is_linked);
        assert_eq!(cells.len(), columns().len(), "{line}");
        for (stated, expected) in columns().iter().zip(cells) {
            let merged = merge(
                std::slice::from_ref(&row),
                std::slice::from_ref(stated),
                &before,
                conflict(policy),
                occasion,
            );
            assert_eq!(
                cell(filled(local), &merged),
                **expected,
                "{line}\n{stated:?}"
            );
            told += 1;
        }
    }
    // Field, conflict, contact and directory, by five ways to a base: three of a link, two of none.
    assert_eq!(told, 3 * 3 * 3 * 5 * (3 + 2));
}

/// Settles one linked field and says what a store would hold afterwards.
fn settled(conflict: Conflict, stated: Stated, before: &Contact) -> Contact {
    let reconciled = [TITLE.to_owned()];
    let merged = merge(
        &[row("jobTitle", TITLE)],
        &[stated],
        before,
        conflict,
        Occasion::Linked {
            reconciled: &reconciled,
        },
    );
    let told = cell(before.field(TITLE), &merged);
    let (held, base) = told.trim_end_matches('!').split_once('/').unwrap();
    contact(filled(held), filled(base), true)
}

const EVERY_POLICY: [Conflict; 3] = [Conflict::SourceWins, Conflict::KeepLocal, Conflict::Merge];

#[test]
fn where_both_sides_came_to_say_the_same_that_is_the_base() {
    for policy in EVERY_POLICY {
        let agreed = settled(policy, value("B"), &contact(Some("B"), Some("A"), true));
        assert_eq!(agreed.base(TITLE), Some("B"), "{policy:?}");
        let emptied = settled(policy, Stated::Empty, &contact(None, Some("A"), true));
        assert_eq!(emptied.base(TITLE), None, "{policy:?}");
    }
    // So a merge follows the directory from there, and back.
    let agreed = settled(
        Conflict::Merge,
        value("B"),
        &contact(Some("B"), Some("A"), true),
    );
    let back = settled(Conflict::Merge, value("A"), &agreed);
    assert_eq!(back.field(TITLE), Some("A"));
}

#[test]
fn a_base_that_moves_is_saved_and_one_that_stays_is_not() {
    let saves = |local, base, stated| {
        let before = contact(local, base, true);
        let occasion = Occasion::Linked { reconciled: &[] };
        let rows = [row("jobTitle", TITLE)];
        merge(&rows, &[stated], &before, Conflict::Merge, occasion).save_base
    };
    assert!(saves(Some("B"), Some("A"), value("B")));
    assert!(saves(None, Some("A"), Stated::Empty));
    assert!(saves(Some("A"), None, value("A")));
    assert!(!saves(Some("A"), Some("A"), value("A")));
    assert!(!saves(Some("B"), Some("A"), value("A")));
    assert!(!saves(Some("B"), Some("A"), Stated::Unstated));
    assert!(!saves(Some("A"), Some("A"), Stated::Empty), "not yet");
}

#[test]
fn what_the_base_says_of_fields_that_are_not_mapped_now_stays() {
    let both = [titled("A"), ("company".to_owned(), "Contoso".to_owned())];
    let before = linked_with_base("1", "u1", &both, &both);
    let occasion = Occasion::Linked { reconciled: &[] };
    for stated in [value("B"), value("A"), Stated::Empty, Stated::Unstated] {
        let merged = merge(
            &[row("jobTitle", TITLE)],
            &[stated],
            &before,
            Conflict::Merge,
            occasion,
        );
        let company = merged.base.iter().find(|field| field.name == "company");
        assert_eq!(company.map(|field| field.value.as_str()), Some("Contoso"));
        assert!(!merged.save_base || !merged.writes.is_empty());
    }
}

#[test]
fn only_the_directory_empties_and_only_what_it_filled() {
    for policy in EVERY_POLICY {
        for base in [Base::None, Base::Nothing] {
            let kept = settled(policy, Stated::Empty, &contact(Some("B"), None, true));
            assert_eq!(kept.field(TITLE), Some("B"), "{policy:?} {base:?}");
        }
    }
}
