//! How the API refuses: `ApiError` and `InvalidInputApiError`, with the words of their enumerations
//! (`spec/components/schemas/{ApiError,InvalidInputApiError,InvalidInputField}.yaml` of
//! <https://github.com/messagemedia/sinchengage-developer>). What stands in `title`, `detail` and `reason` is not
//! documented.

use emulated_http::Reply;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::ids;

/// Why a request as a whole is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    NotFound,
    MethodNotAllowed,
    Conflict,
    PayloadTooLarge,
    UnsupportedMediaType,
    MessageNotReadable,
    InternalServerError,
    RequestNotRecognised,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MessageNotReadable => StatusCode::BAD_REQUEST,
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RequestNotRecognised => StatusCode::NOT_IMPLEMENTED,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => ("not_found", "Resource not found"),
            Self::MethodNotAllowed => ("method_not_allowed", "Method not allowed"),
            Self::Conflict => ("conflict", "The entity already exists"),
            Self::PayloadTooLarge => ("payload_too_large", "Payload too large"),
            Self::UnsupportedMediaType => ("unsupported_media_type", "Unsupported media type"),
            Self::MessageNotReadable => ("message_not_readable", "Message not readable"),
            Self::InternalServerError => ("internal_server_error", "Internal server error"),
            Self::RequestNotRecognised => ("request_not_recognised", "Request not recognised"),
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    MustNotBeEmpty,
    MustNotBeNull,
    InvalidLength,
    DuplicatedValue,
    InvalidFormat,
    TypeMismatch,
    MissingParameter,
    InvalidReference,
    ConstraintViolation,
}

impl Code {
    /// The word of the enumeration, and a sentence of our own.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MustNotBeEmpty => ("must_not_be_empty", "must not be empty"),
            Self::MustNotBeNull => ("must_not_be_null", "must not be null"),
            Self::InvalidLength => ("invalid_length", "has a length that is not allowed"),
            Self::DuplicatedValue => ("duplicated_value", "is there twice"),
            Self::InvalidFormat => ("invalid_format", "does not have the right format"),
            Self::TypeMismatch => ("type_mismatch", "is of another type"),
            Self::MissingParameter => ("missing_parameter", "is missing"),
            Self::InvalidReference => ("invalid_reference", "does not exist"),
            Self::ConstraintViolation => ("constraint_violation", "is out of bounds"),
        }
    }
}

/// One value at fault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Flaw {
    name: String,
    code: Code,
    /// `PHONE` where a request says `SMS`.
    channel_type: Option<&'static str>,
    ids: Vec<String>,
}

impl Flaw {
    pub(crate) fn new(name: impl Into<String>, code: Code) -> Self {
        Self {
            name: name.into(),
            code,
            channel_type: None,
            ids: Vec::new(),
        }
    }

    pub(crate) fn of_channel(mut self, channel_type: &'static str) -> Self {
        self.channel_type = Some(channel_type);
        self
    }

    pub(crate) fn with_ids(mut self, ids: Vec<String>) -> Self {
        self.ids = ids;
        self
    }

    fn told(&self) -> Value {
        let (code, reason) = self.code.words();
        let mut told = Map::new();
        told.insert("name".to_owned(), json!(self.name));
        if let Some(channel_type) = self.channel_type {
            told.insert("channelType".to_owned(), json!(channel_type));
        }
        told.insert("code".to_owned(), json!(code));
        told.insert("reason".to_owned(), json!(reason));
        if !self.ids.is_empty() {
            told.insert("invalidIds".to_owned(), json!(self.ids));
        }
        Value::Object(told)
    }
}

/// A request that is not done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// `InvalidInputApiError`.
    Invalid(Vec<Flaw>),
    /// `ApiError`, with its `detail`.
    Plain(Kind, String),
}

impl Refusal {
    pub(crate) fn invalid(name: impl Into<String>, code: Code) -> Self {
        Self::Invalid(vec![Flaw::new(name, code)])
    }

    pub(crate) fn plain(kind: Kind, detail: impl Into<String>) -> Self {
        Self::Plain(kind, detail.into())
    }

    /// The answer; `number` is that of the request, from which the error's id follows.
    pub(crate) fn reply(&self, number: u64) -> Reply {
        let uuid = ids::made("error", number);
        match self {
            Self::Plain(kind, detail) => {
                let (kind_name, title) = kind.words();
                let body =
                    json!({"uuid": uuid, "type": kind_name, "title": title, "detail": detail});
                as_json(kind.status(), &body)
            }
            Self::Invalid(flaws) => {
                let flaws: Vec<Value> = flaws.iter().map(Flaw::told).collect();
                let body = json!({
                    "uuid": uuid, "type": "validation", "title": "Invalid input",
                    "detail": "The request has incorrect values", "invalidFields": flaws,
                });
                as_json(StatusCode::BAD_REQUEST, &body)
            }
        }
    }
}

/// An answer of the API in JSON.
pub(crate) fn as_json(status: StatusCode, body: &Value) -> Reply {
    Reply::typed(status, "application/json", body.to_string().into_bytes())
}
