//! A host for tests that has the platform in memory, and no way out.

use guest_kit::{
    Http, HttpFailure, HttpRequest, HttpResponse, NoSigning, NoTokens, SecretError, SecretValue,
    Secrets,
};
use sync_core::ports::testing::Memory;

use crate::imports::{Consent, Imports, NoNotifications};

/// Mirrors a directory into contacts, as the settings of the platform in memory do; nothing of it can be
/// reached.
pub(crate) const DOCUMENT: &str = r#"{ "tenant": {"id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"},
  "credentials": {"clientId": "53a18f2e-9c5e-4c4b-8d2e-0a6c31b1a111", "secret": "none"},
  "sync": { "direction": "one-way", "source": "entra-id", "target": "contacts", "preset": "mirror" } }"#;

/// A host without a way out, which consents to everything.
pub(crate) struct Offline;

impl Http for Offline {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        panic!("the directory is not asked, and {} was", request.url);
    }
}

impl Secrets for Offline {
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError> {
        panic!("no secret is needed, and {name} was asked for");
    }
}

impl Consent for Offline {
    fn endpoint(&self, _: &str) -> bool {
        true
    }
}

pub(crate) struct KeepsToMicrosoft;

impl Consent for KeepsToMicrosoft {
    fn endpoint(&self, _: &str) -> bool {
        false
    }
}

pub(crate) fn offline(memory: &Memory) -> Imports<'_> {
    Imports {
        http: &Offline,
        store: memory,
        state: memory,
        plan: memory,
        secrets: &Offline,
        signing: &NoSigning,
        tokens: &NoTokens,
        clock: memory,
        entropy: memory,
        control: memory,
        consent: &Offline,
        notifications: &NoNotifications,
    }
}
