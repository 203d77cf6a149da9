//! A SCIM server in this process, with what servers differ by.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::behaviour::{Behaviour, Filters, Patching, TakingOut};
use super::described::{capitals, resource_types, schemas};
use super::patching::{self, Refused};

/// A request, as the server sees one.
pub struct Asked<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Below the server's address.
    pub path: &'a str,
    /// Of the header.
    pub if_match: Option<&'a str>,
    /// Of the header.
    pub if_none_match: Option<&'a str>,
    /// As JSON; `null` where there is none.
    pub body: Value,
}

/// Status and body; `null` where there is none.
pub type Answer = (u16, Value);

type Resources = BTreeMap<String, Map<String, Value>>;

/// A server.
pub struct Server {
    /// How it is.
    pub behaviour: Behaviour,
    users: RefCell<Resources>,
    groups: RefCell<Resources>,
    /// The last number that was given, as id or as version.
    number: Cell<u64>,
    /// Requests by method.
    pub counts: RefCell<BTreeMap<String, u32>>,
}

fn error(status: u16, scim_type: Option<&str>) -> Answer {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(),
        "detail": "about ana@contoso.example, which must not be repeated",
    });
    if let Some(scim_type) = scim_type {
        body["scimType"] = json!(scim_type);
    }
    (status, body)
}

