//! The overview of a workspace, from `report` and the server's own records.

use api_types::shapes::is_sync;
use std::sync::Arc;

use api_types::shapes::{LedgerShape, MappingShape, QualityShape, ReportShape, RunShape, moment};
use api_types::views::{
    ActivityView, AdministratorView, AuditEntryView, BlockedView, ConnectionState, DataQualityView,
    NotSyncedView, OverviewView, Role, ScheduleView, SetupStep, StatusCode, StatusView,
    TroubleView,
};
use connector_contract::{Overview, ReportRequest, ReportStatus, Run, RunStatus};
use connector_runtime::Workspace;
use schedule::Why;
use server_db::{AuditEntry, WorkspaceRecord, WorkspaceState};
use store_sqlite::ReadingStore;

use super::mapping::proposal_view;
use super::scheduling::{policy_of, schedule_of, schedule_text};
use super::tested::Tested;
use super::trouble::{refused_settings, trouble};
use super::{Desk, DeskError, blocking, refuses_settings};
use crate::host::Host;
use crate::words;

/// Entries of the audit log that the overview shows.
const ACTIVITY: u32 = 20;

/// Entries of a page of the audit log.
const PAGE: u32 = 50;

impl Desk {
    /// The overview, with what this role may see. Asks nobody but the store, and does not wait for a
    /// running sync.
    pub(crate) async fn overview(&self, role: Role) -> Result<OverviewView, DeskError> {
        // First, and once for all of the view: a task that ends meanwhile is shown as going on as a whole,
        // and whoever watches is told that there is more to see.
        let scene = self.live.scene();
        let (host, record) = (self.host()?, self.record()?);
        let syncing = scene.progress.as_ref();
        let syncing = syncing.is_some_and(|progress| progress.task == "sync");
        let report = self.report(&host, &record, syncing).await?;
        let status = status(&record, report.as_ref(), scene.progress.is_some());
        let last_success = last_success(&record, report.as_ref());
        let active_records = report
            .as_ref()
            .map_or(0, |report| report.shape.active_records);
        let administrator = match role {
            Role::Member => None,
            Role::Administrator => {
                let trouble = match &report {
                    _ if syncing || record.state != WorkspaceState::Connected => None,
                    Some(report) => trouble(&record, &report.runs),
                    None => Some(refused_settings(&record)),
                };
                let shape = report.map(|report| report.shape);
                Some(
                    self.of_administrator(&host, &record, shape, trouble)
                        .await?,
                )
            }
        };
        Ok(OverviewView {
            workspace: record.name.clone(),
            tenant: tenant_name(&record),
            connection: connection(&record),
            status: match role {
                Role::Administrator => status,
                Role::Member => words::status_of_member(status.code),
            },
            last_success,
            active_records,
            progress: scene.progress,
            changes: scene.changes,
            administrator,
        })
    }

    /// What of the overview only an administrator sees.
    async fn of_administrator(
        &self,
        host: &Host,
        record: &WorkspaceRecord,
        report: Option<ReportShape>,
        trouble: Option<TroubleView>,
    ) -> Result<AdministratorView, DeskError> {
        // Of a workspace that never got as far as a report, nobody was ever read.
        let not_synced = match &report {
            Some(report) => self.not_synced(record, &report.ledger).await?,
            None => NotSyncedView::default(),
        };
        let report = report.unwrap_or_default();
        let history = newest_last(&report.history);
        let reported_at = history.iter().rev().find_map(|run| run.finished_at.clone());
        let entries = host.db.activity(&self.id, None, ACTIVITY)?;
        Ok(AdministratorView {
            mapped_attributes: report.mapped_attributes,
            schedule: schedule(host, record),
            secret: self.secret_view(host)?,
            trouble,
            proposal: record.proposal.as_ref().map(proposal_view),
            data_insights: report.data_insights,
            blocked: blocked(&history),
            history,
            data_quality: report
                .data_quality
                .into_iter()
                .map(|quality| DataQualityView {
                    field: field_of(&report.mappings, &quality),
                    quality,
                    reported_at: reported_at.clone(),
                })
                .collect(),
            mappings: report.mappings,
            not_synced,
            ledger: report.ledger,
            activity: entries.into_iter().map(activity_entry).collect(),
        })
    }

