//! What whoever operates the server does with it, beside what its pages offer: make workspaces, let people
//! in, change keys, read the audit log.

use std::sync::Arc;
use std::time::Duration;

use api_types::views::Role;
use local_files::NotHeld;
use schedule::{Schedule, Tier};
use server_db::{
    AuditEvent, Head, Invitation, NewWorkspace, Records, RecordsError, ResealError, Revoked,
    ServerDb, Verified, WorkspaceState, is_workspace_id,
};
use vault::{KeyRing, Sealed, SecretScope};

use crate::error::ServerError;
use crate::options::{KeySource, ServerOptions};
use crate::public_url::public_url;
use crate::secret_keys::{first_keys, hold_keys};
use crate::settings::Settings;
use crate::token;

/// How long a sign-in link works.
const LINK: Duration = Duration::from_secs(24 * 60 * 60);

/// Where a server is found when nobody says otherwise.
const USUAL_URL: &str = "http://127.0.0.1:8484";

/// Whoever acts in the audit log and is no person.
const NO_PERSON: [&str; 5] = ["scheduler", "server", "connector", "operator", "directory"];

/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 100;

/// The operator of a server, running or not.
pub struct Operator<'a> {
    db: Arc<dyn Records>,
    options: &'a ServerOptions,
}

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The address that lets one person in, once.
    pub link: String,
    /// For how long it works.
    pub good_for: Duration,
    /// No server ran here yet, and nobody said where one will be found: the link leads to the usual place.
    pub is_guess: bool,
}

/// One workspace, at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `setting-up`, `connected` or `disconnected`.
    pub state: &'static str,
    /// When it is due next. Milliseconds since 1970-01-01T00:00:00Z.
    pub next_run_ms: Option<i64>,
}

/// An entry of the audit log as it is exported.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditLine {
    /// Counts up without gaps.
    pub number: i64,
    /// RFC 3339.
    pub at: String,
    /// The workspace's id; `None`: the server as a whole.
    pub workspace: Option<String>,
    /// Who did it: a person's name, or `scheduler`, `server`, `connector`, `operator`.
    pub who: String,
    /// What was done: stable, in kebab case, such as `settings-saved`.
    pub action: String,
    /// What it was done to, where that is not plain: a run, a digest, the name of a secret.
    pub subject: Option<String>,
}

impl<'a> Operator<'a> {
    pub(super) fn new(db: Arc<dyn Records>, options: &'a ServerOptions) -> Self {
        Self { db, options }
    }

    /// Opens the records of a server, which may run meanwhile. A directory that was misspelt is not made.
    ///
    /// # Errors
    ///
    /// Where there are none, or they cannot be opened.
    pub fn open_existing(options: &'a ServerOptions) -> Result<Self, ServerError> {
        Ok(Self {
            db: Arc::new(ServerDb::open_existing(&options.data)?),
            options,
        })
    }

    /// Opens the records of a server, which may run meanwhile; makes them where there are none yet.
    ///
    /// # Errors
    ///
    /// Where they cannot be opened.
    pub fn open(options: &'a ServerOptions) -> Result<Self, ServerError> {
        Ok(Self {
            db: Arc::new(ServerDb::open(&options.data)?),
            options,
        })
    }

    fn event<'t>(&self, action: &'t str, subject: Option<&'t str>) -> AuditEvent<'t> {
        let now = self.options.clock.since_epoch().as_millis();
        AuditEvent {
            at_ms: i64::try_from(now).unwrap_or(i64::MAX),
            who: "operator",
            action,
            subject,
        }
    }

    /// Makes a workspace; `false` where one has that id already.
    ///
    /// # Errors
    ///
    /// Where the id or the time zone cannot be, or the records cannot be written.
    pub fn add_workspace(
        &self,
        id: &str,
        name: &str,
        tier: Tier,
        time_zone: &str,
        preset: &str,
    ) -> Result<bool, ServerError> {
        if !is_workspace_id(id) {
            return Err(ServerError::WrongUsage(format!(
                "`{id}` cannot be the id of a workspace: write lower-case letters, digits and hyphens, at \
                 most 63, beginning with a letter or digit"
            )));
        }
        // An interval is valid in every zone that there is.
        Schedule::parse("every 1 h", time_zone)
            .map_err(|error| ServerError::WrongUsage(error.to_string()))?;
        let workspace = NewWorkspace {
            id: id.to_owned(),
            name: name.to_owned(),
            tier,
            settings: Settings::new(preset).text(),
            time_zone: time_zone.to_owned(),
        };
        Ok(self
            .db
            .add_workspace(&workspace, self.event("workspace-made", None))?)
    }

    /// The workspaces that there are, in order of their id.
    ///
    /// # Errors
    ///
    /// Where the records cannot be read.
    pub fn workspaces(&self) -> Result<Vec<WorkspaceSummary>, ServerError> {
        let mut summaries = Vec::new();
        for id in self.db.workspace_ids()? {
            if let Some(record) = self.db.workspace(&id)? {
                summaries.push(WorkspaceSummary {
                    id: record.id,
                    name: record.name,
                    state: match record.state {
                        WorkspaceState::SettingUp => "setting-up",
                        WorkspaceState::Connected => "connected",
                        WorkspaceState::Disconnecting | WorkspaceState::Disconnected => {
                            "disconnected"
                        }
                    },
                    next_run_ms: record.next_run_ms,
                });
            }
        }
        Ok(summaries)
    }

