//! Where certificates with their private keys come from: files, never arguments.
//!
//! As with secrets, `connect` remembers *where* a certificate and its password are. Both are read anew for each
//! sign-in, so that a file that was replaced is used at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use connector_contract::SigningError;
use connector_contract::imports::{Signer, Signing};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use signing_keys::SigningKey;

use super::remembered;
use super::secrets::{SecretSource, UnreadSecretArgument, write_private};
use super::wrong_usage::WrongUsage;

/// The name of a certificate that serves for whichever key the configuration names.
const ANY: &str = "";

/// The code of what fails because nothing says where a certificate is.
pub(super) const NOT_FOUND: &str = "key-not-found";

/// What to do about a key of which nothing says where it is.
pub(super) fn say_where(name: &str) -> String {
    format!(
        "Say where it is: --certificate {name}=@FILE, with --certificate-password {name}=@FILE where it has one."
    )
}

/// A certificate, and where its password is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    file: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<SecretSource>,
}

impl Place {
    fn read(&self) -> Result<SigningKey, SigningError> {
        read(&self.file, self.password.as_ref())
    }
}

/// The certificate in a file, with the password that is somewhere else.
pub(super) fn read(
    file: &Path,
    password: Option<&SecretSource>,
) -> Result<SigningKey, SigningError> {
    let bytes = fs::read(file).map_err(|error| {
        let file = file.display();
        SigningError::Unavailable(format!("the certificate {file} cannot be read: {error}"))
    })?;
    let password = password.map(SecretSource::text).transpose();
    let password = password.map_err(SigningError::Unavailable)?;
    let password = password.map(|text| SecretString::from(text.trim_end_matches(['\r', '\n'])));
    Ok(SigningKey::read(&bytes, password.as_ref())?)
}

/// Why a certificate was not read, for the middle of a sentence.
pub(super) fn in_words(error: &SigningError) -> String {
    match error {
        SigningError::NotUsable(why) | SigningError::Unavailable(why) => why.clone(),
        other => other.to_string(),
    }
}

/// The certificates of one workspace, by the name of their key.
pub(super) struct CertificatePlaces {
    index: PathBuf,
    places: BTreeMap<String, Place>,
}

impl CertificatePlaces {
    /// Opens what a data directory remembers.
    pub(super) fn open(data: &Path) -> anyhow::Result<Self> {
        let index = data.join("certificates.json");
        let places = remembered::read(&index)?;
        Ok(Self { index, places })
    }

    /// Takes what the command line says of certificates and their passwords, for this process.
    ///
    /// # Errors
    ///
    /// Where one cannot be used: better now, in a clear sentence, than in the middle of a call.
    pub(super) fn take(
        &mut self,
        certificates: &[String],
        passwords: &[UnreadSecretArgument],
    ) -> anyhow::Result<()> {
        let mut taken = BTreeMap::new();
        for argument in certificates {
            let (name, path) = named(argument);
            let path = path.strip_prefix('@').unwrap_or(path);
            let file = fs::canonicalize(path).map_err(|error| {
                WrongUsage(format!("the certificate {path} cannot be read: {error}"))
            })?;
            let password = None;
            taken.insert(name.to_owned(), Place { file, password });
        }
        for argument in passwords {
            let (name, place) = named(argument.text());
            // The text may be a password that was given by mistake: it is never repeated.
            let source = SecretSource::parse(place).ok_or_else(|| {
                WrongUsage(
                    "--certificate-password says where the password is: write @FILE or env:VARIABLE, after \
                     NAME= where there are several certificates; a password itself is never an argument, \
                     because others can read it there"
                        .to_owned(),
                )
            })?;
            let place = taken.get_mut(name).ok_or_else(|| {
                WrongUsage(
                    "--certificate-password goes with the --certificate of the same name"
                        .to_owned(),
                )
            })?;
            place.password = Some(source);
        }
        // One without a name is for every name, also for those that were given before.
        if taken.contains_key(ANY) {
            self.places.clear();
        }
        for (name, place) in taken {
            let refused = |refused: &dyn std::fmt::Display| {
                let file = place.file.display();
                WrongUsage(format!("the certificate {file} cannot be used: {refused}"))
            };
            let key = place.read().map_err(|error| refused(&in_words(&error)))?;
            key.check_time(SystemTime::now())
                .map_err(|error| refused(&error))?;
            self.places.insert(name, place);
        }
        Ok(())
    }

    /// Lets other processes find the certificates as this one does.
    pub(super) fn remember(&self) -> anyhow::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        write_private(&self.index, &serde_json::to_vec_pretty(&self.places)?)
    }
}

impl Signing for CertificatePlaces {
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        let place = self.places.get(name).or_else(|| self.places.get(ANY));
        let key = place.ok_or(SigningError::NotFound)?.read()?;
        Ok(Arc::new(key))
    }
}

/// `NAME=PLACE`, or a place alone. A path may have an equals sign, so a name ends before `=@` or `=env:`.
fn named(argument: &str) -> (&str, &str) {
    let end = argument.find("=@").or_else(|| argument.find("=env:"));
    match end.and_then(|end| argument.split_at_checked(end)) {
        Some((name, place)) if !name.is_empty() => (name, place.get(1..).unwrap_or_default()),
        _ => (ANY, argument),
    }
}
