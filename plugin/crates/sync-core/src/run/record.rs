//! The record of one run.

use guest_kit::ordered::{self, Map};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contact::{Effect, GivenChange};
use crate::ports::Timestamp;
use crate::reconcile::decision::{Action, Decision, Withheld};
use crate::reconcile::given_back::Stays;
use crate::reconcile::reason::Reason;

use super::refused_number;

/// Who a round reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunMode {
    /// What changed since the last complete round.
    Incremental,
    /// Everybody.
    Full,
}

sync_decisions::kept_by_name!(RunMode:
    Incremental = "incremental",
    Full = "full",
);

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Not finished: between two slices, or killed.
    Running,
    /// Everything done, nothing to remark.
    Succeeded,
    /// Everything done, with remarks or with people that could not be written.
    Warnings,
    /// Ended by a failure.
    Failed,
    /// Ended by a breaker.
    Blocked,
    /// Ended by the host.
    Stopped,
    /// The round could not be proven complete; nothing was taken away, the cursor stays.
    Incomplete,
}

sync_decisions::kept_by_name!(RunStatus:
    Running = "running",
    Succeeded = "succeeded",
    Warnings = "warnings",
    Failed = "failed",
    Blocked = "blocked",
    Stopped = "stopped",
    Incomplete = "incomplete",
);

/// processed = created + updated + unchanged + skipped + removed + failed.
///
/// `processed` is counted on its own, when a user's turn is over, so that the equation can be
/// checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Users whose turn is over.
    pub processed: u64,
    /// Contacts made.
    pub created: u64,
    /// Contacts updated, linked or reactivated.
    pub updated: u64,
    /// Contacts that were as they should be.
    pub unchanged: u64,
    /// Users that led to no change.
    pub skipped: u64,
    /// Contacts unlinked, deactivated or deleted.
    pub removed: u64,
    /// Users that could not be written.
    pub failed: u64,
}

/// A kind of failure of single records, and how often it occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// Stable, in kebab case, or the upstream's own.
    pub code: String,
    /// What happened, and what to do.
    pub message: String,
    /// How often.
    pub count: u64,
}

/// A remark about a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunWarning {
    /// Label of the field.
    pub field: Option<String>,
    /// Begins with the field.
    pub message: String,
    /// How many records it is about.
    pub count: u64,
}

impl RunWarning {
    /// Something about the way to the directory, and about no record.
    #[must_use]
    pub fn of_the_way(message: String) -> Self {
        Self {
            field: None,
            message,
            count: 1,
        }
    }
}

/// Why a run was blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Which breaker.
    pub breaker: String,
    /// What would have happened, and the limit.
    pub message: String,
    /// The likely cause.
    pub cause: String,
    /// What to approve.
    pub digest: String,
}

/// What became of an approved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedOutcome {
    /// The plan.
    pub digest: String,
    /// Changes that were approved.
    pub changes: u64,
    /// Of those, how many were performed.
    pub performed: u64,
}

/// What an undo leaves in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftThere {
    /// The field's label.
    pub label: String,
    /// Why, as it follows the number of records.
    pub why: String,
    /// How many records.
    pub count: u64,
}

/// One run, while it goes on and afterwards. Kept in the state as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Unique within the workspace.
    pub id: String,
    /// The mode it ended with: an incremental run may have to read everybody.
    pub mode: RunMode,
    /// Who asked for it.
    pub trigger: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Numbers.
    pub counts: Counts,
    /// Skips by reason code.
    pub skips: Map<String, u64>,
    /// HTTP requests, of all slices.
    pub requests: u64,
    /// Milliseconds waited because the directory asked for it.
    pub throttled_ms: u64,
    /// Records without a value, by the field's label.
    pub missing: Map<String, u64>,
    /// Records that both sides had edited, by the field's label.
    pub overruled: Map<String, u64>,
    /// Records that both sides had edited, and whose value the directory is given, by the field's label.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub prevailing: Map<String, u64>,
    /// Records whose value both sides had changed and of which nobody has decided whose counts, by label.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub undecided: Map<String, u64>,
    /// Records whose value the directory is not given since the application may not write it, by the field's
    /// label.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub not_permitted: Map<String, u64>,
    /// Records whose value the directory is not given since it is mastered elsewhere, by the field's label.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mastered_elsewhere: Map<String, u64>,
    /// Records whose field an undo left alone, because it was edited since, by the field's label.
    #[serde(default)]
    pub left_alone: Map<String, u64>,
    /// What an undo leaves in the directory, beside what may not be written: by label and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<LeftThere>,
    /// Contacts that stayed inactive although their person is in scope, since nothing tells who made them
    /// so.
    #[serde(default)]
    pub left_inactive: u64,
    /// What a person should know of the way to the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Why the directory does not tell of changes by itself although it should.
    #[serde(default)]
    pub notification_trouble: Option<String>,
    /// What is remarkable about the groups of the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RunWarning>,
    /// Failures.
    pub errors: Vec<RunError>,
    /// Present where a breaker ended it.
    pub block: Option<Block>,
    /// Present where it performs an approved plan.
    #[serde(default)]
    pub approved: Option<ApprovedOutcome>,
    /// People of whom the directory was given something, or given it back.
    #[serde(default)]
    pub given: u64,
    /// Of an undo, the run that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

