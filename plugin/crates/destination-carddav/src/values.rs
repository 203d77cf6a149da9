//! Fields of a card read and written. What is not written is not touched: neither another line, nor another
//! component of the same one, nor what stands before its colon.

use std::collections::BTreeSet;

use destination_kit::contract::Refusal;

use crate::card::Card;
use crate::fields::{EMPTIED, FIELDS, Field, LABEL, custom_property};
use crate::line::{Line, parameter_value};
use crate::refusal::{INVALID_CHARACTERS, of_field};
use crate::text::{can_be_written, escaped, parts, unescaped};

/// Every field that the card has a value of, each once.
pub(crate) fn fields(card: &Card) -> Vec<(String, String)> {
    let emptied = emptied(card);
    let described = FIELDS.iter().filter_map(|field| {
        let value = described(card, field, &emptied)?;
        Some((field.name.to_owned(), value))
    });
    let mut fields: Vec<_> = described.collect();
    for line in card.lines() {
        let Some(label) = label(line) else { continue };
        let value = unescaped(line.value());
        let is_new = fields.iter().all(|(name, _)| name != label);
        if is_new && !value.is_empty() {
            fields.push((label.to_owned(), value));
        }
    }
    fields
}

/// The value of a field that is described.
pub(crate) fn value(card: &Card, name: &str) -> Option<String> {
    described(card, Field::named(name)?, &emptied(card))
}

/// Writes or empties one field.
pub(crate) fn write(card: &mut Card, name: &str, value: Option<&str>) -> Result<(), Refusal> {
    if value.is_some_and(|value| !can_be_written(value)) || !can_be_written(name) {
        return Err(of_field(name, INVALID_CHARACTERS));
    }
    match Field::named(name) {
        Some(field) => write_described(card, field, value),
        None => write_custom(card, name, value),
    }
    Ok(())
}

fn described(card: &Card, field: &Field, emptied: &BTreeSet<String>) -> Option<String> {
    if emptied.contains(field.name) {
        return None;
    }
    let place = field.place(card)?;
    let line = card.line(place)?;
    let value = match field.component {
        Some(component) => unescaped(parts(line.value(), ';').get(component)?),
        None => whole(line),
    };
    (!value.is_empty()).then_some(value)
}

/// The value of a line. A telephone number may be a URI (RFC 6350, section 6.4.1), which has no escapes.
fn whole(line: &Line) -> String {
    if is_uri(line) {
        let uri = line.value();
        return uri.strip_prefix("tel:").unwrap_or(uri).to_owned();
    }
    unescaped(line.value())
}

fn is_uri(line: &Line) -> bool {
    let kind = line.parameter("VALUE");
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("uri"))
}

fn write_described(card: &mut Card, field: &Field, value: Option<&str>) {
    let mut emptied = emptied(card);
    if described(card, field, &emptied).as_deref() == value {
        return;
    }
    if emptied.remove(field.name) {
        note_emptied(card, &emptied);
        // The value that is there is somebody else's.
        insert(card, field, value);
        return;
    }
    match (field.place(card), field.component) {
        (None, _) => insert(card, field, value),
        (Some(place), Some(component)) => write_component(card, field, (place, component), value),
        (Some(place), None) => match value {
            Some(value) => write_whole(card, place, value),
            None => {
                card.remove(place);
                if described(card, field, &emptied).is_some() {
                    emptied.insert(field.name.to_owned());
                    note_emptied(card, &emptied);
                }
            }
        },
    }
}

fn write_whole(card: &mut Card, place: usize, value: &str) {
    let Some(line) = card.line(place) else {
        return;
    };
    let written = match (is_uri(line), is_number(value)) {
        (true, true) => line.with_value(&format!("tel:{value}")),
        (true, false) => line
            .without_plain_parameter("VALUE")
            .with_value(&escaped(value)),
        (false, _) => line.with_value(&escaped(value)),
    };
    card.replace(place, written);
}

/// A global number as a URI can hold it (RFC 3966, section 3).
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('+').unwrap_or_default();
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-.()".contains(&byte))
}

fn write_component(
    card: &mut Card,
    field: &Field,
    (place, component): (usize, usize),
    value: Option<&str>,
) {
    let Some(line) = card.line(place) else {
        return;
    };
    let parts = parts(line.value(), ';');
    let count = parts.len().max(component + 1).max(field.components());
    let value = escaped(value.unwrap_or_default());
    let part = |index: usize| match index == component {
        true => &*value,
        false => parts.get(index).copied().unwrap_or_default(),
    };
    let mut written: Vec<&str> = (0..count).map(part).collect();
    while written.len() > field.components() && written.last() == Some(&"") {
        written.pop();
    }
    let is_empty = written.iter().all(|part| part.is_empty());
    let line = line.with_value(&written.join(";"));
    card.replace(place, line);
    // A name has to be there in version 3.0, and an empty line keeps the one behind it from being taken for ours.
    let is_last = card.all(field.property).count() == 1;
    if is_empty && is_last && field.property != "N" {
        card.remove(place);
    }
}

/// A line more for a field, before those that it could be confused with.
fn insert(card: &mut Card, field: &Field, value: Option<&str>) {
    let Some(value) = value else { return };
    let mut written = vec![String::new(); field.components()];
    let component = field.component.unwrap_or_default();
    if written.len() <= component {
        written.resize(component + 1, String::new());
    }
    if let Some(slot) = written.get_mut(component) {
        *slot = escaped(value);
    }
    let line = Line::new(&field.head(card), &written.join(";"));
    match card.place(field.property) {
        Some(place) => card.insert(place, line),
        None => card.add(line),
    }
}

/// The label of a custom field; `None` where a line is none, or has the name of a field that is described.
fn label(line: &Line) -> Option<&str> {
    let label = line.parameter(LABEL)?;
    let is_custom =
        line.name().starts_with("X-") && !label.is_empty() && Field::named(label).is_none();
    is_custom.then_some(label)
}

fn write_custom(card: &mut Card, name: &str, value: Option<&str>) {
    let is_it = |line: &Line| label(line) == Some(name);
    let place = card.lines().position(is_it);
    let there = place.and_then(|place| Some((place, card.line(place)?)));
    match (there, value) {
        (Some((place, line)), Some(value)) if unescaped(line.value()) != value => {
            let line = line.with_value(&escaped(value));
            card.replace(place, line);
        }
        (Some((place, _)), None) => {
            card.remove(place);
            // A second one of that label would come into sight.
            write_custom(card, name, None);
        }
        (None, Some(value)) => {
            let (property, label) = (custom_property(name), parameter_value(name));
            let head = format!("{property};{LABEL}={label}");
            card.add(Line::new(&head, &escaped(value)));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
}

/// Fields that were emptied though a line is there that they could be in.
fn emptied(card: &Card) -> BTreeSet<String> {
    let lines = card.all(EMPTIED);
    let names = lines.flat_map(|(_, line)| parts(line.value(), ','));
    names.map(|name| unescaped(name.trim())).collect()
}

fn note_emptied(card: &mut Card, names: &BTreeSet<String>) {
    let value: Vec<_> = names.iter().map(|name| escaped(name)).collect();
    let line = Line::new(EMPTIED, &value.join(","));
    match (card.place(EMPTIED), names.is_empty()) {
        (Some(place), true) => card.remove(place),
        (Some(place), false) => card.replace(place, line),
        (None, true) => {}
        (None, false) => card.add(line),
    }
}

#[cfg(test)]
mod tests;
