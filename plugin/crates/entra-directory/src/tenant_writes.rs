//! A tenant as a sync writes it: the client that reads it, behind [`DirectoryWriter`].

use std::time::Duration;

use sync_core::ports::DirectoryError;
use sync_core::ports::directory_writer::{
    DirectoryWriter, Guest, InvitationOutcome, Permitted, PersonWrite, Right, WriteOutcome,
};

use crate::directory::Tenant;

impl DirectoryWriter for Tenant<'_> {
    fn permits(&self, right: Right<'_>) -> Result<Permitted, DirectoryError> {
        self.writing().permits(right)
    }

    fn write(&self, people: &[PersonWrite]) -> Result<Vec<Vec<WriteOutcome>>, DirectoryError> {
        self.writing().write(people)
    }

    fn invite(&self, guests: &[Guest]) -> Result<Vec<InvitationOutcome>, DirectoryError> {
        self.writing().invite(guests)
    }

    fn time_for(&self, people: u64, sensitive: u64) -> Duration {
        self.writing().time_for(people, sensitive)
    }
}
