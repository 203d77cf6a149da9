//! How a command opens a workspace: contacts, connector, secrets, and the way out.

use configuration_document::Outline;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use connector_artifacts::component_bytes;
use connector_contract::imports::{RunControl, Secrets, Signing, Silent};
use connector_runtime::{CallError, Connector, HttpAccess, Runtime, RuntimeOptions, Workspace};
use store_api::AdminStore;
use sync_runner::grant::{GrantError, grant, grant_servers};
use sync_runner::{ChosenDestination, DataDirectory, OpenWorkspace};

use super::certificates::CertificatePlaces;
use super::component_file::{AdmissionArguments, ComponentFile};
use super::destinations::with_destination;
use super::failure::explain;
use super::network::{Network, NetworkArguments};
use super::secrets::{SecretPlaces, UnreadSecretArgument};
use super::wrong_usage::WrongUsage;

/// Options of every command that calls the connector.
#[derive(Debug, Args)]
pub(super) struct ConnectionArguments {
    /// Where a secret is: NAME=@FILE, NAME=env:VARIABLE or NAME=- (standard input). `connect`
    /// remembers the place for the other commands
    #[arg(long = "secret", value_name = "NAME=PLACE")]
    secrets: Vec<UnreadSecretArgument>,
    /// A certificate with its private key (PEM or PKCS#12) in the place of a secret: FILE, or NAME=@FILE where
    /// the configuration names several keys. `connect` remembers the place for the other commands
    #[arg(long = "certificate", value_name = "FILE")]
    certificates: Vec<String>,
    /// Where the password of the certificate is: @FILE or env:VARIABLE
    #[arg(long = "certificate-password", value_name = "PLACE")]
    certificate_passwords: Vec<UnreadSecretArgument>,
    #[command(flatten)]
    network: NetworkArguments,
    /// Use this component instead of the built-in one
    #[arg(long, value_name = "WASM")]
    component: Option<PathBuf>,
    #[command(flatten)]
    admission: AdmissionArguments,
}

/// What the application can sign in with.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) secrets: Arc<dyn Secrets>,
    pub(super) certificates: Arc<dyn Signing>,
}

impl ConnectionArguments {
    /// What the application can sign in with.
    fn credentials(&self, data: &DataDirectory) -> anyhow::Result<Credentials> {
        Ok(Credentials {
            secrets: Arc::new(self.secrets(data, None)?),
            certificates: Arc::new(self.certificates(data)?),
        })
    }

    /// What the data directory remembers of secrets, and what the command line says of them; that of this name is a
    /// service's, and not one of Entra.
    pub(super) fn secrets(
        &self,
        data: &DataDirectory,
        of_a_service: Option<&str>,
    ) -> anyhow::Result<SecretPlaces> {
        let arguments = self
            .secrets
            .iter()
            .map(UnreadSecretArgument::read)
            .collect::<Result<Vec<_>, _>>()?;
        let mut secrets = SecretPlaces::open(data.path())?;
        secrets.take(&arguments, of_a_service)?;
        Ok(secrets)
    }

    /// What the data directory remembers of certificates, and what the command line says of them.
    pub(super) fn certificates(&self, data: &DataDirectory) -> anyhow::Result<CertificatePlaces> {
        let mut certificates = CertificatePlaces::open(data.path())?;
        certificates.take(&self.certificates, &self.certificate_passwords)?;
        Ok(certificates)
    }

    /// How the directory is reached: what is remembered, and what the command line says of it.
    pub(super) fn network(&self, data: &DataDirectory) -> anyhow::Result<Network> {
        Network::open(data.path(), &self.network)
    }

    /// Opens the workspace and its saved configuration.
    pub(super) async fn open_saved(
        &self,
        data: &DataDirectory,
        control: Arc<dyn RunControl>,
    ) -> anyhow::Result<(OpenWorkspace, String)> {
        let (store, document) = data.connected_store()?;
        let credentials = self.credentials(data)?;
        let opened = self
            .open(data, store, credentials, &document, control)
            .await
            .map_err(told)?;
        Ok((opened, document))
    }

    /// Opens the workspace that is connected, with another configuration than the saved one.
    pub(super) async fn open_with(
        &self,
        data: &DataDirectory,
        document: &str,
        control: Arc<dyn RunControl>,
    ) -> anyhow::Result<OpenWorkspace> {
        let (store, _) = data.connected_store()?;
        let credentials = self.credentials(data)?;
        self.open(data, store, credentials, document, control)
            .await
            .map_err(told)
    }

    /// Opens the workspace for a look: without secrets and without a way out, so that it needs no
    /// leave for one. Where a service keeps the contacts there is no looking without it.
    pub(super) async fn open_to_look(
        &self,
        data: &DataDirectory,
    ) -> anyhow::Result<(OpenWorkspace, String)> {
        let (store, document) = data.connected_store()?;
        if ChosenDestination::of(&document).is_some() {
            return self.open_saved(data, Arc::new(Silent)).await;
        }
        let mut workspace = Workspace::new(store.clone());
        // When a certificate ends is told without a way out, too.
        workspace.signing = Arc::new(self.certificates(data)?);
        let opened = OpenWorkspace {
            workspace,
            connector: self.connector(data, None)?.connector,
            store,
        };
        Ok((opened, document))
    }

