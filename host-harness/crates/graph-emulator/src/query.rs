//! The query string: OData system query options, kept as sent so that a nextLink can repeat them.

use super::failure::Failure;

/// Options that the emulator knows; any other that begins with `$` is refused.
const KNOWN: [&str; 11] = [
    "$count",
    "$deltatoken",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
];

/// The options of one request.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
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
    pub(super) fn parse(text: &str) -> Self {
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
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|option| option.name == name)
            .map(|option| &*option.value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of an option that is more than white space.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// Every option as it was sent, except some.
    pub(super) fn raw_without(&self, dropped: &[&str]) -> Vec<&str> {
        self.options
            .iter()
            .filter(|option| !dropped.contains(&&*option.name))
            .map(|option| &*option.raw)
            .collect()
    }

    /// Refuses a query that no entity set could serve: an option twice, or one nobody knows.
    ///
    /// # Errors
    /// 400 `BadRequest`.
    pub(super) fn check(&self) -> Result<(), Failure> {
        for (place, option) in self.options.iter().enumerate() {
            if !option.name.starts_with('$') {
                continue;
            }
            if !KNOWN.contains(&&*option.name) {
                return Err(Failure::invalid(format!(
                    "The query specified in the URI is not valid. The query parameter '{}' is not \
                     supported.",
                    option.name
                )));
            }
            if self
                .options
                .iter()
                .take(place)
                .any(|other| other.name == option.name)
            {
                return Err(Failure::invalid(format!(
                    "Query option '{}' was specified more than once, but it must be specified at \
                     most once.",
                    option.name
                )));
            }
        }
        Ok(())
    }

    /// `$top`, checked against the largest page.
    ///
    /// # Errors
    /// 400 for anything that is no number between 1 and `largest`.
    pub(super) fn page_size(&self, default: usize, largest: usize) -> Result<usize, Failure> {
        let Some(text) = self.get("$top") else {
            return Ok(default);
        };
        let Ok(size) = text.trim().parse::<u64>() else {
            return Err(Failure::invalid(format!(
                "Invalid value '{text}' for $top query option found. The $top query option \
                 requires a non-negative integer value."
            )));
        };
        usize::try_from(size)
            .ok()
            .filter(|size| (1..=largest).contains(size))
            .ok_or_else(|| {
                Failure::bad_request(format!(
                    "Invalid page size specified: '{size}'. Must be between 1 and {largest} \
                     inclusive."
                ))
            })
    }

    /// `$count`.
    ///
    /// # Errors
    /// 400 for anything but `true` and `false`.
    pub(super) fn count(&self) -> Result<bool, Failure> {
        match self.get("$count").map(str::trim) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(Failure::invalid(format!(
                "Invalid value '{text}' for $count query option found. Valid values are '0', '1', \
                 'true' and 'false'."
            ))),
        }
    }
}

/// Decodes one name or value of a query string.
fn decode(text: &str) -> String {
    decode_escapes(&text.replace('+', " "))
}

/// Decodes one segment of a path.
pub(super) fn decode_segment(text: &str) -> String {
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
pub(super) fn decode_form(body: &str) -> Vec<(String, String)> {
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
pub(super) fn encode_form(pairs: &[(&str, &str)]) -> String {
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

    #[test]
    fn a_page_is_between_one_and_the_largest() {
        let size = |text: &str| Query::parse(text).page_size(100, 999);
        assert_eq!(size(""), Ok(100));
        assert_eq!(size("$top=999"), Ok(999));
        for refused in ["$top=0", "$top=1000", "$top=-1", "$top=many", "$top="] {
            assert!(size(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn unknown_and_repeated_options_are_refused_and_plain_parameters_are_ignored() {
        assert!(Query::parse("$tops=1").check().is_err());
        assert!(Query::parse("$top=1&%24top=2").check().is_err());
        assert!(Query::parse("cache=1&cache=2&$top=1").check().is_ok());
    }
}