impl RunRecord {
    /// Whether it read its round to the end and wrote what could be written.
    pub fn is_success(&self) -> bool {
        matches!(self.status, RunStatus::Succeeded | RunStatus::Warnings)
    }

    /// A run that begins.
    #[must_use]
    pub fn begin(id: String, mode: RunMode, trigger: String, now: Timestamp) -> Self {
        Self {
            id,
            mode,
            trigger,
            status: RunStatus::Running,
            started_at: now,
            finished_at: None,
            counts: Counts::default(),
            skips: Map::new(),
            requests: 0,
            throttled_ms: 0,
            missing: Map::new(),
            overruled: Map::new(),
            prevailing: Map::new(),
            undecided: Map::new(),
            not_permitted: Map::new(),
            mastered_elsewhere: Map::new(),
            left_alone: Map::new(),
            stays: Vec::new(),
            left_inactive: 0,
            remarks: Vec::new(),
            notification_trouble: None,
            groups: Vec::new(),
            errors: Vec::new(),
            block: None,
            approved: None,
            given: 0,
            undoes: None,
        }
    }

    /// Counts a user whose turn is over with this effect.
    pub fn count(&mut self, effect: Effect, reason: &str) {
        self.counts.processed += 1;
        match effect {
            Effect::Create => self.counts.created += 1,
            Effect::Update | Effect::Link | Effect::Reactivate | Effect::Invite => {
                self.counts.updated += 1;
            }
            Effect::Unlink | Effect::Deactivate | Effect::Delete => self.counts.removed += 1,
            Effect::Unchanged => self.counts.unchanged += 1,
            Effect::Skip => {
                self.counts.skipped += 1;
                *self.skips.or_default(reason.to_owned()) += 1;
            }
        }
    }

    /// Takes back what [`count`](Self::count) did for a change that the store did not take.
    pub fn uncount(&mut self, effect: Effect, reason: &str) {
        let less = |count: &mut u64| *count = count.saturating_sub(1);
        less(&mut self.counts.processed);
        match effect {
            Effect::Create => less(&mut self.counts.created),
            Effect::Update | Effect::Link | Effect::Reactivate | Effect::Invite => {
                less(&mut self.counts.updated);
            }
            Effect::Unlink | Effect::Deactivate | Effect::Delete => less(&mut self.counts.removed),
            Effect::Unchanged => less(&mut self.counts.unchanged),
            Effect::Skip => {
                less(&mut self.counts.skipped);
                if let Some(count) = self.skips.get_mut(reason) {
                    less(count);
                    if *count == 0 {
                        self.skips.remove(reason);
                    }
                }
            }
        }
    }

    /// Counts a user who could not be written.
    pub fn count_failure(&mut self, field: Option<&str>, code: &str) {
        self.count_refusal(field, code, None);
    }

    /// Counts somebody who could not be written, with the directory's own code where it `told` one.
    pub fn count_refusal(&mut self, field: Option<&str>, code: &str, told: Option<&str>) {
        self.counts.processed += 1;
        self.counts.failed += 1;
        let mut message = record_failure_message(field, code);
        if let Some(told) = told {
            message.push_str(&format!(" ({told})"));
        }
        self.add_error(code, message);
    }

    /// Where an approved plan is performed, nothing else is: what was done is what was performed of it.
    pub fn note_performed(&mut self) {
        let performed = self.counts.created + self.counts.updated + self.counts.removed;
        if let Some(approved) = &mut self.approved {
            approved.performed = performed;
        }
    }

