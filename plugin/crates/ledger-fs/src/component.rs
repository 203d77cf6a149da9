//! The ledger as a component: over the directory that its host gives under the name `/ledger`. For WebAssembly only.

#![allow(
    unsafe_code,
    reason = "the exports are generated from wit/, where every item is documented"
)]

use std::cell::RefCell;

use crate::{Directory, Expectation, FolderLedger, LedgerError, Write};

#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::allow_attributes_without_reason,
    reason = "generated from wit/, where every item is documented"
)]
mod bindings {
    // With `types`, of which every part of a composed file then has these: the file asks its host for none.
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package contact-sync:ledger-fs;

            world ledger-fs {
                export contact-sync:connector/types@0.2.0;
                include contact-sync:connector/ledger-provider@0.2.0;
            }
        ",
        generate_all,
    });
}

use bindings::exports::contact_sync::connector::ledger as wit;
use bindings::exports::contact_sync::connector::types::StoreError;

/// Under which name the host gives the directory.
const DIRECTORY: &str = "/ledger";

thread_local! {
    /// Of this instance, which lives for one call of the connector.
    static LEDGER: RefCell<Option<FolderLedger<Directory>>> = const { RefCell::new(None) };
}

struct Component;

fn with_ledger<T>(
    ask: impl FnOnce(&mut FolderLedger<Directory>) -> Result<T, LedgerError>,
) -> Result<T, StoreError> {
    LEDGER.with_borrow_mut(|place| {
        if let Some(ledger) = place {
            return ask(ledger).map_err(told);
        }
        let opened = FolderLedger::open(Directory::at(DIRECTORY)).map_err(told)?;
        ask(place.insert(opened)).map_err(told)
    })
}

fn told(error: LedgerError) -> StoreError {
    let text = error.to_string();
    match error {
        LedgerError::Folder { .. } | LedgerError::Unclear => StoreError::Unavailable(text),
        LedgerError::Damaged { .. } => StoreError::Damaged(text),
        LedgerError::SomebodyElse => StoreError::LeaseLost(text),
        LedgerError::TooLong { .. } => StoreError::Other(text),
    }
}

fn entries(found: Vec<crate::Entry>) -> Vec<wit::Entry> {
    let entry = |crate::Entry { key, value }| wit::Entry { key, value };
    found.into_iter().map(entry).collect()
}

impl wit::Guest for Component {
    fn get(keys: Vec<String>) -> Result<Vec<wit::Entry>, StoreError> {
        with_ledger(|ledger| ledger.get(&keys)).map(entries)
    }

    fn scan(
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<wit::Entry>, StoreError> {
        with_ledger(|ledger| ledger.scan(&prefix, after.as_deref(), limit)).map(entries)
    }

    fn commit(
        expect: Vec<wit::Expectation>,
        writes: Vec<wit::Write>,
    ) -> Result<wit::Committed, StoreError> {
        let expect: Vec<_> = expect
            .into_iter()
            .map(|wit::Expectation { key, value }| Expectation { key, value })
            .collect();
        let writes = writes
            .into_iter()
            .map(|wit::Write { key, value }| Write { key, value })
            .collect();
        with_ledger(|ledger| ledger.commit(&expect, writes)).map(|committed| match committed {
            crate::Committed::Kept => wit::Committed::Kept,
            crate::Committed::Unexpected => wit::Committed::Unexpected,
        })
    }
}

bindings::export!(Component with_types_in bindings);
