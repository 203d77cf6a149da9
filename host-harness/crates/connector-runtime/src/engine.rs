//! The engine: one a process, with its compiler, its ticker and its cache.

use super::admission::{Extras, admit};
use super::artifact_cache::ArtifactCache;
use super::call_state::CallState;
use super::connector::Connector;
use super::error::RuntimeError;
use super::guest::GuestPre;
use super::http::HoldingHttp;
use super::limits::TICK;
use super::{linker, since_0_1};
use std::fmt;
use std::path::PathBuf;
use std::thread;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, EngineWeak};
use wasmtime_wasi_http::p2::bindings as wasi_http;

/// How a [`Runtime`] is set up.
#[derive(Debug, Clone, Default)]
pub struct RuntimeOptions {
    /// Where compiled components are kept, so that the next start need not compile; made private
    /// where it does not exist, refused where others can write into it. `None` keeps nothing.
    pub cache_directory: Option<PathBuf>,
}

/// Loads components and runs them. One a process is enough; cloning is cheap.
#[derive(Clone)]
pub struct Runtime {
    engine: Engine,
    linker: Linker<CallState>,
    cache: Option<ArtifactCache>,
}

impl Runtime {
    /// Starts the engine, and a thread that makes it tick until the last use of it is gone.
    ///
    /// # Errors
    ///
    /// Where the machine is not supported, or the cache directory is not usable or not private.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        let cache = options
            .cache_directory
            .as_deref()
            .map(ArtifactCache::open)
            .transpose()?;
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).map_err(unsupported)?;
        let linker = linker(&engine).map_err(unsupported)?;
        start_ticker(engine.weak()).map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self {
            engine,
            linker,
            cache,
        })
    }

    /// Compiles a component and checks it against the contract. Takes a part of a second, or a few
    /// milliseconds where the cache has it; on an async executor, call it where one may block.
    ///
    /// # Errors
    ///
    /// Says what the bytes are instead of a component, which version the component was made for,
    /// or which import is refused.
    pub fn load(&self, component: &[u8]) -> Result<Connector, RuntimeError> {
        check_header(component)?;
        let compiled = match &self.cache {
            Some(cache) => cache.compile(&self.engine, component),
            None => Component::from_binary(&self.engine, component),
        };
        let component = compiled.map_err(|error| RuntimeError::Invalid(format!("{error:#}")))?;
        let shape = component.component_type();
        let imports: Vec<_> = shape
            .imports(&self.engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let exports: Vec<_> = shape
            .exports(&self.engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let line = admit(&imports, &exports)?;
        let instance = self
            .linker
            .instantiate_pre(&component)
            .and_then(|instance| GuestPre::new(line, Extras::of(&exports), instance))
            .map_err(|error| RuntimeError::Mismatch(format!("{error:#}")))?;
        Ok(Connector::new(instance, imports, exports))
    }

    /// How often a component was found in the cache since the start.
    pub fn cache_hits(&self) -> usize {
        self.cache.as_ref().map_or(0, ArtifactCache::hits)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Runtime")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

fn unsupported(error: wasmtime::Error) -> RuntimeError {
    RuntimeError::Engine(format!("{error:#}"))
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let options = wasi_http::LinkOptions::default();
    wasi_http::http::types::add_to_linker::<_, HoldingHttp>(
        &mut linker,
        &(&options).into(),
        CallState::holding,
    )?;
    wasi_http::http::outgoing_handler::add_to_linker::<_, HoldingHttp>(
        &mut linker,
        CallState::holding,
    )?;
    linker::add_to_linker(&mut linker)?;
    since_0_1::add_to_linker(&mut linker)?;
    Ok(linker)
}

fn start_ticker(engine: EngineWeak) -> std::io::Result<()> {
    let tick = move || {
        loop {
            thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else {
                break;
            };
            engine.increment_epoch();
        }
    };
    thread::Builder::new()
        .name("wasm-ticker".to_owned())
        .spawn(tick)
        .map(drop)
}

/// Looks at the first bytes, which say what kind of file it is.
///
/// Magic, then version and layer: 1 and 0 for a module, 13 and 1 for a component
/// (WebAssembly/component-model, `design/mvp/Binary.md`).
fn check_header(bytes: &[u8]) -> Result<(), RuntimeError> {
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";
    if bytes.starts_with(COMPONENT) {
        Ok(())
    } else if bytes.starts_with(MODULE) {
        Err(RuntimeError::NotAComponent)
    } else if Engine::detect_precompiled(bytes).is_some() {
        Err(RuntimeError::Precompiled)
    } else {
        Err(RuntimeError::NotWasm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> Runtime {
        Runtime::new(RuntimeOptions::default()).unwrap()
    }

    #[test]
    fn what_is_no_component_is_told_apart() {
        let runtime = runtime();
        let load = |bytes: &[u8]| runtime.load(bytes).unwrap_err();
        assert!(matches!(load(b""), RuntimeError::NotWasm));
        assert!(matches!(load(b"{\"sync\": {}}"), RuntimeError::NotWasm));
        assert!(matches!(
            load(b"\0asm\x01\0\0\0"),
            RuntimeError::NotAComponent
        ));
        assert!(matches!(
            load(b"\0asm\x0d\0\x01\0garbage"),
            RuntimeError::Invalid(_)
        ));
        assert!(matches!(
            load(b"\0asm\x0d\0\x01\0"),
            RuntimeError::NotAConnector { .. }
        ));
    }

    #[test]
    fn a_precompiled_file_is_refused() {
        let runtime = runtime();
        let native = runtime
            .engine
            .precompile_component(b"\0asm\x0d\0\x01\0")
            .unwrap();
        assert!(matches!(
            runtime.load(&native),
            Err(RuntimeError::Precompiled)
        ));
    }

    #[test]
    fn a_truncated_connector_is_an_error() {
        let bytes = connector_artifacts::component_bytes();
        let half = &bytes[..bytes.len() / 2];
        assert!(matches!(
            runtime().load(half),
            Err(RuntimeError::Invalid(_))
        ));
    }
}
