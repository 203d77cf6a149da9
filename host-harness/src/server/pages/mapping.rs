//! The second step: mapping, filters, policies, list and schedule.
//!
//! Every button works without script: what is not Save posts the form and draws it again.

use maud::{Markup, html};

use super::connect::{problem_of, problem_summary, text};
use super::layout::{Part, hidden, page};
use super::overview::mandatory;
use super::review::steps;
use crate::server::views::{
    AttributeChoice, FilterRow, Frame, MappingFormView, MappingRowForm, PolicyForm, SetupStep,
};

/// The second step.
pub(crate) fn mapping(frame: &Frame, view: &MappingFormView) -> Markup {
    page(
        frame,
        Some(Part::Settings),
        "Map attributes",
        &html! {
            @if view.setting_up { (steps(frame, SetupStep::Map, false)) }
            h1 { @if view.setting_up { "Map attributes" } @else { "Settings" } }
            @if let Some(conflict) = &view.conflict {
                div .banner .warning role="alert" tabindex="-1" data-focus { h2 { "Not saved" } p { (conflict) } }
            }
            (problem_summary(&view.problems))
            form .settings method="post" action={ (frame.root) "/setup/map" } novalidate {
                (hidden(frame))
                input type="hidden" name="version" value=(view.version);
                // The first button is what Enter presses.
                button .sr type="submit" name="action" value="save" tabindex="-1" aria-hidden="true" { "Save changes" }
                (preset(view))
                (rows(view))
                (filters(view))
                @for policy in &view.policies { (policy_choice(policy)) }
                (list(view))
                (schedule(view))
                div .buttons .sticky {
                    button .primary type="submit" name="action" value="save" { "Save changes" }
                    a .button .quiet href=(frame.root) { "Cancel" }
                }
            }
        },
    )
}

fn preset(view: &MappingFormView) -> Markup {
    html! {
        fieldset .card {
            legend { "Kind of sync" }
            (radios("preset", &view.preset, &view.presets))
            button .quiet type="submit" name="action" value="preset" { "Use its defaults" }
            p .hint { "Replaces the rows and choices below by those of this kind; nothing is saved before you save." }
        }
    }
}

fn radios(name: &str, chosen: &str, choices: &[crate::server::views::Choice]) -> Markup {
    html! {
        div .radios {
            @for choice in choices {
                @let id = format!("{name}-{}", choice.value);
                div .radio {
                    input id=(id) type="radio" name=(name) value=(choice.value)
                        checked[choice.value == chosen] aria-describedby={ (id) "-does" };
                    label for=(id) { (choice.label) }
                    p .hint id={ (id) "-does" } { (choice.sentence) }
                }
            }
        }
    }
}

fn rows(view: &MappingFormView) -> Markup {
    html! {
        fieldset .card #mapping {
            legend { "Mapping" }
            p .hint { "One row a contact field. Without a value in a field marked " span .mandatory { "*" } ", a person is skipped." }
            div .rows {
                @for (at, row) in view.rows.iter().enumerate() { (mapping_row(view, at, row)) }
            }
            @if view.rows.is_empty() { p .empty { "No attribute is mapped yet." } }
            button .quiet type="submit" name="action" value="add-row" { "+ Add mapping" }
        }
    }
}

fn mapping_row(view: &MappingFormView, at: usize, row: &MappingRowForm) -> Markup {
    let name = |part: &str| format!("row.{at}.{part}");
    let described = view.fields.iter().find(|field| field.name == row.field);
    let label = described.map_or(row.label.as_str(), |field| field.label.as_str());
    let spoken = if label.is_empty() { "new field" } else { label };
    let invalid = row.problem.as_ref().map(|_| "true");
    html! {
        div .map-row role="group" aria-label={ "Mapping of " (spoken) } {
            div .field {
                @if row.mandatory {
                    input type="hidden" name=(name("field")) value=(row.field);
                    input type="hidden" name=(name("label")) value=(row.label);
                    input type="hidden" name=(name("mandatory")) value="on";
                    span .fixed { (label) (mandatory()) }
                } @else {
                    select name=(name("field")) aria-label={ "Contact field: " (spoken) } {
                        @if view.custom_fields || row.field.is_empty() {
                            option value="" selected[row.field.is_empty()] { "Own label…" }
                        }
                        @for field in &view.fields {
                            option value=(field.name) selected[field.name == row.field] { (field.label) }
                        }
                    }
                    @if view.custom_fields && row.field.is_empty() {
                        input name=(name("label")) value=(row.label) placeholder="Own label" maxlength="64"
                            aria-label={ "Own label of " (spoken) };
                    }
                }
            }
            span .arrow aria-hidden="true" { "←" }
            div .field {
                select name=(name("attribute")) aria-label={ "Directory attribute for " (spoken) }
                    aria-invalid=[invalid] aria-describedby={ "sample-" (at) @if row.problem.is_some() { " row-problem-" (at) } } {
                    (attribute_options(&view.attributes, &row.attribute))
                }
                p .hint id={ "sample-" (at) } { (sample(&view.attributes, &row.attribute)) }
                @if let Some(problem) = &row.problem { p .problem id={ "row-problem-" (at) } { (problem) } }
            }
            @if !row.mandatory {
                button .quiet .remove type="submit" name="action" value={ "remove-row." (at) } {
                    "Remove" span .sr { " " (spoken) }
                }
            }
        }
    }
}

