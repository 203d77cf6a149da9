//! The rows of the mapping: a field of the contacts, and the attribute that fills it.

use api_types::views::{AttributeChoice, MappingFormView, MappingRowForm};
use maud::{Markup, html};

use super::super::forms::problem_line;
use super::super::icons::asterisk;

pub(super) fn rows(view: &MappingFormView) -> Markup {
    html! {
        section .panel #mapping aria-labelledby="mapping-title" {
            div .panel-head {
                h2 #mapping-title { "Mapping" }
                p .muted.small { span .asterisk aria-hidden="true" { "*" } " mandatory: somebody without a value is skipped" }
            }
            div .mapping-rows {
                @for (number, row) in view.rows.iter().enumerate() { (one_row(view, number, row)) }
            }
            @if view.custom_fields {
                p { button .button type="submit" name="action" value="add-row" formnovalidate { "+ Add mapping" } }
                p .hint-text { "A mapping with an own label fills a field that is made under that label." }
            }
        }
    }
}

fn one_row(view: &MappingFormView, number: usize, row: &MappingRowForm) -> Markup {
    let label = if row.label.is_empty() {
        "New mapping"
    } else {
        &row.label
    };
    let name = |part: &str| format!("row.{number}.{part}");
    let id = |part: &str| format!("row-{number}-{part}");
    let problem = row.problem.as_deref();
    html! {
        div .mapping-row .wrong[problem.is_some()] role="group" aria-label=(label) {
            div .mapping-field {
                @if is_given(row) { (given_field(number, row)) } @else { (field(view, number, row)) }
            }
            div .mapping-attribute {
                label .caption for=(id("attribute")) { "Directory attribute" }
                select #(id("attribute")) name=(name("attribute")) data-samples=(id("sample"))
                    aria-invalid=[problem.map(|_| "true")]
                    aria-describedby=(described(&id, problem)) {
                    option value="" selected[row.attribute.is_empty()] { "Choose…" }
                    @for choice in &view.attributes { (attribute(choice, &row.attribute)) }
                }
                p .sample #(id("sample")) { (sample(view, &row.attribute)) }
                (problem_line(&id("attribute"), problem))
            }
            div .mapping-end {
                @if row.fixed {
                    input type="hidden" name=(name("mandatory")) value="on";
                    span .small.muted { "Always mandatory" }
                } @else {
                    span .check {
                        input #(id("mandatory")) type="checkbox" name=(name("mandatory")) value="on"
                            checked[row.mandatory];
                        label for=(id("mandatory")) {
                            "Mandatory"
                            @if row.mandatory && !is_given(row) { (asterisk()) }
                        }
                    }
                }
                @if !row.mandatory && !row.fixed {
                    button .button.small.subtle type="submit" name="action" value={ "remove-row." (number) }
                        formnovalidate { "Remove" span .sr { " the mapping of " (label) } }
                }
            }
        }
    }
}

/// Whether the row's field cannot be chosen: it is mandatory, and nothing is wrong with it.
fn is_given(row: &MappingRowForm) -> bool {
    row.fixed || (row.mandatory && row.problem.is_none() && !row.label.is_empty())
}

fn described(id: &impl Fn(&str) -> String, problem: Option<&str>) -> String {
    match problem {
        Some(_) => format!("{} {}", id("attribute-problem"), id("sample")),
        None => id("sample"),
    }
}

fn given_field(number: usize, row: &MappingRowForm) -> Markup {
    html! {
        p .caption { "Contact field" }
        p .mapping-label { (row.label) (asterisk()) }
        input type="hidden" name={ "row." (number) ".field" } value=(row.field);
        input type="hidden" name={ "row." (number) ".label" } value=(row.label);
    }
}

/// Which field the row fills, to be chosen, or an own label. What was just added takes the focus.
fn field(view: &MappingFormView, number: usize, row: &MappingRowForm) -> Markup {
    let name = |part: &str| format!("row.{number}.{part}");
    let id = |part: &str| format!("row-{number}-{part}");
    let own = row.field.is_empty();
    let last = number + 1 == view.rows.len();
    let new = last && own && row.label.is_empty() && row.attribute.is_empty();
    html! {
        label .caption for=(id("field")) { "Contact field" }
        select #(id("field")) name=(name("field")) data-own=(id("own")) {
            @if view.custom_fields || own { option value="" selected[own] { "Own label" } }
            @for choice in &view.fields {
                option value=(choice.name) selected[choice.name == row.field] { (choice.label) }
            }
        }
        div #(id("own")) hidden[!own] {
            label .sr for=(id("label")) { "Own label" }
            input #(id("label")) name=(name("label")) type="text" value=(row.label)
                autocomplete="off" placeholder="Own label, such as Cost centre" autofocus[new];
        }
    }
}

fn attribute(choice: &AttributeChoice, chosen: &str) -> Markup {
    html! {
        option value=(choice.name) selected[choice.name == chosen] data-sample=[choice.sample.as_deref()] {
            (choice.label)
        }
    }
}

/// A value that somebody has, so that one sees what one chose.
fn sample(view: &MappingFormView, attribute: &str) -> Markup {
    let chosen = view
        .attributes
        .iter()
        .find(|choice| choice.name == attribute);
    html! {
        @match chosen.map(|choice| choice.sample.as_deref()) {
            Some(Some(value)) => { "e.g. " (value) },
            Some(None) => "Nobody looked at has a value",
            None => "",
        }
    }
}
