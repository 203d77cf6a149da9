//! Where secrets come from: a file, the environment, or standard input, never an argument.
//!
//! `connect` remembers *where* a secret is, not the secret: the path, or the variable's name. Only one
//! read from standard input has no place of its own; `connect` keeps it in a file of the data directory
//! that its owner alone can read.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fmt;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use configuration_document::{secret, text};
use connector_contract::SecretError;
use connector_contract::imports::{Secret, Secrets};
use serde::{Deserialize, Serialize};

use super::printer;
use super::remembered;
use super::wrong_usage::WrongUsage;

/// What stands behind `--secret`, not read yet. The parser of the command line repeats what it refuses,
/// and this may be a secret given by mistake; so that parser takes any text.
#[derive(Clone)]
pub(super) struct UnreadSecretArgument(String);

impl From<String> for UnreadSecretArgument {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for UnreadSecretArgument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UnreadSecretArgument")
    }
}

impl UnreadSecretArgument {
    /// As it was given.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Reads it.
    pub(super) fn read(&self) -> Result<SecretArgument, WrongUsage> {
        self.0.parse().map_err(WrongUsage)
    }
}

/// A secret's name and where its value is: `NAME=@FILE`, `NAME=env:VARIABLE` or `NAME=-`.
#[derive(Clone, Debug)]
pub(super) struct SecretArgument {
    name: String,
    source: ArgumentSource,
}

#[derive(Clone, Debug)]
enum ArgumentSource {
    Kept(SecretSource),
    StandardInput,
}

/// Where a value is to be read each time it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SecretSource {
    File(PathBuf),
    Environment(String),
}

impl SecretSource {
    /// Reads `@FILE` or `env:VARIABLE`; a file is named by its whole path.
    pub(super) fn parse(place: &str) -> Option<Self> {
        match (place.strip_prefix('@'), place.strip_prefix("env:")) {
            (Some(path), _) if !path.is_empty() => {
                // One that is not there is told when it is read.
                Some(Self::File(std::path::absolute(path).ok()?))
            }
            (_, Some(variable)) if !variable.is_empty() => {
                Some(Self::Environment(variable.to_owned()))
            }
            _ => None,
        }
    }

    /// What stands there, read anew each time, so that a rotated secret is used at once.
    pub(super) fn text(&self) -> Result<String, String> {
        match self {
            Self::File(path) => {
                let unread = |error: &dyn fmt::Display| format!("{self} cannot be read: {error}");
                let bytes = fs::read(path).map_err(|error| unread(&error))?;
                let text = text::decode(&bytes).map_err(|error| unread(&error))?;
                Ok(text.to_owned())
            }
            Self::Environment(variable) => std::env::var(variable).map_err(|error| match error {
                VarError::NotPresent => format!("{self} is not set"),
                VarError::NotUnicode(_) => format!("{self} is no Unicode text"),
            }),
        }
    }
}

/// For the middle of a sentence.
impl fmt::Display for SecretSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "the secret file {}", path.display()),
            Self::Environment(variable) => {
                write!(formatter, "the environment variable {variable}")
            }
        }
    }
}

impl FromStr for SecretArgument {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        // The text may be a secret that was given by mistake: it is never repeated.
        const FORM: &str = "--secret says where a secret is: write NAME=@FILE, NAME=env:VARIABLE or NAME=- (standard input); a secret itself is never \
                            an argument, because others can read it there";
        let (name, source) = argument.split_once('=').ok_or(FORM)?;
        let source = match source {
            "-" => ArgumentSource::StandardInput,
            _ => ArgumentSource::Kept(
                match (source.strip_prefix('@'), source.strip_prefix("env:")) {
                    (Some(path), _) if !path.is_empty() => SecretSource::File(PathBuf::from(path)),
                    (_, Some(variable)) if !variable.is_empty() => {
                        SecretSource::Environment(variable.to_owned())
                    }
                    _ => return Err(FORM.to_owned()),
                },
            ),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err("a secret's name has letters, digits, -, _ and . only".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            source,
        })
    }
}

