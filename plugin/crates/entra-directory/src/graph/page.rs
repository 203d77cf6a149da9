//! A page of users, parsed in one pass, borrowing from its bytes.
//!
//! The links may stand before or after `value`
//! (<https://learn.microsoft.com/graph/delta-query-overview>), and the values of a page live as
//! long as its bytes. A page that is truncated, or is no page, is an error as a whole, and nothing
//! of its content is in that error; a user that makes no sense is an element without an id or a
//! value that is [`Unexpected`](super::user::Value::Unexpected).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::element::ElementSeed;
use super::error::GraphError;
use super::link::{GraphRoot, Link};
use super::user::{Selection, User};

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another page of the same round; also after an empty page.
    Page(Link),
    /// Nothing: the round is closed, and the next one starts here.
    Done(Link),
    /// Nothing: the list is at its end. A list has no deltaLink; a change feed that ends so is not
    /// closed.
    End,
}

/// One page.
#[derive(Debug)]
pub struct Page<'page> {
    /// In the page's order. The same user may occur more than once; the last one counts.
    pub users: Vec<User<'page>>,
    /// Where it goes on.
    pub next: Next,
}

/// Reads a page.
///
/// # Errors
///
/// [`GraphError::NotJson`] where the bytes are no complete JSON in UTF-8,
/// [`GraphError::UnexpectedShape`] where they are no page, or a page that says both how it goes on
/// and that it does not, and [`GraphError::ForeignLink`] where it leads away from the configured
/// root.
pub fn parse<'page>(
    bytes: &'page [u8],
    selection: &Selection,
    root: &GraphRoot,
) -> Result<Page<'page>, GraphError> {
    let not_json = || GraphError::NotJson {
        host: root.host().to_owned(),
    };
    let unexpected = |detail| GraphError::UnexpectedShape {
        host: root.host().to_owned(),
        detail,
    };

    let text = std::str::from_utf8(bytes).map_err(|_| not_json())?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = DocumentSeed(selection)
        .deserialize(&mut deserializer)
        .and_then(|document| deserializer.end().map(|()| document))
        .map_err(|error| {
            if error.is_data() {
                unexpected("it is no page of users")
            } else {
                not_json()
            }
        })?;
    let users = document
        .users
        .ok_or_else(|| unexpected("it has no value"))?;
    let next = match (document.next_link, document.delta_link) {
        (Some(_), Some(_)) => {
            return Err(unexpected("it has a nextLink and a deltaLink"));
        }
        (Some(next), None) => Next::Page(Link::restore(&next, root)?),
        (None, Some(delta)) => Next::Done(Link::restore(&delta, root)?),
        (None, None) => Next::End,
    };
    Ok(Page { users, next })
}

/// A page's JSON object.
#[derive(Default)]
struct Document<'page> {
    users: Option<Vec<User<'page>>>,
    next_link: Option<String>,
    delta_link: Option<String>,
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

#[cfg(test)]
mod tests;
