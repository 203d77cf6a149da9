//! What a server says of itself (RFC 7644, section 4), and what of it is believed. All of it is read; nothing is made
//! or altered.

use std::rc::Rc;

use destination_kit::contract::Limits;
use destination_kit::destination::{BatchSizes, Capabilities, DestinationError, FindBy, GuardKind};
use destination_kit::{MOST_AT_ONCE, together};
use guest_kit::json;
use guest_kit::percent::encode;
use serde_json::Value;

use crate::client::Failed;
use crate::fields::{ENTERPRISE, FIELDS, GROUP, Known, Place, USER};
use crate::paging::{Kind, Listed};
use crate::reading::MOST_IDS;
use crate::refusal::codes;
use crate::resource::{Object, elements, member, number, object, text, truth};
use crate::scim::Scim;

/// The most additions, and removals, of one request: where a limit is published, it is this one or greater.
const MOST_MEMBERS: usize = 100;

/// For so long after a write, searches and pages may not show it. Nothing is promised; seconds are usual.
const SETTLES_AFTER_MS: u64 = 5_000;

/// What is known of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Fields of which it has the attribute, by their places in [`FIELDS`].
    fields: Vec<usize>,
    /// Users are active or not.
    pub(crate) deactivates: bool,
    /// Versions of users keep others out.
    pub(crate) guards: bool,
    /// It says that it has no PATCH.
    pub(crate) is_without_patch: bool,
    /// It says that it has no filters.
    pub(crate) is_without_filters: bool,
    /// It has groups.
    pub(crate) has_groups: bool,
}

impl Server {
    pub(crate) fn capabilities(&self) -> Capabilities {
        let fields = self.fields.iter().filter_map(|place| FIELDS.get(*place));
        Capabilities {
            fields: fields.map(Known::description).collect(),
            custom_fields: false,
            limits: Limits {
                custom_fields: None,
                custom_field_label: None,
                custom_field_value: None,
                list_name: None,
            },
            codes: codes(),
            guard: if self.guards {
                GuardKind::Conditional
            } else {
                GuardKind::Checked
            },
            batch: BatchSizes {
                fetch: 20 * MOST_IDS,
                find: 1,
                create: 1,
                write: 1,
                delete: 1,
                membership: MOST_MEMBERS,
            },
            find_by: FindBy::default(),
            width: 2 * MOST_AT_ONCE,
            lists_on_create: false,
            deactivates: self.deactivates,
            settles_after_ms: SETTLES_AFTER_MS,
        }
    }
}

impl Scim<'_> {
    /// Asks the server what it is.
    pub(crate) async fn look(&self) -> Result<Rc<Server>, DestinationError> {
        let endpoints = ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"];
        let asked = endpoints.map(|endpoint| self.told_of_itself(endpoint));
        let mut told = together(asked).await.into_iter();
        let mut next = || told.next().unwrap_or(Ok(None));
        let (config, schemas, types) = (next()?, next()?, next()?);
        let feature = |name: &str| truth(object(config.as_ref()?, name)?, "supported");
        let most = config
            .as_ref()
            .and_then(|config| number(object(config, "filter")?, "maxResults"));
        if let Some(most) = most.filter(|most| *most > 0) {
            self.paging.at_most(most);
        }
        let says_versions = feature("etag") == Some(true);
        let guards = self.first_user_is_guarded(says_versions).await?;
        let schemas = schemas.map(|schemas| Schemas(resources(schemas)));
        let has_enterprise = types.as_ref().is_none_or(has_enterprise);
        let is_there = |field: &Known| {
            let is_extension = matches!(field.place, Place::Enterprise(_));
            (has_enterprise || !is_extension)
                && schemas
                    .as_ref()
                    .is_none_or(|schemas| schemas.has(field.place))
        };
        let fields = FIELDS.iter().enumerate();
        let server = Rc::new(Server {
            fields: fields
                .filter(|(_, field)| is_there(field))
                .map(|(place, _)| place)
                .collect(),
            deactivates: schemas
                .as_ref()
                .is_none_or(|schemas| schemas.has(Place::Attribute("active"))),
            guards,
            is_without_patch: feature("patch") == Some(false),
            is_without_filters: feature("filter") == Some(false),
            has_groups: types.as_ref().is_none_or(has_groups),
        });
        *self.server.borrow_mut() = Some(Rc::clone(&server));
        Ok(server)
    }

    /// What an endpoint says of the server; `None` where there is no such endpoint, or it says nothing that is
    /// understood: then nothing is known, and what is asked of users tells.
    async fn told_of_itself(&self, path: &str) -> Result<Option<Object>, DestinationError> {
        match self.client.read(path).await {
            Ok(body) => Ok(match json::value(&body) {
                Some(Value::Object(told)) => Some(told),
                // Some give a bare array in the place of a list.
                Some(Value::Array(resources)) => {
                    let mut list = Object::new();
                    list.insert("Resources".to_owned(), Value::Array(resources));
                    Some(list)
                }
                _ => None,
            }),
            Err(failed) if failed.is_no_such_question() => Ok(None),
            Err(failed) => Err(failed.of_reading()),
        }
    }

    /// Whether versions can be relied on: the server says so, its users have them, and it knows one again. With this,
    /// credentials and address are tried, too.
    async fn first_user_is_guarded(&self, says_so: bool) -> Result<bool, DestinationError> {
        let path = format!("{}?startIndex=1&count=1", Kind::Users.path());
        let body = match self.client.read(&path).await {
            Ok(body) => body,
            Err(Failed::Missing | Failed::Unsupported) => return Err(no_users()),
            Err(failed) => return Err(failed.of_reading()),
        };
        let listed = Listed::read(&body)?;
        if !says_so {
            return Ok(false);
        }
        let Some(user) = listed.resources.first() else {
            // Of nobody there is no version that could be wrong.
            return Ok(true);
        };
        let Some(version) = user.version() else {
            return Ok(false);
        };
        let path = format!("{}/{}", Kind::Users.path(), encode(user.id()));
        match self.client.is_unchanged(&path, version).await {
            Ok(is_unchanged) => Ok(is_unchanged),
            Err(failed) if failed.is_no_such_question() => Ok(false),
            Err(failed) => Err(failed.of_reading()),
        }
    }
}

