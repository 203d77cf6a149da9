//! Where the contacts are kept: here, or by a service that a destination works with.

use api_types::shapes::{ProblemShape, moment};
use api_types::views::{CaveatView, DestinationSecretView, DestinationView, ServerView, SetupStep};
use configuration_document::secret;
use connector_contract::Problem;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use server_db::{NewSettings, SecretChange, WorkspaceRecord, WorkspaceState};

use super::save_connection::{sealed, sealer};
use super::tested::Tested;
use crate::services::context::WorkspaceContext;
use crate::services::destination::described;
use crate::services::document::document;
use crate::services::error::ServiceError;
use crate::settings::{DESTINATION_SECRET, Settings};

/// Where the document has the settings of a destination.
const TARGET: &str = "/sync/target";

/// What is to be saved.
#[derive(Clone, Debug, Default)]
pub(crate) struct DestinationForm {
    pub(crate) version: i64,
    /// The object at `/sync/target`; none: the contacts are kept here.
    pub(crate) settings: Option<Value>,
    /// Empty: the one that is set stays.
    pub(crate) secret: SecretString,
}

/// What became of a form.
pub(crate) enum SavedDestination {
    Yes,
    /// Nothing was saved: what is wrong, at `settings` and `secret`.
    No(Vec<ProblemShape>),
}

/// Where the contacts are kept, as the settings are that a person edits.
pub(crate) async fn destination_view(
    ws: &WorkspaceContext,
) -> Result<DestinationView, ServiceError> {
    let record = ws.record()?;
    let settings = Settings::read(record.edited())?;
    let told = described(ws, &document(&ws.app, record.edited())).await;
    let (described, problems) = match told {
        Ok(Ok(described)) => (described, Vec::new()),
        Ok(Err(problems)) => (None, problems.into_iter().map(at_settings).collect()),
        Err(error) => (None, vec![at("settings", error.to_string())]),
    };
    let label = described.as_ref().map(|described| described.label.clone());
    let (servers, caveats) = described.map_or_else(Default::default, |described| {
        let server = |server: connector_contract::TargetServer| ServerView {
            root: server.root,
            why: server.why,
        };
        let caveat = |caveat: connector_contract::Caveat| CaveatView {
            code: caveat.code,
            meaning: caveat.meaning,
        };
        (
            described.servers.into_iter().map(server).collect(),
            described.caveats.into_iter().map(caveat).collect(),
        )
    });
    let secret = ws.app.db.secret(&ws.id, DESTINATION_SECRET)?;
    let names = ws.app.destinations.names();
    let chosen = settings.destination();
    Ok(DestinationView {
        version: record.version.to_string(),
        setting_up: record.state != WorkspaceState::Connected,
        text: chosen.as_ref().map_or_else(String::new, |chosen| {
            serde_json::to_string_pretty(chosen).unwrap_or_default()
        }),
        settings: chosen,
        secret: secret.map(|secret| DestinationSecretView {
            set_at: moment(secret.set_at_ms.unsigned_abs()),
        }),
        destinations: names.into_iter().map(str::to_owned).collect(),
        label,
        servers,
        caveats,
        problems,
    })
}

/// Saves where the contacts are kept. With another destination, or with other settings of it, they are other
/// contacts: as with another directory, nothing is synced before somebody has approved a plan.
pub(crate) async fn save_destination(
    ws: &WorkspaceContext,
    form: &DestinationForm,
    who: &str,
) -> Result<SavedDestination, ServiceError> {
    let record = ws.record()?;
    let before = Settings::read(record.edited())?.destination();
    let chosen = match &form.settings {
        None => None,
        Some(Value::Object(settings)) => {
            let mut settings = settings.clone();
            // The vault has it under this name, whatever it is called elsewhere.
            settings.insert("secret".to_owned(), json!(DESTINATION_SECRET));
            Some(Value::Object(settings))
        }
        Some(_) => {
            let words =
                "Write an object, such as {\"name\": …}, or nothing to keep the contacts here.";
            return Ok(SavedDestination::No(vec![at("settings", words.to_owned())]));
        }
    };
    let is_held = ws.app.db.secret(&ws.id, DESTINATION_SECRET)?.is_some();
    let mut problems = problems_of_secret(form, chosen.is_some(), is_held);
    let settings = settings_with(&record, chosen.clone(), before != chosen)?;
    match described(ws, &document(&ws.app, &settings)).await {
        Ok(Ok(_)) => {}
        Ok(Err(found)) => problems.extend(found.into_iter().map(at_settings)),
        Err(error @ ServiceError::NotNow(_)) => problems.push(at("settings", error.to_string())),
        Err(error) => return Err(error),
    }
    if !problems.is_empty() {
        return Ok(SavedDestination::No(problems));
    }
    store(ws, &record, form, &settings, (before, chosen), who)?;
    ws.task.changed();
    Ok(SavedDestination::Yes)
}

