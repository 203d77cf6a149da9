//! Which lists a contact joins and leaves.

use contact_identity::list::is_same;
use guest_kit::ordered;

use crate::contact::{Contact, Membership};
use crate::mapping::person::{Person, WantedLists};

/// Lists to join and leave. Who is inactive is on none, and stays so until active again.
pub(super) fn memberships(person: &Person, contact: &Contact, becomes_active: bool) -> Membership {
    if contact.active || becomes_active {
        membership(&person.lists, contact)
    } else {
        off_all_lists(contact)
    }
}

/// Who becomes inactive leaves all of them.
pub(super) fn off_all_lists(contact: &Contact) -> Membership {
    let mut leave = contact.lists.clone();
    ordered::sort(&mut leave);
    Membership {
        join: Vec::new(),
        leave,
    }
}

/// Lists to join and leave, so that the contact is on the wanted ones and on no other of ours.
fn membership(wanted: &WantedLists, contact: &Contact) -> Membership {
    let WantedLists::Exactly(wanted) = wanted else {
        return Membership::default();
    };
    let mut leave: Vec<_> = contact
        .lists
        .iter()
        .filter(|name| !wanted.iter().any(|list| is_same(&list.name, name)))
        .cloned()
        .collect();
    ordered::sort(&mut leave);
    Membership {
        join: wanted
            .iter()
            .filter(|list| !contact.lists.iter().any(|name| is_same(&list.name, name)))
            .cloned()
            .collect(),
        leave,
    }
}
