//! A transaction that writes.

use std::ops::Deref;

use rusqlite::Transaction;

use super::audit_chain;
use super::audit_key::AuditKey;
use crate::records::{AuditEvent, RecordsError};

/// A transaction that writes, and what seals the entries of the audit log that it adds.
pub(super) struct WriteTx<'t> {
    pub(super) transaction: Transaction<'t>,
    pub(super) audit_key: &'t AuditKey,
}

impl WriteTx<'_> {
    /// Notes in the audit log what this transaction does.
    pub(super) fn note(
        &self,
        workspace: Option<&str>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        audit_chain::append(&self.transaction, self.audit_key, workspace, event)
    }
}

impl<'t> Deref for WriteTx<'t> {
    type Target = Transaction<'t>;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}
