//! A period of time, between two moments as the service writes them.

/// The digits of a moment as one number, `20240301090000`, and whether a fraction follows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Moment {
    seconds: u64,
    fraction: bool,
}

impl Moment {
    /// `2024-03-01T09:00:00Z`, with a fraction or without, or `2024-03-01`. `None` for any other form, one in
    /// another zone among them.
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let shape: String = whole
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        let scale = match &*shape {
            "0000-00-00T00:00:00" => 1,
            "0000-00-00" => 1_000_000,
            _ => return None,
        };
        if !fraction.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        let seconds = digits.parse::<u64>().ok()?.checked_mul(scale)?;
        let fraction = fraction.chars().any(|c| c != '0');
        Some(Self { seconds, fraction })
    }
}

/// From one moment to another, both included; without either, open on that side.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Period {
    from: Option<Moment>,
    to: Option<Moment>,
}

impl Period {
    /// The same from this moment on; `None` where that cannot be read.
    #[must_use]
    pub fn from(self, moment: &str) -> Option<Self> {
        let moment = Moment::parse(moment)?;
        let from = self.from.map_or(moment, |from| from.max(moment));
        Some(Self {
            from: Some(from),
            ..self
        })
    }

    /// The same up to this moment; `None` where that cannot be read.
    #[must_use]
    pub fn to(self, moment: &str) -> Option<Self> {
        let moment = Moment::parse(moment)?;
        let to = self.to.map_or(moment, |to| to.min(moment));
        Some(Self {
            to: Some(to),
            ..self
        })
    }

    /// Whether it holds a moment, given by its digits up to the second.
    pub(crate) fn holds(&self, seconds: u64) -> bool {
        let moment = Moment {
            seconds,
            fraction: false,
        };
        self.from.is_none_or(|from| from <= moment) && self.to.is_none_or(|to| moment <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_included_and_fractions_are_compared() {
        let march = Period::default()
            .from("2024-03-01T00:00:00Z")
            .and_then(|from| from.to("2024-03-31T23:59:59.9999999Z"))
            .unwrap();
        assert!(march.holds(20_240_301_000_000));
        assert!(march.holds(20_240_331_235_959));
        assert!(!march.holds(20_240_229_235_959));
        assert!(!march.holds(20_240_401_000_000));
        let later = Period::default().from("2024-03-01T00:00:00.5Z").unwrap();
        assert!(!later.holds(20_240_301_000_000));
        assert!(later.holds(20_240_301_000_001));
        let until = Period::default().to("2024-03-02").unwrap();
        assert!(until.holds(20_240_302_000_000) && !until.holds(20_240_302_000_001));
    }

    #[test]
    fn a_moment_in_another_form_is_not_read() {
        for text in [
            "",
            "yesterday",
            "2024-03-01T09:00:00+02:00",
            "2024-3-1",
            "2024-03-01T09:00:00.xZ",
        ] {
            assert_eq!(Period::default().from(text), None, "{text}");
        }
    }
}
