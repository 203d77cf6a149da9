//! `plan-undo`: says what taking a run back would do.

use crate::contact::Effect;
use crate::ports::{Phase, Ports};
use crate::reconcile::digest::PlanDigest;
use crate::run::{RunMode, RunRecord};
use guest_kit::ordered::Map;

use super::super::bounds::Bounds;
use super::super::breakers::{StagedTotals, directory_blocks};
use super::super::call::{CallError, Prepared};
use super::super::directory::Directory;
use super::super::given::Given;
use super::super::guests;
use super::super::plan::PlanSummary;
use super::super::run_abort::RunAbort;
use super::{Target, progress, seed};

/// Plans the inverse of a run.
///
/// No breaker is asked about contacts: a person sees all that would be taken away, and approves it by the digest. What
/// the limits on writes to the directory say stands beside it, as in the plan of a sync.
///
/// # Errors
///
/// [`CallError::NothingToUndo`] where the journal holds nothing of the run; where document, store or
/// state cannot be read.
pub fn plan_undo(
    ports: Ports<'_>,
    prepared: &Prepared,
    source: &str,
    directory: Option<&dyn Directory>,
    run: &str,
) -> Result<PlanSummary, CallError> {
    let target = Target::new(ports, prepared, directory, source, run);
    let mut history = target.history(None);
    let mut digest = PlanDigest::new(&seed(run));
    let mut effects: Map<Effect, u64> = Map::new();
    let mut remarks = RunRecord::begin(
        "plan".to_owned(),
        RunMode::Incremental,
        "plan".to_owned(),
        ports.clock.now(),
    );
    let mut bounds = Bounds::none();
    let mut given = 0;
    let mut totals = StagedTotals::default();
    while let Some(page) = history.next_page()? {
        let done = remarks.counts.processed;
        bounds.next_page(
            ports.clock,
            ports.control,
            progress(Phase::Reading, done, None),
        )?;
        // Whom the journal does not tell of although the directory was given something.
        let untold = page.iter().filter(|undoing| !undoing.is_given);
        let users = untold.map(|undoing| &undoing.entry.object_id);
        given += Given::people_of_run(ports.state, users, run)?;
        for undoing in &page {
            digest.add(&undoing.entry);
            remarks.count(undoing.entry.effect, &undoing.entry.reason);
            target.remark(&mut remarks, undoing);
            totals.give(&undoing.entry.directory);
            *effects.or_default(undoing.entry.effect) += 1;
        }
        let entries = page.into_iter().map(|undoing| undoing.entry).collect();
        ports.plan.put(entries).map_err(RunAbort::from)?;
    }
    if remarks.counts.processed == 0 {
        return Err(target.nothing_to_undo());
    }
    if given > 0 {
        remarks.remark_on_the_way(stays_in_the_directory(given));
    }
    let invited = guests::number_invited_by(ports.state, run)?;
    if invited > 0 {
        remarks.remark_on_the_way(stay_guests(invited));
    }
    let digest = digest.finish();
    let blocks = if totals.given > 0 {
        let statistics = ports.store.statistics(source, &[]);
        let linked = statistics.map_err(RunAbort::from)?.linked;
        directory_blocks(&prepared.settings, &totals, linked, &digest)
    } else {
        Vec::new()
    };
    Ok(PlanSummary {
        digest,
        mode: remarks.mode,
        counts: Effect::ALL
            .into_iter()
            .map(|effect| (effect, effects.get(&effect).copied().unwrap_or_default()))
            .collect(),
        warnings: remarks.warnings(),
        skips: remarks.skips,
        requests: target.reach.take_usage().requests,
        blocks,
        given: totals.given,
    })
}

/// Nobody who was invited is deleted.
fn stay_guests(people: u64) -> String {
    let people = match people {
        1 => "1 person, who stays a guest".to_owned(),
        _ => format!("{people} people, who stay guests"),
    };
    format!(
        "The run invited {people} of the directory: an undo unlinks their contacts, and deletes nobody. The next sync finds \
         them by their addresses; whoever is not to be a guest is to be deleted in the directory first"
    )
}

/// What an undo does not take back, since the journal does not tell of it: a run of a version that did not keep it, or a
/// contact that changed while the directory was written to.
fn stays_in_the_directory(people: u64) -> String {
    let (people, whom) = match people {
        1 => ("1 person".to_owned(), "them"),
        _ => (format!("{people} people"), "each of them"),
    };
    format!(
        "The run gave the directory values of {people}, and an undo leaves those there: write the former value into the \
         contact of {whom}, and sync"
    )
}
