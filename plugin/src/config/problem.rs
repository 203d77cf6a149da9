//! What is wrong with a document: where it stands and what to write instead.

pub(super) use configuration_document::member;
pub use sync_core::settings::Problem;

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
