//! When a workspace is synced.
//!
//! The one idea: the next run is a value, computed from the [`Schedule`], the operator's
//! [`HostPolicy`], the workspace's [`History`] and a moment that is passed in. Nothing here has a
//! clock, a timer or a thread, so every rule can be tested for any day of any year. Invariants:
//!
//! * A schedule is valid exactly where the connector's configuration says that it is: one reader
//!   decides for both, and `croner` reckons the moments. Only the time zone is the host's own.
//! * However many moments were missed, one run makes up for them.
//! * A job at named hours runs once for each of them on every calendar day, also where the clocks
//!   change; see [`Schedule::next_after`].
//! * No history stops a schedule for ever: not a clock that was set back, not any number of failures.
//!
//! ```
//! use schedule::{History, HostPolicy, Tier, Schedule, Why, next_run};
//!
//! let schedule = Schedule::parse("0 6 * * *", "Europe/Berlin")?;
//! let history = History::connected("2027-01-15T12:00:00Z".parse()?);
//! let now = "2027-01-15T12:30:00Z".parse()?;
//!
//! let next = next_run(&schedule, &HostPolicy::from(Tier::Standard), &history, now).ok_or("never")?;
//! assert_eq!(next.at, "2027-01-16T05:00:00Z".parse()?);
//! assert_eq!(next.why, Why::Scheduled);
//! assert_eq!(schedule.to_string(), "At 06:00 every day (Europe/Berlin)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod describe;
mod history;
mod next;
mod occurrences;
mod parse;
mod policy;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;

use parse::Form;

pub use history::{Ending, History};
pub use next::{NextRun, Why, next_run};
pub use parse::ScheduleError;
pub use policy::{HostPolicy, Tier};

/// When to sync, and in which time zone that is meant.
#[derive(Clone, Debug)]
pub struct Schedule {
    form: Form,
    zone: TimeZone,
}

impl Schedule {
    /// The time zone, as the IANA database spells it.
    #[must_use]
    pub fn time_zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}
