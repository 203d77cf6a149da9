//! Binds `notification-target` to the workspace's address.

use crate::call_state::CallState;
use connector_contract::bindings::contact_sync::connector::notification_target;
use wasmtime::component::{HasSelf, Linker};

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    notification_target::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl notification_target::Host for CallState {
    async fn address(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.workspace.notified_at.clone())
    }
}
