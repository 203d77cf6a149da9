//! A destination as a component: the contract's imports as what the kit asks for, and the kit's store as what the
//! contract exports. For WebAssembly only; nothing here decides anything.
//!
//! A component is a [`Service`] with a place to keep its store in, and two lines:
//!
//! ```ignore
//! type Component = destination_kit::component::Exported<MyService>;
//! destination_kit::contract::export!(Component);
//! ```

use std::cell::OnceCell;
use std::marker::PhantomData;
use std::thread::LocalKey;

use guest_kit::wasi::{HostClock, HostEntropy};

use crate::contract::exports::contact_sync::connector::{contact_store, state, target};
use crate::contract::{
    Commit, Contact, Description, EditsSince, Entry, Expected, Found, JournalEntry, Noted, Outcome,
    Query, RoundInfo, SameContact, ServiceFailure, StateWrite, Statistics, StoreError,
    TargetDescription, Who,
};
use crate::keep::Retention;
use crate::ledger::{Committed, Expectation, Ledger};
use crate::service::{self, Service};
use crate::store::Store;

#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::allow_attributes_without_reason,
    reason = "generated from wit/, where every item is documented"
)]
mod imports {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package contact-sync:destination-imports;

            world imports {
                import contact-sync:connector/ledger@0.2.0;
                import contact-sync:connector/target-settings@0.2.0;
            }
        ",
        with: {
            "contact-sync:connector/types@0.2.0": crate::contract::contact_sync::connector::types,
        },
        generate_all,
    });
}

use imports::contact_sync::connector::{ledger as wit, target_settings};

/// The ledger that the host gives.
pub struct HostLedger;

impl Ledger for HostLedger {
    fn get(&self, keys: &[String]) -> Result<Vec<Entry>, StoreError> {
        wit::get(keys).map(entries)
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        wit::scan(prefix, after, limit).map(entries)
    }

    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[StateWrite],
    ) -> Result<Committed, StoreError> {
        let expect: Vec<_> = expect
            .iter()
            .map(|expected| wit::Expectation {
                key: expected.key.clone(),
                value: expected.value.clone(),
            })
            .collect();
        let writes: Vec<_> = writes
            .iter()
            .map(|write| wit::Write {
                key: write.key.clone(),
                value: write.value.clone(),
            })
            .collect();
        Ok(match wit::commit(&expect, &writes)? {
            wit::Committed::Kept => Committed::Kept,
            wit::Committed::Unexpected => Committed::Unexpected,
        })
    }
}

fn entries(given: Vec<wit::Entry>) -> Vec<Entry> {
    let entry = |wit::Entry { key, value }| Entry { key, value };
    given.into_iter().map(entry).collect()
}

/// The store of one instance, which lives for one call of the connector.
pub type Opened<S> = Store<<S as Service>::Destination, HostLedger>;

/// A service that is exported.
pub trait ExportedService: Service + 'static {
    /// Where this instance keeps its store: a thread local of the component's.
    fn place() -> &'static LocalKey<OnceCell<Opened<Self>>>;
}

/// What the contract exports of a service.
pub struct Exported<S>(PhantomData<S>);

fn with_store<S: ExportedService, T>(
    ask: impl FnOnce(&Opened<S>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    S::place().with(|place| {
        if let Some(store) = place.get() {
            return ask(store);
        }
        let destination = S::open(&target_settings::get())?;
        ask(place.get_or_init(|| {
            Store::new(
                destination,
                HostLedger,
                Box::new(HostClock::start()),
                Box::new(HostEntropy),
                Retention::default(),
            )
        }))
    })
}

impl<S: ExportedService> contact_store::Guest for Exported<S> {
    fn describe() -> Result<Description, StoreError> {
        with_store::<S, _>(Store::describe)
    }

    fn lookup(query: Query) -> Result<Vec<Contact>, StoreError> {
        with_store::<S, _>(|store| store.lookup(query))
    }

    fn same(source: String, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        with_store::<S, _>(|store| store.same(&source, &users))
    }

    fn changed_since(
        _source: String,
        _since: Option<String>,
        _limit: u32,
    ) -> Result<EditsSince, StoreError> {
        with_store::<S, _>(|store| Ok(store.changed_since()))
    }

    /// The service tells of nobody whom the connector does not ask for.
    fn unlinked(
        _source: String,
        _after: Option<String>,
        _limit: u32,
        _fields: Vec<String>,
    ) -> Result<Vec<Contact>, StoreError> {
        Ok(Vec::new())
    }

    fn apply(commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        with_store::<S, _>(|store| store.apply(commit))
    }

    fn open_round(source: String, round: String, resume: bool) -> Result<RoundInfo, StoreError> {
        with_store::<S, _>(|store| store.open_round(&source, &round, resume))
    }

    fn unseen(
        source: String,
        round: String,
        after: Option<String>,
        limit: u32,
        fields: Vec<String>,
    ) -> Result<Vec<Contact>, StoreError> {
        with_store::<S, _>(|store| store.unseen(&source, &round, after.as_deref(), limit, &fields))
    }

    fn close_round(source: String, round: String) -> Result<(), StoreError> {
        with_store::<S, _>(|store| store.close_round(&source, &round))
    }

    fn run_journal(
        source: String,
        run: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        with_store::<S, _>(|store| store.run_journal(&source, &run, after.as_deref(), limit))
    }

    fn journal(source: String, who: Who, limit: u32) -> Result<Vec<JournalEntry>, StoreError> {
        with_store::<S, _>(|store| store.journal(&source, &who, limit))
    }

    fn notes(source: String, who: Who) -> Result<Vec<Noted>, StoreError> {
        with_store::<S, _>(|store| store.notes(&source, &who))
    }

    fn get_statistics(source: String, fields: Vec<String>) -> Result<Statistics, StoreError> {
        with_store::<S, _>(|store| store.get_statistics(&source, &fields))
    }
}

impl<S: ExportedService> state::Guest for Exported<S> {
    fn get(key: String) -> Result<Found, StoreError> {
        with_store::<S, _>(|store| store.get(&key))
    }

    fn get_many(keys: Vec<String>) -> Result<Vec<Entry>, StoreError> {
        with_store::<S, _>(|store| store.get_many(&keys))
    }

    fn list(prefix: String, after: Option<String>, limit: u32) -> Result<Vec<Entry>, StoreError> {
        with_store::<S, _>(|store| store.list(&prefix, after.as_deref(), limit))
    }
}

impl<S: ExportedService> target::Guest for Exported<S> {
    fn describe() -> TargetDescription {
        S::describe(&target_settings::get())
    }

    fn check() -> Result<String, ServiceFailure> {
        service::check::<S>(&target_settings::get())
    }
}
