//! What the host allows beyond the document's say.

use crate::call_state::CallState;
use connector_contract::bindings::contact_sync::connector::consent;
use wasmtime::component::{HasSelf, Linker};

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    consent::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl consent::Host for CallState {
    /// What can be reached at all, the operator has said with the workspace's HTTP access. There a server of
    /// its own is this machine, where it was allowed: so that is what is consented to.
    async fn endpoint(&mut self, root: String) -> wasmtime::Result<bool> {
        Ok(self.workspace.http.lets_out(&root))
    }
}
