//! Coming in.

use maud::{Markup, html};

use super::layout::bare;

/// Asks for a code.
pub(crate) fn sign_in(problem: Option<&str>) -> Markup {
    bare(
        "Sign in",
        &html! {
            section .card .narrow aria-labelledby="sign-in" {
                h1 #sign-in { "Sign in" }
                p { "You need a sign-in link, which works once. Whoever operates this server can make one for you." }
                form method="post" action="/sign-in" {
                    div .field {
                        label for="code" { "Or paste the code of the link" }
                        input #code name="code" autocomplete="off" required
                            aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "code-problem")];
                        @if let Some(problem) = problem { p .problem #code-problem role="alert" { (problem) } }
                    }
                    button .primary type="submit" { "Sign in" }
                }
            }
        },
    )
}

/// Asks whether the code of a link is to be used: scanners of mails follow links, and press no buttons.
pub(crate) fn sign_in_confirm(code: &str) -> Markup {
    bare(
        "Sign in",
        &html! {
            section .card .narrow aria-labelledby="sign-in" {
                h1 #sign-in { "Sign in" }
                p { "This link lets you in, once." }
                form method="post" action="/sign-in" {
                    input type="hidden" name="code" value=(code);
                    button .primary type="submit" autofocus { "Sign in" }
                }
            }
        },
    )
}
