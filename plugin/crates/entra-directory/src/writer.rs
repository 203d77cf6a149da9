//! A tenant that takes values: the client of Microsoft Graph behind [`DirectoryWriter`].

use std::time::Duration;

use entra_users::mapping::writing::Writable;
use entra_users::permission;
use sync_core::ports::DirectoryError;
use sync_core::ports::directory_writer::{DirectoryWriter, Permitted, PersonWrite, WriteOutcome};

use crate::graph::client::Client;

/// The writing side of one tenant.
pub struct Writer<'c, 'a> {
    client: &'c Client<'a>,
}

impl<'c, 'a> Writer<'c, 'a> {
    /// Writes through a client, which keeps the pace.
    #[must_use]
    pub fn new(client: &'c Client<'a>) -> Self {
        Self { client }
    }
}

impl DirectoryWriter for Writer<'_, '_> {
    fn permits(&self, attribute: &str) -> Result<Permitted, DirectoryError> {
        let Some(writable) = Writable::find(attribute) else {
            return Ok(Permitted::Never);
        };
        let permissions = writable.rules().permissions;
        Ok(match self.client.roles_with(permissions)? {
            None => Permitted::Unknown,
            Some(roles) if permission::has_any(&roles, permissions) => Permitted::Yes,
            Some(_) => Permitted::No {
                permission: permission::least(permissions),
            },
        })
    }

    fn time_for(&self, people: u64) -> Duration {
        self.client.time_for_writes(people)
    }

    fn write(&self, people: &[PersonWrite]) -> Result<Vec<Vec<WriteOutcome>>, DirectoryError> {
        Ok(self.client.update(people)?)
    }
}
