//! One store behind all that a connector keeps.

use super::{ContactStore, PlanSink, State};

/// Contacts, state and plans of one workspace, in one store. Whatever implements the three is one.
///
/// A commit is atomic only where the contacts and the state are kept together, so a platform usually has one
/// type for all of them.
pub trait ConnectorStore: ContactStore + State + PlanSink {}

impl<S: ContactStore + State + PlanSink> ConnectorStore for S {}
