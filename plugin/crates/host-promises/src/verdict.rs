//! What trying one promise came to.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

/// The longest text of what was expected or seen, in characters: enough to find the place.
const LONGEST: usize = 400;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The host does what is promised.
    Passed,
    /// It does not.
    Failed,
    /// It was not tried: the host says that it does not have this, or the document says too little.
    NotTried,
    /// The document says that the host does without, and why.
    Waived,
}

/// A check, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The promise's name.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
    /// What was expected where the check ended.
    pub expected: String,
    /// What was seen there; of a check that was not tried, or is waived, why.
    pub seen: String,
}

/// Why a check does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amiss {
    /// Something else was seen than is promised.
    Differs {
        /// What is promised.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// The check cannot be tried here.
    NotTried(String),
}

/// What a check came to.
pub type Outcome = Result<(), Amiss>;

/// A check that cannot be tried here, and why.
pub fn not_tried<T>(why: impl Into<String>) -> Result<T, Amiss> {
    Err(Amiss::NotTried(why.into()))
}

/// Something was seen that is not what is promised.
pub fn differs<T>(expected: impl Into<String>, seen: impl Into<String>) -> Result<T, Amiss> {
    Err(Amiss::Differs {
        expected: expected.into(),
        seen: seen.into(),
    })
}

/// That two values are the same; `what` says of what they are.
pub fn same<T: Debug + PartialEq>(what: &str, seen: T, expected: T) -> Outcome {
    if seen == expected {
        return Ok(());
    }
    differs(
        format!("{what}: {}", shown(&expected)),
        format!("{what}: {}", shown(&seen)),
    )
}

/// That something is so; `expected` says what.
pub fn holds(expected: &str, is_so: bool, seen: impl Debug) -> Outcome {
    if is_so {
        return Ok(());
    }
    differs(expected, shown(&seen))
}

/// A value as a text of bounded length.
pub fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

impl Verdict {
    /// What a check came to.
    pub fn of(name: &str, outcome: Outcome) -> Self {
        let (ending, expected, seen) = match outcome {
            Ok(()) => (Ending::Passed, String::new(), String::new()),
            Err(Amiss::Differs { expected, seen }) => (Ending::Failed, expected, seen),
            Err(Amiss::NotTried(why)) => (Ending::NotTried, String::new(), why),
        };
        Self {
            name: name.to_owned(),
            ending,
            expected,
            seen,
        }
    }

    /// A check that the document waives.
    pub fn waived(name: &str, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            ending: Ending::Waived,
            expected: String::new(),
            seen: why.to_owned(),
        }
    }

    /// A check that ended its call: the host gave no answer any more.
    pub fn ended_its_call(name: &str) -> Self {
        let outcome = differs(
            "an answer, or an error of the contract",
            "the call ended here without an answer",
        );
        Self::of(name, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_passes_and_what_is_not_is_told_on_both_sides() {
        assert_eq!(same("a number", 1, 1), Ok(()));
        let verdict = Verdict::of("n", same("a number", 1, 2));
        assert_eq!(verdict.ending, Ending::Failed);
        assert_eq!(
            (&*verdict.expected, &*verdict.seen),
            ("a number: 2", "a number: 1")
        );
    }

    #[test]
    fn what_is_told_is_bounded() {
        let text = shown(&"é".repeat(10_000));
        assert_eq!(text.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_check_that_was_not_tried_says_why() {
        let verdict = Verdict::of("n", not_tried("no journal"));
        assert_eq!(
            (verdict.ending, &*verdict.seen),
            (Ending::NotTried, "no journal")
        );
    }
}
