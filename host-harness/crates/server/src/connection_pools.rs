//! Connections to the directory, shared by the workspaces that may reach the same.
//!
//! A run that finds nothing to do is two requests; to connect for them would take longer than they do. Each
//! request still passes its workspace's policy, and says by its token for whom it is.

use std::sync::{Mutex, PoisonError};

use connector_runtime::{HttpAccess, HttpOptions, HttpPolicy, HttpSetupError};

/// Connections without work that are kept, for each host.
const IDLE: usize = 64;

/// One set of connections for each policy: there are as many as Microsoft has clouds.
#[derive(Default)]
pub(crate) struct ConnectionPools {
    by_policy: Mutex<Vec<HttpAccess>>,
}

impl ConnectionPools {
    /// The way out of a workspace with this policy.
    pub(crate) fn access(
        &self,
        policy: HttpPolicy,
        options: HttpOptions,
    ) -> Result<HttpAccess, HttpSetupError> {
        let mut by_policy = self
            .by_policy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = by_policy.iter().find(|pool| *pool.policy() == policy) {
            return Ok(pool.for_another());
        }
        let options = HttpOptions {
            idle_connections: IDLE,
            ..options
        };
        let pool = HttpAccess::new(policy, &options)?;
        let access = pool.for_another();
        by_policy.push(pool);
        Ok(access)
    }
}