    /// Makes a link that lets somebody in, once.
    ///
    /// # Errors
    ///
    /// Where there is no such workspace, the name cannot be a person's in the audit log, or the records
    /// cannot be written.
    pub fn invite(&self, workspace: &str, who: &str, role: Role) -> Result<Invited, ServerError> {
        let who = name_of_person(who)?;
        self.existing(workspace)?;
        let known = match self.options.public_url.as_str() {
            "" => self.db.public_url()?,
            given => Some(public_url(given)?),
        };
        let is_guess = known.is_none();
        let url = known.unwrap_or_else(|| USUAL_URL.to_owned());
        let code = token::new().map_err(|error| ServerError::Seal(error.to_string()))?;
        let event = self.event("invited", Some(who));
        let lifetime_ms = i64::try_from(LINK.as_millis()).unwrap_or(i64::MAX);
        let invitation = Invitation {
            workspace: workspace.to_owned(),
            who: who.to_owned(),
            role,
            expires_at_ms: event.at_ms.saturating_add(lifetime_ms),
        };
        self.db.invite(&token::hash(&code), &invitation, event)?;
        Ok(Invited {
            link: format!("{url}/sign-in?code={code}"),
            good_for: LINK,
            is_guess,
        })
    }

    /// Puts a new key into the key file, seals every secret with it, and drops the former keys; how many
    /// secrets there were. Each step leaves everything readable, so that it can be repeated where it was
    /// cut off.
    ///
    /// # Errors
    ///
    /// Where the keys are not in a file, somebody else changes them at the moment, or a secret does not
    /// open.
    pub fn rotate_keys(&self) -> Result<u64, ServerError> {
        let KeySource::File(path) = &self.options.keys else {
            return Err(ServerError::WrongUsage(
                "the keys come from the environment, so they are changed there: put a new line in front, \
                 restart the server, and seal the secrets anew by setting them again"
                    .to_owned(),
            ));
        };
        let _held = hold_keys(&self.options.data).map_err(|error| {
            let advice = match &error {
                NotHeld::Other { .. } => {
                    "; somebody else changes the keys at the moment, try again"
                }
                NotHeld::Failed { .. } => "",
            };
            ServerError::Seal(format!("{error}{advice}"))
        })?;
        let keys = first_keys(&self.options.keys, &*self.db)?;
        let rotated = keys
            .rotated()
            .map_err(|error| ServerError::Seal(error.to_string()))?;
        rotated.save(path)?;
        let event = self.event("secrets-sealed-anew", None);
        let sealed = self
            .db
            .reseal(event, &mut |place, sealed| reseal(&rotated, place, sealed))
            .map_err(|error| match error {
                ResealError::Unopened(why) => ServerError::Seal(why),
                ResealError::Database(error) => error.into(),
            })?;
        rotated.without_former().save(path)?;
        Ok(sealed)
    }

    /// Hands over every entry of the audit log, oldest first.
    ///
    /// # Errors
    ///
    /// Where the records cannot be read, or `take` has had enough.
    pub fn audit<E: From<RecordsError>>(
        &self,
        mut take: impl FnMut(AuditLine) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = 0;
        loop {
            let page = self.db.audit(after, 500)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.number;
            for entry in page {
                take(AuditLine {
                    number: entry.number,
                    at: api_types::shapes::moment(entry.at_ms.unsigned_abs()),
                    workspace: entry.workspace,
                    who: entry.who,
                    action: entry.action,
                    subject: entry.subject,
                })?;
            }
        }
    }

    /// Checks that the audit log is as it was written, and that it has the entry that was noted elsewhere as
    /// its newest at some time.
    ///
    /// # Errors
    ///
    /// [`ServerError::Tampered`] where it was altered; or where it cannot be read.
    pub fn verify_audit(&self, expected: Option<&Head>) -> Result<Verified, ServerError> {
        Ok(self.db.verify_audit(expected)??)
    }

    /// Ends the sessions of a workspace, and the links that would begin one, of everybody or of the person
    /// with this name; how many of each there were.
    ///
    /// # Errors
    ///
    /// Where there is no such workspace, or the records cannot be written.
    pub fn revoke(&self, workspace: &str, who: Option<&str>) -> Result<Revoked, ServerError> {
        self.existing(workspace)?;
        let event = self.event("access-revoked", who.or(Some("everybody")));
        Ok(self.db.revoke(workspace, who, event)?)
    }

    fn existing(&self, workspace: &str) -> Result<(), ServerError> {
        if self.db.workspace(workspace)?.is_some() {
            return Ok(());
        }
        Err(ServerError::WrongUsage(format!(
            "there is no workspace `{workspace}`; `workspaces` lists those there are"
        )))
    }
}

/// The name as the audit log has it.
fn name_of_person(who: &str) -> Result<&str, ServerError> {
    let who = who.trim();
    let refused = |why: &str| Err(ServerError::WrongUsage(format!("`{who}` {why}")));
    if who.is_empty() {
        return refused("is no name; say what the person is called in the audit log");
    }
    if who.chars().count() > LONGEST_NAME || who.chars().any(char::is_control) {
        return refused("cannot be a name: it is one line of at most 100 characters");
    }
    if NO_PERSON
        .iter()
        .any(|other| who.eq_ignore_ascii_case(other))
    {
        return refused("cannot be a person: the audit log calls something else so");
    }
    Ok(who)
}

fn reseal(keys: &KeyRing, place: SecretScope<'_>, sealed: &[u8]) -> Result<Vec<u8>, String> {
    let refused = |error: &dyn std::fmt::Display| {
        let SecretScope {
            workspace, name, ..
        } = place;
        format!("`{name}` of workspace `{workspace}`: {error}")
    };
    let sealed = Sealed::from_bytes(sealed).map_err(|error| refused(&error))?;
    let anew = keys
        .reseal(place, &sealed)
        .map_err(|error| refused(&error))?;
    Ok(anew.to_bytes())
}
