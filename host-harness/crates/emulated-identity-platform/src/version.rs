//! The generations of the platform's endpoints.

/// The two generations of the platform's endpoints.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// `/{tenant}/oauth2/…`.
    One,
    /// `/{tenant}/oauth2/v2.0/…`.
    Two,
}
