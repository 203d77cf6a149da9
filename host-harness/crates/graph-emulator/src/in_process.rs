//! The emulator without a socket: requests are answered by a function call.
//!
//! For tests that make a million requests and for hosts that have no network. It is the same service,
//! faults included; only what belongs to the wire is missing: TLS, the control interface over HTTP,
//! and delays, which are not waited for.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::control::Control;
use super::service::Service;
use super::{EmulatorError, EmulatorOptions};
use emulated_http::Call;

/// An emulator that is called, not connected to.
pub struct EmulatorInProcess {
    root: String,
    service: Arc<Service>,
    control: Control,
}

impl EmulatorInProcess {
    /// Makes one. `root`, such as `http://127.0.0.1:1`, is what its links begin with.
    ///
    /// # Errors
    /// Those about the directory and the certificates; see [`EmulatorError`].
    pub fn new(options: &EmulatorOptions, root: impl Into<String>) -> Result<Self, EmulatorError> {
        let service = Arc::new(Service::new(options)?);
        Ok(Self {
            root: root.into(),
            control: Control::new(Arc::clone(&service)),
            service,
        })
    }

    /// The root of Graph and of the token endpoint.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.root
    }

    /// The handle that changes the tenant while it runs.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Answers one request; `None` where the connection is cut.
    #[must_use]
    pub fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let mut call = Call::new(parts.method, target, &self.root);
        call.headers = parts.headers;
        call.body = body.into();
        let reply = self.service.respond(&call);
        let is_cut = reply
            .cut_after
            .is_some_and(|length| length < reply.body.len());
        if reply.hang_up || is_cut {
            return None;
        }
        let mut response = Response::new(Bytes::from(reply.body));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        Some(response)
    }
}
