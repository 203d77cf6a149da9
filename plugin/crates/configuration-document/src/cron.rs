//! The five fields of cron: whether they can be read, and whether the day ever comes that they name.
//!
//! Their language is that of `croner` (<https://docs.rs/croner/4>), with which a host reckons the moments. It is
//! read here a second time because that crate weighs 30 kB in the component; a test holds the two against each
//! other.

mod field;
#[cfg(test)]
mod tests;

use field::{CLOSEST, DAYS, EVERY, Field, HOURS, LAST, MINUTES, MONTHS, WEEKDAYS, nth};

const SUNDAY: usize = 0;
const SATURDAY: usize = 6;
/// Sunday, too.
const SEVEN: usize = 7;

const WEEKDAY_NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTH_NAMES: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// Five valid fields, as far as they tell days apart.
pub(super) struct Fields {
    days: Field,
    months: Field,
    weekdays: Field,
    /// A day has to be as both fields say, and not as one of them: `+` before the weekdays.
    both: bool,
}

impl Fields {
    /// Reads five fields of ASCII; `None` where one of them is not valid.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = in_figures(text);
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = *fields.as_slice() else {
            return None;
        };
        MINUTES.read(minutes)?;
        HOURS.read(hours)?;
        let weekdays = weekdays.replace('?', "*");
        let (both, weekdays) = match weekdays.strip_prefix('+') {
            Some(weekdays) => (true, weekdays),
            None => (false, weekdays.as_str()),
        };
        let mut weekdays = WEEKDAYS.read(weekdays)?;
        weekdays.mark(SUNDAY, weekdays.marks(SEVEN));
        Some(Self {
            days: DAYS.read(&days.replace('?', "*"))?,
            months: MONTHS.read(months)?,
            weekdays,
            both,
        })
    }

    /// Whether there is a day in whose course they name a moment. Days repeat after 28 years, leap days and
    /// weekdays included, as long as no century without one lies between
    /// (<https://en.wikipedia.org/wiki/Solar_cycle_(calendar)>).
    pub(super) fn come(&self) -> bool {
        // The first of January 2001 was a Monday.
        let mut weekday = 1;
        for year in 2001..2029 {
            for month in 1..=12 {
                let length = days_in(month, year);
                for day in 1..=length {
                    if self.months.has(month, EVERY) && self.name(day, length, weekday) {
                        return true;
                    }
                    weekday = (weekday + 1) % 7;
                }
            }
        }
        false
    }

    /// Whether they name this day of a month that has so many.
    fn name(&self, day: usize, length: usize, weekday: usize) -> bool {
        let by_day = self.days.has(day, EVERY)
            || (self.days.last && day == self.last_day(day, length, weekday))
            || self.is_closest(day, length, weekday);
        let week = nth((day - 1) / 7 + 1).unwrap_or_default();
        let by_weekday = self.weekdays.has(weekday, EVERY | week)
            || (self.weekdays.has(weekday, LAST) && day + 7 > length);
        match (self.days.any, self.weekdays.any) {
            (false, false) if self.both => by_day && by_weekday,
            (false, false) => by_day || by_weekday,
            (false, true) => by_day,
            (true, false) => by_weekday,
            (true, true) => true,
        }
    }

    /// The last day of the month, or its last working day, seen from a day and its weekday.
    fn last_day(&self, day: usize, length: usize, weekday: usize) -> usize {
        if !self.days.last_working {
            return length;
        }
        match (weekday + length - day) % 7 {
            SATURDAY => length - 1,
            SUNDAY => length - 2,
            _ => length,
        }
    }

    /// Whether a day is the working day that is closest to one that is named. That is in the same month.
    fn is_closest(&self, day: usize, length: usize, weekday: usize) -> bool {
        (day.saturating_sub(2).max(1)..=(day + 2).min(length))
            .filter(|named| self.days.has(*named, CLOSEST))
            .any(|named| {
                let closest = match (weekday + 7 + named - day) % 7 {
                    SATURDAY if named > 1 => named - 1,
                    SATURDAY => named + 2,
                    SUNDAY if named < length => named + 1,
                    SUNDAY => named - 2,
                    _ => named,
                };
                closest == day
            })
    }
}

/// In capitals, with figures for the names of weekdays and months.
fn in_figures(text: &str) -> String {
    let mut text = text.to_ascii_uppercase().replace("-SUN", "-7");
    let months = MONTH_NAMES.iter().zip(1..);
    for (name, number) in WEEKDAY_NAMES.iter().zip(0..).chain(months) {
        text = text.replace(name, &i32::to_string(&number));
    }
    text
}

/// In a year of which none is a century.
fn days_in(month: usize, year: usize) -> usize {
    match month {
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
