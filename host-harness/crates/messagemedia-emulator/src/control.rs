//! The handle that changes the account while the emulator runs: what people do there, how it behaves, and what
//! goes wrong.

use std::sync::Arc;
use std::time::Duration;

use emulator_controls::bounds::CENTURY;
use serde_json::Value;

use crate::behaviour::Behaviour;
use crate::contact::Subscription;
use crate::faults::{Fault, ForeignRequest};
use crate::request_log::{Counters, RequestRecord};
use crate::service::Service;
use crate::{Credentials, contacts, custom_fields, lists};

/// Changes the account while the emulator runs. What a client of the API can do, somebody else does with
/// [`request`](Self::request).
#[derive(Clone)]
pub struct Control {
    service: Arc<Service>,
}

impl Control {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// Every contact as it is now, as the API tells it, oldest first.
    #[must_use]
    pub fn contacts(&self) -> Vec<Value> {
        contacts::all(&self.service.open().state)
    }

    /// Every list, as the API tells it, oldest first.
    #[must_use]
    pub fn lists(&self) -> Vec<Value> {
        lists::all(&self.service.open().state)
    }

    /// Every custom field, as the API tells it, oldest first.
    #[must_use]
    pub fn custom_fields(&self) -> Vec<Value> {
        custom_fields::all(&self.service.open().state)
    }

    /// Does what somebody else asks of the API with a key of their own; their request meets no fault and stands in
    /// no log, and may state channels of the types that come by themselves. The status and the body of the answer; `null` for none.
    pub fn request(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let request = ForeignRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            body,
        };
        let reply = self.service.open().somebody_else(&request);
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    /// A person answers `STOP`: every channel of the number is unsubscribed. How many contacts have it.
    pub fn opt_out(&self, number: &str) -> usize {
        self.subscribe(number, Subscription::Unsubscribed)
    }

    /// A person answers `START`: every channel of the number is subscribed. How many contacts have it.
    pub fn opt_in(&self, number: &str) -> usize {
        self.subscribe(number, Subscription::Subscribed)
    }

    fn subscribe(&self, number: &str, subscription: Subscription) -> usize {
        let state = &mut self.service.open().state;
        let (now, delay) = (state.now, state.delay());
        state.account.subscribe(number, subscription, now, delay)
    }

    /// How the account behaves.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.service.open().state.behaviour.clone()
    }

    /// Changes how the account behaves.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.service.open().state.behaviour = behaviour;
    }

    /// Replaces the key and the secret that are accepted.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.service.open().credentials = credentials;
    }

    /// Puts the clock forward, by a century in all.
    pub fn advance(&self, by: Duration) {
        let advanced = &mut self.service.open().advanced;
        *advanced = advanced.saturating_add(by).min(CENTURY);
    }

    /// Sets a fault, behind those that are set.
    pub fn inject(&self, fault: Fault) {
        self.service.open().faults.inject(fault);
    }

    /// The faults that are set, with what is left of their counts.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.service.open().faults.list()
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.service.open().faults.clear();
    }

    /// The newest requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.open().log.records()
    }

    /// Counts of all requests.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.service.open().log.counters()
    }

    /// Forgets the requests and their counts.
    pub fn clear_requests(&self) {
        self.service.open().log.clear();
    }
}
