//! The imports of contract 0.1: each hands on to the import of today.

use super::bindings::contact_sync::connector::{
    contact_store, plan_sink, run_control, secrets, state, types,
};
use super::translate::{Translate, old};
use crate::call_state::CallState;
use connector_contract::bindings::contact_sync::connector as today;
use connector_contract::imports::SecretHandle;
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime::error::Context as _;

pub(in super::super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    contact_store::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    state::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    plan_sink::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    run_control::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

type Answer<T> = wasmtime::Result<Result<T, old::StoreError>>;

fn told<A: Translate<C>, B: Translate<D>, C, D>(
    answer: wasmtime::Result<Result<A, B>>,
) -> wasmtime::Result<Result<C, D>> {
    answer.map(Translate::translate)
}

impl types::Host for CallState {}

impl contact_store::Host for CallState {
    async fn describe(&mut self) -> Answer<old::StoreDescription> {
        told(today::contact_store::Host::describe(self).await)
    }

    async fn lookup(&mut self, query: old::Query) -> Answer<Vec<old::Contact>> {
        told(today::contact_store::Host::lookup(self, query.translate()).await)
    }

    async fn apply(&mut self, commit: old::Commit) -> Answer<Vec<old::Outcome>> {
        told(today::contact_store::Host::apply(self, commit.translate()).await)
    }

    async fn open_round(
        &mut self,
        source: String,
        round: String,
        resume: bool,
    ) -> Answer<old::RoundInfo> {
        told(today::contact_store::Host::open_round(self, source, round, resume).await)
    }

    async fn unseen(
        &mut self,
        source: String,
        round: String,
        after: Option<String>,
        limit: u32,
        fields: Vec<String>,
    ) -> Answer<Vec<old::Contact>> {
        told(today::contact_store::Host::unseen(self, source, round, after, limit, fields).await)
    }

    async fn close_round(&mut self, source: String, round: String) -> Answer<()> {
        told(today::contact_store::Host::close_round(self, source, round).await)
    }

    async fn run_journal(
        &mut self,
        source: String,
        run: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<old::JournalEntry>> {
        told(today::contact_store::Host::run_journal(self, source, run, after, limit).await)
    }

    async fn journal(
        &mut self,
        source: String,
        who: old::Who,
        limit: u32,
    ) -> Answer<Vec<old::JournalEntry>> {
        told(today::contact_store::Host::journal(self, source, who.translate(), limit).await)
    }

    async fn notes(&mut self, source: String, who: old::Who) -> Answer<Vec<old::Noted>> {
        told(today::contact_store::Host::notes(self, source, who.translate()).await)
    }

    async fn get_statistics(
        &mut self,
        source: String,
        fields: Vec<String>,
    ) -> Answer<old::Statistics> {
        told(today::contact_store::Host::get_statistics(self, source, fields).await)
    }
}

impl state::Host for CallState {
    async fn get(&mut self, key: String) -> Answer<Option<Vec<u8>>> {
        let found = today::state::Host::get(self, key).await?;
        let value = found.map(|found| match found {
            today::state::Found::Value(value) => Some(value),
            today::state::Found::Absent => None,
        });
        Ok(value.map_err(Translate::translate))
    }

    async fn get_many(&mut self, keys: Vec<String>) -> Answer<Vec<old::StateEntry>> {
        told(today::state::Host::get_many(self, keys).await)
    }

    async fn list(
        &mut self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<old::StateEntry>> {
        told(today::state::Host::list(self, prefix, after, limit).await)
    }
}

impl plan_sink::Host for CallState {
    async fn put(&mut self, entries: Vec<old::PlanEntry>) -> Answer<()> {
        told(today::plan_sink::Host::put(self, entries.translate()).await)
    }

    async fn claimed(&mut self, contacts: Vec<String>) -> Answer<Vec<old::Claim>> {
        told(today::plan_sink::Host::claimed(self, contacts).await)
    }

    async fn changes(
        &mut self,
        plan: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Answer<Vec<old::PlanEntry>> {
        told(today::plan_sink::Host::changes(self, plan, after, limit).await)
    }

    async fn entries(
        &mut self,
        plan: Option<String>,
        users: Vec<String>,
    ) -> Answer<Vec<old::PlanEntry>> {
        told(today::plan_sink::Host::entries(self, plan, users).await)
    }

    async fn count(&mut self) -> Answer<Vec<old::Tally>> {
        told(today::plan_sink::Host::count(self).await)
    }
}

impl secrets::Host for CallState {
    async fn get(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Resource<SecretHandle>, old::SecretError>> {
        let handle = today::secrets::Host::get(self, name).await?;
        Ok(handle.map_err(Translate::translate))
    }
}

impl secrets::HostSecret for CallState {
    /// Contract 0.1 has no word for a secret that cannot be opened now, so the call ends there.
    async fn reveal(&mut self, secret: Resource<SecretHandle>) -> wasmtime::Result<String> {
        let revealed = today::secrets::HostSecret::reveal(self, secret).await?;
        revealed.context("the secret cannot be opened now")
    }

    async fn drop(&mut self, secret: Resource<SecretHandle>) -> wasmtime::Result<()> {
        today::secrets::HostSecret::drop(self, secret).await
    }
}

impl run_control::Host for CallState {
    async fn log(
        &mut self,
        level: old::Level,
        event: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        today::run_control::Host::log(self, level.translate(), event, fields).await
    }

    async fn report_progress(
        &mut self,
        progress: old::Progress,
    ) -> wasmtime::Result<old::Directive> {
        let directive =
            today::run_control::Host::report_progress(self, progress.translate()).await?;
        Ok(directive.translate())
    }
}
