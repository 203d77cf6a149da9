//! An address book, whoever keeps it, and what people do in it with programs of their own.

use std::sync::{Arc, Mutex};

use super::fake::{Fake, Manner};
use super::live::Live;

/// An answer: status, headers with names in lower case, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A request: its path and what comes with it.
pub(crate) struct Asked<'r> {
    pub(crate) method: &'r str,
    pub(crate) path: &'r str,
    pub(crate) headers: &'r [(&'r str, &'r str)],
    pub(crate) body: &'r [u8],
}

/// An address book. Clones are one.
#[derive(Clone)]
pub(crate) enum Book {
    Fake(Arc<Mutex<Fake>>),
    Live(Live),
}

/// Everybody who keeps address books here without a process of its own.
pub(crate) const FAKES: [fn() -> Book; 2] = [
    || Book::fake(Manner::Radicale),
    || Book::fake(Manner::Xandikos),
];

impl Book {
    pub(crate) fn fake(manner: Manner) -> Self {
        Self::Fake(Arc::new(Mutex::new(Fake::new(manner))))
    }

    /// As settings have it.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Fake(_) => format!("http://127.0.0.1:5232{}", Fake::PATH),
            Self::Live(live) => live.address(),
        }
    }

    /// Its path, with a slash at the end.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Fake(_) => Fake::PATH.to_owned(),
            Self::Live(live) => live.path().to_owned(),
        }
    }

    pub(crate) fn ask(&self, asked: &Asked<'_>) -> Result<Answer, ()> {
        match self {
            Self::Fake(fake) => Ok(fake.lock().unwrap().answer(asked)),
            Self::Live(live) => live.ask(asked),
        }
    }

    /// What a program of somebody else asks, signed in.
    pub(crate) fn somebody(
        &self,
        method: &str,
        name: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut headers = vec![("authorization", SIGNED_IN)];
        headers.extend(more);
        let path = format!("{}{name}", self.path());
        let asked = Asked {
            method,
            path: &path,
            headers: &headers,
            body: body.as_bytes(),
        };
        self.ask(&asked).expect("the server answers")
    }

    /// Somebody saves a card.
    pub(crate) fn save(&self, name: &str, text: &str) {
        let kind = [("content-type", "text/vcard; charset=utf-8")];
        let answer = self.somebody("PUT", name, &kind, text);
        assert!(answer.status < 300, "{}: {text}", answer.status);
    }

    pub(crate) fn remove(&self, name: &str) {
        let answer = self.somebody("DELETE", name, &[], "");
        assert!(answer.status < 300, "{}", answer.status);
    }

    /// A card, with line ends and without folds, which servers put where they like.
    pub(crate) fn card(&self, name: &str) -> Option<String> {
        let answer = self.somebody("GET", name, &[], "");
        match answer.status {
            404 => None,
            200 => {
                let text = String::from_utf8(answer.body).expect("cards are UTF-8");
                Some(text.replace("\r\n ", "").replace("\r\n\t", ""))
            }
            status => panic!("{status}"),
        }
    }

    /// Names of all cards.
    pub(crate) fn names(&self) -> Vec<String> {
        let ask =
            "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
        let headers = [("depth", "1"), ("content-type", "application/xml")];
        let answer = self.somebody("PROPFIND", "", &headers, ask);
        let text = String::from_utf8(answer.body).unwrap();
        let hrefs = text.split("href>").skip(1).step_by(2);
        let names = hrefs.filter_map(|href| {
            let path = href.split('<').next()?;
            let name = path.rsplit('/').next()?;
            name.ends_with(".vcf").then(|| name.to_owned())
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// Every card by its name.
    pub(crate) fn cards(&self) -> Vec<(String, String)> {
        let names = self.names().into_iter();
        names
            .filter_map(|name| {
                let card = self.card(&name)?;
                Some((name, card))
            })
            .collect()
    }

    /// Somebody edits a card that is there in a program that keeps what it does not know.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) {
        let card = self.card(name).expect("the card is there");
        let mut lines: Vec<_> = card.trim_end().split("\r\n").map(str::to_owned).collect();
        change(&mut lines);
        self.save(name, &(lines.join("\r\n") + "\r\n"));
    }
}

/// `ana` with the password `open sesame`.
pub(crate) const SIGNED_IN: &str = "Basic YW5hOm9wZW4gc2VzYW1l";
pub(crate) const USER: &str = "ana";
pub(crate) const PASSWORD: &str = "open sesame";

/// A card of somebody whom nobody else knows.
pub(crate) fn stranger(uid: &str, lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Somebody\r\nN:Somebody;;;;\r\n{lines}\r\nEND:VCARD\r\n"
    )
}
