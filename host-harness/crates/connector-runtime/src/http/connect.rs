//! Connecting: resolve once, judge the addresses, connect to those.

use super::address::is_public;
use super::policy::HttpPolicy;
use super::proxy::{PATIENCE_FOR_A_NAME, Proxy, ProxyTrouble, bare};
use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;
use tokio::net::TcpStream;
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

/// The connection itself, before TLS: to an address that was judged, or through the operator's proxy.
#[derive(Clone)]
pub(super) struct Route {
    direct: HttpConnector<JudgingResolver>,
    resolver: JudgingResolver,
    proxy: Option<Arc<Proxy>>,
}

/// Addresses of one name that a proxy is asked for, at most.
const ADDRESSES_TRIED: usize = 3;

impl Route {
    pub(super) fn new(resolver: JudgingResolver, proxy: Option<Proxy>) -> Self {
        let mut direct = HttpConnector::new_with_resolver(resolver.clone());
        direct.enforce_http(false);
        direct.set_nodelay(true);
        Self {
            direct,
            resolver,
            proxy: proxy.map(Arc::new),
        }
    }
}

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let host = uri.host().unwrap_or_default().to_owned();
        match self.proxy.clone().filter(|proxy| proxy.carries(&host)) {
            Some(proxy) => {
                let resolver = self.resolver.clone();
                Box::pin(async move { through(&proxy, resolver, &uri, &host).await })
            }
            None => {
                let connecting = self.direct.call(uri);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
        }
    }
}

/// A tunnel through the proxy, to an address that was judged, where there is one.
async fn through(
    proxy: &Proxy,
    resolver: JudgingResolver,
    uri: &Uri,
    host: &str,
) -> Result<TokioIo<TcpStream>, Box<dyn Error + Send + Sync>> {
    let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    let mut last = None;
    for target in targets(proxy, resolver, host, port).await? {
        match proxy.tunnel(&target).await {
            Ok(stream) => return Ok(TokioIo::new(stream)),
            // Another address may do where this one was not reached.
            Err(trouble @ ProxyTrouble::Refused { status: 500.., .. }) => last = Some(trouble),
            Err(trouble) => return Err(trouble.into()),
        }
    }
    Err(last.map_or_else(|| ConnectError::Prohibited.into(), Into::into))
}

/// What the proxy is asked for: addresses that were judged, or the name where this machine knows none.
async fn targets(
    proxy: &Proxy,
    mut resolver: JudgingResolver,
    host: &str,
    port: u16,
) -> Result<Vec<String>, ConnectError> {
    let by_name = || vec![format!("{host}:{port}")];
    if proxy.resolves() || bare(host).parse::<IpAddr>().is_ok() {
        return Ok(by_name());
    }
    let Ok(name) = host.parse::<Name>() else {
        return Ok(by_name());
    };
    let judged = tokio::time::timeout(PATIENCE_FOR_A_NAME, resolver.call(name)).await;
    let mut addresses: Vec<_> = match judged {
        Ok(Ok(addresses)) => addresses.map(|address| address.ip()).collect(),
        Ok(Err(ConnectError::Unresolved(_))) | Err(_) => return Ok(by_name()),
        Ok(Err(prohibited)) => return Err(prohibited),
    };
    // Fewer proxies than machines speak IPv6.
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.dedup();
    let targets = addresses.into_iter().take(ADDRESSES_TRIED);
    Ok(targets
        .map(|address| SocketAddr::new(address, port).to_string())
        .collect())
}

type Inner = HttpsConnector<Route>;

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
