//! Changing the organisational contacts of the tenant while it runs.

use emulated_directory::ChangeError;
use serde_json::{Map, Value};

use super::control::{Control, object};

impl Control {
    /// Adds an organisational contact, a JSON object of Graph properties. Without an `id` it gets one. Returns the
    /// object id.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] and [`ChangeError::IdTaken`].
    pub fn add_contact(&self, contact: Value) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.add_contact(object(contact)?, now)
    }

    /// Everything that is set on an organisational contact.
    #[must_use]
    pub fn contact(&self, id: &str) -> Option<Map<String, Value>> {
        let directory = self.service().directory();
        let others = directory.groups().others();
        others.contact(others.find_contact(id)?).cloned()
    }

    /// Sets the members of a JSON object on an organisational contact; `null` and `[]` clear a property.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchContact`] and [`ChangeError::Invalid`]; nothing is changed then.
    pub fn edit_contact(&self, id: &str, changes: Value) -> Result<(), ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.edit_contact(id, object(changes)?, now)
    }

    /// Deletes an organisational contact, which is for good.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchContact`].
    pub fn delete_contact(&self, id: &str) -> Result<(), ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.delete_contact(id, now)
    }
}
