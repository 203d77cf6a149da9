//! `tenant`, `credentials` and `endpoints`: how the directory is reached.

use configuration_document::endpoint;
use configuration_document::names::names_a_tenant;
use entra_directory::connection::{Cloud, Connection};

use super::clouds::{CLOUDS, cloud_meant};
use super::credentials;
use super::located::{Keys, Located, Object};
use super::problem::Findings;
use super::wording::quoted;

const TENANT: Keys = Keys {
    known: &["id", "cloud"],
    refused: &[],
};

const ENDPOINTS: Keys = Keys {
    known: &["login", "graph"],
    refused: &[],
};

/// Sign-in audiences that are no tenant (AADSTS9001023).
const NO_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// The connection; `None` where the document says nothing of it, or something wrong.
pub(super) fn read(root: &Object<'_>, findings: &mut Findings) -> Option<Connection> {
    let (login, graph) = root
        .get("endpoints")
        .map_or((None, None), |place| endpoints(&place, findings));
    let (tenant, credentials) = match (root.get("tenant"), root.get("credentials")) {
        (None, None) => return None,
        (tenant, credentials) => (tenant, credentials),
    };
    if tenant.is_none() {
        findings.problem(
            root.pointer.as_str(),
            "`tenant` is missing beside `credentials`: write {\"id\": …} with the directory (tenant) ID.",
        );
    }
    if credentials.is_none() {
        findings.problem(
            root.pointer.as_str(),
            "`credentials` is missing beside `tenant`: write {\"clientId\": …, \"secret\": …}.",
        );
    }
    let tenant = tenant.and_then(|place| read_tenant(&place, findings));
    let credentials = credentials.and_then(|place| credentials::read(&place, findings));
    let ((tenant, cloud), credentials) = (tenant?, credentials?);
    Some(Connection {
        tenant,
        cloud,
        client_id: credentials.client_id,
        credential: credentials.credential,
        fallback: credentials.fallback,
        login: login.unwrap_or_else(|| cloud.login().to_owned()),
        graph: graph.unwrap_or_else(|| cloud.graph().to_owned()),
    })
}

/// The tenant alone.
pub(super) fn tenant(root: &Object<'_>, findings: &mut Findings) -> Option<String> {
    let advice = "write {\"id\": …} with the directory (tenant) ID.";
    let place = root.require("tenant", advice, findings)?;
    read_tenant(&place, findings).map(|(tenant, _)| tenant)
}

fn read_tenant(place: &Located<'_>, findings: &mut Findings) -> Option<(String, Cloud)> {
    let tenant = place.object(&TENANT, findings)?;
    let cloud = match tenant.get("cloud") {
        Some(place) => place.choice_of(CLOUDS, cloud_meant, findings),
        None => Some(Cloud::default()),
    };
    let advice = "write the directory (tenant) ID of the overview page in the Entra admin centre, or one of its verified domain names.";
    let place = tenant.require("id", advice, findings)?;
    let id = place.text(findings)?;
    if NO_TENANTS.contains(&id.to_ascii_lowercase().as_str()) {
        findings.problem(
            place.pointer,
            format!("{} is no tenant: {advice}", quoted(id)),
        );
        return None;
    }
    if !names_a_tenant(id) {
        findings.problem(
            place.pointer,
            format!(
                "{} is neither an ID nor a domain name: {advice}",
                quoted(id)
            ),
        );
        return None;
    }
    Some((id.to_owned(), cloud?))
}

fn endpoints(place: &Located<'_>, findings: &mut Findings) -> (Option<String>, Option<String>) {
    let Some(endpoints) = place.object(&ENDPOINTS, findings) else {
        return (None, None);
    };
    let mut root = |name| {
        let place = endpoints.get(name)?;
        let url = place.text(findings)?;
        match endpoint::root(url) {
            Ok(root) => Some(root.url()),
            Err(advice) => {
                findings.problem(place.pointer, advice);
                None
            }
        }
    };
    (root("login"), root("graph"))
}
