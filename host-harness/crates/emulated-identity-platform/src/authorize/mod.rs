//! `GET /{tenant}/oauth2/v2.0/authorize`: somebody signs in, and the application gets a code for it
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code>).
//!
//! There are no passwords and there is no session: the page lists the [accounts](crate::accounts) that the
//! path's tenant has, and whoever sees it is whom they choose. The page on which a person consents to being
//! signed in is left out, since an administrator's consent covers that. Of the answer's forms there are
//! `query` and `fragment`.

mod page;

use uuid::Uuid;

use crate::accounts::{Account, is_other_tenant};
use crate::browser_request::{PageRefusal, only_read, redirect, required, unkept, way_back};
use crate::codes::{Challenge, SignIn};
use crate::context::Context;
use emulated_http::query::encode_form;
use emulated_http::{Call, Reply};

/// The query parameter by which the page's links say who signs in.
const ACCOUNT: &str = "account";

/// The account that is nobody's: the sign-in was given up.
const NOBODY: &str = "none";

/// A request in order.
#[derive(Debug)]
struct Asked<'a> {
    redirect_uri: &'a str,
    /// Whether what is told comes behind `#`, where only a script sees it.
    in_fragment: bool,
    state: Option<&'a str>,
    scope: &'a str,
    challenge: Option<Challenge>,
    accounts: &'static [Account],
}

/// Answers a request for the page, or one of its links.
pub(crate) fn answer(service: &Context<'_>, call: &Call, tenant: &str) -> Reply {
    let answered = read(service, call, tenant).and_then(|asked| {
        let Some(word) = call.query.get(ACCOUNT) else {
            return Ok(page::asking(service, call, &asked));
        };
        match Account::named(word) {
            Some(account) if asked.accounts.contains(&account) => {
                Ok(signed_in(service, call, &asked, account))
            }
            Some(account) => Err(PageRefusal::not_of_tenant(
                service,
                account.user_principal_name(),
                &account.tenant_id(service.tenant_id()),
            )),
            None => Ok(asked.lead_back(&[
                ("error", "access_denied"),
                ("error_description", "the user canceled the authentication"),
            ])),
        }
    });
    unkept(answered.unwrap_or_else(|refusal| refusal.reply(service)))
}

fn read<'a>(service: &Context<'_>, call: &'a Call, tenant: &str) -> Result<Asked<'a>, PageRefusal> {
    only_read(call)?;
    let accounts = accounts_of(service, tenant)?;
    let redirect_uri = way_back(service, call)?;
    let response_type = required(call, "response_type")?;
    if response_type != "code" {
        return Err(PageRefusal::new(
            700_054,
            format!("response_type '{response_type}' is not enabled for the application."),
        ));
    }
    let in_fragment = match call.query.filled("response_mode") {
        None | Some("query") => false,
        Some("fragment") => true,
        Some(other) => {
            let message = format!("The response_mode '{other}' is not offered here.");
            return Err(PageRefusal::new(90_014, message));
        }
    };
    Ok(Asked {
        redirect_uri,
        in_fragment,
        state: call.query.get("state"),
        scope: required(call, "scope")?,
        challenge: challenge(call)?,
        accounts,
    })
}

/// Who can sign in at a tenant.
fn accounts_of(service: &Context<'_>, tenant: &str) -> Result<&'static [Account], PageRefusal> {
    let lower = tenant.to_lowercase();
    match &*lower {
        "organizations" | "common" => Ok(&Account::ALL),
        "consumers" => Err(PageRefusal::new(
            9_002_332,
            "The application is configured for use by Microsoft Entra users only. Please do not use \
             the /consumers endpoint to serve this request.",
        )),
        _ if service.is_named(tenant) => Ok(&[Account::Administrator, Account::Member]),
        _ if is_other_tenant(tenant) => Ok(&[Account::Stranger]),
        _ => Err(PageRefusal::no_tenant(tenant)),
    }
}

/// What the code's verifier will be compared with; without a method it is compared as it is (RFC 7636,
/// section 4.3).
fn challenge(call: &Call) -> Result<Option<Challenge>, PageRefusal> {
    let challenge = call.query.filled("code_challenge").map(str::to_owned);
    match (challenge, call.query.filled("code_challenge_method")) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => Ok(Some(Challenge::Sha256(challenge))),
        (Some(challenge), None | Some("plain")) => Ok(Some(Challenge::Plain(challenge))),
        (None, Some(_)) => Err(PageRefusal::new(
            501_491,
            "A code_challenge_method was sent without a code_challenge.",
        )),
        (Some(_), Some(method)) => Err(PageRefusal::new(
            501_491,
            format!("The code_challenge_method '{method}' is not one of 'plain' and 'S256'."),
        )),
    }
}

fn signed_in(service: &Context<'_>, call: &Call, asked: &Asked<'_>, account: Account) -> Reply {
    let sign_in = SignIn {
        account,
        tenant_id: account.tenant_id(service.tenant_id()),
        redirect_uri: asked.redirect_uri.to_owned(),
        scope: asked.scope.to_owned(),
        nonce: call.query.filled("nonce").map(str::to_owned),
        challenge: asked.challenge.clone(),
    };
    let code = service.codes().issue(sign_in, service.now());
    let session = Uuid::new_v4().to_string();
    asked.lead_back(&[("code", &*code), ("session_state", &*session)])
}

impl Asked<'_> {
    /// Back to the application, with the state that it gave.
    fn lead_back(&self, told: &[(&str, &str)]) -> Reply {
        let mut told = told.to_vec();
        told.extend(self.state.map(|state| ("state", state)));
        if !self.in_fragment {
            return redirect(self.redirect_uri, &told);
        }
        let location = format!("{}#{}", self.redirect_uri, encode_form(&told));
        Reply::empty(http::StatusCode::FOUND).with_header("location", &location)
    }
}
