//! The subscriptions of the tenant, and what was sent for them.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use emulated_directory::moments;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::terms::{Renewal, Terms};
use emulated_odata::failure::Failure;

/// Subscriptions that one application may have in one tenant, and all applications together
/// (<https://learn.microsoft.com/graph/change-notifications-overview>).
const MOST_OF_ONE: usize = 100;
const MOST_OF_ALL: usize = 1_000;

/// How many deliveries are remembered.
const REMEMBERED: usize = 1_000;

/// One subscription.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) terms: Terms,
    /// How much of the log of changes has led to notifications.
    pub(super) told: u64,
}

/// What happens to a subscription itself
/// (<https://learn.microsoft.com/graph/change-notifications-lifecycle-events>). For users and groups the
/// service documents the first alone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LifecycleEvent {
    /// It is to be renewed, or reauthorized.
    ReauthorizationRequired,
    /// It is gone.
    SubscriptionRemoved,
    /// Notifications were not delivered.
    Missed,
}

/// Why nothing was told of a subscription.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LifecycleRefused {
    /// There is none.
    #[error("no subscription '{0}'; GET /emulator/subscriptions lists them")]
    NoSuch(String),
    /// It was made without an address for such events.
    #[error("the subscription '{0}' has no lifecycleNotificationUrl, so nothing is told")]
    NoAddress(String),
}

/// One try to deliver notifications.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// When it ended, as `2026-01-02T03:04:05Z` by the emulator's clock.
    pub at: String,
    /// Where to.
    pub url: String,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// The status of the answer; 0 where none came in time.
    pub status: u16,
    /// What was sent.
    pub body: Value,
}

/// Notifications that go to one address in one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parcel {
    pub(super) url: String,
    pub(super) notices: Vec<Value>,
}

impl Parcel {
    pub(crate) fn body(&self) -> Value {
        json!({"value": self.notices})
    }
}

/// Everything that the tenant knows of subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Book {
    subscriptions: BTreeMap<String, Subscription>,
    /// What is to be sent beside what changes lead to.
    waiting: Vec<Parcel>,
    sent: VecDeque<DeliveryRecord>,
    /// How many notifications there were.
    pub(super) noticed: u64,
}

impl Book {
    /// Forgets what has ended.
    pub(super) fn settle(&mut self, now: SystemTime) {
        self.subscriptions
            .retain(|_, subscription| subscription.terms.expires > now);
    }

    /// Whether there may be another one on these terms.
    ///
    /// # Errors
    /// 403 where there are too many, 409 for what is subscribed to already.
    pub(super) fn check_room(&self, terms: &Terms, of_others: usize) -> Result<(), Failure> {
        let known = self.subscriptions.len();
        let limit = if known >= MOST_OF_ONE {
            Some(("application", MOST_OF_ONE))
        } else if known.saturating_add(of_others) >= MOST_OF_ALL {
            Some(("tenant", MOST_OF_ALL))
        } else {
            None
        };
        if let Some((whose, most)) = limit {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "Forbidden",
                format!("The {whose} has reached its limit of {most} subscriptions."),
            ));
        }
        let same = |other: &Subscription| {
            other.terms.topic == terms.topic && other.terms.types == terms.types
        };
        if self.subscriptions.values().any(same) {
            return Err(Failure::new(
                StatusCode::CONFLICT,
                "Conflict",
                "A subscription to the same resource and change type exists already.",
            ));
        }
        Ok(())
    }

    /// Adds one that is told of changes after `told`, and gives its id.
    pub(super) fn add(&mut self, terms: Terms, told: u64) -> Subscription {
        let id = Uuid::new_v4().to_string();
        let subscription = Subscription {
            id: id.clone(),
            terms,
            told,
        };
        self.subscriptions.insert(id, subscription.clone());
        subscription
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.subscriptions.values_mut()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.get(&id.to_lowercase())
    }

    /// Renews one; `None` where there is none.
    pub(super) fn renew(&mut self, id: &str, renewal: Renewal) -> Option<Subscription> {
        let subscription = self.subscriptions.get_mut(&id.to_lowercase())?;
        if let Some(expires) = renewal.expires {
            subscription.terms.expires = expires;
        }
        if let Some(url) = renewal.notification_url {
            subscription.terms.notification_url = url;
        }
        Some(subscription.clone())
    }

    /// Takes one away; `false` where there is none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.subscriptions.remove(&id.to_lowercase()).is_some()
    }

    /// Has something told that happens to a subscription itself. A removed one is gone, whether that can be
    /// told or not.
    ///
    /// # Errors
    /// [`LifecycleRefused`].
    pub(crate) fn tell(
        &mut self,
        id: &str,
        event: LifecycleEvent,
        tenant_id: &str,
    ) -> Result<(), LifecycleRefused> {
        let known = self.get(id);
        let subscription = known.ok_or_else(|| LifecycleRefused::NoSuch(id.to_owned()))?;
        let notice = json!({
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": moments::offset(subscription.terms.expires),
            "tenantId": tenant_id,
            "clientState": subscription.terms.client_state,
            "lifecycleEvent": event,
        });
        let url = subscription.terms.lifecycle_url.clone();
        if event == LifecycleEvent::SubscriptionRemoved {
            self.remove(id);
        }
        let url = url.ok_or_else(|| LifecycleRefused::NoAddress(id.to_owned()))?;
        self.waiting.push(Parcel {
            url,
            notices: vec![notice],
        });
        Ok(())
    }

    pub(super) fn take_waiting(&mut self) -> Vec<Parcel> {
        std::mem::take(&mut self.waiting)
    }

    pub(super) fn remember(&mut self, record: DeliveryRecord) {
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(record);
    }

    /// The newest tries to deliver, oldest first.
    pub(crate) fn sent(&self) -> Vec<DeliveryRecord> {
        self.sent.iter().cloned().collect()
    }

    /// Every subscription with everything that was agreed on.
    pub(crate) fn listed(&self) -> Vec<Value> {
        self.all()
            .map(|subscription| {
                let terms = &subscription.terms;
                json!({
                    "id": subscription.id,
                    "resource": terms.resource,
                    "changeType": terms.change_type,
                    "notificationUrl": terms.notification_url,
                    "lifecycleNotificationUrl": terms.lifecycle_url,
                    "clientState": terms.client_state,
                    "expirationDateTime": moments::exact(terms.expires),
                })
            })
            .collect()
    }
}
