//! `plan-undo` and `undo`: takes back what one run did.
//!
//! The journal of the contact store says what the run did; [`invert_user`] says, given the contacts as
//! they are now, what takes it back. What the run gave the directory goes back together with the contact's
//! field, and for that alone the directory is asked (`there.rs`) and written to (`back.rs`). A plan is made first;
//! only its changes are performed, and only where they are still what was approved. Every page is one commit
//! with the record of the undo and the place where it stands, so an undo that is killed goes on where
//! it was.
//!
//! [`invert_user`]: crate::reconcile::invert::invert_user

mod back;
mod checkpoint;
mod history;
mod perform;
mod plan;
mod recovery;
#[cfg(test)]
mod tests;
mod there;

pub use perform::{UndoRequest, undo};
pub use plan::plan_undo;
pub(super) use recovery::{correct, forget, is_of};

use history::{Archive, History};

use crate::ports::{FieldRole, Phase, Ports, Progress};
use crate::reconcile::account::Part;
use crate::reconcile::invert::Undoing;
use crate::run::RunRecord;

use super::call::{CallError, Prepared};
use super::directory::Directory;
use super::giving;
use there::Reach;

/// Takes the place of a configuration's fingerprint in the digest of an undo: no plan of a sync can
/// have the digest of an undo, nor one run's undo that of another's.
fn seed(run: &str) -> String {
    format!("undo of run {run}")
}

/// The run that is to be taken back.
struct Target<'a> {
    ports: Ports<'a>,
    prepared: &'a Prepared,
    /// The namespace of the object ids.
    source: &'a str,
    run: &'a str,
    /// The store's field that holds the address.
    match_field: &'a str,
    reach: Reach<'a>,
}

impl<'a> Target<'a> {
    fn new(
        ports: Ports<'a>,
        prepared: &'a Prepared,
        directory: Option<&'a dyn Directory>,
        source: &'a str,
        run: &'a str,
    ) -> Self {
        Self {
            ports,
            prepared,
            source,
            run,
            reach: Reach::new(ports, prepared, directory),
            match_field: prepared
                .store
                .field_with_role(&FieldRole::Email)
                .map_or("email", |field| field.name.as_str()),
        }
    }

    /// What the run did, from the first user or from the one after `after`.
    fn history(&self, after: Option<crate::contact::ObjectId>) -> History<'_, 'a> {
        let archive = Archive {
            store: self.ports.store,
            source: self.source,
            max_batch: self.prepared.store.max_batch,
            match_field: self.match_field,
        };
        // What the directory is to be given is committed in portions, as a sync does it.
        let users = if self.prepared.settings.writes_directory() {
            giving::BATCH
        } else {
            history::BATCH
        };
        History::new(archive, &self.reach, self.run, after, users)
    }

    /// Notes what stays as it is of what the run did to somebody.
    fn remark(&self, run: &mut RunRecord, undoing: &Undoing) {
        run.leave_alone(undoing.left_alone.iter().map(|part| self.label(part)));
        for staying in &undoing.stays {
            let label = self.label(&Part::Field(staying.field.clone()));
            run.leave_there(label, staying.why);
        }
    }

    fn nothing_to_undo(&self) -> CallError {
        CallError::NothingToUndo {
            run: self.run.to_owned(),
        }
    }

    /// What people call a part of a contact. A field may be one that the configuration no longer maps.
    fn label(&self, part: &Part) -> String {
        let field = match part {
            Part::Lists => return "Lists".to_owned(),
            Part::Field(field) => field,
        };
        let rows = &self.prepared.settings.rows;
        rows.iter()
            .find(|row| row.field == *field)
            .map(|row| row.label.clone())
            .or_else(|| {
                let described = self.prepared.store.field(field)?;
                Some(described.label.clone())
            })
            .unwrap_or_else(|| field.clone())
    }
}

fn progress(phase: Phase, done: u64, total: Option<u64>) -> Progress {
    Progress::new(phase, done, total)
}
