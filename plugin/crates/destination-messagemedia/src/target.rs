//! What this destination is, and what its part of a configuration document says.

use destination_kit::Members;
use destination_kit::contract::{Caveat, NeededServer, Problem, TargetDescription};

use crate::settings::{Region, Server};

/// By which a configuration chooses this destination.
const NAME: &str = "messagemedia";

const SCHEMA: &str = include_str!("settings.schema.json");

/// The members that there are.
const KNOWN: [&str; 6] = ["name", "region", "server", "key", "secret", "account"];

/// What is not as whoever keeps contacts would expect it, by code.
const CAVEATS: [(&str, &str); 6] = [
    (
        "not-atomic",
        "A sync is as many requests as it has changes. Where it is interrupted, some contacts are written and others \
         are not; a later one finds out which by reading, completes them, and makes nobody twice.",
    ),
    (
        "unguarded-writes",
        "A contact is read right before it is written, and left alone where somebody has changed it since. A change \
         that somebody makes in the moment between is overwritten where it is of the same field, or of a custom field.",
    ),
    (
        "number-needed",
        "A contact needs a mobile number with its country code (+44 7700 900101). Whoever has none in the directory \
         gets no contact, and the report says who that is.",
    ),
    (
        "no-search-by-address",
        "Contacts cannot be searched by mail address, so all of them are read at the beginning of each full sync, 500 \
         a request. One that somebody makes there later is found by its address from the next full sync on.",
    ),
    (
        "no-inactive-contacts",
        "There are no inactive contacts. Whoever is deactivated leaves the lists that this connector put them on, and \
         keeps the contact and its subscription.",
    ),
    (
        "subscriptions-untouched",
        "Nobody is ever subscribed by a sync. Whoever has opted out stays so, also with a new number.",
    ),
];

/// What the settings say, where nothing is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the account is.
    pub server: Server,
    /// The API key.
    pub key: String,
    /// The name of its secret.
    pub secret: String,
    /// What the account is known by, see `target.description.account` of the contract.
    pub account: String,
}

impl Settings {
    /// Reads the object at `/sync/target`.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut members = Members::read(text, &KNOWN)?;
        let server = server(&mut members);
        let key = members.text("key", "Write the key of the account's API.");
        if key.as_ref().is_some_and(|key| key.contains(':')) {
            let message = "An API key has no colon; write the key alone, and the secret under its name at the host.";
            members.refuse("key", message);
        }
        let secret = members.text(
            "secret",
            "Write the name under which the host keeps the secret of the key.",
        );
        let account =
            members.optional_text("account", "Write a name for the account, or leave it out.");
        match (server, key, secret) {
            (Some((place, server)), Some(key), Some(secret)) if members.is_right() => Ok(Self {
                account: account.unwrap_or_else(|| format!("{key} at {place}")),
                server,
                key,
                secret,
            }),
            _ => Err(members.problems()),
        }
    }
}

