//! `scope` and `groups`: whether the groups of the directory are read, which of them, and what they lead to.

use contact_identity::ObjectId;
use contact_identity::list::comparable;
use entra_users::mapping::exceeds;
use guest_kit::ordered;
use sync_core::ports::StoreLimits;
use sync_core::settings::{
    GROUP, GROUP_DESCRIPTION, GroupKind, GroupList, GroupRules, GroupSelection,
};

use super::document::Node;
use super::located::{Keys, Located, Object};
use super::problem::Findings;
use super::wording::{one_of, quoted};

/// The words of `scope`, and whether groups are read.
pub(super) const SCOPES: &[(&str, bool)] = &[("users", false), ("users-and-groups", true)];

pub(super) const KINDS: &[(&str, GroupKind)] = &[
    ("security", GroupKind::Security),
    ("microsoft-365", GroupKind::Microsoft365),
    ("mail-enabled", GroupKind::MailEnabled),
];

/// The words of `members`, and whether members of a group inside the group count.
pub(super) const MEMBERS: &[(&str, bool)] = &[("direct", false), ("transitive", true)];

/// The words of `people`, and whether members of the groups alone are in scope.
pub(super) const PEOPLE: &[(&str, bool)] = &[("all", false), ("members", true)];

const GROUPS: Keys = Keys {
    known: &["include", "kinds", "members", "list", "people"],
    refused: &[],
};

const LIST: Keys = Keys {
    known: &["name", "description"],
    refused: &[],
};

/// The word for no lists at all.
pub(super) const NONE: &str = "none";

