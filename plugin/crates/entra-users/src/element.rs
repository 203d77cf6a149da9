//! One element of a page, read without copying what can be borrowed.
//!
//! Property values are first taken as raw JSON and then looked at, so that a value of the wrong
//! type, or one that no string can hold, hurts its own property and nothing else. The second look
//! costs nothing for most values: a string without escapes is its own content.

use std::borrow::Cow;
use std::fmt;

use contact_identity::ObjectId;
use guest_kit::json;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use sync_core::contact::Tombstone;

use super::user::{MANAGER, Members, Selection, User, Value};

/// The type of the accounts of AI agents.
const AGENT: &str = "microsoft.graph.agentUser";

/// Reads one element of `value`, whatever it is.
#[derive(Clone, Copy)]
pub(super) struct ElementSeed<'s>(pub(super) &'s Selection);

impl<'page> DeserializeSeed<'page> for ElementSeed<'_> {
    type Value = User<'page>;

    fn deserialize<D: Deserializer<'page>>(self, deserializer: D) -> Result<User<'page>, D::Error> {
        deserializer.deserialize_any(ElementVisitor(self.0))
    }
}

struct ElementVisitor<'s>(&'s Selection);

/// An element that is no user. Nothing can be said about anybody, so it has no id.
fn nobody<'page, E>() -> Result<User<'page>, E> {
    Ok(User {
        id: None,
        removed: None,
        is_agent: false,
        values: Vec::new(),
    })
}

impl<'page> Visitor<'page> for ElementVisitor<'_> {
    type Value = User<'page>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an element of a page")
    }

    fn visit_map<A: MapAccess<'page>>(self, mut map: A) -> Result<User<'page>, A::Error> {
        let mut user = User {
            id: None,
            removed: None,
            is_agent: false,
            values: vec![Value::Absent; self.0.properties().len()],
        };
        while let Some(property) = map.next_key_seed(PropertySeed(self.0))? {
            match property {
                Property::Selected(position) => {
                    let raw: &RawValue = map.next_value()?;
                    if let Some(value) = user.values.get_mut(position) {
                        *value = read_value(raw.get());
                    }
                }
                Property::Related(position) => {
                    let raw: &RawValue = map.next_value()?;
                    if let Some(value) = user.values.get_mut(position) {
                        *value = read_related(raw.get());
                    }
                }
                Property::Id => user.id = read_id(map.next_value::<&RawValue>()?.get()),
                Property::Removed => {
                    user.removed = read_tombstone(map.next_value::<&RawValue>()?.get());
                }
                Property::Type => {
                    user.is_agent = is_agent(map.next_value::<&RawValue>()?.get());
                }
                Property::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(user)
    }

    fn visit_seq<A: SeqAccess<'page>>(self, mut sequence: A) -> Result<User<'page>, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        nobody()
    }

    fn visit_str<E>(self, _: &str) -> Result<User<'page>, E> {
        nobody()
    }

    fn visit_bool<E>(self, _: bool) -> Result<User<'page>, E> {
        nobody()
    }

    fn visit_i64<E>(self, _: i64) -> Result<User<'page>, E> {
        nobody()
    }

    fn visit_u64<E>(self, _: u64) -> Result<User<'page>, E> {
        nobody()
    }

    fn visit_f64<E>(self, _: f64) -> Result<User<'page>, E> {
        nobody()
    }

    fn visit_unit<E>(self) -> Result<User<'page>, E> {
        nobody()
    }
}

/// What a property's name means here.
enum Property {
    Id,
    Removed,
    Type,
    Selected(usize),
    /// What a change feed tells of a relationship, which stands at this position.
    Related(usize),
    Other,
}

struct PropertySeed<'s>(&'s Selection);

impl<'page> DeserializeSeed<'page> for PropertySeed<'_> {
    type Value = Property;

    fn deserialize<D: Deserializer<'page>>(self, deserializer: D) -> Result<Property, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PropertySeed<'_> {
    type Value = Property;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a property's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Property, E> {
        Ok(match name {
            "id" => Property::Id,
            "@removed" => Property::Removed,
            "@odata.type" => Property::Type,
            "manager@delta" => self
                .0
                .position(MANAGER)
                .map_or(Property::Other, Property::Related),
            name => self
                .0
                .position(name)
                .map_or(Property::Other, Property::Selected),
        })
    }
}

/// What one property's JSON states. `raw` is one valid JSON value without surrounding space.
fn read_value(raw: &str) -> Value<'_> {
    match raw.as_bytes().first() {
        Some(b'"') => Value::Text(read_text(raw)),
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'[') => read_texts(raw),
        Some(b'{') => read_members(raw),
        _ => Value::Unexpected,
    }
}

/// The content of a JSON string.
fn read_text(raw: &str) -> Cow<'_, str> {
    match raw.get(1..raw.len().saturating_sub(1)) {
        Some(content) if !content.contains('\\') => Cow::Borrowed(content),
        _ => Cow::Owned(unescape(raw)),
    }
}

