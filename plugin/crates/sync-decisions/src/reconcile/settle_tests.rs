//! Rows that may write to the directory: every cell, and the sentences that the cells follow from.

use super::*;
use crate::contact::Contact;
use crate::mapping::rows::Purpose;
use crate::reconcile::merge::{Merged, merge};
use crate::reconcile::test_samples::{linked_with_base, row};

/// The table, from the README's sentences about `direction` and `conflicts`.
const CELLS: &str = include_str!("two_way_cells.txt");
const TITLE: &str = "title";
const VALUES: [Option<&str>; 3] = [None, Some("A"), Some("B")];
const DIRECTIONS: [Direction; 3] = [
    Direction::Reverse,
    Direction::TwoWay(Winner::Directory),
    Direction::TwoWay(Winner::Contact),
];
const POLICIES: [Conflict; 3] = [Conflict::SourceWins, Conflict::KeepLocal, Conflict::Merge];

fn columns() -> [Stated; 5] {
    [
        Stated::Unstated,
        Stated::Assumed("B".to_owned()),
        Stated::Empty,
        Stated::Value("A".to_owned()),
        Stated::Value("B".to_owned()),
    ]
}

fn states(value: Option<&str>) -> Stated {
    value.map_or(Stated::Empty, |value| Stated::Value(value.to_owned()))
}

fn filled(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

fn direction(word: &str) -> Direction {
    match word {
        "one-way" => Direction::OneWay,
        "reverse" => Direction::Reverse,
        "two-way-directory" => Direction::TwoWay(Winner::Directory),
        "two-way-contact" => Direction::TwoWay(Winner::Contact),
        other => panic!("{other}"),
    }
}

fn title_row(direction: Direction) -> Row {
    Row {
        direction,
        ..row("jobTitle", TITLE)
    }
}

fn contact(local: Option<&str>, base: Option<&str>) -> Contact {
    let titled = |value: &str| (TITLE.to_owned(), value.to_owned());
    linked_with_base(
        "1",
        "u1",
        local.map(titled).as_slice(),
        base.map(titled).as_slice(),
    )
}

fn settled(row: &Row, stated: &Stated, before: &Contact, occasion: Occasion<'_>) -> Merged {
    merge(
        std::slice::from_ref(row),
        std::slice::from_ref(stated),
        before,
        Conflict::Merge,
        occasion,
    )
}

/// What the contact holds, and its base, once the merge is carried out at the store.
fn carried_out<'v>(
    local: Option<&'v str>,
    merged: &'v Merged,
) -> (Option<&'v str>, Option<&'v str>) {
    let is_emptied = !merged.blanks.is_empty();
    let held = match merged.writes.first() {
        Some(write) => write.value.as_deref(),
        None => local.filter(|_| !is_emptied),
    };
    let base = merged.base.first().filter(|_| !is_emptied);
    (held, base.map(|field| field.value.as_str()))
}

fn cell(local: Option<&str>, merged: &Merged) -> String {
    let (held, base) = carried_out(local, merged);
    let given = merged.gives.first().map_or(String::new(), |give| {
        format!(">{}", give.after.as_deref().unwrap_or("~"))
    });
    format!(
        "{}/{}{given}{}{}",
        held.unwrap_or("-"),
        base.unwrap_or("-"),
        if merged.overruled.is_empty() { "" } else { "!" },
        if merged.prevailing.is_empty() {
            ""
        } else {
            "^"
        },
    )
}

#[test]
fn every_cell_is_as_the_table_says() {
    let reconciled = [TITLE.to_owned()];
    let mut told = 0;
    for line in CELLS.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [way, occasion, base, local, cells @ ..] = words.as_slice() else {
            panic!("{line}");
        };
        let (base, reconciled) = match *base {
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
        let mut before = contact(filled(local), base);
        if !matches!(occasion, Occasion::Linked { .. }) {
            before.link = None;
        }
        assert_eq!(cells.len(), columns().len(), "{line}");
        for (stated, expected) in columns().iter().zip(cells) {
            let merged = settled(&title_row(direction(way)), stated, &before, occasion);
            assert_eq!(
                cell(filled(local), &merged),
                **expected,
                "{line}\n{stated:?}"
            );
            told += 1;
        }
    }
    // Direction, contact and directory, by five ways to a base: three of a link, two of none.
    assert_eq!(told, 3 * 3 * 5 * (3 + 2));
}

