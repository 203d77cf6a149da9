//! Both measurements, one after the other.

use serde::Serialize;

use super::many::{self, Many};
use super::options::ServerBench;
use super::overview::{self, Overview};

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct ServerFindings {
    /// Of many workspaces.
    pub many: Option<Many>,
    /// Of the large one.
    pub overview: Option<Overview>,
}

impl ServerBench {
    /// Measures.
    ///
    /// # Errors
    ///
    /// Where something cannot be measured: a server that does not start, a workspace that does not sync.
    pub async fn measure(self) -> anyhow::Result<ServerFindings> {
        let many = match self.workspaces {
            0 => None,
            _ => Some(many::measure(&self).await?),
        };
        let overview = match self.contacts {
            0 => None,
            _ => Some(overview::measure(&self).await?),
        };
        Ok(ServerFindings { many, overview })
    }
}
