//! The platform's own application, as whoever operates a server names it: its credential is in a file or in the
//! environment, and never an argument.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;
use secrecy::SecretString;
use server::{PlatformApplication, PlatformCredential};

use super::certificates;
use super::secrets::{SecretSource, UnreadSecretArgument};
use super::wrong_usage::WrongUsage;

/// The application with which administrators connect by signing in at Microsoft.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ApplicationArguments {
    /// The client id of your own application, registered for accounts in any organizational directory: then
    /// administrators connect with one button. It is read with its credential when the server starts
    #[arg(long, value_name = "ID")]
    application_id: Option<String>,
    /// Where its client secret is: @FILE or env:VARIABLE
    #[arg(long, value_name = "PLACE", conflicts_with = "application_certificate")]
    application_secret: Option<UnreadSecretArgument>,
    /// Its certificate with the private key (PEM or PKCS#12), in the place of a secret
    #[arg(long, value_name = "FILE")]
    application_certificate: Option<PathBuf>,
    /// Where the password of that certificate is: @FILE or env:VARIABLE
    #[arg(long, value_name = "PLACE", requires = "application_certificate")]
    application_certificate_password: Option<UnreadSecretArgument>,
}

impl ApplicationArguments {
    /// The application, where one is named.
    pub(super) fn read(&self) -> Result<Option<PlatformApplication>, WrongUsage> {
        let credential = self.credential()?;
        match (&self.application_id, credential) {
            (None, None) => Ok(None),
            (Some(id), Some(credential)) => PlatformApplication::new(id, credential)
                .map(Some)
                .map_err(|error| WrongUsage(format!("--application-id: {error}"))),
            _ => Err(WrongUsage(
                "--application-id goes with --application-secret or --application-certificate"
                    .to_owned(),
            )),
        }
    }

    fn credential(&self) -> Result<Option<PlatformCredential>, WrongUsage> {
        if let Some(place) = &self.application_secret {
            let place = source("--application-secret", place)?;
            let text = place
                .text()
                .map_err(|error| WrongUsage(format!("--application-secret: {error}")))?;
            return Ok(Some(PlatformCredential::Secret(SecretString::from(text))));
        }
        let Some(file) = &self.application_certificate else {
            return Ok(None);
        };
        let password = self.application_certificate_password.as_ref();
        let password = password.map(|place| source("--application-certificate-password", place));
        let refused = |error: &dyn std::fmt::Display| {
            let file = file.display();
            WrongUsage(format!("the certificate {file} cannot be used: {error}"))
        };
        let key = certificates::read(file, password.transpose()?.as_ref())
            .map_err(|error| refused(&certificates::in_words(&error)))?;
        key.check_time(SystemTime::now())
            .map_err(|error| refused(&error))?;
        Ok(Some(PlatformCredential::Certificate(Arc::new(key))))
    }
}

/// The text may be the secret itself, given by mistake: it is never repeated.
fn source(option: &str, place: &UnreadSecretArgument) -> Result<SecretSource, WrongUsage> {
    SecretSource::parse(place.text()).ok_or_else(|| {
        WrongUsage(format!(
            "{option} says where it is: write @FILE or env:VARIABLE; the value itself is never an argument, because \
             others can read it there"
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        application: ApplicationArguments,
    }

    fn read(arguments: &[&str]) -> Result<Option<PlatformApplication>, WrongUsage> {
        let line = ["serve"].iter().chain(arguments);
        Line::try_parse_from(line).unwrap().application.read()
    }

    const ID: &str = "535fb089-9ff3-47b6-9bfb-4f1264799865";

    #[test]
    fn an_application_is_read_with_its_secret_and_without_any_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.txt");
        fs::write(&file, "\u{feff}value\r\n").unwrap();
        let place = format!("@{}", file.display());
        let read_of = |id| read(&["--application-id", id, "--application-secret", &place]);
        assert_eq!(read_of(ID).unwrap().unwrap().client_id(), ID);
        assert!(read_of("my app").is_err());
        assert!(read(&[]).unwrap().is_none());
    }

    #[test]
    fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
        let told = read(&["--application-id", ID, "--application-secret", "hunter2"]);
        let told = told.unwrap_err().to_string();
        assert!(
            told.contains("@FILE") && !told.contains("hunter2"),
            "{told}"
        );
    }

    #[test]
    fn id_and_credential_belong_together() {
        assert!(read(&["--application-id", ID]).is_err());
        assert!(read(&["--application-secret", "env:HOME"]).is_err());
        assert!(
            read(&[
                "--application-id",
                ID,
                "--application-certificate",
                "/nowhere.pfx"
            ])
            .is_err()
        );
    }
}
