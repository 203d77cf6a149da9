//! Spoils valid JSON: in its structure, and in its bytes.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A person's name and address, which may stand nowhere but in contacts and plans.
pub(crate) const NAME: &str = "Zebulon Quatermass";
pub(crate) const ADDRESS: &str = "zq.private@contoso.example";

/// What is done to one place of a document.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    /// Another value in place of the nth.
    Replace(usize, Value),
    /// The nth value is left out.
    Remove(usize),
    /// The nth value stands in a list, and that in a list, so many times.
    Bury(usize, usize),
    /// The name of the nth member is another.
    Rename(usize, String),
    /// The text ends there.
    Truncate(usize),
    /// These bytes stand there in addition.
    Insert(usize, Vec<u8>),
    /// The byte there is another.
    Flip(usize, u8),
}

/// Text as it comes from outside: names, addresses, odd Unicode, very long.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(NAME.to_owned()),
        Just(ADDRESS.to_owned()),
        Just(String::new()),
        Just("\u{0}\u{feff}\u{202e}\u{1f9ed}e\u{301}\u{2028}".to_owned()),
        Just("x".repeat(10_000)),
        ".{0,12}",
    ]
}

/// Any single value.
pub(crate) fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        Just(json!(1e308)),
        text().prop_map(Value::from),
    ]
}

/// Any value.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(text(), inner, 0..4)
                .prop_map(|members| json!(members.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

/// Any mutation.
pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0..2_000_usize;
    prop_oneof![
        4 => (place.clone(), value()).prop_map(|(place, value)| Mutation::Replace(place, value)),
        2 => place.clone().prop_map(Mutation::Remove),
        1 => (place.clone(), 1..400_usize).prop_map(|(place, depth)| Mutation::Bury(place, depth)),
        1 => (place.clone(), text()).prop_map(|(place, name)| Mutation::Rename(place, name)),
        1 => place.clone().prop_map(Mutation::Truncate),
        1 => (place.clone(), prop::collection::vec(any::<u8>(), 1..9))
            .prop_map(|(place, bytes)| Mutation::Insert(place, bytes)),
        1 => (place, any::<u8>()).prop_map(|(place, byte)| Mutation::Flip(place, byte)),
    ]
}

/// Several.
pub(crate) fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 1..5)
}

/// The document, spoilt: the structure first, then the bytes.
pub(crate) fn spoilt(valid: &Value, mutations: &[Mutation]) -> Vec<u8> {
    let mut document = valid.clone();
    for mutation in mutations {
        let count = count(&document);
        match mutation {
            Mutation::Replace(place, value) => {
                at(&mut document, place % count, &|old| *old = value.clone());
            }
            Mutation::Bury(place, depth) => at(&mut document, place % count, &|old| {
                for _ in 0..*depth {
                    *old = Value::Array(vec![old.take()]);
                }
            }),
            Mutation::Remove(place) => at(&mut document, place % count, &|old| {
                if let Some(members) = old.as_object_mut() {
                    let name = members.keys().nth(place % members.len().max(1)).cloned();
                    name.map(|name| members.remove(&name));
                } else if let Some(elements) = old.as_array_mut() {
                    elements.pop();
                }
            }),
            Mutation::Rename(place, to) => at(&mut document, place % count, &|old| {
                if let Some(members) = old.as_object_mut()
                    && let Some(name) = members.keys().nth(place % members.len().max(1)).cloned()
                    && let Some(value) = members.remove(&name)
                {
                    members.insert(to.clone(), value);
                }
            }),
            Mutation::Truncate(_) | Mutation::Insert(..) | Mutation::Flip(..) => {}
        }
    }
    let mut bytes = document.to_string().into_bytes();
    for mutation in mutations {
        let length = bytes.len().max(1);
        match mutation {
            Mutation::Truncate(place) => bytes.truncate(place % length),
            Mutation::Insert(place, more) => {
                let place = (place % length).min(bytes.len());
                bytes.splice(place..place, more.iter().copied());
            }
            Mutation::Flip(place, byte) => {
                if let Some(old) = bytes.get_mut(place % length) {
                    *old ^= byte;
                }
            }
            _ => {}
        }
    }
    bytes
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Does something to the nth value, counted from the outside. An object id may stand in an error, so
/// that no name is put in its place.
fn at(value: &mut Value, place: usize, change: &dyn Fn(&mut Value)) {
    fn walk(value: &mut Value, place: &mut usize, change: &dyn Fn(&mut Value)) {
        if *place == 0 {
            change(value);
            *place = usize::MAX;
            return;
        }
        *place -= 1;
        let inner: Box<dyn Iterator<Item = &mut Value>> = match value {
            Value::Array(elements) => Box::new(elements.iter_mut()),
            Value::Object(members) => Box::new(
                members
                    .iter_mut()
                    .filter(|(name, _)| *name != "id")
                    .map(|(_, value)| value),
            ),
            _ => return,
        };
        for value in inner {
            if *place == usize::MAX {
                return;
            }
            walk(value, place, change);
        }
    }
    walk(value, &mut { place }, change);
}
