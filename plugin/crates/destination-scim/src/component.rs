//! The destination as a component. For WebAssembly only; nothing here decides anything.

#![allow(
    unsafe_code,
    reason = "the exports are generated from wit/, where every item is documented"
)]

use std::cell::OnceCell;
use std::sync::LazyLock;
use std::thread::LocalKey;
use std::time::Duration;

use destination_kit::component::{Exported, ExportedService, Opened};
use destination_kit::contract::TargetDescription;
use destination_kit::{Exchanges, Opening, Service};
use guest_kit::Secrets as _;
use guest_kit::retry::Budget;
use guest_kit::wasi::{HostClock, HostEntropy, HostExchanges, HostSecrets};

use crate::Scim;
use crate::target::{self, Settings};

/// No wait for the service ends later than this in one call.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Of this instance, which lives for one call.
static CLOCK: LazyLock<HostClock> = LazyLock::new(HostClock::start);

thread_local! {
    static STORE: OnceCell<Opened<OnHost>> = const { OnceCell::new() };
}

/// A server with what the host gives.
struct OnHost;

impl Service for OnHost {
    type Destination = Scim<'static>;

    fn describe(settings: &str) -> TargetDescription {
        target::describe(settings)
    }

    fn open(settings: &str) -> Result<Self::Destination, Opening> {
        let settings = Settings::read(settings).map_err(Opening::Settings)?;
        let secret = HostSecrets
            .reveal(&settings.secret)
            .map_err(|error| Opening::Secret {
                name: settings.secret.clone(),
                error,
            })?;
        let budget = Budget::until(PATIENCE);
        let exchanges = Exchanges::new(&HostExchanges, &*CLOCK, &HostEntropy, budget);
        Ok(Scim::new(
            exchanges,
            &settings.server,
            &settings.sign_in,
            &secret,
        ))
    }
}

impl ExportedService for OnHost {
    fn place() -> &'static LocalKey<OnceCell<Opened<Self>>> {
        &STORE
    }
}

type Component = Exported<OnHost>;

destination_kit::contract::export!(Component with_types_in destination_kit::contract);
