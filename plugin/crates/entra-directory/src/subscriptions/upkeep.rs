//! What is due, and doing it.
//!
//! A subscription is renewed after half of its time: there is as much time again for whoever has to see to what
//! stands in the way. One that is gone is made anew
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>); that nobody may tell of it is why
//! it is looked at by every run, and why a host keeps its schedule.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use guest_kit::{Entropy, Level};
use sync_core::engine::directory::Notified;
use sync_core::engine::run_abort::RunAbort;
use sync_core::ports::{DirectoryError, Ports, Timestamp};

use super::kept::{Kept, Subscription, Trouble, hash, known_by};
use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::subscriptions::{Subscribed, Wanted};

/// How long a subscription is to last: under the 29 days that the service gives at most
/// (<https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime>), so that a clock that goes
/// wrong does not ask for more.
const LIFE_MS: u64 = 28 * 24 * 3_600 * 1_000;

/// How long what failed is not tried again.
const PAUSE_MS: u64 = 15 * 60 * 1_000;

/// What is due.
#[derive(Debug, Default, PartialEq, Eq)]
struct Due {
    /// Stays as it is.
    stays: Vec<Subscription>,
    /// Of another address, of none, or of what is not wanted any more.
    drop: Vec<Subscription>,
    renew: Vec<Subscription>,
    make: Vec<String>,
}

/// Says what is due, of what is wanted. `address` is what the host's address is [known by](known_by).
fn due(kept: &Kept, address: Option<&str>, wanted: &[&str], now: Timestamp) -> Due {
    let mut due = Due::default();
    for known in &kept.subscriptions {
        let is_wanted = wanted.contains(&&*known.resource);
        let place = if !is_wanted || address != Some(&known.address) {
            &mut due.drop
        } else if now >= known.ends {
            continue;
        } else if now >= known.due {
            &mut due.renew
        } else {
            &mut due.stays
        };
        place.push(known.clone());
    }
    let may_try = kept
        .trouble
        .as_ref()
        .is_none_or(|trouble| now.0.saturating_sub(trouble.at.0) >= PAUSE_MS || now < trouble.at);
    if address.is_some() && may_try {
        let there = |resource: &str| {
            let mut known = due.stays.iter().chain(&due.renew);
            known.any(|known| known.resource == resource)
        };
        let missing = wanted.iter().filter(|resource| !there(resource));
        due.make = missing.map(|resource| (*resource).to_owned()).collect();
    }
    due
}

/// Does what is due, of what is wanted. `asker` names the application and its tenant.
///
/// # Errors
///
/// Where the state cannot be read, and where the host said stop.
pub fn keep(
    client: &Client<'_>,
    ports: Ports<'_>,
    asker: &str,
    address: Option<&str>,
    wanted: &[&str],
) -> Result<Notified, RunAbort> {
    let before = Kept::load(ports.state)?;
    let Due {
        stays,
        drop,
        renew,
        make,
    } = due(
        &before,
        address.map(|address| known_by(asker, address)).as_deref(),
        wanted,
        ports.clock.now(),
    );
    let is_idle = drop.is_empty() && renew.is_empty() && make.is_empty();
    let forgets = address.is_none() && before.trouble.is_some();
    if is_idle && !forgets && stays.len() == before.subscriptions.len() {
        return Ok(Notified {
            state: Vec::new(),
            trouble: before.trouble.map(|trouble| trouble.message),
        });
    }
    let mut upkeep = Upkeep {
        client,
        ports,
        asker,
        after: Kept {
            subscriptions: stays,
            // What waits for its next try is still in trouble.
            trouble: before
                .trouble
                .filter(|_| address.is_some() && make.is_empty() && renew.is_empty()),
        },
    };
    client.hastily(|| {
        for known in drop {
            upkeep.drop(&known.id)?;
        }
        let mut make = make;
        for known in renew {
            make.extend(upkeep.renew(known)?);
        }
        match address {
            Some(address) => upkeep.make(address, make),
            None => Ok(()),
        }
    })?;
    Ok(Notified {
        state: vec![upkeep.after.save()?],
        trouble: upkeep.after.trouble.map(|trouble| trouble.message),
    })
}

/// Takes back whatever there is, where that can be done; what cannot, runs out by itself.
pub fn take_back(client: &Client<'_>, ports: Ports<'_>, kept: &Kept) {
    client.hastily(|| {
        for known in &kept.subscriptions {
            if let Err(error) = client.unsubscribe(&known.id) {
                warn(ports, "subscription-left", &error);
            }
        }
    });
}

struct Upkeep<'u, 'c> {
    client: &'u Client<'c>,
    ports: Ports<'u>,
    asker: &'u str,
    after: Kept,
}

