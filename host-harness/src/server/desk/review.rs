//! The third step: what a sync would do. And what can be asked of the desk from there on.

use std::sync::Arc;

use super::people::COUNTED;
use super::{Approved, Desk, DeskError, Job, MANUAL};
use crate::connection::plans::{self, KeptPlan};
use crate::server::books::{State, WorkspaceRecord};
use crate::server::views::{ReviewCount, ReviewView};
use crate::shapes::{PlanShape, moment};

impl Desk {
    /// The review, as it stands.
    pub(crate) async fn review(&self) -> Result<ReviewView, DeskError> {
        // First: a plan that ends meanwhile is shown as being made, and whoever watches is told of its end.
        let scene = self.live.scene();
        let record = self.record()?;
        let plan = match &record.plan_digest {
            Some(digest) => self.kept_plan(digest).await?,
            None => None,
        };
        let counts = plan.as_ref().map(|plan| counts(&plan.summary));
        Ok(ReviewView {
            progress: scene.progress,
            changes: scene.changes,
            failure: record.plan_failure.clone(),
            digest: plan.as_ref().map(|plan| plan.summary.digest.clone()),
            made_at: plan.as_ref().map(|plan| moment(plan.created_at_ms)),
            stale: record.plan_version != Some(record.version),
            counts: counts.unwrap_or_default(),
            warnings: plan
                .as_ref()
                .map(|plan| plan.summary.warnings.clone())
                .unwrap_or_default(),
            blocks: plan.map(|plan| plan.summary.blocks).unwrap_or_default(),
            setting_up: record.state != State::Connected,
        })
    }

    /// Approves exactly the plan of the review, or what a limit stopped, and begins that sync. In a
    /// set-up, this is what connects the workspace.
    pub(crate) async fn approve(
        self: &Arc<Self>,
        digest: &str,
        who: &str,
    ) -> Result<(), DeskError> {
        // Claimed before anything is looked at, so that nothing of it changes before it begins.
        let (host, claim) = self.enter("sync")?;
        let record = self.record()?;
        let (full, approved) = if record.plan_digest.as_deref() == Some(digest) {
            let full = self.is_reviewed(&record, digest).await?;
            (full, Approved::Plan(digest.to_owned()))
        } else {
            let full = self.is_blocked(digest).await?;
            (full, Approved::Taking(digest.to_owned()))
        };
        let job = Job::Sync {
            full,
            trigger: MANUAL.to_owned(),
            approve: Some(approved),
        };
        self.begin_claimed(host, claim, &record, job, who)
    }

    /// Whether the plan of the review, which can be approved, is of everybody.
    async fn is_reviewed(&self, record: &WorkspaceRecord, digest: &str) -> Result<bool, DeskError> {
        if record.plan_version != Some(record.version) {
            return Err(DeskError::NotNow(
                "the settings were changed since this plan was made; plan again".to_owned(),
            ));
        }
        let plan = self.kept_plan(digest).await?;
        let plan = plan.ok_or_else(|| {
            DeskError::NotNow("this plan is no longer kept; plan again".to_owned())
        })?;
        Ok(plan.summary.mode == "full")
    }

    /// Whether the run that a limit stopped, which can be approved, is of everybody.
    async fn is_blocked(&self, digest: &str) -> Result<bool, DeskError> {
        let blocked = self.blocked().await?;
        let blocked = blocked.filter(|blocked| blocked.block.digest == digest);
        let blocked = blocked.ok_or_else(|| {
            DeskError::NotNow(
                "what was to be approved is no longer what would be done; look at it again"
                    .to_owned(),
            )
        })?;
        Ok(blocked.mode == "full")
    }

    /// Begins a sync that nobody has reviewed: of a workspace that is connected.
    pub(crate) fn sync(self: &Arc<Self>, full: bool, who: &str) -> Result<(), DeskError> {
        let job = Job::Sync {
            full,
            trigger: MANUAL.to_owned(),
            approve: None,
        };
        self.begin(job, who)
    }

    /// Asks what goes on to end after its page.
    pub(crate) fn stop(&self, who: &str) -> Result<(), DeskError> {
        let Some(task) = self.task() else {
            return Err(DeskError::NotNow("nothing is going on here".to_owned()));
        };
        let host = self.host()?;
        let act = Self::act(&host, who, "sync-stopped", Some(&task));
        host.books.note(Some(&self.id), act)?;
        self.live.stop();
        Ok(())
    }

    async fn kept_plan(&self, digest: &str) -> Result<Option<KeptPlan>, DeskError> {
        let store = self.store().await?;
        let digest = digest.to_owned();
        super::blocking(move || plans::by_digest(&store, &digest).map_err(DeskError::closed)).await
    }
}

/// The numbers of a plan. Those of nobody are left out, but for the one of who is created.
fn counts(plan: &PlanShape) -> Vec<ReviewCount> {
    let of_reasons = |reasons: &[&str]| -> u64 {
        let skips = plan.skips.iter();
        skips
            .filter(|skip| reasons.contains(&skip.reason.as_str()))
            .map(|skip| skip.count)
            .sum()
    };
    COUNTED
        .iter()
        .map(|counted| {
            let effects: Vec<&str> = counted
                .effects
                .iter()
                .map(|effect| crate::shapes::effect_name(*effect))
                .collect();
            let count = match counted.reasons {
                [] => plan.count(&effects),
                reasons => of_reasons(reasons),
            };
            ReviewCount {
                code: counted.code.to_owned(),
                label: counted.label.to_owned(),
                sentence: counted.sentence.to_owned(),
                count,
                takes_away: counted.takes_away,
            }
        })
        .filter(|count| count.count > 0 || count.code == "create")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::people::OTHER;
    use super::*;
    use crate::contract::{Effect, EffectCount, PlanSummary, ReasonCount, RunMode};

    #[test]
    fn every_person_of_a_plan_is_behind_exactly_one_number() {
        let skips = ["address-exists", "missing-mandatory", "out-of-scope"];
        let plan = PlanSummary {
            digest: String::new(),
            mode: RunMode::Full,
            counts: [
                (Effect::Create, 5),
                (Effect::Reactivate, 2),
                (Effect::Skip, 6),
            ]
            .map(|(effect, count)| EffectCount { effect, count })
            .to_vec(),
            skips: skips
                .map(|reason| ReasonCount {
                    reason: reason.to_owned(),
                    count: 2,
                })
                .to_vec(),
            warnings: Vec::new(),
            requests: 0,
            blocks: Vec::new(),
        };
        let counts = counts(&plan.into());
        let shown: Vec<_> = counts
            .iter()
            .map(|count| (count.code.as_str(), count.count))
            .collect();
        assert_eq!(
            shown,
            [
                ("create", 5),
                ("update", 2),
                ("exists", 2),
                ("missing", 2),
                ("other", 2)
            ]
        );
        assert!(!OTHER.contains(&"missing-mandatory"));
    }
}
