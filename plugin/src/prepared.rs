//! What every call begins with: the store described, the document read, the connection there.

use std::time::Duration;

use entra_directory::connection::Connection;
use entra_directory::credential_expiry;
use entra_directory::directory::{Reading, Tenant};
use entra_directory::tenant::{self, source};
use guest_kit::retry::Budget;
use sync_core::engine::call::{self, CallError};
use sync_core::engine::format;
use sync_core::engine::run_abort::RunAbort;
use sync_core::ports::{State, StoreDescription};
use sync_core::settings::Problem;

use crate::config;
use crate::config::settings::Settings;
use crate::imports::Imports;

/// How long one call may wait for a directory that asks for patience, where the host sets no bound.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A document that has been read against the store.
pub(crate) struct Prepared {
    pub(crate) settings: Settings,
    store: StoreDescription,
}

/// Reads the document against the store, and makes sure that the saved state can be read.
pub(crate) fn prepare(imports: Imports<'_>, document: &str) -> Result<Prepared, CallError> {
    format::check(imports.state)?;
    let store = imports.store.describe().map_err(RunAbort::from)?;
    let settings = config::read(document, &store).map_err(CallError::InvalidConfiguration)?;
    Ok(Prepared { settings, store })
}

impl Prepared {
    /// As a sync goes by it.
    pub(crate) fn for_sync(&self) -> call::Prepared {
        call::Prepared {
            settings: self.settings.for_sync(),
            store: self.store.clone(),
        }
    }

    /// The tenant of a connection, as the document reads it.
    pub(crate) fn tenant<'a>(
        &'a self,
        imports: Imports<'a>,
        connection: &'a Connection,
        patience: Duration,
    ) -> Tenant<'a> {
        let reading = Reading {
            mapping: &self.settings.mapping,
            filter: &self.settings.filter,
            disabled: self.settings.policies.disabled,
            lists: &self.settings.lists,
            groups: self.settings.groups.as_ref(),
            org_contacts: self.settings.org_contacts,
            listing: self.settings.listing,
            writes_a_second: self.settings.writes_a_second,
            invitations: self.settings.invitations.as_ref(),
        };
        Tenant::new(
            imports.outside(),
            connection,
            reading,
            Budget::until(patience),
        )
    }

    /// The connection, for a call that reaches out: where the document names servers of its own, only with
    /// the host's consent, because that is where the secret is sent.
    pub(crate) fn way_out(&self, imports: Imports<'_>) -> Result<&Connection, CallError> {
        let connection = self.connection()?;
        let refused: Vec<_> = connection
            .own_roots()
            .filter(|(_, root)| !imports.consent.endpoint(root))
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

    /// What is to be said of credentials that are about to end.
    pub(crate) fn credential_warnings(&self, imports: Imports<'_>) -> Vec<String> {
        let connection = self.settings.connection.as_ref();
        connection.map_or_else(Vec::new, |connection| {
            credential_expiry::warnings(connection, imports.signing, imports.clock.now())
        })
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
pub(crate) fn known_source(state: &dyn State, configured: &str) -> Result<String, RunAbort> {
    let tenant = tenant::known(state, configured)?;
    Ok(source(
        tenant.as_ref().map_or(configured, |tenant| tenant.as_str()),
    ))
}
