//! `configure`: is the document right, and does the connection work?
//!
//! Each step says in words what it found and what to do. A step that cannot work because an earlier
//! one failed is not tried, so that the first thing to mend stands first.

use entra_directory::connection::{Connection, Credential};
use entra_directory::graph::client::Client;
use entra_directory::graph::error::GraphError;
use entra_directory::graph::tenant::TenantId;
use entra_directory::tenant;
use entra_users::mapping::catalogue;
use entra_users::mapping::sample;
use entra_users::permission::{self, Guarded};
use entra_users::user::Selection;
use guest_kit::retry::Budget;
use guest_kit::{NoTokens, Outside, Phase, Progress};
use sync_core::engine::call::CallError;
use sync_core::engine::run_abort::RunAbort;
use sync_core::mapping::rows::Row;
use sync_core::ports::{DirectoryError, DirectoryErrorKind, State};

use crate::config::in_force;
use crate::config::settings::Settings;
use crate::describe::{Endpoint, hosts_of};
use crate::imports::Imports;
use crate::prepared::prepare;

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// As it should be.
    Passed,
    /// Works, with less than it could.
    Warning,
    /// Does not work.
    Failed,
    /// Not tried.
    NotTried,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `token`, `organization`, `users`, `deleted-items` or `permissions`.
    pub name: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What was found.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
    /// The failure's code.
    pub code: Option<String>,
}

