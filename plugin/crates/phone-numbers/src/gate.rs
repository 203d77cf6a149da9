//! From what was typed to one number, or a reason why not.

use std::borrow::Cow;

use crate::country::Country;
use crate::number::Number;
use crate::plans::{self, Candidate};
use crate::refusal::{Refusal, Renumbering};
use crate::typed::{Piece, SHORTEST, digits, is_labelled, is_plain};

/// The longest text that is looked at, in bytes. A directory keeps 64 characters of a telephone number.
const LONGEST: usize = 256;

/// The digits of a label before a number, as in "2nd phone".
const DIGITS_OF_LABEL: usize = 3;

/// The digits of an extension that no reader of numbers knows by its label.
const DIGITS_OF_EXTENSION: usize = 6;

/// Country codes with how many digits followed before numbers got another form, and when they did.
const RENUMBERED: [(&str, usize, Renumbering); 3] = [
    ("+225", 8, Renumbering::Of2021),
    ("+57", 8, Renumbering::Of2021),
    ("+229", 8, Renumbering::Of2024),
];

/// The number that a text holds, read by the plan of a country where it does not say its own.
///
/// What comes out comes out again unchanged when it is read, whatever the country.
///
/// # Errors
///
/// Where it holds none, or may hold another one.
pub fn read(typed: &str, country: Option<Country>) -> Result<Number, Refusal> {
    if typed.len() > LONGEST {
        return Err(Refusal::Unclear);
    }
    let piece = Piece::first_of(typed).ok_or(Refusal::Nothing)?;
    if piece.has_two_ends() {
        return Err(Refusal::Several);
    }
    let text = piece.text.as_str();
    let number = if is_labelled(text) {
        labelled(text, country)
    } else if text.starts_with('+') {
        international(text)
    } else if let Some(country) = country {
        national(text, country)
    } else {
        without_country(text)
    }?;
    Ok(Number {
        is_first_of_several: piece.is_first_of_several,
        ..number
    })
}

/// Whether a text says the country of its number itself, so that no other one need be known.
#[must_use]
pub fn is_international(typed: &str) -> bool {
    Piece::first_of(typed).is_some_and(|piece| piece.text.starts_with('+'))
}

/// A text that begins with a plus.
fn international(text: &str) -> Result<Number, Refusal> {
    let mended = without_mexican_one(text);
    let text = mended.as_deref().unwrap_or(text);
    let candidate = plans::parse(&dialled(text), None);
    let Some(number) = candidate.as_ref().and_then(given_out) else {
        return Err(why_none(text, candidate.as_ref()));
    };
    if is_plain(text) {
        return Ok(number);
    }
    agreed(text, None, number)
}

/// A text that a country has to be known for.
fn national(text: &str, country: Country) -> Result<Number, Refusal> {
    let candidate = plans::parse(&dialled(text), Some(country.0));
    let abroad = behind_two_zeros(text);
    match (candidate.as_ref().and_then(given_out), abroad) {
        (Some(number), abroad) => match agreed(text, Some(country), number.clone()) {
            // Where two zeros lead abroad, it is the same number with a plus.
            Err(Refusal::Unclear) if is_same(abroad.as_deref(), &number) => Ok(number),
            agreed => agreed,
        },
        // Somebody from elsewhere has typed it as it is dialled there.
        (None, Some(abroad)) => international(&abroad),
        (None, None) => Err(why_none(text, candidate.as_ref())),
    }
}

/// What is dialled of a text that is nothing but a number: grouping means nothing, and takes time to read.
fn dialled(text: &str) -> Cow<'_, str> {
    if !is_plain(text) || text.matches('+').count() > 1 {
        return Cow::Borrowed(text);
    }
    let is_dialled = |character: &char| character.is_ascii_digit() || *character == '+';
    Cow::Owned(text.chars().filter(is_dialled).collect())
}

fn without_country(text: &str) -> Result<Number, Refusal> {
    match behind_two_zeros(text) {
        Some(abroad) => international(&abroad),
        None if digits(text) < SHORTEST => Err(Refusal::Short),
        None => Err(Refusal::NoCountry),
    }
}

