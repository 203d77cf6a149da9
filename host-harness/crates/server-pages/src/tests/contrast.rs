//! The colours, by number: WCAG 2.2 asks for 4.5 between text and what is behind it, and for 3 between a
//! shape that says something and what is behind it.
//!
//! <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>

use std::collections::BTreeMap;

use super::super::assets::STYLESHEET;

/// Text, and what it stands on somewhere.
const TEXTS: [(&str, &str); 29] = [
    ("text", "page"),
    ("text", "surface"),
    ("text", "sunken"),
    ("text", "good-soft"),
    ("text", "warning-soft"),
    ("text", "bad-soft"),
    ("text", "neutral-soft"),
    ("muted", "page"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("muted", "warning-soft"),
    ("muted", "bad-soft"),
    ("accent-text", "page"),
    ("accent-text", "surface"),
    ("accent-text", "sunken"),
    ("accent-text", "accent-soft"),
    ("accent-text", "bad-soft"),
    ("accent-text", "warning-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("good", "good-soft"),
    ("good", "surface"),
    ("warning", "warning-soft"),
    ("warning", "surface"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
    ("busy", "busy-soft"),
    ("busy", "surface"),
    ("neutral", "neutral-soft"),
];

/// Shapes that say something, and what they stand on.
const SHAPES: [(&str, &str); 9] = [
    ("good-fill", "surface"),
    ("warning-fill", "surface"),
    ("bad-fill", "surface"),
    ("busy-fill", "surface"),
    ("neutral-fill", "surface"),
    ("line-input", "surface"),
    ("accent", "surface"),
    ("warning-fill", "neutral-soft"),
    ("busy-fill", "neutral-soft"),
];

type Palette = BTreeMap<String, [u8; 3]>;

/// The custom properties that are colours, for light and for dark.
fn palettes() -> [Palette; 2] {
    let mut blocks = STYLESHEET.content.split(":root {").skip(1).map(|block| {
        let block = block.split('}').next().unwrap_or_default();
        let declared = block.split(';').filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            let value = u32::from_str_radix(value, 16).ok()?.to_be_bytes();
            Some((name.to_owned(), [value[1], value[2], value[3]]))
        });
        declared.collect::<Palette>()
    });
    let light = blocks.next().expect("light");
    let mut dark = light.clone();
    dark.extend(blocks.next().expect("dark"));
    [light, dark]
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn too_little(pairs: &[(&str, &str)], least: f64) -> Vec<String> {
    let schemes = ["light", "dark"].into_iter().zip(palettes());
    let pairs = schemes.flat_map(|(scheme, palette)| {
        let measured = pairs.iter().map(move |(on, behind)| {
            let ratio = contrast(palette[*on], palette[*behind]);
            (ratio, format!("{scheme}: {on} on {behind} is {ratio:.2}"))
        });
        measured.collect::<Vec<_>>()
    });
    pairs
        .filter(|(ratio, _)| *ratio < least)
        .map(|(_, words)| words)
        .collect()
}

#[test]
fn text_stands_out_in_light_and_in_dark() {
    assert_eq!(too_little(&TEXTS, 4.5), Vec::<String>::new());
}

#[test]
fn shapes_stand_out_in_light_and_in_dark() {
    assert_eq!(too_little(&SHAPES, 3.0), Vec::<String>::new());
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 0.001);
}