/// What `configure` found.
#[derive(Clone, Debug)]
pub struct ConfigurationReport {
    /// Every check passed or warned.
    pub ready: bool,
    /// The tenant's display name.
    pub tenant_name: Option<String>,
    /// The tenant's id.
    pub tenant_id: Option<String>,
    /// In the order in which they were made.
    pub checks: Vec<Check>,
    /// The mapping in force.
    pub mappings: Vec<Row>,
    /// See [`Settings::fingerprint`].
    pub fingerprint: String,
    /// As the document says.
    pub schedule: Option<String>,
    /// What is allowed, but perhaps not meant.
    pub warnings: Vec<String>,
    /// See [`in_force`].
    pub in_force: String,
    /// A value of each attribute that somebody has one of, where users could be read.
    pub samples: Vec<(&'static str, String)>,
    /// What the document needs to reach; empty where it names no tenant.
    pub hosts: Vec<Endpoint>,
}

const STEPS: [&str; 5] = [
    "token",
    "organization",
    "users",
    "deleted-items",
    "permissions",
];

/// Checks the document, then the connection. Writes nothing.
///
/// # Errors
///
/// Where the document has problems, or the store cannot be described.
pub fn configure(imports: Imports<'_>, document: &str) -> Result<ConfigurationReport, CallError> {
    let mut prepared = prepare(imports, document)?;
    let ending = prepared.credential_warnings(imports);
    prepared.settings.warnings.extend(ending);
    let mut test = ConnectionTest::default();
    match &prepared.settings.connection {
        Some(_) => {
            let connection = prepared.way_out(imports)?;
            imports.control.progress(Progress {
                phase: Phase::Connecting,
                done: 0,
                total: None,
            });
            let selection = prepared.settings.mapping.selection();
            // It is the secret that is tested, so a token of an earlier call proves nothing.
            let outside = Outside {
                tokens: &NoTokens,
                ..imports.outside()
            };
            let client = Client::new(outside, connection, Budget::brief())
                .asking_for(catalogue::guarded(selection));
            test.run(imports.state, connection, &client, selection)?;
        }
        None => test.skip_rest("the document names no tenant and no credentials"),
    }
    Ok(test.into_report(prepared.settings))
}

/// Samples are a help and no test: without them everything works.
fn sampled(
    client: &Client<'_>,
    roles: &[String],
) -> Result<Vec<(&'static str, String)>, GraphError> {
    let everything = sample::everything(roles);
    let body = client.some_users(&everything)?;
    let page = client.page(&body, &everything)?;
    Ok(sample::samples(&page.users, &everything))
}

/// What the token lacks for attributes that need more than to read users, and what to do.
fn lacking(missing: &[&Guarded]) -> (String, String) {
    let each = |word: &dyn Fn(&Guarded) -> String| {
        let mut words: Vec<_> = missing.iter().map(|guarded| word(guarded)).collect();
        words.dedup();
        words.join(" and ")
    };
    let names = each(&|guarded| format!("`{}`", guarded.attribute));
    let permissions = each(&|guarded| guarded.permission.to_owned());
    (
        format!("the token lacks {permissions}, which {names} needs"),
        format!(
            "in the Entra admin centre, under the app's API permissions, add the application permission \
             {permissions} of Microsoft Graph, and grant admin consent; or take {names} out of the configuration"
        ),
    )
}

fn accepted(connection: &Connection) -> String {
    let with = match connection.credential {
        Credential::Secret { .. } => "secret",
        Credential::Certificate { .. } => "certificate",
        Credential::Federated { .. } => "federated token",
    };
    format!("the directory accepts the client id and the {with}")
}

#[derive(Default)]
struct ConnectionTest {
    checks: Vec<Check>,
    tenant_name: Option<String>,
    tenant_id: Option<String>,
    samples: Vec<(&'static str, String)>,
}

impl ConnectionTest {
    fn run(
        &mut self,
        state: &dyn State,
        connection: &Connection,
        client: &Client<'_>,
        selection: &Selection,
    ) -> Result<(), RunAbort> {
        let roles = match client.granted_roles() {
            Ok(roles) => roles,
            Err(error) => {
                self.fail("token", &error.into());
                self.skip_rest("no token was given");
                return Ok(());
            }
        };
        match client.remark() {
            None => self.pass("token", accepted(connection)),
            Some(remark) => self.note("token", CheckStatus::Warning, remark, None),
        }
        match tenant::prove(state, connection, client) {
            Ok(tenant) => self.organization(client, &tenant),
            Err(RunAbort::Directory(error)) if error.kind == DirectoryErrorKind::Unauthorized => {
                self.fail("organization", &error);
                self.skip_rest("it is not the tenant that was connected");
                return Ok(());
            }
            Err(RunAbort::Directory(error)) => self.fail("organization", &error),
            Err(abort) => return Err(abort),
        }
        let reads_users = self.users(client, selection);
        if reads_users {
            self.samples =
                sampled(client, roles.as_deref().unwrap_or_default()).unwrap_or_default();
            self.deleted_items(client);
        } else {
            self.note(
                "deleted-items",
                CheckStatus::NotTried,
                "users cannot be read".to_owned(),
                None,
            );
        }
        let guarded = catalogue::guarded(selection);
        self.permissions(roles.as_deref(), reads_users, &guarded);
        Ok(())
    }

    fn organization(&mut self, client: &Client<'_>, tenant: &TenantId) {
        let organization = client.organization();
        match organization.and_then(|told| tenant::check(tenant, &told).map(|()| told)) {
            Ok(organization) => {
                let name = organization
                    .display_name
                    .clone()
                    .unwrap_or_else(|| organization.id.clone());
                self.pass("organization", format!("connected to {name}"));
                self.tenant_name = organization.display_name;
                self.tenant_id = Some(organization.id);
            }
            Err(error) => self.fail("organization", &error.into()),
        }
    }

    /// Asks for exactly what a sync asks for.
    fn users(&mut self, client: &Client<'_>, selection: &Selection) -> bool {
        match client.probe(selection) {
            Ok(()) => {
                self.pass("users", "users can be read".to_owned());
                true
            }
            Err(error) => {
                self.fail("users", &error.into());
                false
            }
        }
    }

    fn deleted_items(&mut self, client: &Client<'_>) {
        match client.probe_deleted_items() {
            Ok(()) => self.pass("deleted-items", "deleted users can be looked up".to_owned()),
            Err(error) => {
                self.fail("deleted-items", &error.into());
                // Without them nobody is removed after a full sync; everything else works.
                if let Some(check) = self.checks.last_mut() {
                    check.status = CheckStatus::Warning;
                }
            }
        }
    }