impl Server {
    /// An empty server.
    #[must_use]
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            users: RefCell::default(),
            groups: RefCell::default(),
            number: Cell::new(0),
            counts: RefCell::default(),
        }
    }

    /// Every user, as they are.
    #[must_use]
    pub fn users(&self) -> Vec<Value> {
        self.users
            .borrow()
            .values()
            .cloned()
            .map(Value::Object)
            .collect()
    }

    /// A user, as it is.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<Value> {
        self.users.borrow().get(id).cloned().map(Value::Object)
    }

    /// Ids of the members of a group, sorted, each as often as it is there.
    #[must_use]
    pub fn members(&self, group: &str) -> Vec<String> {
        let groups = self.groups.borrow();
        let members = groups.get(group).and_then(|group| group.get("members"));
        let mut ids: Vec<_> = members
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|member| member["value"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    }

    /// Names of groups by id.
    #[must_use]
    pub fn group_names(&self) -> BTreeMap<String, String> {
        let groups = self.groups.borrow();
        let named = groups.iter().map(|(id, group)| {
            let name = group["displayName"].as_str().unwrap();
            (id.clone(), name.to_owned())
        });
        named.collect()
    }

    /// Somebody else's program writes members of a user, whatever the server would take.
    ///
    /// # Panics
    ///
    /// Where there is no such user, or `values` is no object.
    pub fn somebody_writes(&self, id: &str, values: Value) {
        let mut users = self.users.borrow_mut();
        let user = users.get_mut(id).expect("a user");
        let Value::Object(values) = values else {
            panic!("members")
        };
        for (name, value) in values {
            match value {
                Value::Null => user.remove(&name),
                value => user.insert(name, value),
            };
        }
        self.touch(user, None);
    }

    /// Answers a request, at a moment in milliseconds since 1970.
    pub fn answer(&self, asked: Asked<'_>, now_ms: u64) -> Answer {
        let mut counts = self.counts.borrow_mut();
        *counts.entry(asked.method.to_owned()).or_default() += 1;
        drop(counts);
        let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let parts: Vec<_> = path.split('/').skip(1).collect();
        let (status, body) = match (asked.method, parts.as_slice()) {
            ("GET", ["ServiceProviderConfig" | "Schemas" | "ResourceTypes"])
                if !self.behaviour.says =>
            {
                error(404, None)
            }
            ("GET", ["ServiceProviderConfig"]) => (200, self.config()),
            ("GET", ["Schemas"]) => (200, schemas()),
            ("GET", ["ResourceTypes"]) => (200, resource_types()),
            ("GET", [kind @ ("Users" | "Groups")]) => self.list(kind, &parameters(query), now_ms),
            ("POST", [kind @ ("Users" | "Groups"), ".search"]) => {
                self.search(kind, &asked.body, now_ms)
            }
            ("POST", [kind @ ("Users" | "Groups")]) => self.make(kind, asked.body, now_ms),
            (method, [kind @ ("Users" | "Groups"), id]) => {
                let (id, asked) = (decoded(id), Asked { path, ..asked });
                self.one(method, kind, &id, &asked)
            }
            _ => error(404, None),
        };
        let body = if self.behaviour.capitals {
            capitals(body)
        } else {
            body
        };
        (status, body)
    }

    fn config(&self) -> Value {
        let is = |supported: bool| json!({"supported": supported});
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": is(self.behaviour.patch != Patching::No),
            "bulk": is(false), "sort": is(false), "changePassword": is(false),
            // Those that ignore filters say that they have them.
            "filter": {"supported": self.behaviour.filters != Filters::No, "maxResults": 200},
            "etag": is(self.behaviour.versions),
        })
    }

    fn of(&self, kind: &str) -> &RefCell<Resources> {
        if kind == "Users" {
            &self.users
        } else {
            &self.groups
        }
    }

    /// What a resource looks like from outside.
    fn told(&self, kind: &str, resource: &Map<String, Value>, left_out: &str) -> Value {
        let mut told = resource.clone();
        let members = told.get("members").and_then(Value::as_array);
        let is_empty = members.is_none_or(Vec::is_empty);
        if !self.behaviour.tells_members || is_empty || left_out == "members" {
            told.remove("members");
        }
        if kind == "Users"
            && self.behaviour.active_as_text
            && let Some(active) = told.get_mut("active")
        {
            *active = json!(if *active == json!(true) {
                "True"
            } else {
                "False"
            });
        }
        told.remove("madeAt");
        Value::Object(told)
    }

    fn list(&self, kind: &str, query: &BTreeMap<String, String>, now_ms: u64) -> Answer {
        let number = |name: &str, otherwise: usize| {
            let told = query.get(name).and_then(|text| text.parse().ok());
            told.filter(|_| !self.behaviour.stuck).unwrap_or(otherwise)
        };
        let (start, count) = (
            number("startIndex", 1),
            number("count", self.behaviour.page),
        );
        let filter = query.get("filter").map(String::as_str);
        let left_out = query.get("excludedAttributes").map_or("", String::as_str);
        self.page(kind, (start, count), filter, left_out, now_ms)
    }

    fn search(&self, kind: &str, body: &Value, now_ms: u64) -> Answer {
        let number = |name: &str, otherwise: usize| {
            body[name]
                .as_u64()
                .map_or(otherwise, |told| usize::try_from(told).unwrap())
        };
        let left_out = body["excludedAttributes"][0].as_str().unwrap_or("");
        let (start, count) = (
            number("startIndex", 1),
            number("count", self.behaviour.page),
        );
        self.page(
            kind,
            (start, count),
            body["filter"].as_str(),
            left_out,
            now_ms,
        )
    }

    fn page(
        &self,
        kind: &str,
        (start, count): (usize, usize),
        filter: Option<&str>,
        left_out: &str,
        now_ms: u64,
    ) -> Answer {
        let terms = match (filter, self.behaviour.filters) {
            (None, _) | (Some(_), Filters::Ignored) => None,
            (Some(_), Filters::No) => return error(400, Some("invalidFilter")),
            (Some(filter), kind) => {
                let terms: Vec<_> = filter.split(" or ").map(term).collect();
                if kind == Filters::OneTerm && terms.len() > 1 {
                    return error(400, Some("invalidFilter"));
                }
                Some(terms)
            }
        };
        let resources = self.of(kind).borrow();
        let is_shown = |resource: &&Map<String, Value>| {
            resource["madeAt"].as_u64().unwrap() + self.behaviour.lag_ms <= now_ms
        };
        let meets = |resource: &&Map<String, Value>| {
            terms.as_ref().is_none_or(|terms| {
                terms
                    .iter()
                    .any(|(name, value)| self.has(resource, name, value))
            })
        };
        let found: Vec<_> = resources.values().filter(is_shown).filter(meets).collect();
        let page = found
            .iter()
            .skip(start - 1)
            .take(count.min(self.behaviour.page));
        let page: Vec<_> = page
            .map(|resource| self.told(kind, resource, left_out))
            .collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": found.len(), "startIndex": start, "itemsPerPage": page.len(), "Resources": page,
        });
        (200, body)
    }

    fn has(&self, resource: &Map<String, Value>, name: &str, value: &str) -> bool {
        match name {
            "userName" => {
                let known = resource
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                known == value
                    || (!self.behaviour.exact_user_names
                        && known.to_lowercase() == value.to_lowercase())
            }
            "members.value" => {
                let members = resource.get("members").and_then(Value::as_array);
                members
                    .into_iter()
                    .flatten()
                    .any(|member| member["value"] == value)
            }
            name => resource.get(name).is_some_and(|known| known == value),
        }
    }

    fn touch(&self, resource: &mut Map<String, Value>, made: Option<u64>) {
        if let Some(made) = made {
            resource.insert("madeAt".to_owned(), json!(made));
            let seconds = guest_kit::calendar::date_time(made / 1_000);
            resource.insert("meta".to_owned(), json!({"created": format!("{seconds}Z")}));
        }
        if self.behaviour.versions
            && let Some(meta) = resource.get_mut("meta")
        {
            meta["version"] = json!(format!("W/\"{}\"", self.next()));
        }
    }

    fn next(&self) -> u64 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// Whether the server takes a resource, but for the user called so.
    fn refuses(&self, kind: &str, resource: &Map<String, Value>, id: &str) -> Option<Answer> {
        let text = |name: &str| {
            resource
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        if kind == "Groups" {
            return text("displayName")
                .is_empty()
                .then(|| error(400, Some("invalidValue")));
        }
        if text("userName").is_empty() || text("title") == "refused" {
            return Some(error(400, Some("invalidValue")));
        }
        let is_text = resource.get("active").is_none_or(Value::is_string);
        let is_truth = resource.get("active").is_none_or(Value::is_boolean);
        if !(if self.behaviour.active_as_text {
            is_text
        } else {
            is_truth
        }) {
            return Some(error(400, Some("invalidValue")));
        }
        let name = text("userName").to_lowercase();
        let users = self.users.borrow();
        let is_taken = users.iter().any(|(other, user)| {
            other != id && user["userName"].as_str().unwrap().to_lowercase() == name
        });
        (is_taken && !self.behaviour.twins).then(|| error(409, Some("uniqueness")))
    }

    fn kept(&self, mut resource: Map<String, Value>) -> Map<String, Value> {
        if self.behaviour.active_as_text
            && let Some(active) = resource.get_mut("active")
        {
            *active = json!(*active == json!("True"));
        }
        resource
    }

    fn make(&self, kind: &str, body: Value, now_ms: u64) -> Answer {
        let Value::Object(mut resource) = patching::canonical(body) else {
            return error(400, Some("invalidSyntax"));
        };
        if let Some(refused) = self.refuses(kind, &resource, "") {
            return refused;
        }
        resource = self.kept(resource);
        let id = self.next().to_string();
        resource.insert("id".to_owned(), json!(id));
        self.touch(&mut resource, Some(now_ms));
        let told = self.told(kind, &resource, "");
        self.of(kind).borrow_mut().insert(id, resource);
        (201, told)
    }

    fn one(&self, method: &str, kind: &str, id: &str, asked: &Asked<'_>) -> Answer {
        let Some(known) = self.of(kind).borrow().get(id).cloned() else {
            return error(404, None);
        };
        let version = known["meta"]["version"].as_str();
        if self.behaviour.versions {
            if asked.if_match.is_some_and(|told| Some(told) != version) {
                return error(412, None);
            }
            if method == "GET" && asked.if_none_match.is_some() && asked.if_none_match == version {
                return (304, Value::Null);
            }
        }
        match method {
            "GET" => (200, self.told(kind, &known, "")),
            "DELETE" => {
                self.delete(kind, id);
                (204, Value::Null)
            }
            "PUT" => {
                let Value::Object(mut put) = patching::canonical(asked.body.clone()) else {
                    return error(400, Some("invalidSyntax"));
                };
                for name in ["id", "meta", "madeAt"] {
                    put.insert(name.to_owned(), known[name].clone());
                }
                self.write(kind, id, &known, put, true)
            }
            "PATCH" => self.patch(kind, id, &known, &asked.body),
            _ => error(405, None),
        }
    }

    fn patch(&self, kind: &str, id: &str, known: &Map<String, Value>, body: &Value) -> Answer {
        match self.behaviour.patch {
            Patching::No | Patching::NoAgainstItsWord => return error(501, None),
            Patching::Ignored if kind == "Users" => return (204, Value::Null),
            Patching::Works | Patching::Ignored => {}
        }
        let mut known = known.clone();
        if self.behaviour.active_as_text
            && let Some(active) = known.get_mut("active")
        {
            *active = json!(if *active == json!(true) {
                "True"
            } else {
                "False"
            });
        }
        match patching::patched(&known, body, &self.behaviour) {
            Ok(after) => self.write(kind, id, &known, after, self.behaviour.tells_after_patch),
            Err(Refused(scim_type)) => error(400, Some(scim_type)),
        }
    }

    fn write(
        &self,
        kind: &str,
        id: &str,
        known: &Map<String, Value>,
        mut after: Map<String, Value>,
        tells: bool,
    ) -> Answer {
        if self.behaviour.keeps_titles {
            match known.get("title") {
                Some(title) => after.insert("title".to_owned(), title.clone()),
                None => after.remove("title"),
            };
        }
        if let Some(refused) = self.refuses(kind, &after, id) {
            return refused;
        }
        after = self.kept(after);
        self.touch(&mut after, None);
        if self.behaviour.deletes_inactive && after.get("active") == Some(&json!(false)) {
            self.delete(kind, id);
            return (204, Value::Null);
        }
        let told = self.told(kind, &after, "");
        self.of(kind).borrow_mut().insert(id.to_owned(), after);
        match tells {
            true => (200, told),
            false => (204, Value::Null),
        }
    }

    fn delete(&self, kind: &str, id: &str) {
        self.of(kind).borrow_mut().remove(id);
        if kind == "Users" && self.behaviour.forgets_members {
            for group in self.groups.borrow_mut().values_mut() {
                if let Some(Value::Array(members)) = group.get_mut("members") {
                    members.retain(|member| member["value"] != id);
                }
            }
        }
    }
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// `name eq "value"`.
pub(super) fn term(text: &str) -> (String, String) {
    let (name, value) = text.split_once(" eq ").expect("a filter of this form");
    (
        name.to_owned(),
        serde_json::from_str(value).expect("a JSON text"),
    )
}

/// Whether a way of taking out is refused.
pub(super) fn takes_out(behaviour: &Behaviour, is_path: bool) -> Result<(), Refused> {
    let is_taken = match behaviour.takes_out {
        TakingOut::Path => is_path,
        TakingOut::Values | TakingOut::Everybody => !is_path,
        TakingOut::Silent => true,
        TakingOut::No => false,
    };
    if is_taken {
        Ok(())
    } else {
        Err(Refused("invalidPath"))
    }
}
