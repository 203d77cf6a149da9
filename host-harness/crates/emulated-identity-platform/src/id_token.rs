//! ID tokens: who signed in
//! (<https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>).

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::codes::SignIn;
use crate::context::Context;
use crate::keys;
use emulated_directory::moments::unix;

/// How long one is good for.
const LIFETIME: Duration = Duration::from_hours(1);

/// The ID token for somebody who signed in at an application.
///
/// `wids`, the roles in the whole tenant, is there where the application is registered with
/// `groupMembershipClaims` (<https://learn.microsoft.com/entra/identity-platform/optional-claims>).
pub(crate) fn issue(
    service: &Context<'_>,
    root: &str,
    client_id: &str,
    sign_in: &SignIn,
) -> String {
    let account = sign_in.account;
    let at = unix(service.now());
    let mut claims = json!({
        "aud": client_id,
        "iss": format!("{root}/{}/v2.0", sign_in.tenant_id),
        "iat": at,
        "nbf": at,
        "exp": at.saturating_add(LIFETIME.as_secs()),
        "name": account.name(),
        "oid": account.object_id(),
        "preferred_username": account.user_principal_name(),
        "sub": format!("{}-{client_id}", account.word()),
        "tid": sign_in.tenant_id,
        "uti": Uuid::new_v4().simple().to_string(),
        "ver": "2.0",
    });
    if let Some(nonce) = &sign_in.nonce {
        claims["nonce"] = Value::from(nonce.clone());
    }
    if !service.directory_roles_untold() {
        claims["wids"] = json!(account.directory_roles());
    }
    keys::sign(&claims)
}
