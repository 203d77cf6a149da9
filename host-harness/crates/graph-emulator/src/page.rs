//! A page of a collection, written straight into bytes.

use super::expand::ManagerExpansion;
use super::members::{Unset, write_members, write_text};
use super::selection::Selection;
use emulated_directory::directory::Directory;
use emulated_directory::subject::Subject;

/// About what a user with a dozen properties takes.
const BYTES_A_USER: usize = 420;

/// The `value` array of a page, growing.
#[derive(Debug)]
pub(super) struct PageValue {
    bytes: Vec<u8>,
    users: usize,
    unknown_property: bool,
}

impl PageValue {
    pub(super) fn with_capacity(users: usize, unknown_property: bool) -> Self {
        Self {
            bytes: Vec::with_capacity(users.min(1000) * BYTES_A_USER),
            users: 0,
            unknown_property,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.users
    }

    /// Adds one user.
    pub(super) fn push(
        &mut self,
        subject: &Subject<'_>,
        selection: &Selection,
        unset: Unset<'_>,
        extra: Option<&[u8]>,
    ) {
        self.open();
        let any = write_members(subject, selection, unset, &mut self.bytes);
        if let Some(extra) = extra.filter(|extra| !extra.is_empty()) {
            if any {
                self.bytes.push(b',');
            }
            self.bytes.extend_from_slice(extra);
        }
        self.close();
    }

    /// Adds the trace of a user that is gone.
    pub(super) fn push_removed(&mut self, id: &str, reason: &str) {
        self.open();
        self.bytes.extend_from_slice(b"\"id\":");
        write_text(id, &mut self.bytes);
        self.bytes.extend_from_slice(b",\"@removed\":{\"reason\":");
        write_text(reason, &mut self.bytes);
        self.bytes.push(b'}');
        self.bytes.push(b'}');
        self.users += 1;
    }

    fn open(&mut self) {
        if self.users > 0 {
            self.bytes.push(b',');
        }
        self.bytes.push(b'{');
    }

    fn close(&mut self) {
        if self.unknown_property {
            if self.bytes.last() != Some(&b'{') {
                self.bytes.push(b',');
            }
            self.bytes
                .extend_from_slice(b"\"notYetDocumented\":{\"since\":\"tomorrow\"}");
        }
        self.bytes.push(b'}');
        self.users += 1;
    }
}

/// The members around `value`.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub(super) context: String,
    pub(super) count: Option<u64>,
    pub(super) next_link: Option<String>,
    pub(super) delta_link: Option<String>,
}

impl Frame {
    /// The whole body.
    pub(super) fn around(&self, value: &PageValue) -> Vec<u8> {
        let mut body = Vec::with_capacity(value.bytes.len() + 1024);
        body.extend_from_slice(b"{\"@odata.context\":");
        write_text(&self.context, &mut body);
        if let Some(count) = self.count {
            body.extend_from_slice(format!(",\"@odata.count\":{count}").as_bytes());
        }
        for (name, link) in [
            ("@odata.nextLink", &self.next_link),
            ("@odata.deltaLink", &self.delta_link),
        ] {
            if let Some(link) = link {
                body.extend_from_slice(format!(",\"{name}\":").as_bytes());
                write_text(link, &mut body);
            }
        }
        body.extend_from_slice(b",\"value\":[");
        body.extend_from_slice(&value.bytes);
        body.extend_from_slice(b"]}");
        body
    }
}

/// `@odata.context` of a collection of users, with the selection where one was stated.
pub(super) fn users_context(root: &str, selection: &Selection) -> String {
    if selection.stated {
        format!("{root}/v1.0/$metadata#users({})", selection.names())
    } else {
        format!("{root}/v1.0/$metadata#users")
    }
}

/// A single user with its context.
pub(super) fn entity(
    context: &str,
    object_type: Option<&str>,
    subject: &Subject<'_>,
    selection: &Selection,
    expansion: Option<(&ManagerExpansion, &Directory)>,
) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    body.extend_from_slice(b"{\"@odata.context\":");
    write_text(context, &mut body);
    // One that is more than a user says so itself.
    let object_type = object_type.filter(|_| subject.derived_type().is_none());
    if let Some(object_type) = object_type {
        body.extend_from_slice(b",\"@odata.type\":");
        write_text(object_type, &mut body);
    }
    let mut members = Vec::new();
    if write_members(subject, selection, Unset::Null, &mut members) {
        body.push(b',');
        body.append(&mut members);
    }
    if let Some((expansion, directory)) = expansion
        && let Some(member) = expansion.member(subject, directory)
    {
        body.push(b',');
        body.extend_from_slice(&member);
    }
    body.push(b'}');
    body
}
