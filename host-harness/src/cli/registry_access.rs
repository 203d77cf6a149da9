//! How a registry is reached: by the doors that a component's requests pass, one for each server that it leads to.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use clap::Args;
use connector_runtime::{HttpAccess, HttpOptions, HttpPolicy};
use registry::{Client, Credentials, Reference, Transport};

use super::network::ProxyArguments;
use super::secrets::SecretSource;
use super::wrong_usage::WrongUsage;

/// Options of the commands that ask a registry.
#[derive(Debug, Args)]
pub(super) struct RegistryArguments {
    /// Where NAME:PASSWORD for the registry are: @FILE or env:VARIABLE
    #[arg(long, value_name = "PLACE")]
    registry_credentials: Option<String>,
    /// Let the registry be one of this machine, over plain HTTP
    #[arg(long)]
    allow_loopback: bool,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    proxy: ProxyArguments,
}

impl RegistryArguments {
    /// A client of the repository of `place`.
    pub(super) fn client(&self, place: &Reference) -> anyhow::Result<Client<Doors>> {
        let is_plain = self.allow_loopback && loopback(&place.registry).is_some();
        let doors = Doors {
            options: HttpOptions {
                extra_certificates: self.ca_file.clone(),
                proxy: self.proxy.read()?,
                ..HttpOptions::default()
            },
            allow_loopback: self.allow_loopback,
            open: Mutex::default(),
        };
        Ok(Client::new(doors, place, is_plain, self.credentials()?)?)
    }

    fn credentials(&self) -> Result<Option<Credentials>, WrongUsage> {
        let Some(place) = &self.registry_credentials else {
            return Ok(None);
        };
        // What stands there may be a password given by mistake: it is not repeated.
        let refused = || {
            WrongUsage(
                "--registry-credentials says where NAME:PASSWORD are: write @FILE or env:VARIABLE"
                    .to_owned(),
            )
        };
        let source = SecretSource::parse(place).ok_or_else(refused)?;
        let text = source
            .text()
            .map_err(|error| WrongUsage(format!("--registry-credentials: {error}")))?;
        Credentials::read(text.trim()).map(Some).ok_or_else(|| {
            WrongUsage(format!(
                "--registry-credentials: {source} does not hold NAME:PASSWORD"
            ))
        })
    }
}

/// A place that a person gives.
pub(super) fn place(text: &str) -> Result<Reference, WrongUsage> {
    text.parse()
        .map_err(|error: registry::InvalidReference| WrongUsage(error.to_string()))
}

/// Leave for a server of this machine; nothing for any other.
fn loopback(authority: &str) -> Option<HttpPolicy> {
    HttpPolicy::default().with_loopback(authority).ok()
}

/// The doors to the servers that were asked. Each has leave for its own server alone, since a registry leads to
/// others whom nobody knows before.
#[derive(Debug)]
pub(super) struct Doors {
    options: HttpOptions,
    allow_loopback: bool,
    open: Mutex<HashMap<String, HttpAccess>>,
}

impl Doors {
    fn door(&self, authority: &str) -> Result<HttpAccess, String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.get(authority) {
            return Ok(known.clone());
        }
        let here = loopback(authority).filter(|_| self.allow_loopback);
        let policy = match here {
            Some(policy) => policy,
            None => HttpPolicy::new([authority]).map_err(|error| error.to_string())?,
        };
        let access = HttpAccess::new(policy, &self.options).map_err(|error| error.to_string())?;
        open.insert(authority.to_owned(), access.clone());
        Ok(access)
    }
}

impl Transport for Doors {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        most_bytes: u64,
    ) -> Result<http::Response<Bytes>, String> {
        let authority = request.uri().authority();
        let authority = authority.ok_or_else(|| "the address names no server".to_owned())?;
        let access = self.door(authority.as_str())?;
        let answer = access.exchange(request, most_bytes).await;
        answer.map_err(|error| error.to_string())
    }
}
