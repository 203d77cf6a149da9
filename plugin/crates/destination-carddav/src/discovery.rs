//! Whether what is at an address is an address book that can be used, said in a sentence.

use destination_kit::destination::DestinationError;

use crate::card::Version;
use crate::client::needs_attention;
use crate::href::Place;
use crate::multistatus::{Kind, Privilege, Response};

/// What is asked of the address book itself.
pub(crate) const PROPERTIES: &str =
    "<D:resourcetype/><D:current-user-privilege-set/><C:supported-address-data/>";

/// The version of vCard in which new cards are written: 3.0, which every program reads and every server has to take
/// (RFC 6352, section 5.1), unless the server names others alone.
pub(crate) fn version_of(answers: &[(Place, Response)]) -> Result<Version, DestinationError> {
    let mut books = answers.iter().filter(|(place, _)| *place == Place::Book);
    let Some((_, book)) = books.next() else {
        return Err(needs_attention(
            "the server calls what is at this address by another one; write the address of the address book itself",
        ));
    };
    if book
        .status
        .is_some_and(|status| status == 404 || status == 410)
    {
        return Err(needs_attention(
            "there is nothing at this address; check it, or make the address book there",
        ));
    }
    let kinds = book.found.kinds.as_deref().unwrap_or_default();
    if !kinds.contains(&Kind::AddressBook) {
        return Err(needs_attention(instead(kinds)));
    }
    let privileges = book.found.privileges.as_deref();
    if privileges.is_some_and(|privileges| !privileges.contains(&Privilege::Write)) {
        return Err(DestinationError::AccessDenied(
            "this user may read the address book, and not write to it".to_owned(),
        ));
    }
    let versions = &book.found.versions;
    if versions.contains(&Version::V4) && !versions.contains(&Version::V3) {
        Ok(Version::V4)
    } else {
        Ok(Version::V3)
    }
}

/// What is there in the place of an address book.
fn instead(kinds: &[Kind]) -> &'static str {
    if kinds.contains(&Kind::Calendar) {
        "this is the address of a calendar; write that of an address book"
    } else if kinds.contains(&Kind::Principal) {
        "this is the address of a user; write that of one of the user's address books, which lies below it or elsewhere"
    } else if kinds.contains(&Kind::Collection) {
        "this is a folder and no address book; write the address of an address book, which may lie in it"
    } else {
        "this is no address book; write the address of one, and not that of a card in it"
    }
}
