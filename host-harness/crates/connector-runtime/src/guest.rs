//! A component of either version of the contract, called as one of the newest.

use super::admission::{Extras, Line};
use super::call_state::CallState;
use super::decision::Decision;
use super::since_0_1::bindings as since_0_1;
use super::since_0_1::translate::Translate as _;
use connector_contract::bindings::asking::{Asking, AskingIndices};
use connector_contract::bindings::destination::{DestinationOnHost, DestinationOnHostIndices};
use connector_contract::bindings::notified::{Notified, NotifiedIndices};
use connector_contract::bindings::{Guest as CurrentGuest, GuestIndices as CurrentIndices};
use connector_contract::{
    ConfigurationReport, ContestedValue, Description, Error, Explanation, Failure,
    NotificationStanding, NotificationVerdict, Overview, PlanSummary, ReportRequest, RunMode,
    SyncRequest, SyncResult, TargetDescription, UndoRequest, Who,
};
use wasmtime::component::InstancePre;
use wasmtime::{Engine, Store};

/// A component with its imports bound, of which instances are made.
#[derive(Clone)]
pub(super) enum GuestPre {
    Current {
        instance: InstancePre<CallState>,
        guest: CurrentIndices,
        /// Where it can be told of changes.
        notified: Option<NotifiedIndices>,
        /// Where it lets people decide about conflicts.
        asking: Option<AskingIndices>,
        /// Where a destination is in it.
        target: Option<DestinationOnHostIndices>,
    },
    Since01(since_0_1::GuestPre<CallState>),
}

impl GuestPre {
    /// `extras` says which interfaces the component has that it need not have.
    pub(super) fn new(
        line: Line,
        extras: Extras,
        instance: InstancePre<CallState>,
    ) -> wasmtime::Result<Self> {
        Ok(match line {
            Line::V0_2 => Self::Current {
                guest: CurrentIndices::new(&instance)?,
                notified: extras
                    .is_notified
                    .then(|| NotifiedIndices::new(&instance))
                    .transpose()?,
                asking: extras
                    .asks
                    .then(|| AskingIndices::new(&instance))
                    .transpose()?,
                target: extras
                    .has_target
                    .then(|| DestinationOnHostIndices::new(&instance))
                    .transpose()?,
                instance,
            },
            Line::V0_1 => Self::Since01(since_0_1::GuestPre::new(instance)?),
        })
    }

    pub(super) fn engine(&self) -> &Engine {
        match self {
            Self::Current { instance, .. } => instance.component().engine(),
            Self::Since01(guest) => guest.engine(),
        }
    }

    pub(super) async fn instantiate_async(
        &self,
        store: &mut Store<CallState>,
    ) -> wasmtime::Result<Guest> {
        Ok(match self {
            Self::Current {
                instance,
                guest,
                notified,
                asking,
                target,
            } => {
                let instance = instance.instantiate_async(&mut *store).await?;
                let guest = guest.load(&mut *store, &instance)?;
                let notified = match notified {
                    Some(notified) => Some(notified.load(&mut *store, &instance)?),
                    None => None,
                };
                let asking = match asking {
                    Some(asking) => Some(asking.load(&mut *store, &instance)?),
                    None => None,
                };
                let target = match target {
                    Some(target) => Some(target.load(&mut *store, &instance)?),
                    None => None,
                };
                let beside = Beside {
                    notified,
                    asking,
                    target,
                };
                Guest::Current(guest, beside)
            }
            Self::Since01(guest) => Guest::Since01(guest.instantiate_async(store).await?),
        })
    }
}

/// An instance.
pub(super) enum Guest {
    Current(CurrentGuest, Beside),
    Since01(since_0_1::Guest),
}

/// The interfaces that a component need not have.
#[derive(Default)]
pub(super) struct Beside {
    notified: Option<Notified>,
    asking: Option<Asking>,
    target: Option<DestinationOnHost>,
}

type Called<T> = wasmtime::Result<Result<T, Error>>;

