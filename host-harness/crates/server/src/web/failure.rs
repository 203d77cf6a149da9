//! What somebody is told when something does not work: what happened, and what to do.

use api_types::shapes::ProblemShape;
use api_types::views::Frame;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contact_identity::ObjectIdError;
use serde::Serialize;
use server_db::{RecordsError, SaveError};
use server_pages as pages;
use store_api::BackendError;
use utoipa::ToSchema;

use crate::services::error::ServiceError;
use crate::token::NoRandomness;

/// A failure, for people and for programs.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// In a few words.
    pub(crate) title: String,
    /// What happened.
    pub(crate) happened: String,
    /// What to do.
    pub(crate) advice: String,
    /// What is wrong with what was sent, for programs; pages say it beside the inputs.
    pub(crate) problems: Vec<ProblemShape>,
}

/// A failure, as the API tells it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureBody {
    /// In a few words.
    error: String,
    /// What happened, to what.
    message: String,
    /// What to do.
    advice: String,
    /// What is wrong with what was sent, each with the key of the body: `tenant`, `schedule`, `listName`,
    /// `rows[3].attribute`, `filters[0].operator`; empty where it belongs to none. Of a header, its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    problems: Vec<ProblemShape>,
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        title: &str,
        happened: impl Into<String>,
        advice: &str,
    ) -> Self {
        Self {
            status,
            title: title.to_owned(),
            happened: happened.into(),
            advice: advice.to_owned(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is nothing here",
            "The address leads to nothing.",
            "Go back, or begin at the overview.",
        )
    }

    pub(crate) fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Sign in first",
            "You are not signed in to this workspace, or your session has ended.",
            "Open a new sign-in link. Whoever operates this server can make one.",
        )
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "For administrators",
            "Only an administrator of this workspace may see or do this.",
            "Ask your administrator.",
        )
    }

    pub(crate) fn forged() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This form is not from here",
            "The form does not carry the mark of your session, so nothing was done.",
            "Open the page again and repeat what you wanted to do.",
        )
    }

    /// As [`forged`](Self::forged), for a program: what its request lacks.
    pub(crate) fn without_token() -> Self {
        let message = "The header `x-csrf-token` is missing, or has not the value of this session.";
        Self {
            problems: vec![ProblemShape {
                pointer: "x-csrf-token".to_owned(),
                message: message.to_owned(),
            }],
            ..Self::new(
                StatusCode::FORBIDDEN,
                "The session's token is missing",
                format!("{message} Nothing was done."),
                "Send the header `x-csrf-token` with the `csrfToken` that GET …/api/session tells.",
            )
        }
    }

    pub(crate) fn bad_request(happened: impl Into<String>, advice: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "That cannot be", happened, advice)
    }

    /// The address lacks something that it must say after its question mark.
    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::bad_request(
            format!("The address says no `{name}`."),
            "Add it after the question mark; /openapi.json lists what each address takes.",
        )
    }

    pub(crate) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "That cannot be done here",
            "The address is there, but not for this method.",
            "Look at /openapi.json.",
        )
    }

    /// Somebody else saved since.
    pub(crate) fn conflict(happened: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Somebody was faster",
            happened,
            "Open the page again, look at their changes, and repeat yours.",
        )
    }

    pub(crate) fn unprocessable(problems: Vec<ProblemShape>) -> Self {
        Self {
            problems,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "That cannot be saved",
                "Something of it cannot be; nothing was saved.",
                "Mend what is listed, and send it again.",
            )
        }
    }

    /// Something that was begun did not come to its end.
    pub(crate) fn broken() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server failed",
            "The server failed over this, and it is not known how far it came.",
            "Look at the overview before you try again. Whoever operates this server finds more in its log.",
        )
    }

    /// As the API tells it.
    pub(crate) fn as_json(&self) -> Response {
        let body = FailureBody {
            error: self.title.clone(),
            message: self.happened.clone(),
            advice: self.advice.clone(),
            problems: self.problems.clone(),
        };
        (self.status, axum::Json(body)).into_response()
    }
}

impl Failure {
    /// As a page; within a workspace, it leads back to that.
    pub(super) fn as_page(&self, frame: Option<&Frame>) -> Response {
        let page = pages::failure(
            frame,
            self.status.as_u16(),
            &self.title,
            &self.happened,
            &self.advice,
        );
        let html = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        (self.status, [html], page.into_string()).into_response()
    }
}

impl IntoResponse for Failure {
    /// As a page that everybody may see; [`lead_back`](super::lead_back) draws it anew for who is signed in.
    fn into_response(self) -> Response {
        let mut response = self.as_page(None);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ObjectIdError> for Failure {
    fn from(error: ObjectIdError) -> Self {
        Self::bad_request(
            error.to_string(),
            "Copy the object id from the page of the user in the Entra admin centre.",
        )
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let happened = error.to_string();
        match error {
            ServiceError::Busy(_) => Self::new(
                StatusCode::CONFLICT,
                "Something is going on already",
                happened,
                "Wait until it is done, and try again.",
            ),
            ServiceError::NotNow(_) | ServiceError::Unsaved(SaveError::Disconnecting) => Self::new(
                StatusCode::CONFLICT,
                "Not now",
                happened,
                "Go back to the overview and begin there.",
            ),
            ServiceError::Unknown(_) => Self {
                happened,
                ..Self::not_found()
            },
            ServiceError::Unconfirmed { .. } => Self {
                problems: vec![ProblemShape {
                    pointer: "deletions".to_owned(),
                    message: happened.clone(),
                }],
                ..Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Contacts would be deleted",
                    happened,
                    "Look at who is deleted. If it is meant, approve it again with the number as `deletions`.",
                )
            },
            ServiceError::Unsaved(SaveError::Conflict { .. }) => {
                Self::conflict(format!("{happened}, so nothing of yours was saved."))
            }
            ServiceError::Unsaved(SaveError::Database(error)) | ServiceError::Records(error) => {
                error.into()
            }
            ServiceError::Store(error) => error.into(),
            ServiceError::Call(_) | ServiceError::Destination(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "The connector could not do it",
                happened,
                "Nothing is lost. Mend what it says, and try again.",
            ),
            ServiceError::Closed(_) | ServiceError::Malformed(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The workspace cannot be opened",
                happened,
                "Nothing is lost. Try again; if it stays so, whoever operates this server has to look.",
            ),
        }
    }
}

impl Failure {
    /// What was to be kept could not be saved, or not be read.
    fn of_database(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "database error");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "It could not be saved or read",
            format!("{error}. Nothing was changed."),
            "Try again in a moment. If it stays so, whoever operates this server has to look.",
        )
    }
}

impl From<RecordsError> for Failure {
    fn from(error: RecordsError) -> Self {
        Self::of_database(&error)
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        Self::of_database(&error)
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(%error, "making a token failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server cannot go on",
            "The machine gives no random bytes, without which nobody can be let in safely.",
            "Whoever operates this server has to look.",
        )
    }
}
