//! The secrets of a workspace, as the connector gets them: opened for one use, and each use noted first. The keys
//! that sign for it, which it never gets; the platform's, where the workspace is connected with its application. And the tokens that were made from either, while they are what they were.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use connector_contract::imports::{KeptToken, Secret, Secrets, Signer, Signing, TokenCache};
use connector_contract::{Certificate, SecretError, SigningError};
use secrecy::{ExposeSecret as _, SecretString};
use signing_keys::SigningKey;
use vault::{OpenError, SecretScope};

use crate::app::App;
use crate::kept_tokens::{Found, UsedSecret};
use crate::platform_application::{PlatformApplication, PlatformCredential};
use crate::secret_keys::UnsealError;
use crate::settings::{KEY_PREFIX, PLATFORM, Settings, vault_name};

/// Opens the secrets of one workspace, for one job.
pub(crate) struct SealedSecrets {
    app: Arc<App>,
    workspace: String,
    /// The secrets that the connector has got.
    used: Used,
}

/// The secrets that the connector has got, and the keys that signed for it.
type Used = Arc<Mutex<Vec<UsedSecret>>>;

/// A secret that was opened, and as it is stored.
struct Opened {
    value: SecretString,
    sealed: Vec<u8>,
}

impl SealedSecrets {
    pub(crate) fn new(app: &Arc<App>, workspace: &str) -> Self {
        Self {
            app: Arc::clone(app),
            workspace: workspace.to_owned(),
            used: Used::default(),
        }
    }

    /// As it is stored now. Where it was sealed anew between being read and being opened, with keys of
    /// which the former are gone by now, it is read once more.
    fn open(&self, name: &str) -> Result<Opened, SecretError> {
        let opened = match self.unseal(name)? {
            Err(UnsealError::Closed(OpenError::UnknownKey { .. })) => self.unseal(name)?,
            opened => opened,
        };
        opened.map_err(|error| match error {
            UnsealError::Keys(error) => {
                tracing::error!(%error, "opening a secret failed");
                SecretError::Unavailable(
                    "the server's keys cannot be used; whoever operates the server finds the reason in its log"
                        .to_owned(),
                )
            }
            other => unavailable(&other),
        })
    }

    fn unseal(&self, name: &str) -> Result<Result<Opened, UnsealError>, SecretError> {
        let db = &self.app.db;
        // First, so that one that is set meanwhile is no older one.
        let newest = db.newest_secret(&self.workspace, name);
        let newest = newest.map_err(|error| unavailable(&error))?;
        let stored = db.secret(&self.workspace, name);
        let stored = stored.map_err(|error| unavailable(&error))?;
        let stored = stored.ok_or(SecretError::NotFound)?;
        if stored.version < newest {
            tracing::error!(workspace = self.workspace, name, "secret rolled back");
            return Err(SecretError::Unavailable(
                "the stored secret is not the one that was set last: set it again".to_owned(),
            ));
        }
        let scope = SecretScope {
            workspace: &self.workspace,
            name,
            version: stored.version,
        };
        let value = self.app.keys.unseal(scope, &stored.sealed);
        Ok(value.map(|value| Opened {
            value,
            sealed: stored.sealed,
        }))
    }

    /// The key of that name, not used yet.
    pub(crate) fn key(&self, name: &str) -> Result<SigningKey, SigningError> {
        self.sealed_key(name).map(|(key, _)| key)
    }

    fn sealed_key(&self, name: &str) -> Result<(SigningKey, UsedSecret), SigningError> {
        let name = vault_name(name);
        let Opened { value, sealed } = self.open(&name).map_err(|error| match error {
            SecretError::NotFound => SigningError::NotFound,
            SecretError::AccessDenied => SigningError::AccessDenied,
            SecretError::Unavailable(why) => SigningError::Unavailable(why),
            SecretError::Other(why) => SigningError::Other(why),
        })?;
        let key = SigningKey::read(value.expose_secret().as_bytes(), None)?;
        Ok((key, UsedSecret { name, sealed }))
    }

    /// The platform's application, where this workspace is connected with it. It opens the directories of many
    /// tenants, so nobody else is given it, whatever they ask for.
    fn platform(&self) -> Option<&PlatformApplication> {
        let record = self.app.db.workspace(&self.workspace).ok()??;
        let settings = Settings::read(&record.settings).ok()?;
        let application = self.app.options.application.as_ref()?;
        settings.is_of_platform().then_some(application)
    }

    /// What was used is noted before anybody has it.
    fn note(&self, action: &str, name: &str) -> Result<(), SecretError> {
        let event = self.app.event("connector", action, Some(name));
        let noted = self.app.db.note(Some(&self.workspace), event);
        noted.map_err(|error| unavailable(&error))
    }

