//! What the vault has of a workspace.

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{CERTIFICATE_KEY, CLIENT_SECRET, Held, vault_name};

/// Which credentials are kept.
pub(crate) fn held(ws: &WorkspaceContext) -> Result<Held, ServiceError> {
    let has = |name: &str| Ok::<_, ServiceError>(ws.app.db.secret(&ws.id, name)?.is_some());
    Ok(Held {
        secret: has(CLIENT_SECRET)?,
        certificate: has(&vault_name(CERTIFICATE_KEY))?,
    })
}
