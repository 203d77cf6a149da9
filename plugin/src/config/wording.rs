//! The parts of sentences that problems share.

use std::fmt::Write as _;

use contact_identity::text::case_folded;
use entra_users::mapping::catalogue::{self, ATTRIBUTES, Attribute};
use entra_users::mapping::synonyms::{self, Meant};

/// Longest piece of a document that a message repeats, in characters.
const LONGEST_QUOTE: usize = 60;

/// A name or value as a message repeats it: in back quotes, on one line, not endless.
pub(super) fn quoted(text: &str) -> String {
    let mut quote = String::from("`");
    for (index, character) in text.chars().enumerate() {
        if index == LONGEST_QUOTE {
            quote.push('…');
            break;
        }
        quote.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    quote.push('`');
    quote
}

/// "`a`, `b` or `c`".
pub(super) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    enumerated(&words)
}

fn enumerated(words: &[&str]) -> String {
    let mut sentence = String::new();
    for (index, word) in words.iter().enumerate() {
        let separator = match index {
            0 => "",
            _ if index + 1 == words.len() => " or ",
            _ => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(sentence, "{separator}{}", quoted(word));
    }
    sentence
}

/// The candidate that somebody who wrote `word` most likely meant, if any is close: at most a third
/// of its letters wrong, whatever their case.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let candidates: Vec<_> = candidates.into_iter().collect();
    closest_of(word, &candidates)
}

fn closest_of<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let word = case_folded(word);
    candidates
        .iter()
        .copied()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word, &case_folded(candidate));
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// " Did you mean `x`?", or nothing where nothing is close.
pub(super) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    closest(word, candidates).map_or_else(String::new, |candidate| {
        format!(" Did you mean {}?", quoted(candidate))
    })
}

/// A sentence, after a blank, about a name that is no attribute of the catalogue: why it cannot be read,
/// or which attribute was probably meant; nothing where nothing is close. `usable` says which attributes
/// can stand in that place.
pub(super) fn hint(name: &str, usable: impl Fn(&Attribute) -> bool) -> String {
    match synonyms::meant(name) {
        Some(Meant::Nothing(reason)) => format!(" {reason}"),
        Some(Meant::Attribute(meant, note)) if catalogue::find(meant).is_some_and(&usable) => {
            format!(" Did you mean {}?{note}", quoted(meant))
        }
        Some(Meant::Attribute(meant, _)) => {
            format!(
                " Microsoft Graph calls that {}, which cannot stand here.",
                quoted(meant)
            )
        }
        None => {
            let names = ATTRIBUTES.iter().filter(|attribute| usable(attribute));
            did_you_mean(name, names.map(|attribute| attribute.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_words_read_as_a_sentence() {
        assert_eq!(one_of([]), "");
        assert_eq!(one_of(["a"]), "`a`");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
    }

    #[test]
    fn a_swapped_letter_and_a_wrong_case_are_close_and_another_word_is_not() {
        let keys = ["direction", "schedule", "filters"];
        assert_eq!(closest("dierction", keys), Some("direction"));
        assert_eq!(closest("Schedule", keys), Some("schedule"));
        assert_eq!(closest("frobnicate", keys), None);
    }

    #[test]
    fn what_a_message_repeats_is_one_short_line() {
        assert_eq!(quoted("a\nb"), "`a b`");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), LONGEST_QUOTE + 3);
    }
}
