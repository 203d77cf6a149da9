//! How an object of any kind is stated: a member of a group, or one of a list of ids.
//!
//! An application without the permission to read a kind of object gets its type and its id, and null for
//! all the rest, with status 200
//! (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).

use emulated_directory::directory::{Directory, MemberView};
use emulated_directory::member::MemberKind;
use emulated_directory::subject::{Subject, TYPE};
use emulated_directory::{Member, Record};
use emulated_identity_platform::Claims;
use serde_json::{Value, json};

use super::access::{self, BASIC_PROFILE, Sight};
use super::members::Unset;
use super::page::PageValue;
use super::selection::{Reading, Selection};
use emulated_odata::failure::Failure;
use emulated_odata::schema::Schema;

/// What of devices, service principals and contacts can be selected beside what users and groups have.
const OF_OTHERS: [&str; 8] = [
    "addresses",
    "appDisplayName",
    "appId",
    "deviceId",
    "operatingSystem",
    "operatingSystemVersion",
    "phones",
    "servicePrincipalType",
];

/// What is stated of each kind of object.
pub(super) struct ObjectColumns<'c> {
    claims: &'c Claims,
    users: Selection,
    groups: Selection,
    /// The names that were selected; `None` for everything.
    stated: Option<Vec<String>>,
    /// Whether each object says what it is: where there may be others beside it.
    typed: bool,
}

impl<'c> ObjectColumns<'c> {
    /// Reads `$select` for objects of one kind, or of any.
    ///
    /// # Errors
    /// 400 for a property that no such object has.
    pub(super) fn parse(
        text: Option<&str>,
        cast: Option<MemberKind>,
        directory: &Directory,
        claims: &'c Claims,
    ) -> Result<Self, Failure> {
        let names: Vec<&str> = text
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let of = |schema: Schema| {
            let known = |name: &&&str| **name == "*" || schema.find(name).is_some();
            let known: Vec<&str> = names.iter().filter(known).copied().collect();
            match (&*known, &*names) {
                ([], []) => Ok(Selection::default_set(schema)),
                // What is not its own says nothing of it.
                ([], _) => Selection::parse(schema, Some("id"), Reading::Collection, directory),
                _ => {
                    let known = known.join(",");
                    Selection::parse(schema, Some(&known), Reading::Collection, directory)
                }
            }
        };
        let whole = |schema| Selection::parse(schema, text, Reading::Collection, directory);
        let unknown = names.iter().find(|name| {
            let shared = Schema::User.find(name).or_else(|| Schema::Group.find(name));
            let other = OF_OTHERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            shared.is_none() && !other && **name != "*"
        });
        if let (Some(name), None) = (unknown, cast) {
            return Err(Failure::invalid(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on \
                 type 'microsoft.graph.directoryObject'."
            )));
        }
        let (users, groups) = match cast {
            Some(MemberKind::User) => (whole(Schema::User)?, of(Schema::Group)?),
            Some(MemberKind::Group) => (of(Schema::User)?, whole(Schema::Group)?),
            _ => (of(Schema::User)?, of(Schema::Group)?),
        };
        users.check_reach(claims)?;
        let everything = names.is_empty() || names.contains(&"*");
        let stated = names.iter().map(|name| (*name).to_owned());
        Ok(Self {
            claims,
            users,
            groups,
            stated: (!everything).then(|| stated.collect()),
            typed: cast.is_none(),
        })
    }

    /// `@odata.context` of a collection of them.
    pub(super) fn context(&self, root: &str, cast: Option<MemberKind>) -> String {
        match cast {
            Some(MemberKind::User) => super::page::context(root, &self.users),
            Some(MemberKind::Group) => super::page::context(root, &self.groups),
            _ => match &self.stated {
                Some(names) => {
                    let names = names.join(",");
                    format!("{root}/v1.0/$metadata#directoryObjects({names})")
                }
                None => format!("{root}/v1.0/$metadata#directoryObjects"),
            },
        }
    }

    /// States one object.
    pub(super) fn push(
        &self,
        directory: &Directory,
        (member, view): (Member, &MemberView<'_>),
        value: &mut PageValue,
    ) {
        let kind = directory.member_kind(member);
        let sight = access::sight(self.claims, kind);
        let selection = match kind {
            MemberKind::User => &self.users,
            MemberKind::Group => &self.groups,
            _ => return self.push_other(kind, sight, view, value),
        };
        let object_type = self.typed.then(|| kind.type_name());
        let columns = (selection, Unset::Null);
        if sight == Sight::Whole {
            subject(view, |subject| {
                value.push_typed(object_type, subject, columns, None)
            });
            return;
        }
        let shown: &[&str] = if sight == Sight::Basic {
            &BASIC_PROFILE
        } else {
            &["id"]
        };
        let mut seen = subject(view, |subject| subject.to_record());
        seen.retain(|name, _| shown.contains(&&**name));
        // It says what it is, whatever is kept back.
        let selection = selection.clone().with_id();
        let columns = (&selection, Unset::Null);
        let object_type = Some(kind.type_name());
        value.push_typed(object_type, &Subject::Stated(&seen), columns, None);
    }

    fn push_other(
        &self,
        kind: MemberKind,
        sight: Sight,
        view: &MemberView<'_>,
        value: &mut PageValue,
    ) {
        let record = subject(view, |subject| subject.to_record());
        let mut shown = Record::new();
        if self.typed || sight != Sight::Whole {
            shown.insert(TYPE.to_owned(), json!(kind.type_name()));
        }
        let id = record.get("id").cloned();
        match &self.stated {
            None => shown.extend(record),
            Some(names) => {
                for name in names {
                    let mut known = record.iter();
                    let found = known.find(|(known, _)| known.eq_ignore_ascii_case(name));
                    let (name, value) = found.unwrap_or((name, &Value::Null));
                    shown.insert(name.clone(), value.clone());
                }
            }
        }
        if sight != Sight::Whole {
            for (name, value) in &mut shown {
                if name != TYPE {
                    *value = Value::Null;
                }
            }
            shown.insert("id".to_owned(), id.unwrap_or(Value::Null));
        }
        value.push_record(&shown);
    }
}

/// Looks at an object as filters, searches and sorting do.
pub(super) fn subject<T>(view: &MemberView<'_>, look: impl FnOnce(&Subject<'_>) -> T) -> T {
    match view {
        MemberView::User(subject) => look(subject),
        MemberView::Group(record) => look(&Subject::Stated(record)),
        MemberView::Other(_, record) => look(&Subject::Stated(record)),
    }
}
