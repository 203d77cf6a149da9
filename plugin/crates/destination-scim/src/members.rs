//! Users put into groups, and taken out of them.
//!
//! A group is read before: some servers list somebody twice who is put in twice, and what is as it should be is not
//! asked for. Taking out has three forms, and servers know one of them. Which it is, the first group tells, by what it
//! holds afterwards; and whatever a form takes away that it should not is put back.

use std::collections::BTreeSet;

use destination_kit::Unanswered;
use destination_kit::destination::{Attempt, Failure, Guard, RemoteId, RemoteListId};
use guest_kit::{Method, json};
use serde_json::Value;

use crate::change::{operation, patch};
use crate::client::Failed;
use crate::groups::group_path;
use crate::refusal::{NOT_KEPT, refusal};
use crate::resource::{Resource, elements};
use crate::scim::Scim;

/// How often a group is looked at for the sake of answers that are lost.
const MOST_LOOKS: usize = 4;

/// How members are taken out of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberWay {
    /// By a path that selects them (RFC 7644, figure 6): `members[value eq "1"]`.
    Path,
    /// By the values, as Entra's own provisioning does it unless it is told otherwise. A server that does not read
    /// them takes everybody out.
    Values,
    /// By stating all members that stay.
    Whole,
}

impl MemberWay {
    const ALL: [Self; 3] = [Self::Path, Self::Values, Self::Whole];
}

/// Who is to be in a group, and who not.
struct Moves {
    add: Vec<RemoteId>,
    remove: Vec<RemoteId>,
}

impl Moves {
    fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// Without what is so already.
    fn left(&self, group: &Resource) -> Self {
        let Some(members) = group.members() else {
            // They are not told, so everything is asked for.
            return Self {
                add: self.add.clone(),
                remove: self.remove.clone(),
            };
        };
        let members: BTreeSet<&str> = members.into_iter().collect();
        let is_in = |id: &&RemoteId| members.contains(id.as_str());
        Self {
            add: self.add.iter().filter(|id| !is_in(id)).cloned().collect(),
            remove: self.remove.iter().filter(is_in).cloned().collect(),
        }
    }
}

impl Scim<'_> {
    /// Puts users into a group, and takes others out of it. One that is not there any more is in no group, which is
    /// not an error.
    pub(crate) async fn change_members(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        let group = self.group(list).await?.ok_or(Failure::Gone)?;
        let moves = Moves {
            add: add.to_vec(),
            remove: remove.to_vec(),
        }
        .left(&group);
        match self.move_members(&group, &moves).await {
            Err(Stopped::Refused) if !moves.add.is_empty() => {
                // It may be for the sake of somebody who is gone.
                let users = self.by_ids(&moves.add).await?;
                let there = moves.add.iter().zip(users);
                let add: Vec<_> = there
                    .filter_map(|(id, user)| user.map(|_| id.clone()))
                    .collect();
                let group = self.group(list).await?.ok_or(Failure::Gone)?;
                let again = Moves {
                    add,
                    remove: moves.remove,
                }
                .left(&group);
                let moved = self.move_members(&group, &again).await;
                moved.map_err(Stopped::last)
            }
            moved => moved.map_err(Stopped::last),
        }
    }

    async fn move_members(&self, group: &Resource, moves: &Moves) -> Result<(), Stopped> {
        let mut group = group.clone();
        let ways = self.member_ways().await?;
        if group.members().is_none() && !moves.add.is_empty() && !moves.remove.is_empty() {
            // It has no members, or does not tell them: with one more, it can be seen which.
            let add = Moves {
                add: moves.add.clone(),
                remove: Vec::new(),
            };
            if !self.ways.groups_whole.get() {
                self.send_or_look(MemberWay::Path, &group, &add).await?;
                group = self.group(group.id()).await?.ok_or(Failure::Gone)?;
            }
        }
        for way in ways {
            let left = moves.left(&group);
            if left.is_empty() {
                return Ok(());
            }
            // Putting in has one form, unless all have to be stated.
            let is_whole = self.ways.groups_whole.get();
            let way = match left.remove.is_empty() && !is_whole {
                true => MemberWay::Path,
                false => way,
            };
            if way == MemberWay::Whole && group.members().is_none() && !is_whole {
                // Who is in the group is not told, and would be taken out.
                break;
            }
            match self.send_or_look(way, &group, &left).await? {
                Sent::Taken => {}
                Sent::NotTaken => continue,
            }
            if self.ways.members.get() == Some(way) || left.remove.is_empty() {
                return Ok(());
            }
            let now = self.group(group.id()).await?.ok_or(Failure::Gone)?;
            let lost = lost(&group, &now, &left);
            if !lost.is_empty() {
                let back = Moves {
                    add: lost,
                    remove: Vec::new(),
                };
                self.send_or_look(MemberWay::Path, &now, &back).await?;
                // This form is never used again, and the one before it was not taken.
                self.ways.members.set(Some(MemberWay::Whole));
                group = self.group(group.id()).await?.ok_or(Failure::Gone)?;
                continue;
            }
            let is_untold = now.members().is_none() && group.members().is_none();
            if is_untold || left.left(&now).is_empty() {
                self.ways.members.set(Some(way));
                return Ok(());
            }
            group = now;
        }
        if moves.left(&group).is_empty() {
            return Ok(());
        }
        Err(Stopped::Refused)
    }

    /// The forms of taking out that are worth trying.
    async fn member_ways(&self) -> Result<Vec<MemberWay>, Failure> {
        if self.server().await?.is_without_patch {
            self.ways.groups_whole.set(true);
        }
        Ok(match self.ways.members.get() {
            _ if self.ways.groups_whole.get() => vec![MemberWay::Whole],
            Some(way) => vec![way],
            None => MemberWay::ALL.to_vec(),
        })
    }

    /// Sends it. Somebody who is put in twice may be in twice, so a request whose answer is lost is not sent again
    /// before the group was looked at.
    async fn send_or_look(
        &self,
        way: MemberWay,
        group: &Resource,
        moves: &Moves,
    ) -> Result<Sent, Failure> {
        let mut left = Moves {
            add: moves.add.clone(),
            remove: moves.remove.clone(),
        };
        let mut group = group.clone();
        for _ in 0..MOST_LOOKS {
            match self.send_members(way, &group, &left).await {
                Ok(()) => return Ok(Sent::Taken),
                Err(Failed::Unsupported) => {
                    self.ways.groups_whole.set(true);
                    return Ok(Sent::NotTaken);
                }
                Err(Failed::Invalid(_) | Failed::Missing) => return Ok(Sent::NotTaken),
                Err(Failed::Unanswered(Unanswered::Lost(_))) => {}
                Err(failed) => return Err(failed.plain()),
            }
            group = self.group(group.id()).await?.ok_or(Failure::Gone)?;
            left = left.left(&group);
            if left.is_empty() {
                return Ok(Sent::Taken);
            }
        }
        Err(Failure::Unknown("no-answer".to_owned()))
    }

    async fn send_members(
        &self,
        way: MemberWay,
        group: &Resource,
        moves: &Moves,
    ) -> Result<(), Failed> {
        let path = group_path(group.id());
        if way == MemberWay::Whole {
            let body = whole(group, moves);
            let guards = self.server().await.map_err(Failed::Unusable)?.guards;
            let version = group.version().filter(|_| guards);
            let guard = version.map(|version| Guard(version.to_owned()));
            let put = self
                .client
                .write(Method::Put, &path, Some(&body), guard.as_ref());
            return put.await.map(drop);
        }
        let mut operations = Vec::new();
        if !moves.add.is_empty() {
            operations.push(json::object([
                ("op", Value::from("add")),
                ("path", Value::from("members")),
                ("value", values(&moves.add)),
            ]));
        }
        if !moves.remove.is_empty() {
            operations.push(match way {
                MemberWay::Path => operation(selecting(&moves.remove), None),
                MemberWay::Values | MemberWay::Whole => json::object([
                    ("op", Value::from("remove")),
                    ("path", Value::from("members")),
                    ("value", values(&moves.remove)),
                ]),
            });
        }
        if operations.is_empty() {
            return Ok(());
        }
        let body = patch(operations);
        let sent = self.client.write_once(Method::Patch, &path, &body);
        sent.await.map(drop)
    }
}

