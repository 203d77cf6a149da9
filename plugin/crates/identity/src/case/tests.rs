//! The table beside the standard library.

use std::fmt::Write as _;
use std::{env, fs};

use super::folded;

/// Where the table is.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/case/runs.rs");

/// What a letter is folded to, as the standard library has it.
fn by_way_of_the_capital(character: char) -> char {
    match character {
        'ı' | 'İ' => return character,
        // Two ligatures for the same letters, whose capitals are two letters each.
        'ﬅ' => return 'ﬆ',
        _ => {}
    }
    let capital = single(character.to_uppercase()).unwrap_or(character);
    single(capital.to_lowercase()).unwrap_or(capital)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    match (characters.next(), characters.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Letters that are folded by one distance and are one or two apart.
struct Run {
    first: u32,
    last: u32,
    step: Option<u32>,
    distance: i32,
}

fn runs() -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for character in '\u{80}'..=char::MAX {
        let (from, to) = (
            u32::from(character),
            u32::from(by_way_of_the_capital(character)),
        );
        let distance = i32::try_from(i64::from(to) - i64::from(from)).unwrap();
        if distance == 0 {
            continue;
        }
        match runs.last_mut() {
            Some(run)
                if run.distance == distance
                    && run
                        .step
                        .map_or(from - run.last <= 2, |step| from - run.last == step) =>
            {
                run.step = Some(from - run.last);
                run.last = from;
            }
            _ => runs.push(Run {
                first: from,
                last: from,
                step: None,
                distance,
            }),
        }
    }
    runs
}

/// The file of the table.
fn file() -> String {
    let mut text = String::from(
        "//! Case folding, written by a test: `CASE_TABLE=write cargo test -p contact-identity`.\n\
         \n/// Letters: the first, how many more, how far apart they are, and how far off each is folded.\n\
         pub(super) const RUNS: &[(u32, u16, u8, i32)] = &[\n",
    );
    let mut line = String::new();
    for run in runs() {
        let step = run.step.unwrap_or(1);
        let more = (run.last - run.first) / step;
        let item = format!("({:#x}, {more}, {step}, {}), ", run.first, run.distance);
        if line.len() + item.len() > 104 {
            writeln!(text, "    {}", line.trim_end()).unwrap();
            line.clear();
        }
        line.push_str(&item);
    }
    writeln!(text, "    {}\n];", line.trim_end()).unwrap();
    text
}

#[test]
fn the_table_is_what_the_standard_library_says() {
    let file = file();
    if env::var_os("CASE_TABLE").is_some() {
        fs::write(FILE, &file).unwrap();
    }
    assert!(
        fs::read_to_string(FILE).unwrap() == file,
        "see the first line of {FILE}"
    );
}

#[test]
fn every_letter_is_folded_as_the_standard_library_folds_it() {
    for character in char::MIN..=char::MAX {
        assert_eq!(
            folded(character),
            by_way_of_the_capital(character),
            "{character:?}"
        );
    }
}
