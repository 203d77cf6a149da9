//! `retry`: reads one user and does what a sync would do about them.
//!
//! For somebody in the ledger, given up or not, and for an administrator who wants to see what
//! happens to one person. A run of its own: the cursor stays.

use crate::contact::ObjectId;
use crate::graph::retry::Budget;
use crate::ports::Ports;
use crate::reconcile::decision::Decision;
use crate::report::run::{RunMode, RunStatus};

use super::apply::{Apply, SYNC_ROUND};
use super::books::Books;
use super::bounds::Bounds;
use super::call::{CallError, PATIENCE, prepare};
use super::checkpoint::{Round, current_run};
use super::ending::{begin, conclude, save_end, supersede};
use super::halt::Halt;
use super::page::{Decided, Moment, People, decide};
use super::session::{Session, source};
use super::sought::{Sought, decide_absent, seek};
use super::stage::{Settlement, Stage as _};
use super::taking;

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
    document: &str,
    user: &ObjectId,
) -> Result<super::sync::SyncResult, CallError> {
    let prepared = prepare(ports, document)?;
    let connection = prepared.connection()?;
    if Round::load(ports.state)?.is_some() {
        return Err(CallError::RoundOpen);
    }
    let source = source(&connection.tenant);
    if let Some(left_over) = current_run(ports.state)? {
        supersede(ports, &source, left_over)?;
    }
    let mut books = Books::open(ports, begin(ports, RunMode::Incremental, TRIGGER))?;
    let outcome = Session::open(
        ports,
        &prepared.settings,
        connection,
        &prepared.store,
        Budget::until(PATIENCE),
    )
    .and_then(|session| {
        let outcome = try_one(&session, &mut books, user);
        books.measure(&session);
        outcome?;
        if books.run.status == RunStatus::Running {
            books.run.succeed(ports.clock.now());
        }
        save_end(ports, &session.source, &mut books, Vec::new())
    });
    conclude(ports, &source, books, outcome)
}

fn try_one<'a>(session: &Session<'a>, books: &mut Books<'a>, user: &ObjectId) -> Result<(), Halt> {
    let users = std::slice::from_ref(user);
    // What an abandoned round left behind must not be taken for this user's.
    taking::discard(session, SYNC_ROUND)?;
    let organization = match &session.organization {
        Some(name) => Some(name.clone()),
        None => session.current_organization()?,
    };
    let reader = session.reader(organization.as_deref());
    let Sought { there, not_there } = seek(session, &reader, users)?;
    let people = People::new(there);
    let mut open: Vec<ObjectId> = users.to_vec();
    for _ in 0..ATTEMPTS {
        if open.is_empty() {
            break;
        }
        let mut stage = Apply {
            session,
            books: &mut *books,
            approved: None,
        };
        let decisions: Vec<Decision> = if not_there.is_empty() {
            let Decided { decisions, .. } =
                decide(session, &people.only(&open), Moment::Read, &stage)?;
            decisions
        } else {
            decide_absent(session, not_there.clone())?
        };
        open = stage.settle(Settlement {
            decisions,
            deferred: Vec::new(),
            nameless: 0,
            sightings: None,
            round: None,
        })?;
    }
    Apply {
        session,
        books: &mut *books,
        approved: None,
    }
    .give_up(&open)?;
    take_away(session, books)
}

/// What the user's turn would take away passes the breakers, too.
fn take_away<'a>(session: &Session<'a>, books: &mut Books<'a>) -> Result<(), Halt> {
    let (toll, digest) = taking::survey(session)?;
    if let Some(block) = taking::judge(session, &toll, 0, &digest)?
        .into_iter()
        .next()
    {
        books.run.block = Some(block);
        books.run.end(RunStatus::Blocked, session.ports.clock.now());
        return taking::discard(session, SYNC_ROUND);
    }
    taking::apply_all(session, books, None, &mut Bounds::none())
}
