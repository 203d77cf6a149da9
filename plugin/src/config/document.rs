//! The document as written, and its problems as a whole.

pub(super) use configuration_document::Node;

use super::problem::{Findings, Problem};
use super::wording::quoted;

/// Reads the document.
///
/// # Errors
///
/// Where it is no JSON text, with line and column. The parser's message repeats nothing of the
/// document.
pub(super) fn parse(document: &str) -> Result<Node, Problem> {
    Node::parse(document).map_err(|error| Problem {
        pointer: String::new(),
        message: error.to_string(),
    })
}

/// Notes each member whose name stands in its object more than once.
pub(super) fn report_repeated(node: &Node, findings: &mut Findings) {
    for repeated in node.repeated() {
        let message = format!(
            "{} stands in this object more than once; keep one of them.",
            quoted(&repeated.name)
        );
        findings.problem(repeated.pointer, message);
    }
}
