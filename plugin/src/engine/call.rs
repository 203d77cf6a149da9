//! What every entry point begins with: the store described, the document read, the connection there.

use std::time::Duration;

use thiserror::Error;

use crate::config::settings::Settings;
use crate::config::{self, Problem};
use crate::contact::ObjectIdError;
use crate::ports::{Ports, State, StoreDescription};
use crate::settings::Connection;

use super::format;
use super::halt::Halt;
use super::tenant::{self, source};

/// Why a call did nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// All problems of the document at once.
    #[error("the configuration has {} problems", .0.len())]
    InvalidConfiguration(Vec<Problem>),
    /// The plan that was approved is not the one that the host keeps, or of another configuration.
    #[error(
        "the host keeps no plan with this digest under this configuration; plan again, and approve that"
    )]
    UnknownPlan,
    /// What was given as somebody's id is none.
    #[error("{0}")]
    InvalidUser(#[from] ObjectIdError),
    /// Between two slices of a sync nothing else may write.
    #[error("a sync is between two slices; let it come to its end first, by running `sync` again")]
    RoundOpen,
    /// The directory, the store or the host.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// The journal holds nothing of the run.
    #[error(
        "there is nothing to take back of the run {run}: there is no such run, it changed nothing, or \
         the journal of the contact store does not reach that far back"
    )]
    NothingToUndo {
        /// The run.
        run: String,
    },
}

/// A document that has been read against the store.
pub(crate) struct Prepared {
    pub(crate) settings: Settings,
    pub(crate) store: StoreDescription,
}

/// Reads the document against the store, and makes sure that the saved state can be read.
pub(crate) fn prepare(ports: Ports<'_>, document: &str) -> Result<Prepared, CallError> {
    format::check(ports.state)?;
    let store = ports.store.describe().map_err(Halt::from)?;
    let settings = config::read(document, &store).map_err(CallError::InvalidConfiguration)?;
    Ok(Prepared { settings, store })
}

impl Prepared {
    /// The connection, for a call that reaches out: where the document names servers of its own, only with
    /// the host's consent, because that is where the secret is sent.
    pub(crate) fn way_out(&self, ports: Ports<'_>) -> Result<&Connection, CallError> {
        let connection = self.connection()?;
        let refused: Vec<_> = connection
            .own_roots()
            .filter(|(_, root)| !ports.consent.endpoint(root))
            .map(|(pointer, _)| Problem {
                pointer: pointer.to_owned(),
                message: "this host does not let the connector sign in or read anywhere else than at \
                          Microsoft; leave `endpoints` out, or ask whoever runs the host to allow it"
                    .to_owned(),
            })
            .collect();
        if refused.is_empty() {
            Ok(connection)
        } else {
            Err(CallError::InvalidConfiguration(refused))
        }
    }

    /// The connection, which everything but the mere check of a document needs.
    pub(crate) fn connection(&self) -> Result<&Connection, CallError> {
        self.settings.connection.as_ref().ok_or_else(|| {
            CallError::InvalidConfiguration(vec![Problem {
                pointer: String::new(),
                message:
                    "the document says nothing of a directory; add \"tenant\": {\"id\": …} and \
                          \"credentials\": {\"clientId\": …, \"secret\": …}"
                        .to_owned(),
            }])
        })
    }
}

/// The namespace of the object ids, as far as it is known without asking the directory. Nothing can be
/// linked yet to a tenant that is named by a domain and was never asked for its id.
pub(crate) fn known_source(state: &dyn State, connection: &Connection) -> Result<String, Halt> {
    known_source_of(state, &connection.tenant)
}

/// The same, for a tenant as a configuration names it.
pub(super) fn known_source_of(state: &dyn State, configured: &str) -> Result<String, Halt> {
    let tenant = tenant::known(state, configured)?;
    Ok(source(
        tenant.as_ref().map_or(configured, |tenant| tenant.as_str()),
    ))
}

/// How long one call may wait for a directory that asks for patience, where the host sets no bound.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contact::ObjectId;
    use crate::engine::memory::Memory;
    use crate::engine::{connection_test, plan, retry, sync};
    use crate::run::RunMode;

    /// The memory's way out panics where it is used at all.
    #[test]
    fn without_the_hosts_consent_no_secret_goes_to_a_server_that_the_document_names() {
        let document = json!({
            "tenant": { "id": "11112222-bbbb-3333-cccc-4444dddd5555" },
            "credentials": { "clientId": "00001111-aaaa-2222-bbbb-3333cccc4444", "secret": "s" },
            "endpoints": { "login": "https://login.example", "graph": "https://graph.example" },
            "sync": { "preset": "mirror" },
        })
        .to_string();
        let memory = Memory::default();
        memory.keeps_to_microsoft.set(true);
        let ports = memory.ports();
        let user = ObjectId::new("00000000-0000-4000-8000-000000000001");
        let request = sync::SyncRequest {
            mode: RunMode::Full,
            trigger: "test".to_owned(),
            max_pages: None,
            max_time: None,
            approval: None,
        };
        for refused in [
            connection_test::configure(ports, &document).err(),
            plan::plan(ports, &document, RunMode::Full).err(),
            sync::sync(ports, &document, &request).err(),
            retry::retry(ports, &document, &user).err(),
        ] {
            let Some(CallError::InvalidConfiguration(problems)) = refused else {
                panic!("{refused:?}")
            };
            let pointers: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
            assert_eq!(pointers, ["/endpoints/login", "/endpoints/graph"]);
        }
        assert!(memory.state.borrow().is_empty(), "and no run was begun");
    }
}
