//! What a scenario plays on.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use host_harness::component::component_bytes;
use host_harness::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};
use host_harness::schedule::Tier;
use host_harness::server::{
    Endpoints, KeySource, PlatformApplication, PlatformCredential, Role, Server, ServerOptions,
    SystemClock,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The invented people of the demonstration.
pub(super) fn demo() -> DirectorySource {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    DirectorySource::File(tests.join("../host-harness/demo/directory.json"))
}

/// Whether the platform has an application to connect with.
#[derive(Clone, Copy)]
pub(super) enum Offered {
    Nothing,
    Application,
}

impl Offered {
    fn application(self, tenant: &TenantOptions) -> Option<PlatformApplication> {
        match self {
            Self::Nothing => None,
            Self::Application => {
                let secret = SecretString::from(&*tenant.client_secret);
                let secret = PlatformCredential::Secret(secret);
                Some(PlatformApplication::new(&tenant.client_id, secret).unwrap())
            }
        }
    }
}

/// A tenant without consent, and a server with workspaces to be connected with it.
pub(super) struct BrowserFixture {
    described: Value,
    _server: Server,
    _emulator: Emulator,
    _data: TempDir,
}

impl BrowserFixture {
    /// Each workspace is an id and the preset that it starts with.
    pub(super) async fn set(
        directory: DirectorySource,
        workspaces: &[(&str, &str)],
        offered: Offered,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = format!("http://{}", listener.local_addr().unwrap());
        let tenant = TenantOptions {
            roles: Vec::new(),
            redirect_uris: vec![format!("{public_url}/consent")],
            ..TenantOptions::default()
        };
        let emulator = Emulator::start(EmulatorOptions {
            tenant: tenant.clone(),
            directory,
            ..EmulatorOptions::default()
        })
        .await
        .unwrap();
        let data = tempfile::tempdir().unwrap();
        let options = ServerOptions {
            component: Bytes::from_static(component_bytes()),
            destinations: Vec::new(),
            data: data.path().to_owned(),
            compiled: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")),
            keys: KeySource::File(data.path().join("vault.key")),
            parallel: 2,
            endpoints: Some(Endpoints {
                login: emulator.login_url(),
                graph: emulator.graph_url(),
            }),
            public_url: public_url.clone(),
            application: offered.application(&tenant),
            notifications: false,
            demo: false,
            ca_file: None,
            proxy: None,
            clock: Arc::new(SystemClock),
        };
        let server = Server::start(listener, options).await.unwrap();
        let mut people = json!({});
        for (workspace, preset) in workspaces {
            people[*workspace] = invite(&server, workspace, preset);
        }
        let described = json!({
            "server": public_url,
            "emulator": emulator.graph_url(),
            "tenant": tenant.tenant_id,
            "client": tenant.client_id,
            "secret": tenant.client_secret,
            "links": people,
        });
        Self {
            described,
            _server: server,
            _emulator: emulator,
            _data: data,
        }
    }

    /// What the script has to know, as JSON.
    pub(super) fn described(&self) -> String {
        self.described.to_string()
    }
}

/// Makes a workspace; the sign-in links of its people.
fn invite(server: &Server, workspace: &str, preset: &str) -> Value {
    let operator = server.operator();
    let made = operator.add_workspace(workspace, workspace, Tier::Plus, "UTC", preset);
    assert!(made.unwrap(), "{workspace} was there already");
    let link = |who, role| operator.invite(workspace, who, role).unwrap().link;
    json!({
        "ada": link("Ada", Role::Administrator),
        "eve": link("Eve", Role::Administrator),
        "max": link("Max", Role::Member),
    })
}
