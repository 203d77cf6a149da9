//! The traits of this crate on the imports of a component.

mod bindings;
mod clock;
mod exchange;
mod failure;
mod http;
mod run_control;
mod secrets;
mod signing;
mod token_cache;

pub use bindings::contact_sync::connector::{
    run_control as run_control_bindings, secrets as secrets_bindings, signing as signing_bindings,
    token_cache as token_cache_bindings,
};
pub use clock::{HostClock, HostEntropy};
pub use http::{HostExchanges, HostHttp};
pub use run_control::HostControl;
pub use secrets::HostSecrets;
pub use signing::HostSigning;
pub use token_cache::HostTokens;
