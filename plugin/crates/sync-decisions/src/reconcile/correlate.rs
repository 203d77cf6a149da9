//! Which contact belongs to a directory user.
//!
//! A linked contact is found by object id, always. An address finds an *unlinked* contact, once: it
//! never moves a link, and a contact that is linked to somebody else, or was until the link was taken
//! away, is no candidate, even where it has the same address. So a recycled address cannot hand one
//! person's record to another, and two people who share an address get a contact each. Whoever comes
//! back finds the contact that was theirs by id, whatever the address says by then.

use contact_identity::address::comparable;
use guest_kit::ordered::{self, Positions};

use crate::contact::{Contact, ObjectId};

/// The contact that belongs to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlation<'a> {
    /// Linked to the user.
    Linked(&'a Contact),
    /// Not linked to anybody, and the one that was the user's before.
    Former(&'a Contact),
    /// Not linked to anybody, now or before, and the only one with the user's address.
    Matching(&'a Contact),
    /// Several unlinked contacts have the user's address.
    Ambiguous,
    /// None.
    Nobody,
}

/// The contacts that one lookup returned, by link and by address.
pub struct Candidates<'a> {
    contacts: &'a [Contact],
    linked: Positions<'a>,
    former: Positions<'a>,
    /// In the order of their addresses.
    unlinked: Vec<(String, &'a Contact)>,
}

impl<'a> Candidates<'a> {
    /// Indexes contacts; `match_field` is the field that holds the address.
    #[must_use]
    pub fn new(contacts: &'a [Contact], match_field: &str) -> Self {
        let mut linked = Positions::with_capacity(contacts.len());
        let mut former = Positions::default();
        let mut unlinked = Vec::new();
        for (position, contact) in contacts.iter().enumerate() {
            if let Some(link) = &contact.link {
                linked.insert(link.object_id.as_str(), position);
            } else if let Some(user) = &contact.former {
                former.insert(user.as_str(), position);
            } else if let Some(address) = contact.field(match_field) {
                unlinked.push((comparable(address).into_owned(), contact));
            }
        }
        ordered::sort_by(&mut unlinked, |left, right| left.0.cmp(&right.0));
        Self {
            contacts,
            linked,
            former,
            unlinked,
        }
    }

    /// The contact linked to a user.
    #[must_use]
    pub fn linked(&self, user: &ObjectId) -> Option<&'a Contact> {
        self.contacts.get(self.linked.get(user.as_str())?)
    }

    /// The contact that belongs to a user with this address.
    #[must_use]
    pub fn find(&self, user: &ObjectId, address: Option<&str>) -> Correlation<'a> {
        if let Some(contact) = self.linked(user) {
            return Correlation::Linked(contact);
        }
        let former = self.former.get(user.as_str());
        if let Some(contact) = former.and_then(|position| self.contacts.get(position)) {
            return Correlation::Former(contact);
        }
        let mut matching = address.into_iter().flat_map(|address| self.at(address));
        match (matching.next(), matching.next()) {
            (None, _) => Correlation::Nobody,
            (Some(only), None) => Correlation::Matching(only),
            (Some(_), Some(_)) => Correlation::Ambiguous,
        }
    }

    /// The unlinked contacts with an address.
    fn at(&self, address: &str) -> impl Iterator<Item = &'a Contact> {
        let address = comparable(address);
        let first = self
            .unlinked
            .partition_point(|(other, _)| **other < *address);
        let from = self.unlinked.get(first..).unwrap_or_default();
        from.iter()
            .take_while(move |(other, _)| **other == *address)
            .map(|(_, contact)| *contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::test_samples::{contact, linked_contact};

    fn user(id: &str) -> ObjectId {
        ObjectId::new(id)
    }

    #[test]
    fn a_link_finds_its_contact_whatever_the_address_says() {
        let contacts = [
            linked_contact("1", "u1", &[("email", "old@contoso.com")]),
            contact("2", &[("email", "new@contoso.com")]),
        ];
        let candidates = Candidates::new(&contacts, "email");
        assert_eq!(
            candidates.find(&user("u1"), Some("new@contoso.com")),
            Correlation::Linked(&contacts[0])
        );
    }

    #[test]
    fn an_address_never_finds_a_contact_that_is_linked_to_somebody_else() {
        let contacts = [linked_contact(
            "1",
            "leaver",
            &[("email", "jo@contoso.com")],
        )];
        let candidates = Candidates::new(&contacts, "email");
        assert_eq!(
            candidates.find(&user("hire"), Some("jo@contoso.com")),
            Correlation::Nobody
        );
    }

    #[test]
    fn a_contact_that_was_unlinked_is_its_former_users_and_nobody_elses() {
        let formerly = |user: &str| Contact {
            former: Some(ObjectId::new(user)),
            ..contact("1", &[("email", "jo@contoso.com")])
        };
        let contacts = [formerly("leaver")];
        let candidates = Candidates::new(&contacts, "email");
        assert_eq!(
            candidates.find(&user("hire"), Some("jo@contoso.com")),
            Correlation::Nobody
        );
        assert_eq!(
            candidates.find(&user("leaver"), Some("married@contoso.com")),
            Correlation::Former(&contacts[0])
        );
    }

    #[test]
    fn addresses_are_compared_however_they_are_spelt() {
        let contacts = [contact("1", &[("email", "Zoë.Straße@Bücher.example ")])];
        let candidates = Candidates::new(&contacts, "email");
        for spelling in [
            "zoË.straße@bücher.EXAMPLE",
            "zoë.straße@xn--bcher-kva.example",
            "\u{202a}zoë.straße@bücher.example\u{202c}",
        ] {
            assert_eq!(
                candidates.find(&user("u1"), Some(spelling)),
                Correlation::Matching(&contacts[0]),
                "{spelling:?}"
            );
        }
    }

    #[test]
    fn two_unlinked_contacts_with_one_address_are_ambiguous() {
        let contacts = [
            contact("1", &[("email", "info@contoso.com")]),
            contact("2", &[("email", "INFO@contoso.com")]),
        ];
        let candidates = Candidates::new(&contacts, "email");
        assert_eq!(
            candidates.find(&user("u1"), Some("info@contoso.com")),
            Correlation::Ambiguous
        );
    }

    #[test]
    fn a_user_without_an_address_matches_nobody() {
        let contacts = [contact("1", &[("first_name", "Jo")])];
        let candidates = Candidates::new(&contacts, "email");
        assert_eq!(candidates.find(&user("u1"), None), Correlation::Nobody);
    }
}
