//! Mail addresses.

use std::borrow::Cow;

use crate::characters::{trimmed, without_invisible};
use crate::nfc::composed;
use crate::punycode;
use crate::text::{folded, without_case};

/// How the label of a domain begins that holds other characters than ASCII (RFC 5890).
const ENCODED: &str = "xn--";

/// The form in which addresses are compared: equal where they are one mailbox to whoever reads them.
///
/// Case does not count, as it does not for the directory, nor do margins and characters that are not
/// seen. Two composed and decomposed letters before the `@` are two addresses, because mail systems
/// need not take them for one; in a domain they are one, and labels in Punycode
/// (`xn--bcher-kva.example`) are what they encode (`bücher.example`).
#[must_use]
pub fn comparable(address: &str) -> Cow<'_, str> {
    let address = without_case(address);
    let Some((local, domain)) = address.rsplit_once('@') else {
        return address;
    };
    if domain.is_ascii() && !domain.contains(ENCODED) {
        return address;
    }
    let domain = folded(domain);
    let labels: Vec<_> = domain
        .split(['.', '\u{3002}', '\u{ff61}'])
        .map(label)
        .collect();
    Cow::Owned(format!("{local}@{}", labels.join(".")))
}

/// Whether two texts are one address.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || comparable(one) == comparable(other)
}

/// The address as a contact holds it: as it is written, in its own case, without the characters that
/// are not seen and without margins.
#[must_use]
pub fn written(address: &str) -> Cow<'_, str> {
    match without_invisible(address) {
        Cow::Borrowed(address) => Cow::Borrowed(trimmed(address)),
        Cow::Owned(address) => Cow::Owned(trimmed(&address).to_owned()),
    }
}

/// A label of a domain as people read it.
fn label(label: &str) -> Cow<'_, str> {
    let decoded = label.strip_prefix(ENCODED).and_then(punycode::decode);
    // An encoding of what could be written without one, or of something else than a label, is none.
    match decoded.as_deref().map(folded) {
        Some(text) if !text.is_ascii() && !text.contains(['.', '@', '\u{3002}', '\u{ff61}']) => {
            Cow::Owned(composed(&text).into_owned())
        }
        _ => Cow::Borrowed(label),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        for spelling in [
            "kim@bücher.example",
            "KIM@BÜCHER.EXAMPLE",
            " Kim@Bücher.example\n",
            "kim@xn--bcher-kva.example",
            "kim@XN--BCHER-KVA.example",
            "kim@bu\u{308}cher.example",
            "k\u{200b}im@bücher\u{feff}.example",
            "kim@ｂücher．example",
            "kim@bücher。example",
        ] {
            assert_eq!(comparable(spelling), "kim@bücher.example", "{spelling:?}");
        }
        assert!(is_same("Zoë.Straße@Contoso.com ", "zoË.straße@contoso.COM"));
    }

    #[test]
    fn addresses_of_two_mailboxes_stay_two() {
        for (one, other) in [
            ("kim@contoso.example", "kim@fabrikam.example"),
            ("strasse@contoso.example", "straße@contoso.example"),
            ("kim+1@contoso.example", "kim@contoso.example"),
            ("k.im@contoso.example", "kim@contoso.example"),
            ("zo\u{eb}@contoso.example", "zoe\u{308}@contoso.example"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_encoding_that_is_none_is_left_as_it_is() {
        for address in [
            "a@xn--.example",
            "a@xn--!!.example",
            "a@xn--a.example",
            "xn--bcher-kva",
        ] {
            assert_eq!(comparable(address), address);
        }
    }

    #[test]
    fn a_contact_holds_an_address_as_it_is_written_and_nothing_that_is_not_seen() {
        assert_eq!(
            written("\u{202a} Kim@Contoso.Example \u{202c}"),
            "Kim@Contoso.Example"
        );
        assert!(matches!(
            written(" Kim@Contoso.Example"),
            Cow::Borrowed("Kim@Contoso.Example")
        ));
    }

    #[test]
    fn an_address_in_its_comparable_form_is_not_copied() {
        assert!(matches!(
            comparable("kim@contoso.example"),
            Cow::Borrowed(_)
        ));
    }

    proptest! {
        #[test]
        fn the_comparable_form_is_its_own(
            address in "\\PC*|\\PC{0,4}@\\PC{0,6}|[a-z]{1,3}@xn--[a-z0-9-]{0,12}(\\.xn--[a-z0-9]{0,8})?",
        ) {
            let once = comparable(&address).into_owned();
            prop_assert_eq!(comparable(&once), once.as_str());
        }

        #[test]
        fn what_a_contact_holds_is_the_same_address(address in "\\PC*") {
            let held = written(&address).into_owned();
            prop_assert_eq!(written(&held), held.as_str());
            prop_assert!(is_same(&held, &address));
        }
    }
}