    /// The last runs, newest first.
    pub(super) async fn runs(&self) -> Result<Vec<Run>, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let report = self.report(&host, &record, false).await?;
        Ok(report.map(|report| report.runs).unwrap_or_default())
    }

    /// Who could not be written, as the connector tells it.
    pub(crate) async fn ledger(&self) -> Result<LedgerShape, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let report = self.report(&host, &record, false).await?;
        Ok(report.map(|report| report.shape.ledger).unwrap_or_default())
    }

    /// A page of the audit log.
    pub(crate) fn activity(&self, before: Option<i64>) -> Result<ActivityView, DeskError> {
        let entries = self.host()?.db.activity(&self.id, before, PAGE)?;
        let is_full = u32::try_from(entries.len()).is_ok_and(|entries| entries == PAGE);
        let next = entries.last().map(|entry| entry.number).filter(|_| is_full);
        Ok(ActivityView {
            entries: entries.into_iter().map(activity_entry).collect(),
            next,
        })
    }

    /// The block that stands: of the last sync, unless something has been done about it.
    pub(crate) async fn blocked(&self) -> Result<Option<BlockedView>, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let report = self.report(&host, &record, false).await?;
        Ok(report
            .as_ref()
            .and_then(|report| blocked(&newest_last(&report.shape.history))))
    }

    /// Puts how a connected workspace stands into the server's numbers: who could not be written, and when
    /// it succeeded last.
    pub(crate) async fn take_stock(&self) {
        if let Err(error) = self.stock().await {
            tracing::warn!(workspace = self.id, %error, "its numbers cannot be told");
        }
    }

    async fn stock(&self) -> Result<(), DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        if record.state != WorkspaceState::Connected {
            return Ok(());
        }
        // The records are enough for this one, also where the workspace cannot be opened.
        if let Some(at_ms) = record.last_success_ms {
            host.metrics.succeeded(&self.id, at_ms);
        }
        if let Some(report) = self.report(&host, &record, false).await? {
            let ledger = &report.shape.ledger;
            let entries = ledger.waiting + ledger.given_up;
            host.metrics.ledger_has(&self.id, entries);
        }
        Ok(())
    }

    /// `report`, where the connector takes the settings; a workspace that never got that far has none.
    /// Whether a sync is running decides its status alone.
    async fn report(
        &self,
        host: &Arc<Host>,
        record: &WorkspaceRecord,
        running: bool,
    ) -> Result<Option<Reported>, DeskError> {
        if record.tested.is_none() && record.state == WorkspaceState::SettingUp {
            return Ok(None);
        }
        let store = self.store().await?;
        let workspace = Workspace::new(Arc::new(ReadingStore::new(store)));
        let document = Desk::document(host, &record.settings);
        let request = ReportRequest { running };
        let answer = host.connector.report(&workspace, &document, request).await;
        match answer.result {
            Ok(overview) => Ok(Some(Reported::from(sorted(overview)))),
            Err(error) if refuses_settings(&error) => {
                tracing::warn!(workspace = self.id, %error, "the settings are refused");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Contacts are looked at without waiting for a running sync.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&store_sqlite::SqliteStore) -> Result<T, store_sqlite::DatabaseError>
        + Send
        + 'static,
    ) -> Result<T, DeskError> {
        let store = self.store().await?;
        blocking(move || Ok(look(&store)?)).await
    }
}

/// What `report` said: as it is told, and what is decided on.
struct Reported {
    status: ReportStatus,
    last_success_ms: Option<u64>,
    /// Newest first.
    runs: Vec<Run>,
    shape: ReportShape,
}

impl From<Overview> for Reported {
    fn from(overview: Overview) -> Self {
        Self {
            status: overview.status,
            last_success_ms: overview.last_success_ms,
            runs: overview.history.clone(),
            shape: overview.into(),
        }
    }
}

/// When a sync succeeded last. The connector forgets it with its place in the directory's changes: where
/// somebody disconnected, or took a run back.
fn last_success(record: &WorkspaceRecord, report: Option<&Reported>) -> Option<String> {
    let reported = report.and_then(|report| report.last_success_ms);
    let recorded = record.last_success_ms.map(i64::unsigned_abs);
    reported.max(recorded).map(moment)
}

