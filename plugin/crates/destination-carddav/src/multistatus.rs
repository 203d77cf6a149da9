//! A `multistatus` answer (RFC 4918, section 13), as far as an address book is concerned.
//!
//! Elements are known by the URI of their namespace and never by a prefix, which is each server's own choice. A
//! document type is refused, so that no entity can be declared, and none is ever replaced but the five that XML has
//! by itself. What is behind a `propstat` of another status than 2xx is not there.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use thiserror::Error;

use crate::card::Version;

const DAV: &str = "DAV:";
const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";

/// Elements within elements; answers of address books have about eight.
const DEEPEST: usize = 64;

/// An answer that is no `multistatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the answer is no multistatus document")]
pub(crate) struct Unreadable;

/// One `response`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// Whose it is, as the server writes it.
    pub(crate) href: String,
    /// The status of the whole, where there is one.
    pub(crate) status: Option<u16>,
    /// What was found.
    pub(crate) found: Found,
}

/// Properties that the server has given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) etag: Option<String>,
    pub(crate) card: Option<String>,
    /// Present where the server tells what a resource is; a card is nothing of this.
    pub(crate) kinds: Option<Vec<Kind>>,
    /// Versions of vCard that it says it takes.
    pub(crate) versions: Vec<Version>,
    /// Present where the server tells what whoever asks may do.
    pub(crate) privileges: Option<Vec<Privilege>>,
}

/// What a resource is (`resourcetype`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Collection,
    AddressBook,
    Calendar,
    Principal,
    Other,
}

/// What whoever asks may do (RFC 3744, section 3), as far as it is needed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    Read,
    /// Anything that lets cards be written: `all`, `write`, or its parts.
    Write,
    Other,
}

/// The elements that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Multistatus,
    Response,
    Href,
    Propstat,
    Status,
    Prop,
    ETag,
    Card,
    Kinds,
    Versions,
    Privileges,
    Privilege,
    Other,
}

/// Reads an answer.
pub(crate) fn responses(body: &[u8]) -> Result<Vec<Response>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut reading = Reading::default();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Unreadable)?;
        match event {
            Event::Start(start) => reading.begin(&namespace, &start)?,
            Event::Empty(start) => {
                reading.begin(&namespace, &start)?;
                reading.end();
            }
            Event::End(_) => reading.end(),
            Event::Text(text) => reading.text.push_str(&text),
            Event::CData(text) => reading.text.push_str(&text),
            Event::GeneralRef(reference) => {
                let character = match &*reference {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "apos" => '\'',
                    "quot" => '"',
                    _ => reference
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .ok_or(Unreadable)?,
                };
                reading.text.push(character);
            }
            Event::DocType(_) => return Err(Unreadable),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if reading.is_whole && reading.open.is_empty() {
        Ok(reading.responses)
    } else {
        Err(Unreadable)
    }
}

/// The condition that a refusal names (RFC 4918, section 16: the child of `error`), by its local name.
pub(crate) fn condition(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut is_error = false;
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name();
                if is_error {
                    return Some(name.into_inner().to_owned());
                }
                is_error = is(&namespace, DAV) && name.into_inner() == "error";
                if !is_error {
                    return None;
                }
            }
            Event::DocType(_) | Event::Eof | Event::End(_) => return None,
            _ => {}
        }
    }
}

fn is(namespace: &ResolveResult<'_>, uri: &str) -> bool {
    *namespace == ResolveResult::Bound(Namespace(uri))
}

#[derive(Default)]
struct Reading {
    open: Vec<Element>,
    text: String,
    responses: Vec<Response>,
    response: Response,
    /// What the open `propstat` has, which counts once its status is known.
    found: Found,
    status: Option<u16>,
    is_whole: bool,
}

