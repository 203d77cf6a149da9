//! How many files and connections this process may have open.

/// What a process has where nobody says otherwise.
const USUAL: u64 = 1_024;

/// Raises the number to the most that the system allows without a privilege; how many there are then.
pub(super) fn raised() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!(%error, "the number of open files cannot be raised");
            rlimit::Resource::NOFILE.get_soft().unwrap_or(USUAL)
        }
    }
}
