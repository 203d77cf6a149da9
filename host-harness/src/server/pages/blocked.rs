//! What asks for a decision: a run that a limit stopped, and a disconnection.

use maud::{Markup, html};

use super::layout::{Part, hidden, page};
use super::parts::{icon, moment, person_list};
use crate::server::views::{BlockedView, Frame, PeopleView};

/// What would be taken away, why it was stopped, and the two ways out.
pub(crate) fn blocked(frame: &Frame, view: &BlockedView, people: &PeopleView) -> Markup {
    page(
        frame,
        Some(Part::Overview),
        "Blocked",
        &html! {
            p .back { a href=(frame.root) { "← Overview" } }
            section .banner .bad aria-labelledby="blocked-title" {
                h1 #blocked-title { (icon("bad")) "A limit stopped the sync" }
                p { (view.block.message) }
                p { strong { "Likely cause: " } (view.block.cause) }
                p .dim { "Nothing was taken away. It was stopped " (moment(&view.at)) "." }
            }
            section .card aria-labelledby="people-title" {
                h2 #people-title { (people.title) }
                p .dim { (people.explanation) }
                (person_list(&people.people))
                @if let Some(next) = &people.next {
                    p { a .button .quiet href={ (frame.root) "/blocked?after=" (next) } { "More people" } }
                }
            }
            section .card aria-labelledby="ways-title" {
                h2 #ways-title { "Two ways out" }
                div .ways {
                    form method="post" action={ (frame.root) "/sync" } {
                        (hidden(frame))
                        input type="hidden" name="approve" value=(view.block.digest);
                        p { "It is right like this: do exactly what is shown here. The limit stays for the next time." }
                        button .danger type="submit" { "Approve exactly this" }
                    }
                    div {
                        p { "It is not right: leave everything as it is, and look at the settings or the directory." }
                        a .button .quiet href={ (frame.root) "/setup/map" } { "Leave it and edit the settings" }
                    }
                }
            }
        },
    )
}

/// Asks to type DISCONNECT.
pub(crate) fn disconnect(frame: &Frame, problem: Option<&str>) -> Markup {
    page(
        frame,
        Some(Part::Overview),
        "Disconnect",
        &html! {
            p .back { a href=(frame.root) { "← Overview" } }
            section .card .narrow aria-labelledby="disconnect-title" {
                h1 #disconnect-title { "Disconnect this directory" }
                ul .plain {
                    li { "Schedules stop." }
                    li { "The secret, and where the last sync stood, are forgotten." }
                    li { "All contacts stay as they are. Connecting again finds them by their link." }
                }
                form method="post" action={ (frame.root) "/disconnect" } {
                    (hidden(frame))
                    div .field {
                        label for="confirm" { "Type DISCONNECT to go on" }
                        input #confirm name="confirm" autocomplete="off" autocapitalize="characters" required
                            aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "confirm-problem")];
                        @if let Some(problem) = problem { p .problem #confirm-problem role="alert" { (problem) } }
                    }
                    div .buttons {
                        button .danger type="submit" { "Disconnect" }
                        a .button .quiet href=(frame.root) { "Cancel" }
                    }
                }
            }
        },
    )
}
