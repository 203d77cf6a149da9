//! What else a host can get wrong: secrets, keys, tokens, time, the way out.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use host_harness::contract::{Certificate, Directive, Level, Progress, SecretError, SigningError};
use host_harness::runtime::imports::{
    KeptToken, RunControl, Secret, Secrets, Signer, Signing, TokenCache,
};
use host_harness::runtime::{Turn, Turns, WallClock};
use signing_keys::SigningKey;

use crate::certificates::APPLICATION;

/// Gives the same secret under any name.
pub(super) struct AnySecret;

impl Secrets for AnySecret {
    fn get(&self, _: &str) -> Result<Box<dyn Secret>, SecretError> {
        Ok(Box::new(Self))
    }
}

impl Secret for AnySecret {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok("known-to-everybody".to_owned())
    }
}

/// The name of the key that a document names.
pub(super) const KEY: &str = "conformance-key";

/// Has one key, and gets one thing wrong.
pub(super) struct Keys {
    key: Arc<SigningKey>,
    breaks: &'static str,
}

impl Keys {
    pub(super) fn new(breaks: &'static str) -> Arc<Self> {
        let key = SigningKey::read(APPLICATION.as_bytes(), None).unwrap();
        Arc::new(Self {
            key: Arc::new(key),
            breaks,
        })
    }
}

impl Signing for Keys {
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        if name != KEY && self.breaks != "signing-unknown" {
            return Err(SigningError::NotFound);
        }
        Ok(Arc::new(Self {
            key: Arc::clone(&self.key),
            breaks: self.breaks,
        }))
    }
}

impl Signer for Keys {
    fn certificate(&self) -> Certificate {
        let mut certificate = self.key.certificate();
        if self.breaks == "signing-certificate" {
            certificate.thumbprint_sha256.reverse();
        }
        certificate
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        self.key.chain()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if self.breaks == "signing-signature" {
            return Ok(vec![7; 256]);
        }
        self.key.sign(message)
    }
}

/// Keeps tokens as long as it lives, and gets one thing wrong.
pub(super) struct Tokens {
    kept: Mutex<BTreeMap<String, (String, Instant)>>,
    breaks: &'static str,
}

impl Tokens {
    pub(super) fn new(breaks: &'static str) -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::default(),
            breaks,
        })
    }
}

impl TokenCache for Tokens {
    fn get(&self, issued_for: &str) -> Option<KeptToken> {
        let kept = self.kept.lock().unwrap();
        let (value, until) = match self.breaks {
            "token-own-use" => kept.values().next()?,
            _ => kept.get(issued_for)?,
        };
        let mut good_for = until.saturating_duration_since(Instant::now());
        if self.breaks == "token-expired" {
            good_for = Duration::from_secs(1);
        }
        let mut value = value.clone();
        if self.breaks == "token-kept" {
            value.push('x');
        }
        (!good_for.is_zero()).then_some(KeptToken { value, good_for })
    }

    fn put(&self, issued_for: &str, token: KeptToken) {
        let until = Instant::now() + token.good_for;
        let mut kept = self.kept.lock().unwrap();
        kept.insert(issued_for.to_owned(), (token.value, until));
    }

    fn forget(&self, issued_for: &str) {
        if self.breaks != "token-forgotten" {
            self.kept.lock().unwrap().remove(issued_for);
        }
    }
}

/// A clock that nobody has set.
pub(super) struct StandingClock;

impl WallClock for StandingClock {
    fn since_epoch(&self) -> Duration {
        Duration::ZERO
    }
}

/// Wants every call to end.
pub(super) struct Impatient;

impl RunControl for Impatient {
    fn log(&self, _: Level, _: &str, _: &[(String, String)]) {}

    fn report_progress(&self, _: Progress) -> Directive {
        Directive::Stop
    }
}

/// Forgets a call that has waited for a while.
pub(super) struct Forgetful(Arc<Mutex<Instant>>);

impl Forgetful {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Arc::new(Mutex::new(Instant::now()))))
    }
}

impl Turns for Forgetful {
    fn next(&self) -> Pin<Box<dyn Future<Output = Turn> + Send>> {
        let last = Arc::clone(&self.0);
        let waited = last.lock().unwrap().elapsed();
        Box::pin(async move {
            if waited > Duration::from_millis(250) {
                tokio::time::sleep(Duration::from_millis(1_500)).await;
            }
            Box::new(Ended(last)) as Box<dyn Any + Send>
        })
    }
}

/// Notes when a turn ends.
struct Ended(Arc<Mutex<Instant>>);

impl Drop for Ended {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = Instant::now();
    }
}
