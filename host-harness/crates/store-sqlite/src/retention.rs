//! How much of the past is kept.

/// How long the journal remembers: so many days, and so many runs however old they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    pub(super) days: u32,
    pub(super) runs: u32,
}
