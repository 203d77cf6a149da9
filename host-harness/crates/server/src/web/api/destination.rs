//! Where the contacts are kept, for a front end of one's own.

use api_types::views::DestinationView;
use axum::Json;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{Answer, ApiAdmin, CsrfProtected, JsonBody};
use super::saving::{Told, key_of, secret, version};
use crate::services::setup;
use crate::services::setup::destination::{DestinationForm, SavedDestination};
use crate::web::failure::{Failure, FailureBody};

/// What `GET` of the same address tells, with changes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DestinationBody {
    /// Of what was looked at.
    version: String,
    /// The object that chooses a destination by its `name` and has its settings. Absent or null: the contacts are kept
    /// here. Under which name its secret is kept is the server's to say.
    settings: Option<Value>,
    /// The value of its secret. Absent, empty, or as it is told: the one that is set stays.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretString>,
    #[serde(default, rename = "settingUp")]
    _setting_up: Told,
    #[serde(default, rename = "destinations")]
    _destinations: Told,
    #[serde(default, rename = "label")]
    _label: Told,
    #[serde(default, rename = "servers")]
    _servers: Told,
    #[serde(default, rename = "caveats")]
    _caveats: Told,
    #[serde(default, rename = "problems")]
    _problems: Told,
}

#[utoipa::path(get, path = "/w/{workspace}/api/destination", params(("workspace" = String, Path)),
    description = "Where the contacts are kept: what the destination reaches, and what it cannot promise.",
    responses((status = 200, body = DestinationView), (status = 403, body = FailureBody)))]
pub(super) async fn destination(ApiAdmin(user): ApiAdmin) -> Answer<DestinationView> {
    Ok(Json(setup::destination::destination_view(&user.ws).await?))
}

#[utoipa::path(put, path = "/w/{workspace}/api/destination",
    params(("workspace" = String, Path)), request_body = DestinationBody,
    description = "Saves where the contacts are kept. It is not tested with that: see `POST …/api/test`. With another \
                   destination nothing is synced before a plan was approved.",
    responses((status = 200, body = DestinationView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
pub(super) async fn save_destination(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<DestinationBody>,
) -> Answer<DestinationView> {
    let form = DestinationForm {
        version: version(&body.version)?,
        settings: body.settings,
        secret: body.secret.unwrap_or_default(),
    };
    let (ws, who) = (&user.ws, &user.session.who);
    match setup::destination::save_destination(ws, &form, who).await? {
        SavedDestination::Yes => Ok(Json(setup::destination::destination_view(ws).await?)),
        SavedDestination::No(problems) => {
            let problems = problems
                .into_iter()
                .map(|problem| api_types::shapes::ProblemShape {
                    pointer: key_of(&problem.pointer, &[]),
                    ..problem
                });
            Err(Failure::unprocessable(problems.collect()).into())
        }
    }
}
