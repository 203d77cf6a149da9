//! What a component makes the host keep, counted in bytes: in memory for the length of a call, and on
//! the disk for longer.
//!
//! Linear memory is the component's own ([`MemoryMeter`](super::limits)). Everything else that a call
//! leaves behind on the host's side is counted here, before it is kept, and nowhere else: what stands
//! behind handles, changes and state, plans, log events. A budget that is spent ends the call with
//! [`CallError::BudgetSpent`](super::CallError::BudgetSpent); what the host was about to keep is not
//! kept, so nothing is half-written. Log events alone are swallowed and counted instead: a call that
//! talks too much still does its work.

use super::limits::Limits;
use std::collections::HashMap;
use std::fmt;

/// What a call may make the host keep, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Memory behind handles: [`Limits::held_bytes`].
    Handles,
    /// One set of headers: [`Limits::header_bytes`].
    Headers,
    /// Changes, notes, sightings and state: [`Limits::commit_bytes`].
    Commits,
    /// State alone: [`Limits::state_bytes`].
    State,
    /// One value of the state: [`Limits::state_value_bytes`].
    StateValue,
    /// The state of one commit, for changes that are not applied included: [`Limits::data_bytes`].
    StateOfCommit,
    /// Entries of plans: [`Limits::plan_bytes`].
    Plan,
    /// Secrets that are asked for or revealed, of which a host keeps a record:
    /// [`Limits::secret_uses`]. In uses, not in bytes.
    Secrets,
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Handles => "bytes behind handles",
            Self::Headers => "bytes in one set of headers",
            Self::Commits => "bytes of changes and state",
            Self::State => "bytes of state",
            Self::StateValue => "bytes in one value of the state",
            Self::StateOfCommit => "bytes of state in one commit",
            Self::Plan => "bytes of plan entries",
            Self::Secrets => "uses of secrets",
        })
    }
}

/// The call has spent one of its budgets.
#[derive(Debug, thiserror::Error)]
#[error("the call has spent its budget of {limit} {budget}")]
pub(super) struct BudgetSpent {
    pub(super) budget: Budget,
    pub(super) limit: u64,
}

/// The budgets of one call.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) held: Held,
    commits: Gauge,
    state: Gauge,
    state_value: u64,
    state_of_commit: u64,
    plan: Gauge,
    secrets: Gauge,
    log: LogGauge,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            held: Held::new(limits.held_bytes),
            commits: Gauge::new(Budget::Commits, limits.commit_bytes),
            state: Gauge::new(Budget::State, limits.state_bytes),
            state_value: limits.state_value_bytes,
            state_of_commit: limits.data_bytes as u64,
            plan: Gauge::new(Budget::Plan, limits.plan_bytes),
            secrets: Gauge::new(Budget::Secrets, limits.secret_uses),
            log: LogGauge {
                events_left: limits.log_events,
                bytes_left: limits.log_bytes,
            },
        }
    }

    /// A commit is about to be applied. All of it counts, or none where a budget does not allow it.
    pub(super) fn commit(&mut self, weight: CommitWeight) -> Result<(), BudgetSpent> {
        at_most(Budget::StateValue, weight.largest_value, self.state_value)?;
        at_most(Budget::StateOfCommit, weight.state, self.state_of_commit)?;
        self.state.take(weight.state)?;
        self.commits
            .take(weight.state.saturating_add(weight.changes))
    }

    /// Entries are about to be put into the plan.
    pub(super) fn plan(&mut self, bytes: u64) -> Result<(), BudgetSpent> {
        self.plan.take(bytes)
    }

    /// A secret is about to be asked for, or revealed.
    pub(super) fn secret(&mut self) -> Result<(), BudgetSpent> {
        self.secrets.take(1)
    }

    /// Whether a log event of that size may pass.
    pub(super) fn log(&mut self, bytes: usize) -> bool {
        self.log.take(bytes)
    }
}

fn at_most(budget: Budget, bytes: u64, limit: u64) -> Result<(), BudgetSpent> {
    if bytes > limit {
        return Err(BudgetSpent { budget, limit });
    }
    Ok(())
}

/// What a commit would add.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CommitWeight {
    /// Bytes of changes, notes and sightings.
    pub(super) changes: u64,
    /// Bytes of state, that for changes which are not applied included.
    pub(super) state: u64,
    /// The longest value of the state among them.
    pub(super) largest_value: u64,
}

/// Bytes that only ever become fewer.
#[derive(Debug)]
struct Gauge {
    budget: Budget,
    limit: u64,
    left: u64,
}

