//! The directory, as something that takes guests.
//!
//! It can be asked who has an address, and to invite somebody. An invitation makes a guest, who signs in elsewhere:
//! there is no request here that makes an account with a password, takes one away, or switches one off or on. Nobody can
//! take an invitation back, and a directory tells no list of those that were sent, so whoever asks remembers it.

use std::time::Duration;

use sync_decisions::reconcile::guest::Account;

use crate::contact::ObjectId;

use super::DirectoryError;
use super::directory_writer::Permitted;

/// The most people whom one call takes.
pub const PEOPLE_AT_ONCE: usize = 20;

/// A directory that takes guests.
pub trait Inviter {
    /// Whether the application may invite, and see whoever must not be invited, as far as that is known without trying
    /// it: nothing is sent to find out.
    ///
    /// # Errors
    ///
    /// Where nobody can sign in.
    fn permits(&self) -> Result<Permitted, DirectoryError>;

    /// Who has any of the addresses of each of these people: users in any way in which a user has an address,
    /// organisational contacts, and deleted users. At most [`PEOPLE_AT_ONCE`] people; the answers are in their order.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer. A failure about one of them is [`Account::Unknown`].
    fn accounts(&self, people: &[Vec<String>]) -> Result<Vec<Account>, DirectoryError>;

    /// Invites each of these people, at most [`PEOPLE_AT_ONCE`]; the outcomes are in their order. Nothing is sent a
    /// second time. Waits beforehand for as long as the directory's limit on writes asks.
    ///
    /// # Errors
    ///
    /// Only where nothing was sent.
    fn invite(&self, guests: &[Guest]) -> Result<Vec<InviteOutcome>, DirectoryError>;
}

/// Somebody who is to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// To which the invitation is addressed.
    pub address: String,
    /// What the guest is called; the directory finds a name where this says none.
    pub display_name: Option<String>,
}

/// What became of one invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteOutcome {
    /// The directory has the guest, as this user. It need not show them at once.
    Invited(ObjectId),
    /// It does not take this address, and trying again does not help.
    Refused {
        /// Stable, for programs: the directory's own code.
        code: String,
    },
    /// It lets the application invite nobody.
    Barred {
        /// Stable, for programs: the directory's own code.
        code: String,
    },
    /// Nothing was done; it can be tried again.
    Later {
        /// Not earlier than this, from now, where the directory says so.
        retry_after: Option<Duration>,
        /// Stable, for programs.
        code: String,
    },
    /// It was sent, and no answer came that tells. It must not be sent again before it was looked for.
    Unknown {
        /// Stable, for programs.
        code: String,
    },
}
