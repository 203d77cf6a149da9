//! The documented exchanges on groups, with people of our own; how they are told is [`super::documented`]'s.

use super::documented::{self, fixture};
use super::*;

/// The permissions of whoever does not state others.
const ROLES: [&str; 2] = ["GroupMember.Read.All", "Directory.Read.All"];

/// A tenant with the groups of the fixtures, and pages of two.
pub(super) fn tenant() -> Tenant {
    Tenant::with(
        DirectorySource::File(fixture("groups/directory.json")),
        |options| {
            options.tenant.roles = ROLES.map(str::to_owned).to_vec();
            options.delta_page_size = 2;
        },
    )
}

fn hold(name: &str) {
    documented::hold(tenant(), &ROLES, &format!("groups/{name}"));
}

#[test]
fn lists_of_groups_are_as_documented() {
    hold("lists.json");
}

#[test]
fn lists_of_members_are_as_documented() {
    hold("members.json");
}

#[test]
fn rounds_over_groups_and_what_becomes_of_deleted_ones_are_as_documented() {
    hold("changes.json");
}