    /// Counts as drifted what an approved plan's run has neither performed nor failed to perform, and
    /// not counted so already.
    pub fn count_drifted(&mut self) {
        let drifted = self.skips.get(Reason::Drifted.code());
        let told = drifted.copied().unwrap_or_default() + self.counts.failed;
        let left_out = self.approved.as_ref().map_or(0, |approved| {
            let left = approved.changes.saturating_sub(approved.performed);
            left.saturating_sub(told)
        });
        for _ in 0..left_out {
            self.count(Effect::Skip, Reason::Drifted.code());
        }
    }

    /// Whether an approved plan left somebody as they were who was to be changed, or is to be changed
    /// otherwise.
    #[must_use]
    pub fn left_something_out(&self) -> bool {
        let skipped = |reason: Reason| self.skips.contains_key(reason.code());
        self.approved.as_ref().is_some_and(|approved| {
            approved.performed < approved.changes
                || skipped(Reason::Drifted)
                || skipped(Reason::NotApproved)
        })
    }

    /// Adds a wait to what the run has waited already, where that may be.
    pub fn may_wait(&mut self, wait: Duration, most: Duration) -> bool {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let waited = self.throttled_ms.saturating_add(wait);
        let may = u128::from(waited) <= most.as_millis();
        if may {
            self.throttled_ms = waited;
        }
        may
    }

    /// Counts a decision that is final as it stands: everything but an addition, whose outcome the
    /// store decides, and what takes something away, whose time comes later.
    pub fn count_decision(&mut self, decision: &Decision) {
        match &decision.action {
            Action::Fail { field, code } => self.count_failure(field.as_deref(), code),
            Action::Leave(_) | Action::Same => {
                self.count(Effect::Unchanged, decision.reason.code())
            }
            Action::Skip(_) => self.count(Effect::Skip, decision.reason.code()),
            Action::Add(_) | Action::Wait | Action::Remove(_) | Action::Invite(_) => {}
        }
    }

    /// Notes what a decision says about fields, under their labels.
    pub fn remark(&mut self, decision: &Decision, label: impl Fn(usize) -> String) {
        for position in &decision.missing {
            *self.missing.or_default(label(*position)) += 1;
        }
        for position in &decision.overruled {
            *self.overruled.or_default(label(*position)) += 1;
        }
        for asked in decision.asked.iter().filter(|asked| asked.answer.is_none()) {
            *self.undecided.or_default(label(asked.row)) += 1;
        }
        for position in &decision.prevailing {
            *self.prevailing.or_default(label(*position)) += 1;
        }
        for (position, why) in &decision.withheld {
            let withheld = match why {
                Withheld::NotPermitted => &mut self.not_permitted,
                Withheld::MasteredElsewhere => &mut self.mastered_elsewhere,
            };
            *withheld.or_default(label(*position)) += 1;
        }
        self.left_inactive += u64::from(decision.left_inactive);
    }

    /// Notes the fields, by their labels, that an undo left alone in one record.
    pub fn leave_alone(&mut self, labels: impl Iterator<Item = String>) {
        for label in labels {
            *self.left_alone.or_default(label) += 1;
        }
    }

    /// Notes what the directory keeps of one person although the run that gave it is taken back; `label` is the field's.
    pub fn leave_there(&mut self, label: String, why: Stays) {
        match why {
            Stays::NotPermitted => return *self.not_permitted.or_default(label) += 1,
            Stays::MasteredElsewhere => return *self.mastered_elsewhere.or_default(label) += 1,
            Stays::Changed
            | Stays::NotMapped
            | Stays::CannotBeEmpty
            | Stays::Gone
            | Stays::Unread => {}
        }
        let why = why_it_stays(why);
        let mut known = self.stays.iter_mut();
        match known.find(|known| known.label == label && known.why == why) {
            Some(known) => known.count += 1,
            None => self.stays.push(LeftThere {
                label,
                why: why.to_owned(),
                count: 1,
            }),
        }
    }

    /// Counts somebody of whom the directory holds something because it was given it.
    pub fn count_given(&mut self, given: &[GivenChange]) {
        self.given += u64::from(given.iter().any(|given| given.answered));
    }

