//! A store of contacts, whatever keeps it.
//!
//! A connector sees a store as the three interfaces of the contract,
//! [`ConnectorStore`](connector_contract::imports::ConnectorStore). Whoever runs connectors, and the people
//! who look after a workspace, need more of it: [`AdminStore`] is that side. Commands and server work with
//! `Arc<dyn AdminStore>`, and name a database only where they open one.
//!
//! Every method is an ordinary blocking function, as database clients are: call it where blocking is
//! allowed. A method that fails has changed nothing.
//!
//! ```
//! use store_api::{AdminStore, BackendError, ContactFilter};
//!
//! /// The ids of those whom no directory user is linked to.
//! fn unlinked(store: &dyn AdminStore) -> Result<Vec<String>, BackendError> {
//!     let filter = ContactFilter {
//!         linked: Some(false),
//!         ..ContactFilter::default()
//!     };
//!     let contacts = store.contacts(filter);
//!     contacts.map(|contact| Ok(contact?.id)).collect()
//! }
//! ```
//!
//! With the feature `suite`, `suite` has the tests that every store passes.

mod admin;
mod contacts;
mod error;
mod lease;
mod records;
#[cfg(feature = "suite")]
pub mod suite;

pub use self::admin::AdminStore;
pub use self::contacts::{ContactFilter, ContactPage, ContactRow, Contacts, EditError};
pub use self::error::BackendError;
pub use self::lease::{Holder, LeaseError, LeaseHeld, LeasedStore, TakeOver};
pub use self::records::{ChangedRun, NotedUser, PlanFilter, PlanRecord};
