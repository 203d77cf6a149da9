//! The pooled client of one workspace.

use super::body::BoundedBody;
use super::causes::causes;
use super::connect::{CONNECT_TIMEOUT, ConnectError, JudgingResolver, Route, TimedConnector};
use super::policy::HttpPolicy;
use super::proxy::{Proxy, ProxyTrouble};
use super::trouble::{LastExchange, Trouble};
use configuration_document::text;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// How long a connection without work is kept. Servers commonly close theirs after one to four
/// minutes, and a request on a closed connection is a failed request.
const IDLE: Duration = Duration::from_secs(50);

/// What of an answer waits in memory until the component reads on, for each request in flight, in bytes;
/// the head of an answer fits, or is refused.
const READ_BUFFER: usize = 64 << 10;

/// The longest waits. A component may ask for less, never for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpTimeouts {
    /// For a connection: name, TCP and TLS together. Default 10 s.
    pub connect: Duration,
    /// For the head of an answer, counted from the connection. Default 20 s: the directory may
    /// think long about a page, and who says nothing for longer is asked again.
    pub first_byte: Duration,
    /// Between two pieces of a body. Default 30 s.
    pub between_bytes: Duration,
}

impl Default for HttpTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(20),
            between_bytes: Duration::from_secs(30),
        }
    }
}

impl HttpTimeouts {
    /// The shorter of these and what the component asked for.
    fn at_most(self, asked: Option<RequestOptions>) -> Self {
        let asked = asked.unwrap_or_default();
        let shorter =
            |limit: Duration, asked: Option<Duration>| asked.map_or(limit, |a| a.min(limit));
        Self {
            connect: shorter(self.connect, asked.connect_timeout),
            first_byte: shorter(self.first_byte, asked.first_byte_timeout),
            between_bytes: shorter(self.between_bytes, asked.between_bytes_timeout),
        }
    }
}

/// How a workspace's client is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpOptions {
    /// The longest waits.
    pub timeouts: HttpTimeouts,
    /// Requests that may be in flight at once; further ones wait, as if for a connection. Default 10: the
    /// connector asks for up to eight pages of a list at a time, and gets along with less.
    pub requests_in_flight: usize,
    /// Connections without work that are kept, for each host. Default 10.
    pub idle_connections: usize,
    /// A PEM file with certificates to trust beside the public ones: an emulator's, or those of a
    /// company's proxy. Default none.
    pub extra_certificates: Option<PathBuf>,
    /// The forward proxy through which every connection goes. Default none; no variable of the
    /// environment names one.
    pub proxy: Option<Proxy>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            timeouts: HttpTimeouts::default(),
            requests_in_flight: 10,
            idle_connections: 10,
            extra_certificates: None,
            proxy: None,
        }
    }
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// The file with certificates is missing, or holds none.
    #[error(
        "the certificates in {} cannot be used: {reason}; give a PEM file with at least one \
         certificate",
        path.display()
    )]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
}

/// A workspace's way out: what may be reached, and the connections to it.
///
/// Cloning shares the connections, the requests in flight, and how the last one ended; [`Self::for_another`] the
/// connections alone.
#[derive(Clone)]
pub struct HttpAccess {
    policy: Arc<HttpPolicy>,
    timeouts: HttpTimeouts,
    in_flight: Arc<Semaphore>,
    requests_in_flight: usize,
    has_proxy: bool,
    last: LastExchange,
    /// `None` where nothing may be reached.
    client: Option<Client<TimedConnector, WasiBody>>,
}

impl HttpAccess {
    /// Reaches what `policy` allows.
    ///
    /// # Errors
    ///
    /// Where the extra certificates cannot be read, or TLS not be set up.
    pub fn new(policy: HttpPolicy, options: &HttpOptions) -> Result<Self, HttpSetupError> {
        let policy = Arc::new(policy);
        let tls = tls(options.extra_certificates.as_deref())?;
        let route = Route::new(
            JudgingResolver::new(Arc::clone(&policy)),
            options.proxy.clone(),
        );
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(route);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(options.idle_connections)
            .http1_max_buf_size(READ_BUFFER)
            .build(TimedConnector::new(connector));
        Ok(Self {
            policy,
            timeouts: options.timeouts,
            in_flight: Arc::new(Semaphore::new(options.requests_in_flight)),
            requests_in_flight: options.requests_in_flight,
            has_proxy: options.proxy.is_some(),
            last: LastExchange::default(),
            client: Some(client),
        })
    }

    /// Reaches nothing.
    pub fn denied() -> Self {
        Self {
            policy: Arc::default(),
            timeouts: HttpTimeouts::default(),
            in_flight: Arc::new(Semaphore::new(0)),
            requests_in_flight: 0,
            has_proxy: false,
            last: LastExchange::default(),
            client: None,
        }
    }