/// Calls an export of the interface that `$of` names, with the arguments as the version has them.
macro_rules! call {
    ($guest:expr, $of:ident . $export:ident ($store:expr $(, $argument:expr)*) with ($($old:expr),*)) => {
        match $guest {
            Guest::Current(guest, _) => guest.$of().$export($store $(, $argument)*).await,
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

    pub(super) async fn receive(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        body: &[u8],
    ) -> Called<NotificationVerdict> {
        match self.notified() {
            Some(notified) => {
                let notify = notified.contact_sync_connector_notify();
                notify.call_receive(store, document, body).await
            }
            None => Ok(Err(cannot_be_told())),
        }
    }

    pub(super) async fn notification_status(
        &self,
        store: &mut Store<CallState>,
        document: &str,
    ) -> Called<NotificationStanding> {
        match self.notified() {
            Some(notified) => {
                let notify = notified.contact_sync_connector_notify();
                notify.call_status(store, document).await
            }
            None => Ok(Err(cannot_be_told())),
        }
    }

    pub(super) async fn describe_target(
        &self,
        store: &mut Store<CallState>,
    ) -> Called<TargetDescription> {
        match self.target() {
            Some(target) => {
                let target = target.contact_sync_connector_target();
                target.call_describe(store).await.map(Ok)
            }
            None => Ok(Err(has_no_target())),
        }
    }

    pub(super) async fn check_target(&self, store: &mut Store<CallState>) -> Called<String> {
        match self.target() {
            Some(target) => {
                let target = target.contact_sync_connector_target();
                let found = target.call_check(store).await?;
                Ok(found.map_err(Error::Other))
            }
            None => Ok(Err(has_no_target())),
        }
    }

    pub(super) async fn undecided(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        after: Option<&String>,
        limit: u32,
    ) -> Called<Vec<ContestedValue>> {
        match self.asking() {
            Some(asking) => {
                let conflicts = asking.contact_sync_connector_conflicts();
                conflicts
                    .call_undecided(store, document, after, limit)
                    .await
            }
            None => Ok(Ok(Vec::new())),
        }
    }

    pub(super) async fn decide(
        &self,
        store: &mut Store<CallState>,
        document: &str,
        decision: &Decision,
    ) -> Called<()> {
        match self.asking() {
            Some(asking) => {
                let conflicts = asking.contact_sync_connector_conflicts();
                let Decision {
                    user,
                    attribute,
                    seen_at_ms,
                    side,
                } = decision;
                conflicts
                    .call_decide(store, document, user, attribute, *seen_at_ms, *side)
                    .await
            }
            None => Ok(Err(asks_nobody())),
        }
    }

    fn notified(&self) -> Option<&Notified> {
        match self {
            Self::Current(_, beside) => beside.notified.as_ref(),
            Self::Since01(_) => None,
        }
    }

    fn target(&self) -> Option<&DestinationOnHost> {
        match self {
            Self::Current(_, beside) => beside.target.as_ref(),
            Self::Since01(_) => None,
        }
    }

    fn asking(&self) -> Option<&Asking> {
        match self {
            Self::Current(_, beside) => beside.asking.as_ref(),
            Self::Since01(_) => None,
        }
    }
}

/// What a component without `conflicts` is taken to answer.
fn asks_nobody() -> Error {
    Error::Other(Failure {
        code: "no-conflicts".to_owned(),
        message: "the component lets nobody decide about conflicts".to_owned(),
        advice: "Use a component that exports `conflicts`.".to_owned(),
        status: None,
        request_id: None,
    })
}

/// What a component without `notify` is taken to answer.
fn cannot_be_told() -> Error {
    absent(
        "no-notifications",
        "the component cannot be told of changes",
        "Sync by the schedule, or use a component that exports `notify`.",
    )
}

/// What a component without `target` is taken to answer.
fn has_no_target() -> Error {
    absent(
        "no-destination",
        "there is no destination in the component",
        "Plug one into it, or keep the contacts at the host.",
    )
}

fn absent(code: &str, message: &str, advice: &str) -> Error {
    Error::Other(Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        advice: advice.to_owned(),
        status: None,
        request_id: None,
    })
}
