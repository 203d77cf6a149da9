//! Reads one user of a page as the configuration says.

use contact_identity::LONGEST_OBJECT_ID;
use contact_identity::form::Form;
use sync_core::contact::{ContactList, ObjectId};
use sync_core::mapping::person::{Invalid, Item, Person, PersonKind, Stated, WantedLists};
use sync_core::mapping::rows::{Purpose, Row};
use sync_core::settings::{Disabled, ListRule, ORGANIZATION};

use crate::user::{MANAGER, Selection, User, Value};

use super::address::AddressSource;
use super::catalogue;
use super::filter::{Clause, Comparand, Filter, Gate, Test};
use super::rows::Mapping;
use super::slot::{Slot, UnexpectedShape};
use super::text::exceeds;
use super::user_name::UserName;
use super::writing::SYNCED;

/// Attributes without which no user can be made
/// (<https://learn.microsoft.com/graph/api/user-post-users>).
const ALWAYS_SET: [&str; 3] = ["accountEnabled", "displayName", "userPrincipalName"];
/// The one of them that an organisational contact has.
const ALWAYS_SET_OF_CONTACTS: [&str; 1] = ["displayName"];

const TOO_LONG: &str = "too-long";
/// The store's own code for a list's name that it does not take.
const INVALID_LIST: &str = "invalid-list";
/// The code that a store has for a value that is no address.
const INVALID_EMAIL: &str = "invalid-email";
const UNEXPECTED_SHAPE: &str = "unexpected-shape";

/// The mapping, filter and list rule of one configuration, with every attribute resolved to its
/// position in the users of one selection.
///
/// Reading has no effect and cannot fail: what is wrong with a user stands in the item.
#[derive(Clone, Debug)]
pub struct Reader {
    kind: PersonKind,
    rows: Vec<Cell>,
    match_key: MatchKey,
    gate: Gate,
    enabled: Option<usize>,
    /// Position of what says that the directory takes nothing of a person, where it is written to.
    mastered_on_premises: Option<usize>,
    always_set: Vec<usize>,
    lists: Lists,
    /// Positions of properties without which a page still says all there is to know.
    supplements: Vec<usize>,
    /// Position of the manager, where more than the manager's id is wanted.
    manager: Option<usize>,
}

/// Where one field's value comes from.
#[derive(Clone, Debug)]
struct Cell {
    source: Source,
    field: String,
    max_length: Option<u32>,
    /// The field takes addresses only.
    is_address: bool,
}

#[derive(Clone, Debug)]
enum Source {
    /// The attribute as it stands. None where people of this kind have no such attribute; states nothing.
    Attribute(Option<Slot>),
    /// A user name that stands for an address.
    UserName(UserName),
    /// The first of these that is filled.
    Rule(Vec<Source>),
}

#[derive(Clone, Debug)]
enum MatchKey {
    /// The value of the row at this position.
    Row(usize),
    /// The match-key field is not mapped.
    Rule(Source),
}

#[derive(Clone, Debug)]
enum Lists {
    /// The same for everybody.
    Fixed(Vec<ContactList>),
    /// Named after an attribute's value.
    Named {
        source: Source,
        description: String,
        /// The longest name that the store takes.
        longest: Option<u32>,
    },
}

