//! A page of a collection, written straight into bytes.

use super::members::{Unset, write_members, write_text};
use super::selection::Selection;
use emulated_directory::Record;
use emulated_directory::subject::Subject;

/// About what an object with a dozen properties takes.
const BYTES_AN_OBJECT: usize = 420;

/// The `value` array of a page, growing.
#[derive(Debug)]
pub(super) struct PageValue {
    bytes: Vec<u8>,
    objects: usize,
    unknown_property: bool,
}

impl PageValue {
    pub(super) fn with_capacity(objects: usize, unknown_property: bool) -> Self {
        Self {
            bytes: Vec::with_capacity(objects.min(1000) * BYTES_AN_OBJECT),
            objects: 0,
            unknown_property,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.objects
    }

    /// Adds one object.
    pub(super) fn push(
        &mut self,
        subject: &Subject<'_>,
        selection: &Selection,
        unset: Unset<'_>,
        extra: Option<&[u8]>,
    ) {
        self.push_typed(None, subject, (selection, unset), extra);
    }

    /// Adds one object that says what it is, beside others of other types.
    pub(super) fn push_typed(
        &mut self,
        object_type: Option<&str>,
        subject: &Subject<'_>,
        (selection, unset): (&Selection, Unset<'_>),
        extra: Option<&[u8]>,
    ) {
        self.open();
        let object_type = object_type.filter(|_| subject.derived_type().is_none());
        if let Some(object_type) = object_type {
            self.bytes.extend_from_slice(b"\"@odata.type\":");
            write_text(object_type, &mut self.bytes);
            self.bytes.push(b',');
        }
        let any =
            write_members(subject, selection, unset, &mut self.bytes) || object_type.is_some();
        if let Some(extra) = extra.filter(|extra| !extra.is_empty()) {
            if any {
                self.bytes.push(b',');
            }
            self.bytes.extend_from_slice(extra);
        }
        self.close();
    }

    /// Adds one object as it is.
    pub(super) fn push_record(&mut self, record: &Record) {
        if self.objects > 0 {
            self.bytes.push(b',');
        }
        let start = self.bytes.len();
        if serde_json::to_writer(&mut self.bytes, record).is_err() {
            self.bytes.truncate(start);
            self.bytes.extend_from_slice(b"{}");
        }
        self.objects += 1;
    }

    /// `"name":[…]` with what was added.
    pub(super) fn named(&self, name: &str) -> Vec<u8> {
        let mut member = Vec::with_capacity(self.bytes.len() + name.len() + 5);
        write_text(name, &mut member);
        member.extend_from_slice(b":[");
        member.extend_from_slice(&self.bytes);
        member.push(b']');
        member
    }

    /// Adds the trace of an object that is gone.
    pub(super) fn push_removed(&mut self, id: &str, reason: &str) {
        self.open();
        self.bytes.extend_from_slice(b"\"id\":");
        write_text(id, &mut self.bytes);
        self.bytes.extend_from_slice(b",\"@removed\":{\"reason\":");
        write_text(reason, &mut self.bytes);
        self.bytes.push(b'}');
        self.bytes.push(b'}');
        self.objects += 1;
    }

    fn open(&mut self) {
        if self.objects > 0 {
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
        self.objects += 1;
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

/// `@odata.context` of a collection, with the selection where one was stated.
pub(super) fn context(root: &str, selection: &Selection) -> String {
    let set = selection.schema().set();
    if selection.stated {
        format!("{root}/v1.0/$metadata#{set}({})", selection.names())
    } else {
        format!("{root}/v1.0/$metadata#{set}")
    }
}

/// A single object with its context.
pub(super) fn entity(
    context: &str,
    object_type: Option<&str>,
    subject: &Subject<'_>,
    selection: &Selection,
    extra: Option<&[u8]>,
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
    if let Some(extra) = extra {
        body.push(b',');
        body.extend_from_slice(extra);
    }
    body.push(b'}');
    body
}
