//! A tenant that takes guests: the client of Microsoft Graph behind [`Inviter`].

use std::cell::OnceCell;

use entra_users::permission;
use sync_core::ports::DirectoryError;
use sync_core::ports::directory_writer::Permitted;
use sync_core::ports::inviter::{Guest, InviteOutcome, Inviter};
use sync_core::reconcile::guest::Account;
use sync_core::settings::Invitations;

use crate::graph::client::Client;
use crate::graph::organization::Organization;

/// The door of one tenant.
pub struct GuestDoor<'c, 'a> {
    client: &'c Client<'a>,
    terms: &'c Invitations,
    organization: &'c OnceCell<Organization>,
}

impl<'c, 'a> GuestDoor<'c, 'a> {
    /// Invites through a client, which keeps the pace, on these terms. What the tenant says of its domains is asked
    /// once, and kept in `organization`.
    #[must_use]
    pub fn new(
        client: &'c Client<'a>,
        terms: &'c Invitations,
        organization: &'c OnceCell<Organization>,
    ) -> Self {
        Self {
            client,
            terms,
            organization,
        }
    }
}

impl Inviter for GuestDoor<'_, '_> {
    /// Beside the permission to invite it takes the one to read organisational contacts: whoever is listed without an
    /// account is not to be invited.
    fn permits(&self) -> Result<Permitted, DirectoryError> {
        let Some(roles) = self.client.roles_with(&permission::INVITES)? else {
            return Ok(Permitted::Unknown);
        };
        Ok(match permission::lacks_to_invite(&roles) {
            None => Permitted::Yes,
            Some(permission) => Permitted::No { permission },
        })
    }

    fn accounts(&self, people: &[Vec<String>]) -> Result<Vec<Account>, DirectoryError> {
        Ok(self.client.accounts(people, self.organization)?)
    }

    fn invite(&self, guests: &[Guest]) -> Result<Vec<InviteOutcome>, DirectoryError> {
        Ok(self.client.invite(guests, self.terms)?)
    }
}
