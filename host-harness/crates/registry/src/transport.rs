//! How requests are sent, which is somebody else's to decide: who may be asked, over which proxy, with which patience.

use std::fmt;
use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};

/// Sends requests.
pub trait Transport: Send + Sync {
    /// Sends a request and gives the answer, whatever its status. A redirect is an answer, and not followed; an
    /// answer whose body has more than `most_bytes` is a failure. The failure is a sentence.
    fn send(
        &self,
        request: Request<Bytes>,
        most_bytes: u64,
    ) -> impl Future<Output = Result<Response<Bytes>, String>> + Send;
}

/// A name and a password for a registry.
#[derive(Clone)]
pub struct Credentials {
    name: String,
    password: String,
}

impl Credentials {
    /// From `NAME:PASSWORD`; nothing where there is no `:` in it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (name, password) = text.split_once(':')?;
        Some(Self {
            name: name.to_owned(),
            password: password.to_owned(),
        })
    }

    /// As HTTP has them (RFC 7617).
    pub(crate) fn basic(&self) -> String {
        let both = format!("{}:{}", self.name, self.password);
        format!("Basic {}", STANDARD.encode(both))
    }
}

/// Shows neither.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials")
    }
}
