//! The object at `/sync/target` of a configuration document, read member by member, with everything that is wrong
//! with it told at once.

use guest_kit::json;
use serde_json::{Map, Value};

use crate::contract::Problem;

/// Where the settings are in a configuration document.
const PLACE: &str = "/sync/target";

/// The members of the settings, and what was found wrong with them so far.
#[derive(Debug)]
pub struct Members {
    members: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Members {
    /// Reads the settings. A member that is none of `known` is a problem.
    ///
    /// # Errors
    ///
    /// Where the text is no object at all, which leaves nothing to look at.
    pub fn read(text: &str, known: &[&str]) -> Result<Self, Vec<Problem>> {
        let Some(Value::Object(members)) = json::value(text.as_bytes()) else {
            return Err(vec![problem("", "Write an object in braces here.")]);
        };
        let mut read = Self {
            members,
            problems: Vec::new(),
        };
        let names = read.members.keys();
        let unknown: Vec<_> = names
            .filter(|name| !known.contains(&&***name))
            .cloned()
            .collect();
        for name in unknown {
            let message = format!("This is not a key here; write one of {}.", known.join(", "));
            read.refuse(&name, &message);
        }
        Ok(read)
    }

    /// Whether there is a member of this name, whatever it is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// One line of text that is something, and has no white space around it. Anything else is a problem, with this
    /// advice.
    pub fn text(&mut self, name: &str, advice: &str) -> Option<String> {
        let text = self.members.get(name).and_then(Value::as_str);
        let text = text.filter(|text| {
            !text.is_empty() && text.trim() == *text && !text.contains(char::is_control)
        });
        let text = text.map(str::to_owned);
        if text.is_none() {
            self.refuse(name, advice);
        }
        text
    }

    /// The same, of a member that may be left out.
    pub fn optional_text(&mut self, name: &str, advice: &str) -> Option<String> {
        if self.has(name) {
            self.text(name, advice)
        } else {
            None
        }
    }

    /// Adds a problem at a member. The message must not repeat a value, which may be a secret in a wrong place.
    pub fn refuse(&mut self, name: &str, message: &str) {
        self.problems.push(problem(name, message));
    }

    /// What was found wrong.
    #[must_use]
    pub fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Whether nothing was found wrong so far.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.problems.is_empty()
    }
}

fn problem(name: &str, message: &str) -> Problem {
    let escaped = name.replace('~', "~0").replace('/', "~1");
    Problem {
        pointer: match name {
            "" => PLACE.to_owned(),
            _ => format!("{PLACE}/{escaped}"),
        },
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(members: Members) -> Vec<String> {
        let problems = members.problems().into_iter();
        problems.map(|problem| problem.pointer).collect()
    }

    #[test]
    fn whatever_is_no_object_is_one_problem_at_the_settings_themselves() {
        for text in ["", "[]", "5", "{"] {
            let problems = Members::read(text, &["name"]).unwrap_err();
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].pointer, PLACE, "{text}");
        }
    }

    #[test]
    fn a_member_that_nobody_knows_is_told_by_its_pointer() {
        let members = Members::read(r#"{"name": "x", "a/b~c": 1}"#, &["name"]).unwrap();
        assert!(!members.is_right());
        assert_eq!(pointers(members), ["/sync/target/a~1b~0c"]);
    }

    #[test]
    fn text_is_one_line_without_white_space_around_it() {
        let text = r#"{"a": "x y", "b": "", "c": " x", "d": "x\u0007", "e": 5}"#;
        let mut members = Members::read(text, &["a", "b", "c", "d", "e", "f"]).unwrap();
        assert_eq!(members.text("a", "Write it.").as_deref(), Some("x y"));
        assert_eq!(members.optional_text("f", "Write it."), None);
        assert!(members.is_right());
        for name in ["b", "c", "d", "e"] {
            assert_eq!(members.optional_text(name, "Write it."), None, "{name}");
        }
        assert_eq!(members.text("f", "Write it."), None);
        let expected = ["b", "c", "d", "e", "f"].map(|name| format!("{PLACE}/{name}"));
        assert_eq!(pointers(members), expected);
    }
}
