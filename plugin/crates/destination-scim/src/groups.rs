//! Groups: read, made on first use, spelt otherwise.

use contact_identity::list::comparable;
use destination_kit::Unanswered;
use destination_kit::destination::{Attempt, DestinationError, Failure, RemoteList, RemoteListId};
use guest_kit::percent::encode;
use guest_kit::{Method, json};
use serde_json::Value;

use crate::change::{operation, patch};
use crate::client::Failed;
use crate::fields::GROUP;
use crate::paging::Kind;
use crate::refusal::{NO_GROUPS, refusal};
use crate::resource::Resource;
use crate::scim::Scim;

impl Scim<'_> {
    /// Every group there is, without its members.
    pub(crate) async fn all_groups(&self) -> Result<Vec<RemoteList>, DestinationError> {
        if !self.server().await?.has_groups {
            return Ok(Vec::new());
        }
        let groups = self.paging.every(&self.client, Kind::Groups).await?;
        // One that has no name is nobody's list.
        let list = |group: &Resource| {
            Some(RemoteList {
                id: group.id().to_owned(),
                name: group.display_name()?.to_owned(),
            })
        };
        Ok(groups.iter().filter_map(list).collect())
    }

    async fn find_group(&self, name: &str) -> Result<Option<RemoteList>, DestinationError> {
        let mut groups = self.all_groups().await?;
        groups.sort_by(|left, right| left.id.cmp(&right.id));
        let is_it = |list: &RemoteList| comparable(&list.name) == comparable(name);
        Ok(groups.into_iter().find(is_it))
    }

    /// The group of a name, made where there is none. Names need not be unique there, so all groups are read before.
    pub(crate) async fn group_of_name(&self, name: &str) -> Attempt<RemoteList> {
        let none = || Failure::Refused(refusal(None, NO_GROUPS));
        if !self.server().await?.has_groups {
            return Err(none());
        }
        let _turn = self.making.begin("group").await;
        if let Some(there) = self.find_group(name).await? {
            return Ok(there);
        }
        let body = json::object([
            ("schemas", Value::from(vec![GROUP])),
            ("displayName", Value::from(name)),
        ]);
        let why = match self.client.make(Kind::Groups.path(), &body).await {
            Ok(answer) => match Resource::read(&answer) {
                Some(group) => {
                    return Ok(RemoteList {
                        id: group.id().to_owned(),
                        name: group.display_name().unwrap_or(name).to_owned(),
                    });
                }
                None => "answer-not-readable",
            },
            Err(Failed::Conflict) => "made-by-somebody-else",
            Err(Failed::Unanswered(Unanswered::Lost(why))) => why,
            Err(Failed::Unsupported | Failed::Missing) => return Err(none()),
            Err(failed) => return Err(failed.plain()),
        };
        let there = self.find_group(name).await?;
        there.ok_or_else(|| Failure::Unknown(why.to_owned()))
    }

    /// Spells the name of a group otherwise.
    pub(crate) async fn spell_group(&self, id: &RemoteListId, name: &str) -> Attempt<()> {
        let path = group_path(id);
        let spelt = Value::from(name);
        let body = patch(vec![operation("displayName".to_owned(), Some(spelt))]);
        match self
            .client
            .write(Method::Patch, &path, Some(&body), None)
            .await
        {
            Err(Failed::Unsupported) => {}
            answered => return answered.map(drop).map_err(Failed::plain),
        }
        let mut group = self.group(id).await?.ok_or(Failure::Gone)?;
        group
            .0
            .retain(|known, _| !known.eq_ignore_ascii_case("displayName") && known != "meta");
        group.0.insert("displayName".to_owned(), Value::from(name));
        let body = Value::Object(group.0);
        let put = self.client.write(Method::Put, &path, Some(&body), None);
        put.await.map(drop).map_err(Failed::plain)
    }

    /// A group with its members; `None` where there is none.
    pub(crate) async fn group(&self, id: &str) -> Result<Option<Resource>, DestinationError> {
        match self.client.read(&group_path(id)).await {
            Ok(body) => match Resource::read(&body) {
                Some(group) if group.id() == id => Ok(Some(group)),
                Some(_) => Ok(None),
                None => Err(crate::client::unreadable()),
            },
            Err(Failed::Missing) => Ok(None),
            Err(failed) => Err(failed.of_reading()),
        }
    }
}

/// Where a group is.
pub(crate) fn group_path(id: &str) -> String {
    format!("{}/{}", Kind::Groups.path(), encode(id))
}
