//! The platform as a whole: what a request is answered, and what a resource learns of an access token.

use std::sync::MutexGuard;
use std::time::SystemTime;

use emulated_http::{Call, Reply};
use http::{Method, StatusCode};
use uuid::Uuid;

use crate::access_token::{Claims, TokenFlaw};
use crate::application::Application;
use crate::context::{Conditions, Context, State};
use crate::door::Door;
use crate::refusal::Refusal;
use crate::{admin_consent, authorize, discovery, keys, token};

/// The sign-in service of one tenant, which knows one application.
#[derive(Debug)]
pub struct IdentityPlatform {
    state: State,
}

impl IdentityPlatform {
    /// A tenant of that id, whose domains follow from the organisation's name.
    #[must_use]
    pub fn new(tenant_id: &str, organization: &str, application: Application) -> Self {
        Self {
            state: State::new(tenant_id, organization, application),
        }
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(&self) -> String {
        self.state.tenant_id()
    }

    /// Gives the tenant's domains and its application to a tenant of another id.
    pub fn replace_tenant(&self, tenant_id: &str) {
        self.state.replace_tenant(tenant_id);
    }

    /// The organisation's name.
    #[must_use]
    pub fn organization_name(&self) -> &str {
        self.state.organization_name()
    }

    /// The application, to be looked at or changed. Whoever holds it keeps requests waiting.
    pub fn application(&self) -> MutexGuard<'_, Application> {
        self.state.application()
    }

    /// Revokes every access token issued so far.
    pub fn revoke_access_tokens(&self) {
        self.state.issuer().revoke();
    }

    /// What the access token of an `Authorization` header says.
    ///
    /// # Errors
    /// What is wrong with it, [`TokenFlaw`].
    pub fn authenticate(
        &self,
        authorization: Option<&str>,
        now: SystemTime,
    ) -> Result<Claims, TokenFlaw> {
        let issuer = self.state.issuer();
        issuer.check(authorization, &self.state.tenant_id(), now)
    }

    /// Answers a request at a door.
    #[must_use]
    pub fn answer(&self, call: &Call, door: Door<'_>, conditions: Conditions) -> Reply {
        answer(&self.state.under(conditions), call, door)
    }

    /// Refuses a request, whatever it asks for, as the service does when something is wrong with itself.
    #[must_use]
    pub fn refuse(
        &self,
        call: &Call,
        status: StatusCode,
        retry_after: Option<String>,
        conditions: Conditions,
    ) -> Reply {
        Refusal::injected(status, retry_after).reply(self.state.under(conditions).now(), call)
    }
}

/// Answers a request at a door.
pub(crate) fn answer(service: &Context<'_>, call: &Call, door: Door<'_>) -> Reply {
    let answered = match door {
        Door::Token(tenant, version) => token::answer(service, call, tenant, version),
        Door::Consent(tenant, version) => {
            return admin_consent::answer(service, call, (tenant, version));
        }
        Door::Authorize(tenant) => return authorize::answer(service, call, tenant),
        Door::Configuration(tenant, version) => {
            only_read(call).and_then(|()| discovery::configuration(service, call, tenant, version))
        }
        Door::Keys(tenant, version) => {
            only_read(call).and_then(|()| keys::answer(service, call, tenant, version))
        }
        Door::Instance => only_read(call).and_then(|()| discovery::instance(call)),
        Door::ErrorPage => Ok(error_page(call)),
        Door::Nowhere => Ok(Reply::empty(StatusCode::NOT_FOUND)),
    };
    let mut reply = answered.unwrap_or_else(|refusal| refusal.reply(service.now(), call));
    reply.set("x-ms-request-id", &Uuid::new_v4().to_string());
    reply.set_default("cache-control", "no-store, no-cache");
    reply.set_default(
        "strict-transport-security",
        "max-age=31536000; includeSubDomains",
    );
    reply
}

fn only_read(call: &Call) -> Result<(), Refusal> {
    if call.method == Method::GET {
        return Ok(());
    }
    Err(Refusal::wrong_method("GET", &call.method).with_status(StatusCode::METHOD_NOT_ALLOWED))
}

/// What a code means is Microsoft's to say.
fn error_page(call: &Call) -> Reply {
    let code = call.query.get("code").unwrap_or_default();
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let location = format!("https://login.microsoftonline.com/error?code={code}");
    Reply::empty(StatusCode::FOUND).with_header("location", &location)
}
