//! Percent-encoding of one value for a URL's path or a form body.
//!
//! Everything but the unreserved characters of RFC 3986, section 2.3, is encoded, which is right in
//! both places; a form may encode a space as `%20`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The value, encoded.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// A form body (`application/x-www-form-urlencoded`).
pub fn form(parameters: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in parameters {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        body.push_str(&encode(value));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_url_is_encoded() {
        assert_eq!(encode("a-b_c.d~9"), "a-b_c.d~9");
        assert_eq!(
            encode("../a b?c#d&e=f%+é"),
            "..%2Fa%20b%3Fc%23d%26e%3Df%25%2B%C3%A9"
        );
    }

    #[test]
    fn a_form_keeps_its_parameters_apart() {
        assert_eq!(form(&[("a", "1&b=2"), ("c", "~")]), "a=1%26b%3D2&c=~");
    }
}
