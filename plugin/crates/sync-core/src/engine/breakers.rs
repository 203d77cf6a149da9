//! The limits on what a closed round takes away and on what it gives the directory: everything that is staged is
//! counted, and asked of the breakers, before any of it is done.
//!
//! Then either all of it may go on or nothing does.

use crate::contact::ObjectId;
use crate::ports::AttributeChange;
use crate::reconcile::decision::{invitation_entry, removal_entry, staged_entry};
use crate::reconcile::digest::PlanDigest;
use crate::run::Block;
use crate::settings::Settings;
use guest_kit::ordered::Map;

use super::run_abort::RunAbort;
use super::session::Session;
use super::staged::Staged;

/// What is read at a time.
const BATCH: u32 = 500;

/// How much would be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StagedTotals {
    /// Contacts that would be unlinked, deactivated or deleted.
    pub(super) removals: u64,
    /// Contacts that would lose the value of a field, by field.
    pub(super) blanks: Map<String, u64>,
    /// People of whom the directory would be given something.
    pub(super) given: u64,
    /// People who would lose the value of an attribute in the directory, by attribute.
    pub(super) emptied: Map<String, u64>,
    /// People who would be invited.
    pub(super) invited: u64,
    /// Users whose turn has not been counted yet.
    pub(super) uncounted: u64,
}

impl StagedTotals {
    /// Counts what the directory would be given of one person.
    pub(super) fn give(&mut self, directory: &[AttributeChange]) {
        self.given += u64::from(!directory.is_empty());
        for change in directory.iter().filter(|change| change.after.is_none()) {
            *self.emptied.or_default(change.attribute.clone()) += 1;
        }
    }
}

/// Reads everything that is staged, without keeping it: what it comes to, and the digest that names
/// it. Where everything else is in step, that is the digest of the next plan.
pub(super) fn scan(session: &Session<'_>) -> Result<(StagedTotals, String), RunAbort> {
    let mut digest = PlanDigest::new(&session.settings.fingerprint);
    let mut totals = StagedTotals::default();
    let mut after: Option<ObjectId> = None;
    loop {
        let page = Staged::page(session.ports.state, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else {
            return Ok((totals, digest.finish()));
        };
        after = Some(last.object_id().clone());
        for staged in page {
            match staged {
                Staged::Removal { removal, reason } => {
                    totals.removals += 1;
                    totals.uncounted += 1;
                    digest.add(&removal_entry(removal, reason));
                }
                Staged::Invitation { invitation } => {
                    totals.invited += 1;
                    totals.uncounted += 1;
                    digest.add(&invitation_entry(&invitation));
                }
                Staged::Update { update, counted } => {
                    for field in &update.fields {
                        *totals.blanks.or_default(field.name.clone()) += 1;
                    }
                    totals.give(&update.directory);
                    totals.uncounted += u64::from(!counted);
                    digest.add(&staged_entry(update));
                }
            }
        }
    }
}

/// Asks every breaker; what those have to say that trip. Links `to_come` count as there: a sync has
/// made them when it asks, a plan has not.
pub(super) fn check_breakers(
    session: &Session<'_>,
    totals: &StagedTotals,
    to_come: u64,
    digest: &str,
) -> Result<Vec<Block>, RunAbort> {
    let settings = session.settings;
    let small = totals.removals <= settings.removal_limit.floor
        && totals
            .blanks
            .values()
            .all(|count| *count <= settings.blank_limit.floor)
        && totals.given <= settings.directory_limit.floor
        && totals.invited <= settings.invitation_limit.floor
        && totals
            .emptied
            .values()
            .all(|count| *count <= settings.directory_blank_limit.floor);
    if small {
        return Ok(Vec::new());
    }
    let statistics = session.ports.store.statistics(&session.source, &[])?;
    let linked = statistics.linked + to_come;
    let mut blocks = Vec::new();
    if let Err(trip) = settings.removal_limit.judge(totals.removals, linked) {
        blocks.push(Block {
            breaker: "removals".to_owned(),
            message: format!(
                "{} of {linked} linked contacts would be removed; at most {} may be in one run",
                trip.wanted, trip.allowed
            ),
            cause: "Many people left the directory or the filter at once. Check whether the filter was \
                    edited, a licence or a group was removed, or the directory was emptied by mistake; if \
                    it is right, approve exactly this."
                .to_owned(),
            digest: digest.to_owned(),
        });
    }
    for (field, count) in &totals.blanks {
        if let Err(trip) = settings.blank_limit.judge(*count, linked) {
            let label = session.label_of(field);
            blocks.push(Block {
                breaker: format!("blanked:{field}"),
                message: format!(
                    "{label}: {} of {linked} linked contacts would lose their value; at most {} may in one run",
                    trip.wanted, trip.allowed
                ),
                cause: "The directory states nothing for many people at once. Check whether the \
                        application lost a permission, or the attribute was emptied by mistake; if it is \
                        right, approve exactly this."
                    .to_owned(),
                digest: digest.to_owned(),
            });
        }
    }
    blocks.extend(directory_blocks(settings, totals, linked, digest));
    Ok(blocks)
}

/// The breakers of what the directory would be given. They are tighter: what is wrong there is wrong for the whole
/// organisation.
pub(super) fn directory_blocks(
    settings: &Settings,
    totals: &StagedTotals,
    linked: u64,
    digest: &str,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Err(trip) = settings.directory_limit.judge(totals.given, linked) {
        blocks.push(Block {
            breaker: "directory".to_owned(),
            message: format!(
                "{} of {linked} people would be changed in the directory; at most {} may be in one run",
                trip.wanted, trip.allowed
            ),
            cause: "Many contacts differ from the directory at once. Check whether contacts were imported or \
                    edited in bulk, or whether two-way rows were just added to the mapping; if it is right, \
                    approve exactly this."
                .to_owned(),
            digest: digest.to_owned(),
        });
    }
    if let Err(trip) = settings.invitation_limit.judge(totals.invited, linked) {
        blocks.push(Block {
            breaker: "invitations".to_owned(),
            message: format!(
                "{} people would be invited as guests, beside {linked} linked contacts; at most {} may be in one run",
                trip.wanted, trip.allowed
            ),
            cause: "Many contacts have no account in the directory. Check whether contacts were imported, or whether \
                    inviting was just switched on; nobody can take an invitation back. If it is right, approve exactly \
                    this."
                .to_owned(),
            digest: digest.to_owned(),
        });
    }
    for (attribute, count) in &totals.emptied {
        if let Err(trip) = settings.directory_blank_limit.judge(*count, linked) {
            blocks.push(Block {
                breaker: format!("directory-blanked:{attribute}"),
                message: format!(
                    "{attribute}: {} of {linked} people would lose their value in the directory; at most {} may \
                     in one run",
                    trip.wanted, trip.allowed
                ),
                cause: "Many contacts have lost a value at once. Check whether contacts were imported without \
                        it; if it is right, approve exactly this."
                    .to_owned(),
                digest: digest.to_owned(),
            });
        }
    }
    blocks
}
