//! Numbers that are to be reached.

use serde::Serialize;

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// What is to be reached.
    pub target: String,
    /// What was found.
    pub found: String,
    /// Whether it is reached.
    pub met: bool,
}

impl Target {
    /// A number that is to be at most so high. Nothing where it was not measured.
    pub(crate) fn at_most(target: &str, most: f64, unit: &str, found: Option<f64>) -> Option<Self> {
        let found = found?;
        Some(Self {
            target: format!("{target}: at most {most}{unit}"),
            found: format!("{found:.2}{unit}"),
            met: found <= most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_up_to_the_number_itself() {
        let judged = |found| Target::at_most("wall time", 0.5, " times", found);
        assert!(judged(Some(0.5)).unwrap().met);
        assert!(!judged(Some(0.501)).unwrap().met);
        assert_eq!(judged(None), None);
        let shown = judged(Some(0.4)).unwrap();
        assert_eq!(shown.target, "wall time: at most 0.5 times");
        assert_eq!(shown.found, "0.40 times");
    }
}
