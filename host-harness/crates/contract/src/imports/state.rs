//! The small durable state of one workspace's connector, read here and written by
//! [`ContactStore::apply`](super::ContactStore::apply).

use crate::{StateEntry, StoreError};

/// Reads a connector's state: interface `state` of the contract.
pub trait State: Send + Sync {
    /// The value of one key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Those of the entries that are there, in any order.
    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError>;

    /// Entries whose key starts with `prefix`, in byte order of the key, after `after`, at most
    /// `limit`.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError>;
}
