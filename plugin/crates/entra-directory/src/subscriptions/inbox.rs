//! What arrives at the host's address, judged.
//!
//! One request may mix subscriptions, and even tenants
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>), so each notification is judged by
//! itself: by the tenant, the subscription and the client state. Whatever changed is not looked at: the next round
//! reads it.

use guest_kit::json;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use sync_core::ports::Timestamp;

use super::kept::{Kept, Subscription, hash};
use crate::graph::tenant::TenantId;

/// The longest body that is looked at, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

/// So shortly after a renewal none is due, whatever is said
/// (<https://learn.microsoft.com/graph/change-notifications-lifecycle-events>: at most one in ten minutes).
const BETWEEN_RENEWALS_MS: u64 = 10 * 60 * 1_000;

/// What the host is to do; each includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    #[default]
    Nothing,
    /// An incremental sync.
    SyncNow,
    /// One that renews a subscription before its time.
    RenewNow,
    /// One that makes a subscription anew.
    Resubscribe,
}

/// What was made of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// That of the notification which asks for most.
    pub action: Action,
    /// Notifications of this workspace.
    pub accepted: u32,
    /// Others, and what is none.
    pub refused: u32,
}

/// Judges a body, and notes what is due by it.
pub fn judge(body: &[u8], kept: &mut Kept, tenant: Option<&TenantId>, now: Timestamp) -> Verdict {
    let mut verdict = Verdict::default();
    let read = (body.len() <= LONGEST_BODY)
        .then(|| json::value(body))
        .flatten();
    let told = read.as_ref().and_then(|body| body.get("value"));
    let (Some(notices), Some(tenant)) = (told.and_then(Value::as_array), tenant) else {
        verdict.refused = 1;
        return verdict;
    };
    for notice in notices {
        match judge_one(notice, kept, tenant, now) {
            Some(action) => {
                verdict.accepted = verdict.accepted.saturating_add(1);
                verdict.action = verdict.action.max(action);
            }
            None => verdict.refused = verdict.refused.saturating_add(1),
        }
    }
    verdict
}

/// What one notification asks for; `None` where it is not of this workspace.
fn judge_one(notice: &Value, kept: &mut Kept, tenant: &TenantId, now: Timestamp) -> Option<Action> {
    let text = |name: &str| notice.get(name).and_then(Value::as_str);
    let is_of_tenant = text("tenantId").and_then(TenantId::parse).as_ref() == Some(tenant);
    let id = text("subscriptionId").filter(|_| is_of_tenant)?;
    let place = kept
        .subscriptions
        .iter()
        .position(|known| known.id.eq_ignore_ascii_case(id))?;
    let known = kept.subscriptions.get_mut(place)?;
    if !is_genuine(known, text("clientState")?) {
        return None;
    }
    Some(match text("lifecycleEvent") {
        None | Some("missed") => Action::SyncNow,
        Some("reauthorizationRequired") => {
            if now.0.saturating_sub(known.renewed.0) < BETWEEN_RENEWALS_MS {
                return Some(Action::Nothing);
            }
            known.due = now;
            Action::RenewNow
        }
        Some("subscriptionRemoved") => {
            kept.subscriptions.remove(place);
            Action::Resubscribe
        }
        // Whatever the service may add: a round is never wrong.
        Some(_) => Action::SyncNow,
    })
}

/// In constant time, whatever part of it is right.
fn is_genuine(known: &Subscription, client_state: &str) -> bool {
    let told = hash(client_state);
    told.as_bytes().ct_eq(known.client_state.as_bytes()).into()
}

#[cfg(test)]
#[path = "inbox_tests.rs"]
mod tests;
