//! `mapping`: attributes to fields, checked against the catalogue and the store.

use entra_users::mapping::catalogue::{self, Attribute};
use entra_users::mapping::exceeds;
use guest_kit::ordered::{Map, Set};
use sync_core::mapping::rows::{Direction, Purpose, Row};
use sync_core::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription};

use super::directions::{self, Directions, Flow};
use super::document::Node;
use super::fit::{is_somebody_elses, misfit, takes};
use super::located::{Keys, Located};
use super::numbers::{self, Format};
use super::presets::{Preset, Sought};
use super::problem::Findings;
use super::wording::{closest, did_you_mean, hint, one_of, quoted};

const TARGET: Keys = Keys {
    known: &[
        "field",
        "label",
        "mandatory",
        "onlyOnCreate",
        "direction",
        "format",
    ],
    refused: &[],
};

const LONGEST_LABEL: u32 = 128;

/// Resolves the rows of a document, or those of the preset where the document has none.
pub(super) struct Resolver<'a> {
    /// `None` where the document names one that does not exist.
    pub(super) preset: Option<Preset>,
    pub(super) store: &'a StoreDescription,
    pub(super) directions: Directions,
    /// Attributes that a row writes to the directory, and where that row stands.
    pub(super) given: Map<&'static str, String>,
    pub(super) findings: &'a mut Findings,
}

/// One target of an attribute, as written.
#[derive(Default)]
struct Target<'d> {
    field: Option<&'d str>,
    label: Option<&'d str>,
    mandatory: Option<bool>,
    only_on_create: Option<bool>,
    /// And where it stands.
    direction: Option<(Flow, String)>,
    /// And where it stands.
    format: Option<(Format, String)>,
}

/// What a mapping came to: its rows, and which fields it names, also in rows that are wrong.
#[derive(Default)]
struct Resolved {
    rows: Vec<Row>,
    /// Pointer by field.
    named: Map<String, String>,
    /// Fields of which the document itself says that a person may lack them.
    waived: Set<String>,
    /// Fields of which the document itself says that their numbers stay as they are written.
    as_written: Set<String>,
}

