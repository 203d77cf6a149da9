//! Binds `secrets` to the workspace's secrets, each use counted.

use connector_contract::SecretError;
use connector_contract::bindings::contact_sync::connector::secrets;
use connector_contract::imports::SecretHandle;

use crate::call_state::CallState;
use wasmtime::component::{HasSelf, Linker, Resource};

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl secrets::Host for CallState {
    async fn get(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Resource<SecretHandle>, SecretError>> {
        self.meter.secret()?;
        match self.workspace.secrets.get(&name) {
            Ok(secret) => Ok(Ok(self.table.push(SecretHandle::new(secret))?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl secrets::HostSecret for CallState {
    async fn reveal(
        &mut self,
        secret: Resource<SecretHandle>,
    ) -> wasmtime::Result<Result<String, SecretError>> {
        self.meter.secret()?;
        Ok(self.table.get(&secret)?.reveal())
    }

    async fn drop(&mut self, secret: Resource<SecretHandle>) -> wasmtime::Result<()> {
        self.table.delete(secret)?;
        Ok(())
    }
}
