//! The query string, kept as sent so that a link can repeat it, and forms, which are written alike.

/// The options of one request.
#[derive(Clone, Debug, Default)]
pub struct Query {
    options: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    /// Lower case: the service compares option names without regard to case.
    name: String,
    value: String,
    raw: String,
}

impl Query {
    /// Splits and decodes a query string; `+` is a space.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let options = text
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Item {
                    name: decode(name).to_lowercase(),
                    value: decode(value),
                    raw: pair.to_owned(),
                }
            })
            .collect();
        Self { options }
    }

    /// The value of an option, given with its `$` and in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|option| option.name == name)
            .map(|option| &*option.value)
    }

    /// Whether an option is there, given as for [`get`](Self::get).
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of an option that is more than white space.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// Every option in the order in which it was sent: its name in lower case, and its value.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.options.iter();
        options.map(|option| (&*option.name, &*option.value))
    }

    /// Every option as it was sent, except some.
    #[must_use]
    pub fn raw_without(&self, dropped: &[&str]) -> Vec<&str> {
        self.options
            .iter()
            .filter(|option| !dropped.contains(&&*option.name))
            .map(|option| &*option.raw)
            .collect()
    }
}

/// Decodes one name or value of a query string.
fn decode(text: &str) -> String {
    decode_escapes(&text.replace('+', " "))
}

/// Decodes one segment of a path.
#[must_use]
pub fn decode_segment(text: &str) -> String {
    decode_escapes(text)
}

/// Undoes percent-encoding; an escape that is none stays as it is.
fn decode_escapes(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.split_at_checked(2).filter(|_| byte == b'%');
        let decoded = escaped.and_then(|(digits, after)| Some((hexadecimal(digits)?, after)));
        let (decoded, after) = decoded.unwrap_or((byte, after));
        bytes.push(decoded);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0_u8, |byte, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(byte << 4 | u8::try_from(digit).ok()?)
    })
}

/// Decodes an `application/x-www-form-urlencoded` body.
#[must_use]
pub fn decode_form(body: &str) -> Vec<(String, String)> {
    body.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Encodes names and values as `application/x-www-form-urlencoded`
/// (<https://url.spec.whatwg.org/#urlencoded-serializing>).
#[must_use]
pub fn encode_form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_and_the_raw_pair_is_kept() {
        let query =
            Query::parse("%24Filter=startswith(displayName,%27O%27%27B%27)+and+true&$top=5");
        assert_eq!(
            query.get("$filter"),
            Some("startswith(displayName,'O''B') and true")
        );
        assert_eq!(query.raw_without(&["$filter"]), ["$top=5"]);
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let pairs = [("state", "a b+c&d=e%é'\""), ("scope", "https://x/.default")];
        let encoded = encode_form(&pairs);
        assert!(encoded.is_ascii() && !encoded.contains(' '), "{encoded}");
        let decoded = decode_form(&encoded);
        let expected = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(decoded, expected);
    }

    #[test]
    fn a_broken_escape_stays_and_bytes_that_are_no_text_are_replaced() {
        assert_eq!(decode_segment("50%25%zz%4"), "50%%zz%4");
        assert_eq!(decode_segment("%FF"), "\u{FFFD}");
    }
}
