//! `contacts`: lists, exports, edits and adds.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::failure::{Ending, WrongUsage};
use super::place::PlaceArguments;
use super::printer;
use super::shapes::ContactShape;
use crate::contract::FieldDescription;
use crate::runtime::imports::ContactStore as _;
use crate::store::{ContactFilter, ContactRow, SqliteStore};

/// List, export, edit and add contacts
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  host-harness contacts --search zoe
  host-harness contacts --list Sales --csv > sales.csv
  host-harness contacts edit 17 phone_number \"+61 400 000 000\"
  host-harness contacts add email=jo@example.com first_name=Jo"
)]
pub(super) struct Contacts {
    #[command(flatten)]
    place: PlaceArguments,
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write one field of one contact; without a value, empty it
    Edit {
        #[command(flatten)]
        place: PlaceArguments,
        /// The contact's id, as the list shows it
        contact: String,
        /// The field's name
        field: String,
        /// The new value
        value: Option<String>,
    },
    /// Add a contact by hand
    Add {
        #[command(flatten)]
        place: PlaceArguments,
        /// FIELD=VALUE, as many as wanted
        #[arg(required = true, value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// Print the new contact's id as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Listing {
    /// Only contacts with a field that contains this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only contacts on this list
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Only contacts that are linked to the directory (true), or not (false)
    #[arg(long, value_name = "BOOL")]
    linked: Option<bool>,
    /// Only active (true) or inactive (false) contacts
    #[arg(long, value_name = "BOOL")]
    active: Option<bool>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print as CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl Contacts {
    pub(super) fn run(self) -> anyhow::Result<Ending> {
        match self.action {
            None => self.listing.print(&*self.place.store()?)?,
            Some(Action::Edit {
                place,
                contact,
                field,
                value,
            }) => {
                let value = value.filter(|value| !value.is_empty());
                place
                    .store()?
                    .edit_field(&contact, &field, value.as_deref())?;
                printer::line(format_args!("contact {contact}: {field} written"));
            }
            Some(Action::Add {
                place,
                fields,
                json,
            }) => {
                let id = place.store()?.add_contact(&pairs(&fields)?)?;
                if json {
                    printer::json(&serde_json::json!({ "id": id }))?;
                } else {
                    printer::line(format_args!("contact {id} added"));
                }
            }
        }
        Ok(Ending::Done)
    }
}

fn pairs(fields: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    fields
        .iter()
        .map(|field| {
            let (name, value) = field
                .split_once('=')
                .ok_or_else(|| WrongUsage("a field is written FIELD=VALUE".to_owned()))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

impl Listing {
    fn print(&self, store: &SqliteStore) -> anyhow::Result<()> {
        let filter = ContactFilter {
            active: self.active,
            linked: self.linked,
            list: self.list.clone(),
            text: self.search.clone(),
        };
        let contacts = store
            .contacts(filter)
            .take(self.limit.unwrap_or(usize::MAX));
        if self.json {
            print_json(contacts)
        } else if self.csv {
            let description = store
                .describe()
                .map_err(|error| anyhow::anyhow!("{error:?}"))?;
            print_csv(&description.fields, contacts)
        } else {
            print_table(contacts)
        }
    }
}

type Row = Result<ContactRow, crate::store::DatabaseError>;

/// One contact at a time, so that a million of them need no memory.
fn print_json(contacts: impl Iterator<Item = Row>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    out.write_all(b"[")?;
    for (number, contact) in contacts.enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &ContactShape::from(contact?))?;
    }
    out.write_all(b"\n]\n")?;
    out.flush().context("the contacts cannot be written")
}

/// The described fields as columns; custom fields together in one, as JSON.
fn print_csv(
    fields: &[FieldDescription],
    contacts: impl Iterator<Item = Row>,
) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    let mut header = vec!["id", "active", "object_id", "lists"];
    header.extend(fields.iter().map(|field| field.name.as_str()));
    header.push("custom_fields");
    out.write_record(&header)?;
    for contact in contacts {
        let mut contact = contact?;
        let mut record = vec![
            contact.id,
            contact.active.to_string(),
            contact.object_id.unwrap_or_default(),
            contact.lists.join("; "),
        ];
        record.extend(
            fields
                .iter()
                .map(|field| contact.fields.remove(&field.name).unwrap_or_default()),
        );
        let custom = if contact.fields.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&contact.fields)?
        };
        record.push(custom);
        out.write_record(&record)?;
    }
    out.flush().context("the contacts cannot be written")
}

fn print_table(contacts: impl Iterator<Item = Row>) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for contact in contacts {
        let contact = contact?;
        let field = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| contact.fields.get(*name).cloned())
                .unwrap_or_default()
        };
        let full_name = [field(&["first_name"]), field(&["last_name"])].join(" ");
        let name = Some(field(&["display_name", "contact_name"]))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| full_name.trim().to_owned());
        rows.push([
            contact.id,
            name,
            field(&["email"]),
            field(&["phone_number", "mobile_phone"]),
            contact.lists.join(", "),
            if contact.active { "" } else { "inactive" }.to_owned(),
            if contact.linked { "linked" } else { "" }.to_owned(),
        ]);
    }
    let number = rows.len();
    printer::line(printer::table(
        ["id", "name", "email", "phone", "lists", "", ""],
        rows,
    ));
    printer::line(format_args!("{number} contacts"));
    Ok(())
}
