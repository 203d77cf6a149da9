//! The tables and what is done with them, beside `icu_normalizer`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::{env, fs};

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::{
    CanonicalCombiningClassMapBorrowed, CanonicalCompositionBorrowed,
    CanonicalDecompositionBorrowed, Decomposed,
};
use proptest::prelude::*;

use super::{ALONE, composed};

/// Where the tables are.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/nfc/tables.rs");

/// The planes that have no table.
fn beyond() -> RangeInclusive<char> {
    '\u{30000}'..=char::MAX
}

fn icu(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(text)
        .into_owned()
}

/// A character and what it is made of, without the syllables of Korean.
fn made_of() -> BTreeMap<char, (char, Option<char>)> {
    let parts = CanonicalDecompositionBorrowed::new();
    (char::MIN..=char::MAX)
        .filter(|character| !('가'..='힣').contains(character))
        .filter_map(|character| match parts.decompose(character) {
            Decomposed::Default => None,
            Decomposed::Singleton(one) => Some((character, (one, None))),
            Decomposed::Expansion(first, second) => Some((character, (first, Some(second)))),
        })
        .collect()
}

/// Characters that normalization touches in some way.
fn touched() -> BTreeSet<char> {
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let mut touched: BTreeSet<_> = (char::MIN..=char::MAX)
        .filter(|character| classes.get_u8(*character) != 0)
        .chain([
            '각', '가', '힣', 'ᄀ', 'ᅡ', 'ᆨ', '\u{1112}', '\u{1175}', '\u{11c2}',
        ])
        .collect();
    for (whole, (first, second)) in made_of() {
        touched.extend([whole, first]);
        touched.extend(second);
    }
    touched
}

/// Numbers that follow each other, as first and last.
fn runs(numbers: impl IntoIterator<Item = u32>) -> Vec<[u32; 2]> {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some([_, last]) if *last + 1 == number => *last = number,
            _ => runs.push([number, number]),
        }
    }
    runs
}

/// The source of one plane's tables.
fn plane(plane: u32, made_of: &BTreeMap<char, (char, Option<char>)>, seconds: &[char]) -> String {
    let is_here = |character: &char| u32::from(*character) >> 16 == plane;
    let place = |character: char| u32::from(character) & 0xffff;
    let here: Vec<_> = (0..=0xffff)
        .filter_map(|place| char::from_u32(plane << 16 | place))
        .collect();
    let mut text = String::from("    Plane {\n");

    let vowels_and_ends = ('\u{1161}'..='\u{1175}').chain('\u{11a8}'..='\u{11c2}');
    let follow: BTreeSet<_> = made_of
        .iter()
        .filter(|(whole, (first, second))| {
            second.is_some_and(|second| {
                CanonicalCompositionBorrowed::new().compose(*first, second) == Some(**whole)
            })
        })
        .filter_map(|(_, (_, second))| *second)
        .chain(vowels_and_ends)
        .collect();
    let altered = here.iter().copied();
    let altered = altered.filter(|c| icu(&c.to_string()) != c.to_string() || follow.contains(c));
    let altered = runs(altered.map(place));
    let altered = altered
        .iter()
        .map(|[first, last]| format!("[{first:#x}, {last:#x}]"));
    write_table(&mut text, "altered", altered);

    let classes = CanonicalCombiningClassMapBorrowed::new();
    let mut of_class: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
    for character in here {
        of_class
            .entry(classes.get_u8(character))
            .or_default()
            .push(place(character));
    }
    of_class.remove(&0);
    let mut classes: Vec<_> = of_class
        .into_iter()
        .flat_map(|(class, places)| runs(places).into_iter().map(move |run| (run, class)))
        .collect();
    classes.sort_unstable();
    let classes = classes.into_iter().map(|([first, last], class)| {
        let more = u8::try_from(last - first).unwrap();
        format!("({first:#x}, {more}, {class})")
    });
    write_table(&mut text, "classes", classes);

    let rows: Vec<_> = made_of.iter().filter(|(whole, _)| is_here(whole)).collect();
    let lines = rows.iter().map(|(whole, (first, second))| {
        let second = match second {
            Some(second) => {
                assert!(is_here(first) && !made_of.contains_key(second), "{whole}");
                seconds.binary_search(second).unwrap()
            }
            None => usize::from(ALONE) + (u32::from(*first) >> 16) as usize,
        };
        assert!(rows.len() < usize::from(u16::MAX));
        format!("[{:#x}, {:#x}, {second:#x}]", place(**whole), place(*first))
    });
    write_table(&mut text, "made_of", lines);

    let mut by_parts: Vec<_> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, (whole, (first, second)))| {
            let second = (*second)?;
            let again = CanonicalCompositionBorrowed::new().compose(*first, second);
            (again == Some(**whole)).then_some((second, *first, at))
        })
        .collect();
    by_parts.sort_unstable();
    write_table(
        &mut text,
        "by_parts",
        by_parts.iter().map(|(.., at)| at.to_string()),
    );

    text.push_str("    },\n");
    text
}

