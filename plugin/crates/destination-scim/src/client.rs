//! Requests and what became of them: addresses, sign-in, statuses. What is in a body is others' to know.

use base64ct::{Base64, Encoding as _};
use destination_kit::destination::{DestinationError, Failure, Guard};
use destination_kit::{Address, Exchanges, Repeat, Unanswered};
use guest_kit::{HttpRequest, HttpResponse, Method, json};
use serde_json::Value;

use crate::refusal::{Complaint, NOT_ALLOWED, UNSUPPORTED, refusal};
use crate::target::SignIn;

/// The longest answer: a group of 100,000 members has about 12 MB.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// The media type of SCIM (RFC 7644, section 8.1).
const SCIM: &str = "application/scim+json";

/// Why a request was not done as it was meant, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Nothing is said about what was asked.
    Unanswered(Unanswered),
    /// 404, and 410.
    Missing,
    /// 409: something of it is taken.
    Conflict,
    /// 412: the resource is another than was read.
    Changed,
    /// 400, and whatever else says that the request is not one.
    Invalid(Complaint),
    /// 403.
    Forbidden,
    /// 405, and 501: the server does no such thing.
    Unsupported,
    /// Nothing else will be done either.
    Unusable(DestinationError),
}

impl Failed {
    /// As the failure of something that was to be written, where the status itself means nothing special.
    pub(crate) fn plain(self) -> Failure {
        match self {
            Self::Unanswered(unanswered) => unanswered.into(),
            Self::Missing => Failure::Gone,
            Self::Changed => Failure::Changed,
            Self::Conflict => Failure::NotDone("conflict".to_owned()),
            Self::Invalid(complaint) => Failure::Refused(complaint.refusal()),
            Self::Forbidden => Failure::Refused(refusal(None, NOT_ALLOWED)),
            Self::Unsupported => Failure::Refused(refusal(None, UNSUPPORTED)),
            Self::Unusable(error) => Failure::Unusable(error),
        }
    }

    /// As the failure of something that was to be read.
    pub(crate) fn of_reading(self) -> DestinationError {
        match self {
            Self::Unanswered(unanswered) => unanswered.of_reading(),
            Self::Missing => unexpected(404),
            Self::Conflict => unexpected(409),
            Self::Changed => unexpected(412),
            Self::Invalid(_) => unexpected(400),
            Self::Forbidden => {
                let why = "the token may not read users and groups";
                DestinationError::AccessDenied(why.to_owned())
            }
            Self::Unsupported => unexpected(501),
            Self::Unusable(error) => error,
        }
    }

    /// Whether the server knows the question, and does not answer it: it is to be put otherwise.
    pub(crate) fn is_no_such_question(&self) -> bool {
        matches!(
            self,
            Self::Invalid(_) | Self::Unsupported | Self::Missing | Self::Forbidden
        )
    }
}

pub(crate) fn unexpected(status: u16) -> DestinationError {
    DestinationError::Unexpected(format!("status {status}"))
}

pub(crate) fn unreadable() -> DestinationError {
    DestinationError::Unexpected("a body that is none of SCIM".to_owned())
}

/// A client of one server. It has no `Debug`: it carries a secret.
pub(crate) struct Client<'h> {
    exchanges: Exchanges<'h>,
    address: String,
    authorization: String,
}

impl<'h> Client<'h> {
    pub(crate) fn new(
        exchanges: Exchanges<'h>,
        address: &Address,
        sign_in: &SignIn,
        secret: &str,
    ) -> Self {
        let authorization = match sign_in {
            SignIn::Bearer => format!("Bearer {secret}"),
            SignIn::Basic(user) => {
                let credentials = Base64::encode_string(format!("{user}:{secret}").as_bytes());
                format!("Basic {credentials}")
            }
        };
        Self {
            exchanges,
            address: address.to_string(),
            authorization,
        }
    }

