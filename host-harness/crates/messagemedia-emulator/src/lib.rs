//! A local MessageMedia (Sinch Engage) Contacts API: one account on the loopback interface.
//!
//! Contacts, lists and custom fields answer as the documents of the API say
//! (<https://github.com/messagemedia/sinchengage-developer>, `docs/api/contacts` and `spec`): HTTP Basic, the
//! envelopes of errors with the words of their enumerations, pages of at most 1,000 with opaque tokens, the limits
//! of a change of a list's members, the types of custom fields. The documents leave much open that a client has to
//! cope with, and no account was asked: that is a [`Behaviour`], a switch each. What goes wrong once a year happens
//! here on demand: a [`Fault`] says what, with which request, how often.
//!
//! * [`Control`] changes the account while it runs, as people and other programs do; the same operations are there
//!   over HTTP under `/emulator` ([`CONTROLS`]).
//! * Deterministic: the same operations lead to the same ids.
//! * Bad input gets an error envelope; never a panic, never a closed connection that was not asked for.
//!
//! The way of a request: `server` reads it, `service` meets it with an injected fault or lets it in, and one module
//! a resource answers it.
//!
//! Not emulated: authentication by HMAC, sub-accounts, the account's blacklist, webhooks, messages. The channels that
//! no request can write are there where a control puts them.

mod account;
mod behaviour;
pub mod command;
mod contact;
mod contacts;
mod control;
mod control_interface;
mod controls;
mod custom_fields;
mod drafts;
mod faults;
mod ids;
mod in_process;
mod lists;
mod moments;
mod page;
mod refusal;
mod request_log;
mod server;
mod service;
mod state;
mod values;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use behaviour::{
    Arrays, Behaviour, Clear, Empty, OmittedSubscription, QueryArrays, Twins, UnknownList,
    UnknownMembers,
};
pub use control::Control;
pub use controls::{CONTROLS, controls_as_text};
pub use faults::{Cut, Fault, ForeignRequest};
pub use in_process::{Answered, EmulatorInProcess};
pub use request_log::{Counters, RequestRecord};

use server::Frontend;
use service::Service;

/// Where the emulator takes the time from.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What a client signs in with.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The API key, which is the user name.
    pub key: String,
    /// The API secret, which is the password.
    pub secret: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            key: "demo-key".to_owned(),
            secret: "demo-secret".to_owned(),
        }
    }
}

impl Credentials {
    /// Checks that somebody can sign in with them (Basic, RFC 7617: the first colon ends the name).
    ///
    /// # Errors
    ///
    /// Why nobody can, in a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        let is_sendable = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        if !is_sendable(&self.key) || self.key.contains(':') {
            return Err("the key is a text without a colon and control characters".to_owned());
        }
        if !is_sendable(&self.secret) {
            return Err("the secret is a text without control characters".to_owned());
        }
        Ok(())
    }
}

impl fmt::Debug for Credentials {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// What to emulate, and where.
#[derive(Clone)]
pub struct EmulatorOptions {
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What is accepted.
    pub credentials: Credentials,
    /// How the account behaves.
    pub behaviour: Behaviour,
    /// The time.
    pub clock: Clock,
}

impl Default for EmulatorOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            credentials: Credentials::default(),
            behaviour: Behaviour::default(),
            clock: Arc::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for EmulatorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorOptions")
            .field("listen", &self.listen)
            .field("credentials", &self.credentials)
            .field("behaviour", &self.behaviour)
            .finish_non_exhaustive()
    }
}

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// What the control interface does, anybody may do who reaches it, so it listens on loopback only.
    #[error("the emulator listens on a loopback address only, not on {0}; use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// Nobody could sign in.
    #[error("{0}; choose others")]
    Credentials(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// A running emulator. Dropping it stops it.
pub struct Emulator {
    root: String,
    control: Control,
    task: JoinHandle<()>,
}

impl Emulator {
    /// Starts listening. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`EmulatorError`].
    pub async fn start(options: EmulatorOptions) -> Result<Self, EmulatorError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(EmulatorError::NotLoopback(address));
        }
        options
            .credentials
            .check()
            .map_err(EmulatorError::Credentials)?;
        let unheard = |source| EmulatorError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(unheard)?;
        let bound = listener.local_addr().map_err(unheard)?;
        let service = Arc::new(Service::new(&options));
        let control = Control::new(Arc::clone(&service));
        let front = Frontend {
            service,
            control: control.clone(),
        };
        Ok(Self {
            root: format!("http://{bound}"),
            control,
            task: tokio::spawn(server::serve(listener, front)),
        })
    }

    /// Scheme and authority, such as `http://127.0.0.1:40123`; paths of the API begin behind it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.root
    }

    /// The handle that changes the account while it runs.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Stops listening and cuts what is still open.
    pub async fn stop(mut self) {
        self.task.abort();
        // Cancelled is how it ends.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}
