//! Requests and what became of them: addresses, sign-in, statuses. What a card says is others' to know.

use base64ct::{Base64, Encoding as _};
use destination_kit::destination::{DestinationError, Failure};
use destination_kit::{Address, Exchanges, Repeat, Unanswered};
use guest_kit::{HttpRequest, HttpResponse, Method};

use crate::href::{BookPath, Place};
use crate::multistatus::{Response, condition, responses};
use crate::record::Stored;
use crate::refusal::{CARD_REFUSED, DUPLICATE, TOO_LONG, of_card};

/// The longest answer. A page of cards that is longer is asked for in halves; a list of names has about 300 bytes a
/// card.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Why a request was not done as it was meant, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Nothing is said about what was asked.
    Unanswered(Unanswered),
    /// 404 or 410.
    Missing,
    /// 412: the card is not as it was thought to be; or, at some servers, none that they take.
    Precondition,
    /// 409: something else is in the way, such as a card with the same UID.
    Conflict,
    /// The server does not take the card: why, as a code.
    Refused(&'static str),
    /// Nothing else will be done either.
    Unusable(DestinationError),
}

impl Failed {
    /// As the failure of something that was to be written, where the status itself means nothing special.
    pub(crate) fn plain(self) -> Failure {
        match self {
            Self::Unanswered(unanswered) => unanswered.into(),
            Self::Missing => Failure::Gone,
            Self::Precondition => Failure::Changed,
            Self::Conflict => Failure::Refused(of_card(DUPLICATE)),
            Self::Refused(code) => Failure::Refused(of_card(code)),
            Self::Unusable(error) => Failure::Unusable(error),
        }
    }

    /// As the failure of something that was to be read.
    pub(crate) fn of_reading(self) -> DestinationError {
        match self {
            Self::Unanswered(unanswered) => unanswered.of_reading(),
            Self::Missing => needs_attention(
                "there is nothing at the address of the address book; check it, or make the address book there",
            ),
            Self::Precondition => unexpected(412),
            Self::Conflict => unexpected(409),
            Self::Refused(_) => unexpected(400),
            Self::Unusable(error) => error,
        }
    }

    /// Whether it may have been performed, so that only reading tells.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Unanswered(Unanswered::Lost(_)))
    }

    fn is_too_long(&self) -> bool {
        *self == Self::Unanswered(Unanswered::Lost("answer-too-long"))
    }
}

pub(crate) fn needs_attention(sentence: &str) -> DestinationError {
    DestinationError::NeedsAttention(sentence.to_owned())
}

fn unexpected(status: u16) -> DestinationError {
    DestinationError::Unexpected(format!("status {status}"))
}

fn unreadable() -> Failed {
    let what = "an answer that is no WebDAV document";
    Failed::Unusable(DestinationError::Unexpected(what.to_owned()))
}

/// On what a card is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only<'e> {
    /// Where there is none yet.
    New,
    /// Where it is the one with this `ETag`.
    As(&'e str),
}

/// A client of one address book. It has no `Debug`: it carries a secret.
pub(crate) struct Client<'h> {
    exchanges: Exchanges<'h>,
    root: String,
    book: BookPath,
    authorization: String,
}

impl<'h> Client<'h> {
    pub(crate) fn new(
        exchanges: Exchanges<'h>,
        address: &Address,
        user: &str,
        secret: &str,
    ) -> Self {
        let credentials = Base64::encode_string(format!("{user}:{secret}").as_bytes());
        Self {
            exchanges,
            root: address.root().to_owned(),
            book: BookPath::new(address.path()),
            authorization: format!("Basic {credentials}"),
        }
    }

    /// Waits for whatever comes first. `false` where nothing is under way.
    pub(crate) fn wait(&self) -> bool {
        self.exchanges.wait()
    }

    /// What is at an address of an answer, seen from the address book.
    pub(crate) fn place(&self, response: &Response) -> Place {
        self.book.place(&response.href)
    }

