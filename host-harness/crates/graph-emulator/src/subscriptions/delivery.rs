//! Sending notifications, and sending them again
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>): whoever does not answer with
//! 2xx in time is told again for four hours, after longer and longer pauses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emulated_directory::moments;
use tokio::task::JoinSet;

use super::book::{DeliveryRecord, Parcel};
use super::endpoint::Endpoint;
use super::notices::{self, Sender};
use crate::service::Service;

/// Requests to listeners at the same time; further ones wait.
const MOST_AT_ONCE: usize = 256;

/// How long a listener that was slow or failed has for its answer to each further try.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a notification is tried.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(4);

/// Sends what there is to send, until the task is dropped, and what is under way with it.
pub(crate) async fn run(service: Arc<Service>, endpoint: Arc<Endpoint>) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = service.stirred(), if under_way.len() < MOST_AT_ONCE => {}
            Some(_) = under_way.join_next() => continue,
        }
        for parcel in take(&service) {
            under_way.spawn(deliver(Arc::clone(&service), Arc::clone(&endpoint), parcel));
        }
    }
}

/// What is to be sent now.
pub(crate) fn take(service: &Service) -> Vec<Parcel> {
    let tenant_id = service.tenant_id();
    let now = service.now();
    let directory = service.directory();
    // After the directory: what changed since the tenant behaves otherwise is told so.
    let behaviour = service.behaviour();
    let sender = Sender {
        tenant_id: &tenant_id,
        now,
    };
    notices::collect(&mut service.subscriptions(), &directory, &behaviour, sender)
}

async fn deliver(service: Arc<Service>, endpoint: Arc<Endpoint>, parcel: Parcel) {
    let behaviour = service.behaviour();
    tokio::time::sleep(Duration::from_millis(behaviour.notification_delay_ms)).await;
    let times = if behaviour.notifications_repeated {
        2
    } else {
        1
    };
    for _ in 0..times {
        until_taken(&service, &endpoint, &parcel).await;
    }
}

async fn until_taken(service: &Service, endpoint: &Endpoint, parcel: &Parcel) {
    let body = parcel.body();
    let bytes = Bytes::from(body.to_string());
    let behaviour = service.behaviour();
    let mut pause = Duration::from_millis(behaviour.notification_retry_ms.max(1));
    let mut limit = Duration::from_millis(behaviour.notification_timeout_ms);
    let mut waited = Duration::ZERO;
    for attempt in 1.. {
        let status = endpoint.give(&parcel.url, bytes.clone(), limit).await;
        service.subscriptions().remember(DeliveryRecord {
            at: moments::zulu(service.now()),
            url: parcel.url.clone(),
            attempt,
            status,
            body: body.clone(),
        });
        if (200..300).contains(&status) || waited + pause > GIVEN_UP_AFTER {
            return;
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause *= 2;
        limit = PATIENCE;
    }
}
