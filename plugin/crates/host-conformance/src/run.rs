//! A run: one check after another, in calls that may end at any of them.
//!
//! Where the run stands is in the state, with what was found so far. It is noted there before each check, so that
//! a check which ends its call is known by the next one, told as failed, and passed over.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::bench::{Bench, Desk, empty_commit};
use crate::bindings::exported::Slice;
use crate::bindings::imports::contact_store::{Commit, StateWrite, apply};
use crate::bindings::imports::run_control::{
    Directive, Level, Phase, Progress, log, report_progress,
};
use crate::bindings::imports::state::{self, Found};
use crate::document::Document;
use crate::store::{
    batches, commits, conflicts, description, edits, journal, lists, lookups, marks, notes,
    refusals, removals, reversals, rounds, statistics, unlinked, writes,
};
use crate::{control, limits, network, plans, sandbox, secrets, signing, tidy, tokens};
use host_promises::promises::ALL;
use host_promises::report::Report;
use host_promises::verdict::{Amiss, Ending, Outcome, Verdict, not_tried};

/// Where a run stands.
const RUN: &str = "host-conformance/run";

/// What the last run found.
const REPORT: &str = "host-conformance/report";

/// What every key begins with that this component writes.
pub(crate) const OWN: &str = "host-conformance/";

