//! Taking a run back: planned first, like every change, and done once somebody has approved it.

use std::sync::{Arc, PoisonError};

use api_types::shapes::{RunShape, moment};
use api_types::views::{UndoView, UndoableView};
use connector_contract::{Run, RunStatus};
use sync_runner::plans::{self, KeptPlan};

use super::people::removals;
use super::review::{Approving, confirm_deletions, counts};
use super::{Desk, DeskError, Job};

impl Desk {
    /// The runs of the history that changed contacts, newest first.
    pub(crate) async fn undoable(&self) -> Result<UndoableView, DeskError> {
        let runs = self.runs().await?.into_iter().map(RunShape::from);
        Ok(UndoableView {
            runs: runs.filter(RunShape::changed_contacts).collect(),
        })
    }

    /// What taking a run back would do, as far as that was planned.
    pub(crate) async fn undo_view(&self, run: &str) -> Result<UndoView, DeskError> {
        // First: a plan that ends meanwhile is shown as being made.
        let scene = self.live.scene();
        let history = self.runs().await?;
        let plan = self.undo_plan(run).await?;
        let done = plan
            .as_ref()
            .and_then(|plan| done_at_ms(&history, &plan.summary.digest));
        let known = history.iter().find(|known| known.id == run);
        let failure = self.undo_failure_of(run);
        // One that is being planned now may turn out to be none.
        let is_told = known.is_some() || plan.is_some() || failure.is_some();
        if !is_told && scene.progress.is_none() && !self.has_changed(run).await? {
            return Err(DeskError::Unknown("There is no run of this id.".to_owned()));
        }
        let summary = plan.as_ref().map(|plan| &plan.summary);
        Ok(UndoView {
            run_id: run.to_owned(),
            run: known.map(|known| known.clone().into()),
            progress: scene.progress,
            changes: scene.changes,
            failure,
            digest: summary.map(|plan| plan.digest.clone()),
            made_at: plan.as_ref().map(|plan| moment(plan.created_at_ms)),
            done_at: done.map(moment),
            counts: summary.map(counts).unwrap_or_default(),
            removals: summary.map(removals).unwrap_or_default(),
            warnings: summary
                .map(|plan| plan.warnings.clone())
                .unwrap_or_default(),
        })
    }

    /// Begins to find out what taking a run back would do.
    pub(crate) fn plan_undo(self: &Arc<Self>, run: &str, who: &str) -> Result<(), DeskError> {
        let job = Job::PlanUndo {
            run: run.to_owned(),
        };
        self.begin(job, who)
    }

    /// Approves exactly the plan that takes a run back, and begins with it.
    pub(crate) async fn undo(
        self: &Arc<Self>,
        run: &str,
        approving: Approving<'_>,
        who: &str,
    ) -> Result<(), DeskError> {
        // Claimed before anything is looked at, so that nothing of it changes before it begins.
        let (host, claim) = self.enter("undo")?;
        let record = self.record()?;
        let plan = self.kept_plan(approving.digest).await?;
        let plan = plan.filter(|plan| plan.summary.undoes.as_deref() == Some(run));
        let plan = plan.ok_or_else(|| {
            DeskError::NotNow(
                "no plan that takes this run back is kept under this digest; plan it again"
                    .to_owned(),
            )
        })?;
        confirm_deletions(removals(&plan.summary).deleted, approving.deletions)?;
        let job = Job::Undo {
            run: run.to_owned(),
            approved: approving.digest.to_owned(),
        };
        self.begin_claimed(host, claim, &record, (job, false), who)
    }

    /// The run that a plan takes back, where it takes one back.
    pub(crate) async fn undone_by(&self, digest: &str) -> Result<Option<String>, DeskError> {
        let plan = self.kept_plan(digest).await?;
        Ok(plan.and_then(|plan| plan.summary.undoes))
    }

    /// Why this run could not be taken back, where it could not.
    fn undo_failure_of(&self, run: &str) -> Option<String> {
        let failure = self.undo_failure.lock();
        let failure = failure.unwrap_or_else(PoisonError::into_inner);
        let (of, why) = failure.as_ref()?;
        (of == run).then(|| why.clone())
    }

    /// Whether the journal has a run that the history has forgotten.
    async fn has_changed(&self, run: &str) -> Result<bool, DeskError> {
        let run = run.to_owned();
        self.look(move |store| Ok(store.runs_named(&run, 1)?.first() == Some(&run)))
            .await
    }

    /// The newest plan that takes a run back.
    async fn undo_plan(&self, run: &str) -> Result<Option<KeptPlan>, DeskError> {
        let (store, run) = (self.store().await?, run.to_owned());
        super::blocking(move || {
            let kept = plans::all(&store).map_err(DeskError::closed)?;
            let mut kept = kept.into_iter();
            Ok(kept.find(|plan| plan.summary.undoes.as_deref() == Some(run.as_str())))
        })
        .await
    }

    /// Takes note of why a run could not be taken back, or that nothing is wrong any more.
    pub(super) fn keep_undo_failure(&self, failure: Option<(&str, &str)>) {
        let mut kept = self
            .undo_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = failure.map(|(run, why)| (run.to_owned(), why.to_owned()));
    }
}

/// When exactly the plan of this digest was performed to its end.
fn done_at_ms(history: &[Run], digest: &str) -> Option<u64> {
    let is_done = |run: &&Run| {
        let approved = run.approved.as_ref();
        approved.is_some_and(|approved| approved.digest == digest)
            && matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings)
    };
    history.iter().find(is_done)?.finished_at_ms
}