    /// For another workspace that may reach the same: with the same connections, and with requests in flight
    /// and a last exchange of its own.
    #[must_use]
    pub fn for_another(&self) -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(self.requests_in_flight)),
            last: LastExchange::default(),
            ..self.clone()
        }
    }

    /// What may be reached.
    pub fn policy(&self) -> &HttpPolicy {
        &self.policy
    }

    /// Whether a root that a document names itself may be reached.
    pub(crate) fn lets_out(&self, root: &str) -> bool {
        root.parse()
            .is_ok_and(|uri| self.policy.check(&uri).is_ok())
    }

    /// Whether connections go through a proxy.
    pub fn has_proxy(&self) -> bool {
        self.has_proxy
    }

    /// What kept the last request from its answer, where something did.
    pub fn trouble(&self) -> Option<Trouble> {
        self.last.trouble()
    }

    /// Whether the last request got no answer, or one that says "not now" (429, or a 5xx).
    pub fn is_failing(&self) -> bool {
        self.last.has_failed()
    }

    /// Sends a request that the policy has allowed.
    pub(super) async fn send(
        self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        response_bytes: u64,
    ) -> Result<Response<WasiBody>, Error> {
        let client = self.client.ok_or(Error::HttpRequestDenied)?;
        let timeouts = self.timeouts.at_most(options);
        let permit = tokio::time::timeout(timeouts.connect, self.in_flight.acquire_owned())
            .await
            .map_err(|_| Error::ConnectionLimitReached)?
            .map_err(|_| Error::ConnectionLimitReached)?;
        let answer = CONNECT_TIMEOUT.scope(timeouts.connect, client.request(request));
        // A connection from the pool takes no time, so this bounds the head of the answer from
        // above in both cases.
        let response = tokio::time::timeout(timeouts.connect + timeouts.first_byte, answer)
            .await
            .map_err(|_| {
                self.last.unanswered(Some(Trouble::Connection));
                Error::HttpResponseTimeout
            })?
            .map_err(|error| {
                self.last.unanswered(Trouble::of(&error));
                named(&error)
            })?;
        self.last.answered(response.status());
        Ok(response.map(|incoming| {
            BoundedBody::new(incoming, response_bytes, timeouts.between_bytes, permit)
                .boxed_unsync()
        }))
    }
}

impl fmt::Debug for HttpAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpAccess")
            .field("policy", &self.policy)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

fn tls(extra_certificates: Option<&Path>) -> Result<ClientConfig, HttpSetupError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = extra_certificates {
        trust(&mut roots, path).map_err(|reason| HttpSetupError::Certificates {
            path: path.to_owned(),
            reason,
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(HttpSetupError::Tls)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn trust(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    // DER begins with a sequence whose length has two bytes of its own (X.690).
    if bytes.starts_with(&[0x30, 0x82]) {
        return Err(
            "it is in DER; `openssl x509 -inform der -in FILE` writes it as PEM".to_owned(),
        );
    }
    // What else stands in such a file need not be UTF-8.
    let text = match text::decode(&bytes) {
        Ok(text) => text.as_bytes(),
        Err(text::NotText::Invalid { .. }) => &bytes,
        Err(error) => return Err(error.to_string()),
    };
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(text) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.len() == known {
        Err("it holds no certificate".to_owned())
    } else {
        Ok(())
    }
}

/// The contract's name for a failure of the client.
fn named(error: &legacy::Error) -> Error {
    for cause in causes(error) {
        if cause.is::<ProxyTrouble>() {
            return Error::DestinationUnavailable;
        }
        if let Some(refusal) = cause.downcast_ref::<ConnectError>() {
            return match refusal {
                ConnectError::Unresolved(_) => Error::DnsError {
                    rcode: None,
                    info_code: None,
                },
                ConnectError::Prohibited => Error::DestinationIpProhibited,
                ConnectError::TimedOut => Error::ConnectionTimeout,
            };
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
                _ => Error::TlsProtocolError,
            };
        }
        if let Some(failure) = cause.downcast_ref::<io::Error>()
            && failure.kind() == io::ErrorKind::ConnectionRefused
        {
            return Error::ConnectionRefused;
        }
        if let Some(failure) = cause.downcast_ref::<hyper::Error>()
            && failure.is_parse()
        {
            return Error::HttpProtocolError;
        }
    }
    if error.is_connect() {
        Error::DestinationUnavailable
    } else {
        Error::ConnectionTerminated
    }
}

#[cfg(test)]
mod tests;
