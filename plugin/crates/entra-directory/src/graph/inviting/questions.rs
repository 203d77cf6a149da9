//! What is asked about one address, as URLs.
//!
//! Graph keeps an address of a user in several places: `mail`, `otherMails`, `proxyAddresses` (with `smtp:` before it,
//! in capitals where it is the first), the user principal name, which a guest's address is a part of, and the identities
//! of whoever signs in with it. A guest whose address an organisational contact has is without `mail`
//! (<https://learn.microsoft.com/entra/external-id/troubleshoot>), so that to ask for `mail` alone would find nobody, for
//! ever. Text is compared without regard to case.

use guest_kit::percent;

/// Where an address may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Among the users.
    Users,
    /// Among what people sign in with.
    Identities,
    /// Among the organisational contacts.
    OrgContacts,
    /// Among the deleted users.
    Deleted,
}

impl Place {
    pub(super) const ALL: [Self; 4] = [
        Self::Users,
        Self::Identities,
        Self::OrgContacts,
        Self::Deleted,
    ];

    /// Whether the index of the directory alone answers it
    /// (<https://learn.microsoft.com/graph/aad-advanced-queries>). Of identities it does not.
    pub(super) fn is_of_index(self) -> bool {
        self != Self::Identities
    }

    /// Where an address is looked for; `initial` is the first domain of the tenant, which issues what its own people
    /// sign in with. Nowhere where that is not known and would be needed.
    pub(super) fn url(self, address: &str, initial: Option<&str>) -> Option<String> {
        let address = quoted(address);
        let (collection, filter) = match self {
            Self::Users => {
                let guest = format!(
                    "startswith(userPrincipalName,'{}#EXT#@')",
                    address.replace('@', "_")
                );
                let own = format!("userPrincipalName eq '{address}'");
                let known = [of_mailbox(&address), of_others(&address), own, guest];
                ("/users", known.join(" or "))
            }
            Self::Identities => {
                let issuer = quoted(initial?);
                let signs_in = format!(
                    "identities/any(i:i/issuerAssignedId eq '{address}' and i/issuer eq '{issuer}')"
                );
                ("/users", signs_in)
            }
            Self::OrgContacts => ("/contacts", of_mailbox(&address)),
            Self::Deleted => {
                let known = [of_mailbox(&address), of_others(&address)];
                (
                    "/directory/deletedItems/microsoft.graph.user",
                    known.join(" or "),
                )
            }
        };
        let filter = percent::encode(&filter);
        let count = if self.is_of_index() {
            "$count=true&"
        } else {
            ""
        };
        Some(format!(
            "{collection}?{count}$select=id&$top=3&$filter={filter}"
        ))
    }
}

fn of_mailbox(address: &str) -> String {
    format!(
        "mail eq '{address}' or proxyAddresses/any(p:p eq 'smtp:{address}') or proxyAddresses/any(p:p eq 'SMTP:{address}')"
    )
}

fn of_others(address: &str) -> String {
    format!("otherMails/any(m:m eq '{address}')")
}

/// As a text of OData, in which a quote is written twice.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(place: Place, address: &str) -> String {
        place.url(address, Some("contoso.onmicrosoft.com")).unwrap()
    }

    #[test]
    fn a_user_is_looked_for_by_everything_that_can_be_an_address() {
        let filter = percent::encode(
            "mail eq 'kim@fabrikam.com' or proxyAddresses/any(p:p eq 'smtp:kim@fabrikam.com') or \
             proxyAddresses/any(p:p eq 'SMTP:kim@fabrikam.com') or otherMails/any(m:m eq 'kim@fabrikam.com') or \
             userPrincipalName eq 'kim@fabrikam.com' or startswith(userPrincipalName,'kim_fabrikam.com#EXT#@')",
        );
        assert_eq!(
            asked(Place::Users, "kim@fabrikam.com"),
            format!("/users?$count=true&$select=id&$top=3&$filter={filter}")
        );
        let filter = percent::encode(
            "identities/any(i:i/issuerAssignedId eq 'kim@fabrikam.com' and i/issuer eq 'contoso.onmicrosoft.com')",
        );
        assert_eq!(
            asked(Place::Identities, "kim@fabrikam.com"),
            format!("/users?$select=id&$top=3&$filter={filter}")
        );
    }

    #[test]
    fn an_address_cannot_be_more_than_a_text() {
        let url = asked(Place::Users, "o'neil&$top=9@fabrikam.com");
        assert!(!url.contains("&$top=9"), "{url}");
        let quoted = percent::encode("mail eq 'o''neil&$top=9@fabrikam.com'");
        assert!(url.contains(&quoted), "{url}");
    }

    #[test]
    fn without_the_first_domain_nobody_is_asked_for_by_it() {
        assert_eq!(Place::Identities.url("kim@fabrikam.com", None), None);
    }
}