impl Upkeep<'_, '_> {
    fn drop(&mut self, id: &str) -> Result<(), RunAbort> {
        match self.client.unsubscribe(id) {
            Ok(()) => log(self.ports, "subscription-dropped", id),
            Err(error) => {
                // It runs out by itself.
                let error = stopped(error)?;
                warn(self.ports, "subscription-left", &error);
            }
        }
        Ok(())
    }

    /// Renews a subscription; gives what it was to, where it is gone.
    fn renew(&mut self, mut known: Subscription) -> Result<Option<String>, RunAbort> {
        let now = self.ports.clock.now();
        match self.client.renew(&known.id, end(now)) {
            Ok(Some(told)) => {
                log(self.ports, "subscription-renewed", &known.id);
                known.renewed = now;
                (known.ends, known.due) = period(&told, now);
                self.after.subscriptions.push(known);
                Ok(None)
            }
            Ok(None) => {
                log(self.ports, "subscription-gone", &known.id);
                Ok(Some(known.resource))
            }
            Err(error) => {
                // Until its end it is there all the same.
                known.due = Timestamp(now.0.saturating_add(PAUSE_MS));
                self.after.subscriptions.push(known);
                self.trouble(error)?;
                Ok(None)
            }
        }
    }

    /// Makes subscriptions, once what earlier ones have left at this address is gone: there is no second one to the
    /// same changes (409), and nobody else is told here.
    fn make(&mut self, address: &str, resources: Vec<String>) -> Result<(), RunAbort> {
        if resources.is_empty() {
            return Ok(());
        }
        let there = match self.client.subscriptions() {
            Ok(there) => there,
            Err(error) => return self.trouble(error),
        };
        for stranger in there {
            let own = &self.after.subscriptions;
            let is_own = own.iter().any(|known| known.id == stranger.id);
            if !is_own && stranger.address.as_deref() == Some(address) {
                self.drop(&stranger.id)?;
            }
        }
        for resource in resources {
            let client_state = secret(self.ports.entropy);
            let now = self.ports.clock.now();
            let made = self.client.subscribe(Wanted {
                resource: &resource,
                address,
                client_state: &client_state,
                ends: end(now),
            });
            let made = match made {
                Ok(made) => made,
                Err(error) => {
                    self.trouble(error)?;
                    continue;
                }
            };
            log(self.ports, "subscription-made", &made.id);
            let (ends, due) = period(&made, now);
            self.after.subscriptions.push(Subscription {
                resource,
                id: made.id,
                client_state: hash(&client_state),
                address: known_by(self.asker, address),
                since: now,
                renewed: now,
                ends,
                due,
            });
        }
        Ok(())
    }

    /// Notes what stands in the way.
    fn trouble(&mut self, error: GraphError) -> Result<(), RunAbort> {
        let error = stopped(error)?;
        warn(self.ports, "subscription-failed", &error);
        self.after.trouble = Some(Trouble {
            message: in_words(&error),
            at: self.ports.clock.now(),
        });
        Ok(())
    }
}

/// That the host said stop is no matter of subscriptions.
fn stopped(error: GraphError) -> Result<GraphError, RunAbort> {
    match error {
        GraphError::Stopped => Err(DirectoryError::from(error).into()),
        error => Ok(error),
    }
}

fn log(ports: Ports<'_>, event: &str, id: &str) {
    ports
        .control
        .log(Level::Info, event, &[("subscription", id.to_owned())]);
}

fn warn(ports: Ports<'_>, event: &str, error: &GraphError) {
    ports
        .control
        .log(Level::Warn, event, &[("code", error.code().to_owned())]);
}

fn end(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_add(LIFE_MS))
}

/// When a subscription ends, and from when on it is to be renewed: the service may give it less than was asked.
fn period(told: &Subscribed, now: Timestamp) -> (Timestamp, Timestamp) {
    let ends = told.ends.unwrap_or(end(now)).min(end(now)).max(now);
    let half = ends.0.saturating_sub(now.0) / 2;
    (ends, Timestamp(now.0.saturating_add(half)))
}

/// 256 bits that nobody can guess, in 43 characters.
fn secret(entropy: &dyn Entropy) -> String {
    let mut bytes = Vec::with_capacity(32);
    for _ in 0..4 {
        bytes.extend_from_slice(&entropy.next_u64().to_le_bytes());
    }
    Base64UrlUnpadded::encode_string(&bytes)
}

fn in_words(error: &GraphError) -> String {
    let advice = match error.failure().status {
        Some(400) => {
            "Microsoft asks the platform's public address before it agrees, and did not get the answer that it \
             wants: let whoever runs the platform see to it that the address is reached from the internet over \
             https, with nothing in front that asks for a sign-in."
        }
        Some(409) => {
            "The application has such a subscription in this tenant already, as where another installation uses \
             the same application: give this one an application of its own."
        }
        _ => error.advice(),
    };
    format!(
        "Microsoft does not tell of changes by itself, and they are found by the schedule alone: {error}. {advice}"
    )
}

#[cfg(test)]
#[path = "upkeep_tests.rs"]
mod tests;