/// Who was in a group, is not any more, and should be.
fn lost(before: &Resource, now: &Resource, moves: &Moves) -> Vec<RemoteId> {
    let still: BTreeSet<&str> = now.members().into_iter().flatten().collect();
    let before: BTreeSet<&str> = before.members().into_iter().flatten().collect();
    let gone = before.difference(&still);
    gone.filter(|id| !moves.remove.iter().any(|removed| removed == *id))
        .map(|id| (*id).to_owned())
        .collect()
}

/// What became of a request.
enum Sent {
    Taken,
    /// The server knows no such form, or no such member.
    NotTaken,
}

/// Why nobody was moved.
enum Stopped {
    /// The server takes none of the forms, or none of the members.
    Refused,
    Failed(Failure),
}

impl Stopped {
    fn last(self) -> Failure {
        match self {
            Self::Refused => Failure::Refused(refusal(None, NOT_KEPT)),
            Self::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<destination_kit::destination::DestinationError> for Stopped {
    fn from(error: destination_kit::destination::DestinationError) -> Self {
        Self::Failed(error.into())
    }
}

/// Members as they are written.
fn values(ids: &[RemoteId]) -> Value {
    let member = |id: &RemoteId| json::object([("value", Value::from(id.as_str()))]);
    Value::Array(ids.iter().map(member).collect())
}

/// A path that selects members.
fn selecting(ids: &[RemoteId]) -> String {
    let terms: Vec<_> = ids
        .iter()
        .map(|id| crate::paging::equals("value", id))
        .collect();
    format!("members[{}]", terms.join(" or "))
}

/// The group with all its members as they are to be.
fn whole(group: &Resource, moves: &Moves) -> Value {
    let mut body = group.0.clone();
    body.retain(|name, _| {
        !["meta", "members"]
            .iter()
            .any(|left_out| name.eq_ignore_ascii_case(left_out))
    });
    let stays = |element: &&&crate::resource::Object| {
        let id = crate::resource::text(element, "value");
        !moves
            .remove
            .iter()
            .any(|removed| Some(removed.as_str()) == id)
    };
    let there = elements(&group.0, "members");
    let mut members: Vec<_> = there
        .iter()
        .filter(stays)
        .map(|element| Value::Object((*element).clone()))
        .collect();
    if let Value::Array(added) = values(&moves.add) {
        members.extend(added);
    }
    body.insert("members".to_owned(), Value::Array(members));
    Value::Object(body)
}
