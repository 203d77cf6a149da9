//! An address book in memory, which answers as Radicale 3.9.0 or Xandikos 0.4.10 was seen to where the two differ.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::book::{Answer, Asked, SIGNED_IN};

/// Whose habits it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Radicale,
    Xandikos,
}

pub(crate) struct Fake {
    manner: Manner,
    cards: BTreeMap<String, String>,
    /// What it says of itself; by default that it is an address book.
    pub(crate) kinds: &'static str,
    pub(crate) versions: &'static str,
    pub(crate) privileges: &'static str,
    /// The status of every answer, where it is another one.
    pub(crate) status: Option<u16>,
    /// A proxy before it makes its `ETag`s weak.
    pub(crate) is_behind_a_proxy: bool,
    /// Cards that a report says nothing of.
    pub(crate) is_terse: bool,
}

impl Fake {
    pub(crate) const PATH: &'static str = "/ana/my%20book/";

    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            cards: BTreeMap::new(),
            kinds: "<D:collection/><C:addressbook/>",
            versions: match manner {
                Manner::Radicale => {
                    "<C:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>"
                }
                Manner::Xandikos => "<C:content-type content-type=\"text/vcard\" version=\"3.0\"/>",
            },
            privileges: "<D:privilege><D:all/></D:privilege>",
            status: None,
            is_behind_a_proxy: false,
            is_terse: false,
        }
    }

    pub(crate) fn answer(&mut self, asked: &Asked<'_>) -> Answer {
        if let Some(status) = self.status {
            return plain(status);
        }
        let header = |name: &str| {
            let mut headers = asked.headers.iter();
            headers.find(|(n, _)| *n == name).map(|(_, value)| *value)
        };
        if header("authorization") != Some(SIGNED_IN) {
            return plain(401);
        }
        let Some(name) = asked.path.strip_prefix(Self::PATH) else {
            return plain(404);
        };
        let length = header("content-length").map(|length| length.parse().unwrap());
        assert!(length.is_none_or(|length: usize| length == asked.body.len()));
        match asked.method {
            "PROPFIND" if header("depth") == Some("0") => self.itself(),
            "PROPFIND" => self.listing(),
            "REPORT" => self.report(asked.body),
            "GET" => match self.cards.get(name) {
                Some(card) => with_etag(200, &self.weak(&etag(card)), card.clone().into_bytes()),
                None => plain(404),
            },
            "PUT" => self.put(
                name,
                header("if-match"),
                header("if-none-match"),
                asked.body,
            ),
            "DELETE" => self.delete(name, header("if-match")),
            other => panic!("{other}"),
        }
    }

    fn weak(&self, etag: &str) -> String {
        match self.is_behind_a_proxy {
            true => format!("W/{etag}"),
            false => etag.to_owned(),
        }
    }

    fn put(&mut self, name: &str, only: Option<&str>, new: Option<&str>, body: &[u8]) -> Answer {
        let there = self.cards.get(name).map(|card| etag(card));
        assert!(
            only.is_none_or(|etag| !etag.starts_with("W/")),
            "no weak one"
        );
        let is_refused = (new == Some("*") && there.is_some())
            || only.is_some_and(|only| there.as_deref() != Some(only));
        if is_refused {
            return plain(412);
        }
        let text = std::str::from_utf8(body).expect("cards are UTF-8");
        if only.or(new).is_some() {
            self.is_well_folded(name, text);
        }
        let card = text.replace("\r\n ", "").replace("\r\n\t", "");
        if card.contains("\r\nNOTE:unwanted") || !card.contains("\r\nFN") {
            return match self.manner {
                Manner::Radicale => plain(400),
                // For a failed condition and for a card that is none, see findings.
                Manner::Xandikos => plain(412),
            };
        }
        let uid = |card: &str| {
            let card = card.replace("\r\n ", "");
            card.split("\r\n")
                .find(|line| line.starts_with("UID:"))
                .map(str::to_owned)
        };
        let is_twin = || {
            self.cards
                .iter()
                .any(|(other, there)| other != name && uid(there) == uid(&card))
        };
        if self.manner == Manner::Radicale && is_twin() {
            let body = b"<error xmlns=\"DAV:\"><C:no-uid-conflict xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></error>";
            return Answer {
                body: body.to_vec(),
                ..plain(409)
            };
        }
        let stored = match self.manner {
            Manner::Radicale => self.as_kept(&card),
            Manner::Xandikos => text.to_owned(),
        };
        let tag = self.weak(&etag(&stored));
        self.cards.insert(name.to_owned(), stored);
        with_etag(if there.is_some() { 204 } else { 201 }, &tag, Vec::new())
    }

    /// Every line ends, and is folded where it was not there before.
    fn is_well_folded(&self, name: &str, text: &str) {
        let before = self.cards.get(name).map_or("", |card| card);
        let physical = text
            .strip_suffix("\r\n")
            .expect("every line ends")
            .split("\r\n");
        for line in physical {
            assert!(!line.contains(['\r', '\n']), "{line:?}");
            assert!(line.len() <= 75 || before.contains(line), "{line}");
        }
    }

    /// Radicale puts properties in the order of their names, writes these in capitals, and cuts some values at a
    /// comma.
    fn as_kept(&self, card: &str) -> String {
        let mut lines: Vec<String> = card.trim_end().split("\r\n").map(capitals).collect();
        let last = lines.len() - 1;
        lines[3..last].sort_by_key(|line| {
            let name = line.split([':', ';']).next().unwrap_or_default();
            name.rsplit('.').next().unwrap_or_default().to_owned()
        });
        let lines: Vec<_> = lines.iter().map(|line| folded(line)).collect();
        lines.join("\r\n") + "\r\n"
    }

    fn delete(&mut self, name: &str, only: Option<&str>) -> Answer {
        let there = self.cards.get(name).map(|card| etag(card));
        match (there, only) {
            (None, Some(_)) if self.manner == Manner::Radicale => plain(412),
            (None, _) => plain(404),
            (Some(there), Some(only)) if there != only => plain(412),
            (Some(_), _) => {
                self.cards.remove(name);
                plain(if self.manner == Manner::Radicale {
                    200
                } else {
                    204
                })
            }
        }
    }

    fn itself(&self) -> Answer {
        let found = format!(
            "<D:resourcetype>{}</D:resourcetype><C:supported-address-data>{}</C:supported-address-data>\
             <D:current-user-privilege-set>{}</D:current-user-privilege-set>",
            self.kinds, self.versions, self.privileges,
        );
        self.multistatus(&[(Self::PATH.to_owned(), Some(found))])
    }

    fn listing(&self) -> Answer {
        let book = format!("<D:resourcetype>{}</D:resourcetype>", self.kinds);
        let mut parts = vec![
            (Self::PATH.to_owned(), Some(book.clone())),
            (format!("{}folder/", Self::PATH), Some(book)),
        ];
        let card = |name: &String| (self.href(name), Some("<D:resourcetype/>".to_owned()));
        parts.extend(self.cards.keys().map(card));
        self.multistatus(&parts)
    }

    fn report(&self, body: &[u8]) -> Answer {
        let text = std::str::from_utf8(body).unwrap();
        assert!(text.contains("addressbook-multiget"), "{text}");
        let hrefs = text.split("<D:href>").skip(1);
        let mut parts: Vec<_> = hrefs
            .map(|href| {
                let href = href.split("</D:href>").next().unwrap();
                let name = href.strip_prefix(Self::PATH).expect("in this book");
                let found = self.cards.get(name).map(|card| {
                    let data = card.replace('&', "&amp;").replace('<', "&lt;");
                    format!(
                        "<D:getetag>{}</D:getetag><C:address-data>{data}</C:address-data>",
                        etag(card)
                    )
                });
                (self.href(name), found)
            })
            .collect();
        if self.is_terse {
            parts.clear();
        }
        self.multistatus(&parts)
    }

    /// An address as this server writes it.
    fn href(&self, name: &str) -> String {
        match self.manner {
            Manner::Radicale => format!("{}{name}", Self::PATH),
            Manner::Xandikos => format!("http://127.0.0.1:5232/%61na/my%20book/{name}"),
        }
    }

    fn begin(&self) -> &'static str {
        match self.manner {
            Manner::Radicale => {
                "<D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\">"
            }
            Manner::Xandikos => {
                "<D:multistatus xmlns:ns0=\"DAV:\" xmlns:ns1=\"urn:ietf:params:xml:ns:carddav\">"
            }
        }
    }

    fn multistatus(&self, parts: &[(String, Option<String>)]) -> Answer {
        let mut text = String::from("<?xml version='1.0' encoding='utf-8'?>\n");
        text.push_str(self.begin());
        for (href, found) in parts {
            let ok = "<D:status>HTTP/1.1 200 OK</D:status>";
            let found = match (found, self.manner) {
                (Some(found), Manner::Radicale) => {
                    format!("<D:propstat><D:prop>{found}</D:prop>{ok}</D:propstat>")
                }
                (Some(found), Manner::Xandikos) => {
                    format!("<D:propstat>{ok}<D:prop>{found}</D:prop></D:propstat>")
                }
                (None, _) => "<D:status>HTTP/1.1 404 Not Found</D:status>".to_owned(),
            };
            text.push_str(&format!(
                "<D:response><D:href>{href}</D:href>{found}</D:response>"
            ));
        }
        text.push_str("</D:multistatus>");
        if self.manner == Manner::Xandikos {
            // A prefix is a server's own choice.
            for tag in ["<", "</"] {
                text = text.replace(&format!("{tag}D:"), &format!("{tag}ns0:"));
                text = text.replace(&format!("{tag}C:"), &format!("{tag}ns1:"));
            }
        }
        Answer {
            body: text.into_bytes(),
            ..plain(207)
        }
    }
}

/// Folded by characters, as programs in Python do it.
fn folded(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let pieces: Vec<String> = characters
        .chunks(37)
        .map(|piece| piece.iter().collect())
        .collect();
    pieces.join("\r\n ")
}

fn capitals(line: &str) -> String {
    match line.split_once([':', ';']) {
        Some((name, _)) => {
            let (group, name) = name.rsplit_once('.').map_or(("", name), |(g, n)| (g, n));
            let dot = if group.is_empty() { "" } else { "." };
            let rest = &line[group.len() + dot.len() + name.len()..];
            format!("{group}{dot}{}{rest}", name.to_ascii_uppercase())
        }
        None => line.to_owned(),
    }
}

fn etag(card: &str) -> String {
    let mut hasher = DefaultHasher::new();
    card.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}

fn plain(status: u16) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn with_etag(status: u16, etag: &str, body: Vec<u8>) -> Answer {
    Answer {
        status,
        headers: vec![("etag".to_owned(), etag.to_owned())],
        body,
    }
}
