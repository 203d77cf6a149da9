//! Binds `ledger` to the workspace's memory for its destination.

use crate::call_state::CallState;
use crate::commit_weight;
use connector_contract::bindings::destination::contact_sync::connector::ledger;
use connector_contract::imports::{Ledger, NoLedger};
use connector_contract::{Committed, Expectation, LedgerRow, LedgerWrite, StoreError};
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

/// Most keys of one `get`, and entries of one `scan`.
const MOST: usize = 1_000;

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    ledger::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

type Answer<T> = wasmtime::Result<Result<T, StoreError>>;

impl CallState {
    fn ledger(&self) -> Arc<dyn Ledger> {
        match &self.workspace.target {
            Some(target) => Arc::clone(&target.ledger),
            None => Arc::new(NoLedger),
        }
    }
}

impl ledger::Host for CallState {
    async fn get(&mut self, keys: Vec<String>) -> Answer<Vec<LedgerRow>> {
        if keys.len() > MOST {
            return Ok(Err(StoreError::BatchTooLarge(MOST as u32)));
        }
        let ledger = self.ledger();
        self.operations
            .run("ledger.get", move || ledger.get(&keys))
            .await
    }

    async fn scan(
        &mut self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<LedgerRow>> {
        let ledger = self.ledger();
        let limit = limit.min(MOST as u32);
        let operation = move || ledger.scan(&prefix, after.as_deref(), limit);
        self.operations.run("ledger.scan", operation).await
    }

    async fn commit(
        &mut self,
        expect: Vec<Expectation>,
        writes: Vec<LedgerWrite>,
    ) -> Answer<Committed> {
        self.meter.commit(commit_weight::of_ledger(&writes))?;
        let ledger = self.ledger();
        self.operations
            .run("ledger.commit", move || ledger.commit(&expect, &writes))
            .await
    }
}
