//! What is common to the failures of every service behind HTTP: that no answer came, or one that says only that
//! the service is not well.

use guest_kit::HttpFailure;

use crate::destination::{DestinationError, Failure};

/// Why a request has no answer that says something about what it asked for. Reasons are in kebab case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It was certainly not done, and may work later.
    NotDone(&'static str),
    /// It may have been done.
    Lost(&'static str),
    /// Neither it nor anything else will be done.
    Unusable(DestinationError),
}

/// A limit that was not to be waited for.
const THROTTLED: &str = "throttled";

impl Unanswered {
    /// Of a status that every service means alike: 429 (RFC 6585, section 4), and whatever says that something is
    /// broken on the way or behind it. 501 is an answer: it is about what was asked.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            429 => Some(Self::NotDone(THROTTLED)),
            500 | 502..=599 => Some(Self::Lost("server-error")),
            _ => None,
        }
    }

    /// As the failure of something that was to be read.
    #[must_use]
    pub fn of_reading(self) -> DestinationError {
        let unavailable = |why: &str| DestinationError::Unavailable(why.to_owned());
        match self {
            Self::NotDone(THROTTLED) => unavailable("it asks for more patience than there is time"),
            Self::NotDone(_) => unavailable("it cannot be reached"),
            Self::Lost(_) => unavailable("it does not answer"),
            Self::Unusable(error) => error,
        }
    }
}

impl From<&HttpFailure> for Unanswered {
    fn from(failure: &HttpFailure) -> Self {
        match failure {
            HttpFailure::Name | HttpFailure::Connect => Self::NotDone("unreachable"),
            HttpFailure::Denied => {
                let why = "the host does not allow requests to this server";
                Self::Unusable(DestinationError::AccessDenied(why.to_owned()))
            }
            HttpFailure::Tls => {
                let why = "no trusted TLS session can be made with it";
                Self::Unusable(DestinationError::Unavailable(why.to_owned()))
            }
            HttpFailure::ResponseTooLarge { .. } => Self::Lost("answer-too-long"),
            HttpFailure::TimedOut | HttpFailure::Interrupted | HttpFailure::Other(_) => {
                Self::Lost("no-answer")
            }
        }
    }
}

/// As the failure of something that was to be written.
impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::NotDone(why) => Self::NotDone(why.to_owned()),
            Unanswered::Lost(why) => Self::Unknown(why.to_owned()),
            Unanswered::Unusable(error) => Self::Unusable(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_left_was_not_done_and_what_broke_off_may_have_been() {
        for (failure, expected) in [
            (
                HttpFailure::Connect,
                Failure::NotDone("unreachable".to_owned()),
            ),
            (
                HttpFailure::TimedOut,
                Failure::Unknown("no-answer".to_owned()),
            ),
            (
                HttpFailure::Interrupted,
                Failure::Unknown("no-answer".to_owned()),
            ),
        ] {
            assert_eq!(Failure::from(Unanswered::from(&failure)), expected);
        }
    }

    #[test]
    fn a_status_that_is_about_what_was_asked_is_an_answer() {
        for status in [200, 400, 401, 403, 404, 409, 412, 501] {
            assert_eq!(Unanswered::of_status(status), None, "{status}");
        }
        assert_eq!(
            Unanswered::of_status(429),
            Some(Unanswered::NotDone(THROTTLED))
        );
        for status in [500, 502, 503, 504, 599] {
            let lost = Unanswered::Lost("server-error");
            assert_eq!(Unanswered::of_status(status), Some(lost), "{status}");
        }
    }

    #[test]
    fn a_denied_server_ends_everything() {
        let denied = Unanswered::from(&HttpFailure::Denied).of_reading();
        assert!(matches!(denied, DestinationError::AccessDenied(_)));
    }
}
