//! Reading a schedule, and a time zone: what is valid is said once, for the connector and for hosts.

use std::time::Duration;

use configuration_document::Schedule as Written;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;

use super::Schedule;

/// A schedule as its moments are reckoned.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Cron(Box<Cron>),
    Every(Duration),
}

/// Why a schedule cannot be used. The message says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The schedule itself.
    #[error(transparent)]
    Syntax(#[from] configuration_document::ScheduleError),
    /// The IANA time zone database has no such name.
    #[error(
        "{name:?} is not a known time zone. Write an IANA name, such as `Europe/Berlin`, `America/New_York` or `UTC`."
    )]
    TimeZone {
        /// The name as it was written.
        name: String,
    },
}

impl Schedule {
    /// Reads a schedule, and the IANA name of the time zone in which it is meant.
    ///
    /// # Errors
    ///
    /// Where it is none; the error's message says what to write.
    pub fn parse(text: &str, time_zone_name: &str) -> Result<Self, ScheduleError> {
        let form = match Written::parse(text)? {
            Written::Cron(fields) => Form::Cron(Box::new(cron(&fields)?)),
            Written::Every(interval) => Form::Every(interval),
        };
        let zone = TimeZone::get(time_zone_name)
            .ok()
            .filter(|zone| zone.iana_name().is_some() && !zone.is_unknown())
            .ok_or_else(|| ScheduleError::TimeZone {
                name: time_zone_name.to_owned(),
            })?;
        Ok(Self { form, zone })
    }
}

/// Reads five fields, which are valid.
fn cron(fields: &str) -> Result<Cron, configuration_document::ScheduleError> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(fields)
        .map_err(|_| configuration_document::ScheduleError::Field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_an_iana_name() {
        for (name, spelling) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("america/new_york", "America/New_York"),
            ("UTC", "UTC"),
        ] {
            let schedule = Schedule::parse("0 6 * * *", name).expect(name);
            assert_eq!(schedule.time_zone_name(), spelling);
        }
        for name in [
            "",
            "Mars/Olympus",
            "CEST+2",
            "+02:00",
            "Etc/Unknown",
            "local",
        ] {
            let error = Schedule::parse("0 6 * * *", name).expect_err(name);
            let sentence = format!(
                "{name:?} is not a known time zone. Write an IANA name, such as `Europe/Berlin`, `America/New_York` or \
                 `UTC`."
            );
            assert_eq!(error.to_string(), sentence);
        }
    }
}
