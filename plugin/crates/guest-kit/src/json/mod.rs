//! JSON as bytes, for what is not read or written once a person.
//!
//! A text becomes a tree first, and the tree the value. To read a value from the text itself is faster,
//! and compiles the reader of texts, with a position and a sentence for everything that can be wrong, once
//! more for every type. Nobody sees those sentences: what cannot be read is reported by its key.

mod text;
mod tree;
mod unfit;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use text::Text;
use tree::Tree;

/// Reads a text; `None` where the bytes are no JSON text. Of two members of one name the later one counts.
pub fn value(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str(text).ok()
}

/// Reads a value; `None` where the bytes are no JSON text, or the text is no such value.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    from_value(value(bytes)?)
}

/// Reads a value; `None` where the tree is no such value.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(Tree(Some(value))).ok()
}

/// Writes a value, without blanks; `None` where JSON has none that is like it, as for a map whose keys are
/// neither texts nor numbers.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    value.serialize(Text(&mut text)).ok()?;
    Some(text)
}

/// A value as a tree, in which the members of an object are in the order of their names; `null` where JSON has
/// none that is like it.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Value {
    let text = to_bytes(value);
    text.and_then(|text| self::value(&text)).unwrap_or_default()
}

/// The text of a tree.
#[must_use]
pub fn to_text(tree: &Value) -> String {
    let text = to_bytes(tree).and_then(|text| String::from_utf8(text).ok());
    text.unwrap_or_default()
}

/// An object of these members.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    insert(&mut object, &mut members.into_iter());
    Value::Object(object)
}

/// Adds members to an object.
pub fn insert(object: &mut Map<String, Value>, members: &mut dyn Iterator<Item = (&str, Value)>) {
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Shape {
        Empty,
        Wrapped(String),
        Pair(u8, bool),
        Named { left: i64, right: Option<f64> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id(String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Everything {
        id: Id,
        shapes: Vec<Shape>,
        counts: BTreeMap<String, u64>,
        by_id: BTreeMap<Id, u64>,
        unit: (),
        boxed: Box<Option<char>>,
        any: Value,
        note: Option<String>,
        #[serde(default)]
        later: u32,
    }

    impl PartialOrd for Id {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Eq for Id {}

    impl Ord for Id {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }

    fn everything() -> Everything {
        Everything {
            id: Id("a".to_owned()),
            shapes: vec![
                Shape::Empty,
                Shape::Wrapped("é\"".to_owned()),
                Shape::Pair(255, true),
                Shape::Named {
                    left: -1,
                    right: Some(0.5),
                },
                Shape::Named {
                    left: i64::MIN,
                    right: None,
                },
            ],
            counts: BTreeMap::from([("x".to_owned(), u64::MAX)]),
            by_id: BTreeMap::from([(Id("y".to_owned()), 0)]),
            unit: (),
            boxed: Box::new(Some('ß')),
            any: json!({"list": [1, -1, 1.5, null, "t", true, {}]}),
            note: None,
            later: 0,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let written = to_bytes(&everything()).unwrap();
        assert_eq!(from_bytes(&written), Some(everything()));
    }

    fn as_serde_json(value: &impl Serialize) {
        assert_eq!(to_bytes(value), serde_json::to_vec(value).ok());
    }

    #[test]
    fn it_is_written_as_serde_json_writes_it() {
        let numbers = BTreeMap::from([(-1, [0.5, -0.0, f64::NAN]), (2, [1e300, 0.1, 7.0])]);
        let empty = (Vec::<u8>::new(), BTreeMap::<u8, u8>::new(), (), None::<u8>);
        let texts = ["", "[", "{", "é\"\\\n\u{1}\u{2028}", "\u{10ffff}"];
        as_serde_json(&everything());
        as_serde_json(&numbers);
        as_serde_json(&empty);
        as_serde_json(&texts);
        let tree = serde_json::to_value(everything()).unwrap();
        assert_eq!(to_text(&tree), tree.to_string());
        assert_eq!(to_value(&everything()), tree);
    }

    #[test]
    fn a_key_is_a_text_or_a_number() {
        assert_eq!(to_bytes(&BTreeMap::from([([1, 2], 3)])), None);
        assert_eq!(to_bytes(&BTreeMap::from([(None::<u8>, 3)])), None);
        assert_eq!(
            to_bytes(&BTreeMap::from([('a', 3)])),
            Some(br#"{"a":3}"#.to_vec())
        );
    }

    #[test]
    fn an_object_is_made_of_its_members() {
        let members = [("b", json!(1)), ("a", json!(null)), ("b", json!("later"))];
        assert_eq!(to_text(&object(members)), r#"{"a":null,"b":"later"}"#);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_value() {
        assert_eq!(from_bytes(b"\"\xc3\xa9\""), Some("é".to_owned()));
        assert_eq!(from_bytes::<String>(b"\"\xe9\""), None);
        assert_eq!(from_bytes::<u8>(b"256"), None);
        assert_eq!(from_bytes::<u8>(b"1 2"), None);
        assert_eq!(value(b"{"), None);
    }

    #[test]
    fn a_member_that_is_not_known_is_passed_over() {
        let mut written = serde_json::to_value(everything()).unwrap();
        written["new"] = json!([{"deep": [1]}]);
        assert_eq!(from_value(written), Some(everything()));
    }

    #[test]
    fn a_member_may_be_missing_where_that_is_said_and_nowhere_else() {
        let written = serde_json::to_value(everything()).unwrap();
        let without = |name: &str| {
            let mut written = written.clone();
            written.as_object_mut().unwrap().remove(name);
            from_value::<Everything>(written)
        };
        for name in ["later", "note"] {
            assert_eq!(without(name), Some(everything()), "{name}");
        }
        for name in ["id", "shapes", "counts", "by_id", "unit", "any"] {
            assert_eq!(without(name), None, "{name}");
        }
    }

    #[test]
    fn a_member_that_may_be_missing_is_not_passed_over_where_it_is_of_another_kind() {
        for (name, other) in [
            ("later", json!("x")),
            ("later", json!(null)),
            ("note", json!(1)),
        ] {
            let mut written = serde_json::to_value(everything()).unwrap();
            written[name] = other.clone();
            assert_eq!(from_value::<Everything>(written), None, "{name}: {other}");
        }
    }

    #[test]
    fn a_record_is_no_array() {
        let fields = json!(["a", [], {}, {}, null, null, 1, null, 0]);
        assert_eq!(from_value::<Everything>(fields), None);
    }

    #[test]
    fn a_value_of_another_kind_is_none() {
        for other in [
            json!("unknown"),
            json!("wrapped"),
            json!({"empty": 1}),
            json!({"wrapped": 1}),
            json!({"pair": [1]}),
            json!({"pair": [1, true, 2]}),
            json!({"named": {"left": 1.5, "right": null}}),
            json!({"wrapped": "a", "empty": null}),
            json!({}),
            json!(7),
            json!(null),
        ] {
            assert_eq!(from_value::<Shape>(other.clone()), None, "{other}");
        }
        assert_eq!(from_value::<(u8, u8)>(json!([1, 2])), Some((1, 2)));
        assert_eq!(from_value::<bool>(json!("true")), None);
        assert_eq!(from_value::<String>(json!(1)), None);
        assert_eq!(from_value::<Vec<u8>>(json!({})), None);
        assert_eq!(from_value::<BTreeMap<String, u8>>(json!([])), None);
    }
}
