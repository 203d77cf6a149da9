//! How a round begins: with everybody, or with what changed since the last one.

use crate::mapping::person::PersonKind;
use crate::ports::Level;
use crate::run::RunMode;
use crate::settings::OrgContacts;

use super::checkpoint::{Cursor, Round, Step};
use super::collection::Collection;
use super::directory::Start;
use super::edited;
use super::groups;
use super::groups::round::{GroupCursor, GroupRound};
use super::partitions::Partitions;
use super::proof::Proof;
use super::propose::PLAN_ROUND;
use super::run_abort::RunAbort;
use super::session::Session;

/// What stands already when a full round begins.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    /// How often the round was begun.
    pub(super) restarts: u8,
    /// The groups, where they are read already.
    pub(super) groups: Option<GroupRound>,
}

/// How a round starts: incremental where a cursor of this configuration is there and a full round is
/// neither asked for nor due, and where nothing has to be looked for among the contacts.
///
/// # Errors
///
/// Where the state cannot be read.
pub(super) fn mode_of(
    session: &Session<'_>,
    asked: RunMode,
    cursor: Option<&Cursor>,
) -> Result<RunMode, RunAbort> {
    let knows_groups =
        session.settings.groups.is_none() || GroupCursor::load(session.ports.state)?.is_some();
    let due = |cursor: &Cursor| {
        // A full round in the future was dated by a clock that was wrong.
        let age = session
            .ports
            .clock
            .now()
            .0
            .checked_sub(cursor.full_round_at.0);
        age.is_none_or(|age| u128::from(age) >= session.settings.full_round_every.as_millis())
    };
    let is_renamed = |cursor: &Cursor| {
        let named = cursor.organization.as_ref();
        named.is_some_and(|named| session.organization.as_ref() != Some(named))
    };
    // What was changed here, the directory's changes do not tell.
    let knows_edits = match cursor {
        Some(cursor) if session.settings.writes_directory() => {
            edited::knows_edits(session, cursor)?
        }
        _ => true,
    };
    Ok(match cursor {
        Some(cursor)
            if asked == RunMode::Incremental
                && knows_groups
                && cursor.org_contacts.is_some() == reads_org_contacts(session)
                && knows_edits
                && cursor.fingerprint == session.settings.fingerprint
                && !is_renamed(cursor)
                && !due(cursor) =>
        {
            RunMode::Incremental
        }
        _ => RunMode::Full,
    })
}

/// Opens a full round.
pub(super) fn begin_full(
    session: &Session<'_>,
    round_name: &str,
    cursor: Option<&Cursor>,
    Beginning { restarts, groups }: Beginning,
) -> Result<Round, RunAbort> {
    // Before any contact is looked at: what is edited from here on is told by the next round.
    let edits = edited::now(session)?;
    let organization = session.current_organization()?;
    let last = cursor.map(|cursor| cursor.people);
    let proof = Proof::begin(session.directory.count(PersonKind::User)?, last);
    let known_links = session
        .ports
        .store
        .open_round(&session.source, round_name, false)?;
    let start = session.directory.start(PersonKind::User)?;
    let lists_by_changes = matches!(start, Start::Changes { .. });
    let (step, partitions) = match start {
        Start::List { link, bookmark } => {
            // A round that starts again is read in the way that asks for least.
            let partitions = match proof.counted {
                Some(people) if restarts == 0 => partitions(session, people)?,
                _ => None,
            };
            (Step::Listing { link, bookmark }, partitions)
        }
        Start::Changes { link } => (Step::Following { link }, None),
    };
    let groups = match (groups, session.directory.groups()) {
        (None, Some(feed)) => Some(groups::begin(
            session,
            &*feed,
            RunMode::Full,
            round_name == PLAN_ROUND,
        )?),
        (groups, _) => groups,
    };
    let other = match reads_org_contacts(session) {
        true => Some(begin_org_contacts(session, cursor)?),
        false => None,
    };
    Ok(Round {
        mode: RunMode::Full,
        fingerprint: session.settings.fingerprint.clone(),
        step,
        known_links,
        people: 0,
        staged: false,
        waiting: false,
        restarts,
        proof,
        approved: None,
        organization,
        to_ask: 0,
        lists_by_changes,
        partitions,
        groups,
        reads: PersonKind::User,
        other,
        edits,
        reads_edits: false,
        asks_edited: false,
        not_permitted: edited::not_permitted(session),
    })
}

fn reads_org_contacts(session: &Session<'_>) -> bool {
    session.settings.org_contacts == OrgContacts::Include
}

/// The organisational contacts of a full round. Their bookmark is of its beginning, as the users' is, and what
/// changes while either list is read is found behind it.
fn begin_org_contacts(
    session: &Session<'_>,
    cursor: Option<&Cursor>,
) -> Result<Collection, RunAbort> {
    let kind = PersonKind::OrgContact;
    let last = cursor.and_then(|cursor| cursor.org_contacts.as_ref());
    let last = last.map(|contacts| contacts.people);
    let proof = Proof::begin(session.directory.count(kind)?, last);
    let step = match session.directory.start(kind)? {
        Start::List { link, bookmark } => Step::Listing { link, bookmark },
        Start::Changes { link } => Step::Following { link },
    };
    Ok(Collection::begin(step, proof))
}

/// The list in partitions, where the directory gives it so and it is long enough.
fn partitions(session: &Session<'_>, people: u64) -> Result<Option<Partitions>, RunAbort> {
    let partitions = Partitions::begin(session.directory.partitions(people)?);
    if let Some(partitions) = &partitions {
        let number = ("partitions", partitions.left().to_string());
        let control = session.ports.control;
        control.log(Level::Info, "list-in-partitions", &[number]);
    }
    Ok(partitions)
}

/// Opens an incremental round.
///
/// # Errors
///
/// Where the state cannot be read.
pub(super) fn begin_incremental(session: &Session<'_>, cursor: &Cursor) -> Result<Round, RunAbort> {
    let groups = match session.directory.groups() {
        Some(feed) => Some(groups::begin(session, &*feed, RunMode::Incremental, false)?),
        None => None,
    };
    Ok(Round {
        mode: RunMode::Incremental,
        fingerprint: session.settings.fingerprint.clone(),
        step: Step::Following {
            link: cursor.delta_link.clone(),
        },
        known_links: 0,
        people: 0,
        staged: false,
        waiting: false,
        restarts: 0,
        proof: Proof::begin(None, Some(cursor.people)),
        approved: None,
        organization: session.organization.clone(),
        to_ask: 0,
        lists_by_changes: false,
        partitions: None,
        groups,
        reads: PersonKind::User,
        other: cursor.org_contacts.as_ref().map(|contacts| {
            let link = contacts.delta_link.clone();
            let proof = Proof::begin(None, Some(contacts.people));
            Collection::begin(Step::Following { link }, proof)
        }),
        reads_edits: cursor.edits.is_some(),
        edits: cursor.edits.clone(),
        asks_edited: cursor.asks_edited,
        not_permitted: edited::not_permitted(session),
    })
}