/// A text with words in it: what a reader of running text finds, where that is one number.
fn labelled(text: &str, country: Option<Country>) -> Result<Number, Refusal> {
    let region = country.map(|country| country.0);
    let found = plans::find(text, region);
    let only = match found.as_slice() {
        [only] => only,
        [] => return Err(why_no_words(text, country)),
        _ => return Err(Refusal::Several),
    };
    let beyond = digits(only.after);
    if digits(only.before) > DIGITS_OF_LABEL || beyond > DIGITS_OF_EXTENSION {
        return Err(Refusal::Several);
    }
    let mut number = given_out(&only.candidate).ok_or(Refusal::Unassigned)?;
    if beyond > 0 && number.extension.is_none() {
        let digits = only.after.chars().filter(char::is_ascii_digit);
        number.extension = Some(digits.collect());
    }
    number.is_labelled = true;
    Ok(number)
}

/// Why no number is found in a text with words.
fn why_no_words(text: &str, country: Option<Country>) -> Refusal {
    let candidate = plans::parse(text, country.map(|country| country.0));
    let is_keypad = |candidate: &Candidate| candidate.kind().is_some();
    if candidate.as_ref().is_some_and(is_keypad) {
        // With the letters as digits of a keypad it is a number, but nobody says that they are.
        Refusal::Unclear
    } else if digits(text) >= SHORTEST && country.is_none() && !text.contains('+') {
        Refusal::NoCountry
    } else {
        why_none(text, candidate.as_ref())
    }
}

/// The number, where a reader of running text finds the same one in the text and no other.
fn agreed(text: &str, country: Option<Country>, number: Number) -> Result<Number, Refusal> {
    let found = plans::find(text, country.map(|country| country.0));
    match found.as_slice() {
        [only] if is_number(&only.candidate, &number) => Ok(number),
        [] | [_] => Err(Refusal::Unclear),
        _ => Err(Refusal::Several),
    }
}

/// The number that a candidate is, where the plan has given it out.
fn given_out(candidate: &Candidate) -> Option<Number> {
    Some(Number {
        kind: candidate.kind()?,
        e164: candidate.e164(),
        extension: candidate.extension().map(str::to_owned),
        is_labelled: false,
        is_first_of_several: false,
    })
}

fn is_number(candidate: &Candidate, number: &Number) -> bool {
    candidate.extension() == number.extension.as_deref() && candidate.e164() == number.e164
}

fn is_same(text: Option<&str>, number: &Number) -> bool {
    text.is_some_and(|text| international(text).as_ref() == Ok(number))
}

/// What is dialled abroad from most countries begins with `00`, where others write a plus.
fn behind_two_zeros(text: &str) -> Option<String> {
    let rest = text.strip_prefix("00")?;
    let rest = rest.trim_start_matches([' ', '-', '/', '.']);
    Some(format!("+{rest}"))
}

/// Until 2019 Mexican mobiles had a 1 behind the country code when they were called from abroad. The number behind it
/// is the same (<https://www.itu.int/oth/T0202000089/en>), and no reader of numbers takes it off any more.
fn without_mexican_one(text: &str) -> Option<String> {
    if !is_plain(text) || digits(text) != 13 {
        return None;
    }
    let mut dialled: String = text.chars().filter(char::is_ascii_digit).collect();
    if !dialled.starts_with("521") {
        return None;
    }
    dialled.replace_range(..3, "+52");
    Some(dialled)
}

/// Why a text is no number that is given out.
fn why_none(text: &str, candidate: Option<&Candidate>) -> Refusal {
    if digits(text) < SHORTEST {
        return Refusal::Short;
    }
    if text.matches('+').count() > 1 {
        return Refusal::Several;
    }
    let Some(candidate) = candidate else {
        return Refusal::Unassigned;
    };
    if candidate.country_code() == 52 && has_mexican_prefix(text) {
        return Refusal::Renumbered(Renumbering::Of2019);
    }
    let e164 = candidate.e164();
    let renumbered = RENUMBERED.iter().find(|(code, length, _)| {
        let rest = e164.strip_prefix(code);
        rest.is_some_and(|rest| rest.len() == *length)
    });
    renumbered.map_or(Refusal::Unassigned, |(_, _, when)| {
        Refusal::Renumbered(*when)
    })
}

/// Whether ten digits follow on one of the prefixes that Mexico has given up.
fn has_mexican_prefix(text: &str) -> bool {
    let dialled: String = text.chars().filter(char::is_ascii_digit).collect();
    ["01", "044", "045"].iter().any(|prefix| {
        let rest = dialled.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.len() == 10)
    })
}
