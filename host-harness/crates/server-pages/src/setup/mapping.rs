//! Step 2, and later the settings: which attribute becomes which field, of whom, how and when.

use api_types::views::{Frame, MappingFormView, SetupStep};
use maud::{Markup, html};

use super::super::formatting::moment;
use super::super::forms::{hidden, id_of, one_of, pressed_by_enter, problem_of, summary};
use super::super::icons::Icon;
use super::super::layout::{NavItem, layout};
use super::groups::{self, groups};
use super::policies::{filters, list, policies, schedule};
use super::rows::rows;
use super::{sections, steps};

/// The page.
pub fn mapping(frame: &Frame, view: &MappingFormView) -> Markup {
    let title = if view.setting_up {
        "Map attributes"
    } else {
        "Settings"
    };
    let main = html! {
        @if view.setting_up { (steps(frame, SetupStep::Map)) } @else { (sections(frame, SetupStep::Map)) }
        h1 { (title) }
        p .lead { "Which attribute of the directory becomes which field of a contact, for whom, and when." }
        @if let Some(conflict) = &view.conflict {
            div .notice.tone-warning role="alert" {
                (Icon::Warnings.draw())
                div {
                    p { strong { "Not saved. " } (conflict) }
                    p { a href={ (frame.root) "/setup/map" } { "Look at the settings as they are now" }
                        " – what you entered below is then given up." }
                }
            }
        }
        @if let Some(proposal) = &view.proposal {
            div .notice.tone-warning role="status" {
                (Icon::Warnings.draw())
                div {
                    p {
                        strong { "These settings are not in force yet. " }
                        (proposal.by) " saved them " (moment(&proposal.at)) ". "
                        a href={ (frame.root) "/setup/review" } { "Look at what they would do" }
                        ", and put them into force there, or give them up."
                    }
                }
            }
        }
        (summary(&problems(view)))
        form .stack #settings method="post" action={ (frame.root) "/setup/map" } {
            (hidden(frame))
            input type="hidden" name="version" value=(view.version);
            (pressed_by_enter("save"))
            (presets(view))
            (rows(view))
            (filters(view))
            (groups(view))
            (policies(view))
            (list(view))
            (schedule(view))
            div .form-actions.bar-of-actions {
                button .button.primary type="submit" name="action" value="save" {
                    @if view.setting_up { "Save changes and continue" } @else { "Save changes" }
                }
                a .button.subtle href=(frame.root) { "Cancel" }
            }
        }
    };
    layout(Some(frame), NavItem::Settings, title, main)
}

/// The preset, whether it is in force as a whole, and what is otherwise. Another one that is chosen is
/// applied as a whole when the form is saved; it can be looked at before.
fn presets(view: &MappingFormView) -> Markup {
    let problem = problem_of(&view.problems, "preset");
    let chosen = view
        .presets
        .iter()
        .find(|preset| preset.value == view.preset);
    let label = chosen.map_or(view.preset.as_str(), |preset| preset.label.as_str());
    html! {
        section .panel.across {
            input type="hidden" name="filled_from" value=(view.filled_from);
            @if view.filled_in { input type="hidden" name="filled_in" value="on"; }
            (one_of("preset", "Preset", &view.preset, &view.presets, problem))
            div #preset-in-force {
                @if view.differences.is_empty() {
                    p { "These settings are " strong { (label) } "." }
                } @else {
                    p { "These settings are " strong { "Custom, from " (label) } ". What differs:" }
                    dl .told { @for difference in &view.differences { div {
                        dt { (difference.label) }
                        dd { (difference.value) " " span .muted { "(" (label) ": " (difference.preset) ")" } }
                    } } }
                }
            }
            p .form-actions {
                button .button.small type="submit" name="action" value="preset" formnovalidate {
                    "Fill in its mapping and policies"
                }
                span .hint-text {
                    "Saving with another preset replaces mapping, policies, lists and schedule with its own, but for "
                    "what you change here yourself. This button shows them before. Who is read stays."
                }
            }
        }
    }
}

fn problems(view: &MappingFormView) -> Vec<(Option<String>, String)> {
    let of_rows = view.rows.iter().enumerate().filter_map(|(number, row)| {
        let problem = row.problem.as_deref()?;
        // Away from its row, it has to say which one it is of.
        let message = match row.label.as_str() {
            "" => problem.to_owned(),
            label => format!("{label}: {problem}"),
        };
        Some((Some(format!("row-{number}-attribute")), message))
    });
    let others = view.problems.iter().map(|problem| {
        let id = has_an_input(view, &problem.pointer).then(|| id_of(&problem.pointer));
        (id, problem.message.clone())
    });
    of_rows.chain(others).collect()
}

/// Whether the form has an input with this name to lead to.
fn has_an_input(view: &MappingFormView, name: &str) -> bool {
    let fixed = [
        "preset",
        "list",
        "list_name",
        "list_attribute",
        "schedule",
        "time_zone",
    ];
    let of_a_filter = |name: &str| {
        let mut parts = name.strip_prefix("filter.")?.splitn(2, '.');
        let number: usize = parts.next()?.parse().ok()?;
        let part = parts.next()?;
        (number < view.filters.len() && ["attribute", "operator", "values"].contains(&part))
            .then_some(())
    };
    fixed.contains(&name)
        || groups::INPUTS.contains(&name)
        || view.policies.iter().any(|policy| policy.name == name)
        || of_a_filter(name).is_some()
}
