//! Which tenant the configuration names, and what that tenant calls itself.
//!
//! The state keeps both: for each domain that was configured, the tenant that it stood for when it
//! was first used, and for each tenant the name of its organisation in the last full sync. What a
//! domain stands for never changes here: where it stands for another tenant now, the call stops. So
//! whatever is kept under a configuration's fingerprint is always of one and the same tenant.

use serde::Deserialize;
use sync_core::engine::checkpoint::{read, write};
use sync_core::engine::format;
use sync_core::engine::run_abort::RunAbort;
use sync_core::ports::{Commit, DirectoryError, Ports, State, StateWrite};

use crate::connection::Connection;
use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::organization::Organization;
use crate::graph::tenant::{TenantId, moved, other_tenant};

const TENANT_OF: &str = "tenant-of/";
const NAME_OF: &str = "tenant-name/";

/// What earlier versions kept: one tenant, under the name that was configured last.
const EARLIER: &str = "tenant";

#[derive(Deserialize)]
struct Earlier {
    configured: String,
    id: String,
    name: Option<String>,
}

/// The tenant that a configured name stands for, as far as that is known without asking.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn known(state: &dyn State, configured: &str) -> Result<Option<TenantId>, RunAbort> {
    if let Some(id) = TenantId::parse(configured) {
        return Ok(Some(id));
    }
    let key = key_of(configured);
    if let Some(id) = read::<String>(state, &key)? {
        let id = TenantId::parse(&id).ok_or(RunAbort::Unreadable { key })?;
        return Ok(Some(id));
    }
    let earlier = read::<Earlier>(state, EARLIER)?;
    let earlier = earlier.filter(|earlier| earlier.configured.eq_ignore_ascii_case(configured));
    Ok(earlier.and_then(|earlier| TenantId::parse(&earlier.id)))
}

/// The tenant that answers, proven by its token or, where that cannot be read, by what Graph says.
///
/// # Errors
///
/// [`GraphError::Unauthorized`] where it is another than the configured name has stood for.
pub fn prove(
    state: &dyn State,
    connection: &Connection,
    client: &Client<'_>,
) -> Result<TenantId, RunAbort> {
    let known = known(state, &connection.tenant)?;
    let told = client.tenant().map_err(aborted)?;
    if let (Some(id), Some(_)) = (TenantId::parse(&connection.tenant), &known) {
        // The token of another tenant was refused when it came.
        return Ok(id);
    }
    let now = match told {
        Some(id) => id,
        None => client
            .organization()
            .and_then(|told| id_of(&told))
            .map_err(aborted)?,
    };
    match known {
        Some(before) if before != now => Err(aborted(moved(&connection.tenant, &before, &now))),
        _ => Ok(now),
    }
}

/// The tenant that answers; from now on the configured name stands for it.
///
/// # Errors
///
/// As [`prove`], and where the state cannot be written.
pub fn identify(
    ports: Ports<'_>,
    connection: &Connection,
    client: &Client<'_>,
) -> Result<TenantId, RunAbort> {
    let id = prove(ports.state, connection, client)?;
    if known(ports.state, &connection.tenant)?.is_none() {
        let commit = Commit {
            source: source(id.as_str()),
            state: vec![write(&key_of(&connection.tenant), &id.as_str())?],
            ..Commit::default()
        };
        format::commit(ports, commit)?;
    }
    Ok(id)
}

/// What an organisation says of itself must be about the tenant that was proven.
///
/// # Errors
///
/// [`GraphError::Unauthorized`] where it is about another one.
pub fn check(tenant: &TenantId, organization: &Organization) -> Result<(), GraphError> {
    let id = id_of(organization)?;
    if id == *tenant {
        Ok(())
    } else {
        Err(other_tenant(tenant, &id))
    }
}

/// The organisation's name, as of the last full sync.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn name(state: &dyn State, tenant: &TenantId) -> Result<Option<String>, RunAbort> {
    if let Some(name) = read(state, &format!("{NAME_OF}{tenant}"))? {
        return Ok(Some(name));
    }
    let earlier = read::<Earlier>(state, EARLIER)?;
    let earlier = earlier.filter(|earlier| TenantId::parse(&earlier.id).as_ref() == Some(tenant));
    Ok(earlier.and_then(|earlier| earlier.name))
}

/// What keeps the organisation's name; goes into a commit.
///
/// # Errors
///
/// Where the name cannot be written.
pub fn save_name(tenant: &TenantId, name: &str) -> Result<StateWrite, RunAbort> {
    write(&format!("{NAME_OF}{tenant}"), &name)
}

/// The namespace of a tenant's object ids.
#[must_use]
pub fn source(tenant_id: &str) -> String {
    format!("entra:{}", tenant_id.to_ascii_lowercase())
}

fn aborted(error: GraphError) -> RunAbort {
    DirectoryError::from(error).into()
}

fn key_of(domain: &str) -> String {
    format!("{TENANT_OF}{}", domain.to_ascii_lowercase())
}

fn id_of(organization: &Organization) -> Result<TenantId, GraphError> {
    TenantId::parse(&organization.id).ok_or_else(|| GraphError::UnexpectedShape {
        host: "Microsoft Graph".to_owned(),
        detail: "the organisation's id is no GUID",
    })
}

#[cfg(test)]
#[path = "tenant_tests.rs"]
mod tests;
