//! The documented exchanges on organisational contacts, with people of our own; how they are told is
//! [`super::documented`]'s.

use super::documented::{self, fixture};
use super::*;

/// The permissions of whoever does not state others.
const ROLES: [&str; 1] = ["Directory.Read.All"];

fn hold(name: &str) {
    let directory = DirectorySource::File(fixture("contacts/directory.json"));
    let tenant = Tenant::with(directory, |options| {
        options.tenant.roles = ROLES.map(str::to_owned).to_vec();
        options.delta_page_size = 2;
    });
    documented::hold(tenant, &ROLES, &format!("contacts/{name}"));
}

#[test]
fn lists_of_organisational_contacts_are_as_documented() {
    hold("lists.json");
}

#[test]
fn rounds_over_organisational_contacts_are_as_documented() {
    hold("changes.json");
}
