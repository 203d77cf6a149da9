//! The third step: what a sync would do. And what can be asked of the desk from there on.

use std::sync::Arc;

use api_types::shapes::{PlanShape, moment};
use api_types::views::{ReviewCount, ReviewView};
use connector_contract::{Effect, RunMode};
use server_db::{WorkspaceRecord, WorkspaceState};
use sync_runner::plans::{self, KeptPlan};

use super::mapping::proposal_view;
use super::people::{COUNTED, Entries, removals};
use super::{Approved, Desk, DeskError, Job, MANUAL};
use crate::settings::Settings;

/// What somebody approves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approving<'a> {
    /// Of a plan, or of what a limit stopped.
    pub(crate) digest: &'a str,
    /// How many contacts they know to be deleted by it.
    pub(crate) deletions: Option<u64>,
}

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
        let summary = plan.as_ref().map(|plan| &plan.summary);
        Ok(ReviewView {
            progress: scene.progress,
            changes: scene.changes,
            failure: record.plan_failure.clone(),
            digest: summary.map(|plan| plan.digest.clone()),
            made_at: plan.as_ref().map(|plan| moment(plan.created_at_ms)),
            stale: record.plan_version != Some(record.version),
            counts: summary.map(counts).unwrap_or_default(),
            warnings: summary
                .map(|plan| plan.warnings.clone())
                .unwrap_or_default(),
            blocks: summary.map(|plan| plan.blocks.clone()).unwrap_or_default(),
            removals: summary.map(removals).unwrap_or_default(),
            setting_up: record.state != WorkspaceState::Connected,
            proposal: record.proposal.as_ref().map(proposal_view),
            deletes_by_itself: self.deletes(record.edited()).await?,
        })
    }

    /// Whether settings have a policy by which a sync deletes contacts.
    async fn deletes(&self, settings: &str) -> Result<bool, DeskError> {
        let Ok(report) = self.examine(&Settings::read(settings)?).await? else {
            return Ok(false);
        };
        let in_force = Settings::read(&report.in_force)?;
        let is_delete = |policy: &&str| in_force.in_sync(policy) == "delete";
        Ok(["removed", "leftScope"].iter().any(is_delete))
    }

    /// Approves exactly the plan of the review, or what a limit stopped, and begins that sync. In a
    /// set-up, this is what connects the workspace; of settings that wait, what puts them into force.
    /// Where it deletes contacts, their number has to be given.
    pub(crate) async fn approve(
        self: &Arc<Self>,
        approving: Approving<'_>,
        who: &str,
    ) -> Result<(), DeskError> {
        let digest = approving.digest;
        // Claimed before anything is looked at, so that nothing of it changes before it begins.
        let (host, claim) = match self.enter("sync") {
            Err(DeskError::Busy(task)) => return Err(self.busy_or_outdated(task, digest)?),
            entered => entered?,
        };
        let record = self.record()?;
        let is_reviewed = record.plan_digest.as_deref() == Some(digest);
        let (full, approved, deletions) = if is_reviewed {
            let plan = self.reviewed(&record, digest).await?;
            let full = plan.summary.mode == RunMode::Full.name();
            let deletions = removals(&plan.summary).deleted;
            (full, Approved::Plan(digest.to_owned()), deletions)
        } else {
            let (full, deletions) = self.stopped_by_limit(&record, digest).await?;
            (full, Approved::Taking(digest.to_owned()), deletions)
        };
        confirm_deletions(deletions, approving.deletions)?;
        let job = Job::Sync {
            full,
            trigger: MANUAL.to_owned(),
            approve: Some(approved),
        };
        let confirms = is_reviewed && record.proposal.is_some();
        self.begin_claimed(host, claim, &record, (job, confirms), who)
    }

    /// Why a plan cannot be approved while something goes on: mostly because of that, and to wait would not
    /// help where the settings were changed since.
    fn busy_or_outdated(&self, task: String, digest: &str) -> Result<DeskError, DeskError> {
        let record = self.record()?;
        let is_outdated = record.plan_version != Some(record.version);
        Ok(
            if is_outdated && record.plan_digest.as_deref() == Some(digest) {
                outdated()
            } else {
                DeskError::Busy(task)
            },
        )
    }

    /// The plan of the review, which can be approved.
    async fn reviewed(
        &self,
        record: &WorkspaceRecord,
        digest: &str,
    ) -> Result<KeptPlan, DeskError> {
        if record.plan_version != Some(record.version) {
            return Err(outdated());
        }
        let plan = self.kept_plan(digest).await?;
        plan.ok_or_else(|| DeskError::NotNow("this plan is no longer kept; plan again".to_owned()))
    }

    /// Of the run that a limit stopped, which can be approved: whether it is of everybody, and how many
    /// contacts it would delete.
    async fn stopped_by_limit(
        &self,
        record: &WorkspaceRecord,
        digest: &str,
    ) -> Result<(bool, u64), DeskError> {
        let blocked = self.blocked().await?;
        let blocked = blocked.filter(|blocked| blocked.block.digest == digest);
        let Some(blocked) = blocked else {
            let is_plan = self.kept_plan(digest).await?.is_some();
            let why = if is_plan {
                "this is no longer the plan that the review shows; look at that one, or plan again"
            } else {
                "what was to be approved is no longer what would be done; look at it again"
            };
            return Err(DeskError::NotNow(why.to_owned()));
        };
        let deletions = match self.removals_of(&blocked.block).await? {
            Some(removals) => removals.deleted,
            None if !self.deletes(&record.settings).await? => 0,
            None => {
                return Err(DeskError::NotNow(
                    "how many contacts this deletes is not known: no plan that is kept tells it; plan again \
                     first"
                        .to_owned(),
                ));
            }
        };
        Ok((blocked.mode == RunMode::Full.name(), deletions))
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
        let event = Self::event(&host, who, "sync-stopped", Some(&task));
        host.db.note(Some(&self.id), event)?;
        self.live.stop();
        Ok(())
    }

    pub(super) async fn kept_plan(&self, digest: &str) -> Result<Option<KeptPlan>, DeskError> {
        let store = self.store().await?;
        let digest = digest.to_owned();
        super::blocking(move || plans::by_digest(&store, &digest).map_err(DeskError::closed)).await
    }
}

