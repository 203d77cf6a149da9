//! Addresses of people who have no contact, kept as hashes under a key of the database's own.

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::errors::DatabaseError;
use super::fields;

/// The name of the key among the settings.
const KEY: &str = "address-key";

/// The key.
pub(super) fn key(connection: &Connection) -> Result<String, DatabaseError> {
    let key = connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([KEY], |row| row.get(0))?;
    Ok(key)
}

/// The address as it is compared, hashed with the database's own key.
pub(super) fn hash(connection: &Connection, address: &str) -> Result<Vec<u8>, DatabaseError> {
    Ok(keyed_hash(&key(connection)?, address))
}

/// The address as it is compared, hashed with a key.
pub(super) fn keyed_hash(key: &str, address: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    hash.update(fields::email_key(address).as_bytes());
    hash.finalize()[..16].to_vec()
}