/// How a document says something.
pub(super) fn word<T: PartialEq>(words: &[(&'static str, T)], meant: &T) -> &'static str {
    let word = words.iter().find(|(_, other)| other == meant);
    word.map_or("", |(word, _)| word)
}

/// What ends the beginning of a name.
pub(super) const REST: char = '*';

/// So many groups can be named. Whoever has more of them names a beginning.
const MOST_NAMED: usize = 1_000;

/// The rules, where groups are in scope.
pub(super) fn read(
    sync: &Object<'_>,
    limits: StoreLimits,
    findings: &mut Findings,
) -> Option<GroupRules> {
    // A word that is not known is told already, and says nothing of `groups`.
    let scope = sync
        .get("scope")
        .map_or(Some(false), |place| place.choice(SCOPES, findings));
    let Some(place) = sync.get("groups") else {
        let unsaid = GroupRules {
            selection: GroupSelection::default(),
            transitive: false,
            list: Some(usual_list(limits)),
            members_only: false,
        };
        return scope.unwrap_or_default().then_some(unsaid);
    };
    let groups = place.object(&GROUPS, findings)?;
    if scope == Some(false) {
        findings.problem(
            place.pointer,
            "Groups are read only where they are in scope: write \"scope\": \"users-and-groups\" beside `groups`, or leave `groups` out.",
        );
    }
    let mut choice = |key, choices| {
        let place = groups.get(key)?;
        place.choice(choices, findings)
    };
    let transitive = choice("members", MEMBERS).unwrap_or_default();
    let members_only = choice("people", PEOPLE).unwrap_or_default();
    let mut selection = groups
        .get("include")
        .map_or_else(GroupSelection::default, |place| named(&place, findings));
    selection.kinds = groups
        .get("kinds")
        .map_or_else(Vec::new, |place| kinds(&place, findings));
    let list = match groups.get("list") {
        None => Some(usual_list(limits)),
        Some(place) => list(&place, limits, findings),
    };
    if list.is_none() && !members_only {
        findings.warn(
            "`sync.groups` leads to nothing: everybody is in scope, and no group becomes a list. Write \"people\": \"members\", or leave `list` out.",
        );
    }
    Some(GroupRules {
        selection,
        transitive,
        list,
        members_only,
    })
}

/// Each group becomes a list of its own name and description.
fn usual_list(limits: StoreLimits) -> GroupList {
    GroupList {
        name: GROUP.to_owned(),
        description: GROUP_DESCRIPTION.to_owned(),
        longest: limits.list_name,
    }
}

/// `include`: ids, names, and beginnings of names.
fn named(place: &Located<'_>, findings: &mut Findings) -> GroupSelection {
    let mut selection = GroupSelection::default();
    let elements = place.elements(findings).unwrap_or_default();
    if elements.len() > MOST_NAMED {
        findings.problem(
            place.pointer.as_str(),
            format!(
                "At most 1,000 groups can be named, and these are {}; write how several names begin, such as `Sales*`, or choose by `kinds`.",
                elements.len()
            ),
        );
        return selection;
    }
    let mut seen = Vec::new();
    for element in elements {
        if let Some(text) = element.text(findings)
            && let Err(problem) = add(text, &mut selection, &mut seen)
        {
            findings.problem(element.pointer, problem);
        }
    }
    selection
}

/// Adds what an element names, or says in a sentence that it names nothing, or nothing new. `seen` is what
/// was named before, in the form in which it is compared.
fn add(text: &str, selection: &mut GroupSelection, seen: &mut Vec<String>) -> Result<(), String> {
    let id = ObjectId::is_uuid(text).then(|| ObjectId::new(text));
    if id.is_none() && is_nearly_an_id(text) {
        return Err(format!(
            "{} is no object id, and hardly a name; copy the id from the directory's own page of the group. It looks like 00000000-0000-4000-8000-000000000001.",
            quoted(text)
        ));
    }
    let goes_on = text.ends_with(REST);
    let compared = match &id {
        Some(id) => id.as_str().to_owned(),
        None => comparable(beginning(text)).into_owned(),
    };
    if compared.is_empty() {
        let problem = match goes_on {
            true => "Leave `include` out for all groups.",
            false => "Nothing of this name can be seen; write a name, or an object id.",
        };
        return Err(problem.to_owned());
    }
    // No name ends so, and none is a UUID: each is known from the others.
    let mut key = compared.clone();
    if goes_on {
        key.push(REST);
    }
    if seen.contains(&key) {
        return Err("This stands earlier in the list; remove it here.".to_owned());
    }
    seen.push(key);
    match id {
        Some(id) => selection.ids.push(id),
        None if goes_on => selection.prefixes.push(compared),
        None => selection.names.push(compared),
    }
    Ok(())
}

/// A name without the asterisk that says that it goes on, and without the blank before that.
fn beginning(text: &str) -> &str {
    text.trim_end_matches(|character: char| character == REST || character.is_whitespace())
}

/// An id of which a digit was lost, or that has one too many: nobody would call a group so.
fn is_nearly_an_id(text: &str) -> bool {
    let hyphens = text.bytes().filter(|byte| *byte == b'-').count();
    hyphens == 4
        && (30..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The kinds, in an order of their own.
fn kinds(place: &Located<'_>, findings: &mut Findings) -> Vec<GroupKind> {
    let mut kinds = Vec::new();
    for element in place.elements(findings).unwrap_or_default() {
        let Some(kind) = element.choice(KINDS, findings) else {
            continue;
        };
        if kinds.contains(&kind) {
            findings.problem(
                element.pointer,
                "This kind stands earlier in the list; remove it here.",
            );
        } else {
            kinds.push(kind);
        }
    }
    ordered::sort(&mut kinds);
    kinds
}

/// The list that a group becomes; `None` where groups become none.
fn list(place: &Located<'_>, limits: StoreLimits, findings: &mut Findings) -> Option<GroupList> {
    match place.node {
        Node::Text(text) if text == NONE => return None,
        Node::Object(_) => {}
        _ => {
            findings.problem(
                place.pointer.as_str(),
                "This is no rule for the lists of groups: write `none`, or {\"name\": \"{group}\"}.",
            );
            return None;
        }
    }
    let list = place.object(&LIST, findings)?;
    let mut usual = usual_list(limits);
    if let Some(place) = list.get("name")
        && let Some(name) = list_name(&place, limits, findings)
    {
        name.clone_into(&mut usual.name);
    }
    if let Some(place) = list.get("description")
        && let Some(description) = template(&place, &[GROUP, GROUP_DESCRIPTION], findings)
    {
        description.clone_into(&mut usual.description);
    }
    Some(usual)
}

/// The name of each list, such as the store takes where the group's own is short.
fn list_name<'d>(
    place: &Located<'d>,
    limits: StoreLimits,
    findings: &mut Findings,
) -> Option<&'d str> {
    let name = template(place, &[GROUP], findings)?;
    if !name.contains(GROUP) {
        findings.problem(
            place.pointer.as_str(),
            "All groups would become one list; write {group} where the name of the group goes, such as `{group}` or `Entra {group}`.",
        );
        return None;
    }
    let shortest = name.replace(GROUP, "x");
    match limits.list_name {
        Some(limit) if exceeds(&shortest, limit) => {
            findings.problem(
                place.pointer.as_str(),
                format!("The store takes names of lists of at most {limit} characters, and this leaves none for the group; write a shorter one."),
            );
            None
        }
        _ => Some(name),
    }
}

/// A text in which words in braces stand for something: only those that are known here.
fn template<'d>(place: &Located<'d>, known: &[&str], findings: &mut Findings) -> Option<&'d str> {
    let text = place.text(findings)?;
    for rest in text.split('{').skip(1) {
        let word = rest.split_once('}').map_or("", |(word, _)| word);
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        let word = format!("{{{word}}}");
        if is_word && !known.contains(&word.as_str()) {
            let message = format!(
                "{} stands for nothing here; write {}.",
                quoted(&word),
                one_of(known.iter().copied())
            );
            findings.problem(place.pointer.as_str(), message);
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_has_a_word() {
        for (said, kind) in KINDS {
            assert_eq!(word(KINDS, kind), *said);
            assert_eq!(json!(kind), *said, "as whoever prints settings has it");
        }
    }

    #[test]
    fn a_number_that_is_nearly_an_id_is_told_from_a_name() {
        for text in [
            "abcdef00-0000-4000-8000-00000000abc",
            "abcdef00-0000-4000-8000-00000000abcde",
            "abcdef000-000-4000-8000-00000000abcd",
        ] {
            assert!(is_nearly_an_id(text), "{text}");
        }
        for text in ["Team A-B-C-D-E", "2026-01-01", "abcdef0000004000", "----"] {
            assert!(!is_nearly_an_id(text), "{text}");
        }
    }
}
