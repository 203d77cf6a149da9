//! Connecting with the platform's application: the button, and the two ways back from Microsoft.

use std::sync::Arc;

use axum::response::Response;
use server_db::{RoundTrip, WorkspaceState};

use super::current_user::CurrentUser;
use super::failure::Failure;
use super::forms::{AdminForm, see_other};
use super::notices::NoticeCode;
use super::round_trip::{CONSENT_MS, begin_trip, leave_for, note_refusal, refused, to_connection};
use crate::platform_application::PlatformApplication;
use crate::services::consent::{Roots, redirect_uri, roots};
use crate::services::error::ServiceError;
use crate::services::opening::http;
use crate::services::platform::addresses::Way;
use crate::services::platform::answer::{NoConsent, PageAnswer};
use crate::services::platform::connect::{Connected, connect, connected_tenant};
use crate::services::platform::exchange::{Redemption, SignInService};
use crate::services::platform::judgement::{NotAllowed, tenant_to_connect};
use crate::services::platform::proof::SignInProof;

/// How long a sign-in may take: a code is good for ten minutes itself.
const SIGN_IN_MS: i64 = 10 * 60 * 1000;

/// The cloud in which the platform's application is registered.
const CLOUD: &str = "global";

/// A document that reaches what this cloud has, and nothing else.
const REACHING_THE_CLOUD: &str = "{}";

/// The platform's application, and where Microsoft's pages are.
fn offered(user: &CurrentUser) -> Result<(&PlatformApplication, Roots), Failure> {
    let app = &user.ws.app;
    let application = app.options.application.as_ref();
    application.zip(roots(app, CLOUD)).ok_or_else(|| {
        Failure::bad_request(
            "This server has no application of its own to connect with.",
            "Register one in the Entra admin center, and enter it in the first step of the set-up.",
        )
    })
}

/// Begins the way to a connection: where Microsoft's consent page is.
pub(super) fn begin(user: &CurrentUser) -> Result<String, Failure> {
    let (application, roots) = offered(user)?;
    let record = user.ws.record()?;
    if record.state == WorkspaceState::Disconnecting {
        return Err(ServiceError::disconnecting().into());
    }
    let tenant = connected_tenant(&record)?;
    let purpose = RoundTrip::PlatformConsent;
    let state = begin_trip(user, &purpose, ("consent-asked", CONSENT_MS))?;
    let way = Way {
        login: &roots.login,
        client_id: application.client_id(),
        redirect_uri: &redirect_uri(&user.ws.app),
        state: &state,
    };
    let tenant = tenant.as_deref().unwrap_or("organizations");
    Ok(way.consent_page(tenant, &roots.graph))
}

/// `POST /w/{workspace}/setup/microsoft`: the button.
pub(super) async fn press(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    let address = begin(&submitted.user)?;
    leave_for(&submitted.user, &address)
}

/// Somebody comes back from the consent page. The tenant that it names is where they are asked to sign in, and
/// nothing more is believed of it.
pub(super) fn consented(user: &CurrentUser, answer: &PageAnswer) -> Result<Response, Failure> {
    let tenant = match answer.consented_tenant() {
        Ok(tenant) => tenant,
        Err(refusal) => return came_to_nothing(user, answer, refusal),
    };
    let (application, roots) = offered(user)?;
    let connected = connected_tenant(&user.ws.record()?)?;
    if connected.is_some_and(|connected| !connected.eq_ignore_ascii_case(&tenant)) {
        return not_allowed(user, NotAllowed::OtherTenant);
    }
    let purpose = RoundTrip::SignIn {
        tenant: tenant.clone(),
    };
    let state = begin_trip(user, &purpose, ("sign-in-asked", SIGN_IN_MS))?;
    let way = Way {
        login: &roots.login,
        client_id: application.client_id(),
        redirect_uri: &redirect_uri(&user.ws.app),
        state: &state,
    };
    let proof = SignInProof::of(&user.sign_in_key, &state);
    Ok(see_other(&way.sign_in_page(&tenant, &proof)))
}

/// Somebody comes back from signing in. What was begun is carried out also where the browser does not wait.
pub(super) async fn signed_in(
    user: &CurrentUser,
    answer: PageAnswer,
    state: String,
    tenant: String,
) -> Result<Response, Failure> {
    let Some(code) = answer.code.clone() else {
        let refusal = answer.refusal().unwrap_or(NoConsent::Failed);
        return came_to_nothing(user, &answer, refusal);
    };
    let user = Arc::new(user.clone());
    let carried = tokio::spawn(async move { carry_out(&user, &code, &state, &tenant).await });
    carried.await.unwrap_or_else(|_| Err(Failure::broken()))
}

async fn carry_out(
    user: &CurrentUser,
    code: &str,
    state: &str,
    tenant: &str,
) -> Result<Response, Failure> {
    let ws = &user.ws;
    let (application, roots) = offered(user)?;
    let proof = SignInProof::of(&user.sign_in_key, state);
    let service = SignInService {
        http: http(
            ws,
            &crate::services::document::document(&ws.app, REACHING_THE_CLOUD),
        )?,
        login: &roots.login,
        application,
    };
    let redemption = Redemption {
        code,
        tenant,
        redirect_uri: &redirect_uri(&ws.app),
        proof: &proof,
    };
    let signed_in = match service.redeem(&redemption).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            tracing::warn!(workspace = ws.id, %error, "sign-in at Microsoft came to nothing");
            note_refusal(user, "sign-in failed")?;
            return Ok(to_connection(user, NoticeCode::SignInFailed));
        }
    };
    let connected = connected_tenant(&ws.record()?)?;
    let tenant = match tenant_to_connect(&signed_in, tenant, connected.as_deref()) {
        Ok(tenant) => tenant,
        Err(refusal) => return not_allowed(user, refusal),
    };
    let who = &user.session.who;
    let event = ws.app.event(who, "consent-granted", Some(tenant));
    ws.app.db.note(Some(&ws.id), event)?;
    let notice = match connect(ws, who, tenant).await? {
        Connected::Works => NoticeCode::Connected,
        Connected::Spreading => NoticeCode::ConsentSpreads,
        Connected::WorksNot => NoticeCode::NotReady,
        Connected::Untested => NoticeCode::NotTested,
    };
    Ok(to_connection(user, notice))
}

/// The end of a round trip without consent, or without a sign-in. What is wrong with the platform's application
/// whoever operates this server can mend, and nobody in front of a browser.
fn came_to_nothing(
    user: &CurrentUser,
    answer: &PageAnswer,
    refusal: NoConsent,
) -> Result<Response, Failure> {
    if refusal == NoConsent::Failed {
        let error = answer.subject(refusal);
        tracing::warn!(workspace = user.ws.id, %error, "Microsoft did not take the platform's application");
    }
    refused(user, answer, refusal, NoticeCode::SignInFailed)
}

fn not_allowed(user: &CurrentUser, refusal: NotAllowed) -> Result<Response, Failure> {
    if refusal == NotAllowed::RolesUntold {
        tracing::warn!(
            "the platform's application does not tell the roles of who signs in: set groupMembershipClaims of its \
             registration to DirectoryRole"
        );
    }
    note_refusal(user, &refusal.to_string())?;
    let notice = match refusal {
        NotAllowed::OtherTenant => NoticeCode::OtherTenant,
        NotAllowed::NotAdministrator => NoticeCode::NotAdministrator,
        NotAllowed::RolesUntold => NoticeCode::RolesUntold,
    };
    Ok(to_connection(user, notice))
}