fn no_users() -> DestinationError {
    let what = "there are no users at this address of the SCIM server; write the address below which /Users is";
    DestinationError::NeedsAttention(what.to_owned())
}

/// The resources of a list.
fn resources(mut list: Object) -> Vec<Object> {
    let mut names = list.keys();
    let name = names.find(|name| name.eq_ignore_ascii_case("Resources"));
    match name.cloned().and_then(|name| list.remove(&name)) {
        Some(Value::Array(listed)) => listed
            .into_iter()
            .filter_map(|value| match value {
                Value::Object(resource) => Some(resource),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether users have the extension, by the resource types of the server (RFC 7643, section 6).
fn has_enterprise(types: &Object) -> bool {
    let of_users = elements(types, "Resources")
        .into_iter()
        .find(|kind| text(kind, "schema").is_some_and(|schema| schema.eq_ignore_ascii_case(USER)));
    // What says nothing of users says nothing of this.
    of_users.is_none_or(|kind| {
        let extensions = elements(kind, "schemaExtensions");
        extensions.iter().any(|extension| {
            text(extension, "schema").is_some_and(|schema| schema.eq_ignore_ascii_case(ENTERPRISE))
        })
    })
}

fn has_groups(types: &Object) -> bool {
    let kinds = elements(types, "Resources");
    kinds.is_empty()
        || kinds.iter().any(|kind| {
            text(kind, "schema").is_some_and(|schema| schema.eq_ignore_ascii_case(GROUP))
        })
}

/// The schemas of the server (RFC 7643, section 7).
struct Schemas(Vec<Object>);

impl Schemas {
    fn attribute(&self, schema: &str, name: &str) -> Told<'_> {
        let is_it = |known: &&Object| {
            text(known, "id").is_some_and(|known| known.eq_ignore_ascii_case(schema))
        };
        match self.0.iter().find(is_it) {
            Some(schema) => Told::of(named(elements(schema, "attributes"), name)),
            // A server may describe less than it has; and the schema of users it cannot be without.
            None if schema == ENTERPRISE => Told::No,
            None => Told::Nothing,
        }
    }

    fn has(&self, place: Place) -> bool {
        let (schema, name, part) = match place {
            Place::Attribute(name) => (USER, name, None),
            Place::Part(name, part) => (USER, name, Some(part)),
            Place::Element(values, _) => (USER, values.name(), Some("value")),
            Place::Enterprise(name) => (ENTERPRISE, name, None),
        };
        match (self.attribute(schema, name), part) {
            (Told::Nothing, _) => true,
            (Told::No, _) => false,
            (Told::Yes(attribute), None) => is_writable(attribute),
            (Told::Yes(attribute), Some(part)) => {
                let parts = elements(attribute, "subAttributes");
                let part = named(parts, part);
                is_writable(attribute) && part.is_none_or(is_writable)
            }
        }
    }
}

/// What schemas tell of an attribute.
enum Told<'s> {
    Yes(&'s Object),
    No,
    Nothing,
}

impl<'s> Told<'s> {
    fn of(attribute: Option<&'s Object>) -> Self {
        attribute.map_or(Self::No, Self::Yes)
    }
}

fn named<'s>(attributes: Vec<&'s Object>, name: &str) -> Option<&'s Object> {
    let mut attributes = attributes.into_iter();
    attributes
        .find(|known| text(known, "name").is_some_and(|known| known.eq_ignore_ascii_case(name)))
}

fn is_writable(attribute: &Object) -> bool {
    member(attribute, "mutability")
        .and_then(Value::as_str)
        .is_none_or(|told| !told.eq_ignore_ascii_case("readOnly"))
}
