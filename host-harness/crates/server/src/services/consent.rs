//! The way to Microsoft's consent page, for the application that a workspace has registered itself.

use server_db::WorkspaceRecord;

use super::platform::addresses::Way;
use crate::app::App;
use crate::settings::Settings;

/// Where Microsoft's pages lead back to.
pub(crate) fn redirect_uri(app: &App) -> String {
    format!("{}/consent", app.options.public_url)
}

/// Where Microsoft's consent page of a workspace's tenant is, for a round trip with this state.
pub(crate) fn consent_page(app: &App, record: &WorkspaceRecord, state: &str) -> Option<String> {
    let settings = Settings::read(&record.settings).ok()?;
    let (tenant, client_id) = (settings.tenant(), settings.client_id());
    if tenant.is_empty() || client_id.is_empty() {
        return None;
    }
    let roots = roots(app, &settings.cloud())?;
    let way = Way {
        login: &roots.login,
        client_id: &client_id,
        redirect_uri: &redirect_uri(app),
        state,
    };
    Some(way.consent_page(&tenant, &roots.graph))
}

/// The roots of the sign-in service and of Graph.
pub(crate) struct Roots {
    pub(crate) login: String,
    pub(crate) graph: String,
}

/// Those of a cloud; nothing where the connector knows no such cloud.
pub(crate) fn roots(app: &App, cloud: &str) -> Option<Roots> {
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
        Some(own) => Roots {
            login: own.login.clone(),
            graph,
        },
        None => Roots {
            login: format!("https://{}", login.host),
            graph,
        },
    })
}
