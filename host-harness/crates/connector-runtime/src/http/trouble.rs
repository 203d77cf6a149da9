//! What kept the last request from its answer: for the host's own words, which may name what the component
//! may not know.

use super::connect::ConnectError;
use super::proxy::ProxyTrouble;
use hyper_util::client::legacy;
use std::sync::{Arc, Mutex, PoisonError};

/// What kept a request from its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The host's name could not be resolved.
    Name,
    /// No connection, or no answer in time.
    Connection,
    /// The host's certificate is signed by nobody who is trusted, or is none of the host's.
    Certificate,
    /// The proxy; a sentence that says what to do.
    Proxy(String),
}

/// The trouble of the last request that ended; none where it was answered. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct LastTrouble(Arc<Mutex<Option<Trouble>>>);

impl LastTrouble {
    pub(super) fn set(&self, trouble: Option<Trouble>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    pub(super) fn get(&self) -> Option<Trouble> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

impl Trouble {
    /// What an error of the client tells.
    pub(super) fn of(error: &legacy::Error) -> Option<Self> {
        for cause in super::causes::causes(error) {
            if let Some(proxy) = cause.downcast_ref::<ProxyTrouble>() {
                return Some(Self::Proxy(proxy.to_string()));
            }
            if let Some(refusal) = cause.downcast_ref::<ConnectError>() {
                return match refusal {
                    ConnectError::Unresolved(_) => Some(Self::Name),
                    ConnectError::Prohibited => None,
                    ConnectError::TimedOut => Some(Self::Connection),
                };
            }
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return matches!(tls, rustls::Error::InvalidCertificate(_))
                    .then_some(Self::Certificate);
            }
        }
        error.is_connect().then_some(Self::Connection)
    }
}
