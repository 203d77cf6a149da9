//! Unicode's Normalization Form C: letters that can be written as one character or as several are one
//! (<https://www.unicode.org/reports/tr15/>).
//!
//! The tables are those of `icu_normalizer`, in two fifths of its bytes: a component is loaded far more often
//! than a text has to be taken apart. A test compares every character with that crate, and writes the tables.

mod hangul;
#[rustfmt::skip]
mod tables;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use tables::{PLANES, SECONDS};

/// What there is to know of the characters of one plane, by the lower 16 bits of their numbers.
struct Plane {
    /// Characters that do not stay what they are, or may not where they follow another: first and last.
    altered: &'static [[u16; 2]],
    /// Runs of characters that move among those around them: first, how many more, combining class.
    classes: &'static [(u16, u8, u8)],
    /// A character, the first that it is made of, and the place of the second in [`SECONDS`]; or [`ALONE`] and
    /// the plane of the only one.
    made_of: &'static [[u16; 3]],
    /// The places in `made_of` of those that are put together again, by their second and first part.
    by_parts: &'static [u16],
}

/// What is added to a plane instead of the place of a second character.
const ALONE: u16 = 0xff00;

/// The first character that can be altered, or moves.
const FIRST: char = '\u{300}';

/// The text in Normalization Form C.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if is_composed(text) {
        return Cow::Borrowed(text);
    }
    let mut letters = Vec::with_capacity(text.len());
    for character in text.chars() {
        take_apart(character, &mut letters);
    }
    order(&mut letters);
    Cow::Owned(put_together(&letters))
}

/// Whether a text is as it should be for certain; where it is not, it may be.
fn is_composed(text: &str) -> bool {
    let mut before = 0;
    text.chars().all(|character| {
        if character < FIRST {
            before = 0;
            return true;
        }
        let class = class(character);
        let in_order = class == 0 || before <= class;
        before = class;
        in_order && !is_altered(character)
    })
}

/// The plane of a character that has one here, and its place in there.
fn plane(character: char) -> Option<(&'static Plane, u16)> {
    let number = u32::from(character);
    let plane = usize::try_from(number >> 16).ok()?;
    let place = u16::try_from(number & 0xffff).ok()?;
    Some((PLANES.get(plane)?, place))
}

fn is_altered(character: char) -> bool {
    plane(character).is_some_and(|(plane, place)| {
        let after = plane.altered.partition_point(|[first, _]| *first <= place);
        let run = after.checked_sub(1).and_then(|run| plane.altered.get(run));
        run.is_some_and(|[_, last]| place <= *last)
    })
}

/// The canonical combining class.
fn class(character: char) -> u8 {
    if character < FIRST {
        return 0;
    }
    let class = plane(character).and_then(|(plane, place)| {
        let after = plane.classes.partition_point(|(first, ..)| *first <= place);
        let (first, more, class) = plane.classes.get(after.checked_sub(1)?)?;
        (place - first <= u16::from(*more)).then_some(*class)
    });
    class.unwrap_or(0)
}

fn in_plane(plane: u32, place: u16) -> Option<char> {
    char::from_u32(plane << 16 | u32::from(place))
}

/// A character of the plane of another.
fn beside(character: char, place: u16) -> Option<char> {
    in_plane(u32::from(character) >> 16, place)
}

/// What a character is made of.
fn parts(character: char) -> Option<(char, Option<char>)> {
    let (plane, place) = plane(character)?;
    let row = plane.made_of.binary_search_by_key(&place, |row| row[0]);
    let [_, first, second] = *plane.made_of.get(row.ok()?)?;
    match second.checked_sub(ALONE) {
        Some(plane) => Some((in_plane(u32::from(plane), first)?, None)),
        None => {
            let second = SECONDS.get(usize::from(second))?;
            Some((beside(character, first)?, Some(*second)))
        }
    }
}

/// Writes what is left when a character is taken apart as far as can be, each with its class.
fn take_apart(character: char, letters: &mut Vec<(char, u8)>) {
    if let Some(parts) = hangul::parts(character) {
        letters.extend(parts.into_iter().flatten().map(|part| (part, 0)));
        return;
    }
    match parts(character) {
        // Only the first of two is ever made of others itself.
        Some((first, second)) => {
            take_apart(first, letters);
            letters.extend(second.map(|second| (second, class(second))));
        }
        None => letters.push((character, class(character))),
    }
}

/// Puts marks that follow each other in the order of their classes, and leaves those of one class as they
/// are.
fn order(letters: &mut [(char, u8)]) {
    for marks in letters.chunk_by_mut(|(_, one), (_, other)| *one != 0 && *other != 0) {
        if !marks.is_sorted_by_key(|(_, class)| *class) {
            // Takes as long for each mark, however many there are.
            let of = |class| marks.iter().filter(move |(_, other)| *other == class);
            let in_order: Vec<_> = (1..=u8::MAX).flat_map(of).copied().collect();
            marks.copy_from_slice(&in_order);
        }
    }
}

fn put_together(letters: &[(char, u8)]) -> String {
    let mut text: Vec<char> = Vec::with_capacity(letters.len());
    // Where the letter is that marks are added to, and the class of the last that was not.
    let mut starter = None;
    let mut between = None;
    for (character, class) in letters {
        let is_beside = between.is_none_or(|between| between < *class);
        let letter = starter.filter(|_| is_beside);
        let letter = letter.and_then(|starter: usize| text.get_mut(starter));
        if let Some(letter) = letter
            && let Some(whole) = whole(*letter, *character)
        {
            *letter = whole;
            continue;
        }
        if *class == 0 {
            starter = Some(text.len());
            between = None;
        } else {
            between = Some(*class);
        }
        text.push(*character);
    }
    text.into_iter().collect()
}

/// The character of which two are the parts.
fn whole(first: char, second: char) -> Option<char> {
    if let Some(syllable) = hangul::whole(first, second) {
        return Some(syllable);
    }
    let second = SECONDS.binary_search(&second).ok()?;
    let (plane, place) = plane(first)?;
    let parts = |at: &u16| match plane.made_of.get(usize::from(*at)) {
        Some([_, first, second]) => (usize::from(*second), *first),
        None => (0, 0),
    };
    let at = plane.by_parts.binary_search_by_key(&(second, place), parts);
    let row = plane.by_parts.get(at.ok()?)?;
    let [whole, ..] = plane.made_of.get(usize::from(*row))?;
    beside(first, *whole)
}
