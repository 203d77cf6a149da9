//! `contacts`: lists, exports, edits and adds.

use std::collections::BTreeMap;

use api_types::shapes::ContactShape;
use api_types::spreadsheet;
use clap::{Args, Subcommand};
use connector_contract::{FieldDescription, StoreDescription};
use store_api::{AdminStore, ContactFilter, ContactRow};
use sync_runner::DataDirectory;

use super::destinations::destination_of;
use super::failure::Ending;
use super::printer;
use super::wrong_usage::WrongUsage;

/// List, export, edit and add contacts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness contacts --search zoe
  host-harness contacts --list Sales --csv > sales.csv
  host-harness contacts edit 17 phone_number \"+61 400 000 000\"
  host-harness contacts add email=jo@example.com first_name=Jo")]
pub(super) struct Contacts {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write one field of one contact; without a value, empty it
    Edit {
        /// The contact's id, as the list shows it
        contact: String,
        /// The field's name
        field: String,
        /// The new value
        #[arg(allow_hyphen_values = true)]
        value: Option<String>,
        /// Print the contact's id and new version as JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a contact by hand
    Add {
        /// As many as wanted
        #[arg(required = true, value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// Print the new contact's id as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Default, PartialEq, Eq, Args)]
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
    pub(super) fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        if self.action.is_some() && self.listing != Listing::default() {
            return Err(WrongUsage(
                "options of the list do not go with `edit` and `add`; write options of these behind \
                 the word"
                    .to_owned(),
            )
            .into());
        }
        match self.action {
            None => {
                let store = data.existing_store()?;
                refuse_destination(&*store)?;
                self.listing.print(&*store)?;
            }
            Some(Action::Edit {
                contact,
                field,
                value,
                json,
            }) => {
                let store = data.existing_store()?;
                refuse_destination(&*store)?;
                let value = value.filter(|value| !value.is_empty());
                warn_of_custom_fields(&*store, [field.as_str()])?;
                let version = store.edit_field(&contact, &field, value.as_deref())?;
                if json {
                    printer::json(&serde_json::json!({ "id": contact, "version": version }))?;
                } else {
                    let done = if value.is_some() {
                        "written"
                    } else {
                        "emptied"
                    };
                    printer::line(format_args!("contact {contact}: {field} {done}"));
                }
            }
            Some(Action::Add { fields, json }) => {
                let fields = pairs(&fields)?;
                let store = data.store()?;
                refuse_destination(&*store)?;
                warn_of_custom_fields(&*store, fields.keys().map(String::as_str))?;
                let id = store.add_contact(&fields)?;
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

/// Contacts that a service keeps are looked at, and edited, there.
fn refuse_destination(store: &dyn AdminStore) -> anyhow::Result<()> {
    let Some(destination) = destination_of(store)? else {
        return Ok(());
    };
    anyhow::bail!(
        "the contacts of this workspace are kept by the destination `{}`: look at them, and edit them, there; \
         `explain` tells about one of them",
        destination.name.as_deref().unwrap_or_default()
    )
}

fn pairs(fields: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for field in fields {
        let (name, value) = field
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| {
                WrongUsage("a field is written FIELD=VALUE, such as first_name=Jo".to_owned())
            })?;
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(WrongUsage(format!("the field {name} is given twice")).into());
        }
    }
    Ok(pairs)
}

/// A field with a spelling mistake would quietly become a custom one.
fn warn_of_custom_fields<'f>(
    store: &dyn AdminStore,
    names: impl IntoIterator<Item = &'f str>,
) -> anyhow::Result<()> {
    let description = describe(store)?;
    for name in names {
        if !description.fields.iter().any(|field| field.name == name) {
            let known: Vec<_> = description
                .fields
                .iter()
                .map(|field| field.name.as_str())
                .collect();
            printer::notice(format_args!(
                "note: `{name}` is a custom field; the store's own are {}",
                known.join(", ")
            ));
        }
    }
    Ok(())
}

fn describe(store: &dyn AdminStore) -> anyhow::Result<StoreDescription> {
    store
        .describe()
        .map_err(|error| anyhow::anyhow!("the contact store cannot be described: {error:?}"))
}

type Row = Result<ContactRow, store_api::BackendError>;

impl Listing {
    fn print(&self, store: &dyn AdminStore) -> anyhow::Result<()> {
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
            printer::json_array(contacts.map(|contact| Ok(shape(contact?))))
        } else if self.csv {
            print_csv(&describe(store)?.fields, contacts)
        } else {
            print_table(contacts)
        }
    }
}

/// The described fields as columns; custom fields together in one, as JSON.
fn print_csv(
    fields: &[FieldDescription],
    contacts: impl Iterator<Item = Row>,
) -> anyhow::Result<()> {
    let mut header = vec!["id", "active", "object_id", "lists"];
    header.extend(fields.iter().map(|field| field.name.as_str()));
    header.push("custom_fields");
    printer::csv(
        &header,
        contacts.map(|contact| csv_record(fields, contact?)),
    )
}

fn csv_record(fields: &[FieldDescription], mut contact: ContactRow) -> anyhow::Result<Vec<String>> {
    let mut record = vec![
        contact.id,
        contact.active.to_string(),
        contact.object_id.unwrap_or_default(),
        spreadsheet::names(&contact.lists),
    ];
    record.extend(
        fields
            .iter()
            .map(|field| contact.fields.remove(&field.name).unwrap_or_default()),
    );
    record.push(if contact.fields.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&contact.fields)?
    });
    Ok(record)
}

fn print_table(contacts: impl Iterator<Item = Row>) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for contact in contacts {
        rows.push(table_row(contact?));
    }
    let number = rows.len() as u64;
    if number > 0 {
        printer::line(printer::table(
            ["id", "name", "email", "phone", "lists", "", ""],
            rows,
        ));
    }
    printer::line(printer::counted(number, "contact"));
    Ok(())
}

fn table_row(contact: ContactRow) -> [String; 7] {
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
    let (email, phone) = (field(&["email"]), field(&["phone_number", "mobile_phone"]));
    [
        contact.id,
        name,
        email,
        phone,
        contact.lists.join(", "),
        if contact.active { "" } else { "inactive" }.to_owned(),
        if contact.linked { "linked" } else { "" }.to_owned(),
    ]
}

fn shape(row: ContactRow) -> ContactShape {
    ContactShape {
        id: row.id,
        active: row.active,
        object_id: row.object_id,
        linked: row.linked,
        fields: row.fields,
        lists: row.lists,
    }
}
