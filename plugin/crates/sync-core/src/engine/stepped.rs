//! What one step of a round has come to.

use super::checkpoint::Round;

/// How often a round that the directory breaks off starts again within one run.
pub(super) const RESTARTS: u8 = 2;

/// What a step has come to.
pub(super) enum Stepped {
    /// Somebody was settled, and the round as it stands now is in the state.
    Settled(Round),
    /// There was nothing to do.
    Passed(Round),
}