fn outdated() -> DeskError {
    let changed = "the settings were changed since this plan was made; plan again";
    DeskError::NotNow(changed.to_owned())
}

/// That whoever approves knows how many contacts are deleted.
///
/// # Errors
///
/// [`DeskError::Unconfirmed`].
pub(super) fn confirm_deletions(deletions: u64, given: Option<u64>) -> Result<(), DeskError> {
    if given.unwrap_or(0) == deletions {
        Ok(())
    } else {
        Err(DeskError::Unconfirmed { deletions, given })
    }
}

/// The numbers of a plan. Those of nobody are left out, but for the one of who is created. Every skip is
/// in one of them, whatever its reason.
pub(super) fn counts(plan: &PlanShape) -> Vec<ReviewCount> {
    let undoes = plan.undoes.is_some();
    let count = |entries: Entries| match entries {
        Entries::With(effects) => {
            let effects: Vec<&str> = effects.iter().copied().map(Effect::name).collect();
            plan.count(&effects)
        }
        skips => {
            let counted = plan.skips.iter().filter(|skip| skips.counts(&skip.reason));
            counted.map(|skip| skip.count).sum()
        }
    };
    COUNTED
        .iter()
        .map(|counted| {
            let (label, sentence) = counted.words(undoes);
            ReviewCount {
                code: counted.code.to_owned(),
                label: label.to_owned(),
                sentence: sentence.to_owned(),
                count: count(counted.entries),
                takes_away: counted.takes_away,
            }
        })
        .filter(|count| count.count > 0 || (count.code == "create" && !undoes))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use connector_contract::{Effect, EffectCount, PlanSummary, ReasonCount, RunMode};

    fn plan(effects: &[(Effect, u64)], skips: &[(&str, u64)]) -> PlanShape {
        let skipped = skips.iter().map(|(_, count)| count).sum();
        let effects = effects.iter().copied().chain([(Effect::Skip, skipped)]);
        PlanSummary {
            digest: String::new(),
            mode: RunMode::Full,
            counts: effects
                .map(|(effect, count)| EffectCount { effect, count })
                .collect(),
            skips: skips
                .iter()
                .map(|(reason, count)| ReasonCount {
                    reason: (*reason).to_owned(),
                    count: *count,
                })
                .collect(),
            warnings: Vec::new(),
            requests: 0,
            blocks: Vec::new(),
        }
        .into()
    }

    fn shown(plan: &PlanShape) -> Vec<(String, u64)> {
        let counts = counts(plan).into_iter();
        counts.map(|count| (count.code, count.count)).collect()
    }

    #[test]
    fn every_person_of_a_plan_is_behind_exactly_one_number() {
        let skips = ["address-exists", "missing-mandatory", "out-of-scope"].map(|skip| (skip, 2));
        let plan = plan(&[(Effect::Create, 5), (Effect::Reactivate, 2)], &skips);
        let expected = [
            ("create", 5),
            ("update", 2),
            ("exists", 2),
            ("missing", 2),
            ("other", 2),
        ];
        assert_eq!(
            shown(&plan),
            expected.map(|(code, count)| (code.to_owned(), count))
        );
    }

    #[test]
    fn each_kind_of_removal_has_its_own_number() {
        let effects = [
            (Effect::Unlink, 3),
            (Effect::Deactivate, 2),
            (Effect::Delete, 1),
        ];
        let expected = [
            ("create", 0),
            ("delete", 1),
            ("deactivate", 2),
            ("unlink", 3),
        ];
        assert_eq!(
            shown(&plan(&effects, &[])),
            expected.map(|(code, count)| (code.to_owned(), count))
        );
    }

    proptest! {
        #[test]
        fn no_skip_is_behind_no_number_whatever_a_store_calls_it(
            skips in prop::collection::btree_map(
                prop::sample::select(vec![
                    "too-long", "unexpected-shape", "invalid-phone", "lookup-failed", "a-code-of-the-store",
                    "missing-mandatory", "address-exists", "address-ambiguous", "out-of-scope",
                    "account-disabled", "not-linked", "kept-by-policy", "held-by-breaker", "drifted",
                    "edited-since", "",
                ]),
                1..9_u64,
                0..9,
            ),
            created in 0..9_u64,
        ) {
            let skips: Vec<_> = skips.into_iter().collect();
            let plan = plan(&[(Effect::Create, created)], &skips);
            let behind: u64 = shown(&plan).iter().map(|(_, count)| count).sum();
            let all: u64 = plan.counts.values().sum();
            prop_assert_eq!(behind, all);
        }
    }

    #[test]
    fn what_is_deleted_is_approved_by_its_number_and_by_no_other() {
        assert!(confirm_deletions(0, None).is_ok());
        assert!(confirm_deletions(0, Some(0)).is_ok());
        assert!(confirm_deletions(8, Some(8)).is_ok());
        for (deletions, given) in [(8, None), (8, Some(0)), (8, Some(9)), (0, Some(8))] {
            let refused = confirm_deletions(deletions, given).unwrap_err().to_string();
            assert!(
                refused.contains(&format!("deletes {deletions} contact")),
                "{refused}"
            );
        }
    }
}