impl Gauge {
    fn new(budget: Budget, limit: u64) -> Self {
        Self {
            budget,
            limit,
            left: limit,
        }
    }

    fn take(&mut self, bytes: u64) -> Result<(), BudgetSpent> {
        self.left = self.left.checked_sub(bytes).ok_or(BudgetSpent {
            budget: self.budget,
            limit: self.limit,
        })?;
        Ok(())
    }
}

#[derive(Debug)]
struct LogGauge {
    events_left: u32,
    bytes_left: usize,
}

impl LogGauge {
    fn take(&mut self, bytes: usize) -> bool {
        match (
            self.events_left.checked_sub(1),
            self.bytes_left.checked_sub(bytes),
        ) {
            (Some(events), Some(bytes)) => {
                (self.events_left, self.bytes_left) = (events, bytes);
                true
            }
            _ => false,
        }
    }
}

/// Memory behind the handles that are open, by handle.
///
/// Every handle has a flat price, paid with the number of handles that may be open
/// ([`Limits::handles`]); what counts here is what it holds beside that.
#[derive(Debug)]
pub(super) struct Held {
    limit: usize,
    total: usize,
    by_handle: HashMap<u32, usize>,
}

impl Held {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            total: 0,
            by_handle: HashMap::new(),
        }
    }

    /// A handle holds so many bytes from now on, whatever it held before.
    pub(super) fn set(&mut self, handle: u32, bytes: usize) -> Result<(), BudgetSpent> {
        self.release(handle);
        let total = self.total.saturating_add(bytes);
        at_most(Budget::Handles, total as u64, self.limit as u64)?;
        if bytes > 0 {
            self.by_handle.insert(handle, bytes);
        }
        self.total = total;
        Ok(())
    }

    /// What a handle held belongs to something else from now on, for as long as the call.
    pub(super) fn keep_for_good(&mut self, handle: u32) {
        let held = self.release(handle);
        self.total += held;
    }

    /// A handle holds so many bytes more.
    pub(super) fn add(&mut self, handle: u32, bytes: usize) -> Result<(), BudgetSpent> {
        let held = self.by_handle.get(&handle).copied().unwrap_or(0);
        self.set(handle, held.saturating_add(bytes))
    }

    /// A handle is gone; how much it held.
    pub(super) fn release(&mut self, handle: u32) -> usize {
        let held = self.by_handle.remove(&handle).unwrap_or(0);
        self.total -= held;
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(limits: Limits) -> Meter {
        Meter::new(&limits)
    }

    #[test]
    fn what_handles_hold_is_given_back_with_them() {
        let mut held = Held::new(100);
        held.set(1, 60).unwrap();
        held.add(1, 40).unwrap();
        assert!(held.set(2, 1).is_err());
        assert_eq!(held.release(1), 100);
        held.set(2, 100).unwrap();
        held.set(2, 10).unwrap();
        held.set(3, 90).unwrap();
        assert_eq!(held.release(7), 0, "nothing is known of it");
    }

    #[test]
    fn a_commit_over_any_of_its_budgets_is_refused_and_names_it() {
        let limits = Limits {
            commit_bytes: 1_000,
            state_bytes: 100,
            state_value_bytes: 50,
            ..Limits::default()
        };
        let refused = |weight| meter(limits.clone()).commit(weight).unwrap_err().budget;
        let weight = CommitWeight::default();
        assert_eq!(
            refused(CommitWeight {
                largest_value: 51,
                ..weight
            }),
            Budget::StateValue
        );
        assert_eq!(
            refused(CommitWeight {
                state: 101,
                ..weight
            }),
            Budget::State
        );
        assert_eq!(
            refused(CommitWeight {
                changes: 950,
                state: 51,
                ..weight
            }),
            Budget::Commits
        );
        let mut meter = meter(limits);
        let half = CommitWeight {
            changes: 450,
            state: 50,
            largest_value: 50,
        };
        meter.commit(half).unwrap();
        meter.commit(half).unwrap();
        assert!(meter.commit(half).is_err());
    }

    #[test]
    fn log_events_end_with_their_number_or_their_bytes() {
        let mut meter = meter(Limits {
            log_events: 3,
            log_bytes: 100,
            ..Limits::default()
        });
        assert!(meter.log(90));
        assert!(!meter.log(11));
        assert!(meter.log(10));
        assert!(meter.log(0));
        assert!(!meter.log(0), "the fourth");
    }
}
