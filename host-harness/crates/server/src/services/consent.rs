//! The way to Microsoft's consent page.

use server_db::WorkspaceRecord;

use crate::app::App;
use crate::settings::Settings;

/// Where Microsoft's consent page leads back to.
pub(crate) fn redirect_uri(app: &App) -> String {
    format!("{}/consent", app.options.public_url)
}

/// Where Microsoft's consent page of a workspace's tenant is, for a round trip with this state
/// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>).
pub(crate) fn consent_page(app: &App, record: &WorkspaceRecord, state: &str) -> Option<String> {
    let settings = Settings::read(&record.settings).ok()?;
    let (tenant, client_id) = (settings.tenant(), settings.client_id());
    if tenant.is_empty() || client_id.is_empty() {
        return None;
    }
    let (login, graph) = roots(app, &settings.cloud())?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", &client_id)
        .append_pair("scope", &format!("{graph}/.default"))
        .append_pair("redirect_uri", &redirect_uri(app))
        .append_pair("state", state);
    Some(format!(
        "{login}/{tenant}/v2.0/adminconsent?{}",
        query.finish()
    ))
}

/// The roots of the sign-in service and of Graph, in a cloud.
fn roots(app: &App, cloud: &str) -> Option<(String, String)> {
    let of_cloud = || {
        app.connector
            .description
            .endpoints
            .iter()
            .filter(|one| one.cloud == cloud)
    };
    let login = of_cloud().find(|one| one.host.starts_with("login."))?;
    let graph = of_cloud().find(|one| !one.host.starts_with("login."))?;
    let graph = format!("https://{}", graph.host);
    Some(match &app.options.endpoints {
        // A directory of one's own plays the sign-in service; what it is asked for has Graph's name.
        Some(own) => (own.login.clone(), graph),
        None => (format!("https://{}", login.host), graph),
    })
}
