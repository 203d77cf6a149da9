//! Requests and what became of them: addresses, sign-in, statuses. What is in a body is others' to know.

use base64ct::{Base64, Encoding as _};
use destination_kit::destination::{DestinationError, Failure};
use destination_kit::{Exchanges, Repeat, Unanswered};
use guest_kit::{HttpFailure, HttpRequest, HttpResponse, Method, json};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::refusal::refusal;
use crate::wire::ApiError;

/// The longest answer: a page of 500 contacts with every field filled has about 2 MB.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Why a request was not done as it was meant, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Nothing is said about what was asked.
    Unanswered(Unanswered),
    /// 404.
    Missing,
    /// 409.
    Conflict,
    /// 400, with the values at fault where the service names them.
    Invalid(ApiError),
    /// Nothing else will be done either.
    Unusable(DestinationError),
}

impl Failed {
    /// As the failure of something that was to be written, where the status itself means nothing special.
    pub(crate) fn plain(self) -> Failure {
        match self {
            Self::Unanswered(unanswered) => unanswered.into(),
            Self::Missing => Failure::Gone,
            Self::Conflict => Failure::NotDone("conflict".to_owned()),
            Self::Invalid(error) => Failure::Refused(refusal(&error, &[])),
            Self::Unusable(error) => Failure::Unusable(error),
        }
    }

    /// As the failure of something that was to be read.
    pub(crate) fn of_reading(self) -> DestinationError {
        match self {
            Self::Unanswered(unanswered) => unanswered.of_reading(),
            Self::Missing => unexpected(404),
            Self::Conflict => unexpected(409),
            Self::Invalid(_) => unexpected(400),
            Self::Unusable(error) => error,
        }
    }
}

pub(crate) fn unexpected(status: u16) -> DestinationError {
    DestinationError::Unexpected(format!("status {status}"))
}

pub(crate) fn unreadable() -> DestinationError {
    DestinationError::Unexpected("a body that is not what is documented".to_owned())
}

/// A client of one account. It has no `Debug`: it carries a secret.
pub(crate) struct Client<'h> {
    exchanges: Exchanges<'h>,
    api: String,
    authorization: String,
}

impl<'h> Client<'h> {
    pub(crate) fn new(exchanges: Exchanges<'h>, api: String, key: &str, secret: &str) -> Self {
        let credentials = Base64::encode_string(format!("{key}:{secret}").as_bytes());
        Self {
            exchanges,
            api,
            authorization: format!("Basic {credentials}"),
        }
    }

    /// Waits for whatever comes first. `false` where nothing is under way.
    pub(crate) fn wait(&self) -> bool {
        self.exchanges.wait()
    }

    /// Reads something.
    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        let request = self.request(Method::Get, path, None);
        let answer = self.exchanges.send(request, Repeat::Idempotent).await;
        let response = judged(answer)?;
        json::from_bytes(&response.body).ok_or(Failed::Unusable(unreadable()))
    }

    /// Writes something, and gives the body of the answer.
    pub(crate) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Vec<u8>, Failed> {
        let request = self.request(method, path, body);
        let answer = self.exchanges.send(request, repeat).await;
        Ok(judged(answer)?.body)
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> HttpRequest {
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("authorization", self.authorization.clone()),
        ];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        HttpRequest {
            method,
            url: format!("{}{path}", self.api),
            headers,
            body: body
                .map(|body| json::to_text(body).into_bytes())
                .unwrap_or_default(),
            max_response: LONGEST_ANSWER,
        }
    }
}

/// What an answer means. 401, 403 and what a proxy says have no documented body, so a body is read with 400 alone.
fn judged(answer: Result<HttpResponse, HttpFailure>) -> Result<HttpResponse, Failed> {
    let response = match answer {
        Ok(response) => response,
        Err(failure) => return Err(Failed::Unanswered(Unanswered::from(&failure))),
    };
    let denied = |why: &str| Failed::Unusable(DestinationError::AccessDenied(why.to_owned()));
    Err(match response.status {
        200..=299 => return Ok(response),
        400 => Failed::Invalid(json::from_bytes(&response.body).unwrap_or_default()),
        401 => denied(
            "MessageMedia does not accept the API key with this secret; check both, and the region",
        ),
        402 => {
            let what = "MessageMedia wants the account to be paid before it does anything";
            Failed::Unusable(DestinationError::NeedsAttention(what.to_owned()))
        }
        403 => denied("the API key may not work with contacts"),
        404 => Failed::Missing,
        409 => Failed::Conflict,
        status => Unanswered::of_status(status)
            .map_or_else(|| Failed::Unusable(unexpected(status)), Failed::Unanswered),
    })
}
