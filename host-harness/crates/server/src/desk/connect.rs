//! The first step: tenant, application and secret.

use std::sync::Arc;

use api_types::shapes::{ProblemShape, moment};
use api_types::views::{Choice, ConnectView, ConsentView, SecretView, SetupStep};
use configuration_document::{names, secret};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use server_db::{NewSettings, SecretChange, StoredSecret, WorkspaceState};
use vault::Place;

use super::tested::Tested;
use super::{Desk, DeskError};
use crate::host::{Host, Sealer};
use crate::settings::{CLIENT_SECRET, Settings};

/// A secret that expires within so many days is a warning.
const EXPIRES_SOON_DAYS: i64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The longest secret that is taken, in bytes. Microsoft's have about 40 characters.
const LONGEST_SECRET: usize = 1_024;

/// Where the schema of the configuration lists the clouds.
const CLOUDS: &str = "/properties/tenant/properties/cloud";

/// Who operates the server, in the audit log.
const OPERATOR: &str = "operator";

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

impl Desk {
    /// The client secret without its value, where one is set.
    pub(super) fn secret_view(&self, host: &Host) -> Result<Option<SecretView>, DeskError> {
        let secret = host.db.secret(&self.id, CLIENT_SECRET)?;
        let zone = self.record()?.time_zone;
        Ok(secret.map(|secret| secret_view(&secret, host.now_ms(), &zone)))
    }

    /// The first step, as it stands.
    pub(crate) fn connect_view(&self) -> Result<ConnectView, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let settings = Settings::read(&record.settings)?;
        let tested = Tested::of(&record);
        let secret = self.secret_view(&host)?;
        let expires_at = secret
            .as_ref()
            .and_then(|secret| secret.expires_at.as_deref());
        Ok(ConnectView {
            version: record.version.to_string(),
            setting_up: record.state != WorkspaceState::Connected,
            tenant: settings.tenant(),
            client_id: settings.client_id(),
            cloud: settings.cloud(),
            clouds: host.choices.of(CLOUDS),
            consent: ConsentView {
                possible: !settings.tenant().is_empty() && !settings.client_id().is_empty(),
                redirect_uri: host.redirect_uri(),
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
            permissions: permissions(&host),
        })
    }

    /// What is wrong with a form of the first step; nothing where it can be saved.
    pub(crate) fn check_connection(
        &self,
        form: &ConnectForm,
    ) -> Result<Vec<ProblemShape>, DeskError> {
        let host = self.host()?;
        let stored = host.db.secret(&self.id, CLIENT_SECRET)?;
        let (mut problems, _) = check(form, stored.is_some());
        let clouds = host.choices.of(CLOUDS);
        if clouds.iter().all(|cloud| cloud.value != form.cloud) {
            problems.push(ProblemShape {
                pointer: "cloud".to_owned(),
                message: "Choose one of the clouds.".to_owned(),
            });
        }
        Ok(problems)
    }

    /// Saves the first step.
    pub(crate) fn save_connection(&self, form: &ConnectForm, who: &str) -> Result<(), DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let has_secret = host.db.secret(&self.id, CLIENT_SECRET)?.is_some();
        let (problems, expires_at_ms) = check(form, has_secret);
        if let Some(problem) = problems.into_iter().next() {
            return Err(DeskError::NotNow(problem.message));
        }
        let current = Settings::read(&record.settings)?;
        // Another directory is other people: as with a new workspace, nothing is synced before somebody has
        // approved a plan of them.
        let anew = record.state == WorkspaceState::Connected && !is_same_directory(&current, form);
        let settings = if anew {
            Settings::read(record.edited())?
        } else {
            current
        };
        let connected = |settings: Settings| {
            settings
                .with_connection(&form.tenant, &form.client_id, &form.cloud)
                .text()
        };
        let settings = connected(settings);
        // What waits to be put into force goes on waiting, with this connection.
        let waiting = record.proposal.as_ref().filter(|_| !anew);
        let waiting = waiting.map(|proposal| Settings::read(&proposal.settings));
        let waiting = waiting.transpose()?.map(connected);
        let is_new = !form.secret.expose_secret().is_empty();
        // Held until what it sealed is stored.
        let sealer = is_new.then(|| sealer(&host)).transpose()?;
        let change = match &sealer {
            Some(sealer) => {
                SecretChange::Set(self.sealed(&host, sealer, &form.secret, expires_at_ms)?)
            }
            None => SecretChange::Expires(expires_at_ms),
        };
        let untested = Tested::of(&record).of_another_connection().text();
        host.db.save_with_secret(
            &self.id,
            &NewSettings {
                version: form.version,
                settings: &settings,
                time_zone: &record.time_zone,
                step: record.step.max(SetupStep::Connect),
                in_force: None,
                tested: Some(&untested),
                anew,
                proposal: waiting.as_deref(),
            },
            CLIENT_SECRET,
            &change,
            Self::event(&host, who, "connection-saved", None),
        )?;
        self.live.changed();
        Ok(())
    }

    /// Connects the workspace with a whole document and the value of its secret, at the wish of whoever
    /// operates the server; whether the connection works.
    pub(crate) async fn provision(
        self: &Arc<Self>,
        document: &str,
        secret: &SecretString,
    ) -> Result<bool, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let given = Settings::read(document)?;
        let settings =
            given
                .clone()
                .with_connection(&given.tenant(), &given.client_id(), &given.cloud());
        let sealer = sealer(&host)?;
        let sealed = self.sealed(&host, &sealer, secret, None)?;
        host.db.save_with_secret(
            &self.id,
            &NewSettings {
                version: record.version,
                settings: &settings.text(),
                time_zone: &record.time_zone,
                step: SetupStep::Review,
                in_force: None,
                tested: None,
                anew: false,
                proposal: None,
            },
            CLIENT_SECRET,
            &SecretChange::Set(sealed),
            Self::event(&host, OPERATOR, "settings-saved", None),
        )?;
        drop(sealer);
        let tested = self.test(OPERATOR).await?;
        if tested.ready {
            let event = Self::event(&host, OPERATOR, "connected", None);
            host.db.set_connected(&self.id, event)?;
            host.reschedule(&self.id);
        }
        Ok(tested.ready)
    }

    /// The client secret as it is kept, set now, without what surrounds a value.
    fn sealed(
        &self,
        host: &Host,
        sealer: &Sealer,
        secret: &SecretString,
        expires_at_ms: Option<i64>,
    ) -> Result<StoredSecret, DeskError> {
        let version = host.db.newest_secret(&self.id, CLIENT_SECRET)? + 1;
        let place = Place {
            workspace: &self.id,
            name: CLIENT_SECRET,
            version,
        };
        let value = secret::value(secret.expose_secret())
            .map_err(|flaw| DeskError::NotNow(flaw.to_string()))?;
        let sealed = sealer
            .seal(place, &SecretString::from(value))
            .map_err(|error| DeskError::NotNow(error.to_string()))?;
        Ok(StoredSecret {
            sealed,
            version,
            set_at_ms: host.now_ms(),
            expires_at_ms,
        })
    }
}

