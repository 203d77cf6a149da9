//! Why a telephone number is no value, in words: what follows after "the field holds".

/// By code; none of them tells anything of the number.
const WORDS: [(&str, &str); 11] = [
    ("phone-several", "two numbers in one field"),
    (
        "phone-no-country",
        "a number without a country code, and no country is known",
    ),
    ("phone-short", "an internal or short number"),
    (
        "phone-renumbered-2019",
        "a number from before its country was renumbered in 2019",
    ),
    (
        "phone-renumbered-2021",
        "a number from before its country was renumbered in 2021",
    ),
    (
        "phone-renumbered-2024",
        "a number from before its country was renumbered in 2024",
    ),
    (
        "phone-unassigned",
        "a number that its country has not given out",
    ),
    (
        "phone-unclear",
        "a number that can be read in more than one way",
    ),
    (
        "phone-extension",
        "a number with an extension, which takes no messages",
    ),
    ("phone-fixed-line", "a fixed line, which takes no messages"),
    ("phone-service", "a service number, which takes no messages"),
];

/// The words for a code; `None` where it is of something else.
#[must_use]
pub fn in_words(code: &str) -> Option<&'static str> {
    let words = WORDS.iter().find(|(known, _)| *known == code);
    words.map(|(_, words)| *words)
}