    fn platform_secret(&self) -> Result<Box<dyn Secret>, SecretError> {
        let credential = self.platform().map(PlatformApplication::credential);
        let Some(PlatformCredential::Secret(secret)) = credential else {
            return Err(SecretError::NotFound);
        };
        self.note("secret-used", PLATFORM)?;
        note_use(&self.used, of_platform());
        Ok(Box::new(OpenSecret(secret.clone())))
    }

    fn platform_key(&self) -> Result<(Arc<SigningKey>, UsedSecret), SigningError> {
        let credential = self.platform().map(PlatformApplication::credential);
        match credential {
            Some(PlatformCredential::Certificate(key)) => Ok((Arc::clone(key), of_platform())),
            _ => Err(SigningError::NotFound),
        }
    }

    /// Whether that is the secret that is stored now. Where the records do not tell, it is not, so that the
    /// connector signs in, and hears why it cannot.
    fn is_stored(&self, secret: &UsedSecret) -> bool {
        if secret.name == PLATFORM {
            return self.platform().is_some();
        }
        let stored = self.app.db.secret(&self.workspace, &secret.name);
        matches!(stored, Ok(Some(stored)) if stored.sealed == secret.sealed)
    }
}

/// The platform's credential, as what a token is made from: it is what it is as long as this process.
fn of_platform() -> UsedSecret {
    UsedSecret {
        name: PLATFORM.to_owned(),
        sealed: Vec::new(),
    }
}

fn unavailable(error: &dyn std::fmt::Display) -> SecretError {
    SecretError::Unavailable(error.to_string())
}

impl Secrets for SealedSecrets {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        if name.starts_with(KEY_PREFIX) {
            return Err(SecretError::NotFound);
        }
        if name == PLATFORM {
            return self.platform_secret();
        }
        let Opened { value, sealed } = self.open(name)?;
        self.note("secret-used", name)?;
        note_use(
            &self.used,
            UsedSecret {
                name: name.to_owned(),
                sealed,
            },
        );
        Ok(Box::new(OpenSecret(value)))
    }
}

fn held(used: &Used) -> MutexGuard<'_, Vec<UsedSecret>> {
    used.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note_use(used: &Used, secret: UsedSecret) {
    let mut used = held(used);
    used.retain(|known| known.name != secret.name);
    used.push(secret);
}

impl Signing for SealedSecrets {
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        let (key, sealed) = match name {
            PLATFORM => self.platform_key()?,
            _ => self
                .sealed_key(name)
                .map(|(key, sealed)| (Arc::new(key), sealed))?,
        };
        Ok(Arc::new(SealedKey {
            key,
            name: name.to_owned(),
            sealed,
            app: Arc::clone(&self.app),
            workspace: self.workspace.clone(),
            used: Arc::clone(&self.used),
        }))
    }
}

/// A key that was opened; each signature is noted before it is made.
struct SealedKey {
    key: Arc<SigningKey>,
    name: String,
    sealed: UsedSecret,
    app: Arc<App>,
    workspace: String,
    used: Used,
}

impl Signer for SealedKey {
    fn certificate(&self) -> Certificate {
        self.key.certificate()
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        self.key.chain()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let event = self.app.event("connector", "key-used", Some(&self.name));
        let noted = self.app.db.note(Some(&self.workspace), event);
        noted.map_err(|error| SigningError::Unavailable(error.to_string()))?;
        note_use(&self.used, self.sealed.clone());
        self.key.sign(message)
    }
}

impl TokenCache for SealedSecrets {
    fn get(&self, issued_for: &str) -> Option<KeptToken> {
        let Self { app, workspace, .. } = self;
        let found = app.tokens.get(workspace, issued_for, Instant::now())?;
        let made_from = &found.made_from;
        if !made_from.iter().all(|secret| self.is_stored(secret)) {
            self.forget(issued_for);
            return None;
        }
        Some(KeptToken {
            value: found.value.expose_secret().to_owned(),
            good_for: found.good_for,
        })
    }

    fn put(&self, issued_for: &str, token: KeptToken) {
        let made_from = held(&self.used).clone();
        // One that was made from nothing could not be told from one of a secret that is gone.
        if made_from.is_empty() {
            return;
        }
        let token = Found {
            value: token.value.into(),
            good_for: token.good_for,
            made_from,
        };
        let tokens = &self.app.tokens;
        tokens.put(&self.workspace, issued_for, token, Instant::now());
    }

    fn forget(&self, issued_for: &str) {
        self.app.tokens.forget(&self.workspace, issued_for);
    }
}

/// Wiped from memory when the connector drops its handle.
struct OpenSecret(SecretString);

impl Secret for OpenSecret {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok(self.0.expose_secret().to_owned())
    }
}
