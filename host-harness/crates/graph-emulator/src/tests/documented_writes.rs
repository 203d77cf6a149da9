//! The documented exchanges that write, with people of our own; how they are told is [`super::documented`]'s.

use super::documented::{self, fixture};
use super::*;

/// The permissions of whoever does not state others.
const ROLES: [&str; 2] = ["User.ReadWrite.All", "User.Invite.All"];

fn tenant() -> Tenant {
    let file = fixture("writes/directory.json");
    Tenant::with(DirectorySource::File(file), |options| {
        options.tenant.roles = ROLES.map(str::to_owned).to_vec();
    })
}

#[test]
fn users_are_written_made_and_deleted_as_documented() {
    documented::hold(tenant(), &ROLES, "writes/users.json");
}

#[test]
fn guests_are_invited_as_documented() {
    documented::hold(tenant(), &ROLES, "writes/invitations.json");
}
