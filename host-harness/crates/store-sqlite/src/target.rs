//! What a contact is to be once the changes of a reversal are taken back. It is worked out before the
//! first write, from the contact as it is and from what each change replaced, newest first.

use std::collections::BTreeSet;

use connector_contract::{Effect, Field, GivenValue};

use super::base;
use super::errors::DatabaseError;
use super::parts::Undone;

/// The contact as it is to be.
pub(super) struct Target {
    /// `false` where the changes made it.
    pub(super) exists: bool,
    pub(super) active: bool,
    /// The base of its link, where it is to be linked.
    pub(super) link: Option<Vec<Field>>,
    /// Whose it was until it lost its link, where it is to have none.
    pub(super) former: Option<String>,
    /// Lists of this connection.
    pub(super) lists: BTreeSet<String>,
}

impl Target {
    /// Goes back behind one change. The base goes back for the restored fields, or as a whole where
    /// nothing was written since.
    pub(super) fn go_behind(
        &mut self,
        undone: &Undone,
        restored: Option<&[String]>,
    ) -> Result<(), DatabaseError> {
        let before = &undone.before;
        let base = before.base.as_deref().map(base::from_text).transpose()?;
        match (undone.effect, &mut self.link) {
            (Effect::Create, _) => self.exists = false,
            (Effect::Link, _) => {
                self.link = None;
                self.former.clone_from(&before.former);
            }
            (Effect::Unlink, _) => self.link = Some(base.unwrap_or_default()),
            // A reversal that found no link, and left none.
            (_, None) => self.former.clone_from(&before.former),
            (_, Some(link)) => match (base, restored) {
                (Some(base), Some(restored)) => put_back(link, &base, restored),
                (Some(base), None) => *link = base,
                (None, _) => {}
            },
        }
        Ok(())
    }
}

impl Target {
    /// Of what the directory was given back, the base is what both sides hold.
    pub(super) fn agree(&mut self, directory: &[GivenValue]) {
        let Some(link) = &mut self.link else {
            return;
        };
        for given in directory.iter().filter(|given| given.answered) {
            link.retain(|field| field.name != given.field);
            link.extend(given.change.after.clone().map(|value| Field {
                name: given.field.clone(),
                value,
            }));
        }
    }
}

/// Puts the base of the restored fields back. Also where this change wrote none of them: an earlier or a
/// later one of the same run did, and what they all make of the base is taken back together.
fn put_back(link: &mut Vec<Field>, former: &[Field], restored: &[String]) {
    for name in restored {
        link.retain(|field| field.name != *name);
        link.extend(former.iter().find(|field| field.name == *name).cloned());
    }
}

/// Whether a contact is linked, or not, as the changes left it or as it was before them. `untouched`:
/// nothing was written to it since.
pub(super) fn link_fits(newest: &Undone, is_linked: bool, untouched: bool) -> bool {
    match newest.effect {
        // Linked again since, it is as before.
        Effect::Unlink => true,
        // Entries from before `leaves_unlinked` was kept do not have it; a version that is theirs tells
        // as much.
        _ => untouched || is_linked != newest.before.leaves_unlinked,
    }
}