fn write_table(text: &mut String, name: &str, items: impl IntoIterator<Item = String>) {
    writeln!(text, "        {name}: &[").unwrap();
    let mut line = String::new();
    for item in items {
        if line.len() + item.len() > 104 {
            writeln!(text, "            {}", line.trim_end()).unwrap();
            line.clear();
        }
        line.push_str(&item);
        line.push_str(", ");
    }
    if !line.is_empty() {
        writeln!(text, "            {}", line.trim_end()).unwrap();
    }
    text.push_str("        ],\n");
}

/// The file of the tables, as `icu_normalizer` has them.
fn file() -> String {
    let made_of = made_of();
    let last = made_of
        .last_key_value()
        .map(|(whole, _)| u32::from(*whole) >> 16);
    assert_eq!(last, Some(2));
    let classes = CanonicalCombiningClassMapBorrowed::new();
    assert!(beyond().all(|character| classes.get_u8(character) == 0));
    let seconds: BTreeSet<_> = made_of.values().filter_map(|(_, second)| *second).collect();
    let seconds: Vec<_> = seconds.into_iter().collect();
    let mut text = String::from(
        "//! The tables of `icu_normalizer`, written by a test: `NFC_TABLES=write cargo test -p contact-identity`.\n\
         \nuse super::Plane;\n\
         \n/// By plane: the basic, the supplementary and the ideographic.\n\
         pub(super) const PLANES: [Plane; 3] = [\n",
    );
    for number in 0..3 {
        text.push_str(&plane(number, &made_of, &seconds));
    }
    text.push_str("];\n\n/// Characters that come second in another, in order.\npub(super) const SECONDS: &[char] = &[\n");
    for second in seconds {
        writeln!(text, "    '\\u{{{:x}}}',", u32::from(second)).unwrap();
    }
    text.push_str("];\n");
    text
}

#[test]
fn the_tables_are_those_of_icu() {
    let file = file();
    if env::var_os("NFC_TABLES").is_some() {
        fs::write(FILE, &file).unwrap();
    }
    // Not `assert_eq`: nobody wants to read both.
    assert!(
        fs::read_to_string(FILE).unwrap() == file,
        "see the first line of {FILE}"
    );
}

#[test]
fn every_character_is_what_icu_makes_of_it() {
    for character in (char::MIN..*beyond().start()).chain(beyond().step_by(1_000)) {
        let alone = character.to_string();
        assert_eq!(composed(&alone), icu(&alone), "{character:?}");
        let followed = format!("a{character}\u{301}\u{323}");
        assert_eq!(composed(&followed), icu(&followed), "{character:?}");
    }
}

#[test]
fn every_composition_is_undone_and_done_again() {
    for (whole, (first, second)) in made_of() {
        let apart: String = [Some(first), second].into_iter().flatten().collect();
        assert_eq!(composed(&apart), icu(&apart), "{whole:?}");
    }
    for syllable in '가'..='힣' {
        let letters: String = super::hangul::parts(syllable)
            .unwrap()
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(composed(&letters), syllable.to_string());
    }
}

#[test]
fn a_text_that_is_composed_is_not_copied() {
    for text in [
        "Zoë Łukasz",
        "Ελένη",
        "Иван",
        "中山 花子",
        "김민준",
        "สมชาย",
        "मोहन",
        "محمّد",
    ] {
        assert!(
            matches!(composed(text), std::borrow::Cow::Borrowed(_)),
            "{text}"
        );
    }
}

#[test]
fn many_marks_are_put_in_order_in_time() {
    let text = format!("a{}", "\u{301}\u{323}".repeat(200_000));
    assert!(composed(&text) == icu(&text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_text_is_what_icu_makes_of_it(
        text in prop::collection::vec(
            prop_oneof![
                4 => prop::sample::select(touched().into_iter().collect::<Vec<_>>()),
                2 => prop::char::range('\u{300}', '\u{36f}'),
                1 => prop::char::range('a', 'z'),
                1 => any::<char>(),
            ],
            0..12,
        ),
    ) {
        let text: String = text.into_iter().collect();
        prop_assert_eq!(composed(&text), icu(&text));
    }
}
