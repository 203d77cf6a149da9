//! Whether somebody who is in the store alone is to be invited as a guest of the directory.
//!
//! Nobody can take an invitation back, and the directory answers a second one as it does the first. So whoever has an
//! account in any way is found first, and of what was sent before it is remembered when: the directory may show a guest
//! late, and an answer may be lost.

use contact_identity::address;
use guest_kit::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::contact::{Contact, ObjectId};

use super::digest::hexadecimal;
use super::reason::Reason;

/// For how long an invitation without an answer is not sent again, in milliseconds: an hour. Seconds are seen until a
/// new user is found; nobody promises a number.
pub const UNANSWERED_MS: u64 = 60 * 60 * 1_000;

/// For how long somebody who was invited may be nowhere to be seen, in milliseconds: a day.
pub const UNSEEN_MS: u64 = 24 * UNANSWERED_MS;

/// For how long an address is not tried again that the directory refused, in milliseconds: 30 days.
pub const REFUSED_MS: u64 = 30 * UNSEEN_MS;

/// So many invitations without an answer are enough: the next one is sent when an address is tried again that was refused.
pub const MOST_UNANSWERED: u32 = 5;

/// The longest address that is invited, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

/// The fields of a contact that say to whom an invitation goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestFields {
    /// The match key, to which it is addressed.
    pub address: String,
    /// Other fields with an address, by which somebody may have an account.
    pub others: Vec<String>,
    /// The whole name.
    pub display_name: Option<String>,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
}

impl GuestFields {
    /// All of them, each once.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = vec![self.address.clone()];
        let more = self.others.iter();
        let more = more.chain(
            [&self.display_name, &self.given_name, &self.family_name]
                .into_iter()
                .flatten(),
        );
        for name in more {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// To whom an invitation goes, as the contact holds it; `None` where it holds nothing that mail could be sent to.
    #[must_use]
    pub fn addressee(&self, contact: &Contact) -> Option<String> {
        let written = address::written(contact.field(&self.address)?).into_owned();
        is_address(&written).then_some(written)
    }

    /// Every address by which the person may have an account, the addressee's first.
    #[must_use]
    pub fn addresses(&self, contact: &Contact) -> Vec<String> {
        let fields = std::iter::once(&self.address).chain(&self.others);
        let mut addresses: Vec<String> = Vec::new();
        for held in fields.filter_map(|field| contact.field(field)) {
            let written = address::written(held).into_owned();
            let is_known = addresses
                .iter()
                .any(|known| address::is_same(known, &written));
            if is_address(&written) && !is_known {
                addresses.push(written);
            }
        }
        addresses
    }

    /// What the guest is called.
    #[must_use]
    pub fn name(&self, contact: &Contact) -> Option<String> {
        let held = |field: &Option<String>| contact.field(field.as_deref()?).map(str::trim);
        let whole = held(&self.display_name).filter(|name| !name.is_empty());
        if let Some(whole) = whole {
            return Some(whole.to_owned());
        }
        let parts = [held(&self.given_name), held(&self.family_name)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let name = parts.join(" ").trim().to_owned();
        (!name.is_empty()).then_some(name)
    }
}

/// Whether a text can be the address of a mailbox somewhere: one `@`, something before it and a domain after it. What
/// else is wrong with it the directory says.
fn is_address(text: &str) -> bool {
    let has_parts = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    });
    has_parts
        && text.len() <= LONGEST
        && !text.chars().any(|it| it.is_whitespace() || it.is_control())
}

/// By which an address is remembered: 128 bits of the SHA-256 of the form in which it is compared, in hexadecimal.
#[must_use]
pub fn key_of(written: &str) -> String {
    let digest = Sha256::digest(address::comparable(written).as_bytes());
    let mut key = hexadecimal(&digest);
    key.truncate(32);
    key
}

/// Who has the addresses of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// Nobody: no user, no organisational contact, no deleted user.
    Nobody,
    /// One user.
    One(ObjectId),
    /// Several users.
    Several,
    /// No user, and an organisational contact.
    Listed,
    /// No user, and a deleted one who may be restored.
    Deleted,
    /// The domain is the organisation's own: no guest can have it.
    OwnDomain,
    /// That was not answered.
    Unknown,
}

/// What was sent to an address before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sent {
    /// An invitation was about to be sent, for the time of this number, and no answer is known.
    Intended(u32),
    /// The directory answered that this user was invited.
    Invited(ObjectId),
}

/// What is to be done about a contact that is nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The person is invited.
    Invite,
    /// The person was invited before, as this user, and the contact is linked to them. Nothing is sent.
    Link(ObjectId),
    /// Nothing, for this reason.
    Pass(Reason),
}

