//! `listing`: how everybody is listed.
//!
//! It decides nothing of who is read and what is written, so it is no part of the fingerprint.

use entra_directory::directory::Listing;

use super::located::{Keys, Object};
use super::problem::Findings;

const LISTING: Keys = Keys {
    known: &["atOnce", "pageSize"],
    refused: &[],
};

pub(super) fn read(sync: &Object<'_>, findings: &mut Findings) -> Listing {
    let default = Listing::default();
    let Some(listing) = sync
        .get("listing")
        .and_then(|place| place.object(&LISTING, findings))
    else {
        return default;
    };
    let mut number = |key, most| {
        let place = listing.get(key)?;
        place.whole(1..=most, findings)
    };
    let at_once = number("atOnce", u64::from(Listing::MOST_AT_ONCE));
    let page_size = number("pageSize", u64::from(Listing::LARGEST_PAGE));
    Listing {
        at_once: at_once
            .and_then(|number| u8::try_from(number).ok())
            .unwrap_or(default.at_once),
        page_size: page_size
            .and_then(|number| u16::try_from(number).ok())
            .unwrap_or(default.page_size),
    }
}
