//! The component's only way out: outbound HTTP, policed and pooled.
//!
//! A request passes three doors. [`HttpPolicy`] judges its address without any network. The
//! resolver judges what a name resolves to, and the connection goes to the very addresses that were
//! judged, so that a name cannot change its mind in between. The body of the answer is bounded in
//! time and size. Redirects are not followed, and no proxy is asked but one that the operator names
//! ([`Proxy`]): both would lead past the doors.

mod address;
mod body;
mod causes;
mod client;
mod connect;
mod exchange;
mod hooks;
mod metered;
mod policy;
mod proxy;
mod trouble;

pub use client::{HttpAccess, HttpOptions, HttpSetupError, HttpTimeouts};
pub use exchange::ExchangeError;
pub use policy::{Denied, HttpPolicy, InvalidEntry};
pub use proxy::{InvalidProxy, Proxy};
pub use trouble::Trouble;

pub(super) use hooks::PolicedHttp;
pub(super) use metered::{Holding, HoldingHttp};
