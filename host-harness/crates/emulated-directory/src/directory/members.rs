//! What the members of groups are.

use std::borrow::Cow;

use super::{Directory, UserState};
use crate::groups::GroupState;
use crate::member::{Member, MemberKind};
use crate::record::Record;
use crate::subject::Subject;

/// A member, looked at.
#[derive(Clone, Debug)]
pub enum MemberView<'d> {
    /// A user.
    User(Subject<'d>),
    /// A group.
    Group(Cow<'d, Record>),
    /// A device, a service principal or a contact.
    Other(MemberKind, &'d Record),
}

impl Directory {
    /// What an object id, or a user principal name, is: a live user, a live group, or something else.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<Member> {
        let group = || self.groups.find(key).map(Member::Group);
        let other = || {
            let others = self.groups.others();
            let place = others.place(key)?;
            others.get(place).map(|_| Member::Other(place))
        };
        let user = self.find(key).map(Member::User);
        user.or_else(group).or_else(other)
    }

    /// The object id of a member, whatever became of it.
    #[must_use]
    pub fn member_id(&self, member: Member) -> Option<String> {
        match member {
            Member::User(ordinal) => self.id(ordinal),
            Member::Group(ordinal) => self.groups.id(ordinal),
            Member::Other(place) => self.groups.others().id(place).map(str::to_owned),
        }
    }

    /// What kind of object a member is.
    #[must_use]
    pub fn member_kind(&self, member: Member) -> MemberKind {
        match member {
            Member::User(_) => MemberKind::User,
            Member::Group(_) => MemberKind::Group,
            Member::Other(place) => {
                let other = self.groups.others().get(place);
                other.map_or(MemberKind::Device, |(kind, _)| kind)
            }
        }
    }

    /// A member as it is; `None` for one that is deleted, and so on no list although it is a member still.
    #[must_use]
    pub fn member_view(&self, member: Member) -> Option<MemberView<'_>> {
        match member {
            Member::User(ordinal) => (*self.standing(ordinal) == UserState::Live)
                .then(|| self.subject(ordinal))
                .flatten()
                .map(MemberView::User),
            Member::Group(ordinal) => (self.groups.standing(ordinal) == GroupState::Live)
                .then(|| self.groups.group(ordinal))
                .flatten()
                .map(MemberView::Group),
            Member::Other(place) => {
                let (kind, record) = self.groups.others().get(place)?;
                Some(MemberView::Other(kind, record))
            }
        }
    }
}
