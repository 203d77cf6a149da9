//! Lists, and who is on them.

use contact_identity::list;
use destination_kit::destination::{
    Attempt, DestinationError, Failure, RemoteId, RemoteList, RemoteListId,
};
use destination_kit::{Repeat, Unanswered};
use guest_kit::percent::encode;
use guest_kit::{Method, json};
use serde_json::json;

use crate::client::Failed;
use crate::messagemedia::MessageMedia;
use crate::reading;
use crate::refusal::{names_missing, refusal, unknown_ids};
use crate::wire::ListData;

impl From<ListData> for RemoteList {
    fn from(data: ListData) -> Self {
        Self {
            id: data.id,
            name: data.name,
        }
    }
}

impl MessageMedia<'_> {
    pub(crate) async fn all_lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        let lists: Vec<ListData> = reading::every(&self.client, "/lists", "").await?;
        Ok(lists.into_iter().map(RemoteList::from).collect())
    }

    /// The list of a name. The filter of the service compares in a way that is not documented, so all are read.
    async fn find_list(&self, name: &str) -> Result<Option<RemoteList>, DestinationError> {
        let mut lists = self.all_lists().await?.into_iter();
        Ok(lists.find(|there| list::is_same(&there.name, name)))
    }

    /// Makes a list, unless there is one of that name. A list has no description here.
    pub(crate) async fn list_of_name(&self, name: &str) -> Attempt<RemoteList> {
        if let Some(there) = self.find_list(name).await? {
            return Ok(there);
        }
        let body = json!({"name": name});
        let posted = self
            .client
            .write(Method::Post, "/lists", Some(&body), Repeat::Once);
        let why = match posted.await {
            Ok(answer) => match json::from_bytes::<ListData>(&answer) {
                Some(made) => return Ok(made.into()),
                None => "answer-not-readable",
            },
            Err(Failed::Conflict) => "made-by-somebody-else",
            Err(Failed::Unanswered(Unanswered::Lost(why))) => why,
            Err(failed) => return Err(failed.plain()),
        };
        let there = self.find_list(name).await?;
        there.ok_or_else(|| Failure::Unknown(why.to_owned()))
    }

    /// Spells the name of a list otherwise.
    pub(crate) async fn spell_list(&self, id: &RemoteListId, name: &str) -> Attempt<()> {
        let path = format!("/lists/{}", encode(id));
        let body = json!({"name": name});
        let patched = self
            .client
            .write(Method::Patch, &path, Some(&body), Repeat::Idempotent);
        patched.await.map(drop).map_err(Failed::plain)
    }

    /// Puts contacts on a list, and takes others off it. One that is not there any more is on no list, which is not
    /// an error: where the service refuses the whole request for its sake, it is left out.
    pub(crate) async fn change_members(
        &self,
        id: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        let path = format!("/lists/{}/contacts", encode(id));
        let (mut add, mut remove) = (add.to_vec(), remove.to_vec());
        loop {
            if add.is_empty() && remove.is_empty() {
                return Ok(());
            }
            let body = json!({"contactsToAddIds": add, "contactsToRemoveIds": remove});
            let patched = self
                .client
                .write(Method::Patch, &path, Some(&body), Repeat::Idempotent);
            let error = match patched.await {
                Ok(_) => return Ok(()),
                Err(Failed::Invalid(error)) => error,
                Err(failed) => return Err(failed.plain()),
            };
            // No 404 is documented for a list that is not there.
            if names_missing(&error, "listId") {
                return Err(Failure::Gone);
            }
            let before = add.len() + remove.len();
            let unknown = unknown_ids(&error);
            add.retain(|id| !unknown.contains(&&**id));
            remove.retain(|id| !unknown.contains(&&**id));
            if add.len() + remove.len() == before {
                return Err(Failure::Refused(refusal(&error, &[])));
            }
        }
    }
}
