//! What a change of the directory leads to: notifications as values.
//!
//! A notification says that an object changed, not how. Creation and soft deletion come as `updated`, and
//! `deleted` is for what is gone for good
//! (<https://learn.microsoft.com/graph/api/resources/subscription>, `changeType`). What else a notification has
//! is as it was seen (<https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7634>).

use std::collections::BTreeMap;
use std::time::SystemTime;

use emulated_directory::change_log::MEMBERS;
use emulated_directory::directory::{Directory, UserState};
use emulated_directory::groups::GroupState;
use emulated_directory::moments;
use serde_json::{Value, json};

use super::book::{Book, Parcel, Subscription};
use super::terms::Topic;
use crate::behaviour::Behaviour;

/// Notifications in one request, at most. Microsoft does not say how many there are.
const MOST_AT_ONCE: usize = 100;

/// What goes with every notification.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'a> {
    pub(super) tenant_id: &'a str,
    pub(super) now: SystemTime,
}

/// Everything that is to be sent now. Each subscription is told once of what changed since it was told last.
pub(super) fn collect(
    book: &mut Book,
    directory: &Directory,
    behaviour: &Behaviour,
    sender: Sender<'_>,
) -> Vec<Parcel> {
    book.settle(sender.now);
    let mut noticed = book.noticed;
    let mut by_url: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for subscription in book.all_mut() {
        let notices = of_subscription(subscription, directory, sender);
        for notice in notices {
            for _ in 0..behaviour.notifications_per_change {
                noticed += 1;
                let every = behaviour.every_notification_lost;
                if every == 0 || !noticed.is_multiple_of(every) {
                    let url = subscription.terms.notification_url.clone();
                    by_url.entry(url).or_default().push(notice.clone());
                }
            }
        }
    }
    book.noticed = noticed;
    let mut parcels = book.take_waiting();
    for (url, notices) in by_url {
        for notices in notices.chunks(MOST_AT_ONCE) {
            let mut notices = notices.to_vec();
            if behaviour.mixed_tenants {
                notices.extend(notices.first().and_then(of_another_tenant));
            }
            let url = url.clone();
            parcels.push(Parcel { url, notices });
        }
    }
    parcels
}

fn of_subscription(
    subscription: &mut Subscription,
    directory: &Directory,
    sender: Sender<'_>,
) -> Vec<Value> {
    let topic = subscription.terms.topic.clone();
    let log = if topic.is_of_groups() {
        directory.groups().log()
    } else {
        directory.log()
    };
    let window = (subscription.told, log.head());
    subscription.told = log.head();
    let types = subscription.terms.types;
    if types.created || window.0 >= window.1 {
        return Vec::new();
    }
    let shown = |name: &str| match topic {
        Topic::Members(_) => name == MEMBERS,
        Topic::Owners(_) => false,
        _ => true,
    };
    let only = topic.object().map(str::to_lowercase);
    let mut notices = Vec::new();
    for ordinal in log.touched(window, 0, &shown) {
        let (id, gone) = if topic.is_of_groups() {
            let groups = directory.groups();
            (
                groups.id(ordinal),
                groups.standing(ordinal) == GroupState::Purged,
            )
        } else {
            let gone = *directory.standing(ordinal) == UserState::Purged;
            (directory.id(ordinal), gone)
        };
        let Some(id) = id else { continue };
        let concerns = only.as_ref().is_none_or(|only| *only == id.to_lowercase());
        let wanted = if gone { types.deleted } else { types.updated };
        if concerns && wanted {
            let change = if gone { "deleted" } else { "updated" };
            notices.push(notice(subscription, (&id, change), sender));
        }
    }
    notices
}

fn notice(subscription: &Subscription, (id, change): (&str, &str), sender: Sender<'_>) -> Value {
    let of_groups = subscription.terms.topic.is_of_groups();
    let (set, kind) = if of_groups {
        ("Groups", "#Microsoft.Graph.Group")
    } else {
        ("Users", "#Microsoft.Graph.User")
    };
    let path = format!("{set}/{id}");
    // Ticks of 100 ns since year 1: more than a double holds.
    let since = sender.now.duration_since(SystemTime::UNIX_EPOCH);
    let ticks = since.map_or(0, |since| since.as_nanos() / 100);
    let sequence = u64::try_from(ticks)
        .unwrap_or(u64::MAX)
        .saturating_add(621_355_968_000_000_000);
    json!({
        "changeType": change,
        "clientState": subscription.terms.client_state,
        "resource": path,
        "resourceData": {
            "@odata.type": kind,
            "@odata.id": path,
            "id": id,
            "organizationId": sender.tenant_id,
            "eventTime": moments::exact(sender.now),
            "sequenceNumber": sequence,
        },
        "subscriptionExpirationDateTime": moments::offset(subscription.terms.expires),
        "subscriptionId": subscription.id,
        "tenantId": sender.tenant_id,
    })
}

/// One that a subscription of another tenant with the same address would lead to.
fn of_another_tenant(notice: &Value) -> Option<Value> {
    let mut other = notice.clone();
    let members = other.as_object_mut()?;
    for (name, value) in [
        ("clientState", "another tenant's"),
        ("subscriptionId", "0f0f0f0f-0000-4000-8000-000000000001"),
        ("tenantId", "0f0f0f0f-0000-4000-8000-000000000002"),
    ] {
        members.insert(name.to_owned(), Value::from(value));
    }
    Some(other)
}