/// Every state of a linked row that may write: direction, whether it was reconciled, base, contact, directory.
fn for_every_state(
    mut told: impl FnMut(Direction, &[String], Option<&str>, Option<&str>, Option<&str>),
) {
    for direction in DIRECTIONS {
        for reconciled in [&[][..], &[TITLE.to_owned()][..]] {
            for base in VALUES {
                for local in VALUES {
                    for stated in VALUES {
                        told(direction, reconciled, base, local, stated);
                    }
                }
            }
        }
    }
}

/// One round: what both sides, and the base, hold once everything is carried out.
type Sides = (Option<String>, Option<String>, Option<String>);

fn one_round(row: &Row, reconciled: &[String], sides: &Sides) -> (Sides, bool) {
    let (stated, local, base) = sides;
    let before = contact(local.as_deref(), base.as_deref());
    let merged = settled(
        row,
        &states(stated.as_deref()),
        &before,
        Occasion::Linked { reconciled },
    );
    let (held, base) = carried_out(local.as_deref(), &merged);
    let (directory, base) = match merged.gives.first() {
        Some(give) => (give.after.clone(), give.after.clone()),
        None => (stated.clone(), base.map(str::to_owned)),
    };
    let is_quiet = merged.gives.is_empty() && merged.writes.is_empty() && merged.blanks.is_empty();
    (
        (directory, held.map(str::to_owned), base),
        is_quiet && !merged.save_base,
    )
}

#[test]
fn after_one_round_both_sides_hold_the_same_and_the_next_changes_nothing() {
    for_every_state(|direction, reconciled, base, local, stated| {
        let told = format!(
            "{direction:?} {reconciled:?} base {base:?} contact {local:?} directory {stated:?}"
        );
        let owned = |value: Option<&str>| value.map(str::to_owned);
        let sides = (owned(stated), owned(local), owned(base));
        let (after, _) = one_round(&title_row(direction), reconciled, &sides);
        // What a contact never had, the directory does not lose.
        let is_left = direction == Direction::Reverse
            && local.is_none()
            && (base.is_none() || base != stated);
        if !is_left {
            assert_eq!(after.0, after.1, "{told}");
        }
        let (again, is_quiet) = one_round(&title_row(direction), reconciled, &after);
        assert!(is_quiet, "{told} then {after:?} then {again:?}");
        assert_eq!(again, after, "{told}");
    });
}

#[test]
fn whoever_loses_an_edit_is_told_of_and_nobody_else() {
    for_every_state(|direction, reconciled, base, local, stated| {
        let before = contact(local, base);
        let merged = settled(
            &title_row(direction),
            &states(stated),
            &before,
            Occasion::Linked { reconciled },
        );
        let was_compared = base.is_some() || !reconciled.is_empty();
        let both_moved = was_compared && stated != local && stated != base && local != base;
        let is_told = !merged.overruled.is_empty() || !merged.prevailing.is_empty();
        let is_left =
            merged.gives.is_empty() && merged.writes.is_empty() && merged.blanks.is_empty();
        assert_eq!(
            is_told,
            both_moved && !is_left,
            "{direction:?} {reconciled:?} base {base:?} contact {local:?} directory {stated:?}"
        );
    });
}

