//! What somebody decided about a value that both sides have changed.

use connector_contract::{ObjectId, Side};

/// Whose value counts, of the two that were shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Of whom.
    pub user: ObjectId,
    /// The directory's attribute.
    pub attribute: String,
    /// When a run saw the two values, as they were shown. Milliseconds since 1970-01-01T00:00:00Z.
    pub seen_at_ms: u64,
    /// Whose counts.
    pub side: Side,
}