/// Decides about one contact. `sent`: what was sent to its address before, and when.
#[must_use]
pub fn verdict(account: &Account, sent: Option<(&Sent, Timestamp)>, now: Timestamp) -> Verdict {
    match (account, sent) {
        (Account::Unknown, _) => Verdict::Pass(Reason::AccountUnknown),
        // Nobody had the address when the invitation was sent.
        (Account::One(user), Some((Sent::Intended(_), _))) => Verdict::Link(user.clone()),
        (Account::One(user), Some((Sent::Invited(guest), _))) if user == guest => {
            Verdict::Link(user.clone())
        }
        (Account::One(_), _) => Verdict::Pass(Reason::HasAccount),
        (Account::Several, _) => Verdict::Pass(Reason::AccountsAmbiguous),
        (Account::Listed, _) => Verdict::Pass(Reason::ListedWithoutAccount),
        (Account::Deleted, _) => Verdict::Pass(Reason::AccountDeleted),
        (Account::OwnDomain, _) => Verdict::Pass(Reason::OwnDomain),
        (Account::Nobody, Some((Sent::Invited(guest), at))) if is_within(UNSEEN_MS, at, now) => {
            Verdict::Link(guest.clone())
        }
        (Account::Nobody, Some((Sent::Intended(_), at))) if is_within(UNANSWERED_MS, at, now) => {
            Verdict::Pass(Reason::InvitationUnanswered)
        }
        (Account::Nobody, Some((Sent::Intended(times), at)))
            if *times >= MOST_UNANSWERED && is_within(REFUSED_MS, at, now) =>
        {
            Verdict::Pass(Reason::InvitationRefused)
        }
        (Account::Nobody, _) => Verdict::Invite,
    }
}

/// What is remembered while an invitation is on its way.
#[must_use]
pub fn intended(before: Option<&Sent>) -> Sent {
    match before {
        Some(Sent::Intended(times)) if *times < MOST_UNANSWERED => Sent::Intended(times + 1),
        _ => Sent::Intended(1),
    }
}

