//! Binds `state` to the workspace's state.

use crate::call_state::CallState;
use connector_contract::bindings::contact_sync::connector::state;
use connector_contract::{StateEntry, StoreError};
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

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
