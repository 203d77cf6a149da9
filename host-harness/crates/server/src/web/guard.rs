//! What goes with every answer, and what no request gets past.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::failure::Failure;
use crate::app::App;
use crate::public_url::is_host_of;

/// Scripts and styles from here alone, nothing inline, nothing from elsewhere; forms lead nowhere else.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                              img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";

/// A browser that has come by https comes by https for a year, whatever a link says (RFC 6797).
const HTTPS_ALONE: &str = "max-age=31536000";

/// Refuses what comes under another name or from another site's page, and puts on every answer what tells a
/// browser to be careful with it.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // What stands behind it is for who was told the address alone.
    let path = match request.uri().path() {
        path if path.starts_with("/notify/") => "/notify".to_owned(),
        path => path.to_owned(),
    };
    let is_asset = path.starts_with("/assets/");
    let mut response = match refusal(&app.options.public_url, &request) {
        None => next.run(request).await,
        Some(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, value(CONTENT_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, value("nosniff")),
        (header::X_FRAME_OPTIONS, value("DENY")),
        (header::REFERRER_POLICY, value("same-origin")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            value("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            value("camera=(), geolocation=(), microphone=()"),
        ),
    ] {
        headers.insert(name, value);
    }
    if app.options.public_url.starts_with("https:") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value(HTTPS_ALONE));
    }
    if !is_asset {
        headers.insert(header::CACHE_CONTROL, value("no-store"));
    }
    tracing::debug!(path, status = response.status().as_u16(), "request");
    response
}

fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

/// Why a request is not even looked at, if so.
fn refusal(public_url: &str, request: &Request) -> Option<Failure> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next();
    // RFC 9112, section 3.2: a proxy in front may have looked at the other one.
    if hosts.next().is_some() {
        return Some(Failure::new(
            StatusCode::BAD_REQUEST,
            "Two host names",
            "The request names its host twice.",
            "Send it again with one `Host` header.",
        ));
    }
    if !is_known_host(public_url, host, request) {
        return Some(Failure::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This server has another name",
            "The address names a host that this server does not answer for.",
            "Use the address that the server printed when it started.",
        ));
    }
    let changes = !(request.method().is_safe());
    (changes && is_from_another_site(public_url, request)).then(Failure::forged)
}

/// Only the host name that this server has is answered, so that a name that somebody points at this machine
/// reaches nothing (<https://developer.mozilla.org/docs/Web/Security>).
fn is_known_host(public_url: &str, host: Option<&HeaderValue>, request: &Request) -> bool {
    let sent = host
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // A target in absolute form names the host, too, and goes before the header.
    let target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let is_ours = |name: &str| is_host_of(public_url, name);
    (is_ours(sent) && target.is_none_or(is_ours))
        // Probes of the operator's come by address.
        || matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics")
}

/// Whether a browser says that another site's page sends this. What is no browser says nothing, and has no
/// session that another site could use (<https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>).
fn is_from_another_site(public_url: &str, request: &Request) -> bool {
    let header = |name: &HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    let origin = header(&header::ORIGIN);
    let site = header(&HeaderName::from_static("sec-fetch-site"));
    origin.is_some_and(|origin| origin != public_url.as_bytes())
        || site.is_some_and(|site| !matches!(site, b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const URL: &str = "https://sync.example";

    fn status(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        refusal(URL, &request).map(|failure| failure.status.as_u16())
    }

    #[test]
    fn one_host_that_is_ours_is_answered() {
        let host = ("host", "sync.example");
        for (target, headers, expected) in [
            ("/sign-in", &[host][..], None),
            ("/sign-in", &[], Some(421)),
            ("/sign-in", &[("host", "evil.example")], Some(421)),
            ("/sign-in", &[host, host], Some(400)),
            ("/healthz", &[host, ("host", "evil.example")], Some(400)),
            ("/healthz", &[("host", "10.0.0.1")], None),
            ("https://sync.example/sign-in", &[host], None),
            ("https://evil.example/sign-in", &[host], Some(421)),
        ] {
            assert_eq!(
                status("GET", target, headers),
                expected,
                "{target} {headers:?}"
            );
        }
    }

    #[test]
    fn what_another_sites_page_posts_is_refused_and_what_it_links_to_is_not() {
        let host = ("host", "sync.example");
        let cross = ("sec-fetch-site", "cross-site");
        for (headers, expected) in [
            (&[host][..], None),
            (&[host, ("origin", URL)], None),
            (&[host, ("sec-fetch-site", "same-origin")], None),
            (&[host, ("sec-fetch-site", "none")], None),
            (&[host, cross], Some(403)),
            (&[host, ("sec-fetch-site", "same-site")], Some(403)),
            (&[host, ("origin", "https://evil.example")], Some(403)),
            (&[host, ("origin", "null")], Some(403)),
            (&[host, ("origin", URL), cross], Some(403)),
        ] {
            for method in ["POST", "PUT", "DELETE"] {
                assert_eq!(status(method, "/sign-in", headers), expected, "{headers:?}");
            }
            assert_eq!(status("GET", "/consent", headers), None, "a link");
        }
    }
}
