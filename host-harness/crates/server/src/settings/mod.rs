//! The configuration document of a workspace, and the form in which it is edited.
//!
//! The document is the truth; a form shows it and is written back into it. What no form shows (limits, the
//! order of addresses) stays as it is.

mod document;
mod form;
mod form_words;
mod from_form;
mod groups;
mod platform;
mod policies;
mod preset;
#[cfg(test)]
mod tests;
mod written;

pub(crate) use self::document::{
    CERTIFICATE_KEY, CLIENT_SECRET, DESTINATION_SECRET, Held, KEY_PREFIX, Settings, vault_name,
};
pub(crate) use self::form::{SettingsForm, unsayable};
pub(crate) use self::form_words::Lists;
pub(crate) use self::groups::GroupsForm;
pub(crate) use self::platform::PLATFORM;
pub(crate) use self::policies::POLICIES;
pub(crate) use self::preset::Preset;
pub(crate) use self::written::filter_rows;
