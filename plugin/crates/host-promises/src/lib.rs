//! What the contract promises of a host, and what trying it came to: values alone, for the component that tries a host
//! from within and for whoever runs it and reads its report.
//!
//! * [`promises`] is the list: a name, the item of `wit/` that promises it, and what is promised.
//! * [`verdict`] is what trying one came to; [`report`] is all of them, as JSON.
//! * [`addresses`] is what the server answers that plays the directory.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod addresses;
pub mod promises;
pub mod report;
pub mod verdict;
