//! Custom fields made on first use, each once, however many contacts need it at the same time.

use std::rc::Rc;

use destination_kit::contract::Refusal;
use destination_kit::destination::{Attempt, Failure};
use destination_kit::{Repeat, Unanswered};
use guest_kit::{Method, json};
use serde_json::json;

use crate::client::Failed;
use crate::field_book::NewField;
use crate::fields::NEEDED;
use crate::messagemedia::MessageMedia;
use crate::refusal::{of_field, refusal};

impl MessageMedia<'_> {
    /// Makes those of the needed custom fields that are among these merge tags and not there.
    pub(crate) async fn make_needed(&self, merge_tags: &[String]) -> Attempt<()> {
        for needed in NEEDED {
            if merge_tags.iter().any(|tag| tag == needed.merge_tag) {
                self.make(needed.into()).await?;
            }
        }
        Ok(())
    }

    /// Makes a custom field of a name that people have given, unless there is one.
    pub(crate) async fn field_of_name(&self, name: &str) -> Attempt<()> {
        if self.known_book().by_name(name).is_some() {
            return Ok(());
        }
        let field = self.known_book().new_field(name);
        let unnameable = || Failure::Refused(of_field(name, "unknown-field"));
        self.make(field.ok_or_else(unnameable)?).await?;
        match self.known_book().by_name(name) {
            Some(_) => Ok(()),
            // Its label is the name of something else.
            None => Err(unnameable()),
        }
    }

    /// Makes a custom field, unless there is one of its merge tag.
    async fn make(&self, field: NewField) -> Attempt<()> {
        if self.knows(&field.merge_tag) {
            return Ok(());
        }
        let _turn = self.making.begin(&field.merge_tag).await;
        if self.knows(&field.merge_tag) {
            return Ok(());
        }
        let body = json!({
            "label": field.label, "mergeTag": field.merge_tag, "maxLength": field.max_length,
            "type": field.field_type.name(),
        });
        let posted = self
            .client
            .write(Method::Post, "/custom-fields", Some(&body), Repeat::Once);
        let lost = match posted.await {
            Ok(answer) => {
                if let Some(told) = json::from_bytes(&answer) {
                    let added = self.known_book().with(told);
                    *self.book.borrow_mut() = Some(Rc::new(added));
                    return Ok(());
                }
                "answer-not-readable"
            }
            // Somebody else has made it by now, or this request has, whose answer was lost.
            Err(Failed::Conflict) => "made-by-somebody-else",
            Err(Failed::Unanswered(Unanswered::Lost(why))) => why,
            Err(Failed::Invalid(error)) => {
                let Refusal { code, .. } = refusal(&error, &[]);
                return Err(Failure::Refused(of_field(&field.label, &code)));
            }
            Err(failed) => return Err(failed.plain()),
        };
        self.reload_book().await?;
        match self.known_book().by_tag(&field.merge_tag) {
            Some(_) => Ok(()),
            // What needs it was not done, and may be done later.
            None => Err(Failure::NotDone(lost.to_owned())),
        }
    }

    fn knows(&self, merge_tag: &str) -> bool {
        self.known_book().by_tag(merge_tag).is_some()
    }
}
