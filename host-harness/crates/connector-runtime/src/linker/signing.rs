//! Binds `signing` to the workspace's keys, each use counted.

use connector_contract::bindings::contact_sync::connector::signing;
use connector_contract::imports::SignerHandle;
use connector_contract::{Certificate, SigningError};
use std::sync::Arc;

use crate::call_state::CallState;
use crate::host_defect::HostDefect;
use wasmtime::component::{HasSelf, Linker, Resource};

/// The longest message that is signed: header and claims of a JSON web token, with the certificates in it.
const LONGEST: usize = 64 << 10;

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    signing::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl signing::Host for CallState {
    async fn get(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Resource<SignerHandle>, SigningError>> {
        self.meter.secret()?;
        let keys = Arc::clone(&self.workspace.signing);
        match blocking("signing.get", move || keys.get(&name)).await? {
            Ok(signer) => Ok(Ok(self.table.push(SignerHandle(signer))?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl signing::HostSigner for CallState {
    async fn certificate(
        &mut self,
        signer: Resource<SignerHandle>,
    ) -> wasmtime::Result<Certificate> {
        let SignerHandle(signer) = self.table.get(&signer)?;
        Ok(signer.certificate())
    }

    async fn chain(&mut self, signer: Resource<SignerHandle>) -> wasmtime::Result<Vec<Vec<u8>>> {
        let SignerHandle(signer) = self.table.get(&signer)?;
        Ok(signer.chain())
    }

    async fn sign(
        &mut self,
        signer: Resource<SignerHandle>,
        message: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, SigningError>> {
        self.meter.secret()?;
        if message.len() > LONGEST {
            let why = "nothing that is so long is signed".to_owned();
            return Ok(Err(SigningError::NotUsable(why)));
        }
        let SignerHandle(signer) = self.table.get(&signer)?;
        let signer = Arc::clone(signer);
        blocking("signing.sign", move || signer.sign(&message)).await
    }

    async fn drop(&mut self, signer: Resource<SignerHandle>) -> wasmtime::Result<()> {
        self.table.delete(signer)?;
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    import: &'static str,
    operation: impl FnOnce() -> T + Send + 'static,
) -> wasmtime::Result<T> {
    let running = tokio::task::spawn_blocking(operation);
    running.await.map_err(|_| HostDefect { import }.into())
}
