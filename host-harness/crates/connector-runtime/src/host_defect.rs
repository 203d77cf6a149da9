//! A fault of the platform, which is none of the component's.

/// The platform's implementation of an import panicked.
#[derive(Debug, thiserror::Error)]
#[error("the host's implementation of {import} panicked")]
pub(super) struct HostDefect {
    pub(super) import: &'static str,
}
