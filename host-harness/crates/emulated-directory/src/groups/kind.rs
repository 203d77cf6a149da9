//! What kind of group a record describes, and what follows from that
//! (<https://learn.microsoft.com/graph/api/resources/groups-overview#group-types-in-microsoft-entra-id-and-microsoft-graph>).

use serde_json::{Map, Value};

/// The four kinds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupKind {
    /// `groupTypes` has `Unified`.
    Microsoft365,
    /// For access only.
    Security,
    /// For access, with an address.
    MailEnabledSecurity,
    /// An address only.
    Distribution,
}

impl GroupKind {
    /// The kind of a group.
    #[must_use]
    pub fn of(record: &Map<String, Value>) -> Self {
        let is = |name: &str| record.get(name).and_then(Value::as_bool).unwrap_or(false);
        if has_type(record, "Unified") {
            Self::Microsoft365
        } else if !is("mailEnabled") {
            Self::Security
        } else if is("securityEnabled") {
            Self::MailEnabledSecurity
        } else {
            Self::Distribution
        }
    }
}

/// Whether a group that is deleted can be restored for 30 days: those of Microsoft 365, and, since 2026,
/// the security groups of the cloud (<https://learn.microsoft.com/graph/api/group-delete>). What comes from
/// an on-premises directory, and what has an address otherwise, is gone at once.
pub(super) fn is_recoverable(record: &Map<String, Value>) -> bool {
    let synced = record.get("onPremisesSyncEnabled") == Some(&Value::Bool(true));
    match GroupKind::of(record) {
        GroupKind::Microsoft365 => true,
        GroupKind::Security => !synced,
        GroupKind::MailEnabledSecurity | GroupKind::Distribution => false,
    }
}

pub(super) fn has_type(record: &Map<String, Value>, wanted: &str) -> bool {
    let types = record.get("groupTypes").and_then(Value::as_array);
    types.is_some_and(|types| types.iter().any(|kind| kind == wanted))
}

pub(super) fn is_assignable(record: &Map<String, Value>) -> bool {
    record.get("isAssignableToRole") == Some(&Value::Bool(true))
}
