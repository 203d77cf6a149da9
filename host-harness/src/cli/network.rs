//! How a workspace's directory is reached: what `connect` is told, and remembers with the connection.
//!
//! The place of a proxy's credentials is remembered, as that of a secret; their value is not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use connector_runtime::{HttpOptions, Proxy};
use serde::{Deserialize, Serialize};

use super::secrets::{SecretSource, write_private};
use super::wrong_usage::WrongUsage;

/// The word that forgets what was remembered.
const NONE: &str = "none";

/// Options about the way to the directory. `connect` remembers them for the other commands.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct NetworkArguments {
    /// Let the configuration's "endpoints" name a server on this machine (tests and local runs)
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_loopback: Option<bool>,
    /// Trust the certificates in this PEM file too (a proxy's, or the emulator's); `none` forgets it
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    proxy: ProxyArguments,
}

/// The operator's forward proxy. No variable of the environment names one.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ProxyArguments {
    /// Reach the directory through this forward proxy, http://HOST:PORT; `none` forgets it. HTTPS_PROXY
    /// and the like are not used
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Let the proxy resolve names, also those that this machine could resolve
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    proxy_by_name: Option<bool>,
    /// Where USER:PASSWORD for the proxy are: @FILE or env:VARIABLE; `none` forgets it
    #[arg(long, value_name = "PLACE")]
    proxy_credentials: Option<String>,
}

/// How the directory is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Network {
    /// Whether endpoints of this machine may be named.
    pub(super) allow_loopback: bool,
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    proxy_by_name: bool,
    proxy_credentials: Option<SecretSource>,
}

impl Network {
    /// What a data directory remembers, and what the command line says instead.
    pub(super) fn open(data: &Path, arguments: &NetworkArguments) -> anyhow::Result<Self> {
        let path = file_of(data);
        let mut network: Self = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged; run `connect` again", path.display()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        network.take(arguments)?;
        Ok(network)
    }

    fn take(&mut self, arguments: &NetworkArguments) -> Result<(), WrongUsage> {
        if let Some(allow) = arguments.allow_loopback {
            self.allow_loopback = allow;
        }
        if let Some(path) = &arguments.ca_file {
            self.ca_file = match path.to_str() {
                Some(NONE) => None,
                // One that is not there is told when it is read.
                _ => Some(std::path::absolute(path).map_err(|error| {
                    WrongUsage(format!("--ca-file {}: {error}", path.display()))
                })?),
            };
        }
        self.take_proxy(&arguments.proxy)
    }

    fn take_proxy(&mut self, arguments: &ProxyArguments) -> Result<(), WrongUsage> {
        if let Some(proxy) = &arguments.proxy {
            self.proxy = match proxy.as_str() {
                NONE => None,
                address => {
                    let proxy = Proxy::new(address)
                        .map_err(|error| WrongUsage(format!("--proxy: {error}")))?;
                    Some(proxy.to_string())
                }
            };
        }
        if let Some(by_name) = arguments.proxy_by_name {
            self.proxy_by_name = by_name;
        }
        if let Some(place) = &arguments.proxy_credentials {
            self.proxy_credentials = match place.as_str() {
                NONE => None,
                // What stands there may be a password given by mistake: it is not repeated.
                place => Some(SecretSource::parse(place).ok_or_else(|| {
                    WrongUsage(
                        "--proxy-credentials says where USER:PASSWORD are: write @FILE or env:VARIABLE"
                            .to_owned(),
                    )
                })?),
            };
        }
        Ok(())
    }

    /// Lets the other commands reach the directory as this one does.
    pub(super) fn remember(&self, data: &Path) -> anyhow::Result<()> {
        let path = file_of(data);
        if *self == Self::default() && !path.exists() {
            return Ok(());
        }
        write_private(&path, &serde_json::to_vec_pretty(self)?)
    }

    /// The client's options.
    pub(super) fn http_options(&self) -> Result<HttpOptions, WrongUsage> {
        Ok(HttpOptions {
            extra_certificates: self.ca_file.clone(),
            proxy: self.proxy()?,
            ..HttpOptions::default()
        })
    }

