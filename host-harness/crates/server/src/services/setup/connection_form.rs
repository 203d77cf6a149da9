//! The form of the first step: tenant, application, and what it signs in with.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use api_types::shapes::ProblemShape;
use api_types::views::{Choice, ConnectView, ConsentView, PlatformView};
use configuration_document::{names, secret};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use server_db::WorkspaceState;
use signing_keys::{KeyRefused, SigningKey};

use super::held::held;
use super::secret_view::{certificate_view, secret_view};
use super::tested::Tested;
use crate::app::App;
use crate::services::consent::redirect_uri;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{Held, Settings};

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
    /// A certificate with its private key: PEM, or PKCS#12 in base64. Empty: the one that is set stays.
    pub(crate) certificate: SecretString,
    /// What opens it.
    pub(crate) certificate_password: SecretString,
    /// What goes.
    pub(crate) forget: Forget,
}

/// Which of two credentials goes, once the other one has taken its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Forget {
    #[default]
    Nothing,
    Secret,
    Certificate,
}

impl Forget {
    /// As a form says it; `None` for what no form of ours says.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Nothing),
            "secret" => Some(Self::Secret),
            "certificate" => Some(Self::Certificate),
            _ => None,
        }
    }
}

impl ConnectForm {
    /// What the vault has once the form is saved.
    pub(crate) fn will_hold(&self, held: Held) -> Held {
        let is_new = |given: &SecretString| !given.expose_secret().trim().is_empty();
        Held {
            secret: (held.secret || is_new(&self.secret)) && self.forget != Forget::Secret,
            certificate: (held.certificate || is_new(&self.certificate))
                && self.forget != Forget::Certificate,
        }
    }
}

/// A form that was looked at.
pub(crate) struct Checked {
    pub(crate) problems: Vec<ProblemShape>,
    pub(crate) expires_at_ms: Option<i64>,
    /// The certificate that it brings, where it can be used.
    pub(crate) certificate: Option<SigningKey>,
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
        platform: platform_view(ws, &settings),
        secret_expires: expires_at
            .and_then(|at| at.get(..10))
            .unwrap_or_default()
            .to_owned(),
        secret,
        certificate: certificate_view(ws)?,
        checks: tested.checks,
        ready: tested.ready,
        tested_at: tested.at,
        tenant_name: tested.tenant_name,
        problems: Vec::new(),
        permissions: permissions(&ws.app),
    })
}

/// The platform's application, where there is one.
fn platform_view(ws: &WorkspaceContext, settings: &Settings) -> Option<PlatformView> {
    let application = ws.app.options.application.as_ref()?;
    Some(PlatformView {
        client_id: application.client_id().to_owned(),
        in_use: settings.is_of_platform(),
        spreading: ws.app.spreading.is_in(&ws.id),
    })
}

/// What is wrong with a form of the first step; nothing where it can be saved.
pub(crate) fn check_connection(
    ws: &WorkspaceContext,
    form: &ConnectForm,
) -> Result<Vec<ProblemShape>, ServiceError> {
    let mut problems = check(form, held(ws)?, ws.app.now_ms()).problems;
    let clouds = ws.app.connector.choices.of(CLOUDS);
    if clouds.iter().all(|cloud| cloud.value != form.cloud) {
        problems.push(ProblemShape {
            pointer: "cloud".to_owned(),
            message: "Choose one of the clouds.".to_owned(),
        });
    }
    Ok(problems)
}

