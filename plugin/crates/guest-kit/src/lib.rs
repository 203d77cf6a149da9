//! What every guest of the contract needs, whichever service it speaks to: the outside as small traits,
//! their implementations on WASI, and how requests are repeated.
//!
//! The traits compile and are tested natively; `wasi` exists for WebAssembly only. Every method takes
//! `&self`, because an import has no owner; an implementation in memory keeps its state in cells.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod calendar;
mod clock;
mod http;
pub mod json;
pub mod ordered;
pub mod percent;
pub mod retry;
mod run_control;
mod secrets;
mod signing;
mod token_cache;
#[cfg(target_family = "wasm")]
pub mod wasi;

pub use clock::{Clock, Entropy, Timestamp};
pub use http::{Http, HttpFailure, HttpRequest, HttpResponse, Method, Pending};
pub use retry::Usage;
pub use run_control::{Directive, Level, Phase, Progress, RunControl};
pub use secrets::{SecretError, SecretValue, Secrets};
pub use signing::{Certificate, NoSigning, Signer, Signing, SigningError};
pub use token_cache::{KeptToken, NoTokens, TokenCache};

/// What a client of a service works with.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The way out.
    pub http: &'a dyn Http,
    /// Secrets by name.
    pub secrets: &'a dyn Secrets,
    /// Keys by name.
    pub signing: &'a dyn Signing,
    /// Tokens that outlive the call.
    pub tokens: &'a dyn TokenCache,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness, for request ids and jitter.
    pub entropy: &'a dyn Entropy,
    /// Progress, log, stop.
    pub control: &'a dyn RunControl,
}