impl SecretArgument {
    /// The name that the configuration has for it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The code of what fails because nothing says where a secret is.
pub(super) const NOT_FOUND: &str = "secret-not-found";

/// What to do about a secret of which nothing says where it is.
pub(super) fn say_where(name: &str) -> String {
    format!("Say where it is: --secret {name}=@FILE, or {name}=env:VARIABLE.")
}

/// The secrets of one workspace, by name.
pub(super) struct SecretPlaces {
    index: PathBuf,
    directory: PathBuf,
    places: BTreeMap<String, SecretSource>,
    /// Read from standard input, and nowhere else yet.
    piped: BTreeMap<String, String>,
}

impl SecretPlaces {
    /// Opens what a data directory remembers.
    pub(super) fn open(data: &Path) -> anyhow::Result<Self> {
        let index = data.join("secrets.json");
        let places = remembered::read(&index)?;
        Ok(Self {
            directory: data.join("secrets"),
            index,
            places,
            piped: BTreeMap::new(),
        })
    }

    /// Takes what the command line says of secrets, for this process. That of this name is a service's, and not one
    /// of Entra.
    ///
    /// # Errors
    ///
    /// Where one cannot be read: better now, in a clear sentence, than in the middle of a call.
    pub(super) fn take(
        &mut self,
        arguments: &[SecretArgument],
        of_a_service: Option<&str>,
    ) -> anyhow::Result<()> {
        for argument in arguments {
            let read: Reading = match of_a_service == Some(&argument.name) {
                true => secret::of_a_service,
                false => secret::value,
            };
            let place = match &argument.source {
                ArgumentSource::Kept(SecretSource::File(path)) => {
                    SecretSource::File(fs::canonicalize(path).map_err(|error| {
                        WrongUsage(format!(
                            "the secret file {} cannot be read: {error}",
                            path.display()
                        ))
                    })?)
                }
                ArgumentSource::Kept(place) => place.clone(),
                ArgumentSource::StandardInput => {
                    let value = standard_input(read)?;
                    self.piped.insert(argument.name.clone(), value);
                    continue;
                }
            };
            let text = place.text().map_err(WrongUsage)?;
            read(&text).map_err(|flaw| WrongUsage(format!("{place} cannot be used: {flaw}")))?;
            self.piped.remove(&argument.name);
            self.places.insert(argument.name.clone(), place);
        }
        Ok(())
    }

    /// Lets other processes find the secrets as this one does.
    pub(super) fn remember(&self) -> anyhow::Result<()> {
        let mut places = self.places.clone();
        for (name, value) in &self.piped {
            fs::create_dir_all(&self.directory)
                .with_context(|| format!("{} cannot be made", self.directory.display()))?;
            let path = self.directory.join(name);
            write_private(&path, value.as_bytes())?;
            let path = fs::canonicalize(&path)
                .with_context(|| format!("{} cannot be found again", path.display()))?;
            places.insert(name.clone(), SecretSource::File(path));
        }
        if places.is_empty() {
            return Ok(());
        }
        write_private(&self.index, &serde_json::to_vec_pretty(&places)?)
    }
}

fn standard_input(read: Reading) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        printer::notice("Type or paste the secret, then end the input with Ctrl-D.");
    }
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .context("the secret cannot be read from standard input")?;
    let value = text::decode(&bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| read(text).map_err(|flaw| flaw.to_string()));
    let value = value.map(str::to_owned);
    Ok(value.map_err(|error| WrongUsage(format!("standard input cannot be used: {error}")))?)
}

impl Secrets for SecretPlaces {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        if let Some(value) = self.piped.get(name) {
            return Ok(Box::new(Revealable(value.clone())));
        }
        let place = self.places.get(name).ok_or(SecretError::NotFound)?;
        let text = place.text().map_err(SecretError::Unavailable)?;
        // What is none, the connector tells by its kind.
        let value = secret::value(&text).or_else(|_| secret::of_a_service(&text));
        let value = value.unwrap_or(&text);
        Ok(Box::new(Revealable(value.to_owned())))
    }
}

