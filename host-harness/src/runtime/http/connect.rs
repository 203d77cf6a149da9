//! Connecting: resolve once, judge the addresses, connect to those.

use super::address::is_public;
use super::policy::HttpPolicy;
use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;
use tower_service::Service;

tokio::task_local! {
    /// How long the request that is being sent allows for its connection.
    ///
    /// The client decides by itself whether it needs a connection, so the request cannot hand this
    /// over in any other way.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// Why there is no connection, where it is not the network's doing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the name could not be resolved")]
    Unresolved(#[source] io::Error),
    #[error("the name resolves to addresses that are not allowed only")]
    Prohibited,
    #[error("the connection was not made in time")]
    TimedOut,
}

/// Resolves names, and keeps the addresses that may be connected to.
#[derive(Debug, Clone)]
pub(super) struct JudgingResolver {
    policy: Arc<HttpPolicy>,
}

impl JudgingResolver {
    pub(super) fn new(policy: Arc<HttpPolicy>) -> Self {
        Self { policy }
    }
}

impl Service<Name> for JudgingResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allows_loopback = self.policy.allows_loopback(name.as_str());
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(ConnectError::Unresolved)?;
            allowed(addresses, allows_loopback)
        })
    }
}

fn allowed(
    addresses: impl Iterator<Item = SocketAddr>,
    allows_loopback: bool,
) -> Result<vec::IntoIter<SocketAddr>, ConnectError> {
    let is_allowed = |address: &SocketAddr| {
        let ip = address.ip();
        is_public(ip) || (allows_loopback && ip.to_canonical().is_loopback())
    };
    let allowed: Vec<_> = addresses.filter(is_allowed).collect();
    if allowed.is_empty() {
        Err(ConnectError::Prohibited)
    } else {
        Ok(allowed.into_iter())
    }
}

type Inner = HttpsConnector<HttpConnector<JudgingResolver>>;

/// Bounds the whole of connecting: name, TCP and TLS together.
#[derive(Clone)]
pub(super) struct TimedConnector {
    inner: Inner,
}

impl TimedConnector {
    pub(super) fn new(inner: Inner) -> Self {
        Self { inner }
    }
}

impl Service<Uri> for TimedConnector {
    type Response = <Inner as Service<Uri>>::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = CONNECT_TIMEOUT
            .try_with(|limit| *limit)
            .unwrap_or(Duration::ZERO);
        let connecting = self.inner.call(uri);
        Box::pin(async move {
            tokio::time::timeout(limit, connecting)
                .await
                .map_err(|_| ConnectError::TimedOut)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(addresses: &[&str], allows_loopback: bool) -> Option<Vec<String>> {
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        let allowed = allowed(addresses, allows_loopback).ok()?;
        Some(allowed.map(|address| address.to_string()).collect())
    }

    #[test]
    fn only_public_addresses_of_a_name_are_connected_to() {
        assert_eq!(
            judged(&["10.0.0.1:0", "20.190.128.1:0", "[::1]:0"], false),
            Some(vec!["20.190.128.1:0".to_owned()])
        );
        assert_eq!(
            judged(&["10.0.0.1:0", "169.254.169.254:0", "127.0.0.1:0"], false),
            None
        );
        assert_eq!(judged(&[], false), None);
    }

    #[test]
    fn a_name_that_was_named_as_loopback_reaches_loopback_and_no_private_network() {
        assert_eq!(
            judged(&["127.0.0.1:0", "[::1]:0", "192.168.0.1:0"], true),
            Some(vec!["127.0.0.1:0".to_owned(), "[::1]:0".to_owned()])
        );
    }
}