impl Resolver<'_> {
    /// The rows, in the document's order.
    pub(super) fn rows(&mut self, place: Option<Located<'_>>) -> Vec<Row> {
        let (mut resolved, pointer) = match &place {
            Some(place) => (self.written(place), place.pointer.as_str()),
            None => (self.preset_rows(), "/sync"),
        };
        self.check_demands(&mut resolved, pointer);
        resolved.rows
    }

    fn written(&mut self, place: &Located<'_>) -> Resolved {
        let mut resolved = Resolved::default();
        for (name, place) in place.entries(self.findings).unwrap_or_default() {
            let attribute = self.attribute(name, &place);
            let targets = match place.node {
                Node::List(_) => place.elements(self.findings).unwrap_or_default(),
                _ => vec![place],
            };
            for place in targets {
                if let Some(target) = self.target(&place) {
                    self.resolve(attribute, &target, &place, &mut resolved);
                }
            }
        }
        resolved
    }

    fn resolve(
        &mut self,
        attribute: Option<&'static Attribute>,
        target: &Target<'_>,
        place: &Located<'_>,
        resolved: &mut Resolved,
    ) {
        let Some(name) = target.field_name(self.store) else {
            return;
        };
        let pointer = place.pointer.clone();
        if let Some(earlier) = resolved.named.insert(name.to_owned(), pointer) {
            self.findings.problem(
                place.pointer.as_str(),
                format!(
                    "The field {} is filled by {earlier} already; a field takes one attribute.",
                    quoted(name)
                ),
            );
            return;
        }
        if target.mandatory == Some(false) {
            resolved.waived.insert(name.to_owned());
        }
        if let Some((Format::AsWritten, _)) = target.format {
            resolved.as_written.insert(name.to_owned());
        }
        let row = match (attribute, self.store.field(name)) {
            (None, _) => None,
            (Some(attribute), Some(field)) => self.row(attribute, field, target, place),
            (Some(attribute), None) => self.custom_row(attribute, name, target, place),
        };
        resolved.rows.extend(row);
    }

    /// What the preset maps, as far as the store has the fields.
    fn preset_rows(&mut self) -> Resolved {
        let mut resolved = Resolved::default();
        for default in self.preset.unwrap_or_default().defaults().mapping {
            let field = default.field.find(self.store);
            let attribute = catalogue::find(default.attribute);
            if let Some((field, attribute)) = field.zip(attribute)
                && takes(&field.kind, attribute)
            {
                let name = field.name.clone();
                resolved.named.insert(name, "/sync".to_owned());
                let row = self.row_of_field(attribute, field, &Target::default(), "/sync");
                resolved.rows.push(row);
            }
        }
        resolved
    }

    /// Asks for the fields that the store and the preset cannot do without, and marks their rows. A telephone number
    /// among them is a channel.
    fn check_demands(&mut self, resolved: &mut Resolved, pointer: &str) {
        let Resolved {
            rows, as_written, ..
        } = resolved;
        for row in rows.iter_mut() {
            let field = self.store.field(&row.field);
            if field.is_some_and(|field| field.mandatory) {
                numbers::send_to(row, as_written.contains(&row.field), self.findings);
            }
        }
        for field in self.store.fields.iter().filter(|field| field.mandatory) {
            if !resolved.named.contains_key(&field.name) {
                self.findings.problem(
                    pointer,
                    format!(
                        "The store takes no contact without {}; map an attribute to it in `mapping`.",
                        quoted(&field.name)
                    ),
                );
            }
        }
        let Some(preset) = self.preset else {
            return;
        };
        for sought in preset.defaults().mandatory {
            let named = |field: &&FieldDescription| {
                sought.is(field, self.store) && resolved.named.contains_key(&field.name)
            };
            if !self.store.fields.iter().any(|field| named(&field)) {
                let message = self.demand(preset, *sought);
                self.findings.problem(pointer, message);
            }
            let row = resolved.rows.iter_mut().find(|row| {
                self.store
                    .field(&row.field)
                    .is_some_and(|field| sought.is(field, self.store))
            });
            if let Some(row) = row {
                row.mandatory |= !resolved.waived.contains(&row.field);
            }
            if *sought == Sought::AnyPhone {
                self.send_to_one(resolved);
            }
        }
        if resolved.named.is_empty() && preset.defaults().mandatory.is_empty() {
            self.findings.problem(
                pointer,
                "Nothing is mapped; write in `mapping` which attribute goes into which field.",
            );
        }
    }

    /// The number that the preset asks for is a channel, unless the store asks for one itself: of several, the one
    /// without which nobody has a contact. The order of rows does not matter, which is another one in the settings in
    /// force.
    fn send_to_one(&mut self, resolved: &mut Resolved) {
        let number = |row: &Row| {
            let field = self.store.field(&row.field);
            field.filter(|field| Sought::AnyPhone.is(field, self.store))
        };
        let mut rows = resolved.rows.iter();
        if rows.any(|row| number(row).is_some_and(|field| field.mandatory)) {
            return;
        }
        let rows = resolved.rows.iter_mut();
        let numbers = rows.filter(|row| number(row).is_some());
        let usual = Sought::AnyPhone.usual_attribute();
        let first =
            numbers.min_by_key(|row| (!row.mandatory, row.attribute != usual, row.attribute));
        if let Some(row) = first {
            let stays = resolved.as_written.contains(&row.field);
            numbers::send_to(row, stays, self.findings);
        }
    }

    /// The sentence for a field that the preset asks for and nothing is mapped to.
    fn demand(&self, preset: Preset, sought: Sought) -> String {
        let fields: Vec<_> = self
            .store
            .fields
            .iter()
            .filter(|field| sought.is(field, self.store))
            .map(|field| field.name.as_str())
            .collect();
        let Some(example) = fields.first() else {
            return format!(
                "The preset `{}` needs a field for {}, and the store has none; choose another `preset`.",
                preset.name(),
                sought.noun()
            );
        };
        format!(
            "The preset `{}` needs {}; map an attribute to {}, such as \"{}\": \"{example}\" in `mapping`.",
            preset.name(),
            sought.noun(),
            one_of(fields.iter().copied()),
            sought.usual_attribute()
        )
    }

    fn attribute(&mut self, name: &str, place: &Located<'_>) -> Option<&'static Attribute> {
        let found = catalogue::find(name);
        if found.is_none() {
            let message = if let Some(refused) = catalogue::refusal(name) {
                format!("{} cannot be mapped. {}", quoted(name), refused.reason)
            } else {
                format!(
                    "{} is no attribute of the catalogue; write one of its names, such as `givenName` or `mail`.{}",
                    quoted(name),
                    hint(name, |_| true)
                )
            };
            self.findings.problem(place.pointer.as_str(), message);
        }
        found
    }

    fn target<'d>(&mut self, place: &Located<'d>) -> Option<Target<'d>> {
        match place.node {
            Node::Text(_) => Some(Target {
                field: Some(place.text(self.findings)?),
                ..Target::default()
            }),
            Node::Object(_) => {
                let target = place.object(&TARGET, self.findings)?;
                let read = Target {
                    field: target
                        .get("field")
                        .and_then(|place| place.text(self.findings)),
                    label: target
                        .get("label")
                        .and_then(|place| place.text(self.findings)),
                    mandatory: target
                        .get("mandatory")
                        .and_then(|place| place.boolean(self.findings)),
                    only_on_create: target
                        .get("onlyOnCreate")
                        .and_then(|place| place.boolean(self.findings)),
                    direction: directions::of_target(&target, self.findings),
                    format: numbers::of_target(&target, self.findings),
                };
                if target.get("field").is_none() && target.get("label").is_none() {
                    self.findings.problem(
                        place.pointer.as_str(),
                        "Write `field` with the name of a field, or `label` for a custom one.",
                    );
                }
                Some(read)
            }
            _ => {
                self.findings.problem(
                    place.pointer.as_str(),
                    format!(
                        "Write the name of a field in double quotes, or an object with {}, not {}.",
                        one_of(TARGET.known.iter().copied()),
                        place.node.noun()
                    ),
                );
                None
            }
        }
    }

    /// A row whose field the store describes.
    fn row(
        &mut self,
        attribute: &'static Attribute,
        field: &FieldDescription,
        target: &Target<'_>,
        place: &Located<'_>,
    ) -> Option<Row> {
        if !takes(&field.kind, attribute) {
            let message = misfit(attribute, field, self.store);
            self.findings.problem(place.pointer.as_str(), message);
            return None;
        }
        if is_somebody_elses(attribute, field) {
            let message = format!(
                "Contacts are found by {}, and {} is the address of another person; map `mail` to it, \
                 and this to another field.",
                quoted(&field.name),
                quoted(attribute.name)
            );
            self.findings.problem(place.pointer.as_str(), message);
            return None;
        }
        if field.mandatory && target.mandatory == Some(false) {
            self.findings.problem(
                place.pointer.as_str(),
                format!(
                    "The store takes no contact without {}; leave `mandatory` out or write true.",
                    quoted(&field.name)
                ),
            );
        }
        Some(self.row_of_field(attribute, field, target, &place.pointer))
    }

    /// Which way a row goes. The directory takes one field for an attribute.
    fn direction(
        &mut self,
        attribute: &'static Attribute,
        only_on_create: bool,
        target: &Target<'_>,
        pointer: &str,
    ) -> Direction {
        let own = target.direction.clone();
        let row = directions::OfRow {
            attribute,
            only_on_create,
            in_e164: matches!(target.format, Some((Format::E164, _))),
        };
        let direction = self.directions.of_row(row, own, self.findings);
        if !direction.writes_directory() {
            return direction;
        }
        if let Some(earlier) = self.given.insert(attribute.name, pointer.to_owned()) {
            self.findings.problem(
                pointer,
                format!(
                    "{} is written from {earlier} already, and the directory takes one field for an attribute; \
                     write \"direction\": \"one-way\" at one of them.",
                    quoted(attribute.name)
                ),
            );
        }
        direction
    }

    fn row_of_field(
        &mut self,
        attribute: &'static Attribute,
        field: &FieldDescription,
        target: &Target<'_>,
        pointer: &str,
    ) -> Row {
        let only_on_create = || {
            let sought = self.preset.unwrap_or_default().defaults().only_on_create;
            sought.iter().any(|sought| sought.is(field, self.store))
        };
        let only_on_create = target.only_on_create.unwrap_or_else(only_on_create);
        let direction = self.direction(attribute, only_on_create, target, pointer);
        let plain = match (&field.role, &field.kind) {
            (Some(FieldRole::Email), _) => Purpose::MatchKey,
            (_, FieldKind::Email) => Purpose::Address,
            (Some(FieldRole::Phone), _) | (_, FieldKind::Phone) => Purpose::Telephone,
            _ => Purpose::Plain,
        };
        Row {
            attribute: attribute.name,
            field: field.name.clone(),
            label: target.label.unwrap_or(&field.label).to_owned(),
            purpose: numbers::purpose(plain, attribute, target.format.as_ref(), self.findings),
            mandatory: field.mandatory || target.mandatory == Some(true),
            only_on_create,
            max_length: field.max_length,
            direction,
            always_filled: directions::is_always_filled(attribute.name),
        }
    }

    /// A row whose field the store does not describe.
    fn custom_row(
        &mut self,
        attribute: &'static Attribute,
        name: &str,
        target: &Target<'_>,
        place: &Located<'_>,
    ) -> Option<Row> {
        let names = || self.store.fields.iter().map(|field| field.name.as_str());
        if !self.store.custom_fields {
            let message = format!(
                "The store has no field {} and takes no custom ones; write {}.{}",
                quoted(name),
                one_of(names()),
                did_you_mean(name, names())
            );
            self.findings.problem(place.pointer.as_str(), message);
            return None;
        }
        let limit = self
            .store
            .limits
            .custom_field_label
            .map_or(LONGEST_LABEL, |limit| limit.min(LONGEST_LABEL));
        if exceeds(name, limit) {
            self.findings.problem(
                place.pointer.as_str(),
                format!("Write a label of at most {limit} characters."),
            );
            return None;
        }
        if let Some(similar) = closest(name, names()) {
            let warning = format!(
                "{} is no field of the store and is made as a custom field; if {} was meant, write that.",
                quoted(name),
                quoted(similar)
            );
            self.findings.warn(warning);
        }
        let only_on_create = target.only_on_create.unwrap_or(false);
        let direction = self.direction(attribute, only_on_create, target, &place.pointer);
        Some(Row {
            attribute: attribute.name,
            field: name.to_owned(),
            label: name.to_owned(),
            purpose: numbers::purpose(
                Purpose::Plain,
                attribute,
                target.format.as_ref(),
                self.findings,
            ),
            mandatory: target.mandatory.unwrap_or(false),
            only_on_create,
            max_length: self.store.limits.custom_field_value,
            direction,
            always_filled: directions::is_always_filled(attribute.name),
        })
    }
}

impl<'d> Target<'d> {
    /// The field that is meant: the one named, where the store has it, else the one the label says,
    /// under which a custom field is made.
    fn field_name(&self, store: &StoreDescription) -> Option<&'d str> {
        self.field
            .filter(|name| store.field(name).is_some())
            .or(self.label)
            .or(self.field)
    }
}
