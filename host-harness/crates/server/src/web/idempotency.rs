//! Carrying a form out once, however often it arrives.
//!
//! A form is known by its idempotency key: a hash of its token and of everything else it says, so that the
//! same page with other content is another form. The hash is keyed with the session, which the records do not
//! hold: whoever reads them cannot try out what a form said.
//!
//! Only what was carried out is kept, with where it led. What is being carried out, this process alone
//! knows; so nothing has to be taken back where a form fails, or the process ends in between, and such a
//! form may come again.

use std::sync::Arc;

use axum::response::Response;

use super::failure::Failure;
use super::forms::{VerifiedForm, see_other};

/// What became of a form.
pub(super) enum Submission {
    /// It was carried out, and leads there.
    Done(String),
    /// It was not, and is shown again with what is wrong.
    Refused(Response),
}

impl VerifiedForm {
    /// Carries the form out, unless it was already, and leads on.
    pub(super) async fn submit_once<C, F>(self, carry_out: C) -> Result<Response, Failure>
    where
        C: FnOnce(Arc<Self>) -> F + Send + 'static,
        F: Future<Output = Result<String, Failure>> + Send + 'static,
    {
        let carried = Arc::new(self).submit_once_or_refuse(async move |submitted| {
            let location = carry_out(submitted).await?;
            Ok(Submission::Done(location))
        });
        match carried.await? {
            Submission::Done(location) => Ok(see_other(&location)),
            Submission::Refused(response) => Ok(response),
        }
    }

    /// Carries the form out, unless it was already: where it leads, which is where it led. A form that was
    /// not carried out may come again.
    ///
    /// It is carried out to its end also where the browser does not wait: a second click takes the place of
    /// the first request, and hears what became of it.
    pub(super) async fn submit_once_or_refuse<C, F>(
        self: Arc<Self>,
        carry_out: C,
    ) -> Result<Submission, Failure>
    where
        C: FnOnce(Arc<Self>) -> F + Send + 'static,
        F: Future<Output = Result<Submission, Failure>> + Send + 'static,
    {
        let work = tokio::spawn(async move {
            let app = Arc::clone(&self.user.ws.app);
            let workspace = self.user.ws.id.clone();
            let key = self.idempotency_key()?;
            let in_flight = Arc::clone(&self.in_flight);
            let _turn = in_flight.turn(&key).await;
            if let Some(location) = app.db.submitted(&workspace, &key)? {
                return Ok(Submission::Done(location));
            }
            let carried = carry_out(self).await?;
            if let Submission::Done(location) = &carried {
                let kept = app
                    .db
                    .keep_submission(&workspace, &key, location, app.now_ms());
                // It was carried out, and nothing else may be said.
                if let Err(error) = kept {
                    tracing::warn!(%error, "keeping a submission failed");
                }
            }
            Ok(carried)
        });
        work.await.unwrap_or_else(|_| Err(Failure::broken()))
    }
}
