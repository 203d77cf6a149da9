//! Values that both sides have changed.

use serde::Serialize;
use utoipa::ToSchema;

use crate::shapes::ConflictShape;

/// What is to be decided. Decided by a post to `{root}/conflicts` with `user`, `attribute`, `seenAtMs` and `take`, which
/// is `directory` or `contact`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictsView {
    /// Of which nobody has decided.
    pub values: Vec<ConflictView>,
    /// What was decided, and the next sync does.
    pub decided: Vec<ConflictView>,
    /// There are more people: those after this one, as `after`.
    pub next: Option<String>,
    /// These are not the first.
    pub is_later: bool,
}

/// One value, of whom it is, and what each side has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictView {
    /// What they are called; their id where they have no name.
    pub name: String,
    /// Milliseconds since 1970-01-01T00:00:00Z: names the two values that are shown.
    pub seen_at_ms: u64,
    pub value: ConflictShape,
}
