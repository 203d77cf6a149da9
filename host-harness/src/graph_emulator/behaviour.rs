//! What a tenant may do and a client must cope with: the knobs that hold until they are turned back.
//! What goes wrong for some requests only is a [`Fault`](super::Fault).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How an expired delta token is refused. Microsoft's texts disagree: 400 in
/// <https://devblogs.microsoft.com/microsoft365dev/duration-of-change-tracking-tokens-for-identity-and-education-resources/>,
/// "40X" in <https://learn.microsoft.com/graph/delta-query-overview>, and 410 has been seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpiredToken {
    /// 400 `syncStateNotFound`.
    #[default]
    BadRequest,
    /// 410 `syncStateNotFound`.
    Gone,
}

/// How a property is kept from the application. What the service does when a permission is lowered
/// is not documented for every property: relations come with `id` and type and the rest as null
/// (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>),
/// so a client must take neither form for "cleared by everybody at once".
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Withheld {
    /// It is stated as null, or as an empty collection, also by the delta query.
    Null,
    /// It is not stated.
    Absent,
}

/// How the tenant behaves. Everything here is something that Microsoft documents or that has
/// been seen; the defaults are the gentlest documented ones.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Behaviour {
    /// How an expired delta token is refused.
    pub expired_token: ExpiredToken,
    /// Whether an expired delta token is refused as `SyncStateNotFound`, the spelling that was seen,
    /// instead of `syncStateNotFound`.
    pub capitalised_sync_state: bool,
    /// Whether the refusal of an expired delta token carries the `Location` of a reset.
    pub location_on_expiry: bool,
    /// Whether the 410 of a reset carries its `Location`, as documented
    /// (<https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset>).
    pub location_on_reset: bool,
    /// How long a page or delta token of the delta query is good for, in seconds: seven days for
    /// directory objects.
    pub delta_token_lifetime_seconds: u64,
    /// Whether an initial round states users that were deleted before it.
    pub tombstones_in_initial_round: bool,
    /// How many users of the rounds before are stated again in an incremental round.
    pub replayed_changes: usize,
    /// Whether the last user of a page is stated again on the next one.
    pub repeat_over_pages: bool,
    /// Whether a round begins with a page that is empty and has a nextLink.
    pub empty_first_page: bool,
    /// How old a change must be, in seconds, before a delta query shows it.
    pub visibility_delay_seconds: u64,
    /// Whether links use the form `/users/microsoft.graph.delta()`.
    pub cast_path_in_links: bool,
    /// Whether every user carries a property that no client can know.
    pub unknown_property: bool,
    /// Properties that are kept from the application for everybody, wherever users are read. `id`
    /// is never withheld.
    pub withheld: BTreeMap<String, Withheld>,
    /// Object ids of users that neither the list nor the delta query states, though they answer by
    /// id and `$count` counts them: an index that lags behind
    /// (<https://learn.microsoft.com/graph/aad-advanced-queries>).
    pub hidden_from_lists: BTreeSet<String>,
    /// Object ids of users that lists state and that answer 404 by id and by name: a replica that
    /// lags behind.
    pub hidden_by_id: BTreeSet<String>,
    /// Whether a batch with a throttled part is answered 424 as a whole, as the throttling guidance
    /// says (<https://learn.microsoft.com/graph/throttling#throttling-and-batching>), instead of
    /// 200, as the batching page says (<https://learn.microsoft.com/graph/json-batching>).
    pub throttled_batch_fails: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            expired_token: ExpiredToken::default(),
            delta_token_lifetime_seconds: Duration::from_hours(7 * 24).as_secs(),
            tombstones_in_initial_round: true,
            replayed_changes: 0,
            repeat_over_pages: false,
            empty_first_page: false,
            visibility_delay_seconds: 0,
            cast_path_in_links: false,
            unknown_property: false,
            capitalised_sync_state: false,
            location_on_expiry: false,
            location_on_reset: true,
            withheld: BTreeMap::new(),
            hidden_from_lists: BTreeSet::new(),
            hidden_by_id: BTreeSet::new(),
            throttled_batch_fails: false,
        }
    }
}
