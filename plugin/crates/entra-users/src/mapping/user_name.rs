//! User names that stand for addresses.
//!
//! Of most people the user principal name is an address, and a guest's encodes one. A *local
//! account*, as customers have in Azure AD B2C and in external tenants, has a name that the directory
//! made up (`GUID@tenant.onmicrosoft.com`); what they sign in with stands in `identities`
//! (<https://learn.microsoft.com/graph/api/resources/objectidentity>).

use contact_identity::ObjectId;
use contact_identity::form::Form;
use sync_core::mapping::person::Stated;

use crate::user::{Selection, User, Value};

use super::address::of_user_principal_name;
use super::slot::{Slot, UnexpectedShape};

/// What tells whether a user name is an address. It decides about no field of its own: where a page
/// leaves it out, the page says no less about the person.
pub(super) const SUPPLEMENTS: [&str; 2] = [CREATION_TYPE, IDENTITIES];

const CREATION_TYPE: &str = "creationType";
const IDENTITIES: &str = "identities";

/// The creation type of a local account.
const LOCAL: &str = "LocalAccount";

/// The type of a sign-in identity that is an address.
const BY_ADDRESS: &str = "emailAddress";

/// How the directory begins the user name of somebody who signs in with another provider.
const FEDERATED: &str = "cpim_";

/// A user name, with what says whether it is an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserName {
    name: Slot,
    creation_type: Option<usize>,
    identities: Option<usize>,
}

impl UserName {
    /// `name` is the slot of the user principal name.
    pub(super) fn new(name: Slot, selection: &Selection) -> Self {
        Self {
            name: name.read_as(Form::Address),
            creation_type: selection.position(CREATION_TYPE),
            identities: selection.position(IDENTITIES),
        }
    }

    /// The address that the user name stands for; of an account with a name that the directory made up,
    /// the one it signs in with.
    pub(super) fn read(&self, user: &User<'_>) -> Result<Stated, UnexpectedShape> {
        let name = match self.name.read(user)? {
            Stated::Value(name) => name,
            other => return Ok(other),
        };
        if self.is_local(user) || is_made_up(&name) {
            return Ok(self.sign_in_address(user));
        }
        Ok(of_user_principal_name(&name).map_or(Stated::Empty, Stated::Value))
    }

    fn is_local(&self, user: &User<'_>) -> bool {
        let creation_type = self.creation_type.map(|position| user.value(position));
        matches!(creation_type, Some(Value::Text(text)) if text.eq_ignore_ascii_case(LOCAL))
    }

    fn sign_in_address(&self, user: &User<'_>) -> Stated {
        let identities = match self.identities.map(|position| user.value(position)) {
            None | Some(Value::Absent) => return Stated::Unstated,
            Some(Value::Records(identities)) => identities.as_slice(),
            Some(_) => &[],
        };
        let address = identities.iter().find_map(|identity| {
            let member = |wanted: &str| {
                let (_, value) = identity.iter().find(|(name, _)| name == wanted)?;
                value.as_deref()
            };
            let is_address = member("signInType")?.eq_ignore_ascii_case(BY_ADDRESS);
            is_address
                .then(|| member("issuerAssignedId"))
                .flatten()
                .and_then(|text| Form::Address.value(text))
        });
        address.map_or(Stated::Empty, |address| Stated::Value(address.into_owned()))
    }
}

/// Whether what stands before the `@` is an identifier, which nobody chose and no mail reaches.
fn is_made_up(name: &str) -> bool {
    let local = name.split_once('@').map_or(name, |(local, _)| local);
    let id = local.strip_prefix(FEDERATED).unwrap_or(local);
    ObjectId::is_uuid(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_an_identifier_was_made_up() {
        for name in [
            "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0@contosob2c.onmicrosoft.com",
            "6EA91A8D-E32E-41A1-B7BD-D2D185EED0E0@contoso.example",
            "6ea91a8de32e41a1b7bdd2d185eed0e0@contosob2c.onmicrosoft.com",
            "cpim_6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0@contosob2c.onmicrosoft.com",
        ] {
            assert!(is_made_up(name), "{name}");
        }
        for name in [
            "kim@contosob2c.onmicrosoft.com",
            "cpim_kim@contoso.example",
            "6ea91a8d-e32e@contoso.example",
        ] {
            assert!(!is_made_up(name), "{name}");
        }
    }
}