    /// What the token says, beside what was tried: the token's roles are for display, the probes decide.
    fn permissions(&mut self, roles: Option<&[String]>, reads_users: bool, guarded: &[Guarded]) {
        let advice = || {
            Some(
                "in the Entra admin centre, under the app's API permissions, add the application permission \
                 User.Read.All of Microsoft Graph, and grant admin consent"
                    .to_owned(),
            )
        };
        let missing: Vec<_> = guarded
            .iter()
            .filter(|guarded| roles.is_some_and(|roles| !guarded.is_granted(roles)))
            .collect();
        match roles {
            Some(roles) if permission::reads_users(roles) && !missing.is_empty() => {
                let status = match reads_users {
                    true => CheckStatus::Warning,
                    false => CheckStatus::Failed,
                };
                let (message, advice) = lacking(&missing);
                self.note("permissions", status, message, Some(advice));
            }
            Some(roles) if permission::reads_users(roles) => {
                self.pass(
                    "permissions",
                    format!("the token carries {}", roles.join(", ")),
                );
            }
            Some([]) if !reads_users => {
                let message = "the token carries no permission: consent is missing".to_owned();
                self.note("permissions", CheckStatus::Failed, message, advice());
            }
            Some(roles) if !reads_users => {
                let message = format!(
                    "the token carries {}, but nothing that reads users",
                    roles.join(", ")
                );
                self.note("permissions", CheckStatus::Failed, message, advice());
            }
            _ if reads_users => {
                self.pass(
                    "permissions",
                    "users can be read, so the permissions suffice".to_owned(),
                );
            }
            _ => self.note(
                "permissions",
                CheckStatus::Failed,
                "the token does not say which permissions it carries".to_owned(),
                advice(),
            ),
        }
    }

    fn pass(&mut self, name: &'static str, message: String) {
        self.note(name, CheckStatus::Passed, message, None);
    }

    fn fail(&mut self, name: &'static str, error: &DirectoryError) {
        self.checks.push(Check {
            name,
            status: CheckStatus::Failed,
            message: error.to_string(),
            advice: Some(error.advice().to_owned()),
            code: Some(error.code().to_owned()),
        });
    }

    fn note(
        &mut self,
        name: &'static str,
        status: CheckStatus,
        message: String,
        advice: Option<String>,
    ) {
        self.checks.push(Check {
            name,
            status,
            message,
            advice,
            code: None,
        });
    }

    fn skip_rest(&mut self, why: &str) {
        let done = self.checks.len();
        for name in STEPS.into_iter().skip(done) {
            self.note(
                name,
                CheckStatus::NotTried,
                format!("not tried: {why}"),
                None,
            );
        }
    }

    fn into_report(self, mut settings: Settings) -> ConfigurationReport {
        if settings.connection.is_none() {
            let guarded = catalogue::guarded(settings.mapping.selection());
            let sentence = |guarded: &Guarded| {
                format!(
                    "`{}` needs the application permission {} beside the one that reads users.",
                    guarded.attribute, guarded.permission
                )
            };
            settings.warnings.extend(guarded.iter().map(sentence));
        }
        let works =
            |check: &Check| matches!(check.status, CheckStatus::Passed | CheckStatus::Warning);
        ConfigurationReport {
            ready: self.checks.iter().all(works),
            tenant_name: self.tenant_name,
            tenant_id: self.tenant_id,
            checks: self.checks,
            in_force: in_force(&settings),
            samples: self.samples,
            hosts: settings
                .connection
                .as_ref()
                .map(hosts_of)
                .unwrap_or_default(),
            mappings: settings.mapping.rows,
            fingerprint: settings.fingerprint,
            schedule: settings.schedule,
            warnings: settings.warnings,
        }
    }
}
