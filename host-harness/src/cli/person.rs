//! How a command line names somebody.

use std::convert::Infallible;
use std::str::FromStr;

use crate::contract::Who;

/// Somebody, as an administrator names them: an address or a user name has an `@`, the id of a contact is a number,
/// and everything else is an object id of the directory.
#[derive(Clone, Debug)]
pub(super) struct Person(pub(super) Who);

impl FromStr for Person {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_owned();
        Ok(Self(if text.contains('@') {
            Who::Address(text)
        } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Who::Contact(text)
        } else {
            Who::User(text)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> Who {
        let Ok(Person(who)) = text.parse();
        who
    }

    #[test]
    fn addresses_contacts_and_users_are_told_apart_by_their_looks() {
        assert_eq!(who("17"), Who::Contact("17".to_owned()));
        assert_eq!(
            who(" zoe@contoso.example "),
            Who::Address("zoe@contoso.example".to_owned())
        );
        assert_eq!(
            who("00000000-0000-4000-8000-000000000001"),
            Who::User("00000000-0000-4000-8000-000000000001".to_owned())
        );
    }
}
