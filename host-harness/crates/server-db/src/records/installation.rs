//! What the server says of itself: the address at which it is found, and whether it can save anything.

use super::RecordsError;

/// The server as a whole.
pub trait Installation: Send + Sync {
    /// Notes at which address the server is found, for sign-in links that are made beside it.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn set_public_url(&self, url: &str) -> Result<(), RecordsError>;

    /// The address at which the last server was found; none before the first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn public_url(&self) -> Result<Option<String>, RecordsError>;

    /// Writes what stands there already, to find out whether anything can be saved.
    ///
    /// # Errors
    ///
    /// Where nothing can.
    fn try_to_save(&self) -> Result<(), RecordsError>;
}
