//! The directory, as something that takes values: writes to people it knows already.
//!
//! What can be asked here is all that is ever written to a directory. There is no request in it that makes an
//! account with a password, takes one away, switches one off or on, or touches how somebody signs in.
//!
//! A directory gives no versions of its people, so a write is guarded by comparing: each [`AttributeWrite`] has
//! the value that it was decided on, the writer reads the person afresh, and leaves out what has moved. Between
//! the comparison and the write there are milliseconds in which somebody else may write, and then the later
//! value counts; nothing that a directory offers closes that gap.
//!
//! A write that the directory has taken need not be seen by the next read, and a page of changes may show the
//! old value after the new one. Success is what the directory *answered*, so it is not read again to confirm it.

use std::time::Duration;

use contact_identity::form::Form;

use crate::contact::ObjectId;

use super::DirectoryError;

/// The most people whom one call takes.
pub const PEOPLE_A_WRITE: usize = 20;

/// A directory that takes values.
pub trait DirectoryWriter {
    /// Whether the application may write this attribute of people, as far as that is known without trying it: nothing
    /// is written to find out. Signs in where that was not done yet.
    ///
    /// # Errors
    ///
    /// Where nobody can sign in.
    fn permits(&self, attribute: &str) -> Result<Permitted, DirectoryError>;

    /// How long it takes at least to write so many people, where the directory limits how fast that may be done.
    fn time_for(&self, _people: u64) -> Duration {
        Duration::ZERO
    }

    /// Reads each person, compares, and writes what still stands: at most [`PEOPLE_A_WRITE`] people, none of
    /// them twice. Waits beforehand for as long as the directory's limit on writes asks. The outcomes are the
    /// people's in their order, and of each person one for each write in its order.
    ///
    /// # Errors
    ///
    /// Only where nothing was sent that could write: then no outcome is lost. What goes wrong later is the
    /// outcome of those whom it concerns. [`DirectoryErrorKind::Throttled`](super::DirectoryErrorKind::Throttled)
    /// where the limit asks for more patience than the call has.
    fn write(&self, people: &[PersonWrite]) -> Result<Vec<Vec<WriteOutcome>>, DirectoryError>;
}

/// Whether the application may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permitted {
    /// It has the permission. That of one person it may still be refused is no contradiction.
    Yes,
    /// It has not; this is the least that gives it.
    No {
        /// The permission's name, as an administrator finds it.
        permission: &'static str,
    },
    /// What it has cannot be seen.
    Unknown,
    /// Nobody may: this is nothing that the connector writes.
    Never,
}

/// What is to be written about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonWrite {
    /// Who.
    pub user: ObjectId,
    /// What; none of the attributes twice.
    pub writes: Vec<AttributeWrite>,
}

/// One value to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeWrite {
    /// As the catalogue of attributes names it.
    pub attribute: String,
    /// In which it is compared.
    pub form: Form,
    /// The directory's value on which this was decided, as mapping reads it; `None`: that it holds nothing.
    pub decided_on: Option<String>,
    /// What it shall hold, as a field holds it and never empty; `None` empties it.
    pub value: Option<String>,
}

/// What became of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// The directory took it.
    Written,
    /// Nothing was sent: the directory holds it already, or a telephone number of the same digits. Such a number
    /// is never rewritten, since its form may be what signs somebody in.
    InPlace {
        /// What it holds, as mapping reads it.
        now: Option<String>,
    },
    /// Nothing was sent: the directory holds something else than what this was decided on.
    Moved,
    /// It does not take it, and trying again does not help.
    Refused(Refusal),
    /// The person is not among the people any more.
    Gone,
    /// Nothing was written; it can be tried again.
    Later {
        /// Not earlier than this, from now, where the directory says so.
        retry_after: Option<Duration>,
        /// Stable, for programs: the service's own code, else one of the connector.
        code: String,
    },
    /// It was sent, and no answer came that tells: whether it was written, reading the person shows. It must not
    /// be sent again without that.
    Unknown {
        /// Stable, for programs.
        code: String,
    },
}

/// Why something is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The application lacks a permission. Where it is everybody's, it is a matter of consent.
    Permission,
    /// What the person has is mastered elsewhere (in a directory on premises, by Exchange), and only there can it
    /// be changed.
    MasteredElsewhere,
    /// Nobody can write this attribute, or the connector never does.
    ReadOnly,
    /// The person has an active role in the directory, and the attribute may serve to get into an account.
    Privileged,
    /// Whether the person has a role in the directory cannot be seen, and without knowing it the attribute is not
    /// written.
    RolesUnknown,
    /// The attribute holds several values, and to empty it would take away more than the one that is known.
    SeveralValues,
    /// What the contact holds is nothing that the directory is given: known beforehand, and nothing was asked.
    Unfit {
        /// Why, stable, for programs.
        code: &'static str,
    },
    /// The directory refused a value. It need not say of which attribute, and then it is the outcome of all that were
    /// sent together.
    Value {
        /// The directory's own code.
        code: String,
    },
    /// Another reason.
    Other {
        /// Stable, for programs.
        code: String,
    },
}
