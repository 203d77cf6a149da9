//! What is wrong with a document: where it stands and what to write instead.

use std::fmt;

pub(super) use configuration_document::member;

/// One problem of a configuration document.
///
/// The message is written for the administrator who wrote the document. It repeats what stands
/// there, except below `/credentials`, where a secret may have been pasted by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) into the document; the
    /// empty string is the whole document. Something that is missing is reported at the object it
    /// is missing from.
    pub pointer: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            formatter.write_str(&self.message)
        } else {
            write!(formatter, "{}: {}", self.pointer, self.message)
        }
    }
}

impl std::error::Error for Problem {}

/// What validation has found so far. Validation never stops at a problem: each check notes it here
/// and goes on with what it has.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Findings {
    /// The document cannot be used as it is.
    pub(super) fn problem(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.note(pointer.into(), message.into());
    }

    // Called from everywhere: one copy in the component is enough.
    #[inline(never)]
    fn note(&mut self, pointer: String, message: String) {
        self.problems.push(Problem { pointer, message });
    }

    /// The document can be used, but may not mean what its author thinks.
    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(message.into());
    }

    /// Problems and warnings, each in the order in which they were found.
    pub(super) fn into_parts(self) -> (Vec<Problem>, Vec<String>) {
        (self.problems, self.warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_the_whole_document_reads_without_a_pointer() {
        let problem = Problem {
            pointer: String::new(),
            message: "Write an object.".to_owned(),
        };
        assert_eq!(problem.to_string(), "Write an object.");
    }
}