impl Reader {
    /// Resolves what a configuration says of its people of a kind: `disabled` may add to the filter, and
    /// `organization`, the tenant's display name, goes into the names of lists.
    ///
    /// Those whom it reads must have been requested with the mapping's selection of that kind.
    #[must_use]
    pub fn new(
        kind: PersonKind,
        mapping: &Mapping,
        filter: &Filter,
        disabled: Disabled,
        lists: &ListRule,
        organization: &str,
    ) -> Self {
        let selection = mapping.selection_of(kind);
        let always_set: &[&str] = match kind {
            PersonKind::User => &ALWAYS_SET,
            PersonKind::OrgContact => &ALWAYS_SET_OF_CONTACTS,
        };
        let disabled = leaves_scope_when(disabled);
        Self {
            kind,
            rows: mapping
                .rows
                .iter()
                .map(|row| Cell {
                    source: Source::of_row(row, mapping, selection),
                    field: row.field.clone(),
                    max_length: row.max_length,
                    is_address: matches!(row.purpose, Purpose::Address | Purpose::MatchKey),
                })
                .collect(),
            match_key: mapping.match_key_row().map_or_else(
                || MatchKey::Rule(Source::rule(mapping, selection)),
                MatchKey::Row,
            ),
            gate: Gate::new(filter.clauses.iter().chain(&disabled), selection),
            enabled: selection.position("accountEnabled"),
            mastered_on_premises: selection.position(SYNCED),
            always_set: always_set
                .iter()
                .filter_map(|property| selection.position(property))
                .collect(),
            lists: Lists::new(lists, organization, selection),
            supplements: mapping.supplements(selection),
            manager: selection
                .position(MANAGER)
                .filter(|_| mapping.names_managers()),
        }
    }

    /// Reads one element of a page.
    #[must_use]
    pub fn read_item(&self, user: &User<'_>) -> Item {
        let is_id = |id: &&str| !id.is_empty() && id.len() <= LONGEST_OBJECT_ID;
        let Some(id) = user.id.as_deref().filter(is_id) else {
            return Item::Nameless;
        };
        let object_id = ObjectId::new(id);
        match user.removed {
            Some(tombstone) => Item::Gone {
                object_id,
                tombstone,
            },
            None => Item::Live(self.read_person(object_id, user)),
        }
    }

    fn read_person(&self, object_id: ObjectId, user: &User<'_>) -> Person {
        let mut invalid = None;
        let fields: Vec<_> = self
            .rows
            .iter()
            .map(|cell| {
                cell.read(user).unwrap_or_else(|problem| {
                    invalid.get_or_insert(problem);
                    Stated::Unstated
                })
            })
            .collect();
        let (scope, misshapen) = self.gate.verdict(user);
        let enabled = self.enabled(user);
        let lists = self.lists.read(user);
        let match_key = self.match_key(user, &fields);
        let code = if misshapen || enabled.is_err() || match_key.is_err() {
            Some(UNEXPECTED_SHAPE)
        } else {
            lists.as_ref().err().copied()
        };
        if let Some(code) = code {
            invalid.get_or_insert(Invalid { field: None, code });
        }
        Person {
            object_id,
            kind: self.kind,
            is_whole: self.is_whole(user),
            is_agent: user.is_agent,
            names_by_id: self.names_by_id(user),
            // Graph lets nobody write organisational contacts.
            mastered_elsewhere: self.kind == PersonKind::OrgContact
                || self
                    .mastered_on_premises
                    .is_some_and(|position| *user.value(position) == Value::Bool(true)),
            address_is_open: self.any_rule(|sources| is_open(sources, user)),
            address_may_be_gone: self.any_rule(|sources| may_be_gone(sources, user)),
            states_changes_only: self
                .always_set
                .iter()
                .any(|position| *user.value(*position) == Value::Absent),
            enabled: enabled.unwrap_or(None),
            scope,
            match_key: match_key.unwrap_or(None),
            fields,
            lists: lists.unwrap_or(WantedLists::Unstated),
            invalid,
        }
    }

    fn is_whole(&self, user: &User<'_>) -> bool {
        let mut values = user.values.iter().enumerate();
        let says_all = |value: &Value<'_>| !matches!(value, Value::Absent | Value::Reference(_));
        values.all(|(place, value)| says_all(value) || self.supplements.contains(&place))
    }

    fn names_by_id(&self, user: &User<'_>) -> bool {
        self.manager
            .is_some_and(|position| matches!(user.value(position), Value::Reference(_)))
    }