#[test]
fn nobody_loses_a_value_to_an_empty_side_that_both_never_agreed_on() {
    for_every_state(|direction, reconciled, base, local, stated| {
        let before = contact(local, base);
        let merged = settled(
            &title_row(direction),
            &states(stated),
            &before,
            Occasion::Linked { reconciled },
        );
        let told = format!("{direction:?} base {base:?} contact {local:?} directory {stated:?}");
        for given in merged.gives.iter().filter(|given| given.after.is_none()) {
            assert!(base.is_some() && given.before.as_deref() == base, "{told}");
        }
        for blank in &merged.blanks {
            assert!(Some(&*blank.value) == base, "{told}");
        }
    });
}

#[test]
fn where_somebody_decides_neither_side_is_written_and_nobody_is_asked_without_need() {
    let way = Direction::TwoWay(Winner::Ask);
    for_every_state(|direction, reconciled, base, local, stated| {
        // The states, each once.
        if direction != Direction::Reverse {
            return;
        }
        let told = format!("{reconciled:?} base {base:?} contact {local:?} directory {stated:?}");
        let occasion = Occasion::Linked { reconciled };
        let before = contact(local, base);
        let asked = settled(&title_row(way), &states(stated), &before, occasion);
        let was_compared = base.is_some() || !reconciled.is_empty();
        let both_moved = stated != local && stated != base && local != base;
        let never_agreed = !was_compared && stated.is_some() && local.is_some() && stated != local;
        let is_asked = (was_compared && both_moved) || never_agreed;
        assert_eq!(asked.asked.len(), usize::from(is_asked), "{told}");
        if is_asked {
            assert_eq!(
                (&asked.gives[..], &asked.writes[..], &asked.blanks[..]),
                (&[][..], &[][..], &[][..])
            );
            assert!(!asked.save_base, "{told}");
        } else {
            // As with any other winner.
            let other = title_row(Direction::TwoWay(Winner::Directory));
            assert_eq!(
                asked,
                settled(&other, &states(stated), &before, occasion),
                "{told}"
            );
        }
    });
}

#[test]
fn what_was_found_by_its_address_and_then_emptied_empties_nothing_in_the_directory() {
    for direction in [Direction::Reverse, Direction::TwoWay(Winner::Contact)] {
        let row = title_row(direction);
        for occasion in [Occasion::ByAddress, Occasion::ById] {
            let mut before = contact(Some("A"), None);
            before.link = None;
            let linked = settled(&row, &states(Some("B")), &before, occasion);
            let base = linked.base.first().map(|field| field.value.as_str());
            for reconciled in [&[][..], &[TITLE.to_owned()][..]] {
                let emptied = contact(None, base);
                let occasion = Occasion::Linked { reconciled };
                let merged = settled(&row, &states(Some("B")), &emptied, occasion);
                assert_eq!(merged.gives, [], "{direction:?}");
            }
        }
    }
}

#[test]
fn a_row_that_is_read_only_never_gives_the_directory_anything() {
    for conflict in POLICIES {
        for base in VALUES {
            for local in VALUES {
                for stated in columns() {
                    let before = contact(local, base);
                    let rows = [title_row(Direction::OneWay)];
                    let occasion = Occasion::Linked { reconciled: &[] };
                    let merged = merge(&rows, &[stated], &before, conflict, occasion);
                    assert_eq!(merged.gives, []);
                }
            }
        }
    }
}

#[test]
fn the_policy_of_rows_that_are_read_only_does_not_touch_those_that_write() {
    for_every_state(|direction, reconciled, base, local, stated| {
        let before = contact(local, base);
        let by = |conflict| {
            let occasion = Occasion::Linked { reconciled };
            merge(
                &[title_row(direction)],
                &[states(stated)],
                &before,
                conflict,
                occasion,
            )
        };
        let [first, others @ ..] = POLICIES.map(by);
        for other in others {
            assert_eq!(first, other);
        }
    });
}

