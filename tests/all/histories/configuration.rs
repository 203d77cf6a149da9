//! Configurations, as a document and as what they mean. What a preset means is written down here a
//! second time, on purpose: the core does not check itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::directory::DEPARTMENTS;
use crate::world::messy::Random;

/// Where one field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub attribute: &'static str,
    pub field: &'static str,
    pub mandatory: bool,
    pub only_on_create: bool,
}

/// A condition on one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    AnyOf(Vec<&'static str>),
    Not(&'static str),
    Exists(bool),
    Is(bool),
}

/// Which list contacts are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    None,
    One(&'static str),
    PerDepartment,
}

/// Up to `floor` always, else the smaller of count and percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub count: u64,
    pub percent: u64,
    pub floor: u64,
}

/// What a configuration means. The words of the policies are those of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    pub preset: &'static str,
    pub existing: &'static str,
    pub update: bool,
    pub conflict: &'static str,
    pub removed: &'static str,
    pub left_scope: &'static str,
    pub disabled: &'static str,
    pub list: List,
    pub rows: Vec<Row>,
    pub filters: Vec<(&'static str, Clause)>,
    pub removals: Limit,
    pub blanks: Limit,
    /// The address is looked for in `otherMails` too.
    pub other_mails: bool,
}

/// One thing of a configuration that somebody sets otherwise.
#[derive(Clone, Debug)]
pub enum Knob {
    Existing(&'static str),
    Update,
    Conflict(&'static str),
    Removed(&'static str),
    LeftScope(&'static str),
    Disabled(&'static str),
    List(List),
    /// Maps what is not mapped, and the other way round.
    Row(&'static str, &'static str),
    Filter(Option<(&'static str, Clause)>),
    Preset(&'static str),
}

const PRESETS: [&str; 4] = ["additive", "mirror", "lifecycle", "messaging"];
/// What can be mapped, and left out, under every preset that does not need it.
const ROWS: [(&str, &str); 5] = [
    ("jobTitle", "job_title"),
    ("companyName", "company"),
    ("surname", "last_name"),
    ("displayName", "contact_name"),
    ("department", "Team"),
];
const EXISTING: [&str; 2] = ["skip", "link"];
const CONFLICT: [&str; 3] = ["source-wins", "keep-local", "merge"];
const REMOVING: [&str; 4] = ["keep", "unlink", "deactivate", "delete"];
const DISABLED: [&str; 4] = ["ignore", "not-created", "deactivate", "leaves-scope"];

const fn row(attribute: &'static str, field: &'static str) -> Row {
    Row {
        attribute,
        field,
        mandatory: false,
        only_on_create: false,
    }
}

const fn mandatory(attribute: &'static str, field: &'static str) -> Row {
    Row {
        mandatory: true,
        ..row(attribute, field)
    }
}

impl Configuration {
    /// What a preset means.
    pub fn of(preset: &'static str) -> Self {
        let limit = |count, percent, floor| Limit {
            count,
            percent,
            floor,
        };
        let (existing, update, conflict) = match preset {
            "additive" => ("skip", false, "keep-local"),
            "messaging" => ("link", true, "merge"),
            _ => ("link", true, "source-wins"),
        };
        let (removed, disabled) = match preset {
            "additive" => ("keep", "not-created"),
            "mirror" => ("unlink", "ignore"),
            "lifecycle" => ("deactivate", "deactivate"),
            _ => ("unlink", "leaves-scope"),
        };
        Self {
            preset,
            existing,
            update,
            conflict,
            removed,
            left_scope: removed,
            disabled,
            list: match preset {
                "mirror" => List::One("Contoso Users"),
                "messaging" => List::PerDepartment,
                _ => List::None,
            },
            rows: rows(preset),
            filters: Vec::new(),
            removals: limit(500, 10, 5),
            blanks: limit(1_000, 20, 10),
            other_mails: preset != "lifecycle",
        }
    }

    /// A preset with some things otherwise.
    pub fn draw(random: &mut Random) -> Self {
        let presets = ["additive", "mirror", "mirror", "lifecycle", "messaging"];
        let mut drawn = Self::of(presets[random.below(5) as usize]);
        let mut seldom = |choices: &[&'static str], value: &mut &'static str| {
            if random.below(4) == 0 {
                *value = choices[random.below(choices.len() as u64) as usize];
            }
        };
        seldom(&EXISTING, &mut drawn.existing);
        seldom(&CONFLICT, &mut drawn.conflict);
        seldom(&REMOVING, &mut drawn.removed);
        seldom(&REMOVING, &mut drawn.left_scope);
        seldom(&DISABLED, &mut drawn.disabled);
        if random.below(8) == 0 {
            drawn.update = !drawn.update;
        }
        if random.below(5) == 0 {
            drawn.list =
                [List::None, List::One("Staff"), List::PerDepartment][random.below(3) as usize];
        }
        if random.below(3) == 0 {
            drawn.rows.push(row("jobTitle", "job_title"));
            if drawn.preset != "messaging" {
                drawn.rows.push(row("department", "Team"));
            }
        }
        if random.below(3) == 0 {
            drawn.filters.push(draw_filter(random));
        }
        drawn.draw_limits(random);
        drawn
    }

    /// Sets one thing otherwise.
    pub fn turn(&mut self, knob: &Knob) {
        match knob {
            Knob::Existing(word) => self.existing = word,
            Knob::Update => self.update = !self.update,
            Knob::Conflict(word) => self.conflict = word,
            Knob::Removed(word) => self.removed = word,
            Knob::LeftScope(word) => self.left_scope = word,
            Knob::Disabled(word) => self.disabled = word,
            Knob::List(list) => self.list = *list,
            Knob::Filter(filter) => self.filters = filter.iter().cloned().collect(),
            Knob::Preset(preset) => {
                *self = Self {
                    removals: self.removals,
                    blanks: self.blanks,
                    ..Self::of(preset)
                };
            }
            Knob::Row(attribute, field) => {
                match self.rows.iter().position(|row| row.field == *field) {
                    Some(place) if self.rows[place].mandatory => {}
                    Some(place) => drop(self.rows.remove(place)),
                    None => self.rows.push(row(attribute, field)),
                }
            }
        }
    }

    fn draw_limits(&mut self, random: &mut Random) {
        if random.below(2) == 0 {
            let floor = random.below(4);
            self.removals = Limit {
                count: floor + random.below(6),
                percent: random.below(101),
                floor,
            };
        }
        if random.below(3) == 0 {
            let floor = random.below(3);
            self.blanks = Limit {
                count: floor + random.below(4),
                percent: 100,
                floor,
            };
        }
    }

    /// The same with limits that nothing meets.
    pub fn without_limits(&self) -> Self {
        let none = Limit {
            count: 10_000,
            percent: 100,
            floor: 10_000,
        };
        Self {
            removals: none,
            blanks: none,
            ..self.clone()
        }
    }

    /// Whether the cursor of a run under the other one may be trusted.
    pub fn reads_and_writes_as(&self, other: &Self) -> bool {
        let meaning = |configuration: &Self| {
            let mut meaning = configuration.without_limits();
            meaning.rows.sort_unstable();
            meaning
        };
        meaning(self) == meaning(other)
    }

    /// Fields that a complete round over everybody settles with the directory.
    pub fn settles(&self) -> Vec<&'static str> {
        let settles = self.update && self.conflict != "keep-local";
        let rows = self.rows.iter();
        rows.filter(|row| settles && !row.only_on_create)
            .map(|row| row.field)
            .collect()
    }

    /// The `sync` part of the document: only what the preset does not say.
    pub fn sync(&self) -> Value {
        let preset = Self::of(self.preset);
        let mut sync = Map::new();
        sync.insert("preset".to_owned(), json!(self.preset));
        for (key, value, default) in [
            ("existing", self.existing, preset.existing),
            ("conflict", self.conflict, preset.conflict),
            ("removed", self.removed, preset.removed),
            ("leftScope", self.left_scope, preset.left_scope),
            ("disabled", self.disabled, preset.disabled),
        ] {
            if value != default {
                sync.insert(key.to_owned(), json!(value));
            }
        }
        if self.update != preset.update {
            sync.insert("update".to_owned(), json!(self.update));
        }
        if self.list != preset.list {
            let list = match self.list {
                List::None => json!("none"),
                List::One(name) => json!({ "name": name }),
                List::PerDepartment => json!({ "perAttribute": "department" }),
            };
            sync.insert("list".to_owned(), list);
        }
        if self.preset == "messaging" || self.rows != preset.rows {
            let mut mapping: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for row in &self.rows {
                mapping.entry(row.attribute).or_default().push(row.field);
            }
            sync.insert("mapping".to_owned(), json!(mapping));
        }
        let filters: Map<_, _> = self
            .filters
            .iter()
            .map(|(attribute, clause)| ((*attribute).to_owned(), clause.to_json()))
            .collect();
        sync.insert("filters".to_owned(), Value::Object(filters));
        sync.insert(
            "limits".to_owned(),
            json!({ "removals": self.removals.to_json(), "blanks": self.blanks.to_json() }),
        );
        Value::Object(sync)
    }
}

impl Knob {
    pub fn draw(random: &mut Random) -> Self {
        let mut one = |words: &[&'static str]| words[random.below(words.len() as u64) as usize];
        let [existing, conflict, removing, disabled, preset] = [
            one(&EXISTING),
            one(&CONFLICT),
            one(&REMOVING),
            one(&DISABLED),
            one(&PRESETS),
        ];
        match random.below(16) {
            0 => Self::Existing(existing),
            1 => Self::Update,
            2 | 3 => Self::Conflict(conflict),
            4 => Self::Removed(removing),
            5 => Self::LeftScope(removing),
            6 | 7 => Self::Disabled(disabled),
            8 => Self::List(
                [List::None, List::One("Staff"), List::PerDepartment][random.below(3) as usize],
            ),
            9..=12 => {
                let (attribute, field) = ROWS[random.below(5) as usize];
                Self::Row(attribute, field)
            }
            13 | 14 => Self::Filter((random.below(3) != 0).then(|| draw_filter(random))),
            _ => Self::Preset(preset),
        }
    }
}

fn draw_filter(random: &mut Random) -> (&'static str, Clause) {
    match random.below(5) {
        0 => ("department", Clause::AnyOf(DEPARTMENTS[..2].to_vec())),
        1 => ("department", Clause::Not("R&D")),
        2 => ("department", Clause::Exists(true)),
        3 => ("userType", Clause::AnyOf(vec!["Member"])),
        _ => ("accountEnabled", Clause::Is(true)),
    }
}

/// What a preset maps; of `messaging`, which maps nothing by itself, what documents usually say.
fn rows(preset: &str) -> Vec<Row> {
    match preset {
        "additive" => vec![
            mandatory("givenName", "first_name"),
            mandatory("surname", "last_name"),
            mandatory("mail", "email"),
        ],
        "mirror" => vec![
            row("givenName", "first_name"),
            row("surname", "last_name"),
            row("mail", "email"),
            row("mobilePhone", "mobile_phone"),
            row("companyName", "company"),
        ],
        "lifecycle" => vec![
            row("displayName", "display_name"),
            Row {
                only_on_create: true,
                ..mandatory("mail", "email")
            },
        ],
        _ => vec![
            row("displayName", "contact_name"),
            row("surname", "last_name"),
            mandatory("mobilePhone", "phone_number"),
            row("mail", "email"),
            row("department", "group"),
        ],
    }
}

impl Limit {
    pub fn allows(&self, linked: u64) -> u64 {
        self.count.min(linked * self.percent / 100).max(self.floor)
    }

    fn to_json(self) -> Value {
        json!({ "count": self.count, "percent": self.percent, "floor": self.floor })
    }
}

impl Clause {
    fn to_json(&self) -> Value {
        match self {
            Self::AnyOf(values) => json!(values),
            Self::Not(value) => json!({ "not": value }),
            Self::Exists(exists) => json!({ "exists": exists }),
            Self::Is(value) => json!(value),
        }
    }
}
