//! The syllables of Korean, which follow from their numbers
//! (The Unicode Standard, section 3.12, *Conjoining Jamo Behavior*).

const SYLLABLES: u32 = 0xac00;
const LEADING: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
/// One before the first: no trailing consonant.
const TRAILING: u32 = 0x11a7;
const LEADING_COUNT: u32 = 19;
const VOWEL_COUNT: u32 = 21;
const TRAILING_COUNT: u32 = 28;

/// The letters of a syllable.
pub(super) fn parts(syllable: char) -> Option<[Option<char>; 3]> {
    let place = u32::from(syllable).checked_sub(SYLLABLES)?;
    let (rest, trailing) = (place / TRAILING_COUNT, place % TRAILING_COUNT);
    let (leading, vowel) = (rest / VOWEL_COUNT, rest % VOWEL_COUNT);
    (leading < LEADING_COUNT).then(|| {
        [
            char::from_u32(LEADING + leading),
            char::from_u32(VOWELS + vowel),
            char::from_u32(TRAILING + trailing).filter(|_| trailing > 0),
        ]
    })
}

/// The syllable of two letters, or of a syllable and the letter that ends it.
pub(super) fn whole(first: char, second: char) -> Option<char> {
    let (first, second) = (u32::from(first), u32::from(second));
    let within = |number: u32, start: u32, count: u32| {
        number.checked_sub(start).filter(|place| *place < count)
    };
    if let Some(leading) = within(first, LEADING, LEADING_COUNT) {
        let vowel = within(second, VOWELS, VOWEL_COUNT)?;
        return char::from_u32(SYLLABLES + (leading * VOWEL_COUNT + vowel) * TRAILING_COUNT);
    }
    let syllable = within(
        first,
        SYLLABLES,
        LEADING_COUNT * VOWEL_COUNT * TRAILING_COUNT,
    )?;
    let trailing = within(second, TRAILING, TRAILING_COUNT)?;
    (syllable % TRAILING_COUNT == 0 && trailing > 0)
        .then(|| char::from_u32(first + trailing))
        .flatten()
}
