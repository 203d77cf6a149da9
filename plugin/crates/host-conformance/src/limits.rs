//! What a connector can count on, beside what the state holds.

use host_promises::verdict::{Outcome, same};

/// Handles that are open at once: nearly as many as the contract says, because a few are open already.
const HANDLES: usize = 4_000;

pub(crate) fn handles() -> Outcome {
    let open: Vec<_> = (0..HANDLES)
        .map(|_| wasi::clocks::monotonic_clock::subscribe_duration(1))
        .collect();
    same("handles", open.len(), HANDLES)
}