impl Reading {
    fn begin(
        &mut self,
        namespace: &ResolveResult<'_>,
        start: &BytesStart<'_>,
    ) -> Result<(), Unreadable> {
        let parent = self.open.last().copied();
        let local = start.local_name();
        let element = element(parent, namespace, local.into_inner());
        let is_first = self.open.is_empty();
        if (is_first && element != Element::Multistatus) || self.open.len() >= DEEPEST {
            return Err(Unreadable);
        }
        match (parent, element) {
            (_, Element::Response) => self.response = Response::default(),
            (_, Element::Propstat) => {
                self.found = Found::default();
                self.status = None;
            }
            (_, Element::Kinds) => self.found.kinds = Some(Vec::new()),
            (_, Element::Privileges) => self.found.privileges = Some(Vec::new()),
            (Some(Element::Kinds), _) => {
                let kind = kind(namespace, start.local_name().into_inner());
                self.found.kinds.get_or_insert_default().push(kind);
            }
            (Some(Element::Privilege), _) => {
                let privilege = privilege(namespace, start.local_name().into_inner());
                self.found
                    .privileges
                    .get_or_insert_default()
                    .push(privilege);
            }
            (Some(Element::Versions), _) => self.found.versions.extend(version(start)),
            _ => {}
        }
        self.text.clear();
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        let text = std::mem::take(&mut self.text);
        match element {
            Element::Multistatus => self.is_whole = true,
            Element::Response => self.responses.push(std::mem::take(&mut self.response)),
            Element::Href => text.trim().clone_into(&mut self.response.href),
            Element::Status => {
                let status = status(&text);
                match self.open.last() {
                    Some(Element::Response) => self.response.status = status,
                    _ => self.status = status,
                }
            }
            Element::ETag => self.found.etag = Some(text.trim().to_owned()),
            Element::Card => self.found.card = Some(text),
            Element::Propstat => {
                let found = std::mem::take(&mut self.found);
                if self
                    .status
                    .is_some_and(|status| (200..300).contains(&status))
                {
                    self.response.found.take(found);
                }
            }
            _ => {}
        }
    }
}

impl Found {
    fn take(&mut self, more: Self) {
        self.etag = more.etag.or(self.etag.take());
        self.card = more.card.or(self.card.take());
        self.kinds = more.kinds.or(self.kinds.take());
        self.privileges = more.privileges.or(self.privileges.take());
        self.versions.extend(more.versions);
    }
}

fn element(parent: Option<Element>, namespace: &ResolveResult<'_>, local: &str) -> Element {
    use Element as E;
    let is_dav = is(namespace, DAV);
    let is_carddav = is(namespace, CARDDAV);
    match (parent, local) {
        (None, "multistatus") if is_dav => E::Multistatus,
        (Some(E::Multistatus), "response") if is_dav => E::Response,
        (Some(E::Response), "href") if is_dav => E::Href,
        (Some(E::Response), "propstat") if is_dav => E::Propstat,
        (Some(E::Response | E::Propstat), "status") if is_dav => E::Status,
        (Some(E::Propstat), "prop") if is_dav => E::Prop,
        (Some(E::Prop), "getetag") if is_dav => E::ETag,
        (Some(E::Prop), "resourcetype") if is_dav => E::Kinds,
        (Some(E::Prop), "current-user-privilege-set") if is_dav => E::Privileges,
        (Some(E::Privileges), "privilege") if is_dav => E::Privilege,
        (Some(E::Prop), "address-data") if is_carddav => E::Card,
        (Some(E::Prop), "supported-address-data") if is_carddav => E::Versions,
        _ => E::Other,
    }
}

fn kind(namespace: &ResolveResult<'_>, local: &str) -> Kind {
    match local {
        "collection" if is(namespace, DAV) => Kind::Collection,
        "principal" if is(namespace, DAV) => Kind::Principal,
        "addressbook" if is(namespace, CARDDAV) => Kind::AddressBook,
        "calendar" if is(namespace, CALDAV) => Kind::Calendar,
        _ => Kind::Other,
    }
}

fn privilege(namespace: &ResolveResult<'_>, local: &str) -> Privilege {
    match local {
        "all" | "write" | "write-content" | "bind" if is(namespace, DAV) => Privilege::Write,
        "read" if is(namespace, DAV) => Privilege::Read,
        _ => Privilege::Other,
    }
}

/// The version of one kind of address data. The element is `address-data-type` (RFC 6352, section 6.2.2); a server
/// was seen to call it by another name, so its attributes count alone.
fn version(start: &BytesStart<'_>) -> Option<Version> {
    let attribute = |name: &str| {
        let attribute = start.try_get_attribute(name).ok().flatten()?;
        Some(attribute.value.into_owned())
    };
    let is_vcard =
        attribute("content-type").is_none_or(|kind| kind.trim().eq_ignore_ascii_case("text/vcard"));
    match attribute("version").as_deref() {
        Some("4.0") if is_vcard => Some(Version::V4),
        // What it is where nothing is said (RFC 6352, section 10.4).
        Some("3.0") | None if is_vcard => Some(Version::V3),
        _ => None,
    }
}

/// The number of `HTTP/1.1 200 OK`.
fn status(text: &str) -> Option<u16> {
    text.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests;
