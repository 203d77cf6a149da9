//! How a command line names somebody.

use std::str::FromStr;

use connector_contract::Who;
use contact_identity::{ObjectId, ObjectIdError};

/// The digits of the largest number that a contact can have.
const LONGEST_CONTACT: usize = 19;

/// Somebody, as an administrator names them: an address or a user name has an `@`, the id of a contact is a number,
/// and everything else is an object id of the directory, in any of its spellings.
#[derive(Clone, Debug)]
pub(super) struct Person(pub(super) Who);

impl FromStr for Person {
    type Err = ObjectIdError;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let person = written.trim();
        let is_number = !person.is_empty() && person.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Self(if person.contains('@') {
            Who::Address(person.to_owned())
        } else if is_number && person.len() <= LONGEST_CONTACT {
            Who::Contact(person.to_owned())
        } else {
            Who::User(ObjectId::parse(person)?.into_string())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> Who {
        let Person(who) = text.parse().unwrap();
        who
    }

    #[test]
    fn addresses_contacts_and_users_are_told_apart_by_their_looks() {
        assert_eq!(who("17"), Who::Contact("17".to_owned()));
        assert_eq!(
            who(" zoe@contoso.example "),
            Who::Address("zoe@contoso.example".to_owned())
        );
    }

    #[test]
    fn a_user_is_named_by_an_object_id_in_any_of_its_spellings() {
        let user = "00000000-0000-4000-8000-00000000abcd";
        for spelling in [
            user,
            "00000000-0000-4000-8000-00000000ABCD",
            " {00000000-0000-4000-8000-00000000ABCD} ",
            "0000000000004000800000000000abcd",
        ] {
            assert_eq!(who(spelling), Who::User(user.to_owned()), "{spelling}");
        }
        let digits = "00000000000040008000000000000001";
        let user = "00000000-0000-4000-8000-000000000001";
        assert_eq!(who(digits), Who::User(user.to_owned()));
    }

    #[test]
    fn what_is_too_long_or_empty_names_nobody() {
        for text in ["", " ", &"x".repeat(129)] {
            assert!(text.parse::<Person>().is_err(), "{text:?}");
        }
    }
}
