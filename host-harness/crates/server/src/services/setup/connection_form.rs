//! The form of the first step: tenant, application and secret.

use api_types::shapes::ProblemShape;
use api_types::views::{Choice, ConnectView, ConsentView};
use configuration_document::{names, secret};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use server_db::WorkspaceState;

use super::secret_view::secret_view;
use super::tested::Tested;
use crate::app::App;
use crate::services::consent::redirect_uri;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{CLIENT_SECRET, Settings};

/// The longest secret that is taken, in bytes. Microsoft's have about 40 characters.
const MAX_SECRET: usize = 1_024;

/// Where the schema of the configuration lists the clouds.
const CLOUDS: &str = "/properties/tenant/properties/cloud";

/// What the form of the first step says.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectForm {
    pub(crate) version: i64,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) cloud: String,
    /// Empty: the one that is set stays.
    pub(crate) secret: SecretString,
    /// A date, or empty.
    pub(crate) secret_expires: String,
}

/// The first step, as it stands.
pub(crate) fn connect_view(ws: &WorkspaceContext) -> Result<ConnectView, ServiceError> {
    let record = ws.record()?;
    let settings = Settings::read(&record.settings)?;
    let tested = Tested::of(&record);
    let secret = secret_view(ws)?;
    let expires_at = secret
        .as_ref()
        .and_then(|secret| secret.expires_at.as_deref());
    Ok(ConnectView {
        version: record.version.to_string(),
        setting_up: record.state != WorkspaceState::Connected,
        tenant: settings.tenant(),
        client_id: settings.client_id(),
        cloud: settings.cloud(),
        clouds: ws.app.connector.choices.of(CLOUDS),
        consent: ConsentView {
            possible: !settings.tenant().is_empty() && !settings.client_id().is_empty(),
            redirect_uri: redirect_uri(&ws.app),
            outcome: None,
            granted: None,
        },
        secret_expires: expires_at
            .and_then(|at| at.get(..10))
            .unwrap_or_default()
            .to_owned(),
        secret,
        checks: tested.checks,
        ready: tested.ready,
        tested_at: tested.at,
        tenant_name: tested.tenant_name,
        problems: Vec::new(),
        permissions: permissions(&ws.app),
    })
}

/// What is wrong with a form of the first step; nothing where it can be saved.
pub(crate) fn check_connection(
    ws: &WorkspaceContext,
    form: &ConnectForm,
) -> Result<Vec<ProblemShape>, ServiceError> {
    let stored = ws.app.db.secret(&ws.id, CLIENT_SECRET)?;
    let (mut problems, _) = check(form, stored.is_some());
    let clouds = ws.app.connector.choices.of(CLOUDS);
    if clouds.iter().all(|cloud| cloud.value != form.cloud) {
        problems.push(ProblemShape {
            pointer: "cloud".to_owned(),
            message: "Choose one of the clouds.".to_owned(),
        });
    }
    Ok(problems)
}

pub(crate) fn check(form: &ConnectForm, has_secret: bool) -> (Vec<ProblemShape>, Option<i64>) {
    let mut problems = Vec::new();
    let mut problem = |pointer: &str, message: &str| {
        problems.push(ProblemShape {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
        });
    };
    if !names::names_a_tenant(&form.tenant) {
        problem(
            "tenant",
            "Write the directory (tenant) ID, or one of its verified domains, such as contoso.com.",
        );
    }
    if !names::is_guid(&form.client_id) {
        problem(
            "client_id",
            "Write the application (client) ID: 32 hexadecimal digits with four hyphens.",
        );
    }
    let secret = form.secret.expose_secret();
    if secret.is_empty() {
        if !has_secret {
            problem("secret", "Write the client secret's value.");
        }
    } else if secret.len() > MAX_SECRET {
        problem(
            "secret",
            "This is no client secret: copy its value, and nothing else.",
        );
    } else if let Err(flaw) = secret::value(secret) {
        problem("secret", &sentence(&flaw));
    }
    let expires = form.secret_expires.trim();
    let expires_at_ms = expires.parse::<Date>().ok().and_then(|date| {
        let midnight = date.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp().as_millisecond())
    });
    if !expires.is_empty() && expires_at_ms.is_none() {
        problem(
            "secret_expires",
            "Write a date, such as 2027-06-30, or leave it empty.",
        );
    }
    (problems, expires_at_ms)
}

/// What is wrong, as a sentence of its own.
fn sentence(flaw: &secret::Flaw) -> String {
    let text = flaw.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

fn permissions(app: &App) -> Vec<Choice> {
    let permission = |permission: &connector_contract::Permission| Choice {
        value: permission.name.clone(),
        label: if permission.optional {
            "optional"
        } else {
            "needed"
        }
        .to_owned(),
        sentence: permission.why.clone(),
    };
    app.connector
        .description
        .permissions
        .iter()
        .map(permission)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ConnectForm {
        ConnectForm {
            version: 1,
            tenant: "contoso.example".to_owned(),
            client_id: "535fb089-9ff3-47b6-9bfb-4f1264799865".to_owned(),
            cloud: "global".to_owned(),
            secret: SecretString::from("value"),
            secret_expires: "2027-06-30".to_owned(),
        }
    }

    fn pointers(form: &ConnectForm, has_secret: bool) -> Vec<String> {
        let (problems, _) = check(form, has_secret);
        problems
            .into_iter()
            .map(|problem| problem.pointer)
            .collect()
    }

    #[test]
    fn a_complete_form_has_no_problem_and_its_date_is_a_moment() {
        let (problems, expires) = check(&form(), false);
        assert!(problems.is_empty());
        assert_eq!(expires, Some(1_814_313_600_000));
    }

    #[test]
    fn each_field_has_a_problem_of_its_own_and_a_secret_that_is_set_may_be_left_empty() {
        let bad = ConnectForm {
            tenant: "https://contoso".to_owned(),
            client_id: "my app".to_owned(),
            secret: SecretString::from(""),
            secret_expires: "soon".to_owned(),
            ..form()
        };
        assert_eq!(
            pointers(&bad, false),
            ["tenant", "client_id", "secret", "secret_expires"]
        );
        assert_eq!(
            pointers(&bad, true),
            ["tenant", "client_id", "secret_expires"]
        );
    }

    #[test]
    fn what_surrounds_a_secret_is_no_problem_and_what_is_no_value_is_told() {
        let of = |secret: &str| ConnectForm {
            secret: SecretString::from(secret),
            ..form()
        };
        for good in ["value", "  value\r\n", "\u{feff}value\u{a0}"] {
            assert!(pointers(&of(good), false).is_empty(), "{good:?}");
        }
        for (bad, words) in [
            (" \r\n", "is empty"),
            ("a value", "white space"),
            ("8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11", "secret's id"),
            ("\"value\"", "quotation marks"),
        ] {
            let (problems, _) = check(&of(bad), true);
            assert_eq!(problems.len(), 1, "{bad:?}");
            assert!(
                problems[0].message.contains(words),
                "{}",
                problems[0].message
            );
        }
    }
}
