//! The way to Microsoft's consent page.

use server_db::WorkspaceRecord;

use crate::host::Host;
use crate::settings::Settings;

/// Where Microsoft's consent page of a workspace's tenant is, for a round trip with this state
/// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>).
pub(crate) fn consent_page(host: &Host, record: &WorkspaceRecord, state: &str) -> Option<String> {
    let settings = Settings::read(&record.settings).ok()?;
    let (tenant, client_id) = (settings.tenant(), settings.client_id());
    if tenant.is_empty() || client_id.is_empty() {
        return None;
    }
    let (login, graph) = roots(host, &settings.cloud())?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", &client_id)
        .append_pair("scope", &format!("{graph}/.default"))
        .append_pair("redirect_uri", &host.redirect_uri())
        .append_pair("state", state);
    Some(format!(
        "{login}/{tenant}/v2.0/adminconsent?{}",
        query.finish()
    ))
}

/// The roots of the sign-in service and of Graph, in a cloud.
fn roots(host: &Host, cloud: &str) -> Option<(String, String)> {
    let of_cloud = || {
        host.description
            .endpoints
            .iter()
            .filter(|one| one.cloud == cloud)
    };
    let login = of_cloud().find(|one| one.host.starts_with("login."))?;
    let graph = of_cloud().find(|one| !one.host.starts_with("login."))?;
    let graph = format!("https://{}", graph.host);
    Some(match &host.options.endpoints {
        // A directory of one's own plays the sign-in service; what it is asked for has Graph's name.
        Some(own) => (own.login.clone(), graph),
        None => (format!("https://{}", login.host), graph),
    })
}
