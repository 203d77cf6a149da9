//! A component of either version of the contract, called as one of the newest.

use super::admission::Line;
use super::call_state::CallState;
use super::since_0_1::bindings as since_0_1;
use super::since_0_1::translate::Translate as _;
use connector_contract::bindings::{Guest as CurrentGuest, GuestPre as CurrentPre};
use connector_contract::{
    ConfigurationReport, Description, Error, Explanation, Overview, PlanSummary, ReportRequest,
    RunMode, SyncRequest, SyncResult, UndoRequest, Who,
};
use wasmtime::component::InstancePre;
use wasmtime::{Engine, Store};

/// A component with its imports bound, of which instances are made.
#[derive(Clone)]
pub(super) enum GuestPre {
    Current(CurrentPre<CallState>),
    Since01(since_0_1::GuestPre<CallState>),
}

impl GuestPre {
    pub(super) fn new(line: Line, instance: InstancePre<CallState>) -> wasmtime::Result<Self> {
        Ok(match line {
            Line::V0_2 => Self::Current(CurrentPre::new(instance)?),
            Line::V0_1 => Self::Since01(since_0_1::GuestPre::new(instance)?),
        })
    }

    pub(super) fn engine(&self) -> &Engine {
        match self {
            Self::Current(guest) => guest.engine(),
            Self::Since01(guest) => guest.engine(),
        }
    }

    pub(super) async fn instantiate_async(
        &self,
        store: &mut Store<CallState>,
    ) -> wasmtime::Result<Guest> {
        Ok(match self {
            Self::Current(guest) => Guest::Current(guest.instantiate_async(store).await?),
            Self::Since01(guest) => Guest::Since01(guest.instantiate_async(store).await?),
        })
    }
}

/// An instance.
pub(super) enum Guest {
    Current(CurrentGuest),
    Since01(since_0_1::Guest),
}

type Called<T> = wasmtime::Result<Result<T, Error>>;

/// Calls an export of the interface that `$of` names, with the arguments as the version has them.
macro_rules! call {
    ($guest:expr, $of:ident . $export:ident ($store:expr $(, $argument:expr)*) with ($($old:expr),*)) => {
        match $guest {
            Guest::Current(guest) => guest.$of().$export($store $(, $argument)*).await,
            Guest::Since01(guest) => {
                let answer = guest.$of().$export($store $(, $old)*).await?;
                Ok(answer.translate())
            }
        }
    };
}

impl Guest {
    pub(super) async fn describe(
        &self,
        store: &mut Store<CallState>,
    ) -> wasmtime::Result<Description> {
        call!(self, contact_sync_connector_connector.call_describe(store) with ())
    }

    pub(super) async fn configure(
        &self,
        store: &mut Store<CallState>,
        document: &str,
    ) -> Called<ConfigurationReport> {
        call!(self, contact_sync_connector_connector.call_configure(store, document) with (document))
    }

    pub(super) async fn plan(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        mode: RunMode,
    ) -> Called<PlanSummary> {
        call!(self, contact_sync_connector_connector.call_plan(store, document, mode)
            with (document, mode.translate()))
    }

    pub(super) async fn sync(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        request: SyncRequest,
    ) -> Called<SyncResult> {
        call!(self, contact_sync_connector_connector.call_sync(store, document, &request)
            with (document, &request.translate()))
    }

    pub(super) async fn report(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        request: ReportRequest,
    ) -> Called<Overview> {
        call!(self, contact_sync_connector_connector.call_report(store, document, request)
            with (document, request.translate()))
    }

    pub(super) async fn disconnect(
        &self,
        store: &mut Store<CallState>,
        document: &str,
    ) -> Called<()> {
        call!(self, contact_sync_connector_connector.call_disconnect(store, document) with (document))
    }

    pub(super) async fn explain(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        who: Who,
    ) -> Called<Vec<Explanation>> {
        call!(self, contact_sync_connector_trust.call_explain(store, document, &who)
            with (document, &who.translate()))
    }

    pub(super) async fn retry(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        user: &String,
    ) -> Called<SyncResult> {
        call!(self, contact_sync_connector_trust.call_retry(store, document, user) with (document, user))
    }

    pub(super) async fn plan_undo(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        run: &str,
    ) -> Called<PlanSummary> {
        call!(self, contact_sync_connector_trust.call_plan_undo(store, document, run) with (document, run))
    }

    pub(super) async fn undo(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        request: UndoRequest,
    ) -> Called<SyncResult> {
        call!(self, contact_sync_connector_trust.call_undo(store, document, &request)
            with (document, &request.translate()))
    }
}
