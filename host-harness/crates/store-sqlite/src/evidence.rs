//! Evidence as it stands in a column: JSON.

use connector_contract::Evidence;
use serde::{Deserialize, Serialize};

/// Why something was taken away.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredEvidence {
    DeletedSoft,
    DeletedPermanently,
    FoundInDeletedItems,
    NotFoundAnywhere,
    AccountDisabled,
    LeftScope(String),
    Undone(String),
    Other(String),
}

impl From<Evidence> for StoredEvidence {
    fn from(evidence: Evidence) -> Self {
        match evidence {
            Evidence::DeletedSoft => Self::DeletedSoft,
            Evidence::DeletedPermanently => Self::DeletedPermanently,
            Evidence::FoundInDeletedItems => Self::FoundInDeletedItems,
            Evidence::NotFoundAnywhere => Self::NotFoundAnywhere,
            Evidence::AccountDisabled => Self::AccountDisabled,
            Evidence::LeftScope(clause) => Self::LeftScope(clause),
            Evidence::Undone(run) => Self::Undone(run),
            Evidence::Other(kind) => Self::Other(kind),
        }
    }
}

impl From<StoredEvidence> for Evidence {
    fn from(evidence: StoredEvidence) -> Self {
        match evidence {
            StoredEvidence::DeletedSoft => Self::DeletedSoft,
            StoredEvidence::DeletedPermanently => Self::DeletedPermanently,
            StoredEvidence::FoundInDeletedItems => Self::FoundInDeletedItems,
            StoredEvidence::NotFoundAnywhere => Self::NotFoundAnywhere,
            StoredEvidence::AccountDisabled => Self::AccountDisabled,
            StoredEvidence::LeftScope(clause) => Self::LeftScope(clause),
            StoredEvidence::Undone(run) => Self::Undone(run),
            StoredEvidence::Other(kind) => Self::Other(kind),
        }
    }
}
