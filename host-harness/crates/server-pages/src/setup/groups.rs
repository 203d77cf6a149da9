//! Whether the groups of the directory are read, and which of them.

use api_types::views::{GroupsView, MappingFormView};
use maud::{Markup, html};

use super::super::forms::{described_by, labelled, one_of, problem_line, problem_of};

/// The names of the inputs to which a problem can lead.
pub(super) const INPUTS: [&str; 5] = [
    "scope",
    "groups.include",
    "groups.kinds",
    "groups.members",
    "groups.people",
];

const HINT: &str = "Names, or object ids. “Sales*” is every group whose name begins with Sales. Empty: all groups.";

/// The section.
pub(super) fn groups(view: &MappingFormView) -> Markup {
    let GroupsView {
        scope,
        include,
        members,
        people,
        choices,
        ..
    } = &view.groups;
    let problem = |name: &str| problem_of(&view.problems, name);
    let named = problem("groups.include");
    let lines = include.len().clamp(2, 8);
    html! {
        section .panel aria-labelledby="groups-title" {
            h2 #groups-title { "Groups" }
            (one_of("scope", "What is read", scope, &choices.scope, problem("scope")))
            p .muted {
                "The rest of this counts only where users and groups are read. The application then needs the "
                "permission " code { "GroupMember.Read.All" } ", too."
            }
            div .policies {
                (labelled("groups-include", "Which groups, one a line", Some(HINT), named, html! {
                    textarea #groups-include name="groups.include" rows=(lines) spellcheck="false" placeholder="Sales"
                        aria-invalid=[named.map(|_| "true")]
                        aria-describedby=[described_by("groups-include", Some(HINT), named)] { (include.join("\n")) }
                }))
                (kinds(&view.groups, problem("groups.kinds")))
                (one_of("groups.members", "Who is a member", members, &choices.members, problem("groups.members")))
                (one_of("groups.people", "Who is in scope", people, &choices.people, problem("groups.people")))
            }
        }
    }
}

/// Any of the kinds, each with a sentence that says what it is.
fn kinds(view: &GroupsView, problem: Option<&str>) -> Markup {
    html! {
        fieldset .one-of #groups-kinds tabindex=[problem.map(|_| "-1")]
            aria-describedby=(match problem { Some(_) => "groups-kinds-problem groups-kinds-hint", None => "groups-kinds-hint" }) {
            legend { "Kinds of groups" }
            @for kind in &view.choices.kinds {
                @let id = format!("groups-kinds-{}", kind.value);
                div .choice {
                    input #(id) type="checkbox" name={ "groups.kinds." (kind.value) } value="on"
                        checked[view.kinds.contains(&kind.value)] aria-describedby={ (id) "-hint" };
                    div {
                        label for=(id) { (kind.label) }
                        p .hint-text id={ (id) "-hint" } { (kind.sentence) }
                    }
                }
            }
            p .hint-text #groups-kinds-hint { "Without one, groups of all kinds." }
            (problem_line("groups-kinds", problem))
        }
    }
}