    /// Loads the connector and grants it exactly the hosts that this document's cloud, and its destination, need.
    ///
    /// Where the settings of the destination have problems, the error is the [`CallError`] that tells them.
    pub(super) async fn open(
        &self,
        data: &DataDirectory,
        store: Arc<dyn AdminStore>,
        credentials: Credentials,
        document: &str,
        control: Arc<dyn RunControl>,
    ) -> anyhow::Result<OpenWorkspace> {
        self.check_names(document)?;
        let destination = ChosenDestination::of(document);
        let Loaded { connector, file } = self.connector(data, destination.as_ref())?;
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = credentials.secrets;
        workspace.signing = credentials.certificates;
        workspace.control = control;
        let described = connector.describe(&workspace).await.result;
        let description = described.map_err(explain)?;
        if let Some((file, as_it_came)) = &file {
            file.check_description(as_it_came, &description)?;
        }
        let endpoints = description.endpoints;
        let network = self.network(data)?;
        let policy =
            grant(document, &endpoints, network.allow_loopback).map_err(|error| match error {
                GrantError::EndpointsNotAllowed => {
                    WrongUsage(format!("{error}, or add --allow-loopback")).into()
                }
                other => anyhow::Error::from(other),
            })?;
        let policy = match destination {
            None => policy,
            Some(destination) => {
                let entered = destination.enter(&connector, &mut workspace, &store).await;
                let servers = entered?.servers;
                grant_servers(policy, &servers, network.allow_loopback).map_err(
                    |error| match error {
                        GrantError::ServerNotAllowed(_) => {
                            WrongUsage(format!("{error}, or add --allow-loopback")).into()
                        }
                        other => anyhow::Error::from(other),
                    },
                )?
            }
        };
        workspace.http = HttpAccess::new(policy, &network.http_options()?)?;
        Ok(OpenWorkspace {
            store,
            connector,
            workspace,
        })
    }

    /// That the configuration uses the secrets that the command line names: one that is misspelt would be
    /// missed later, in other words.
    fn check_names(&self, document: &str) -> Result<(), WrongUsage> {
        // What is wrong with a document, the connector says.
        let Ok(outline) = Outline::read(document) else {
            return Ok(());
        };
        let used: Vec<_> = outline.secrets().collect();
        let Some(first) = used.first() else {
            return Ok(());
        };
        for argument in &self.secrets {
            let argument = argument.read()?;
            let given = argument.name();
            if !used.contains(&given) {
                return Err(WrongUsage(format!(
                    "--secret {given}: the configuration uses no secret of this name; did you mean `{first}`?"
                )));
            }
        }
        Ok(())
    }

    /// The built-in connector, or the one of a file with what was found in it, and in it the destination that the
    /// document chooses.
    fn connector(
        &self,
        data: &DataDirectory,
        destination: Option<&ChosenDestination>,
    ) -> anyhow::Result<Loaded> {
        if self.component.is_none() && self.admission.are_given() {
            return Err(WrongUsage(
                "--require-signature and --allow are about a component from a file: name it with --component"
                    .to_owned(),
            )
            .into());
        }
        // Whatever is refused is refused before anything is made in the data directory.
        let component = self.component.as_deref();
        let file = component
            .map(|path| self.admission.read(path))
            .transpose()?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(data.path().join("compiled")),
        })?;
        let Some(file) = file else {
            let component = with_destination(component_bytes(), destination)?;
            return Ok(Loaded {
                connector: runtime.load(&component)?,
                file: None,
            });
        };
        // What it says that it imports is about itself, without what is plugged into it here.
        let as_it_came = file.load(&runtime)?;
        anyhow::ensure!(
            !(as_it_came.has_destination() && self.admission.allows_by_manifest()),
            "{}: a destination is in it, whose servers no permission manifest names; give the connector alone, and \
             choose the destination in the configuration (sync.target)",
            file.path().display()
        );
        let connector = match destination {
            None => as_it_came.clone(),
            Some(_) => runtime.load(&with_destination(&file.bytes, destination)?)?,
        };
        Ok(Loaded {
            connector,
            file: Some((file, as_it_came)),
        })
    }
}

/// A connector, ready to be called.
struct Loaded {
    connector: Connector,
    /// The file that it came from, and the connector in it without what was plugged in here.
    file: Option<(ComponentFile, Connector)>,
}

/// What a component has answered while the workspace was opened, in words.
fn told(error: anyhow::Error) -> anyhow::Error {
    error
        .downcast::<CallError>()
        .map_or_else(|other| other, explain)
}
