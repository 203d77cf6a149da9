//! What the suite asks of whoever tests a store with it.

use std::sync::Arc;

use connector_contract::WallClock;

use crate::AdminStore;

/// What a store demands of contacts and keeps of runs, as far as the tests depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteOptions {
    /// Fields that are not described are made on first use.
    pub custom_fields: bool,
    /// Described fields that no contact may be without.
    pub mandatory: Vec<String>,
    /// Days for which the journal keeps a run.
    pub journal_days: u32,
    /// Runs that the journal keeps however old they are.
    pub journal_runs: u32,
}

impl Default for SuiteOptions {
    fn default() -> Self {
        Self {
            custom_fields: true,
            mandatory: Vec::new(),
            journal_days: 90,
            journal_runs: 400,
        }
    }
}

/// Makes stores for tests.
pub trait StoreFactory {
    /// Makes an empty store, which nobody else sees. It tells the time by the clock, where there is one.
    ///
    /// # Panics
    ///
    /// Where it cannot.
    fn make(
        &self,
        options: &SuiteOptions,
        clock: Option<Arc<dyn WallClock>>,
    ) -> Box<dyn StoreUnderTest>;
}

/// A store that is tested. It is gone, with all that it keeps, when this is dropped.
pub trait StoreUnderTest {
    /// The store. The test drops it before this.
    fn store(&self) -> Arc<dyn AdminStore>;

    /// Lets go of the store as a process does that dies, and opens it again with the default options and the
    /// machine's clock.
    ///
    /// # Panics
    ///
    /// Where it cannot be opened.
    fn reopen(self: Box<Self>) -> Box<dyn StoreUnderTest>;

    /// Looks whether what is kept contradicts itself, where the store knows a way to see that.
    ///
    /// # Panics
    ///
    /// Where it does.
    fn check(&self) {}
}