    /// Properties of the address book (depth 0), or of all that is in it, too (depth 1).
    pub(crate) async fn properties(
        &self,
        depth: &str,
        names: &str,
    ) -> Result<Vec<Response>, Failed> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:propfind xmlns:D=\"DAV:\" \
             xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:prop>{names}</D:prop></D:propfind>"
        );
        let asked = self.asked(Method::Propfind, depth, body).await;
        asked.map_err(|failed| match failed.is_too_long() {
            true => Failed::Unusable(needs_attention(
                "the address book has more contacts than this destination can list, about 100,000; divide it",
            )),
            false => failed,
        })
    }

    /// Cards by name, as many as the server has and gives, each with its place in an answer (RFC 6352, section 8.7).
    /// `None` where the answer would be longer than is read.
    pub(crate) async fn cards(&self, names: &[String]) -> Result<Option<Vec<Response>>, Failed> {
        let mut body = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><C:addressbook-multiget xmlns:D=\"DAV:\" \
             xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:prop><D:getetag/><C:address-data/></D:prop>",
        );
        for name in names {
            let href = self.book.of(name).replace('&', "&amp;");
            body.push_str(&format!("<D:href>{href}</D:href>"));
        }
        body.push_str("</C:addressbook-multiget>");
        match self.asked(Method::Report, "1", body).await {
            Err(failed) if failed.is_too_long() => Ok(None),
            asked => asked.map(Some),
        }
    }

    async fn asked(
        &self,
        method: Method,
        depth: &str,
        body: String,
    ) -> Result<Vec<Response>, Failed> {
        let headers = vec![
            ("depth", depth.to_owned()),
            ("content-type", "application/xml; charset=utf-8".to_owned()),
        ];
        let request = self.request(method, "", headers, body.into_bytes());
        let response = self.answered(request).await?;
        match response.status {
            207 => responses(&response.body).map_err(|_| unreadable()),
            // A page of a web server, or of whoever wants people to sign in first.
            _ => Err(unreadable()),
        }
    }

    /// One card; `None` where the server says that there is none.
    pub(crate) async fn card(&self, name: &str) -> Result<Option<Stored>, Failed> {
        let headers = vec![("accept", "text/vcard".to_owned())];
        let request = self.request(Method::Get, name, headers, Vec::new());
        let response = match self.answered(request).await {
            Ok(response) => response,
            Err(Failed::Missing) => return Ok(None),
            Err(failed) => return Err(failed),
        };
        let etag = response.header("etag").map(strong);
        let etag = etag.ok_or_else(without_etag)?;
        Ok(Some(Stored {
            name: name.to_owned(),
            etag,
            // What is in another encoding is no card that could be written back.
            text: String::from_utf8(response.body).unwrap_or_default(),
        }))
    }

    /// Writes a card whole. Sending it once more does no harm: the second one is refused by the condition.
    pub(crate) async fn put(&self, name: &str, text: String, only: Only<'_>) -> Result<(), Failed> {
        let condition = match only {
            Only::New => ("if-none-match", "*".to_owned()),
            Only::As(etag) => ("if-match", etag.to_owned()),
        };
        let kind = ("content-type", "text/vcard; charset=utf-8".to_owned());
        let headers = vec![condition, kind];
        let request = self.request(Method::Put, name, headers, text.into_bytes());
        self.answered(request).await.map(drop)
    }

    /// Deletes a card, where it is the one with this `ETag`.
    pub(crate) async fn delete(&self, name: &str, etag: Option<&str>) -> Result<(), Failed> {
        let condition = etag.map(|etag| ("if-match", etag.to_owned()));
        let headers = condition.into_iter().collect();
        let request = self.request(Method::Delete, name, headers, Vec::new());
        self.answered(request).await.map(drop)
    }

    async fn answered(&self, request: HttpRequest) -> Result<HttpResponse, Failed> {
        let answer = self.exchanges.send(request, Repeat::Idempotent).await;
        let response = answer.map_err(|failure| Failed::Unanswered(Unanswered::from(&failure)))?;
        judged(response)
    }

    fn request(
        &self,
        method: Method,
        name: &str,
        mut headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> HttpRequest {
        headers.push(("authorization", self.authorization.clone()));
        if !body.is_empty() {
            // Without it, a host sends the body in chunks, which servers behind WSGI (Radicale) and FastCGI read as
            // nothing at all.
            headers.push(("content-length", body.len().to_string()));
        }
        HttpRequest {
            method,
            url: format!("{}{}", self.root, self.book.of(name)),
            headers,
            body,
            max_response: LONGEST_ANSWER,
        }
    }
}

pub(crate) fn without_etag() -> Failed {
    let what = "a card without an ETag, by which a change of somebody else would be noticed";
    Failed::Unusable(DestinationError::Unexpected(what.to_owned()))
}

/// An `ETag` as it is sent in a condition. A proxy that compresses makes a weak one of the server's own, which only
/// the strong form fits then (RFC 9110, section 13.1.1).
pub(crate) fn strong(etag: &str) -> String {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).to_owned()
}

/// What an answer means.
fn judged(response: HttpResponse) -> Result<HttpResponse, Failed> {
    let denied = |why: &str| Failed::Unusable(DestinationError::AccessDenied(why.to_owned()));
    Err(match response.status {
        200..=299 => return Ok(response),
        300..=399 => Failed::Unusable(needs_attention(
            "the server sends whoever asks for the address book to another address; write that one",
        )),
        401 => denied("the CardDAV server does not accept the user with this secret"),
        403 | 400 | 415 | 422 => match (of_condition(&response.body), response.status) {
            (Some(failed), _) => failed,
            (None, 403) => denied("this user may not do this in the address book"),
            (None, _) => Failed::Refused(CARD_REFUSED),
        },
        404 | 410 => Failed::Missing,
        405 | 501 => Failed::Unusable(needs_attention(
            "the server does not speak CardDAV at this address",
        )),
        409 => of_condition(&response.body).unwrap_or(Failed::Conflict),
        412 => Failed::Precondition,
        413 => Failed::Refused(TOO_LONG),
        423 => Failed::Unanswered(Unanswered::NotDone("locked")),
        507 => Failed::Unusable(needs_attention("the address book has no room left")),
        status => Unanswered::of_status(status)
            .map_or_else(|| Failed::Unusable(unexpected(status)), Failed::Unanswered),
    })
}

/// What a refusal says in a body (RFC 6352, section 6.3.2.1). Only the name of the condition is read.
fn of_condition(body: &[u8]) -> Option<Failed> {
    match &*condition(body)? {
        "supported-address-data" | "valid-address-data" => Some(Failed::Refused(CARD_REFUSED)),
        "no-uid-conflict" => Some(Failed::Conflict),
        "max-resource-size" => Some(Failed::Refused(TOO_LONG)),
        _ => None,
    }
}
