//! The document as written: every member in its order, also one that stands there twice.
//!
//! `serde_json::Value` keeps the last of two members of one name and forgets the other, so that a
//! filter pasted twice would silently lose half of itself. This model keeps both, so that they can
//! be reported.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::text::without_mark;

/// A JSON value.
#[derive(Debug, PartialEq, Eq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number from 0; the only kind any setting takes.
    Whole(u64),
    /// Every other number.
    OtherNumber,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object, its members in the order in which they stand.
    Object(Vec<(String, Node)>),
}

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Nothing but white space.
    #[error("The document is empty; write an object in braces.")]
    Empty,
    /// No JSON. The parser's message has line and column, and repeats nothing of the document.
    #[error("The document is not valid JSON; correct it here: {place}.{hint}")]
    NotJson {
        /// What is wrong, at which line and column.
        place: String,
        /// A sentence after a blank, where what stands there is a known mistake.
        hint: &'static str,
    },
    /// JSON, and no object.
    #[error("The document is not an object; write an object in braces.")]
    NoObject,
    /// A name stands in an object twice, so that two readers may read two things.
    #[error("In the document, {0} stands more than once; keep one of them.")]
    Repeated(String),
}

/// A member whose name stands in its object more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// The member's name.
    pub name: String,
}

impl Node {
    /// Reads a document; a byte order mark in front of it is passed over.
    ///
    /// # Errors
    ///
    /// Where it is no JSON text. Comments and commas before a closing bracket are not JSON
    /// (RFC 8259), and refused with a sentence.
    pub fn parse(document: &str) -> Result<Self, Malformed> {
        let document = without_mark(document);
        if document.trim().is_empty() {
            return Err(Malformed::Empty);
        }
        serde_json::from_str(document).map_err(|error| Malformed::NotJson {
            hint: hint(document, &error),
            place: error.to_string(),
        })
    }

    /// What this is, for a sentence that says it is the wrong thing.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Whole(_) | Self::OtherNumber => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The first member of that name, where this is an object that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let member = members.iter().find(|(key, _)| key == name);
        member.map(|(_, node)| node)
    }

    /// The text, where this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as `serde_json` has it: of two members of one name the first, and `null` for a number that no
    /// setting takes.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null | Self::OtherNumber => Value::Null,
            Self::Boolean(value) => (*value).into(),
            Self::Whole(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(elements) => elements.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                let mut object = Map::new();
                for (name, node) in members {
                    object.entry(name).or_insert_with(|| node.to_value());
                }
                Value::Object(object)
            }
        }
    }

    /// Each member whose name stands in its object more than once, at any depth; a name written five
    /// times once.
    #[must_use]
    pub fn repeated(&self) -> Vec<Repeated> {
        let mut found = Vec::new();
        self.find_repeated("", &mut found);
        found
    }

    fn find_repeated(&self, pointer: &str, found: &mut Vec<Repeated>) {
        match self {
            Self::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    element.find_repeated(&format!("{pointer}/{index}"), found);
                }
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    let pointer = member(pointer, name);
                    let earlier = members.iter().take(index);
                    if earlier.filter(|(other, _)| other == name).count() == 1 {
                        found.push(Repeated {
                            pointer: pointer.clone(),
                            name: name.clone(),
                        });
                    }
                    value.find_repeated(&pointer, found);
                }
            }
            Self::Null | Self::Boolean(_) | Self::Whole(_) | Self::OtherNumber | Self::Text(_) => {}
        }
    }
}

/// The pointer of a member, its name escaped as RFC 6901 says.
#[must_use]
pub fn member(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A document as an object to work on, where it says one thing only.
///
/// # Errors
///
/// As [`Node::parse`]; and where it is no object, or a name stands in an object more than once.
pub fn object(document: &str) -> Result<Map<String, Value>, Malformed> {
    let node = Node::parse(document)?;
    if let Some(repeated) = node.repeated().into_iter().next() {
        return Err(Malformed::Repeated(repeated.pointer));
    }
    match serde_json::from_str(without_mark(document)) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Malformed::NoObject),
    }
}

