//! The component: what WASI has, as the contract's imports. For WebAssembly only; nothing here decides anything.

#![allow(
    unsafe_code,
    reason = "the exports are generated from wit/, where every item is documented"
)]

use std::cell::RefCell;
use std::env;
use std::io::Write as _;

use crate::bindings;
use crate::bindings::contact_sync::connector::ledger as wit;
use crate::bindings::contact_sync::connector::types::StoreError;
use crate::bindings::exports::contact_sync::connector::{
    consent, notification_target, plan_sink, run_control, secrets, signing, target_settings,
    token_cache,
};
use crate::environment::{ALLOWED_ENDPOINTS, TARGET_SETTINGS, allows, secret_variable};
use crate::log_line;
use crate::plans::{Ledger, Plans};

struct Component;

bindings::export!(Component with_types_in bindings);

/// The name of a variable that has a value.
struct Secret(String);

impl secrets::Guest for Component {
    type Secret = Secret;

    fn get(name: String) -> Result<secrets::Secret, secrets::SecretError> {
        let variable = secret_variable(&name).filter(|variable| value(variable).is_some());
        let variable = variable.ok_or(secrets::SecretError::NotFound)?;
        Ok(secrets::Secret::new(Secret(variable)))
    }
}

impl secrets::GuestSecret for Secret {
    fn reveal(&self) -> Result<String, secrets::SecretError> {
        value(&self.0).ok_or(secrets::SecretError::NotFound)
    }
}

/// What stands in a variable. An empty one is none.
fn value(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

/// There is none.
enum NoSigner {}

impl signing::Guest for Component {
    type Signer = NoSigner;

    fn get(_name: String) -> Result<signing::Signer, signing::SigningError> {
        Err(signing::SigningError::NotFound)
    }
}

impl signing::GuestSigner for NoSigner {
    fn certificate(&self) -> signing::Certificate {
        match *self {}
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        match *self {}
    }

    fn sign(&self, _message: Vec<u8>) -> Result<Vec<u8>, signing::SigningError> {
        match *self {}
    }
}

impl token_cache::Guest for Component {
    fn get(_issued_for: String) -> Option<token_cache::Token> {
        None
    }

    fn put(_issued_for: String, _token: token_cache::Token) {}
}

impl consent::Guest for Component {
    fn endpoint(root: String) -> bool {
        value(ALLOWED_ENDPOINTS).is_some_and(|allowed| allows(&allowed, &root))
    }
}

impl notification_target::Guest for Component {
    fn address() -> Option<String> {
        None
    }
}

impl target_settings::Guest for Component {
    fn get() -> String {
        // Without a name in it, the destination says what is missing.
        value(TARGET_SETTINGS).unwrap_or_else(|| "{}".to_owned())
    }
}

impl run_control::Guest for Component {
    fn log(level: run_control::Level, event: String, fields: Vec<(String, String)>) {
        tell(&log_line::event(level, &event, fields));
    }

    fn report_progress(progress: run_control::Progress) -> run_control::Directive {
        tell(&log_line::progress(progress));
        run_control::Directive::GoOn
    }
}

/// A line on standard error. Where nobody takes it, the call goes on.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

struct HostLedger;

impl Ledger for HostLedger {
    fn get(&self, keys: &[String]) -> Result<Vec<wit::Entry>, StoreError> {
        wit::get(keys)
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<wit::Entry>, StoreError> {
        wit::scan(prefix, after, u32::try_from(limit).unwrap_or(u32::MAX))
    }

    fn write(&self, writes: Vec<wit::Write>) -> Result<(), StoreError> {
        // Without an expectation there is none that is not met.
        wit::commit(&[], &writes).map(|_| ())
    }
}

thread_local! {
    /// Of this instance, which lives for one call.
    static PLANS: RefCell<Plans<HostLedger>> = const { RefCell::new(Plans::new(HostLedger)) };
}

impl plan_sink::Guest for Component {
    fn put(entries: Vec<plan_sink::Entry>) -> Result<(), StoreError> {
        PLANS.with_borrow_mut(|plans| plans.put(entries))
    }

    fn claimed(contacts: Vec<String>) -> Result<Vec<plan_sink::Claim>, StoreError> {
        PLANS.with_borrow_mut(|plans| plans.claimed(contacts))
    }

    fn changes(
        plan: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<plan_sink::Entry>, StoreError> {
        PLANS.with_borrow_mut(|plans| plans.changes(plan.is_none(), after.as_deref(), limit))
    }

    fn entries(
        plan: Option<String>,
        users: Vec<String>,
    ) -> Result<Vec<plan_sink::Entry>, StoreError> {
        PLANS.with_borrow_mut(|plans| plans.entries(plan.is_none(), &users))
    }

    fn count() -> Result<Vec<plan_sink::Tally>, StoreError> {
        PLANS.with_borrow_mut(Plans::count)
    }
}
