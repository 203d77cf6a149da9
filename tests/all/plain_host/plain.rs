//! wasmtime with WASI and `wasi:http`, and nothing else. The types of the exports are generated from `wit/`.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package contact-sync:tests;

        world plain {
            export contact-sync:connector/connector@0.2.0;
        }
    ",
    exports: { default: async },
    additional_derives: [PartialEq],
});

use exports::contact_sync::connector::connector::{
    Approval, ConfigurationReport, PlanSummary, Slice, SyncRequest, SyncResult,
};
pub use exports::contact_sync::connector::connector::{RunMode, SliceEnd};

/// Errors as they print.
type Told<T> = Result<T, String>;

/// Bytes of standard error that are kept.
const SAID: usize = 1 << 20;

/// What a call has: WASI.
pub struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    hooks: Hooks,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

/// Sends whatever is asked, to servers on this machine.
struct Hooks(Client<HttpConnector, WasiBody>);

type Finished = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Finished,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Finished), Error>> + Send> {
        let client = self.0.clone();
        Box::new(async move {
            let answer = client.request(request).await;
            let answer = answer.map_err(|error| Error::InternalError(Some(error.to_string())))?;
            let answer = answer.map(|body| {
                body.map_err(|error| Error::InternalError(Some(error.to_string())))
                    .boxed_unsync()
            });
            let finished: Finished = Box::new(std::future::ready(Ok(())));
            Ok((answer, finished))
        })
    }
}

pub static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = wasmtime::Config::new();
    config.consume_fuel(true);
    Engine::new(&config).unwrap()
});

/// Connector, destination and everything else, compiled once.
static PLAIN: LazyLock<Component> = LazyLock::new(|| {
    Component::new(&ENGINE, crate::composition::plain("messagemedia").bytes()).unwrap()
});

/// A call's state, and WASI for it.
pub fn store(
    ledger: &Path,
    environment: &[(String, String)],
    said: &MemoryOutputPipe,
) -> Store<State> {
    let mut wasi = WasiCtx::builder();
    wasi.envs(environment).stderr(said.clone());
    wasi.preopened_dir(ledger, "/ledger", FsPerms::ReadWrite)
        .unwrap();
    let state = State {
        wasi: wasi.build(),
        http: WasiHttpCtx::new(),
        table: ResourceTable::new(),
        hooks: Hooks(Client::builder(TokioExecutor::new()).build_http()),
    };
    let mut store = Store::new(&ENGINE, state);
    store.set_fuel(u64::MAX).unwrap();
    store
}

pub fn linker() -> Linker<State> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    linker
}

/// A host with a directory, an environment, and a place for what is told.
pub struct PlainHost {
    ledger: Arc<TempDir>,
    environment: Vec<(String, String)>,
    said: MemoryOutputPipe,
}

impl PlainHost {
    pub fn with(environment: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            ledger: Arc::new(tempfile::tempdir().unwrap()),
            environment: environment.iter().map(owned).collect(),
            said: MemoryOutputPipe::new(SAID),
        }
    }

    /// The same without a variable.
    pub fn without(&self, variable: &str) -> Self {
        let left = self.environment.iter().filter(|(name, _)| name != variable);
        Self {
            ledger: Arc::clone(&self.ledger),
            environment: left.cloned().collect(),
            said: self.said.clone(),
        }
    }

    /// What was told on standard error.
    pub fn said(&self) -> String {
        let said: Bytes = self.said.contents();
        String::from_utf8(said.to_vec()).unwrap()
    }

    /// A fresh instance for one call.
    async fn instance(&self) -> (Store<State>, Plain) {
        let mut store = store(self.ledger.path(), &self.environment, &self.said);
        let plain = Plain::instantiate_async(&mut store, &PLAIN, &linker()).await;
        (store, plain.unwrap())
    }

    pub async fn configure(&self, document: &str) -> Told<ConfigurationReport> {
        let (mut store, plain) = self.instance().await;
        let connector = plain.contact_sync_connector_connector();
        let told = connector.call_configure(&mut store, document).await;
        told.unwrap().map_err(|error| format!("{error:?}"))
    }

    pub async fn plan(&self, document: &str, mode: RunMode) -> Told<PlanSummary> {
        let (mut store, plain) = self.instance().await;
        let connector = plain.contact_sync_connector_connector();
        let told = connector.call_plan(&mut store, document, mode).await;
        told.unwrap().map_err(|error| format!("{error:?}"))
    }

    /// A slice of a page.
    pub async fn sync(
        &self,
        document: &str,
        mode: RunMode,
        approved: Option<&str>,
    ) -> Told<SyncResult> {
        let (mut store, plain) = self.instance().await;
        let connector = plain.contact_sync_connector_connector();
        let request = SyncRequest {
            mode,
            trigger: "manual".to_owned(),
            slice: Slice {
                max_pages: Some(1),
                max_ms: None,
            },
            approval: approved.map(|digest| Approval::Plan(digest.to_owned())),
        };
        let told = connector.call_sync(&mut store, document, &request).await;
        told.unwrap().map_err(|error| format!("{error:?}"))
    }
}