/// The value, without what surrounds it.
type Reading = fn(&str) -> Result<&str, secret::Flaw>;

pub(super) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("{} cannot be written", path.display()))
}

struct Revealable(String);

impl Secret for Revealable {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_places_are_understood_and_nothing_else() {
        for good in [
            "client-secret=@/run/secret",
            "client-secret=env:SECRET",
            "client-secret=-",
        ] {
            assert!(good.parse::<SecretArgument>().is_ok(), "{good}");
        }
        for bad in [
            "client-secret",
            "client-secret=hunter2",
            "=@file",
            "../x=@file",
            ".hidden=-",
            "a=@",
            "a=env:",
        ] {
            assert!(bad.parse::<SecretArgument>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_given_as_an_argument_is_not_repeated() {
        let error = "client-secret=hunter2"
            .parse::<SecretArgument>()
            .unwrap_err();
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn a_place_is_remembered_and_the_value_is_not() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("value.txt");
        fs::write(&file, "hunter2\n").unwrap();
        let argument = format!("client-secret=@{}", file.display());
        let mut places = SecretPlaces::open(data.path()).unwrap();
        places.take(&[argument.parse().unwrap()], None).unwrap();
        let forgotten = SecretPlaces::open(data.path()).unwrap();
        assert!(
            forgotten.get("client-secret").is_err(),
            "taken for this process only"
        );
        places.remember().unwrap();

        let reopened = SecretPlaces::open(data.path()).unwrap();
        assert_eq!(
            reopened.get("client-secret").unwrap().reveal().unwrap(),
            "hunter2"
        );
        let index = fs::read_to_string(data.path().join("secrets.json")).unwrap();
        assert!(!index.contains("hunter2"));
    }

    fn taken(bytes: &[u8]) -> Result<String, String> {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("value.txt");
        fs::write(&file, bytes).unwrap();
        let argument = format!("client-secret=@{}", file.display());
        let mut places = SecretPlaces::open(data.path()).unwrap();
        places
            .take(&[argument.parse().unwrap()], None)
            .map_err(|error| error.to_string())?;
        Ok(places.get("client-secret").unwrap().reveal().unwrap())
    }

    #[test]
    fn what_an_editor_puts_around_a_value_is_no_part_of_it() {
        for bytes in [
            &b"hunter2"[..],
            b"hunter2\n",
            b"\xEF\xBB\xBFhunter2\r\n",
            b"  hunter2 \t\r\n\r\n",
        ] {
            assert_eq!(taken(bytes).as_deref(), Ok("hunter2"), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_value_is_told_with_the_file_and_not_repeated() {
        for (bytes, words) in [
            (&b"\xFF\xFEh\0u\0n\0t\0e\0r\x002\0"[..], "UTF-16"),
            (b"h\0u\0n\0t\0e\0r\x002\0", "UTF-16"),
            (b"hunter2 \xFC", "UTF-8"),
            (b"hunter2 and more", "white space"),
            (b"hunter2\r\nhunter2", "line break"),
            (b"\"hunter2\"", "quotation marks"),
            (b"8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11\r\n", "secret's id"),
            (b"\r\n", "is empty"),
        ] {
            let told = taken(bytes).unwrap_err();
            assert!(told.contains(words) && told.contains("value.txt"), "{told}");
            assert!(
                !told.contains("hunter2") && !told.contains("8c8e2c4f"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_missing_secret_file_is_a_clear_error() {
        let data = tempfile::tempdir().unwrap();
        let mut places = SecretPlaces::open(data.path()).unwrap();
        let error = places
            .take(&["client-secret=@/nowhere/at/all".parse().unwrap()], None)
            .unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
        assert!(matches!(
            places.get("client-secret"),
            Err(SecretError::NotFound)
        ));
    }
}
