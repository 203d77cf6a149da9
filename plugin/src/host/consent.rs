//! Consent, as the host gives it.

use crate::imports::Consent;

use super::bindings::imports::consent as wit;

/// The host's consent.
pub(super) struct HostConsent;

impl Consent for HostConsent {
    fn endpoint(&self, root: &str) -> bool {
        wit::endpoint(root)
    }
}