    fn enabled(&self, user: &User<'_>) -> Result<Option<bool>, UnexpectedShape> {
        if self.kind == PersonKind::OrgContact {
            // There is no account that could be disabled.
            return Ok(Some(true));
        }
        match self.enabled.map(|position| user.value(position)) {
            None | Some(Value::Absent | Value::Null) => Ok(None),
            Some(Value::Bool(enabled)) => Ok(Some(*enabled)),
            Some(_) => Err(UnexpectedShape),
        }
    }

    /// Whether it is so of a field that follows the address rule. What has an unexpected shape fails
    /// for itself.
    fn any_rule(&self, is_so: impl Fn(&[Source]) -> bool) -> bool {
        let rules = self.rows.iter().map(|cell| &cell.source);
        rules
            .filter_map(|source| match source {
                Source::Rule(sources) => Some(sources),
                Source::Attribute(_) | Source::UserName(_) => None,
            })
            .any(|sources| is_so(sources))
    }

    fn match_key(
        &self,
        user: &User<'_>,
        fields: &[Stated],
    ) -> Result<Option<String>, UnexpectedShape> {
        let from_rule;
        let stated = match &self.match_key {
            MatchKey::Row(position) => fields.get(*position),
            MatchKey::Rule(rule) => {
                from_rule = rule.read(user)?;
                Some(&from_rule)
            }
        };
        Ok(stated.and_then(Stated::value_for_new).map(str::to_owned))
    }
}

/// The clause that the policy for disabled accounts adds to the filter.
fn leaves_scope_when(disabled: Disabled) -> Option<Clause> {
    if disabled != Disabled::LeavesScope {
        return None;
    }
    let attribute = catalogue::find("accountEnabled")?;
    Some(Clause {
        attribute,
        test: Test::AnyOf(vec![Comparand::new(attribute, "true")]),
    })
}

impl Cell {
    fn read(&self, user: &User<'_>) -> Result<Stated, Invalid> {
        let invalid = |code| Invalid {
            field: Some(self.field.clone()),
            code,
        };
        let stated = self
            .source
            .read(user)
            .map_err(|UnexpectedShape| invalid(UNEXPECTED_SHAPE))?;
        let too_long = self.max_length.is_some_and(|limit| {
            stated
                .value_for_new()
                .is_some_and(|value| exceeds(value, limit))
        });
        if too_long {
            return Err(invalid(TOO_LONG));
        }
        let is_misfit = |value: &str| self.is_address && !can_be_address(value);
        if stated.value_for_new().is_some_and(is_misfit) {
            return Err(invalid(INVALID_EMAIL));
        }
        Ok(stated)
    }
}

impl Source {
    fn of_row(row: &Row, mapping: &Mapping, selection: &Selection) -> Self {
        if row.follows_address_rule() {
            return Self::rule(mapping, selection);
        }
        let slot = slot(row.attribute, selection);
        let is_user_name = row.attribute == AddressSource::UserPrincipalName.attribute();
        match (row.purpose, slot) {
            (Purpose::Address | Purpose::MatchKey, Some(slot)) if is_user_name => {
                Self::UserName(UserName::new(slot, selection))
            }
            (_, slot) => Self::Attribute(slot.map(|slot| slot.read_as(row.form()))),
        }
    }

    fn rule(mapping: &Mapping, selection: &Selection) -> Self {
        let source = |source: &AddressSource| {
            let slot = slot(source.attribute(), selection)?.read_as(Form::Address);
            Some(match source {
                AddressSource::UserPrincipalName => Self::UserName(UserName::new(slot, selection)),
                _ => Self::Attribute(Some(slot)),
            })
        };
        Self::Rule(mapping.addresses.iter().filter_map(source).collect())
    }

    fn read(&self, user: &User<'_>) -> Result<Stated, UnexpectedShape> {
        match self {
            Self::Attribute(None) => Ok(Stated::Unstated),
            Self::Attribute(Some(slot)) => slot.read(user),
            Self::UserName(name) => name.read(user),
            Self::Rule(sources) => first_address(sources, user),
        }
    }
}

