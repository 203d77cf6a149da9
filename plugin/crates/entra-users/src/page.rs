//! A page of users, parsed in one pass, borrowing from its text.
//!
//! The links may stand before or after `value`
//! (<https://learn.microsoft.com/graph/delta-query-overview>), and the values of a page live as
//! long as its text. A page that is truncated, or is no page, is an error as a whole, and nothing
//! of its content is in that error; a user that makes no sense is an element without an id or a
//! value that is [`Unexpected`](super::user::Value::Unexpected).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use super::element::ElementSeed;
use super::user::{Selection, User};

/// Why a text is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoPage {
    /// It is no complete JSON.
    #[error("it is no complete JSON")]
    NotJson,
    /// It is JSON of another shape.
    #[error("it is no page of users")]
    UnexpectedShape,
}

/// Reads a page.
///
/// # Errors
///
/// Where the text is no page.
pub fn parse<'page>(text: &'page str, selection: &Selection) -> Result<Document<'page>, NoPage> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    DocumentSeed(selection)
        .deserialize(&mut deserializer)
        .and_then(|document| deserializer.end().map(|()| document))
        .map_err(|error| match error.is_data() {
            true => NoPage::UnexpectedShape,
            false => NoPage::NotJson,
        })
}

/// Reads one user alone, as Graph answers who asks for one. `None` where the text is no user.
#[must_use]
pub fn user<'answer>(text: &'answer str, selection: &Selection) -> Option<User<'answer>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    ElementSeed(selection).deserialize(&mut deserializer).ok()
}

/// A page's JSON object.
#[derive(Debug, Default)]
pub struct Document<'page> {
    /// In the page's order; `None` where it has no `value`. The same user may occur more than once; the
    /// last one counts.
    pub users: Option<Vec<User<'page>>>,
    /// Where another page of the same round is.
    pub next_link: Option<String>,
    /// Where the next round starts.
    pub delta_link: Option<String>,
}

struct DocumentSeed<'s>(&'s Selection);

impl<'page> DeserializeSeed<'page> for DocumentSeed<'_> {
    type Value = Document<'page>;

    fn deserialize<D: Deserializer<'page>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'page> Visitor<'page> for DocumentSeed<'_> {
    type Value = Document<'page>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page")
    }

    fn visit_map<A: MapAccess<'page>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut document = Document::default();
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Value => document.users = Some(map.next_value_seed(UsersSeed(self.0))?),
                Key::NextLink => document.next_link = map.next_value()?,
                Key::DeltaLink => document.delta_link = map.next_value()?,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(document)
    }
}

/// What a page's own properties mean.
enum Key {
    Value,
    NextLink,
    DeltaLink,
    Other,
}

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a property's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "value" => Key::Value,
                    "@odata.nextLink" => Key::NextLink,
                    "@odata.deltaLink" => Key::DeltaLink,
                    _ => Key::Other,
                })
            }
        }

        deserializer.deserialize_identifier(KeyVisitor)
    }
}

struct UsersSeed<'s>(&'s Selection);

impl<'page> DeserializeSeed<'page> for UsersSeed<'_> {
    type Value = Vec<User<'page>>;

    fn deserialize<D: Deserializer<'page>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'page> Visitor<'page> for UsersSeed<'_> {
    type Value = Vec<User<'page>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the users of a page")
    }

    fn visit_seq<A: SeqAccess<'page>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut users = Vec::new();
        while let Some(user) = sequence.next_element_seed(ElementSeed(self.0))? {
            users.push(user);
        }
        Ok(users)
    }
}
