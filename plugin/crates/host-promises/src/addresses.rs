//! What the server that plays the directory answers, for whoever runs one.
//!
//! | path | answer |
//! |---|---|
//! | `/answer` | 200, with [`HEADER`] and [`TEXT`], whatever is asked beside it |
//! | `/echo` | 200, and the length in bytes of the body that was sent, in digits |
//! | `/redirect` | 302, to `/answer` of the forbidden server |
//! | `/slow` | 200, after a tenth of a second |
//! | `/silence` | none, for at least a minute |
//!
//! The forbidden server answers `/answer`, too.

/// The header of `/answer`, and its value.
pub const HEADER: (&str, &str) = ("x-host-conformance", "as sent");

/// The body of `/answer`.
pub const TEXT: &str = "This is the answer.";
