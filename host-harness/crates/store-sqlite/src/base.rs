//! The base of a link as it stands in its column: a JSON object, field to value, or nothing while the base
//! is what the contact's fields hold, as it is of nearly everybody.
//!
//! Whoever writes fields of a contact and not its base writes the base down first.

use std::fmt;

use connector_contract::Field;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde::ser::Serializer as _;

use super::errors::DatabaseError;

/// The column's text.
pub(super) fn to_text(base: &[Field]) -> Result<String, DatabaseError> {
    let mut text = Vec::with_capacity(32 * base.len() + 2);
    serde_json::Serializer::new(&mut text)
        .collect_map(base.iter().map(|field| (&field.name, &field.value)))
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .ok_or_else(|| DatabaseError::Other("the base of a link cannot be written".to_owned()))
}

/// Whether a base is what a contact holds, in whatever order.
pub(super) fn is_held(base: &[Field], held: &[Field]) -> bool {
    base == held
        || base.len() == held.len() && {
            let ordered = |fields: &[Field]| {
                let mut pairs: Vec<_> = (fields.iter())
                    .map(|field| (field.name.clone(), field.value.clone()))
                    .collect();
                pairs.sort_unstable();
                pairs
            };
            ordered(base) == ordered(held)
        }
}

/// The base that a column's text stands for.
pub(super) fn from_text(text: &str) -> Result<Vec<Field>, DatabaseError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer
        .deserialize_map(BaseVisitor)
        .and_then(|base| deserializer.end().map(|()| base))
        .map_err(|_| DatabaseError::unreadable("the base of a link"))
}

struct BaseVisitor;

impl<'de> Visitor<'de> for BaseVisitor {
    type Value = Vec<Field>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut base = Vec::with_capacity(entries.size_hint().unwrap_or(8));
        while let Some((name, value)) = entries.next_entry()? {
            base.push(Field { name, value });
        }
        Ok(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_comes_back_as_it_was_written_in_its_order() {
        let written = [("last_name", "O\"Neil\\"), ("Shoe size", "42 \u{1F45F}")];
        let base: Vec<Field> = written
            .iter()
            .map(|(name, value)| Field {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect();
        let read = from_text(&to_text(&base).unwrap()).unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(read, written);
    }

    #[test]
    fn a_text_that_is_no_base_is_damage() {
        for text in ["", "[]", "{\"a\":1}", "{} {}"] {
            assert!(
                matches!(from_text(text), Err(DatabaseError::Damaged(_))),
                "{text}"
            );
        }
    }
}