/// Unescapes a JSON string. A surrogate without its partner, which is what remains of an emoji that
/// was cut at a length limit in UTF-16, becomes U+FFFD.
fn unescape(raw: &str) -> String {
    struct Lossy;

    impl Visitor<'_> for Lossy {
        type Value = String;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string")
        }

        // The parser hands over a lone surrogate in its generalised UTF-8 form, three bytes.
        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }

    serde_json::Deserializer::from_str(raw)
        .deserialize_bytes(Lossy)
        .unwrap_or_default()
}

fn read_texts(raw: &str) -> Value<'_> {
    let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw) else {
        return Value::Unexpected;
    };
    let texts: Option<Vec<_>> = elements
        .iter()
        .map(|element| element.get())
        .map(|element| element.starts_with('"').then(|| read_text(element)))
        .collect();
    match texts {
        Some(texts) if texts.is_empty() => Value::Null,
        Some(texts) => Value::Texts(texts),
        None => read_records(raw),
    }
}

fn read_records(raw: &str) -> Value<'_> {
    match serde_json::from_str::<Vec<ReadMembers<'_>>>(raw) {
        Ok(records) => Value::Records(records.into_iter().map(|ReadMembers(of)| of).collect()),
        Err(_) => Value::Unexpected,
    }
}

/// What a change feed tells of a relationship to one object: the id of whoever it leads to now, and with
/// `@removed` of whoever it led to
/// (<https://github.com/microsoft/api-guidelines/blob/vNext/graph/patterns/change-tracking.md>). An empty
/// list tells of no change.
fn read_related(raw: &str) -> Value<'_> {
    // Few pages have one: as a tree, it is read by what the component has already.
    let Some(Json::Array(changes)) = json::value(raw.as_bytes()) else {
        return Value::Unexpected;
    };
    let mut value = Value::Absent;
    for change in &changes {
        let is_former = change.get("@removed").is_some_and(|why| !why.is_null());
        match (change.get("id").and_then(Json::as_str), is_former, &value) {
            (_, true, Value::Reference(_)) => {}
            (_, true, _) => value = Value::Null,
            (Some(id), false, _) if !id.is_empty() => {
                value = Value::Reference(Cow::Owned(ObjectId::new(id).into_string()));
            }
            (_, false, _) => return Value::Unexpected,
        }
    }
    value
}

/// Whether a type annotation names the type of an agent's account, with the `#` of OData 4.0 or
/// without it.
fn is_agent(raw: &str) -> bool {
    matches!(read_value(raw), Value::Text(name) if name.trim_start_matches('#') == AGENT)
}

fn read_members(raw: &str) -> Value<'_> {
    match serde_json::from_str::<ReadMembers<'_>>(raw) {
        Ok(ReadMembers(members)) => Value::Members(members),
        Err(_) => Value::Unexpected,
    }
}

/// The members of a complex value that are strings or null; annotations and others are left out.
struct ReadMembers<'page>(Members<'page>);

impl<'page> serde::Deserialize<'page> for ReadMembers<'page> {
    fn deserialize<D: Deserializer<'page>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'page> Visitor<'page> for MembersVisitor {
            type Value = ReadMembers<'page>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a complex value")
            }

            fn visit_map<A: MapAccess<'page>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some((name, raw)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let (name, raw) = (read_text(name.get()), raw.get());
                    match raw.as_bytes().first() {
                        Some(_) if name.starts_with('@') => {}
                        Some(b'"') => members.push((name, Some(read_text(raw)))),
                        Some(b'n') => members.push((name, None)),
                        _ => {}
                    }
                }
                Ok(ReadMembers(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// An id in its canonical form. One whose text had to be repaired would be somebody else's.
fn read_id(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.starts_with('"') {
        return None;
    }
    let id = match read_text(raw) {
        Cow::Owned(_) => Cow::Owned(serde_json::from_str(raw).ok()?),
        borrowed => borrowed,
    };
    let id = match id {
        Cow::Borrowed(id) => ObjectId::canonical(id),
        Cow::Owned(id) => Cow::Owned(ObjectId::new(id).into_string()),
    };
    (!id.is_empty()).then_some(id)
}

/// Any `@removed` other than null says that the user is gone; only the reason `deleted` says for
/// good (<https://learn.microsoft.com/graph/delta-query-overview>).
fn read_tombstone(raw: &str) -> Option<Tombstone> {
    match read_value(raw) {
        Value::Null | Value::Absent => None,
        Value::Members(members) => {
            let permanent = members
                .iter()
                .any(|(name, reason)| name == "reason" && reason.as_deref() == Some("deleted"));
            Some(if permanent {
                Tombstone::Permanent
            } else {
                Tombstone::Soft
            })
        }
        _ => Some(Tombstone::Soft),
    }
}
