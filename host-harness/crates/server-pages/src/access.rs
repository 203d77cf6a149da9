//! Signing in: with a link that works once.

use maud::{Markup, html};

use super::forms::TextInput;
use super::layout::{NavItem, layout};

/// Says how one gets in; takes the code of a link that cannot be opened here.
pub fn sign_in(problem: Option<&str>) -> Markup {
    let main = html! {
        section .panel.stack {
            h1 { "Sign in" }
            p .lead { "You need a sign-in link. Ask your administrator for one; it works once, and for a short time." }
            form .stack method="post" action="/sign-in" {
                (TextInput {
                    name: "code", label: "Code", value: "", kind: "text",
                    hint: Some("Or paste the code from the end of the link."), placeholder: None,
                    required: true, problem,
                }.draw())
                div .form-actions { button .button.primary type="submit" { "Sign in" } }
            }
        }
    };
    layout(None, NavItem::Elsewhere, "Sign in", main)
}

/// What a sign-in link opens. Opening it does not use it up, or a mail scanner would; the button does.
pub fn sign_in_confirm(code: &str) -> Markup {
    let main = html! {
        section .panel.stack {
            h1 { "Sign in" }
            p .lead { "The link works once. Press the button to use it in this browser." }
            form method="post" action="/sign-in" {
                input type="hidden" name="code" value=(code);
                button .button.primary type="submit" autofocus { "Sign in" }
            }
        }
    };
    layout(None, NavItem::Elsewhere, "Sign in", main)
}
