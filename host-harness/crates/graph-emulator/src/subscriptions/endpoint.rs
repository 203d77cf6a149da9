//! The listener at the other end, over HTTP: asked whether it wants a subscription, and given notifications
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use uuid::Uuid;

use super::terms::invalid;
use emulated_odata::failure::Failure;

/// An answer to the question is as long as the question; a longer one is none.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why listeners cannot be reached at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerTrustError {
    /// A certificate that listeners are to be trusted by is none.
    #[error("a certificate that listeners are to be trusted by was not taken: {0}")]
    Certificate(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up for the way to listeners: {0}")]
    Tls(#[from] rustls::Error),
}

/// The way to listeners.
pub(crate) struct Endpoint {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Endpoint {
    /// Trusts the public authorities, and these (PEM) beside them.
    ///
    /// # Errors
    /// [`ListenerTrustError`].
    pub(crate) fn new(authorities: &[String]) -> Result<Self, ListenerTrustError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for text in authorities {
            for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
                let refused = |error: &dyn std::error::Error| {
                    ListenerTrustError::Certificate(error.to_string())
                };
                let certificate = certificate.map_err(|error| refused(&error))?;
                roots.add(certificate).map_err(|error| refused(&error))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client })
    }

    /// Asks a listener to say back what it is told.
    ///
    /// # Errors
    /// 400 in the service's words, where it does not.
    pub(crate) async fn ask(&self, url: &str, limit: Duration) -> Result<(), Failure> {
        let sentence = format!(
            "Validation: Testing client application reachability for subscription Request-Id: {}",
            Uuid::new_v4()
        );
        let joint = if url.contains('?') { '&' } else { '?' };
        let token = sentence.replace(' ', "+").replace(':', "%3A");
        let request = Request::post(format!("{url}{joint}validationToken={token}"))
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::default())
            .map_err(|_| unreached())?;
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|_| unreached())?;
            let is_text = response
                .headers()
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.trim().to_lowercase().starts_with("text/plain"));
            if response.status() != StatusCode::OK {
                return Err(refused(response.status()));
            }
            let body = Limited::new(response.into_body(), LONGEST_ANSWER);
            let said = body.collect().await.map_err(|_| inexact())?.to_bytes();
            if is_text && said == sentence.as_bytes() {
                Ok(())
            } else {
                Err(inexact())
            }
        };
        match tokio::time::timeout(limit, exchange).await {
            Ok(outcome) => outcome,
            // https://github.com/microsoftgraph/nodejs-webhooks-sample/issues/350
            Err(_) => Err(invalid("Subscription validation request timed out.")),
        }
    }

    /// Gives notifications to a listener: the status of its answer, 0 where none came in time.
    pub(super) async fn give(&self, url: &str, body: Bytes, limit: Duration) -> u16 {
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(body));
        let Ok(request) = request else { return 0 };
        let answered = tokio::time::timeout(limit, self.client.request(request)).await;
        match answered {
            Ok(Ok(response)) => finish(response).await,
            Ok(Err(_)) | Err(_) => 0,
        }
    }
}

/// Reads an answer to its end, so that the connection can be used again.
async fn finish(response: Response<Incoming>) -> u16 {
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LONGEST_ANSWER);
    // What it says beside its status concerns nobody.
    let _ = body.collect().await;
    status
}

fn unreached() -> Failure {
    failed("Notification endpoint must respond with 200 OK to validation request.")
}

/// <https://github.com/pnp/Microsoft365-Analytics-Insights/issues/273>
fn refused(status: StatusCode) -> Failure {
    let name: String = status
        .canonical_reason()
        .unwrap_or_else(|| status.as_str())
        .split(' ')
        .collect();
    failed(&format!(
        "HTTP status code is '{name}'. Notification endpoint must respond with 200 OK to validation \
         request."
    ))
}

/// <https://github.com/microsoftgraph/java-spring-webhooks-sample/issues/82>
fn inexact() -> Failure {
    failed("Response must exactly match validationToken query parameter.")
}

fn failed(why: &str) -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "ValidationError",
        format!("Subscription validation request failed. {why}"),
    )
}
