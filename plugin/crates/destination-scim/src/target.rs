//! What this destination is, and what its part of a configuration document says.

use destination_kit::contract::{Caveat, NeededServer, Problem, TargetDescription};
use destination_kit::{Address, Members};

/// By which a configuration chooses this destination.
const NAME: &str = "scim";

const SCHEMA: &str = include_str!("settings.schema.json");

/// The members that there are.
const KNOWN: [&str; 5] = ["name", "server", "user", "secret", "account"];

/// What is not as whoever keeps contacts would expect it, by code.
const CAVEATS: [(&str, &str); 7] = [
    (
        "not-atomic",
        "A sync is as many requests as it has changes. Where it is interrupted, some users are written and others are \
         not; a later one finds out which by reading, completes them, and makes nobody twice.",
    ),
    (
        "unguarded-writes",
        "Where the server keeps no versions (ETags that it announces and checks), a user is read right before being \
         written, and left alone where somebody has changed anything since. A change that somebody makes in the moment \
         between is overwritten where it is of the same value, or of another mail address or number of the same user; \
         where the server takes users only whole, whatever it is of.",
    ),
    (
        "managed-elsewhere",
        "A user whose externalId another program has written belongs to that program, and is neither taken over nor \
         written. Entra's own provisioning writes it: do not let both look after the same people.",
    ),
    (
        "sign-ins",
        "Users of many servers can sign in there. Whoever is made by a sync gets no password; whoever is deactivated \
         may be unable to sign in, and whoever is deleted loses what the server keeps of them.",
    ),
    (
        "inactive-may-delete",
        "A user is deactivated by writing active: false. Some servers delete such a user, which cannot be found out \
         beforehand; the next sync then finds nobody there.",
    ),
    (
        "no-search-by-address",
        "Servers differ in how they search by mail address, so all users are read at the beginning of each full sync. \
         One that somebody makes there later is found by the address from the next full sync on.",
    ),
    (
        "joined-twice",
        "Users do not tell who put them into a group. Whoever is in one already, and is put into it by a sync, is taken \
         out of it by a sync, too.",
    ),
];

/// How requests are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// With a token (RFC 6750, section 2.1): the secret.
    Bearer,
    /// With this user name and a password (RFC 7617): the secret.
    Basic(String),
}

/// What the settings say, where nothing is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address below which `/Users` is.
    pub server: Address,
    /// How requests are signed.
    pub sign_in: SignIn,
    /// The name of the secret.
    pub secret: String,
    /// What the tenant of the server is known by, see `target.description.account` of the contract.
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
        let user = members.optional_text("user", "Write the user name, or leave it out.");
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            // RFC 7617, section 2.
            let message = "A user name has no colon here; write the name alone, and the password under its name at the \
                           host.";
            members.refuse("user", message);
        }
        let secret = members.text(
            "secret",
            "Write the name under which the host keeps the token, or the password.",
        );
        let account =
            members.optional_text("account", "Write a name for the account, or leave it out.");
        match (server, secret) {
            (Some(server), Some(secret)) if members.is_right() => Ok(Self {
                account: account.unwrap_or_else(|| match &user {
                    Some(user) => format!("{user} at {server}"),
                    None => server.to_string(),
                }),
                server,
                sign_in: user.map_or(SignIn::Bearer, SignIn::Basic),
                secret,
            }),
            _ => Err(members.problems()),
        }
    }
}

fn server(members: &mut Members) -> Option<Address> {
    let advice = "Write the address below which /Users is, such as https://people.example/scim/v2.";
    let url = members.text("server", advice)?;
    match Address::read(&url) {
        Ok(server) => Some(server),
        Err(advice) => {
            members.refuse("server", advice);
            None
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
        root: settings.server.root().to_owned(),
        why: "The users are there.".to_owned(),
    };
    TargetDescription {
        name: NAME.to_owned(),
        label: "SCIM".to_owned(),
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
    fn an_address_is_a_server_to_be_allowed_and_an_account() {
        let settings = json!({
            "name": "scim", "server": "https://people.example:8443/scim/v2/", "secret": "token",
        });
        assert!(is_of_schema(&settings));
        let described = describe(&settings.to_string());
        let roots: Vec<_> = described
            .servers
            .iter()
            .map(|server| &*server.root)
            .collect();
        assert_eq!(roots, ["https://people.example:8443"]);
        let account = described.account.as_deref();
        assert_eq!(account, Some("https://people.example:8443/scim/v2"));
        assert_eq!(described.problems, []);
    }

    #[test]
    fn a_user_name_makes_the_secret_a_password_and_belongs_to_the_account() {
        let settings = json!({
            "name": "scim", "server": "http://127.0.0.1:8080/v2", "user": "sync", "secret": "password",
        });
        assert!(is_of_schema(&settings));
        let read = Settings::read(&settings.to_string()).unwrap();
        assert_eq!(read.sign_in, SignIn::Basic("sync".to_owned()));
        assert_eq!(read.account, "sync at http://127.0.0.1:8080/v2");
        let mut named = settings.clone();
        named["account"] = json!("Main");
        assert!(is_of_schema(&named));
        assert_eq!(Settings::read(&named.to_string()).unwrap().account, "Main");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        for (settings, expected) in [
            (json!([]), vec!["/sync/target"]),
            (
                json!({"name": "scim"}),
                vec!["/sync/target/server", "/sync/target/secret"],
            ),
            (
                json!({"name": "scim", "server": "http://people.example", "user": "a:b", "secret": " s", "a/b": 1}),
                vec![
                    "/sync/target/a~1b",
                    "/sync/target/server",
                    "/sync/target/user",
                    "/sync/target/secret",
                ],
            ),
            (
                json!({"name": "scim", "server": "https://ana:word@people.example", "secret": "s", "account": ""}),
                vec!["/sync/target/server", "/sync/target/account"],
            ),
            (
                json!({"name": "scim", "server": "https://people.example/scim?token=x", "secret": 5}),
                vec!["/sync/target/server", "/sync/target/secret"],
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
        let settings = json!({
            "server": "https://zzz:zzz@people.example", "user": "zzz:zzz", "secret": ["zzz"], "account": "\u{7}zzz",
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
