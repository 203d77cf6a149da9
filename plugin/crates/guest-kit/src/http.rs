//! The way out.

use thiserror::Error;

/// Exchanges; redirects are not followed, nothing is repeated.
pub trait Http {
    /// Sends the request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// Where there is no usable answer.
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure>;

    /// Sends the request and comes back before the answer is there, so that something else can be done
    /// meanwhile. What cannot have a request under way sends it and reads the answer here.
    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        Box::new(self.send(request))
    }
}

/// An exchange that is under way. Whoever drops it gives it up, and no answer is read.
pub trait Pending {
    /// Waits for the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// Where there is no usable answer, whether or not the request could be sent.
    fn finish(self: Box<Self>) -> Result<HttpResponse, HttpFailure>;
}

/// An exchange that is over.
impl Pending for Result<HttpResponse, HttpFailure> {
    fn finish(self: Box<Self>) -> Result<HttpResponse, HttpFailure> {
        *self
    }
}

/// The methods that guests use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No body.
    Get,
    /// With a body.
    Post,
    /// With a body.
    Put,
    /// With a body.
    Patch,
    /// No body.
    Delete,
    /// With a body: properties of resources are read (RFC 4918, section 9.1).
    Propfind,
    /// With a body: a report about resources (RFC 3253, section 3.6).
    Report,
}

/// A request. It implements no `Debug`: its headers and body carry credentials.
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for [`Method::Get`] and [`Method::Delete`].
    pub body: Vec<u8>,
    /// Longest acceptable answer, in bytes.
    pub max_response: usize,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no usable answer. Carries no URL, header or body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpFailure {
    /// The host's policy forbids the destination.
    #[error("the host does not allow this destination")]
    Denied,
    /// The name could not be resolved.
    #[error("the name could not be resolved")]
    Name,
    /// No connection.
    #[error("no connection could be made")]
    Connect,
    /// No trusted TLS session.
    #[error("no trusted TLS session could be made")]
    Tls,
    /// No answer in time.
    #[error("no answer came in time")]
    TimedOut,
    /// The connection broke off before the answer was complete.
    #[error("the connection broke off")]
    Interrupted,
    /// The answer is longer than the request allows.
    #[error("the answer is longer than {limit} bytes")]
    ResponseTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Anything else, as a code without data.
    #[error("the exchange failed ({0})")]
    Other(String),
}
