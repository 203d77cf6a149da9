//! What happens to subscriptions while the tenant runs, beside what their owner asks for.

use serde_json::Value;

use super::control::Control;
use super::subscriptions::{DeliveryRecord, LifecycleEvent, LifecycleRefused};

impl Control {
    /// The subscriptions with everything that was agreed on, their client state included.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Value> {
        self.service().subscriptions().listed()
    }

    /// Takes a subscription away without a word; `false` where there is none.
    #[must_use]
    pub fn remove_subscription(&self, id: &str) -> bool {
        self.service().subscriptions().remove(id)
    }

    /// Tells a subscription's listener what happens to it.
    ///
    /// # Errors
    /// [`LifecycleRefused`]; one that was removed is gone all the same.
    pub fn tell_lifecycle(&self, id: &str, event: LifecycleEvent) -> Result<(), LifecycleRefused> {
        let tenant_id = self.service().tenant_id();
        let told = self.service().subscriptions().tell(id, event, &tenant_id);
        self.service().stir();
        told
    }

    /// The newest tries to deliver notifications, oldest first; at most a thousand.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryRecord> {
        self.service().subscriptions().sent()
    }
}
