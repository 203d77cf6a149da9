//! Where the engine hands over a component's request.

use super::client::HttpAccess;
use crate::limits::Limits;
use crate::sanitize::sanitized;
use http::Request;
use http_body_util::BodyExt;
use std::future::Future;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The most that one write to a body takes, in bytes, and how many may wait to be sent: a component that
/// is not read from has no more of the host's memory than this.
pub(super) const OUTGOING_CHUNK: usize = 16 << 10;
pub(super) const OUTGOING_CHUNKS: usize = 1;

/// Refused requests of one call that are told to the log, one by one; the rest is counted.
const REFUSALS_TOLD: u64 = 10;

/// The longest reason of a refusal in the log, in characters.
const LONGEST_REASON: usize = 300;

/// Sends a component's requests, where the policy allows them and the call may send another.
pub(crate) struct PolicedHttp {
    access: HttpAccess,
    response_bytes: u64,
    requests_left: u64,
    sent: u64,
    refused: u64,
}

impl PolicedHttp {
    pub(crate) fn new(access: HttpAccess, limits: &Limits) -> Self {
        Self {
            access,
            response_bytes: limits.response_bytes,
            requests_left: limits.http_requests,
            sent: 0,
            refused: 0,
        }
    }

    /// Requests that were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Requests that were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether the request is sent. The component learns only that it was not; the reason, which
    /// names a host and nothing of the path, is for the host's own log.
    fn admit<B>(&mut self, request: &Request<B>) -> bool {
        let judgement = self.access.policy().check(request.uri());
        let refusal = match judgement {
            Err(reason) => reason.to_string(),
            Ok(()) if self.requests_left == 0 => "its number of requests is used up".to_owned(),
            Ok(()) => {
                self.requests_left -= 1;
                self.sent += 1;
                return true;
            }
        };
        self.refused += 1;
        if self.refused <= REFUSALS_TOLD {
            let reason = sanitized(&refusal, LONGEST_REASON);
            tracing::warn!(reason, "refused a request of the component");
        }
        false
    }
}

type Answer = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for PolicedHttp {
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        OUTGOING_CHUNKS
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        OUTGOING_CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        if !self.admit(&request) {
            discard(request.into_body());
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        let access = self.access.clone();
        let response_bytes = self.response_bytes;
        Box::new(async move {
            let response = access.send(request, options, response_bytes).await?;
            let finished: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((response, finished))
        })
    }
}

/// Reads a body to its end, for nobody. A component that writes its body before it looks at the
/// answer would else see a closed stream in the place of the denial.
fn discard(mut body: WasiBody) {
    tokio::spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{HttpOptions, HttpPolicy};

    fn admitted(policed: &mut PolicedHttp, url: &str) -> bool {
        policed.admit(&Request::builder().uri(url).body(()).unwrap())
    }

    #[test]
    fn requests_are_counted_and_end_with_their_number() {
        let policy = HttpPolicy::new(["graph.microsoft.com"]).unwrap();
        let access = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
        let limits = Limits {
            http_requests: 2,
            ..Limits::default()
        };
        let mut policed = PolicedHttp::new(access, &limits);
        assert!(!admitted(&mut policed, "https://evil.test/"));
        assert!(admitted(&mut policed, "https://graph.microsoft.com/1"));
        assert!(admitted(&mut policed, "https://graph.microsoft.com/2"));
        assert!(!admitted(&mut policed, "https://graph.microsoft.com/3"));
        assert_eq!((policed.sent(), policed.refused()), (2, 2));
    }
}
