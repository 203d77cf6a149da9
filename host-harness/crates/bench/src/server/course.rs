//! The measurements, one after the other.

use serde::Serialize;

use super::many::{self, Many};
use super::options::ServerBench;
use super::overview::{self, Overview};
use super::told::{self, Told};

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct ServerFindings {
    /// Of many workspaces.
    pub many: Option<Many>,
    /// Of as many that are told of changes.
    pub told: Option<Told>,
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
        let told = match self.changes {
            0 => None,
            _ if self.workspaces == 0 => None,
            _ => Some(told::measure(&self).await?),
        };
        let overview = match self.contacts {
            0 => None,
            _ => Some(overview::measure(&self).await?),
        };
        Ok(ServerFindings {
            many,
            told,
            overview,
        })
    }
}
