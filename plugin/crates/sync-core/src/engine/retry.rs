//! `retry`: reads one user and does what a sync would do about them.
//!
//! For somebody in the ledger, given up or not, and for an administrator who wants to see what
//! happens to one person. A run of its own: the cursor stays.

use crate::contact::{Effect, ObjectId, Who};
use crate::ports::{Ports, Query};
use crate::reconcile::reason::Reason;
use crate::run::{RunMode, RunStatus};

use super::apply::{Apply, SYNC_ROUND};
use super::bounds::Bounds;
use super::breakers;
use super::call::{CallError, Prepared};
use super::checkpoint::{Cursor, Round, current_run};
use super::directory::Directory;
use super::finish_run::{begin, conclude, save_end, supersede};
use super::groups::round::GroupCursor;
use super::groups::{self, Groups};
use super::held::{self, Held};
use super::ledger;
use super::page::{Decided, People, RoundPhase, decide};
use super::removals;
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::session::Session;
use super::stage::{Settlement, Stage as _};
use super::verify::{Verified, decide_absent, fetch_by_id};

/// Who asks, in the record.
const TRIGGER: &str = "retry";

/// How often contacts that change under our hands are decided about again.
const ATTEMPTS: usize = 3;

/// Tries one user.
///
/// # Errors
///
/// Where no run was begun: among other things [`CallError::RoundOpen`] between two slices of a sync.
pub fn retry(
    ports: Ports<'_>,
    prepared: &Prepared,
    source: &str,
    directory: &dyn Directory,
    user: &ObjectId,
) -> Result<super::sync::SyncResult, CallError> {
    if Round::load(ports.state)?.is_some() {
        return Err(CallError::RoundOpen);
    }
    if let Some(left_over) = current_run(ports.state)? {
        supersede(ports, source, left_over)?;
    }
    let mut run_log = RunLog::open(ports, begin(ports, RunMode::Incremental, TRIGGER))?;
    let outcome = Session::open(ports, prepared, directory).and_then(|session| {
        let outcome = try_one(&session, &mut run_log, user);
        run_log.measure(&session);
        outcome?;
        if run_log.run.status == RunStatus::Running {
            run_log.run.succeed(ports.clock.now());
        }
        save_end(ports, &session.source, &mut run_log, Vec::new())
    });
    conclude(ports, source, run_log, outcome)
}

fn try_one<'a>(
    session: &Session<'a>,
    run_log: &mut RunLog<'a>,
    user: &ObjectId,
) -> Result<(), RunAbort> {
    let users = std::slice::from_ref(user);
    let held = Held::load(session.ports.state, user)?;
    // What an abandoned round left behind must not be taken for this user's.
    removals::discard(session, SYNC_ROUND)?;
    let organization = match &session.organization {
        Some(name) => Some(name.clone()),
        None => session.current_organization()?,
    };
    let people = session.people(organization.as_deref());
    let Verified {
        mut there,
        not_there,
    } = fetch_by_id(&*people, users)?;
    let is_nobody = not_there.iter().all(|(_, finding)| finding.shows_nobody());
    if there.is_empty() && is_nobody && is_stranger(session, user)? {
        // Of somebody whom neither side knows nothing is kept.
        for decision in decide_absent(session, not_there)? {
            run_log.run.count_decision(&decision);
        }
        return Ok(());
    }
    // Memberships of another configuration say nothing about this one.
    let cursor = Cursor::load(session.ports.state)?;
    let is_of_now = cursor.is_some_and(|cursor| cursor.fingerprint == session.settings.fingerprint);
    let known = GroupCursor::load(session.ports.state)?.filter(|_| is_of_now);
    let mut groups = Groups::as_last_read(session, known.as_ref());
    groups::attach(groups.as_mut(), session, &mut there)?;
    let people = People::new(there);
    let mut open: Vec<ObjectId> = users.to_vec();
    for _ in 0..ATTEMPTS {
        if open.is_empty() {
            break;
        }
        let mut stage = Apply {
            session,
            run_log: &mut *run_log,
            approved: None,
            approved_block: None,
        };
        let (decisions, contested) = if not_there.is_empty() {
            let items = people.only(&open);
            let Decided {
                decisions,
                contested,
                ..
            } = decide(session, &items, RoundPhase::Complete, &stage, false)?;
            (decisions, contested)
        } else {
            (decide_absent(session, not_there.clone())?, Vec::new())
        };
        open = stage.settle(Settlement {
            remembered: contested,
            decisions,
            deferred: Vec::new(),
            nameless: 0,
            sightings: None,
            round: None,
        })?;
    }
    Apply {
        session,
        run_log: &mut *run_log,
        approved: None,
        approved_block: None,
    }
    .give_up(&open)?;
    take_away(session, run_log, held)
}

/// Whether nothing is known here of a user: no contact, no change, no note, no failure.
fn is_stranger(session: &Session<'_>, user: &ObjectId) -> Result<bool, RunAbort> {
    let (store, source) = (session.ports.store, &session.source);
    let who = Who::User(user.clone());
    let contacts = store.lookup(&Query {
        source: source.clone(),
        object_ids: vec![user.clone()],
        ..Query::default()
    })?;
    Ok(contacts.is_empty()
        && store.journal(source, &who, 1)?.is_empty()
        && store.notes(source, &who)?.is_empty()
        && ledger::of_user(session.ports.state, user)?.is_none())
}

/// What the user's turn would take away passes the breakers, too. What one of them holds back already stays
/// held, because one by one everybody would pass.
fn take_away<'a>(
    session: &Session<'a>,
    run_log: &mut RunLog<'a>,
    held: Option<Held>,
) -> Result<(), RunAbort> {
    let (totals, digest) = breakers::scan(session)?;
    if let Some(held) = held {
        held::keep_from(session, &run_log.run, &held.run, &held.limit)?;
        for _ in 0..totals.uncounted {
            run_log
                .run
                .count(Effect::Skip, Reason::HeldByBreaker.code());
        }
        return removals::discard(session, SYNC_ROUND);
    }
    if let Some(block) = breakers::check_breakers(session, &totals, 0, &digest)?
        .into_iter()
        .next()
    {
        held::keep(session, &run_log.run, &block)?;
        for _ in 0..totals.uncounted {
            run_log
                .run
                .count(Effect::Skip, Reason::HeldByBreaker.code());
        }
        run_log.run.block = Some(block);
        run_log
            .run
            .end(RunStatus::Blocked, session.ports.clock.now());
        return removals::discard(session, SYNC_ROUND);
    }
    removals::apply_all(session, run_log, None, &mut Bounds::none())
}
