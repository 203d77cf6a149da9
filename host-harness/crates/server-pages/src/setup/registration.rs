//! How an application of one's own is registered, as the Entra admin center asks for it
//! (<https://learn.microsoft.com/entra/identity-platform/quickstart-register-app>).

use api_types::views::ConnectView;
use maud::{Markup, html};

/// The steps there, closed once they were taken.
pub(super) fn steps(view: &ConnectView) -> Markup {
    let needed = view.permissions.iter();
    let needed = needed.filter(|permission| permission.label == "needed");
    html! {
        details .registration open[view.client_id.is_empty()] {
            summary { "How to register the application" }
            ol .stack {
                li {
                    "In the Entra admin center, " strong { "App registrations → New registration" } ": a name, and "
                    "accounts in this organizational directory only. To ask for consent from here, choose " strong { "Web" }
                    " as the platform, with this redirect URI: " code .long { (view.consent.redirect_uri) }
                }
                li {
                    strong { "API permissions → Add a permission → Microsoft Graph → Application permissions" } ":"
                    @for permission in needed { " " code { (permission.value) } }
                    ", and what else is listed here that you want to use."
                }
                li { strong { "Grant admin consent" } " on the same page, or ask for it from here once this form is saved." }
                li {
                    strong { "Certificates & secrets" } ": make a client secret and copy its " em { "value" } ", or upload a "
                    "certificate."
                }
                li { "From the overview of the app registration, copy the directory (tenant) id and the application (client) id." }
            }
        }
    }
}
