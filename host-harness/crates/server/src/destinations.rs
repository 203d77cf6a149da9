//! The connector with a destination in it, for workspaces whose contacts a service keeps: put together and compiled
//! once for each destination, when the first workspace needs it.

use std::collections::BTreeMap;

use bytes::Bytes;
use composition::{CompositionError, Part};
use connector_runtime::{CallError, Connector, Runtime, RuntimeError};
use sync_runner::ChosenDestination;
use tokio::sync::OnceCell;

/// Why there is no connector with this destination in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoDestination {
    /// The document chooses none of this server's.
    #[error(transparent)]
    Unknown(#[from] CallError),
    /// Connector and destination do not fit.
    #[error(transparent)]
    Composition(#[from] CompositionError),
    /// What came out cannot be run here.
    #[error(transparent)]
    Load(#[from] RuntimeError),
    /// The server is ending.
    #[error("the server is ending")]
    Ending,
}

/// The destinations of a server.
pub(crate) struct Destinations {
    runtime: Runtime,
    connector: Bytes,
    plugs: BTreeMap<String, Plug>,
}

struct Plug {
    bytes: Bytes,
    loaded: OnceCell<Connector>,
}

impl Destinations {
    /// Those that are given, for this connector.
    pub(crate) fn new(runtime: Runtime, connector: Bytes, given: &[(String, Bytes)]) -> Self {
        let plug = |(name, bytes): &(String, Bytes)| {
            let plug = Plug {
                bytes: bytes.clone(),
                loaded: OnceCell::new(),
            };
            (name.clone(), plug)
        };
        Self {
            runtime,
            connector,
            plugs: given.iter().map(plug).collect(),
        }
    }

    /// By which names documents choose them.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.plugs.keys().map(String::as_str).collect()
    }

    /// The connector with a chosen destination in it.
    pub(crate) async fn connector(
        &self,
        chosen: &ChosenDestination,
    ) -> Result<Connector, NoDestination> {
        let name = chosen.name.as_deref();
        let plug = name.and_then(|name| Some((name, self.plugs.get(name)?)));
        let (name, plug) = plug.ok_or_else(|| chosen.unknown(&self.names()))?;
        let loaded = plug.loaded.get_or_try_init(|| {
            let (runtime, connector) = (self.runtime.clone(), self.connector.clone());
            let (name, bytes) = (name.to_owned(), plug.bytes.clone());
            async move {
                let composing = move || compose(&runtime, &connector, &name, &bytes);
                let composed = tokio::task::spawn_blocking(composing).await;
                composed.map_err(|_| NoDestination::Ending)?
            }
        });
        loaded.await.cloned()
    }
}

/// Takes some seconds where its compiled form is not kept yet.
fn compose(
    runtime: &Runtime,
    connector: &[u8],
    name: &str,
    destination: &[u8],
) -> Result<Connector, NoDestination> {
    let socket = Part::new("the connector", connector.to_vec())?;
    let plug = Part::new(format!("the destination {name}"), destination.to_vec())?;
    let whole = composition::plugged(&socket, &[plug])?;
    Ok(runtime.load(whole.bytes())?)
}
