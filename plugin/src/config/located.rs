//! A value of the document together with where it stands: how the sections read what they need.
//!
//! Every method that can find something wrong notes it and answers `None`, so that a section reads
//! all of its members before anything ends.

use std::ops::RangeInclusive;

use super::document::Node;
use super::problem::{Findings, member};
use super::wording::{did_you_mean, one_of, quoted};

/// A value and its pointer.
#[derive(Clone, Debug)]
pub(super) struct Located<'d> {
    pub(super) node: &'d Node,
    pub(super) pointer: String,
}

/// The names an object may have.
pub(super) struct Keys {
    /// Those that are read.
    pub(super) known: &'static [&'static str],
    /// Those that are refused with a sentence of their own.
    pub(super) refused: &'static [(&'static str, &'static str)],
}

/// An object of the document.
#[derive(Clone, Debug)]
pub(super) struct Object<'d> {
    members: &'d [(String, Node)],
    pub(super) pointer: String,
}

impl<'d> Located<'d> {
    pub(super) fn root(node: &'d Node) -> Self {
        Self {
            node,
            pointer: String::new(),
        }
    }

    fn wrong_kind(&self, wanted: &str, findings: &mut Findings) {
        let message = format!("Write {wanted} here, not {}.", self.node.noun());
        findings.problem(self.pointer.as_str(), message);
    }

    /// One line of text that is neither empty nor surrounded by white space.
    // Called from everywhere: one copy in the component is enough.
    #[inline(never)]
    pub(super) fn text(&self, findings: &mut Findings) -> Option<&'d str> {
        let Node::Text(text) = self.node else {
            self.wrong_kind("text in double quotes", findings);
            return None;
        };
        if text.trim().is_empty() {
            findings.problem(
                self.pointer.as_str(),
                "Write something between the quotes, or leave the key out.",
            );
            return None;
        }
        if text.trim() != text {
            findings.problem(
                self.pointer.as_str(),
                "Remove the white space before or after the text.",
            );
            return None;
        }
        if text.contains(char::is_control) {
            findings.problem(
                self.pointer.as_str(),
                "Write one line, without line breaks, tabs and other control characters.",
            );
            return None;
        }
        Some(text)
    }

    pub(super) fn boolean(&self, findings: &mut Findings) -> Option<bool> {
        if let Node::Boolean(value) = self.node {
            return Some(*value);
        }
        self.wrong_kind("true or false, without quotes,", findings);
        None
    }

    pub(super) fn whole(&self, range: RangeInclusive<u64>, findings: &mut Findings) -> Option<u64> {
        match self.node {
            Node::Whole(value) if range.contains(value) => Some(*value),
            Node::Whole(_) | Node::OtherNumber => {
                findings.problem(
                    self.pointer.as_str(),
                    format!(
                        "Write a whole number from {} to {}.",
                        range.start(),
                        range.end()
                    ),
                );
                None
            }
            _ => {
                let (start, end) = range.into_inner();
                self.wrong_kind(
                    &format!("a whole number from {start} to {end}, without quotes,"),
                    findings,
                );
                None
            }
        }
    }

    /// One of the words, as what it stands for.
    pub(super) fn choice<T: Copy>(
        &self,
        choices: &[(&'static str, T)],
        findings: &mut Findings,
    ) -> Option<T> {
        self.choice_of(choices, |_| None, findings)
    }

    /// One of the words; `meant` knows other words for them, for a hint.
    pub(super) fn choice_of<T: Copy>(
        &self,
        choices: &[(&'static str, T)],
        meant: impl Fn(&str) -> Option<&'static str>,
        findings: &mut Findings,
    ) -> Option<T> {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let chosen = self.word(&words, &meant, findings)?;
        choices.get(chosen).map(|(_, value)| *value)
    }

    /// One of the words, by its number.
    fn word(
        &self,
        words: &[&'static str],
        meant: &dyn Fn(&str) -> Option<&'static str>,
        findings: &mut Findings,
    ) -> Option<usize> {
        let once = || words.iter().copied();
        let Node::Text(text) = self.node else {
            self.wrong_kind(&one_of(once()), findings);
            return None;
        };
        let chosen = words.iter().position(|word| word == text);
        if chosen.is_none() {
            findings.problem(
                self.pointer.as_str(),
                format!(
                    "{} is not known here; write {}.{}",
                    quoted(text),
                    one_of(once()),
                    did_you_mean(meant(text.trim()).unwrap_or(text), once())
                ),
            );
        }
        chosen
    }

    /// The elements of a list that has at least one.
    pub(super) fn elements(&self, findings: &mut Findings) -> Option<Vec<Located<'d>>> {
        let Node::List(elements) = self.node else {
            self.wrong_kind("a list in square brackets", findings);
            return None;
        };
        if elements.is_empty() {
            findings.problem(
                self.pointer.as_str(),
                "Write at least one element, or leave the key out.",
            );
            return None;
        }
        Some(
            elements
                .iter()
                .enumerate()
                .map(|(index, node)| Located {
                    node,
                    pointer: format!("{}/{index}", self.pointer),
                })
                .collect(),
        )
    }

    /// An object whose names the document's author chooses, member by member.
    pub(super) fn entries(&self, findings: &mut Findings) -> Option<Vec<(&'d str, Located<'d>)>> {
        let Node::Object(members) = self.node else {
            self.wrong_kind("an object in braces", findings);
            return None;
        };
        Some(
            members
                .iter()
                .map(|(name, node)| {
                    let pointer = member(&self.pointer, name);
                    (name.as_str(), Located { node, pointer })
                })
                .collect(),
        )
    }

    /// An object with the given names. Others are noted; the object can be read all the same.
    pub(super) fn object(&self, keys: &Keys, findings: &mut Findings) -> Option<Object<'d>> {
        let Node::Object(members) = self.node else {
            self.wrong_kind("an object in braces", findings);
            return None;
        };
        for (name, _) in members {
            if keys.known.contains(&name.as_str()) {
                continue;
            }
            let refused = keys.refused.iter().find(|(key, _)| key == name);
            let message = match refused {
                Some((_, sentence)) => (*sentence).to_owned(),
                None => format!(
                    "{} is not a key of this object; it takes {}.{}",
                    quoted(name),
                    one_of(keys.known.iter().copied()),
                    did_you_mean(name, keys.known.iter().copied())
                ),
            };
            findings.problem(member(&self.pointer, name), message);
        }
        Some(Object {
            members,
            pointer: self.pointer.clone(),
        })
    }
}

impl<'d> Object<'d> {
    // Called from everywhere: one copy in the component is enough.
    #[inline(never)]
    pub(super) fn get(&self, name: &str) -> Option<Located<'d>> {
        let (_, node) = self.members.iter().find(|(key, _)| key == name)?;
        Some(Located {
            node,
            pointer: member(&self.pointer, name),
        })
    }

    /// A member that must be there; `advice` is the sentence that says what to write.
    pub(super) fn require(
        &self,
        name: &str,
        advice: &str,
        findings: &mut Findings,
    ) -> Option<Located<'d>> {
        let place = self.get(name);
        if place.is_none() {
            findings.problem(
                self.pointer.as_str(),
                format!("{} is missing: {advice}", quoted(name)),
            );
        }
        place
    }
}