    fn proxy(&self) -> Result<Option<Proxy>, WrongUsage> {
        let refused = |error: &dyn std::fmt::Display| WrongUsage(format!("--proxy: {error}"));
        let Some(address) = &self.proxy else {
            return Ok(None);
        };
        let proxy = Proxy::new(address)
            .map_err(|error| refused(&error))?
            .by_name(self.proxy_by_name);
        let Some(place) = &self.proxy_credentials else {
            return Ok(Some(proxy));
        };
        let credentials = place.text().map_err(|error| refused(&error))?;
        let proxy = proxy.with_credentials(credentials.trim());
        proxy.map(Some).map_err(|error| refused(&error))
    }
}

impl ProxyArguments {
    /// The proxy, for a process that remembers nothing.
    pub(super) fn read(&self) -> Result<Option<Proxy>, WrongUsage> {
        let mut network = Network::default();
        network.take_proxy(self)?;
        network.proxy()
    }
}

fn file_of(data: &Path) -> PathBuf {
    data.join("network.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(proxy: &str) -> NetworkArguments {
        NetworkArguments {
            proxy: ProxyArguments {
                proxy: Some(proxy.to_owned()),
                ..ProxyArguments::default()
            },
            ..NetworkArguments::default()
        }
    }

    #[test]
    fn what_was_remembered_holds_until_something_else_is_said() {
        let data = tempfile::tempdir().unwrap();
        let pem = data.path().join("ca.pem");
        fs::write(&pem, "").unwrap();
        let first = NetworkArguments {
            allow_loopback: Some(true),
            ca_file: Some(pem.clone()),
            ..through("http://proxy.example:3128")
        };
        let told = Network::open(data.path(), &first).unwrap();
        let nothing = NetworkArguments::default();
        assert_eq!(
            Network::open(data.path(), &nothing).unwrap(),
            Network::default(),
            "taken for this process only"
        );
        told.remember(data.path()).unwrap();
        let again = Network::open(data.path(), &nothing).unwrap();
        assert_eq!(again, told);
        assert!(again.allow_loopback);
        assert_eq!(again.ca_file, Some(pem));

        let forget = NetworkArguments {
            allow_loopback: Some(false),
            ca_file: Some(PathBuf::from(NONE)),
            ..through(NONE)
        };
        let forgotten = Network::open(data.path(), &forget).unwrap();
        assert_eq!(forgotten, Network::default());
        forgotten.remember(data.path()).unwrap();
        assert_eq!(
            Network::open(data.path(), &nothing).unwrap(),
            Network::default()
        );
    }

    #[test]
    fn a_password_on_the_command_line_is_refused_and_not_repeated() {
        let data = tempfile::tempdir().unwrap();
        let in_address = through("http://me:hunter2@proxy.example:3128");
        let in_place = NetworkArguments {
            proxy: ProxyArguments {
                proxy_credentials: Some("me:hunter2".to_owned()),
                ..ProxyArguments::default()
            },
            ..NetworkArguments::default()
        };
        for arguments in [in_address, in_place] {
            let told = Network::open(data.path(), &arguments).unwrap_err();
            let told = told.to_string();
            assert!(
                told.contains("@FILE") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }

    #[test]
    fn credentials_are_read_where_they_are_and_their_place_alone_is_remembered() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("proxy.txt");
        fs::write(&file, b"\xEF\xBB\xBFme:hunter2\r\n").unwrap();
        let mut arguments = through("http://proxy.example:3128");
        arguments.proxy.proxy_credentials = Some(format!("@{}", file.display()));
        let network = Network::open(data.path(), &arguments).unwrap();
        network.remember(data.path()).unwrap();
        let remembered = fs::read_to_string(file_of(data.path())).unwrap();
        assert!(!remembered.contains("hunter2"), "{remembered}");
        let expected = Proxy::new("http://proxy.example:3128")
            .unwrap()
            .with_credentials("me:hunter2")
            .unwrap();
        assert_eq!(network.http_options().unwrap().proxy, Some(expected));
        fs::remove_file(&file).unwrap();
        let told = network.http_options().unwrap_err().to_string();
        assert!(told.contains("proxy.txt"), "{told}");
    }
}
