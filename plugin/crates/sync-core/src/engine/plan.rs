//! `plan`: reads a round and says what a sync would do.

use crate::contact::{Effect, ObjectId};
use crate::ports::Ports;
use crate::reconcile::decision::taken_away;
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use crate::run::{Block, RunMode, RunRecord, RunWarning};
use crate::settings::FilterRemark;
use guest_kit::ordered::Map;

use super::begin_round::{Beginning, begin_full, begin_incremental, mode_of};
use super::bounds::Bounds;
use super::breakers::{StagedTotals, check_breakers};
use super::call::{CallError, Prepared};
use super::checkpoint::{Cursor, Round};
use super::directory::Directory;
use super::groups::kept::discard_plan;
use super::propose::{PLAN_ROUND, Propose};
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Stage as _;

/// Changes read back from the host at a time.
const BATCH: u32 = 500;

/// What the plan comes to; its entries are with the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// Names exactly these changes.
    pub digest: String,
    /// Who was read.
    pub mode: RunMode,
    /// One entry for each effect.
    pub counts: Vec<(Effect, u64)>,
    /// By reason code.
    pub skips: Map<String, u64>,
    /// Led by their field.
    pub warnings: Vec<RunWarning>,
    /// HTTP requests.
    pub requests: u64,
    /// Breakers that would stop a sync of this plan.
    pub blocks: Vec<Block>,
    /// People of whom the directory would be given something.
    pub given: u64,
}

/// Makes a plan.
///
/// # Errors
///
/// Where the directory or the store could not be read to the end.
pub fn plan(
    ports: Ports<'_>,
    prepared: &Prepared,
    directory: &dyn Directory,
    asked: RunMode,
) -> Result<PlanSummary, CallError> {
    let session = Session::open(ports, prepared, directory)?;
    let mut remarks = RunRecord::begin(
        "plan".to_owned(),
        asked,
        "plan".to_owned(),
        ports.clock.now(),
    );
    let round = read(&session, asked, &mut remarks)?;
    discard_plan(ports, &session.source)?;
    Ok(summarise(&session, &round, &remarks)?)
}

fn read(session: &Session<'_>, asked: RunMode, remarks: &mut RunRecord) -> Result<Round, RunAbort> {
    let cursor = Cursor::load(session.ports.state)?;
    let mut round = match (mode_of(session, asked, cursor.as_ref())?, &cursor) {
        (RunMode::Incremental, Some(cursor)) => begin_incremental(session, cursor)?,
        _ => begin_full(session, PLAN_ROUND, cursor.as_ref(), Beginning::default())?,
    };
    let mut stage = Propose { session, remarks };
    stage.start_over()?;
    discard_plan(session.ports, &session.source)?;
    let mut bounds = Bounds::none();
    let mut reading = Reading::of(&round, session, &mut stage, &mut bounds);
    let outcome = reading.until_closed(&mut round);
    session
        .ports
        .store
        .close_round(&session.source, PLAN_ROUND)?;
    outcome.map(|()| round)
}

fn summarise(
    session: &Session<'_>,
    round: &Round,
    remarks: &RunRecord,
) -> Result<PlanSummary, RunAbort> {
    let Scan {
        totals,
        digest,
        taken,
    } = scan(session)?;
    let mut counts: Vec<_> = Effect::ALL.into_iter().map(|effect| (effect, 0)).collect();
    let mut skips = Map::new();
    for tally in session.ports.plan.count()? {
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(effect, _)| *effect == tally.effect)
        {
            *count += tally.entries;
        }
        if tally.effect == Effect::Skip {
            *skips.or_default(tally.reason) += tally.entries;
        }
    }
    // Elements without an object id have no entry, and are still somebody a sync would not write.
    for error in &remarks.errors {
        *skips.or_default(error.code.clone()) += error.count;
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(effect, _)| *effect == Effect::Skip)
        {
            *count += error.count;
        }
    }
    let groups = round
        .groups
        .as_ref()
        .and_then(|groups| groups.block.clone());
    Ok(PlanSummary {
        blocks: check_breakers(session, &totals, to_come(&counts), &taken)?
            .into_iter()
            .chain(groups)
            .collect(),
        digest,
        mode: round.mode,
        counts,
        warnings: surprises(session, &skips)
            .chain(remarks.warnings())
            .chain(session.remarks().map(RunWarning::of_the_way))
            .collect(),
        skips,
        given: totals.given,
        requests: session.take_usage().requests,
    })
}

/// What the filter may not mean; who judges the plan has to know it before the numbers.
fn surprises<'s>(
    session: &Session<'s>,
    skips: &Map<String, u64>,
) -> impl Iterator<Item = RunWarning> + use<'s> {
    let left_out = skips.get(Reason::OutOfScope.code()).copied();
    let warning = move |remark: &FilterRemark| RunWarning {
        field: Some(remark.label.clone()),
        message: format!("{}: {}", remark.label, remark.message),
        count: left_out.unwrap_or_default(),
    };
    session.settings.filter_remarks.iter().map(warning)
}

/// Contacts that the plan would link.
fn to_come(counts: &[(Effect, u64)]) -> u64 {
    counts
        .iter()
        .filter(|(effect, _)| matches!(effect, Effect::Create | Effect::Link))
        .map(|(_, count)| count)
        .sum()
}

/// What a plan comes to.
struct Scan {
    totals: StagedTotals,
    /// Of all its changes.
    digest: String,
    /// Of what it takes away alone: what a breaker asks about, and what a sync, which has made the
    /// additions by then, compares an approval with.
    taken: String,
}

/// Reads the changes back from the host, in order.
fn scan(session: &Session<'_>) -> Result<Scan, RunAbort> {
    let mut digest = PlanDigest::new(&session.settings.fingerprint);
    let mut taken = PlanDigest::new(&session.settings.fingerprint);
    let mut totals = StagedTotals::default();
    let mut after: Option<ObjectId> = None;
    loop {
        let entries = session.ports.plan.changes(None, after.as_ref(), BATCH)?;
        let Some(last) = entries.last() else {
            return Ok(Scan {
                totals,
                digest: digest.finish(),
                taken: taken.finish(),
            });
        };
        after = Some(last.object_id.clone());
        for entry in entries {
            digest.add(&entry);
            if let Some(part) = taken_away(entry) {
                totals.removals += u64::from(part.evidence.is_some());
                if part.effect == Effect::Invite {
                    totals.invited += 1;
                } else {
                    totals.give(&part.directory);
                }
                for field in &part.fields {
                    *totals.blanks.or_default(field.field.clone()) += 1;
                }
                taken.add(&part);
            }
        }
    }
}