/// How a check is tried.
enum Probe {
    /// With what the document says.
    Document(fn(&Document) -> Outcome),
    /// By itself.
    Alone(fn() -> Outcome),
    /// In the store.
    Store(fn(&Desk<'_>) -> Outcome),
    /// The first half of one that goes on in the next call.
    Before(fn(&Desk<'_>) -> Outcome),
    /// The call ends here, and the next one goes on.
    NextCall,
    /// With the plan that was approved.
    Approved(fn(&str) -> Result<Vec<Verdict>, Amiss>),
    /// Everything is taken away.
    Tidy,
}

/// The checks that write nothing.
const ALWAYS: &[(&str, Probe)] = &[
    ("describe-fields", Probe::Alone(description::fields)),
    ("describe-max-batch", Probe::Alone(description::max_batch)),
    ("describe-stays", Probe::Alone(description::stays)),
    ("secret-value", Probe::Document(secrets::value)),
    ("secret-unknown", Probe::Alone(secrets::unknown)),
    ("signing-unknown", Probe::Alone(signing::unknown)),
    ("signing-certificate", Probe::Document(signing::certificate)),
    ("signing-signature", Probe::Document(signing::signature)),
    ("token-kept", Probe::Alone(tokens::kept)),
    ("token-own-use", Probe::Alone(tokens::own_use)),
    ("token-forgotten", Probe::Alone(tokens::forgotten)),
    ("token-expired", Probe::Alone(tokens::expired)),
    ("consent-given", Probe::Document(sandbox::consent_given)),
    ("consent-foreign", Probe::Alone(sandbox::consent_foreign)),
    (
        "notification-address",
        Probe::Alone(sandbox::notification_address),
    ),
    ("clock", Probe::Alone(sandbox::clock)),
    ("http-answer", Probe::Document(network::answer)),
    ("http-body", Probe::Document(network::body)),
    ("http-redirect", Probe::Document(network::redirect)),
    ("http-denied", Probe::Document(network::denied_server)),
    ("http-denied-name", Probe::Alone(network::denied_name)),
    ("http-silence", Probe::Document(network::silence)),
    ("http-side-by-side", Probe::Document(network::side_by_side)),
];

/// The checks that only a sync can try, in order.
const SYNC: &[(&str, Probe)] = &[
    ("create", Probe::Store(writes::create)),
    ("field-not-named", Probe::Store(writes::field_not_named)),
    ("field-emptied", Probe::Store(writes::field_emptied)),
    ("base-replaced", Probe::Store(writes::base_replaced)),
    ("version-changes", Probe::Store(writes::version_changes)),
    ("conflict-version", Probe::Store(conflicts::version)),
    ("conflict-gone", Probe::Store(conflicts::gone)),
    ("conflict-linked", Probe::Store(conflicts::linked)),
    ("conflict-order", Probe::Store(conflicts::order)),
    ("link", Probe::Store(writes::links)),
    ("changes-in-order", Probe::Store(writes::in_order)),
    ("refused-alone", Probe::Store(refusals::alone)),
    ("refusal-named", Probe::Store(refusals::named)),
    ("length-in-scalars", Probe::Store(refusals::length)),
    ("custom-field", Probe::Store(refusals::custom_field)),
    ("reactivated", Probe::Store(writes::reactivated)),
    ("membership", Probe::Store(lists::membership)),
    ("membership-idle", Probe::Store(lists::idle)),
    ("list-one-name", Probe::Store(lists::one_name)),
    ("list-spelling", Probe::Store(lists::spelling)),
    ("list-spelling-kept", Probe::Store(lists::spelling_kept)),
    ("unlink", Probe::Store(removals::unlink)),
    ("deactivate", Probe::Store(removals::deactivate)),
    ("delete", Probe::Store(removals::delete)),
    ("id-not-reused", Probe::Store(writes::id_not_reused)),
    ("removal-conflict", Probe::Store(conflicts::removal)),
    ("former", Probe::Store(removals::former)),
    ("atomic", Probe::Store(commits::atomic)),
    ("contingency", Probe::Store(commits::contingency)),
    ("apply-batch", Probe::Store(batches::changes)),
    ("lookup-batch", Probe::Store(batches::lookup)),
    ("state-batch", Probe::Store(batches::state)),
    ("batch-not-counted", Probe::Store(batches::not_counted)),
    ("lookup-once", Probe::Store(lookups::once)),
    ("lookup-fields", Probe::Store(lookups::fields)),
    ("lookup-source", Probe::Store(lookups::source)),
    ("lookup-unknown", Probe::Store(lookups::unknown)),
    ("lookup-case", Probe::Store(lookups::case)),
    ("lookup-not-seen", Probe::Store(lookups::not_seen)),
    ("lookup-domain", Probe::Store(lookups::domain)),
    ("object-id-opaque", Probe::Store(lookups::opaque)),
    ("journal-entries", Probe::Store(journal::entries)),
    ("journal-order", Probe::Store(journal::order)),
    ("journal-who", Probe::Store(journal::who)),
    ("journal-evidence", Probe::Store(journal::evidence)),
    ("journal-given", Probe::Store(journal::given)),
    ("run-journal", Probe::Store(journal::of_run)),
    ("revert-update", Probe::Store(reversals::update_back)),
    ("revert-create", Probe::Store(reversals::create_back)),
    ("revert-delete", Probe::Store(reversals::delete_back)),
    ("revert-given", Probe::Store(reversals::given_back)),
    ("revert-conflict", Probe::Store(reversals::conflict)),
    ("note-found", Probe::Store(notes::found)),
    ("note-since", Probe::Store(notes::since)),
    ("note-settled", Probe::Store(notes::settled)),
    ("round-known-links", Probe::Store(rounds::known_links)),
    ("round-unseen", Probe::Store(rounds::not_seen)),
    ("round-page", Probe::Store(rounds::page)),
    ("round-new-link", Probe::Store(rounds::new_link)),
    ("round-anew", Probe::Store(rounds::anew)),
    ("round-not-open", Probe::Store(rounds::not_open)),
    ("round-closed", Probe::Store(rounds::closed)),
    ("edit-told", Probe::Store(edits::by_others)),
    ("edit-gone", Probe::Store(edits::gone)),
    ("edit-parts", Probe::Store(edits::in_parts)),
    ("edit-token", Probe::Store(edits::token)),
    ("unlinked-only", Probe::Store(unlinked::only)),
    ("unlinked-page", Probe::Store(unlinked::in_pages)),
    ("mark-stale", Probe::Store(marks::stale)),
    ("mark-other", Probe::Store(marks::other)),
    ("mark-not-applied", Probe::Store(marks::not_applied)),
    ("mark-no-write", Probe::Store(marks::no_write)),
    ("mark-link", Probe::Store(marks::by_link)),
    ("statistics", Probe::Store(statistics::follow)),
    ("state-value", Probe::Store(crate::state::value)),
    ("state-deleted", Probe::Store(crate::state::deleted)),
    ("state-many", Probe::Store(crate::state::many)),
    ("state-list", Probe::Store(crate::state::in_order)),
    ("state-page", Probe::Store(crate::state::page)),
    ("state-mebibyte", Probe::Store(crate::state::mebibyte)),
    (
        "eight-mebibytes",
        Probe::Store(crate::state::eight_mebibytes),
    ),
    ("many-handles", Probe::Alone(limits::handles)),
    ("plan-kept", Probe::Approved(plans::kept)),
    ("plan-unknown", Probe::Alone(plans::unknown)),
    ("round-resumed", Probe::Before(rounds::begin)),
    ("next-call", Probe::Before(crate::state::begin)),
    ("", Probe::NextCall),
    ("round-resumed", Probe::Store(rounds::resumed)),
    ("next-call", Probe::Store(crate::state::next_call)),
    ("tidied", Probe::Tidy),
];

/// Every check of a sync, in the order in which they are tried.
fn steps() -> impl Iterator<Item = (&'static str, &'static Probe)> {
    const FIRST: (&str, Probe) = ("progress", Probe::Alone(control::goes_on));
    std::iter::once(&FIRST)
        .chain(ALWAYS)
        .chain(SYNC)
        .map(|(name, probe)| (*name, probe))
}

/// Tries what writes nothing.
pub(crate) fn always(document: &Document) -> Vec<Verdict> {
    let verdict = |(name, probe): &(&'static str, Probe)| {
        if let Some(why) = document.waives.get(*name) {
            return Verdict::waived(name, why);
        }
        let outcome = match probe {
            Probe::Document(probe) => probe(document),
            Probe::Alone(probe) => probe(),
            _ => not_tried("only a sync tries this"),
        };
        Verdict::of(name, outcome)
    };
    ALWAYS.iter().map(verdict).collect()
}

/// Where a run stands, between two checks and between two calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    /// By which it is told from others.
    pub(crate) nonce: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) started_at_ms: u64,
    /// How many checks are over.
    place: usize,
    /// The next one has been begun.
    trying: bool,
    /// What was found so far.
    pub(crate) verdicts: Vec<Verdict>,
}

/// How a call of a run ended.
pub(crate) enum End {
    /// The run is over.
    Finished,
    /// The next call goes on.
    More,
    /// The host wants it to end.
    Stopped,
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

impl Run {
    /// The run that has not ended, or a new one.
    pub(crate) fn open() -> Result<Self, Amiss> {
        if let Some(mut run) = read::<Self>(RUN)? {
            run.note_what_ended_its_call();
            return Ok(run);
        }
        let random = wasi::random::random::get_random_u64();
        Ok(Self {
            nonce: format!("{:08x}", random as u32),
            started_at_ms: now_ms(),
            place: 0,
            trying: false,
            verdicts: Vec::new(),
        })
    }

    fn note_what_ended_its_call(&mut self) {
        if std::mem::take(&mut self.trying)
            && let Some((name, _)) = steps().nth(self.place)
        {
            self.verdicts.push(Verdict::ended_its_call(name));
            self.place += 1;
        }
    }

    /// Goes on for as long as the slice lasts.
    pub(crate) fn go_on(
        &mut self,
        document: &Document,
        approved: Option<&str>,
        slice: Slice,
    ) -> Result<End, Amiss> {
        let began = Instant::now();
        let total = steps().count();
        let bench = Bench::open(&self.nonce);
        for (tried, (name, probe)) in (1..).zip(steps().skip(self.place)) {
            if matches!(probe, Probe::NextCall) {
                self.place += 1;
                self.save()?;
                return Ok(End::More);
            }
            self.trying = true;
            self.save()?;
            log(
                Level::Debug,
                "check",
                &[("promise".to_owned(), name.to_owned())],
            );
            if !self.has(name) {
                self.try_one(name, probe, document, approved, &bench);
            }
            (self.trying, self.place) = (false, self.place + 1);
            let directive = report_progress(Progress {
                phase: Phase::Reading,
                done: self.place as u64,
                total: Some(total as u64),
                remaining_ms: None,
            });
            if directive == Directive::Stop && !self.failed("progress") {
                self.save()?;
                return Ok(End::Stopped);
            }
            let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let is_over = slice.max_ms.is_some_and(|most| elapsed >= most)
                || slice.max_pages.is_some_and(|most| tried >= most);
            if is_over && self.place < total {
                self.save()?;
                return Ok(End::More);
            }
        }
        self.finish()?;
        Ok(End::Finished)
    }

    fn try_one(
        &mut self,
        name: &'static str,
        probe: &Probe,
        document: &Document,
        approved: Option<&str>,
        bench: &Result<Bench, Amiss>,
    ) {
        if let Some(why) = document.waives.get(name) {
            self.verdicts.push(Verdict::waived(name, why));
            return;
        }
        let in_store = |probe: fn(&Desk<'_>) -> Outcome| {
            let bench = bench.as_ref().map_err(Clone::clone)?;
            let check = ALL.iter().position(|promise| promise.name == name);
            probe(&Desk::new(bench, check.unwrap_or_default()))
        };
        let outcome = match probe {
            Probe::Document(probe) => probe(document),
            Probe::Alone(probe) => probe(),
            Probe::Store(probe) => in_store(*probe),
            // What goes well is told by the other half.
            Probe::Before(probe) => match in_store(*probe) {
                Ok(()) => return,
                amiss => amiss,
            },
            Probe::NextCall => return,
            Probe::Approved(probe) => match approved.map(*probe) {
                Some(Ok(verdicts)) => {
                    self.verdicts.extend(verdicts);
                    Ok(())
                }
                Some(Err(amiss)) => Err(amiss),
                None => not_tried("the sync was not given the approval of a plan"),
            },
            Probe::Tidy => bench.as_ref().map_err(Clone::clone).and_then(tidy::tidy),
        };
        self.verdicts.push(Verdict::of(name, outcome));
    }

    fn has(&self, name: &str) -> bool {
        self.verdicts.iter().any(|verdict| verdict.name == name)
    }

    fn failed(&self, name: &str) -> bool {
        self.verdicts
            .iter()
            .any(|verdict| verdict.name == name && verdict.ending == Ending::Failed)
    }

    fn save(&self) -> Result<(), Amiss> {
        write(&[(RUN, Some(text(self)))])
    }

    /// Notes what was not tried, puts all in the order of the promises, and leaves the report.
    fn finish(&mut self) -> Result<(), Amiss> {
        for promise in ALL {
            if !self.has(promise.name) {
                let why = match promise.when {
                    host_promises::promises::When::Scenario => "the document has another scenario",
                    _ => "the sync was not given the approval of a plan",
                };
                self.verdicts
                    .push(Verdict::of(promise.name, not_tried(why)));
            }
        }
        self.verdicts
            .sort_by_key(|verdict| ALL.iter().position(|promise| promise.name == verdict.name));
        let report = self.report(true);
        write(&[(RUN, None), (REPORT, Some(text(&report)))])
    }

    pub(crate) fn report(&self, finished: bool) -> Report {
        Report::of(&self.verdicts, self.started_at_ms, now_ms(), finished)
    }
}

/// What the run found that goes on, or else the last one.
pub(crate) fn last_report() -> Result<Option<Report>, Amiss> {
    match read::<Run>(RUN)? {
        Some(run) => Ok(Some(run.report(false))),
        None => read(REPORT),
    }
}

fn text(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn read<T: for<'d> Deserialize<'d>>(key: &str) -> Result<Option<T>, Amiss> {
    let Found::Value(value) = state::get(key)? else {
        return Ok(None);
    };
    serde_json::from_slice(&value)
        .map(Some)
        .map_err(|error| Amiss::Differs {
            expected: "the state as it was written".to_owned(),
            seen: format!("{} bytes: {error}", value.len()),
        })
}

fn write(entries: &[(&str, Option<Vec<u8>>)]) -> Result<(), Amiss> {
    let write = |(key, value): &(&str, Option<Vec<u8>>)| StateWrite {
        key: (*key).to_owned(),
        value: value.clone(),
    };
    apply(&Commit {
        state: entries.iter().map(write).collect(),
        ..empty_commit()
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_promises::promises::When;
    use std::collections::BTreeSet;

    #[test]
    fn every_promise_is_tried_when_it_says_and_no_other_thing_is() {
        let of = |whens: &[When]| -> BTreeSet<_> {
            let promises = ALL.iter().filter(|promise| whens.contains(&promise.when));
            promises.map(|promise| promise.name).collect()
        };
        let always: BTreeSet<_> = ALWAYS.iter().map(|(name, _)| *name).collect();
        assert_eq!(always, of(&[When::Always]));
        let mut tried: BTreeSet<_> = steps().map(|(name, _)| name).collect();
        tried.remove("");
        assert_eq!(tried, of(&[When::Always, When::Sync]));
    }

    #[test]
    fn a_check_that_ended_its_call_is_told_and_passed_over() {
        let mut run = Run {
            nonce: "0".repeat(8),
            started_at_ms: 0,
            place: 1,
            trying: true,
            verdicts: Vec::new(),
        };
        run.note_what_ended_its_call();
        assert_eq!((run.place, run.trying), (2, false));
        assert!(run.failed("describe-fields"), "{run:?}");
        run.note_what_ended_its_call();
        assert_eq!(run.place, 2);
    }
}
