//! Carrying a form out once, however often it arrives.
//!
//! A form is known by its mark: a hash of its token and of everything else it says, so that the same page
//! with other content is another form. The hash is keyed with the session, which the records do not hold:
//! whoever reads them cannot try out what a form said.
//!
//! Only what was carried out is kept, with where it led. What is being carried out, this process alone
//! knows; so nothing has to be taken back where a form fails, or the process ends in between, and such a
//! form may come again.

use std::sync::Arc;

use axum::response::Response;

use super::failure::Failure;
use super::forms::{Posted, see_other};

/// What became of a form.
pub(super) enum Carried {
    /// It was carried out, and leads there.
    To(String),
    /// It was not, and is shown again with what is wrong.
    Not(Response),
}

impl Posted {
    /// Carries the form out, unless it was already, and leads on.
    pub(super) async fn once<C, F>(self, carry_out: C) -> Result<Response, Failure>
    where
        C: FnOnce(Arc<Self>) -> F + Send + 'static,
        F: Future<Output = Result<String, Failure>> + Send + 'static,
    {
        let carried = Arc::new(self).once_or_not(async move |posted| {
            let location = carry_out(posted).await?;
            Ok(Carried::To(location))
        });
        match carried.await? {
            Carried::To(location) => Ok(see_other(&location)),
            Carried::Not(response) => Ok(response),
        }
    }

    /// Carries the form out, unless it was already: where it leads, which is where it led. A form that was
    /// not carried out may come again.
    ///
    /// It is carried out to its end also where the browser does not wait: a second click takes the place of
    /// the first request, and hears what became of it.
    pub(super) async fn once_or_not<C, F>(self: Arc<Self>, carry_out: C) -> Result<Carried, Failure>
    where
        C: FnOnce(Arc<Self>) -> F + Send + 'static,
        F: Future<Output = Result<Carried, Failure>> + Send + 'static,
    {
        let work = tokio::spawn(async move {
            let host = Arc::clone(&self.visitor.host);
            let workspace = self.visitor.desk.id.clone();
            let mark = self.mark()?;
            let at_work = Arc::clone(&self.at_work);
            let _turn = at_work.turn(&mark).await;
            if let Some(location) = host.db.submitted(&workspace, &mark)? {
                return Ok(Carried::To(location));
            }
            let carried = carry_out(self).await?;
            if let Carried::To(location) = &carried {
                let kept = host
                    .db
                    .keep_submission(&workspace, &mark, location, host.now_ms());
                // It was carried out, and nothing else may be said.
                if let Err(error) = kept {
                    tracing::warn!(%error, "a form that was carried out would be carried out again");
                }
            }
            Ok(carried)
        });
        work.await.unwrap_or_else(|_| Err(Failure::broken()))
    }
}
