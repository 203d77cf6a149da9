//! Whom the mapping is for, what happens to whom, on which list, and when.

use api_types::views::{AttributeChoice, Choice, FilterRow, MappingFormView};
use maud::{Markup, html};

use super::super::forms::{TextInput, described_by, labelled, one_of, problem_line, problem_of};

/// Who is read.
pub(super) fn filters(view: &MappingFormView) -> Markup {
    html! {
        section .panel aria-labelledby="filters" {
            h2 #filters { "Who is read" }
            p .muted { "People for whom every line is true. Without a line, everybody." }
            @for (number, row) in view.filters.iter().enumerate() { (filter(view, number, row)) }
            p { button .button type="submit" name="action" value="add-filter" formnovalidate { "+ Add filter" } }
        }
    }
}

fn filter(view: &MappingFormView, number: usize, row: &FilterRow) -> Markup {
    let operators = [
        ("is", "is one of"),
        ("is-not", "is none of"),
        ("filled", "has a value"),
        ("empty", "has no value"),
    ];
    let part = |part: &str| {
        (
            format!("filter-{number}-{part}"),
            format!("filter.{number}.{part}"),
        )
    };
    let (attribute, operator, values) = (part("attribute"), part("operator"), part("values"));
    let problem = |name: &str| problem_of(&view.problems, name);
    let lines = row.values.lines().count().clamp(1, 6);
    html! {
        div .filter role="group" aria-label={ "Filter " (number + 1) } {
            div .field {
                label for=(attribute.0) { "Attribute" }
                (attributes(&attribute.0, &attribute.1, &[&view.attributes, &view.filtered_by], &row.attribute, problem(&attribute.1)))
                (problem_line(&attribute.0, problem(&attribute.1)))
            }
            div .field {
                label for=(operator.0) { "Condition" }
                select #(operator.0) name=(operator.1) {
                    @for (value, label) in operators {
                        option value=(value) selected[value == row.operator] { (label) }
                    }
                }
            }
            (labelled(&values.0, "Values, one a line", None, problem(&values.1), html! {
                textarea #(values.0) name=(values.1) rows=(lines) spellcheck="false" placeholder="Sales"
                    aria-invalid=[problem(&values.1).map(|_| "true")]
                    aria-describedby=[described_by(&values.0, None, problem(&values.1))] { (row.values) }
            }))
            button .button.small.subtle type="submit" name="action" value={ "remove-filter." (number) }
                formnovalidate { "Remove" span .sr { " filter " (number + 1) } }
        }
    }
}

fn attributes(
    id: &str,
    name: &str,
    choices: &[&[AttributeChoice]],
    chosen: &str,
    problem: Option<&str>,
) -> Markup {
    html! {
        select id=(id) name=(name) aria-invalid=[problem.map(|_| "true")]
            aria-describedby=[described_by(id, None, problem)] {
            option value="" selected[chosen.is_empty()] { "Choose…" }
            @for choice in choices.iter().copied().flatten() {
                option value=(choice.name) selected[choice.name == chosen] { (choice.label) }
            }
            // What a document says stays.
            @if !chosen.is_empty() && choices.iter().copied().flatten().all(|choice| choice.name != chosen) {
                option value=(chosen) selected { (chosen) }
            }
        }
    }
}

/// What happens to whom.
pub(super) fn policies(view: &MappingFormView) -> Markup {
    html! {
        section .panel aria-labelledby="policies" {
            h2 #policies { "What happens to whom" }
            div .policies {
                @for policy in &view.policies {
                    (one_of(&policy.name, &policy.label, &policy.value, &policy.choices,
                        problem_of(&view.problems, &policy.name)))
                }
            }
        }
    }
}

/// On which list the contacts are.
pub(super) fn list(view: &MappingFormView) -> Markup {
    let choice = |value: &str, label: &str, sentence: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        sentence: sentence.to_owned(),
    };
    let choices = [
        choice("none", "No list", "Contacts are put on no list."),
        choice(
            "one",
            "One list",
            "Everybody who is synced is on the list named below.",
        ),
        choice(
            "attribute",
            "A list for each value",
            "One list for each value of the attribute below, such as each department.",
        ),
    ];
    let problem = |name: &str| problem_of(&view.problems, name);
    html! {
        section .panel.across aria-labelledby="lists" {
            h2 #lists { "Lists" }
            (one_of("list", "Which list", &view.list, &choices, problem("list")))
            div .pair-of-fields {
                (TextInput {
                    name: "list_name", label: "Name of the one list", value: &view.list_name, kind: "text",
                    hint: None, placeholder: Some("Directory users"), required: false, problem: problem("list_name"),
                }.draw())
                div .field {
                    label for="list_attribute" { "Attribute of the lists" }
                    (attributes("list_attribute", "list_attribute", &[&view.attributes], &view.list_attribute, problem("list_attribute")))
                    (problem_line("list_attribute", problem("list_attribute")))
                }
            }
        }
    }
}

/// When it syncs.
pub(super) fn schedule(view: &MappingFormView) -> Markup {
    let hint = format!(
        "An interval such as “every 6 h”, or cron such as “0 6 * * *”. Empty: only on request. {}",
        view.schedule_policy
    );
    html! {
        section .panel aria-labelledby="schedule-title" {
            h2 #schedule-title { "Schedule" }
            div .pair-of-fields {
                (TextInput {
                    name: "schedule", label: "Sync", value: &view.schedule, kind: "text", hint: Some(&hint),
                    placeholder: Some("every 6 h"), required: false,
                    problem: problem_of(&view.problems, "schedule"),
                }.draw())
                (TextInput {
                    name: "time_zone", label: "Time zone", value: &view.time_zone, kind: "text",
                    hint: Some("For cron. An IANA name such as Europe/Berlin."),
                    placeholder: Some("UTC"), required: false,
                    problem: problem_of(&view.problems, "time_zone"),
                }.draw())
            }
        }
    }
}