/// The document with this destination: of the settings in force where it stays the same one.
fn settings_with(
    record: &WorkspaceRecord,
    chosen: Option<Value>,
    is_another: bool,
) -> Result<String, ServiceError> {
    let settings = match is_another && record.state == WorkspaceState::Connected {
        true => record.edited(),
        false => &record.settings,
    };
    Ok(Settings::read(settings)?.with_destination(chosen).text())
}

fn store(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    form: &DestinationForm,
    settings: &str,
    (before, chosen): (Option<Value>, Option<Value>),
    who: &str,
) -> Result<(), ServiceError> {
    let anew = record.state == WorkspaceState::Connected && before != chosen;
    let waiting = record.proposal.as_ref().filter(|_| !anew);
    let waiting = waiting.map(|proposal| {
        let settings = Settings::read(&proposal.settings)?;
        Ok::<_, ServiceError>(settings.with_destination(chosen.clone()).text())
    });
    let waiting = waiting.transpose()?;
    let is_new = !form.secret.expose_secret().is_empty();
    // Held until what it sealed is stored.
    let sealer = is_new.then(|| sealer(ws)).transpose()?;
    let mut changes = Vec::new();
    if let Some(sealer) = &sealer {
        let value = secret::of_a_service(form.secret.expose_secret())
            .map_err(|flaw| ServiceError::NotNow(flaw.to_string()))?;
        let value = SecretString::from(value);
        let sealed = sealed(ws, sealer, DESTINATION_SECRET, &value, None)?;
        changes.push((DESTINATION_SECRET, SecretChange::Set(sealed)));
    } else if chosen.is_none() {
        changes.push((DESTINATION_SECRET, SecretChange::Forget));
    }
    let untested = Tested::of(record).of_another_connection().text();
    ws.app.db.save_with_secrets(
        &ws.id,
        &NewSettings {
            version: form.version,
            settings,
            time_zone: &record.time_zone,
            step: record.step.max(SetupStep::Connect),
            in_force: None,
            tested: Some(&untested),
            anew,
            proposal: waiting.as_deref(),
        },
        &changes,
        ws.app.event(who, "destination-saved", None),
    )?;
    Ok(())
}

fn problems_of_secret(form: &DestinationForm, is_chosen: bool, is_held: bool) -> Vec<ProblemShape> {
    let given = form.secret.expose_secret();
    let words = match (is_chosen, given.is_empty()) {
        (false, false) => "A secret is of use only where a service keeps the contacts.".to_owned(),
        (true, true) if !is_held => "Write the secret with which the service is used.".to_owned(),
        (true, false) => match secret::of_a_service(given) {
            Ok(_) => return Vec::new(),
            Err(flaw) => format!("This cannot be a secret: {flaw}."),
        },
        _ => return Vec::new(),
    };
    vec![at("secret", words)]
}

fn at(pointer: &str, message: String) -> ProblemShape {
    ProblemShape {
        pointer: pointer.to_owned(),
        message,
    }
}

/// A problem of the destination's settings, which stand in one input: with the member that it is about.
fn at_settings(problem: Problem) -> ProblemShape {
    let member = problem.pointer.strip_prefix(TARGET).unwrap_or_default();
    let member = member.trim_start_matches('/');
    let message = match member {
        "" => problem.message,
        member => format!("{member}: {}", problem.message),
    };
    at("settings", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_member_that_it_is_about() {
        let problem = |pointer: &str| {
            let problem = at_settings(Problem {
                pointer: pointer.to_owned(),
                message: "Write it.".to_owned(),
            });
            (problem.pointer, problem.message)
        };
        let told = |message: &str| ("settings".to_owned(), message.to_owned());
        assert_eq!(problem("/sync/target/region"), told("region: Write it."));
        assert_eq!(problem("/sync/target"), told("Write it."));
    }

    #[test]
    fn a_secret_is_needed_once_and_only_where_a_service_keeps_the_contacts() {
        let told = |secret: &str, is_chosen, is_held| {
            let form = DestinationForm {
                secret: SecretString::from(secret),
                ..DestinationForm::default()
            };
            problems_of_secret(&form, is_chosen, is_held).len()
        };
        assert_eq!(told("", true, false), 1);
        assert_eq!(told("", true, true), 0);
        assert_eq!(told("value", true, false), 0);
        assert_eq!(told("two\nlines", true, true), 1);
        assert_eq!(told("value", false, false), 1);
        assert_eq!(told("", false, true), 0);
    }
}
