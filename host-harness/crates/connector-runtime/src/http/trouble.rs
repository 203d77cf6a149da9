//! How the last request ended: what kept it from its answer, for the host's own words, which may name what
//! the component may not know; and whether its service works, for whoever gives out turns.

use super::connect::ConnectError;
use super::proxy::ProxyTrouble;
use http::StatusCode;
use hyper_util::client::legacy;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// How the last request ended. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct LastExchange(Arc<Exchange>);

#[derive(Debug, Default)]
struct Exchange {
    trouble: Mutex<Option<Trouble>>,
    failed: AtomicBool,
}

impl LastExchange {
    /// It got an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        let not_now = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        self.ended(None, not_now);
    }

    /// It got none; what kept it, where that is known.
    pub(super) fn unanswered(&self, trouble: Option<Trouble>) {
        self.ended(trouble, true);
    }

    fn ended(&self, trouble: Option<Trouble>, failed: bool) {
        *self
            .0
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = trouble;
        self.0.failed.store(failed, Ordering::Relaxed);
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        let last = self.0.trouble.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn has_failed(&self) -> bool {
        self.0.failed.load(Ordering::Relaxed)
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
