//! What this destination is, and what its part of a configuration document says.

use destination_kit::contract::{Caveat, NeededServer, Problem, TargetDescription};
use destination_kit::{Address, Members};

/// By which a configuration chooses this destination.
const NAME: &str = "carddav";

const SCHEMA: &str = include_str!("settings.schema.json");

/// The members that there are.
const KNOWN: [&str; 5] = ["name", "addressbook", "user", "secret", "account"];

/// What is not as whoever keeps contacts would expect it, by code.
const CAVEATS: [(&str, &str); 6] = [
    (
        "not-atomic",
        "A sync is as many requests as it has changes. Where it is interrupted, some contacts are written and others \
         are not; a later one finds out which by reading, completes them, and makes nobody twice.",
    ),
    (
        "no-search-by-address",
        "No two servers search alike, so a sync that has somebody to look up reads all contacts, 100 a request.",
    ),
    (
        "no-inactive-contacts",
        "Address books have no inactive contacts. Whoever is deactivated leaves the categories that this connector \
         added and keeps the contact, with a mark that programs do not show.",
    ),
    (
        "lists-are-categories",
        "A list is a category. It is there as long as somebody is in it, and has no description; groups that are \
         contacts of their own (KIND:group) are left alone.",
    ),
    (
        "deleted-whole",
        "Whoever is deleted is deleted with photograph, notes and everything else that people have added. Undo brings \
         back what is mapped, custom fields and categories.",
    ),
    (
        "changed-and-changed-back",
        "A contact that somebody changes and changes back between two looks of the connector counts as unchanged.",
    ),
];

/// What the settings say, where nothing is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the address book is.
    pub addressbook: Address,
    /// Whose sign-in it is.
    pub user: String,
    /// The name of the user's secret.
    pub secret: String,
    /// What the address book is known by, see `target.description.account` of the contract.
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
        let addressbook = members.text(
            "addressbook",
            "Write the address of the address book, such as https://dav.example/books/ana/contacts/.",
        );
        let addressbook = addressbook.and_then(|url| match Address::read(&url) {
            Ok(address) => Some(address),
            Err(advice) => {
                members.refuse("addressbook", advice);
                None
            }
        });
        let user = members.text("user", "Write the user who may write to the address book.");
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            // RFC 7617, section 2.
            let message = "A user's name has no colon; write the name alone, and the secret under its name at the host.";
            members.refuse("user", message);
        }
        let secret = members.text(
            "secret",
            "Write the name under which the host keeps the user's password.",
        );
        let account = members.optional_text(
            "account",
            "Write a name for the address book, or leave it out.",
        );
        match (addressbook, user, secret) {
            (Some(addressbook), Some(user), Some(secret)) if members.is_right() => Ok(Self {
                account: account.unwrap_or_else(|| addressbook.to_string()),
                addressbook,
                user,
                secret,
            }),
            _ => Err(members.problems()),
        }
    }
}

/// What this destination is with these settings.
#[must_use]
pub fn describe(settings: &str) -> TargetDescription {
    let (settings, problems) = match Settings::read(settings) {
        Ok(settings) => (Some(settings), Vec::new()),
        Err(problems) => (None, problems),
    };
    let server = |settings: &Settings| NeededServer {
        root: settings.addressbook.root().to_owned(),
        why: "The address book is there.".to_owned(),
    };
    TargetDescription {
        name: NAME.to_owned(),
        label: "CardDAV".to_owned(),
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
    fn an_address_book_is_its_own_account_with_and_without_a_slash_at_its_end() {
        for slash in ["", "/"] {
            let settings = json!({
                "name": "carddav", "addressbook": format!("https://dav.example:8443/ana%40x/book{slash}"),
                "user": "ana@x", "secret": "password",
            });
            assert!(is_of_schema(&settings));
            let described = describe(&settings.to_string());
            let roots: Vec<_> = described
                .servers
                .iter()
                .map(|server| &*server.root)
                .collect();
            assert_eq!(roots, ["https://dav.example:8443"]);
            let account = "https://dav.example:8443/ana%40x/book";
            assert_eq!(described.account.as_deref(), Some(account));
            assert_eq!(described.problems, []);
        }
    }

    #[test]
    fn an_account_that_has_a_name_stays_itself_when_the_address_changes() {
        let account = |host: &str| {
            let addressbook = format!("https://{host}/book/");
            let settings = json!({
                "name": "carddav", "addressbook": addressbook, "user": "u", "secret": "s", "account": "Staff",
            });
            assert!(is_of_schema(&settings));
            describe(&settings.to_string()).account
        };
        assert_eq!(account("one.example").as_deref(), Some("Staff"));
        assert_eq!(account("one.example"), account("two.example"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        let right = "https://dav.example/book/";
        for (settings, expected) in [
            (json!([]), vec!["/sync/target"]),
            (
                json!({"name": "carddav"}),
                vec![
                    "/sync/target/addressbook",
                    "/sync/target/user",
                    "/sync/target/secret",
                ],
            ),
            (
                json!({"addressbook": "http://dav.example/book/", "user": "u", "secret": "s"}),
                vec!["/sync/target/addressbook"],
            ),
            (
                json!({"addressbook": "https://u:p@dav.example/book/", "user": "u", "secret": "s"}),
                vec!["/sync/target/addressbook"],
            ),
            (
                json!({"addressbook": right, "user": "a:b", "secret": " s", "password": "x"}),
                vec![
                    "/sync/target/password",
                    "/sync/target/user",
                    "/sync/target/secret",
                ],
            ),
            (
                json!({"addressbook": right, "user": "u", "secret": "s", "account": ""}),
                vec!["/sync/target/account"],
            ),
        ] {
            assert_eq!(pointers(&settings), expected, "{settings}");
        }
    }

    #[test]
    fn no_value_stands_in_a_problem() {
        let settings = json!({
            "addressbook": "zzz", "user": "zzz:zzz", "secret": ["zzz"], "account": "\u{7}zzz",
        });
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