    /// Notes something about the way to the directory, once.
    pub fn remark_on_the_way(&mut self, remark: String) {
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Adds a failure, or counts it where it occurred before.
    pub fn add_error(&mut self, code: &str, message: String) {
        match self
            .errors
            .iter_mut()
            .find(|error| error.code == code && error.message == message)
        {
            Some(error) => error.count += 1,
            None => self.errors.push(RunError {
                code: code.to_owned(),
                message,
                count: 1,
            }),
        }
    }

    /// The remarks, led by their field, the most frequent first.
    #[must_use]
    pub fn warnings(&self) -> Vec<RunWarning> {
        let mut warnings: Vec<_> = self
            .missing
            .iter()
            .map(|(label, count)| warning(label, *count, "missing"))
            .chain(self.overruled.iter().map(|(label, count)| {
                warning(
                    label,
                    *count,
                    "edited on both sides, the directory's value was taken",
                )
            }))
            .chain(self.undecided.iter().map(|(label, count)| {
                warning(
                    label,
                    *count,
                    "changed on both sides, and nobody has decided whose value counts",
                )
            }))
            .chain(self.prevailing.iter().map(|(label, count)| {
                warning(
                    label,
                    *count,
                    "edited on both sides, the directory is given the contact's value",
                )
            }))
            .chain(self.not_permitted.iter().map(|(label, count)| {
                warning(
                    label,
                    *count,
                    "changed here and not in the directory, which the application may not write to",
                )
            }))
            .chain(self.mastered_elsewhere.iter().map(|(label, count)| {
                warning(
                    label,
                    *count,
                    "changed here and not in the directory, where it is synchronised from on-premises",
                )
            }))
            .chain(
                self.left_alone
                    .iter()
                    .map(|(label, count)| warning(label, *count, "edited since, left alone")),
            )
            .chain(
                self.stays
                    .iter()
                    .map(|left| warning(&left.label, left.count, &left.why)),
            )
            .chain((self.left_inactive > 0).then(|| inactive(self.left_inactive)))
            .chain(self.remarks.iter().cloned().map(RunWarning::of_the_way))
            .chain(self.notification_trouble.clone().map(|message| RunWarning {
                field: None,
                message,
                count: 1,
            }))
            .chain(self.groups.iter().cloned())
            .collect();
        ordered::sort_by(&mut warnings, |left, right| {
            right
                .count
                .cmp(&left.count)
                .then_with(|| left.message.cmp(&right.message))
        });
        warnings
    }

    /// Ends the run after everything was done.
    pub fn succeed(&mut self, now: Timestamp) {
        let remarks = self.counts.failed > 0
            || !self.missing.is_empty()
            || !self.overruled.is_empty()
            || !self.prevailing.is_empty()
            || !self.undecided.is_empty()
            || !self.not_permitted.is_empty()
            || !self.mastered_elsewhere.is_empty()
            || !self.left_alone.is_empty()
            || !self.stays.is_empty()
            || self.left_inactive > 0
            || !self.remarks.is_empty()
            || self.notification_trouble.is_some()
            || !self.groups.is_empty();
        let status = if remarks {
            RunStatus::Warnings
        } else {
            RunStatus::Succeeded
        };
        self.end(status, now);
    }

    /// Ends the run with a status.
    pub fn end(&mut self, status: RunStatus, now: Timestamp) {
        self.status = status;
        // A clock that jumped back must not make a run end before it began.
        self.finished_at = Some(now.max(self.started_at));
    }
}

fn warning(label: &str, count: u64, what: &str) -> RunWarning {
    let records = if count == 1 { "record" } else { "records" };
    RunWarning {
        field: Some(label.to_owned()),
        message: format!("{label}: {count} {records} {what}"),
        count,
    }
}

/// Why something stays on both sides, as it follows the number of records.
fn why_it_stays(why: Stays) -> &'static str {
    match why {
        Stays::Changed => {
            "changed on one of the sides since the run gave it to the directory, and left there and here"
        }
        Stays::NotMapped => {
            "left in the directory and here, since the mapping does not write it to the directory any more"
        }
        Stays::CannotBeEmpty => {
            "left in the directory and here, since it was empty there before, and one of the sides cannot be empty"
        }
        Stays::Gone => "left here, since the directory has no such person any more",
        Stays::Unread => {
            "left in the directory and here, since the directory did not tell what it holds; plan the undo again"
        }
        Stays::NotPermitted => "left in the directory, which the application may not write to",
        Stays::MasteredElsewhere => {
            "left in the directory, where it is synchronised from on-premises"
        }
    }
}

fn inactive(count: u64) -> RunWarning {
    let contacts = if count == 1 {
        "contact is"
    } else {
        "contacts are"
    };
    RunWarning {
        field: None,
        message: format!(
            "{count} {contacts} inactive although the directory has the person in scope, and nothing tells \
             that a sync made it so; if that is wrong, make it active here"
        ),
        count,
    }
}