/// What the mistake probably is, by the character that the parser stopped at.
fn hint(document: &str, error: &serde_json::Error) -> &'static str {
    let line = document.lines().nth(error.line().saturating_sub(1));
    let Some(line) = line else { return "" };
    let from = error.column().saturating_sub(1);
    let at = (0..=from).rev().find_map(|index| line.get(index..));
    let Some(at) = at.and_then(|rest| rest.chars().next()) else {
        return "";
    };
    match at {
        '/' | '#' => " JSON has no comments; take them out.",
        '\'' => " JSON writes text in double quotes (\").",
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => {
            " These are typographic quotation marks; JSON writes text in straight double quotes (\")."
        }
        '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{202f}' | '\u{2060}' | '\u{3000}' | '\u{feff}' => {
            " A blank stands there that is none of JSON's, as web pages have them; write it anew with the space bar."
        }
        '}' | ']' if error.to_string().starts_with("trailing comma") => {
            " JSON has no comma before a closing bracket."
        }
        _ => "",
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Whole(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::OtherNumber)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::OtherNumber)
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Node::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(entry) = access.next_entry()? {
            members.push(entry);
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(document: &str) -> Vec<String> {
        let node = Node::parse(document).expect("valid JSON");
        let found = node.repeated().into_iter();
        found.map(|repeated| repeated.pointer).collect()
    }

    #[test]
    fn a_member_that_stands_there_twice_is_found_at_any_depth() {
        assert_eq!(
            repeated(r#"{"a": {"b/c": 1, "b/c": 2}, "l": [{"x": 1, "x": 1, "x": 1}]}"#),
            ["/a/b~1c", "/l/0/x"]
        );
    }

    #[test]
    fn the_same_name_in_two_objects_is_no_repetition() {
        assert!(repeated(r#"{"a": {"x": 1}, "b": {"x": 1}}"#).is_empty());
    }

    #[test]
    fn what_says_two_things_is_no_object_to_work_on() {
        assert_eq!(
            object(r#"{"tenant": {"id": "a", "id": "b"}}"#),
            Err(Malformed::Repeated("/tenant/id".to_owned()))
        );
        assert_eq!(object("[]"), Err(Malformed::NoObject));
        assert_eq!(object(" "), Err(Malformed::Empty));
        assert!(object("{").is_err());
        assert_eq!(
            object("\u{feff}{\"a\": 1}").map(|object| object.len()),
            Ok(1)
        );
    }

    #[test]
    fn text_that_is_no_json_is_located() {
        let told = Node::parse("{\n  \"sync\": ,\n}")
            .expect_err("no JSON")
            .to_string();
        assert!(told.contains("line 2 column 11"), "{told}");
    }

    #[test]
    fn a_known_mistake_is_told_by_its_name() {
        for (document, words) in [
            ("{ // who\n \"a\": 1 }", "no comments"),
            ("{ \"a\": 1 # who\n }", "no comments"),
            ("{ \"a\": 1, /* who */ \"b\": 2 }", "no comments"),
            ("{ 'a': 1 }", "double quotes"),
            ("{ \u{201c}a\u{201d}: 1 }", "typographic"),
            ("{\u{a0}\"a\": 1 }", "space bar"),
            ("{ \"a\": 1, }", "no comma"),
            ("{ \"a\": [1, 2,] }", "no comma"),
            ("", "empty"),
            ("\u{feff}\r\n", "empty"),
        ] {
            let told = Node::parse(document).expect_err(document).to_string();
            assert!(told.contains(words), "{document}: {told}");
        }
    }

    #[test]
    fn a_document_nested_without_end_is_refused() {
        let document = "[".repeat(100_000);
        assert!(Node::parse(&document).is_err());
    }

    #[test]
    fn a_byte_order_mark_does_no_harm() {
        assert_eq!(Node::parse("\u{feff}{}"), Ok(Node::Object(Vec::new())));
    }

    #[test]
    fn pointers_escape_slash_and_tilde() {
        assert_eq!(member("/sync/mapping", "a/b~c"), "/sync/mapping/a~1b~0c");
    }
}
