//! Under which keys of the ledger what is kept.
//!
//! | key | holds |
//! |---|---|
//! | `fence` | who wrote last, and how often: see [`View`](crate::view::View) |
//! | `x` | the counters |
//! | `salt` | what addresses are hashed with |
//! | `c/CONTACT` | a contact: its record of the service, links, bases, lists |
//! | `r/REMOTE` | the contact of a record |
//! | `l/SOURCE/USER` | the contact that is linked to a user, and the number of the link |
//! | `f/SOURCE/USER` | the contact that formerly was |
//! | `a/HASH` | the contacts with a match key, as far as they were seen |
//! | `scanned` | when all records were read last |
//! | `t/LIST` | a list that contacts were put on: its name, and who named it |
//! | `i/NUMBER` | an intent: a change whose request may have been sent |
//! | `w/LIST/REMOTE` | a record that is still to be taken off a list |
//! | `j/NUMBER` | an entry of the journal; `ju`, `jc`, `jr`, `ja` find it by user, contact, run, address |
//! | `q/NUMBER`, `qr/RUN` | a run, and its number |
//! | `n/SOURCE/USER` | a note; `nc`, `na` find it by contact and address |
//! | `o/SOURCE/ROUND`, `v/SOURCE/ROUND/LINK` | an open round, and whom it has seen |
//! | `s/KEY` | the connector's state |

pub(crate) const FENCE: &str = "fence";
pub(crate) const COUNTERS: &str = "x";
pub(crate) const SALT: &str = "salt";
pub(crate) const SCANNED: &str = "scanned";
pub(crate) const INTENTS: &str = "i/";
pub(crate) const LISTS: &str = "t/";
pub(crate) const OWED: &str = "w/";
pub(crate) const RUNS: &str = "q/";
pub(crate) const STATE: &str = "s/";

/// Stands between a user and a number, and before every character of an id.
const BEFORE_ALL: char = '\u{1}';

/// A text as a part of a key that something follows.
fn part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

pub(crate) fn contact(id: &str) -> String {
    format!("c/{id}")
}

pub(crate) fn remote(id: &str) -> String {
    format!("r/{id}")
}

pub(crate) fn links(source: &str) -> String {
    format!("l/{}/", part(source))
}

pub(crate) fn link(source: &str, user: &str) -> String {
    format!("{}{user}", links(source))
}

pub(crate) fn former(source: &str, user: &str) -> String {
    format!("f/{}/{user}", part(source))
}

pub(crate) fn address(hash: &str) -> String {
    format!("a/{hash}")
}

pub(crate) fn list(id: &str) -> String {
    format!("{LISTS}{id}")
}

pub(crate) fn intent(number: u64) -> String {
    format!("{INTENTS}{number:020}")
}

pub(crate) fn owed(list: &str, remote: &str) -> String {
    format!("{OWED}{}/{remote}", part(list))
}

pub(crate) fn journal(number: u64) -> String {
    format!("j/{number:020}")
}

pub(crate) fn entries_of_user(source: &str, user: &str) -> String {
    format!("ju/{}/{}/", part(source), part(user))
}

pub(crate) fn entry_of_user(source: &str, user: &str, number: u64) -> String {
    format!("{}{number:020}", entries_of_user(source, user))
}

pub(crate) fn entries_of_contact(contact: &str) -> String {
    format!("jc/{}/", part(contact))
}

pub(crate) fn entry_of_contact(contact: &str, number: u64) -> String {
    format!("{}{number:020}", entries_of_contact(contact))
}

pub(crate) fn entries_of_whole_run(run: &str) -> String {
    format!("jr/{}/", part(run))
}

pub(crate) fn entries_of_run(run: &str, source: &str) -> String {
    format!("{}{}/", entries_of_whole_run(run), part(source))
}

pub(crate) fn entry_of_run(run: &str, source: &str, user: &str, number: u64) -> String {
    format!(
        "{}{user}{BEFORE_ALL}{number:020}",
        entries_of_run(run, source)
    )
}

/// A key behind all entries of a user in a run.
pub(crate) fn behind_user_in_run(run: &str, source: &str, user: &str) -> String {
    format!("{}{user}{BEFORE_ALL}~", entries_of_run(run, source))
}

/// The user and the number of an entry of a run.
pub(crate) fn user_and_number<'k>(key: &'k str, prefix: &str) -> Option<(&'k str, u64)> {
    let (user, number) = key.strip_prefix(prefix)?.rsplit_once(BEFORE_ALL)?;
    Some((user, number.parse().ok()?))
}

/// The number that a key ends with.
pub(crate) fn number(key: &str) -> Option<u64> {
    key.rsplit(['/', BEFORE_ALL]).next()?.parse().ok()
}

pub(crate) fn contacts_once_at(hash: &str) -> String {
    format!("ja/{hash}/")
}

pub(crate) fn contact_once_at(hash: &str, contact: &str) -> String {
    format!("ja/{hash}/{contact}")
}

pub(crate) fn run(number: u64) -> String {
    format!("{RUNS}{number:020}")
}

pub(crate) fn run_number(run: &str) -> String {
    format!("qr/{run}")
}

pub(crate) fn note(source: &str, user: &str) -> String {
    format!("n/{}/{user}", part(source))
}

pub(crate) fn notes_of_contact(contact: &str, source: &str) -> String {
    format!("nc/{}/{}/", part(contact), part(source))
}

pub(crate) fn notes_at(hash: &str, source: &str) -> String {
    format!("na/{hash}/{}/", part(source))
}

pub(crate) fn round(source: &str, round: &str) -> String {
    format!("o/{}/{round}", part(source))
}

pub(crate) fn sightings(source: &str, round: &str) -> String {
    format!("v/{}/{}/", part(source), part(round))
}

pub(crate) fn sighting(source: &str, round: &str, link: u64) -> String {
    format!("{}{link:020}", sightings(source, round))
}

pub(crate) fn state(key: &str) -> String {
    format!("{STATE}{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_text_makes_no_other_key() {
        assert_ne!(link("a/b", "c"), link("a", "b/c"));
        assert_ne!(link("a%2Fb", "c"), link("a/b", "c"));
    }

    #[test]
    fn entries_of_a_run_are_in_order_of_the_user_also_where_one_id_begins_with_another() {
        let mut keys = ["ab", "a", "a-"].map(|user| entry_of_run("r", "s", user, 7));
        keys.sort();
        let prefix = entries_of_run("r", "s");
        let users = keys.each_ref().map(|key| user_and_number(key, &prefix));
        assert_eq!(users, [Some(("a", 7)), Some(("a-", 7)), Some(("ab", 7))]);
        assert!(behind_user_in_run("r", "s", "a") > entry_of_run("r", "s", "a", u64::MAX));
        assert!(behind_user_in_run("r", "s", "a") < entry_of_run("r", "s", "a-", 0));
    }
}
