//! The small durable state of one workspace's connector, read here and written by
//! [`ContactStore::apply`](super::ContactStore::apply).

use crate::contract::{StateEntry, StoreError};
use crate::runtime::bindings::contact_sync::connector::state;
use crate::runtime::call::CallState;
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

/// Reads a connector's state: interface `state` of the contract.
pub trait State: Send + Sync {
    /// The value of one key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Those of the entries that are there, in any order.
    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError>;

    /// Entries whose key starts with `prefix`, in byte order of the key, after `after`, at most
    /// `limit`.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError>;
}

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    state::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl state::Host for CallState {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<state::Found, StoreError>> {
        let state = Arc::clone(&self.workspace.state);
        let found = self
            .operations
            .run("state.get", move || state.get(&key))
            .await?;
        Ok(found.map(|value| value.map_or(state::Found::Absent, state::Found::Value)))
    }

    async fn get_many(
        &mut self,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<StateEntry>, StoreError>> {
        let state = Arc::clone(&self.workspace.state);
        self.operations
            .run("state.get-many", move || state.get_many(&keys))
            .await
    }

    async fn list(
        &mut self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<StateEntry>, StoreError>> {
        let state = Arc::clone(&self.workspace.state);
        let operation = move || state.list(&prefix, after.as_deref(), limit);
        self.operations.run("state.list", operation).await
    }
}
