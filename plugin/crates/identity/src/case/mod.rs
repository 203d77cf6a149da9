//! Letters without regard to case.
//!
//! The standard library knows the small and the capital letter of each in 25 kB of tables; folding alone takes
//! a tenth of that. A test compares every character with what the standard library makes of it.

#[rustfmt::skip]
mod runs;

#[cfg(test)]
mod tests;

use runs::RUNS;

/// Simple case folding: what Unicode's `CaseFolding.txt` says with status C or S, by way of the
/// capital letter, so that both small sigmas are one. As in an ordinal comparison that ignores case,
/// nothing changes its length: `ß` is not `ss`, and the dotted and dotless `i` of Turkish are letters
/// of their own.
pub(crate) fn folded(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let number = u32::from(character);
    let after = RUNS.partition_point(|(first, ..)| *first <= number);
    let run = after.checked_sub(1).and_then(|run| RUNS.get(run));
    let other = run.and_then(|(first, more, step, distance)| {
        let (place, beside) = (
            (number - first) / u32::from(*step),
            (number - first) % u32::from(*step),
        );
        let is_in = place <= u32::from(*more) && beside == 0;
        is_in.then(|| number.checked_add_signed(*distance))?
    });
    other.and_then(char::from_u32).unwrap_or(character)
}
