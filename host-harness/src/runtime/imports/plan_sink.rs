//! Where `plan` puts what it finds.

use crate::contract::{Claim, PlanEntry, StoreError, Tally};
use crate::runtime::bindings::contact_sync::connector::plan_sink;
use crate::runtime::call::CallState;
use crate::runtime::weight;
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

/// Keeps plans: interface `plan-sink` of the contract.
///
/// A call of [`Connector::plan`](crate::runtime::Connector::plan) expects the plan in the making to be
/// empty.
pub trait PlanSink: Send + Sync {
    /// Adds entries; one for an object id that is there already replaces it.
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError>;

    /// Those of the contacts that an entry with effect `link` claims.
    fn claimed(&self, contacts: &[String]) -> Result<Vec<Claim>, StoreError>;

    /// Entries that change something, in byte order of the object id, after `after`, at most
    /// `limit`: of the plan in the making, or of the one kept under a digest.
    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError>;

    /// Entries of these users that change something: of the plan in the making, or of the one kept
    /// under a digest.
    fn entries(&self, plan: Option<&str>, users: &[String]) -> Result<Vec<PlanEntry>, StoreError>;

    /// Every effect and reason that occurs, with its number of entries.
    fn count(&self) -> Result<Vec<Tally>, StoreError>;
}

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    plan_sink::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

type Answer<T> = wasmtime::Result<Result<T, StoreError>>;

impl plan_sink::Host for CallState {
    async fn put(&mut self, entries: Vec<PlanEntry>) -> Answer<()> {
        self.meter.plan(weight::of_plan(&entries))?;
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