/// Whether a form names the directory that the settings name. A domain and an id are two directories until
/// somebody has looked.
fn is_same_directory(settings: &Settings, form: &ConnectForm) -> bool {
    settings.tenant().eq_ignore_ascii_case(&form.tenant) && settings.cloud() == form.cloud
}

fn sealer(host: &Host) -> Result<Sealer, DeskError> {
    host.sealer()
        .map_err(|error| DeskError::NotNow(error.to_string()))
}

fn check(form: &ConnectForm, has_secret: bool) -> (Vec<ProblemShape>, Option<i64>) {
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
    } else if secret.len() > LONGEST_SECRET {
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

/// What Microsoft shows of a secret is the day on which it expires, so that is what is kept and told: a day,
/// the same for everybody who looks. It counts as expired when that day is over where the workspace is.
fn secret_view(secret: &StoredSecret, now_ms: i64, time_zone: &str) -> SecretView {
    let age_days = now_ms.saturating_sub(secret.set_at_ms) / DAY_MS;
    let soon = now_ms.saturating_add(EXPIRES_SOON_DAYS * DAY_MS);
    let ends = secret.expires_at_ms.map(|at| end_of_day(at, time_zone));
    SecretView {
        set_at: moment(secret.set_at_ms.unsigned_abs()),
        age_days: u64::try_from(age_days).unwrap_or(0),
        expires_at: secret.expires_at_ms.map(|at| moment(at.unsigned_abs())),
        expires_soon: secret.expires_at_ms.is_some_and(|at| at < soon),
        expired: ends.is_some_and(|ends| ends <= now_ms),
    }
}

/// When a day, which is kept as its first moment in UTC, is over in a time zone.
fn end_of_day(first_ms: i64, time_zone: &str) -> i64 {
    let end = || {
        let first = Timestamp::from_millisecond(first_ms).ok()?;
        let next = first.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        Some(next.to_zoned(zone).ok()?.timestamp().as_millisecond())
    };
    end().unwrap_or_else(|| first_ms.saturating_add(DAY_MS))
}

fn permissions(host: &Host) -> Vec<Choice> {
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
    host.description
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

    #[test]
    fn a_secret_that_expires_within_a_month_is_told() {
        let at = |days: i64| StoredSecret {
            sealed: Vec::new(),
            version: 1,
            set_at_ms: 0,
            expires_at_ms: Some(days * DAY_MS),
        };
        let seen = |days: i64, now_ms: i64, zone: &str| secret_view(&at(days), now_ms, zone);
        assert!(seen(40, 12 * DAY_MS, "UTC").expires_soon);
        assert!(!seen(40, 12 * DAY_MS, "UTC").expired);
        assert!(!seen(60, 12 * DAY_MS, "UTC").expires_soon);
        assert_eq!(seen(60, 12 * DAY_MS, "UTC").age_days, 12);
    }

    #[test]
    fn a_secret_has_expired_when_its_day_is_over_where_the_workspace_is() {
        let secret = StoredSecret {
            sealed: Vec::new(),
            version: 1,
            set_at_ms: 0,
            expires_at_ms: Some(40 * DAY_MS),
        };
        let hour = DAY_MS / 24;
        for (zone, hours_after_utc) in [
            ("UTC", 0),
            ("Pacific/Honolulu", 10),
            ("Asia/Tokyo", -9),
            ("No/Such", 0),
        ] {
            let end = 41 * DAY_MS + hours_after_utc * hour;
            assert!(!secret_view(&secret, end - 1, zone).expired, "{zone}");
            assert!(secret_view(&secret, end, zone).expired, "{zone}");
        }
    }
}