#[test]
fn a_number_with_the_same_digits_is_no_change_on_either_side() {
    let forms = ["+44 7700 900123", "+447700900123", "+44 (7700) 900-123"];
    for direction in DIRECTIONS {
        let row = Row {
            direction,
            ..row("mobilePhone", TITLE)
        };
        for (stated, local, base) in [(0, 1, 2), (1, 0, 0), (2, 2, 0), (1, 0, 1)] {
            let before = contact(Some(forms[local]), Some(forms[base]));
            let merged = settled(
                &row,
                &states(Some(forms[stated])),
                &before,
                Occasion::Linked { reconciled: &[] },
            );
            assert_eq!((&merged.gives[..], &merged.writes[..]), (&[][..], &[][..]));
        }
    }
}

#[test]
fn what_somebody_edited_outlasts_a_row_that_comes_into_e164() {
    let row = Row {
        purpose: Purpose::E164,
        ..row("mobilePhone", TITLE)
    };
    let (before, stated) = ("07400 123456", "+447400123456");
    let after = |local: Option<&'static str>, base: &str| {
        let merged = settled(
            &row,
            &states(Some(stated)),
            &contact(local, Some(base)),
            Occasion::Linked { reconciled: &[] },
        );
        let (held, base) = carried_out(local, &merged);
        (held.map(str::to_owned), base.map(str::to_owned))
    };
    let owned = |held: Option<&str>, base: &str| (held.map(str::to_owned), Some(base.to_owned()));
    let edited = Some("+44 7400 999999");
    assert_eq!(after(edited, before), owned(edited, stated));
    assert_eq!(after(None, before), owned(None, before));
    assert_eq!(after(Some(before), before), owned(Some(stated), stated));
    // Of numbers in E.164 it can be told that the directory has moved.
    assert_eq!(after(edited, "+447400000000"), owned(Some(stated), stated));
}

#[test]
fn accents_that_are_kept_in_another_way_are_no_change_on_either_side() {
    let way = title_row(Direction::TwoWay(Winner::Contact));
    let occasion = Occasion::Linked { reconciled: &[] };
    let merged = settled(
        &way,
        &states(Some("E\u{301}tudes")),
        &contact(Some("\u{c9}tudes"), Some("A")),
        occasion,
    );
    assert_eq!((&merged.gives[..], &merged.writes[..]), (&[][..], &[][..]));
}

#[test]
fn white_space_around_a_value_is_neither_written_nor_a_change() {
    let way = title_row(Direction::TwoWay(Winner::Contact));
    let occasion = Occasion::Linked { reconciled: &[] };
    let given = settled(
        &way,
        &states(Some("A")),
        &contact(Some(" B\t"), Some("A")),
        occasion,
    );
    assert_eq!(given.gives[0].after.as_deref(), Some("B"));
    let echo = settled(
        &way,
        &states(Some("B")),
        &contact(Some(" B\t"), Some("B")),
        occasion,
    );
    assert_eq!((&echo.gives[..], &echo.writes[..]), (&[][..], &[][..]));
}

#[test]
fn what_the_directory_never_lets_be_empty_comes_back_to_the_contact() {
    let occasion = Occasion::Linked { reconciled: &[] };
    for winner in [Winner::Directory, Winner::Contact] {
        let way = Row {
            always_filled: true,
            ..title_row(Direction::TwoWay(winner))
        };
        let merged = settled(
            &way,
            &states(Some("A")),
            &contact(None, Some("A")),
            occasion,
        );
        assert_eq!(cell(None, &merged), "A/A");
    }
    let reverse = Row {
        always_filled: true,
        ..title_row(Direction::Reverse)
    };
    let merged = settled(
        &reverse,
        &states(Some("A")),
        &contact(None, Some("A")),
        occasion,
    );
    assert_eq!(cell(None, &merged), "-/A");
}

#[test]
fn a_field_that_the_store_demands_is_not_emptied_by_the_directory() {
    let way = Row {
        mandatory: true,
        ..title_row(Direction::TwoWay(Winner::Directory))
    };
    let occasion = Occasion::Linked { reconciled: &[] };
    let merged = settled(
        &way,
        &Stated::Empty,
        &contact(Some("A"), Some("A")),
        occasion,
    );
    assert_eq!(cell(Some("A"), &merged), "A/A");
}
