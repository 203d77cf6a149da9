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
use super::user::{MANAGER, Selection, User, Value};

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

/// Takes the managers that a page of a list leaves out for none, where the page proves that it states
/// managers at all: by stating one.
///
/// Graph leaves out the manager of whoever has none. It may also take no notice of an option, and says
/// nothing then (<https://learn.microsoft.com/graph/aad-advanced-queries>): a page on which nobody has a
/// manager tells nothing about any.
pub fn infer_absent_managers(users: &mut [User<'_>], selection: &Selection) {
    let Some(position) = selection.position(MANAGER) else {
        return;
    };
    let is_stated = |user: &User<'_>| matches!(user.value(position), Value::Members(_));
    if !users.iter().any(is_stated) {
        return;
    }
    for user in users {
        if let Some(value) = user.values.get_mut(position)
            && *value == Value::Absent
        {
            *value = Value::Null;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_MANAGER: [&str; 2] = ["displayName", MANAGER];

    fn selection() -> Selection {
        Selection::new(WITH_MANAGER)
    }

    fn managers(text: &str) -> Vec<Value<'_>> {
        let mut users = parse(text, &selection()).unwrap().users.unwrap();
        infer_absent_managers(&mut users, &selection());
        let position = selection().position(MANAGER).unwrap();
        let managers = users.iter().map(|user| user.value(position).clone());
        managers.collect()
    }

    #[test]
    fn managers_are_expanded_in_lists_and_selected_in_change_feeds() {
        assert_eq!(selection().to_query(), "id,displayName,manager");
        assert_eq!(
            selection().list_options(),
            "$select=id,displayName\
             &$expand=manager($select=id,displayName,mail,userPrincipalName)"
        );
        assert_eq!(selection().select_option(), "$select=id,displayName");
        let without = Selection::new(["displayName"]);
        assert_eq!(without.list_options(), without.select_option());
    }

    #[test]
    fn a_manager_who_is_left_out_is_none_where_the_page_states_another() {
        let stated = managers(
            r#"{"value":[{"id":"1","manager":{"id":"9","displayName":"Bo"}},{"id":"2"}]}"#,
        );
        assert!(matches!(stated.first(), Some(Value::Members(_))));
        assert_eq!(stated.get(1), Some(&Value::Null));
    }

    #[test]
    fn a_page_on_which_nobody_has_a_manager_tells_nothing_about_any() {
        assert_eq!(
            managers(r#"{"value":[{"id":"1"},{"id":"2"}]}"#),
            [Value::Absent, Value::Absent]
        );
    }

    #[test]
    fn a_change_feed_tells_a_manager_by_id_and_a_former_one_as_none() {
        const REPLACED: &str = r#"{"value":[{"id":"1","manager@delta":
            [{"id":"7"},{"id":"8","@removed":{"reason":"deleted"}}]}]}"#;
        for (feed, told) in [
            (
                r##"[{"@odata.type":"#microsoft.graph.user","id":"7"}]"##,
                Value::Reference("7".into()),
            ),
            (
                r#"[{"id":"7","@removed":{"reason":"deleted"}}]"#,
                Value::Null,
            ),
            ("[]", Value::Absent),
            (
                r##"[{"@odata.type":"#microsoft.graph.user"}]"##,
                Value::Unexpected,
            ),
            (r#"{"id":"7"}"#, Value::Unexpected),
        ] {
            let text = format!(r#"{{"value":[{{"id":"1","manager@delta":{feed}}}]}}"#);
            assert_eq!(managers(&text), [told], "{feed}");
        }
        assert_eq!(managers(REPLACED), [Value::Reference("7".into())]);
    }
}
