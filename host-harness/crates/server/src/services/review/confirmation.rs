//! That whoever approves knows how many contacts are deleted.

use crate::services::error::ServiceError;

/// What somebody approves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approving<'a> {
    /// Of a plan, or of what a limit stopped.
    pub(crate) digest: &'a str,
    /// How many contacts they know to be deleted by it.
    pub(crate) deletions: Option<u64>,
}

/// That whoever approves knows how many contacts are deleted.
///
/// # Errors
///
/// [`ServiceError::Unconfirmed`].
pub(crate) fn confirm_deletions(deletions: u64, given: Option<u64>) -> Result<(), ServiceError> {
    if given.unwrap_or(0) == deletions {
        Ok(())
    } else {
        Err(ServiceError::Unconfirmed { deletions, given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_is_approved_by_its_number_and_by_no_other() {
        assert!(confirm_deletions(0, None).is_ok());
        assert!(confirm_deletions(0, Some(0)).is_ok());
        assert!(confirm_deletions(8, Some(8)).is_ok());
        for (deletions, given) in [(8, None), (8, Some(0)), (8, Some(9)), (0, Some(8))] {
            let refused = confirm_deletions(deletions, given).unwrap_err().to_string();
            assert!(
                refused.contains(&format!("deletes {deletions} contact")),
                "{refused}"
            );
        }
    }
}