/// Whether so little time has passed since a moment. One in the future was told by a clock that was wrong: it counts as
/// now, since nobody is to be invited twice for that.
#[must_use]
pub fn is_within(milliseconds: u64, at: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(at.0) < milliseconds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contact::{ContactId, Field};

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn ago(milliseconds: u64) -> Timestamp {
        Timestamp(NOW.0 - milliseconds)
    }

    fn user(id: &str) -> ObjectId {
        ObjectId::new(id)
    }

    fn contact(fields: &[(&str, &str)]) -> Contact {
        let field = |(name, value): &(&str, &str)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Contact {
            id: ContactId::new("7"),
            version: 1,
            active: true,
            fields: fields.iter().map(field).collect(),
            link: None,
            former: None,
            lists: Vec::new(),
        }
    }

    fn fields() -> GuestFields {
        GuestFields {
            address: "email".to_owned(),
            others: vec!["private".to_owned()],
            display_name: Some("display".to_owned()),
            given_name: Some("first".to_owned()),
            family_name: Some("last".to_owned()),
        }
    }

    #[test]
    fn whoever_has_nothing_in_the_directory_is_invited() {
        assert_eq!(verdict(&Account::Nobody, None, NOW), Verdict::Invite);
    }

    #[test]
    fn whoever_is_in_the_directory_in_any_way_is_not() {
        for (account, reason) in [
            (Account::One(user("u1")), Reason::HasAccount),
            (Account::Several, Reason::AccountsAmbiguous),
            (Account::Listed, Reason::ListedWithoutAccount),
            (Account::Deleted, Reason::AccountDeleted),
            (Account::OwnDomain, Reason::OwnDomain),
            (Account::Unknown, Reason::AccountUnknown),
        ] {
            assert_eq!(verdict(&account, None, NOW), Verdict::Pass(reason));
        }
    }

    #[test]
    fn an_invitation_without_an_answer_is_looked_for_and_not_sent_again_within_the_hour() {
        let of = |account: Account, at| verdict(&account, Some((&Sent::Intended(1), at)), NOW);
        let unanswered = Verdict::Pass(Reason::InvitationUnanswered);
        assert_eq!(of(Account::Nobody, ago(UNANSWERED_MS - 1)), unanswered);
        assert_eq!(of(Account::Nobody, ago(UNANSWERED_MS)), Verdict::Invite);
        assert_eq!(of(Account::Nobody, Timestamp(NOW.0 + 1)), unanswered);
        assert_eq!(
            of(Account::One(user("g")), ago(1)),
            Verdict::Link(user("g"))
        );
    }

    #[test]
    fn what_is_never_answered_is_given_up_like_what_is_refused() {
        let mut sent = None;
        for times in 1..=MOST_UNANSWERED {
            let last = verdict(
                &Account::Nobody,
                sent.as_ref().map(|sent| (sent, ago(UNANSWERED_MS))),
                NOW,
            );
            assert_eq!(last, Verdict::Invite, "{times}");
            sent = Some(intended(sent.as_ref()));
        }
        let of = |at| verdict(&Account::Nobody, sent.as_ref().map(|sent| (sent, at)), NOW);
        let refused = Verdict::Pass(Reason::InvitationRefused);
        assert_eq!(of(ago(UNANSWERED_MS)), refused);
        assert_eq!(of(ago(REFUSED_MS)), Verdict::Invite);
        assert_eq!(intended(sent.as_ref()), Sent::Intended(1));
    }

    #[test]
    fn a_guest_whom_the_directory_does_not_show_yet_is_linked_by_the_id_that_it_told() {
        let sent = Sent::Invited(user("g"));
        let of = |account: Account, at| verdict(&account, Some((&sent, at)), NOW);
        assert_eq!(of(Account::Nobody, ago(1)), Verdict::Link(user("g")));
        assert_eq!(of(Account::Nobody, ago(UNSEEN_MS)), Verdict::Invite);
        assert_eq!(
            of(Account::One(user("g")), ago(UNSEEN_MS)),
            Verdict::Link(user("g"))
        );
        let other = of(Account::One(user("u")), ago(1));
        assert_eq!(other, Verdict::Pass(Reason::HasAccount));
    }

    #[test]
    fn spellings_of_one_address_are_remembered_as_one() {
        assert_eq!(key_of("Kim@Fabrikam.com"), key_of(" kim@fabrikam.COM"));
        assert_ne!(key_of("kim@fabrikam.com"), key_of("kim@adatum.com"));
        assert_eq!(key_of("a@b.c").len(), 32);
    }

    #[test]
    fn an_invitation_goes_to_what_can_be_a_mailbox() {
        for (held, addressee) in [
            (" kim@fabrikam.com ", Some("kim@fabrikam.com")),
            ("kim@bücher.example", Some("kim@bücher.example")),
            ("kim", None),
            ("kim@fabrikam", None),
            ("@fabrikam.com", None),
            ("kim@fabrikam..com", None),
            ("a@b@fabrikam.com", None),
            ("kim o@fabrikam.com", None),
            ("k\u{7}im@fabrikam.com", None),
        ] {
            let told = fields().addressee(&contact(&[("email", held)]));
            assert_eq!(told.as_deref(), addressee, "{held:?}");
        }
        assert_eq!(fields().addressee(&contact(&[])), None);
    }

    #[test]
    fn every_address_of_a_contact_counts_once() {
        let held = contact(&[
            ("email", "Kim@fabrikam.com"),
            ("private", "kim@FABRIKAM.com"),
        ]);
        assert_eq!(fields().addresses(&held), ["Kim@fabrikam.com"]);
        let held = contact(&[
            ("email", "kim@fabrikam.com"),
            ("private", "kim@home.example"),
        ]);
        assert_eq!(
            fields().addresses(&held),
            ["kim@fabrikam.com", "kim@home.example"]
        );
    }

    #[test]
    fn a_guest_is_called_as_the_contact_is() {
        for (held, name) in [
            (&[("display", "Kim A"), ("first", "K")][..], Some("Kim A")),
            (&[("first", "Kim"), ("last", "Akers")], Some("Kim Akers")),
            (&[("last", "Akers")], Some("Akers")),
            (&[("display", " ")], None),
        ] {
            assert_eq!(fields().name(&contact(held)).as_deref(), name);
        }
    }

    proptest! {
        #[test]
        fn nobody_with_an_account_is_ever_invited(at in any::<u64>(), now in any::<u64>(), which in 0..6usize, how in 0..3usize) {
            let account = [
                Account::One(user("u")), Account::Several, Account::Listed, Account::Deleted, Account::OwnDomain,
                Account::Unknown,
            ][which].clone();
            let sent = [None, Some(Sent::Intended(1)), Some(Sent::Invited(user("g")))][how].clone();
            let sent = sent.as_ref().map(|sent| (sent, Timestamp(at)));
            prop_assert_ne!(verdict(&account, sent, Timestamp(now)), Verdict::Invite);
        }
    }
}
