//! The document as written: every member in its order, also one that stands there twice.
//!
//! `serde_json::Value` keeps the last of two members of one name and forgets the other, so that a
//! filter pasted twice would silently lose half of itself. This model keeps both, so that they can
//! be reported.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::problem::{Findings, Problem, member};
use super::wording::quoted;

/// A JSON value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    /// A whole number from 0; the only kind any setting takes.
    Whole(u64),
    /// Every other number.
    OtherNumber,
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// What this is, for a sentence that says it is the wrong thing.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Whole(_) | Self::OtherNumber => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// Notes each member whose name stands in its object more than once.
    pub(super) fn report_duplicates(&self, pointer: &str, findings: &mut Findings) {
        match self {
            Self::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    element.report_duplicates(&format!("{pointer}/{index}"), findings);
                }
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    let pointer = member(pointer, name);
                    let earlier = members.iter().take(index);
                    // Only the second, so that a name written five times is one problem.
                    if earlier.filter(|(other, _)| other == name).count() == 1 {
                        findings.problem(
                            pointer.as_str(),
                            format!(
                                "{} stands in this object more than once; keep one of them.",
                                quoted(name)
                            ),
                        );
                    }
                    value.report_duplicates(&pointer, findings);
                }
            }
            Self::Null | Self::Boolean(_) | Self::Whole(_) | Self::OtherNumber | Self::Text(_) => {}
        }
    }
}

/// Reads the document.
///
/// # Errors
///
/// Where it is no JSON text, with line and column. The parser's message repeats nothing of the
/// document.
pub(super) fn parse(document: &str) -> Result<Node, Problem> {
    let document = document.strip_prefix('\u{feff}').unwrap_or(document);
    serde_json::from_str(document).map_err(|error| Problem {
        pointer: String::new(),
        message: format!("The document is not valid JSON; correct it here: {error}."),
    })
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

    fn duplicates(document: &str) -> Vec<String> {
        let mut findings = Findings::default();
        parse(document)
            .expect("valid JSON")
            .report_duplicates("", &mut findings);
        let (problems, _) = findings.into_parts();
        problems
            .into_iter()
            .map(|problem| problem.pointer)
            .collect()
    }

    #[test]
    fn a_member_that_stands_there_twice_is_found_at_any_depth() {
        assert_eq!(
            duplicates(r#"{"a": {"b/c": 1, "b/c": 2}, "l": [{"x": 1, "x": 1, "x": 1}]}"#),
            ["/a/b~1c", "/l/0/x"]
        );
    }

    #[test]
    fn the_same_name_in_two_objects_is_no_duplicate() {
        assert!(duplicates(r#"{"a": {"x": 1}, "b": {"x": 1}}"#).is_empty());
    }

    #[test]
    fn text_that_is_no_json_is_located() {
        let problem = parse("{\n  \"sync\": ,\n}").expect_err("no JSON");
        assert_eq!(problem.pointer, "");
        assert!(
            problem.message.contains("line 2 column 11"),
            "{}",
            problem.message
        );
    }

    #[test]
    fn a_document_nested_without_end_is_refused() {
        let document = "[".repeat(100_000);
        assert!(parse(&document).is_err());
    }

    #[test]
    fn a_byte_order_mark_does_no_harm() {
        assert_eq!(
            parse("\u{feff}{}").expect("valid JSON"),
            Node::Object(Vec::new())
        );
    }
}