fn attribute_options(attributes: &[AttributeChoice], chosen: &str) -> Markup {
    html! {
        option value="" selected[chosen.is_empty()] { "Choose an attribute…" }
        @for attribute in attributes {
            option value=(attribute.name) selected[attribute.name == chosen]
                data-sample=[attribute.sample.as_deref()] { (attribute.label) }
        }
    }
}

fn sample(attributes: &[AttributeChoice], chosen: &str) -> Markup {
    let attribute = attributes.iter().find(|attribute| attribute.name == chosen);
    html! {
        @match attribute.and_then(|attribute| attribute.sample.as_ref()) {
            Some(sample) => { "For example " q { (sample) } },
            None if chosen.is_empty() => "Nothing chosen yet",
            None => "No sample: nobody among the first people has it",
        }
    }
}

fn filters(view: &MappingFormView) -> Markup {
    html! {
        fieldset .card #filters {
            legend { "Who is synced" }
            p .hint { "Everybody who meets all of these. Without any, everybody." }
            @for (at, filter) in view.filters.iter().enumerate() { (filter_row(view, at, filter)) }
            @if let Some(problem) = problem_of(&view.problems, "filters") { p .problem { (problem) } }
            button .quiet type="submit" name="action" value="add-filter" { "+ Add condition" }
        }
    }
}

fn filter_row(view: &MappingFormView, at: usize, filter: &FilterRow) -> Markup {
    let number = at + 1;
    let operators = [
        ("is", "is one of"),
        ("is-not", "is none of"),
        ("filled", "is filled"),
        ("empty", "is empty"),
    ];
    html! {
        div .filter-row role="group" aria-label={ "Condition " (number) } {
            select name={ "filter." (at) ".attribute" } aria-label={ "Attribute of condition " (number) } {
                (attribute_options(&view.attributes, &filter.attribute))
            }
            select name={ "filter." (at) ".operator" } aria-label={ "Test of condition " (number) } {
                @for (value, label) in operators {
                    option value=(value) selected[value == filter.operator] { (label) }
                }
            }
            input name={ "filter." (at) ".values" } value=(filter.values) placeholder="Sales, Support"
                aria-label={ "Values of condition " (number) ", with commas between" };
            button .quiet .remove type="submit" name="action" value={ "remove-filter." (at) } {
                "Remove" span .sr { " condition " (number) }
            }
        }
    }
}

fn policy_choice(policy: &PolicyForm) -> Markup {
    html! {
        fieldset .card id=(policy.name) {
            legend { (policy.label) }
            (radios(&policy.name, &policy.value, &policy.choices))
        }
    }
}

fn list(view: &MappingFormView) -> Markup {
    let choices = [
        ("none", "No list", "Contacts are put on no list."),
        (
            "one",
            "One list",
            "All synced contacts are on one list; {organization} stands for the tenant's name.",
        ),
        (
            "attribute",
            "A list for each value",
            "Each value of the attribute is the name of a list, such as a department.",
        ),
    ];
    html! {
        fieldset .card #list {
            legend { "List" }
            div .radios {
                @for (value, label, sentence) in choices {
                    div .radio {
                        input id={ "list-" (value) } type="radio" name="list" value=(value)
                            checked[view.list == value] aria-describedby={ "list-" (value) "-does" };
                        label for={ "list-" (value) } { (label) }
                        p .hint id={ "list-" (value) "-does" } { (sentence) }
                    }
                }
            }
            (text("list_name", "Name of the list", &view.list_name, "For one list.", &view.problems))
            div .field {
                label for="list_attribute" { "Attribute that names the list" }
                select #list_attribute name="list_attribute" {
                    (attribute_options(&view.attributes, &view.list_attribute))
                }
            }
        }
    }
}

fn schedule(view: &MappingFormView) -> Markup {
    html! {
        fieldset .card {
            legend { "Schedule" }
            (text("schedule", "When to sync", &view.schedule,
                "An interval, such as every 6 h, or five cron fields, such as 0 6 * * *. Empty: only on request.",
                &view.problems))
            (text("time_zone", "Time zone", &view.time_zone,
                "In which cron fields are meant, such as Europe/Berlin or UTC.", &view.problems))
            p .hint { (view.schedule_policy) }
        }
    }
}
