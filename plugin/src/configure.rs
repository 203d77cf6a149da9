//! `configure`: is the document right, and does the connection work?

use entra_directory::graph::client::Client;
use entra_users::mapping::catalogue;
use guest_kit::retry::Budget;
use guest_kit::{NoTokens, Outside, Phase, Progress};
use sync_core::engine::call::CallError;
use sync_core::mapping::rows::Row;

use crate::config::in_force;
pub use crate::connection_test::{Check, CheckStatus};
use crate::connection_test::{ConnectionTest, Need, needs_of};
use crate::describe::{Endpoint, hosts_of};
use crate::imports::Imports;
use crate::prepared::prepare;

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
    /// See [`Settings::fingerprint`](crate::config::settings::Settings::fingerprint).
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

/// Checks the document, then the connection. Writes nothing.
///
/// # Errors
///
/// Where the document has problems, or the store cannot be described.
pub fn configure(imports: Imports<'_>, document: &str) -> Result<ConfigurationReport, CallError> {
    let prepared = prepare(imports, document)?;
    let ending = prepared.credential_warnings(imports);
    let settings = &prepared.settings;
    let mut test = ConnectionTest::of(settings);
    match &settings.connection {
        Some(_) => {
            let connection = prepared.way_out(imports)?;
            let progress = Progress::new(Phase::Connecting, 0, None);
            imports.control.progress(progress);
            // It is the secret that is tested, so a token of an earlier call proves nothing.
            let outside = Outside {
                tokens: &NoTokens,
                ..imports.outside()
            };
            let client = Client::new(outside, connection, Budget::brief())
                .asking_for(catalogue::guarded(settings.mapping.selection()));
            test.run(imports.state, connection, &client)?;
        }
        None => test.skip_rest("the document names no tenant and no credentials"),
    }
    let ConnectionTest {
        checks,
        tenant_name,
        tenant_id,
        samples,
        ..
    } = test;
    let mut settings = prepared.settings;
    settings.warnings.extend(ending);
    if settings.connection.is_none() {
        let sentence = |need: Need| {
            format!(
                "`{}` needs the application permission {} beside the one that reads users.",
                need.word(),
                need.permission()
            )
        };
        let needs = needs_of(&settings).into_iter();
        settings.warnings.extend(needs.map(sentence));
    }
    let works = |check: &Check| matches!(check.status, CheckStatus::Passed | CheckStatus::Warning);
    Ok(ConfigurationReport {
        ready: checks.iter().all(works),
        tenant_name,
        tenant_id,
        checks,
        in_force: in_force(&settings),
        samples,
        hosts: settings
            .connection
            .as_ref()
            .map(hosts_of)
            .unwrap_or_default(),
        mappings: settings.mapping.rows,
        fingerprint: settings.fingerprint,
        schedule: settings.schedule,
        warnings: settings.warnings,
    })
}
