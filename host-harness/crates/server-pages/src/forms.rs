//! The parts of forms: every input with its label, every problem beside its input.

use api_types::shapes::ProblemShape;
use api_types::views::{Choice, Frame};
use maud::{Markup, html};

/// What every form carries: that it comes from this session, and which submission it is.
pub(super) fn hidden(frame: &Frame) -> Markup {
    html! {
        input type="hidden" name="csrf" value=(frame.csrf);
        input type="hidden" name="submission" value=(frame.submission);
    }
}

/// The id of the input with this name.
pub(super) fn id_of(name: &str) -> String {
    name.replace('.', "-")
}

/// How a button looks, by how often it is meant to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// What one came for; at most one on a page.
    Primary,
    Plain,
    /// Takes something away.
    Danger,
}

impl Weight {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Danger => "button danger",
        }
    }
}

/// A form that is one button.
pub(super) fn button(
    frame: &Frame,
    action: &str,
    values: &[(&str, &str)],
    (label, weight): (&str, Weight),
    enabled: bool,
) -> Markup {
    html! {
        form .inline method="post" action={ (frame.root) (action) } {
            (hidden(frame))
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            button type="submit" class=(weight.class()) disabled[!enabled] { (label) }
        }
    }
}

/// The button that Enter presses in a form whose first visible button does something else.
pub(super) fn pressed_by_enter(action: &str) -> Markup {
    html! {
        button .sr type="submit" name="action" value=(action) tabindex="-1" aria-hidden="true" {
            "Save"
        }
    }
}

/// The problem of the input with this name.
pub(super) fn problem_of<'a>(problems: &'a [ProblemShape], name: &str) -> Option<&'a str> {
    let problem = problems.iter().find(|problem| problem.pointer == name)?;
    Some(&problem.message)
}

/// A line of text to enter.
pub(super) struct TextInput<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) value: &'a str,
    /// `text`, `password` or `date`.
    pub(super) kind: &'a str,
    pub(super) hint: Option<&'a str>,
    pub(super) placeholder: Option<&'a str>,
    pub(super) required: bool,
    pub(super) problem: Option<&'a str>,
}

impl TextInput<'_> {
    pub(super) fn draw(&self) -> Markup {
        let id = id_of(self.name);
        let value = (self.kind != "password").then_some(self.value);
        labelled(
            &id,
            self.label,
            self.hint,
            self.problem,
            html! {
                input #(id) name=(self.name) type=(self.kind) value=[value] autocomplete="off"
                    spellcheck="false" placeholder=[self.placeholder] required[self.required]
                    aria-invalid=[self.problem.map(|_| "true")]
                    aria-describedby=[described_by(&id, self.hint, self.problem)];
            },
        )
    }
}

/// An input with its label above it, and below it what helps and what is wrong.
pub(super) fn labelled(
    id: &str,
    label: &str,
    hint: Option<&str>,
    problem: Option<&str>,
    input: Markup,
) -> Markup {
    html! {
        div .field .wrong[problem.is_some()] {
            label for=(id) { (label) }
            (input)
            @if let Some(hint) = hint { p .hint-text id={ (id) "-hint" } { (hint) } }
            (problem_line(id, problem))
        }
    }
}

/// What is wrong with an input, below it.
pub(super) fn problem_line(id: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem { p .problem id={ (id) "-problem" } { (problem) } }
    }
}

/// The ids of what describes an input.
pub(super) fn described_by(id: &str, hint: Option<&str>, problem: Option<&str>) -> Option<String> {
    let parts = [
        problem.map(|_| format!("{id}-problem")),
        hint.map(|_| format!("{id}-hint")),
    ];
    let ids: Vec<String> = parts.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// One of several, each with a sentence that says what it does.
pub(super) fn one_of(
    name: &str,
    legend: &str,
    chosen: &str,
    choices: &[Choice],
    problem: Option<&str>,
) -> Markup {
    let group = id_of(name);
    html! {
        fieldset .one-of id=(group) tabindex=[problem.map(|_| "-1")]
            aria-describedby=[described_by(&group, None, problem)] {
            legend { (legend) }
            @for choice in choices {
                @let id = format!("{group}-{}", choice.value);
                div .choice {
                    input #(id) type="radio" name=(name) value=(choice.value)
                        checked[choice.value == chosen] aria-describedby={ (id) "-hint" };
                    div {
                        label for=(id) { (choice.label) }
                        p .hint-text id={ (id) "-hint" } { (choice.sentence) }
                    }
                }
            }
            (problem_line(&group, problem))
        }
    }
}

/// Everything that is wrong, above the form; takes the focus, and leads to the inputs. Each problem has
/// the id of its input, or none.
pub(super) fn summary(problems: &[(Option<String>, String)]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div .notice.tone-bad.summary role="alert" tabindex="-1" autofocus {
                (super::icons::Icon::Failed.draw())
                div {
                    p { strong { "Nothing was saved yet. Please look at this again:" } }
                    ul {
                        @for (id, message) in problems {
                            li {
                                @if let Some(id) = id { a href={ "#" (id) } { (message) } }
                                @else { (message) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A value as it may stand in a query: everything that is not plainly harmless is percent-encoded.
pub fn in_query(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_a_query() {
        assert_eq!(in_query("mobilePhone"), "mobilePhone");
        assert_eq!(in_query("a&b=c #é"), "a%26b%3Dc%20%23%C3%A9");
    }
}