fn slot(name: &str, selection: &Selection) -> Option<Slot> {
    Slot::of(catalogue::find(name)?, selection)
}

/// The first address that is filled. It is only assumed where a more trusted source is left out,
/// because that one may be filled.
fn first_address(sources: &[Source], user: &User<'_>) -> Result<Stated, UnexpectedShape> {
    let mut all_stated = true;
    for source in sources {
        match source.read(user)? {
            Stated::Empty => {}
            Stated::Unstated => all_stated = false,
            Stated::Value(address) if all_stated => return Ok(Stated::Value(address)),
            Stated::Value(address) | Stated::Assumed(address) => {
                return Ok(Stated::Assumed(address));
            }
        }
    }
    Ok(if all_stated {
        Stated::Empty
    } else {
        Stated::Unstated
    })
}

/// Whether a source is stated as empty, and one behind it is not stated before the next that is
/// filled.
fn is_open(sources: &[Source], user: &User<'_>) -> bool {
    let mut empty = false;
    for source in sources {
        match source.read(user) {
            Ok(Stated::Empty) => empty = true,
            Ok(Stated::Unstated) if empty => return true,
            Ok(Stated::Unstated) => {}
            Ok(Stated::Value(_) | Stated::Assumed(_)) | Err(UnexpectedShape) => return false,
        }
    }
    false
}

/// Whether none of the sources is filled, some are stated as empty, and some are not stated.
fn may_be_gone(sources: &[Source], user: &User<'_>) -> bool {
    let mut empty = false;
    let mut unstated = false;
    for source in sources {
        match source.read(user) {
            Ok(Stated::Empty) => empty = true,
            Ok(Stated::Unstated) => unstated = true,
            Ok(Stated::Value(_) | Stated::Assumed(_)) | Err(UnexpectedShape) => return false,
        }
    }
    empty && unstated
}

impl Lists {
    fn new(rule: &ListRule, organization: &str, selection: &Selection) -> Self {
        let filled = |template: &str| {
            let text = template.replace(ORGANIZATION, organization.trim());
            text.trim().to_owned()
        };
        match rule {
            ListRule::None => Self::Fixed(Vec::new()),
            ListRule::One { name, description } => Self::Fixed(vec![ContactList {
                name: filled(name),
                description: filled(description),
            }]),
            ListRule::PerAttribute {
                attribute,
                description,
                longest,
            } => match slot(attribute, selection) {
                Some(slot) => Self::Named {
                    source: Source::Attribute(Some(slot)),
                    description: filled(description),
                    longest: *longest,
                },
                // Whoever cannot have the attribute is on no list for it.
                None => Self::Fixed(Vec::new()),
            },
        }
    }

    /// The lists, or the code of what is wrong with their names.
    fn read(&self, user: &User<'_>) -> Result<WantedLists, &'static str> {
        let (source, description, longest) = match self {
            Self::Fixed(lists) => return Ok(WantedLists::Exactly(lists.clone())),
            Self::Named {
                source,
                description,
                longest,
            } => (source, description, *longest),
        };
        let stated = source
            .read(user)
            .map_err(|UnexpectedShape| UNEXPECTED_SHAPE)?;
        let name = stated.value_for_new();
        if name.is_some_and(|name| longest.is_some_and(|limit| exceeds(name, limit))) {
            return Err(INVALID_LIST);
        }
        Ok(match stated {
            Stated::Unstated => WantedLists::Unstated,
            Stated::Empty => WantedLists::Exactly(Vec::new()),
            Stated::Value(name) | Stated::Assumed(name) => {
                WantedLists::Exactly(vec![ContactList {
                    name,
                    description: description.clone(),
                }])
            }
        })
    }
}

/// Whether a text can be an address: something before the last `@`, a domain of labels after it, and no
/// white space. Less than RFC 5322 asks for, so that no address that a store takes is held back.
fn can_be_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split('.').all(|label| !label.is_empty())
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}