    /// Waits for whatever comes first. `false` where nothing is under way.
    pub(crate) fn wait(&self) -> bool {
        self.exchanges.wait()
    }

    /// Reads something, and gives the body of the answer.
    pub(crate) async fn read(&self, path: &str) -> Result<Vec<u8>, Failed> {
        let request = self.request(Method::Get, path, None);
        self.send(request, Repeat::Idempotent).await
    }

    /// Whether a resource is the one of a version: whether the server says that it has not changed since
    /// (RFC 7644, section 3.14).
    pub(crate) async fn is_unchanged(&self, path: &str, version: &str) -> Result<bool, Failed> {
        let mut request = self.request(Method::Get, path, None);
        request.headers.push(("if-none-match", version.to_owned()));
        let answer = self.exchanges.send(request, Repeat::Idempotent).await;
        if answer.as_ref().is_ok_and(|response| response.status == 304) {
            return Ok(true);
        }
        judged(answer).map(|_| false)
    }

    /// Asks by a body, which alters nothing.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Result<Vec<u8>, Failed> {
        let request = self.request(Method::Post, path, Some(body));
        self.send(request, Repeat::Idempotent).await
    }

    /// Makes something, at most once.
    pub(crate) async fn make(&self, path: &str, body: &Value) -> Result<Vec<u8>, Failed> {
        let request = self.request(Method::Post, path, Some(body));
        self.send(request, Repeat::Once).await
    }

    /// Writes something that is there, where it is still what was read.
    pub(crate) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        guard: Option<&Guard>,
    ) -> Result<Vec<u8>, Failed> {
        let mut request = self.request(method, path, body);
        if let Some(Guard(version)) = guard {
            request.headers.push(("if-match", version.clone()));
        }
        self.send(request, Repeat::Idempotent).await
    }

    /// Writes something that is not the same when it is done twice, at most once.
    pub(crate) async fn write_once(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Vec<u8>, Failed> {
        let request = self.request(method, path, Some(body));
        self.send(request, Repeat::Once).await
    }

    async fn send(&self, request: HttpRequest, repeat: Repeat) -> Result<Vec<u8>, Failed> {
        let answer = self.exchanges.send(request, repeat).await;
        judged(answer).map(|response| response.body)
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> HttpRequest {
        let mut headers = vec![
            ("accept", format!("{SCIM}, application/json")),
            ("authorization", self.authorization.clone()),
        ];
        let body = body
            .map(|body| json::to_text(body).into_bytes())
            .unwrap_or_default();
        if !body.is_empty() {
            headers.push(("content-type", SCIM.to_owned()));
            // Else the body is sent in chunks, which servers made with WSGI (PEP 3333) take for an empty one.
            headers.push(("content-length", body.len().to_string()));
        }
        HttpRequest {
            method,
            url: format!("{}{path}", self.address),
            headers,
            body,
            max_response: LONGEST_ANSWER,
        }
    }
}

/// What an answer means.
fn judged(answer: Result<HttpResponse, guest_kit::HttpFailure>) -> Result<HttpResponse, Failed> {
    let response = match answer {
        Ok(response) => response,
        Err(failure) => return Err(Failed::Unanswered(Unanswered::from(&failure))),
    };
    Err(match response.status {
        200..=299 => return Ok(response),
        401 => {
            let why =
                "the SCIM server does not accept the token, or the user name with this password";
            Failed::Unusable(DestinationError::AccessDenied(why.to_owned()))
        }
        403 => Failed::Forbidden,
        404 | 410 => Failed::Missing,
        405 | 501 => Failed::Unsupported,
        409 => Failed::Conflict,
        412 => Failed::Changed,
        400 | 402..=499 if response.status != 429 => {
            Failed::Invalid(Complaint::read(&response.body))
        }
        status => Unanswered::of_status(status)
            .map_or_else(|| Failed::Unusable(unexpected(status)), Failed::Unanswered),
    })
}