pub(crate) fn check(form: &ConnectForm, held: Held, now_ms: i64) -> Checked {
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
    let has_certificate = !form.certificate.expose_secret().trim().is_empty();
    let both = "This is given and taken away at once: do one of them.";
    match form.forget {
        Forget::Secret if !secret.trim().is_empty() => problem("secret", both),
        Forget::Certificate if has_certificate => problem("certificate", both),
        _ => {}
    }
    let will_hold = form.will_hold(held);
    if !will_hold.secret && !will_hold.certificate {
        problem(
            "secret",
            "Write the client secret's value, or give a certificate.",
        );
    }
    if secret.is_empty() {
        // The one that is set stays.
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
    let certificate = match certificate(form, now_ms) {
        Ok(certificate) => certificate,
        Err(refused) => {
            let is_of_password = matches!(
                refused,
                KeyRefused::PasswordMissing | KeyRefused::WrongPassword
            );
            let input = match is_of_password {
                true => "certificate_password",
                false => "certificate",
            };
            problem(input, &sentence(&refused));
            None
        }
    };
    Checked {
        problems,
        expires_at_ms,
        certificate,
    }
}

/// The certificate that the form brings, where it brings one.
fn certificate(form: &ConnectForm, now_ms: i64) -> Result<Option<SigningKey>, KeyRefused> {
    let given = form.certificate.expose_secret();
    if given.trim().is_empty() {
        return Ok(None);
    }
    let password = &form.certificate_password;
    let password = (!password.expose_secret().is_empty()).then_some(password);
    let key = SigningKey::read(given.as_bytes(), password)?;
    key.check_time(UNIX_EPOCH + Duration::from_millis(now_ms.unsigned_abs()))?;
    Ok(Some(key))
}

/// What is wrong, as a sentence of its own.
fn sentence(flaw: &dyn fmt::Display) -> String {
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
            ..ConnectForm::default()
        }
    }

    fn having(secret: bool) -> Held {
        Held {
            secret,
            certificate: false,
        }
    }

    fn pointers(form: &ConnectForm, has_secret: bool) -> Vec<String> {
        let problems = check(form, having(has_secret), 0).problems;
        problems
            .into_iter()
            .map(|problem| problem.pointer)
            .collect()
    }

    #[test]
    fn a_complete_form_has_no_problem_and_its_date_is_a_moment() {
        let checked = check(&form(), having(false), 0);
        assert!(checked.problems.is_empty());
        assert_eq!(checked.expires_at_ms, Some(1_814_313_600_000));
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
            let problems = check(&of(bad), having(true), 0).problems;
            assert_eq!(problems.len(), 1, "{bad:?}");
            assert!(
                problems[0].message.contains(words),
                "{}",
                problems[0].message
            );
        }
    }
    #[test]
    fn one_of_two_credentials_may_go_and_the_last_one_may_not() {
        let held = Held {
            secret: true,
            certificate: true,
        };
        let forgets = |forget| ConnectForm {
            secret: SecretString::from(""),
            forget,
            ..form()
        };
        let without_secret = forgets(Forget::Secret);
        assert!(check(&without_secret, held, 0).problems.is_empty());
        assert!(!without_secret.will_hold(held).secret);
        assert_eq!(pointers(&without_secret, true), ["secret"]);
        let problems = check(&forgets(Forget::Certificate), held, 0).problems;
        assert!(problems.is_empty());
    }

    #[test]
    fn what_is_given_and_taken_away_at_once_is_neither() {
        let held = Held {
            secret: true,
            certificate: true,
        };
        let given = ConnectForm {
            forget: Forget::Secret,
            ..form()
        };
        let problems = check(&given, held, 0).problems;
        assert_eq!(problems[0].pointer, "secret");
        assert!(problems[0].message.contains("at once"), "{problems:?}");
    }

    #[test]
    fn a_certificate_of_white_space_is_none() {
        let blank = ConnectForm {
            secret: SecretString::from(""),
            certificate: SecretString::from(" \n"),
            ..form()
        };
        let nothing = Held {
            secret: false,
            certificate: false,
        };
        assert!(!blank.will_hold(nothing).certificate);
        assert_eq!(check(&blank, nothing, 0).problems[0].pointer, "secret");
    }

    #[test]
    fn what_is_no_certificate_with_its_key_is_told_at_its_field() {
        for given in [
            "nonsense",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let bad = ConnectForm {
                certificate: SecretString::from(given),
                ..form()
            };
            assert_eq!(pointers(&bad, true), ["certificate"], "{given}");
        }
    }
}
