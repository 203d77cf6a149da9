//! A request that a browser brings to one of the pages, and the way back to the application.
//!
//! Nothing leads to an address that is not registered: whatever is wrong with a request is said on a
//! page, not in a redirect.

use http::{Method, StatusCode};
use maud::html;
use uuid::Uuid;

use crate::context::Context;
use crate::page;
use crate::refusal::AadCode;
use crate::token::unknown_application;
use emulated_directory::moments;
use emulated_http::query::encode_form;
use emulated_http::{Call, Reply};

/// What is wrong with a request: said on a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageRefusal {
    status: StatusCode,
    code: AadCode,
    message: String,
}

impl PageRefusal {
    pub(crate) fn new(code: AadCode, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    /// No such tenant.
    pub(crate) fn no_tenant(tenant: &str) -> Self {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are \
             signing into the correct cloud."
        );
        Self::new(90_002, message)
    }

    /// Whoever signs in is another tenant's.
    pub(crate) fn not_of_tenant(service: &Context<'_>, user: &str, tenant: &str) -> Self {
        let message = format!(
            "User account '{user}' from identity provider 'https://sts.windows.net/{tenant}/' does not \
             exist in tenant '{}' and cannot access the application in that tenant. The account needs \
             to be added as an external user in the tenant first.",
            service.organization_name()
        );
        Self::new(50_020, message)
    }

    /// The page that says so.
    pub(crate) fn reply(&self, service: &Context<'_>) -> Reply {
        let body = html! {
            h1 { "Sorry, but we're having trouble signing you in." }
            p { "AADSTS" (self.code) ": " (self.message) }
            dl {
                dt { "Correlation ID" }
                dd { (Uuid::new_v4()) }
                dt { "Timestamp" }
                dd { (moments::spaced(service.now())) }
            }
        };
        page::document(self.status, "Sign in to your account", &body)
    }
}

/// Pages are looked at.
///
/// # Errors
/// 405 for any other method than GET.
pub(crate) fn only_read(call: &Call) -> Result<(), PageRefusal> {
    if call.method == Method::GET {
        return Ok(());
    }
    Err(PageRefusal {
        status: StatusCode::METHOD_NOT_ALLOWED,
        ..PageRefusal::new(
            900_561,
            format!(
                "The endpoint only accepts GET requests. Received a {} request.",
                call.method
            ),
        )
    })
}

/// A parameter that a request must have (AADSTS90014,
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
///
/// # Errors
/// 400 where it is missing.
pub(crate) fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, PageRefusal> {
    call.query.filled(name).ok_or_else(|| {
        PageRefusal::new(
            90_014,
            format!(
                "The required field '{name}' is missing from the credential. Ensure that you have \
                 all the necessary parameters for the login request."
            ),
        )
    })
}

/// The address to which an application that is known may be led back.
///
/// # Errors
/// 400 for another application, and for an address that is not registered.
pub(crate) fn way_back<'a>(service: &Context<'_>, call: &'a Call) -> Result<&'a str, PageRefusal> {
    let client_id = required(call, "client_id")?;
    let redirect_uri = required(call, "redirect_uri")?;
    let access = service.application();
    if !client_id.eq_ignore_ascii_case(&access.client_id) {
        let message = unknown_application(client_id, service.organization_name());
        return Err(PageRefusal::new(700_016, message));
    }
    let mut registered = access.redirect_uris.iter();
    if !registered.any(|known| known == redirect_uri) {
        return Err(PageRefusal::new(
            50_011,
            format!(
                "The redirect URI '{redirect_uri}' specified in the request does not match the \
                 redirect URIs configured for the application '{client_id}'. Make sure the redirect \
                 URI sent in the request matches one added to your application exactly."
            ),
        ));
    }
    Ok(redirect_uri)
}

/// Leads back to the application.
pub(crate) fn redirect(uri: &str, told: &[(&str, &str)]) -> Reply {
    let separator = if uri.contains('?') { '&' } else { '?' };
    let location = format!("{uri}{separator}{}", encode_form(told));
    Reply::empty(StatusCode::FOUND).with_header("location", &location)
}

/// What no page's answer may be kept by.
pub(crate) fn unkept(reply: Reply) -> Reply {
    reply
        .with_header("cache-control", "no-store, no-cache")
        .with_header("pragma", "no-cache")
        .with_header("x-ms-request-id", &Uuid::new_v4().to_string())
}