/// Most missing first.
fn sorted(mut overview: Overview) -> Overview {
    overview.data_quality.sort_by(|a, b| {
        b.missing
            .cmp(&a.missing)
            .then_with(|| a.label.cmp(&b.label))
    });
    overview
}

fn newest_last(history: &[RunShape]) -> Vec<RunShape> {
    history.iter().rev().cloned().collect()
}

/// The field of a number: the row of the mapping with its attribute and label.
fn field_of(mappings: &[MappingShape], quality: &QualityShape) -> String {
    let row = mappings
        .iter()
        .find(|row| row.attribute == quality.attribute && row.label == quality.label);
    row.map_or_else(|| quality.label.clone(), |row| row.field.clone())
}

fn blocked(history: &[RunShape]) -> Option<BlockedView> {
    let last = history.iter().rfind(|run| is_sync(&run.trigger));
    let last = last.filter(|run| run.status == RunStatus::Blocked.name())?;
    Some(BlockedView {
        run_id: last.run_id.clone(),
        at: last
            .finished_at
            .clone()
            .unwrap_or_else(|| last.started_at.clone()),
        mode: last.mode,
        block: last.block.clone()?,
    })
}

fn connection(record: &WorkspaceRecord) -> ConnectionState {
    match record.state {
        WorkspaceState::SettingUp => ConnectionState::SettingUp(match record.step {
            SetupStep::Done => SetupStep::Review,
            step => step,
        }),
        WorkspaceState::Connected => ConnectionState::Connected,
        WorkspaceState::Disconnecting | WorkspaceState::Disconnected => {
            ConnectionState::Disconnected
        }
    }
}

/// The directory's name, as the last connection test told it.
pub(super) fn tenant_name(record: &WorkspaceRecord) -> Option<String> {
    Tested::of(record).tenant_name
}

fn status(record: &WorkspaceRecord, report: Option<&Reported>, at_work: bool) -> StatusView {
    if matches!(
        record.state,
        WorkspaceState::Disconnecting | WorkspaceState::Disconnected
    ) {
        let explanation = "No directory is connected. The contacts are still here; connecting again \
                           finds them by their link.";
        return words::status(StatusCode::Disconnected, explanation.to_owned());
    }
    let Some(report) = report else {
        if record.state == WorkspaceState::Connected {
            let explanation = "The connector does not take the settings as they are, and syncs nothing. \
                               Test the connection and save the mapping: what is wrong is told there.";
            return words::status(StatusCode::Failed, explanation.to_owned());
        }
        let explanation = "The connection is being set up.".to_owned();
        return words::status(StatusCode::NeverRun, explanation);
    };
    match &record.failure {
        // The run could not even begin, or the host knows more of the reason than the report does.
        Some(failure) if !at_work => words::status(StatusCode::Failed, failure.clone()),
        _ => words::status(report.status.into(), report.shape.explanation.clone()),
    }
}

fn schedule(host: &Host, record: &WorkspaceRecord) -> ScheduleView {
    let text = schedule_text(record);
    let schedule = schedule_of(record);
    let next = host.next_run(record);
    let held = record.held_since_ms.filter(|_| schedule.is_some());
    let note = match next.map(|next| next.why) {
        None | Some(Why::Scheduled) => held.map(|_| words::HELD.to_owned()),
        Some(Why::HeldByPolicy) => Some(words::least_interval(&policy_of(record))),
        Some(Why::BackingOff { failures }) => Some(words::backing_off(failures)),
        Some(Why::Missed) => Some("A run was missed; it is made up for once.".to_owned()),
    };
    ScheduleView {
        words: match (&schedule, &text) {
            (Some(schedule), _) => schedule.to_string(),
            (None, Some(text)) => text.clone(),
            (None, None) => "Only on request".to_owned(),
        },
        text,
        time_zone: record.time_zone.clone(),
        next_run: next.map(|next| moment(next.at.as_millisecond().unsigned_abs())),
        note,
    }
}

/// An entry of the audit log, in words.
pub(crate) fn activity_entry(entry: AuditEntry) -> AuditEntryView {
    AuditEntryView {
        number: entry.number,
        at: moment(entry.at_ms.unsigned_abs()),
        who: entry.who,
        words: words::action(&entry.action).to_owned(),
        action: entry.action,
        subject: entry.subject,
    }
}
