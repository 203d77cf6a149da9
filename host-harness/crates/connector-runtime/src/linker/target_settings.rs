//! Binds `target-settings` to what the workspace's configuration says of its destination.

use crate::call_state::CallState;
use connector_contract::bindings::destination::contact_sync::connector::target_settings;
use wasmtime::component::{HasSelf, Linker};

/// What a destination hears where nobody has said anything of it.
const NOTHING: &str = "{}";

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    target_settings::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl target_settings::Host for CallState {
    async fn get(&mut self) -> wasmtime::Result<String> {
        let target = self.workspace.target.as_ref();
        let settings = target.map_or(NOTHING, |target| target.settings.as_str());
        Ok(settings.to_owned())
    }
}
