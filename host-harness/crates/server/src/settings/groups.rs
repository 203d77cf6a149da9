//! Which groups of the directory count, as the form of the second step says it.

use serde_json::{Map, Value, json};

/// The word under which groups are not read, which a document need not say.
const USERS: &str = "users";

/// What a document need not say of the members of a group, and of who is in scope.
const DIRECT: &str = "direct";
const EVERYBODY: &str = "all";

/// What the form says of groups. What it does not show (how their lists are called) stays as it is in the
/// document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupsForm {
    /// `users` or `users-and-groups`.
    pub(crate) scope: String,
    /// Ids, names and beginnings of names.
    pub(crate) include: Vec<String>,
    pub(crate) kinds: Vec<String>,
    pub(crate) members: String,
    pub(crate) people: String,
}

impl Default for GroupsForm {
    fn default() -> Self {
        Self {
            scope: USERS.to_owned(),
            include: Vec::new(),
            kinds: Vec::new(),
            members: DIRECT.to_owned(),
            people: EVERYBODY.to_owned(),
        }
    }
}

impl GroupsForm {
    /// As a document has it: what `sync` says of `scope` and of `groups`.
    pub(crate) fn of(scope: &Value, groups: &Value) -> Self {
        let texts = |key: &str| {
            let values = groups.get(key).and_then(Value::as_array);
            let texts = values.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let word = |value: Option<&Value>, usual: &str| {
            value.and_then(Value::as_str).unwrap_or(usual).to_owned()
        };
        Self {
            scope: word(Some(scope), USERS),
            include: texts("include"),
            kinds: texts("kinds"),
            members: word(groups.get("members"), DIRECT),
            people: word(groups.get("people"), EVERYBODY),
        }
    }

    /// One more field of those that were posted, by its name without what all of them begin with.
    pub(super) fn take(&mut self, part: &str, value: &str) {
        match part {
            "include" => self.include = lines(value),
            "members" => value.clone_into(&mut self.members),
            "people" => value.clone_into(&mut self.people),
            _ => {
                if let Some(kind) = part.strip_prefix("kinds.").filter(|_| value == "on") {
                    self.kinds.push(kind.to_owned());
                }
            }
        }
    }

    /// What could not be written and would be lost unseen, with the name of its input.
    pub(super) fn unsayable(&self) -> Option<(String, &'static str)> {
        let problem = "These groups count only where users and groups are read. Choose that above, or \
                       empty this.";
        (self.scope == USERS && !self.include.is_empty())
            .then(|| ("groups.include".to_owned(), problem))
    }

    /// Writes it into `sync`, no more than has to be said.
    pub(super) fn write(&self, sync: &mut Map<String, Value>) {
        let groups = sync.remove("groups");
        sync.remove("scope");
        if self.scope == USERS {
            return;
        }
        sync.insert("scope".to_owned(), json!(self.scope));
        let mut groups = match groups {
            Some(Value::Object(groups)) => groups,
            _ => Map::new(),
        };
        for (key, value, is_usual) in [
            ("include", json!(self.include), self.include.is_empty()),
            ("kinds", json!(self.kinds), self.kinds.is_empty()),
            ("members", json!(self.members), self.members == DIRECT),
            ("people", json!(self.people), self.people == EVERYBODY),
        ] {
            if is_usual {
                groups.remove(key);
            } else {
                groups.insert(key.to_owned(), value);
            }
        }
        if !groups.is_empty() {
            sync.insert("groups".to_owned(), Value::Object(groups));
        }
    }
}

/// The lines of a text in which something stands.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a document by a form that says of groups what it was drawn with.
    fn saved(sync: &Value) -> Value {
        let form = GroupsForm::of(&sync["scope"], &sync["groups"]);
        let mut sync = sync.as_object().cloned().unwrap();
        form.write(&mut sync);
        Value::Object(sync)
    }

    #[test]
    fn what_a_document_says_of_groups_survives_a_form() {
        for sync in [
            json!({ "preset": "mirror" }),
            json!({ "scope": "users-and-groups" }),
            json!({ "scope": "users-and-groups", "groups": {
                "include": ["Sales", "Region *"], "kinds": ["security"], "members": "transitive",
                "list": { "name": "Entra {group}" }, "people": "members" } }),
            json!({ "scope": "users-and-groups", "groups": { "list": "none", "people": "members" } }),
        ] {
            assert_eq!(saved(&sync), sync);
        }
    }

    #[test]
    fn what_need_not_be_said_is_not() {
        let said = json!({ "scope": "users-and-groups", "groups": { "members": "direct", "people": "all" } });
        assert_eq!(saved(&said), json!({ "scope": "users-and-groups" }));
        assert_eq!(saved(&json!({ "scope": "users" })), json!({}));
    }

    #[test]
    fn where_users_alone_are_read_nothing_is_left_of_groups() {
        let before = json!({ "scope": "users-and-groups", "groups": { "include": ["Sales"] } });
        let mut form = GroupsForm::of(&before["scope"], &before["groups"]);
        form.scope = "users".to_owned();
        assert_eq!(form.unsayable().unwrap().0, "groups.include");
        form.include.clear();
        assert_eq!(form.unsayable(), None);
        let mut sync = before.as_object().cloned().unwrap();
        form.write(&mut sync);
        assert!(sync.is_empty(), "{sync:?}");
    }

    #[test]
    fn fields_that_were_posted_are_read() {
        let mut form = GroupsForm::default();
        for (part, value) in [
            ("include", "Sales\r\n\r\n Region * \r\n"),
            ("kinds.security", "on"),
            ("kinds.mail-enabled", "on"),
            ("kinds.microsoft-365", ""),
            ("members", "transitive"),
            ("people", "members"),
            ("other", "x"),
        ] {
            form.take(part, value);
        }
        assert_eq!(form.include, ["Sales", "Region *"]);
        assert_eq!(form.kinds, ["security", "mail-enabled"]);
        assert_eq!(
            (form.members.as_str(), form.people.as_str()),
            ("transitive", "members")
        );
    }
}
