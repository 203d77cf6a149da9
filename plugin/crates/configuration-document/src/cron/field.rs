//! One field of cron: what it may say, and what it says.

/// Every day like this one.
pub(super) const EVERY: u8 = 1;
/// The last weekday of its kind in the month, as in `5L`.
pub(super) const LAST: u8 = 1 << 6;
/// The working day that is closest to this day of the month, as in `15W`.
pub(super) const CLOSEST: u8 = 1 << 7;

/// The first to the fifth weekday of its kind in the month, as in `5#2`.
pub(super) fn nth(number: usize) -> Option<u8> {
    (1..=5).contains(&number).then(|| 1 << number)
}

/// What a field may say.
pub(super) struct Grammar {
    first: u16,
    last: u16,
    /// What it may have in it beside figures and `*/,-`.
    signs: &'static str,
}

pub(super) const MINUTES: Grammar = Grammar {
    first: 0,
    last: 59,
    signs: "",
};
pub(super) const HOURS: Grammar = Grammar {
    first: 0,
    last: 23,
    signs: "",
};
pub(super) const DAYS: Grammar = Grammar {
    first: 1,
    last: 31,
    signs: "LW",
};
pub(super) const MONTHS: Grammar = Grammar {
    first: 1,
    last: 12,
    signs: "",
};
pub(super) const WEEKDAYS: Grammar = Grammar {
    first: 0,
    last: 7,
    signs: "L#",
};

impl Grammar {
    /// Reads a field in capitals and figures; `None` where it is not valid.
    pub(super) fn read(&self, text: &str) -> Option<Field> {
        let is_sign = |sign: char| "*/,-".contains(sign) || self.signs.contains(sign);
        if !text
            .chars()
            .all(|sign| sign.is_ascii_digit() || is_sign(sign))
        {
            return None;
        }
        let mut field = Field {
            any: text == "*",
            ..Field::default()
        };
        if field.any {
            self.mark(&mut field, self.first, self.last, 1, EVERY);
            return Some(field);
        }
        for part in text.split(',').filter(|part| !part.is_empty()) {
            self.read_part(part, &mut field)?;
        }
        Some(field)
    }

    fn read_part(&self, part: &str, field: &mut Field) -> Option<()> {
        let (values, mark) = marked(part)?;
        if part.contains('/') {
            let (range, step) = values.split_once('/')?;
            let (first, last) = match range {
                "*" => (self.first, self.last),
                _ => bounds(range)?,
            };
            return self.mark(field, first, last, step.parse().ok()?, mark);
        }
        if part.contains('-') {
            let (first, last) = bounds(values)?;
            return self.mark(field, first, last, 1, mark);
        }
        if let Some((day, _)) = part.split_once('W') {
            if day == "L" {
                (field.last, field.last_working) = (true, true);
                return Some(());
            }
            return self.mark_one(field, day, CLOSEST);
        }
        match part.split_once('L') {
            Some(("", "")) => field.last = true,
            // `5L` is `5#L`, and both are of weekdays.
            Some((weekday, _)) if part.ends_with('L') && !part.contains('#') => {
                self.signs.contains('#').then_some(())?;
                self.mark_one(field, weekday, mark)?;
            }
            _ => self.mark_one(field, values, mark)?,
        }
        Some(())
    }

    fn mark_one(&self, field: &mut Field, value: &str, mark: u8) -> Option<()> {
        let value = value.parse().ok()?;
        self.mark(field, value, value, 1, mark)
    }

    /// Marks every so many of the values from `first` to `last`.
    fn mark(&self, field: &mut Field, first: u16, last: u16, step: u16, mark: u8) -> Option<()> {
        if step == 0 || first < self.first || last > self.last || first > last {
            return None;
        }
        let mut value = first;
        while value <= last {
            field.mark(value.into(), mark);
            value = value.checked_add(step)?;
        }
        Some(())
    }
}

/// Splits off which of the days are meant: what is behind `#`, or an `L` at the end.
fn marked(part: &str) -> Option<(&str, u8)> {
    let (values, which) = match part.split_once('#') {
        Some((values, which)) => (values, Some(which)),
        None => (part, None),
    };
    let mark = match which {
        _ if part.ends_with('L') => LAST,
        Some(number) => nth(number.parse::<u8>().ok()?.into())?,
        None => EVERY,
    };
    Some((values, mark))
}

/// The ends of a range.
fn bounds(range: &str) -> Option<(u16, u16)> {
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// What a field says.
pub(super) struct Field {
    /// What each value stands for.
    marks: [u8; 60],
    /// `*`: it says nothing.
    pub(super) any: bool,
    /// The last day of the month: `L`.
    pub(super) last: bool,
    /// The last working day, in the place of the last day: `LW`.
    pub(super) last_working: bool,
}

impl Default for Field {
    fn default() -> Self {
        Self {
            marks: [0; 60],
            any: false,
            last: false,
            last_working: false,
        }
    }
}

impl Field {
    /// Everything that a value stands for.
    pub(super) fn marks(&self, value: usize) -> u8 {
        self.marks.get(value).copied().unwrap_or_default()
    }

    /// Whether a value stands for one of these.
    pub(super) fn has(&self, value: usize, any: u8) -> bool {
        self.marks(value) & any != 0
    }

    /// Adds to what a value stands for.
    pub(super) fn mark(&mut self, value: usize, mark: u8) {
        if let Some(marks) = self.marks.get_mut(value) {
            *marks |= mark;
        }
    }
}
