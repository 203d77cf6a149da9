//! Addresses: guests' user names, and the attributes that can stand for a mail address.

use serde::Serialize;

/// What stands between a guest's encoded address and the tenant's domain in a user principal name.
const GUEST_MARK: &str = "#ext#";

/// An attribute that the address rule can take an address from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AddressSource {
    /// `mail`.
    Mail,
    /// The first of `otherMails`.
    OtherMails,
    /// The primary one of `proxyAddresses`.
    ProxyAddresses,
    /// `userPrincipalName`; a guest's is decoded.
    UserPrincipalName,
}

impl AddressSource {
    /// The attribute, as in the catalogue.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::OtherMails => "otherMails",
            Self::ProxyAddresses => "proxyAddresses",
            Self::UserPrincipalName => "userPrincipalName",
        }
    }
}

/// The address that a user principal name stands for.
///
/// A guest's name is made from the address with which the guest was invited:
/// `alice_example.com#EXT#@contoso.onmicrosoft.com` stands for `alice@example.com`
/// (<https://learn.microsoft.com/entra/external-id/user-properties>). A domain has no underscore,
/// so the last one was the `@`. `None` where a guest's name encodes no address: what stands there
/// then cannot be written to.
pub fn of_user_principal_name(name: &str) -> Option<String> {
    let Some(mark) = find_guest_mark(name) else {
        return Some(name.to_owned());
    };
    let (local, domain) = name.get(..mark)?.rsplit_once('_')?;
    if local.is_empty() || domain.is_empty() {
        return None;
    }
    Some(format!("{local}@{domain}"))
}

/// Where the last guest mark begins, in whatever case it is written.
fn find_guest_mark(name: &str) -> Option<usize> {
    // Lower case of ASCII only, so that positions stay those of the name.
    name.to_ascii_lowercase().rfind(GUEST_MARK)
}

/// The primary address among `proxyAddresses`: the one whose prefix is `SMTP:` in capitals.
pub(super) fn primary<'a>(mut addresses: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    addresses.find_map(|address| address.strip_prefix("SMTP:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_members_user_name_is_the_address() {
        let name = "adele.vance@contoso.com";
        assert_eq!(of_user_principal_name(name).as_deref(), Some(name));
    }

    #[test]
    fn a_guests_user_name_is_decoded_at_its_last_underscore() {
        for (name, address) in [
            (
                "alice_fabrikam.com#EXT#@contoso.onmicrosoft.com",
                "alice@fabrikam.com",
            ),
            (
                "a_b_c_fabrikam.com#ext#@contoso.onmicrosoft.com",
                "a_b_c@fabrikam.com",
            ),
            (
                "émile_société.fr#EXT#@contoso.onmicrosoft.com",
                "émile@société.fr",
            ),
        ] {
            assert_eq!(of_user_principal_name(name).as_deref(), Some(address));
        }
    }

    #[test]
    fn a_guests_user_name_that_encodes_no_address_gives_none() {
        for name in [
            "alice#EXT#@contoso.onmicrosoft.com",
            "_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "alice_#EXT#@contoso.onmicrosoft.com",
            "#EXT#",
        ] {
            assert_eq!(of_user_principal_name(name), None, "{name}");
        }
    }

    #[test]
    fn the_primary_address_is_the_one_in_capitals() {
        let addresses = [
            "smtp:old@contoso.com",
            "SIP:a@contoso.com",
            "SMTP:a@contoso.com",
        ];
        assert_eq!(primary(addresses.into_iter()), Some("a@contoso.com"));
        assert_eq!(primary(["smtp:old@contoso.com"].into_iter()), None);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(local in "[^@#]{1,40}", domain in "[a-z0-9.-]{1,40}") {
            let name = format!("{local}_{domain}#EXT#@contoso.onmicrosoft.com");
            prop_assert_eq!(of_user_principal_name(&name), Some(format!("{local}@{domain}")));
        }

        #[test]
        fn any_text_is_decoded_or_refused_without_a_panic(name in "\\PC*(#EXT#)?\\PC*") {
            let _ = of_user_principal_name(&name);
        }
    }
}
