//! What lies behind an error of the HTTP client.

use hyper_util::client::legacy;
use std::error::Error as StdError;
use std::io;

/// What an error was caused by, the nearest cause first.
pub(super) fn causes(error: &legacy::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        // The source of an I/O error is the source of what it wraps, which would be skipped.
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        }
    })
}
