//! The emulator without a socket: requests are answered by a function call.
//!
//! It is the same service, faults included; only what belongs to the wire is missing: the control interface over
//! HTTP, and delays, which are told and not waited for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emulated_http::Call;
use http::{Request, Response};

use crate::EmulatorOptions;
use crate::control::Control;
use crate::service::Service;

/// An emulator that is called, not connected to.
pub struct EmulatorInProcess {
    service: Arc<Service>,
    control: Control,
}

/// What became of a request.
#[derive(Debug)]
pub struct Answered {
    /// The answer; `None` where the connection is cut.
    pub response: Option<Response<Bytes>>,
    /// How long it would have been held back.
    pub delay: Duration,
}

impl EmulatorInProcess {
    /// Makes one.
    #[must_use]
    pub fn new(options: &EmulatorOptions) -> Self {
        let service = Arc::new(Service::new(options));
        Self {
            control: Control::new(Arc::clone(&service)),
            service,
        }
    }

    /// The handle that changes the account while it runs.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Answers one request.
    #[must_use]
    pub fn answer(&self, request: Request<Bytes>) -> Answered {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let mut call = Call::new(parts.method, target, "http://127.0.0.1");
        call.headers = parts.headers;
        call.body = body.into();
        let reply = self.service.respond(&call);
        let response = (!reply.hang_up).then(|| {
            let mut response = Response::new(Bytes::from(reply.body));
            *response.status_mut() = reply.status;
            *response.headers_mut() = reply.headers;
            response
        });
        Answered {
            response,
            delay: reply.delay,
        }
    }
}
