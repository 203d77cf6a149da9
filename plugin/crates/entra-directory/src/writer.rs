//! A tenant that takes values: the client of Microsoft Graph behind [`DirectoryWriter`].

use std::time::Duration;

use entra_users::mapping::writing::Writable;
use entra_users::permission;
use sync_core::ports::DirectoryError;
use sync_core::ports::directory_writer::{
    DirectoryWriter, Guest, InvitationOutcome, Permitted, PersonWrite, Right, WriteOutcome,
};

use crate::graph::client::Client;
use crate::graph::writing::{DEFAULT_PACE, Inviting};

/// How a tenant is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRules {
    /// Writes a second, at most: in a tenant an application may send 3,000 in 150 seconds
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    pub writes_per_second: u16,
    /// Where guests are led to who accept an invitation.
    pub redirect_url: String,
    /// Whether Microsoft sends a message to whoever is invited.
    pub send_invitation_message: bool,
}

impl Default for WriteRules {
    fn default() -> Self {
        Self {
            writes_per_second: DEFAULT_PACE,
            redirect_url: "https://myapps.microsoft.com".to_owned(),
            send_invitation_message: false,
        }
    }
}

/// The writing side of one tenant.
pub struct Writer<'c, 'a> {
    client: &'c Client<'a>,
    rules: &'c WriteRules,
}

impl<'c, 'a> Writer<'c, 'a> {
    /// Writes through a client, which keeps the pace ([`Client::writing_at`]).
    #[must_use]
    pub fn new(client: &'c Client<'a>, rules: &'c WriteRules) -> Self {
        Self { client, rules }
    }
}

impl DirectoryWriter for Writer<'_, '_> {
    fn permits(&self, right: Right<'_>) -> Result<Permitted, DirectoryError> {
        let permissions = match right {
            Right::Write(name) => match Writable::find(name) {
                Some(writable) => writable.rules().permissions,
                None => return Ok(Permitted::Never),
            },
            Right::Invite => &permission::INVITES,
        };
        Ok(match self.client.roles_with(permissions)? {
            None => Permitted::Unknown,
            Some(roles) if permission::has_any(&roles, permissions) => Permitted::Yes,
            Some(_) => Permitted::No {
                permission: permission::least(permissions),
            },
        })
    }

    fn write(&self, people: &[PersonWrite]) -> Result<Vec<Vec<WriteOutcome>>, DirectoryError> {
        Ok(self.client.update(people)?)
    }

    fn invite(&self, guests: &[Guest]) -> Result<Vec<InvitationOutcome>, DirectoryError> {
        let WriteRules {
            redirect_url,
            send_invitation_message,
            ..
        } = self.rules;
        let inviting = Inviting {
            redirect_url,
            send_message: *send_invitation_message,
        };
        Ok(self.client.invite(guests, inviting)?)
    }

    fn time_for(&self, people: u64, sensitive: u64) -> Duration {
        self.client.time_for(people.saturating_add(sensitive))
    }
}
