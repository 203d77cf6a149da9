//! A request of the host's own, through the doors that a component's requests pass.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};

use super::client::HttpAccess;
use super::policy::Denied;

/// Why a request of the host's own was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The policy does not let it out.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There was no answer, or none to its end.
    #[error("no answer: {0}")]
    Unanswered(String),
}

impl HttpAccess {
    /// Sends a request of the host's own, and reads the answer to its end. It is judged, timed and pooled as a
    /// component's is; redirects are not followed.
    ///
    /// # Errors
    ///
    /// Where the policy does not allow it, nobody answers in time, or the answer's body has more than so many bytes.
    pub async fn exchange(
        &self,
        request: Request<Bytes>,
        most_bytes: u64,
    ) -> Result<Response<Bytes>, ExchangeError> {
        self.policy().check(request.uri())?;
        let request = request.map(|body| {
            Full::new(body)
                .map_err(|never| match never {})
                .boxed_unsync()
        });
        let unanswered =
            |error: &dyn std::fmt::Display| ExchangeError::Unanswered(error.to_string());
        let answer = self.clone().send(request, None, most_bytes).await;
        let (head, body) = answer.map_err(|error| unanswered(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| unanswered(&error))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
