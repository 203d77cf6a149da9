//! A card in the contract's words, and what is written to it.

use destination_kit::contract::{FieldWrite, Refusal};
use destination_kit::destination::{Draft, Guard, Patch, Record, Tie};
use sha2::{Digest as _, Sha256};

use crate::card::{Card, Version};
use crate::categories;
use crate::line::Line;
use crate::text::{escaped, unescaped};
use crate::values;

/// Whose contact it is: object id and source. A hint, which anybody can edit.
const TIE: &str = "X-ENTRA-OBJECT-ID";
/// There where the contact is inactive, which no standard property says.
const INACTIVE: &str = "X-ENTRA-INACTIVE";

/// A longer card is read again before it is written, so that a page of contacts with photographs fits in memory.
const LONGEST_KEPT: usize = 8 * 1024;

/// A card as it is at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The last segment of its address, encoded in one way.
    pub(crate) name: String,
    /// By which the server knows its state.
    pub(crate) etag: String,
    pub(crate) text: String,
}

/// A card as a record. One that cannot be read has no fields.
pub(crate) fn record(stored: &Stored) -> Record {
    let card = Card::read(&stored.text).ok();
    let of = |read: fn(&Card) -> Vec<(String, String)>| card.as_ref().map(read).unwrap_or_default();
    let mut fields = of(values::fields);
    fields.sort();
    let lists = of(categories::lists).into_iter().map(|(id, _)| id);
    Record {
        id: stored.name.clone(),
        fields,
        active: Some(card.as_ref().is_none_or(is_active)),
        lists: Some(lists.collect()),
        tie: card.as_ref().and_then(tie),
        guard: Some(Guard(stored.etag.clone())),
        native: match stored.text.len() {
            0..=LONGEST_KEPT => stored.text.clone().into_bytes(),
            _ => Vec::new(),
        },
    }
}

/// Whether it is somebody's: not the card of a group (RFC 6350, section 6.1.4; `X-ADDRESSBOOKSERVER-KIND` is what
/// Apple's programs write in version 3.0), and a card at all.
pub(crate) fn is_contact(text: &str) -> bool {
    let is_group = |card: &Card| {
        let kinds = ["KIND", "X-ADDRESSBOOKSERVER-KIND"];
        let mut kinds = kinds.iter().filter_map(|kind| card.first(kind));
        kinds.any(|line| line.value().trim().eq_ignore_ascii_case("group"))
    };
    Card::read(text).is_ok_and(|card| !is_group(&card))
}

/// Whether somebody in the directory is named as whose card it is.
pub(crate) fn is_linked(text: &str) -> bool {
    Card::read(text).is_ok_and(|card| tie(&card).is_some())
}

fn is_active(card: &Card) -> bool {
    let mut lines = card.all(INACTIVE);
    !lines.any(|(_, line)| line.value().trim().eq_ignore_ascii_case("TRUE"))
}

fn tie(card: &Card) -> Option<Tie> {
    let mut ties = card.all(TIE).filter_map(|(_, line)| {
        let text = unescaped(line.value());
        let (object_id, source) = text.trim().rsplit_once(' ')?;
        let is_whole = !object_id.is_empty() && !source.is_empty();
        is_whole.then(|| Tie {
            source: source.to_owned(),
            object_id: object_id.to_owned(),
        })
    });
    ties.next()
}

/// The card that a patch makes of one. One that is as the patch wants it stays as it is.
pub(crate) fn patched(card: &Card, patch: &Patch) -> Result<Card, Refusal> {
    let mut patched = card.clone();
    for FieldWrite { name, value } in &patch.writes {
        values::write(&mut patched, name, value.as_deref())?;
    }
    if let Some(active) = patch.active {
        write_active(&mut patched, active);
    }
    if let Some(to_be) = &patch.tie {
        write_tie(&mut patched, to_be.as_ref());
    }
    Ok(patched)
}

fn write_active(card: &mut Card, active: bool) {
    if is_active(card) != active {
        remove_all(card, INACTIVE);
        if !active {
            card.add(Line::new(INACTIVE, "TRUE"));
        }
    }
}

fn write_tie(card: &mut Card, to_be: Option<&Tie>) {
    if tie(card).as_ref() != to_be {
        remove_all(card, TIE);
        if let Some(to_be) = to_be {
            let value = format!("{} {}", to_be.object_id, to_be.source);
            card.add(Line::new(TIE, &escaped(&value)));
        }
    }
}

fn remove_all(card: &mut Card, property: &str) {
    while let Some(place) = card.place(property) {
        card.remove(place);
    }
}

/// What tells a draft from every other: whose it is and when it was decided, so that each attempt to make it means
/// the same card, and one that is made after a deletion another one. As a UUID of version 8 (RFC 9562, section 5.8).
pub(crate) fn identity(draft: &Draft) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    match &draft.tie {
        Some(tie) => [&tie.source, &tie.object_id]
            .into_iter()
            .for_each(|text| part(text)),
        None => draft.fields.iter().for_each(|(name, value)| {
            part(name);
            part(value);
        }),
    }
    part(&draft.decided_at_ms.to_string());
    let digest = hash.finalize();
    let mut uuid = String::with_capacity(36);
    for (place, byte) in digest.iter().take(16).enumerate() {
        let byte = match place {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(place, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        uuid.push_str(&format!("{byte:02x}"));
    }
    uuid
}

/// The name of the card that a draft makes.
pub(crate) fn name(draft: &Draft) -> String {
    format!("{}.vcf", identity(draft))
}

/// The card that a draft makes. The lists are given with their names.
pub(crate) fn made(
    draft: &Draft,
    version: Version,
    lists: &[(&str, String)],
) -> Result<Card, Refusal> {
    let mut card = Card::empty(version);
    card.add(Line::new("UID", &uid(draft, version)));
    let full_name = draft
        .fields
        .iter()
        .filter(|(name, _)| name == crate::fields::FULL_NAME);
    let others = draft
        .fields
        .iter()
        .filter(|(name, _)| name != crate::fields::FULL_NAME);
    for (name, value) in full_name {
        values::write(&mut card, name, Some(value))?;
    }
    // Version 3.0 wants a name (RFC 2426, section 3.1.2), also where there is none.
    card.add(Line::new("N", ";;;;"));
    for (name, value) in others {
        values::write(&mut card, name, Some(value))?;
    }
    for (list, name) in lists {
        categories::join(&mut card, list, name);
    }
    write_active(&mut card, draft.active);
    write_tie(&mut card, draft.tie.as_ref());
    Ok(card)
}

fn uid(draft: &Draft, version: Version) -> String {
    match version {
        Version::V3 => identity(draft),
        Version::V4 => format!("urn:uuid:{}", identity(draft)),
    }
}

/// Whether a card is the one that a draft has made, by what no program changes of a card.
pub(crate) fn is_made_of(draft: &Draft, text: &str) -> bool {
    let Ok(card) = Card::read(text) else {
        return false;
    };
    let identity = identity(draft);
    let uid = card.first("UID").map(|line| unescaped(line.value()));
    uid.is_some_and(|uid| uid.trim().trim_start_matches("urn:uuid:") == identity)
}
