//! Object ids as they stand in columns and indexes: 16 bytes where they are UUIDs, as Entra ID's are, and
//! otherwise their text.
//!
//! Two ids in their canonical form are equal exactly where these are. SQLite orders texts before bytes, and
//! the contract orders object ids by their text; among ids of one of the two kinds it is the same order, and
//! [`Order`] is what puts the two together.

use std::cmp::Ordering;
use std::fmt::Write as _;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};

/// Bytes of a UUID.
const LENGTH: usize = 16;

/// What the canonical text of a UUID looks like: `-` for a hyphen, `x` for a digit.
const TEMPLATE: &[u8; 36] = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// An object id in its canonical form, on its way into a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct ObjectKey<'a>(pub(super) &'a str);

impl ObjectKey<'_> {
    /// As a value of its own.
    pub(super) fn to_value(self) -> Value {
        match bytes(self.0) {
            Some(bytes) => Value::Blob(bytes.to_vec()),
            None => Value::Text(self.0.to_owned()),
        }
    }
}

/// An object id in the order and the form of an index, worked out once for all of its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IndexKey<'a> {
    Text(&'a str),
    Uuid([u8; LENGTH]),
}

impl<'a> From<&'a str> for IndexKey<'a> {
    fn from(id: &'a str) -> Self {
        bytes(id).map_or(Self::Text(id), Self::Uuid)
    }
}

impl<'a> IndexKey<'a> {
    /// From a column; `None` where it holds something else.
    pub(super) fn read(value: ValueRef<'a>) -> Option<Self> {
        match value {
            ValueRef::Text(_) => value.as_str().ok().map(Self::Text),
            ValueRef::Blob(bytes) => bytes.try_into().ok().map(Self::Uuid),
            _ => None,
        }
    }

    /// What it is made of.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(id) => id.as_bytes(),
            Self::Uuid(bytes) => bytes,
        }
    }
}

impl ToSql for IndexKey<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(id) => ValueRef::Text(id.as_bytes()),
            Self::Uuid(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for ObjectKey<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match bytes(self.0) {
            Some(bytes) => ToSqlOutput::Owned(Value::Blob(bytes.to_vec())),
            None => ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes())),
        })
    }
}

/// An object id that was read from a column, as its text.
#[derive(Clone, Debug)]
pub(super) struct ObjectText(pub(super) String);

impl FromSql for ObjectText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(_) => value.as_str().map(|text| Self(text.to_owned())),
            ValueRef::Blob(bytes) => {
                let bytes = bytes.try_into().map_err(|_| FromSqlError::InvalidType)?;
                Ok(Self(text(bytes)))
            }
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// Where the ids of each kind begin that come after an id, in the order of texts.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Texts greater than this.
    after: String,
    /// UUIDs from this one on; `None` where none is greater.
    from: Option<[u8; LENGTH]>,
}

impl Order {
    /// Behind an id; an object id is never empty, so that the empty text comes before all of them.
    pub(super) fn after(id: Option<&str>) -> Self {
        let after = id.unwrap_or_default();
        Self {
            after: after.to_owned(),
            from: first_after(after),
        }
    }

    /// The ids of each kind, from one value on and before another.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (Value, Value)> {
        // Bytes come after every text, and nothing in a column comes after more than 16 bytes of 0xff.
        let texts = (
            Value::Text(format!("{}\0", self.after)),
            Value::Blob(Vec::new()),
        );
        let end = Value::Blob(vec![0xff; LENGTH + 1]);
        let uuids = self.from.map(|from| (Value::Blob(from.to_vec()), end));
        std::iter::once(texts).chain(uuids)
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The bytes of a UUID in its canonical form.
fn bytes(id: &str) -> Option<[u8; LENGTH]> {
    if id.len() != TEMPLATE.len() {
        return None;
    }
    let mut bytes = [0; LENGTH];
    let mut place = 0;
    for (byte, template) in id.bytes().zip(TEMPLATE) {
        if *template == b'-' {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        put(&mut bytes, place, digit(byte)?);
        place += 1;
    }
    Some(bytes)
}

fn put(bytes: &mut [u8; LENGTH], place: usize, digit: u8) {
    if let Some(byte) = bytes.get_mut(place / 2) {
        *byte |= if place.is_multiple_of(2) {
            digit << 4
        } else {
            digit
        };
    }
}

fn text(bytes: [u8; LENGTH]) -> String {
    let mut text = String::with_capacity(TEMPLATE.len());
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The first UUID whose text comes after this text.
fn first_after(after: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let mut place = 0;
    let mut given = after.bytes();
    for template in TEMPLATE {
        let Some(byte) = given.next() else {
            // Longer than the text, and beginning like it.
            return Some(bytes);
        };
        if *template == b'-' {
            match byte.cmp(&b'-') {
                Ordering::Less => return Some(bytes),
                Ordering::Equal => continue,
                Ordering::Greater => return next(bytes, place),
            }
        }
        match digit(byte) {
            Some(digit) => put(&mut bytes, place, digit),
            None => match (0..LENGTH as u8).find(|digit| character(*digit) > byte) {
                Some(digit) => {
                    put(&mut bytes, place, digit);
                    return Some(bytes);
                }
                None => return next(bytes, place),
            },
        }
        place += 1;
    }
    next(bytes, place)
}

fn character(digit: u8) -> u8 {
    if digit < 10 {
        b'0' + digit
    } else {
        b'a' + digit - 10
    }
}

/// The first UUID after all that begin with the first so many digits of this one.
fn next(bytes: [u8; LENGTH], digits: usize) -> Option<[u8; LENGTH]> {
    let shift = u32::try_from(4 * (2 * LENGTH - digits)).ok()?;
    let step = 1_u128.checked_shl(shift)?;
    u128::from_be_bytes(bytes)
        .checked_add(step)
        .map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use contact_identity::ObjectId;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_uuid_is_16_bytes_and_everything_else_its_text() {
        let uuid = "abcdef00-0000-4000-8000-00000000abcd";
        let Value::Blob(bytes) = ObjectKey(uuid).to_value() else {
            panic!("no bytes");
        };
        assert_eq!(bytes.len(), 16);
        assert_eq!(text(bytes.try_into().unwrap()), uuid);
        for other in [
            "",
            "user-1",
            "ABCDEF00-0000-4000-8000-00000000ABCD",
            "abcdef00_0000-4000-8000-00000000abcd",
        ] {
            assert_eq!(ObjectKey(other).to_value(), Value::Text(other.to_owned()));
        }
    }

    fn any_id() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[0-1e-f]{8}-0{4}-0{4}-f{4}-[0f]{12}",
            "[ -~]{1,4}",
            "[0-9a-g]{1,9}",
            "f{8}-f{4}-f{4}-f{4}-f{12}[a-z]?",
            "[0-9a-f]{8}[,-/][0-9a-f]{4}",
        ]
    }

    proptest! {
        #[test]
        fn what_comes_after_an_id_is_what_its_text_comes_before(id in any_id(), after in any_id()) {
            let id = ObjectId::new(id).into_string();
            let key = ObjectKey(&id).to_value();
            let within = |(from, to): (Value, Value)| match (&key, &from, &to) {
                (Value::Text(key), Value::Text(from), _) => key >= from,
                (Value::Blob(key), Value::Blob(from), Value::Blob(to)) => key >= from && key < to,
                _ => false,
            };
            let found = Order::after(Some(&after)).ranges().any(within);
            prop_assert_eq!(found, id > after);
        }
    }
}
