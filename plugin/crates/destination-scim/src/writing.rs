//! Users written: with the guard of what was read, and looked at afterwards.

use std::rc::Rc;

use destination_kit::destination::{
    Attempt, DestinationError, Failure, Guard, Patch, Record, RemoteId,
};
use guest_kit::Method;

use crate::change::Change;
use crate::client::Failed;
use crate::fields::USER_NAME;
use crate::probing::Server;
use crate::reading::user_path;
use crate::refusal::{MANAGED_ELSEWHERE, NOT_KEPT, refusal};
use crate::resource::Resource;
use crate::scim::Scim;
use crate::tie::Owner;

/// One write of one user.
pub(crate) struct Write<'w> {
    id: &'w RemoteId,
    known: Resource,
    guard: Option<Guard>,
    change: &'w Change,
}

/// How a change is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    whole: bool,
    active_as_text: bool,
}

impl Scim<'_> {
    pub(crate) async fn write_one(&self, patch: &Patch) -> Attempt<Record> {
        let server = self.server().await?;
        let known = Resource::of_record(&patch.known);
        if known.owner() == Owner::Somebody {
            return Err(Failure::Refused(refusal(None, MANAGED_ELSEWHERE)));
        }
        let tie = patch.tie.as_ref().map(Option::as_ref);
        let active = patch.active.filter(|_| server.deactivates);
        let change = Change::of(&patch.writes, active, tie).map_err(Failure::Refused)?;
        if change.is_empty() {
            return Ok(patch.known.clone());
        }
        let mut write = Write {
            id: &patch.known.id,
            known,
            guard: patch.known.guard.clone(),
            change: &change,
        };
        if write.guard.is_none() && (server.guards || change.states_elements()) {
            self.look_again(&server, &mut write, &patch.known).await?;
        }
        let written = self.send_change(&server, &write, &patch.known).await?;
        Ok(self.told(&server, &written))
    }

    /// The user is read once more, where what is sent states something as it was read, and no version says whether
    /// that is still so: whether it is still the one that was decided on.
    async fn look_again(
        &self,
        server: &Rc<Server>,
        write: &mut Write<'_>,
        known: &Record,
    ) -> Attempt<()> {
        let user = self.by_id(write.id).await?.ok_or(Failure::Gone)?;
        let now = self.told(server, &user);
        if (&now.fields, &now.tie, now.active) != (&known.fields, &known.tie, known.active) {
            return Err(Failure::Changed);
        }
        write.guard = now.guard;
        write.known = user;
        Ok(())
    }

    /// Sends a change in the form that is known to work, or in one after another until one does.
    async fn send_change(
        &self,
        server: &Rc<Server>,
        write: &Write<'_>,
        known: &Record,
    ) -> Attempt<Resource> {
        let mut refused = None;
        let mut write = Write {
            id: write.id,
            known: write.known.clone(),
            guard: write.guard.clone(),
            change: write.change,
        };
        // Whether the user was read for this write, and not only for deciding on it.
        let mut is_fresh = false;
        for form in self.forms(server, write.change) {
            if form.whole && write.guard.is_none() && !is_fresh {
                self.look_again(server, &mut write, known).await?;
                is_fresh = true;
            }
            let after = match self.send_in(form, &write).await {
                Ok(after) => after,
                Err(Failed::Invalid(complaint)) if !complaint.is_uniqueness() => {
                    refused.get_or_insert(Failure::Refused(complaint.refusal()));
                    continue;
                }
                Err(Failed::Unsupported) => continue,
                Err(failed) => return self.what_became_of_it(&write, failed).await,
            };
            let left = write.change.not_done(&write.known, &after);
            if left.is_empty() {
                self.remember_form(form, write.change);
                return Ok(after);
            }
            let field = left.first_field();
            refused.get_or_insert(Failure::Refused(refusal(field, NOT_KEPT)));
            // The next form is sent for the user as it is by now.
            write.guard = write
                .guard
                .and_then(|_| after.version().map(|version| Guard(version.to_owned())));
            write.known = after;
            is_fresh = true;
        }
        Err(refused.unwrap_or_else(|| Failure::Refused(refusal(None, NOT_KEPT))))
    }

    /// The forms that are worth trying, the best first.
    fn forms(&self, server: &Server, change: &Change) -> Vec<Form> {
        let whole = match (self.ways.whole.get(), server.is_without_patch) {
            (Some(whole), _) => vec![whole],
            (None, true) => vec![true],
            (None, false) => vec![false, true],
        };
        let text = self.ways.active_as_text.get();
        let texts = match change.active {
            Some(_) => vec![text, !text],
            None => vec![text],
        };
        let of_form = |whole: bool| {
            let texts = texts.iter();
            texts
                .map(move |active_as_text| Form {
                    whole,
                    active_as_text: *active_as_text,
                })
                .collect::<Vec<_>>()
        };
        whole.into_iter().flat_map(of_form).collect()
    }

    fn remember_form(&self, form: Form, change: &Change) {
        self.ways.whole.set(Some(form.whole));
        if change.active.is_some() {
            self.ways.active_as_text.set(form.active_as_text);
        }
    }

    /// The user as it is afterwards.
    async fn send_in(&self, form: Form, write: &Write<'_>) -> Result<Resource, Failed> {
        let (method, body) = if form.whole {
            let body = write.change.whole(&write.known, form.active_as_text);
            (Method::Put, body)
        } else {
            let body = write.change.patch(&write.known, form.active_as_text);
            (Method::Patch, body)
        };
        let path = user_path(write.id);
        let answer = self
            .client
            .write(method, &path, Some(&body), write.guard.as_ref())
            .await?;
        // 204, or an answer that is not the user: it is read.
        let told = Resource::read(&answer).filter(|user| user.id() == write.id);
        if let Some(user) = told.filter(|user| user.value(user_name()).is_some()) {
            return Ok(user);
        }
        let read = self.by_id(write.id).await.map_err(Failed::Unusable)?;
        read.ok_or(Failed::Missing)
    }

    /// What a failure means, where the request may have been performed all the same: a request that is sent again
    /// finds its own work, and is told that the user has changed.
    async fn what_became_of_it(&self, write: &Write<'_>, failed: Failed) -> Attempt<Resource> {
        let may_be_done = match &failed {
            Failed::Changed => write.guard.is_some(),
            Failed::Unanswered(destination_kit::Unanswered::Lost(_)) => true,
            _ => false,
        };
        if may_be_done
            && let Some(user) = self.by_id(write.id).await.ok().flatten()
            && write.change.is_shown_by(&user)
        {
            return Ok(user);
        }
        Err(match failed {
            Failed::Conflict if write.change.writes_user_name() => taken(),
            failed => failed.plain(),
        })
    }

    /// The user of a record, and that nobody else's program goes by it.
    ///
    /// # Errors
    ///
    /// [`Failure::Gone`], or the refusal.
    pub(crate) async fn own(&self, id: &str) -> Attempt<Resource> {
        let user: Result<_, DestinationError> = self.by_id(id).await;
        let user = user?.ok_or(Failure::Gone)?;
        if user.owner() == Owner::Somebody {
            return Err(Failure::Refused(refusal(None, MANAGED_ELSEWHERE)));
        }
        Ok(user)
    }
}

/// That somebody has the user name.
pub(crate) fn taken() -> Failure {
    Failure::Refused(refusal(Some(USER_NAME), "duplicate"))
}

fn user_name() -> crate::fields::Place {
    crate::fields::Place::Attribute("userName")
}