/// What a failure of one record means, in a sentence without personal data.
fn record_failure_message(field: Option<&str>, code: &str) -> String {
    let what = match code {
        "too-long" => "the value is longer than the contact store takes",
        "unexpected-shape" => "the directory gave a value of an unexpected kind",
        "user-without-id" => "the directory gave a record without an object id",
        "version-conflict" => {
            "the contact kept changing while it was written; the next full sync tries again"
        }
        "changed-meanwhile" => {
            "the contact was changed while its changes were taken back; plan the undo again"
        }
        "gone-meanwhile" => "the contact was deleted while its changes were taken back",
        "linked-meanwhile" => {
            "the contact or the user was linked to another while the changes were taken back"
        }
        "moved-meanwhile" => {
            "the directory or the contact changed before the directory was given the value; the next sync compares again"
        }
        "mastered-elsewhere" => {
            "the person is synchronised from on-premises, and can be changed only there"
        }
        "read-only-attribute" => "the directory lets nobody write the attribute",
        "privileged-person" => {
            "the person has an active role in the directory, and the attribute may serve to get into an account"
        }
        "roles-unknown" => {
            "whether the person has a role in the directory cannot be seen, and without knowing it the attribute is not written"
        }
        "several-values" => {
            "the attribute holds several values, and to empty it would take away more than the one that is known"
        }
        "value-refused" => "the directory refuses the value, or another that was sent with it",
        "directory-refused" => "the directory refused it",
        "unfit-for-directory" => "the contact holds something that the directory is not given",
        "write-not-permitted" => "the application may not write this to the directory",
        "unknown" => {
            "whether the contact store has written it cannot be told yet; the next sync finds out"
        }
        "gone-from-directory" => "the directory has no such user any more",
        "directory-unavailable" => {
            "the directory did not take the value for too long; the next sync tries again"
        }
        "lookup-failed" => {
            "the directory did not answer whether the user still exists; nobody is removed for that"
        }
        "missing-mandatory" => "the contact store demands a value",
        "invalid-email" => "the contact store takes no such address",
        code => refused_number::in_words(code).unwrap_or("the contact store refused the record"),
    };
    match field {
        Some(field) => format!("{field}: {what}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> RunRecord {
        RunRecord::begin(
            "r1".to_owned(),
            RunMode::Full,
            "manual".to_owned(),
            Timestamp(1_000),
        )
    }

    fn sum(counts: &Counts) -> u64 {
        counts.created
            + counts.updated
            + counts.unchanged
            + counts.skipped
            + counts.removed
            + counts.failed
    }

    #[test]
    fn every_effect_adds_to_one_number_and_to_processed() {
        let mut run = record();
        for effect in Effect::ALL {
            run.count(effect, "in-step");
        }
        run.count_failure(Some("first_name"), "too-long");
        assert_eq!(run.counts.processed, 11);
        assert_eq!(sum(&run.counts), 11);
    }

    #[test]
    fn warnings_lead_with_the_field_and_the_most_frequent_comes_first() {
        let mut run = record();
        run.missing.insert("Company Name".to_owned(), 36);
        run.missing.insert("Email".to_owned(), 1);
        run.overruled.insert("First name".to_owned(), 2);
        run.left_alone.insert("Company Name".to_owned(), 1);
        let messages: Vec<_> = run
            .warnings()
            .into_iter()
            .map(|warning| warning.message)
            .collect();
        assert_eq!(
            messages,
            [
                "Company Name: 36 records missing",
                "First name: 2 records edited on both sides, the directory's value was taken",
                "Company Name: 1 record edited since, left alone",
                "Email: 1 record missing",
            ]
        );
    }

    #[test]
    fn a_clean_run_succeeds_and_one_with_remarks_says_so() {
        let mut clean = record();
        clean.succeed(Timestamp(2_000));
        assert_eq!(clean.status, RunStatus::Succeeded);
        let mut remarked = record();
        remarked.count_failure(None, "user-without-id");
        remarked.succeed(Timestamp(2_000));
        assert_eq!(remarked.status, RunStatus::Warnings);
    }

    #[test]
    fn that_the_directory_does_not_tell_of_changes_is_a_warning() {
        let mut run = record();
        run.notification_trouble = Some("Changes are found by the schedule alone".to_owned());
        run.succeed(Timestamp(2_000));
        assert_eq!(run.status, RunStatus::Warnings);
        assert_eq!(run.warnings().len(), 1);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_end_a_run_before_it_began() {
        let mut run = record();
        run.succeed(Timestamp(1));
        assert_eq!(run.finished_at, Some(Timestamp(1_000)));
    }
}