/// What it is called, and the server that it is.
fn server(members: &mut Members) -> Option<(String, Server)> {
    let regions = "Write the region of the account: eu, au or us.";
    match (members.has("region"), members.has("server")) {
        (true, true) => {
            members.refuse("server", "There is a region, too; write one of them.");
            None
        }
        (false, true) => {
            let root = members.text("server", "Write the server's address.")?;
            match Server::local(&root) {
                Ok(server) => Some((root, server)),
                Err(error) => {
                    members.refuse("server", &sentence(&error.to_string()));
                    None
                }
            }
        }
        (_, false) => {
            let name = members.text("region", regions)?;
            let region = Region::named(&name);
            if region.is_none() {
                members.refuse("region", regions);
            }
            Some((name, Server::of(region?)))
        }
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

/// What this destination is with these settings.
#[must_use]
pub fn describe(settings: &str) -> TargetDescription {
    let (settings, problems) = match Settings::read(settings) {
        Ok(settings) => (Some(settings), Vec::new()),
        Err(problems) => (None, problems),
    };
    let server = |settings: &Settings| NeededServer {
        root: settings.server.root().to_owned(),
        why: "The contacts of the account are there.".to_owned(),
    };
    TargetDescription {
        name: NAME.to_owned(),
        label: "MessageMedia".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        settings_schema: SCHEMA.to_owned(),
        problems,
        servers: settings.iter().map(server).collect(),
        account: settings.map(|settings| settings.account),
        caveats: CAVEATS
            .into_iter()
            .map(|(code, meaning)| Caveat {
                code: code.to_owned(),
                meaning: meaning.to_owned(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pointers(settings: &Value) -> Vec<String> {
        let described = describe(&settings.to_string());
        assert_eq!(described.account, None, "{settings}");
        assert!(described.servers.is_empty(), "{settings}");
        let problems = described.problems.into_iter();
        problems.map(|problem| problem.pointer).collect()
    }

    fn is_of_schema(settings: &Value) -> bool {
        let schema = serde_json::from_str(SCHEMA).unwrap();
        jsonschema::is_valid(&schema, settings)
    }

    #[test]
    fn a_region_is_a_server_and_with_the_key_an_account() {
        let settings =
            json!({"name": "messagemedia", "region": "eu", "key": "k", "secret": "their-secret"});
        assert!(is_of_schema(&settings));
        let described = describe(&settings.to_string());
        let roots: Vec<_> = described
            .servers
            .iter()
            .map(|server| &*server.root)
            .collect();
        assert_eq!(roots, ["https://eu.app.api.sinch.com"]);
        assert_eq!(described.account.as_deref(), Some("k at eu"));
        assert_eq!(described.problems, []);
    }

    #[test]
    fn an_account_that_has_a_name_stays_itself_when_its_key_is_replaced() {
        let account = |key: &str| {
            let settings = json!({"name": "messagemedia", "region": "au", "key": key, "secret": "s", "account": "Main"});
            assert!(is_of_schema(&settings));
            describe(&settings.to_string()).account
        };
        assert_eq!(account("one").as_deref(), Some("Main"));
        assert_eq!(account("one"), account("two"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        for (settings, expected) in [
            (json!([]), vec!["/sync/target"]),
            (
                json!({"name": "messagemedia"}),
                vec![
                    "/sync/target/region",
                    "/sync/target/key",
                    "/sync/target/secret",
                ],
            ),
            (
                json!({"region": "mars", "key": "a:b", "secret": " s", "a/b": 1}),
                vec![
                    "/sync/target/a~1b",
                    "/sync/target/region",
                    "/sync/target/key",
                    "/sync/target/secret",
                ],
            ),
            (
                json!({"region": "eu", "server": "http://127.0.0.1:1", "key": "k", "secret": "s"}),
                vec!["/sync/target/server"],
            ),
            (
                json!({"server": "https://evil.example", "key": "k", "secret": "s"}),
                vec!["/sync/target/server"],
            ),
            (
                json!({"region": "eu", "key": "k", "secret": "s", "account": ""}),
                vec!["/sync/target/account"],
            ),
            (
                json!({"region": "eu", "key": "", "secret": 5}),
                vec!["/sync/target/key", "/sync/target/secret"],
            ),
        ] {
            assert_eq!(pointers(&settings), expected, "{settings}");
            assert!(
                settings.is_array() || !is_of_schema(&settings),
                "{settings}"
            );
        }
    }

    #[test]
    fn no_value_stands_in_a_problem() {
        let settings =
            json!({"region": "zzz", "key": "zzz:zzz", "secret": ["zzz"], "account": "\u{7}zzz"});
        let described = describe(&settings.to_string());
        assert!(!described.problems.is_empty());
        for problem in described.problems {
            assert!(!problem.message.contains("zzz"), "{}", problem.message);
        }
    }

    #[test]
    fn every_caveat_has_a_code_of_its_own() {
        let mut codes: Vec<_> = CAVEATS.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CAVEATS.len());
    }
}
