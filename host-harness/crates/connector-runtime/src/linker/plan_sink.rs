//! Binds `plan-sink` to where the workspace keeps plans.

use crate::call_state::CallState;
use crate::commit_weight;
use connector_contract::bindings::contact_sync::connector::plan_sink;
use connector_contract::{Claim, PlanEntry, StoreError, Tally};
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    plan_sink::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

type Answer<T> = wasmtime::Result<Result<T, StoreError>>;

impl plan_sink::Host for CallState {
    async fn put(&mut self, entries: Vec<PlanEntry>) -> Answer<()> {
        self.meter.plan(commit_weight::of_plan(&entries))?;
        let plan = Arc::clone(&self.workspace.plan);
        self.operations
            .run("plan-sink.put", move || plan.put(entries))
            .await
    }

    async fn claimed(&mut self, contacts: Vec<String>) -> Answer<Vec<Claim>> {
        let plan = Arc::clone(&self.workspace.plan);
        self.operations
            .run("plan-sink.claimed", move || plan.claimed(&contacts))
            .await
    }

    async fn changes(
        &mut self,
        kept: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<PlanEntry>> {
        let plan = Arc::clone(&self.workspace.plan);
        let operation = move || plan.changes(kept.as_deref(), after.as_deref(), limit);
        self.operations.run("plan-sink.changes", operation).await
    }

    async fn entries(
        &mut self,
        kept: Option<String>,
        users: Vec<String>,
    ) -> Answer<Vec<PlanEntry>> {
        let plan = Arc::clone(&self.workspace.plan);
        let operation = move || plan.entries(kept.as_deref(), &users);
        self.operations.run("plan-sink.entries", operation).await
    }

    async fn count(&mut self) -> Answer<Vec<Tally>> {
        let plan = Arc::clone(&self.workspace.plan);
        self.operations
            .run("plan-sink.count", move || plan.count())
            .await
    }
}
