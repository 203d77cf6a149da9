//! Where the users come from: a seed, a file in the shape that `GET /users` returns, or values.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use configuration_document::text;
use serde_json::Value;

use super::EmulatorError;
use emulated_directory::change_log::MEMBERS;
use emulated_directory::subject::TYPE;
use emulated_directory::synthetic::Company;
use emulated_directory::{ChangeError, Directory, Record};
use emulated_identity_platform::Certificate;

/// The users that a tenant starts with.
#[derive(Clone, Debug)]
pub enum DirectorySource {
    /// A generated company. The same seed always gives the same people, whatever their number.
    Synthetic {
        /// How many.
        users: u64,
        /// What they are drawn from.
        seed: u64,
    },
    /// A JSON file in the shape that `GET /users` returns, `{"value": […]}`, or the bare array; so
    /// an export of a real tenant can be loaded. Properties that the schema does not know are kept
    /// and can be selected. `certificates` beside `value`, an array of PEM texts, are those that the
    /// application may prove itself with. `groups` beside it are groups as `GET /groups` states them, each
    /// with the object ids or user principal names of its `members`; `objects`, the devices, service
    /// principals and organisational contacts that can be members, each with its `@odata.type`.
    File(PathBuf),
    /// The users themselves, each a JSON object as in a file.
    Users(Vec<Value>),
}

/// What a source holds.
pub(super) struct Loaded {
    pub(super) directory: Directory,
    pub(super) certificates: Vec<Certificate>,
}

impl From<Directory> for Loaded {
    fn from(directory: Directory) -> Self {
        Self {
            directory,
            certificates: Vec::new(),
        }
    }
}

impl DirectorySource {
    pub(super) fn load(
        self,
        organization: &str,
        (groups, contacts): (u64, u64),
        at: SystemTime,
    ) -> Result<Loaded, EmulatorError> {
        match self {
            Self::Synthetic { users, seed } => {
                let company = Company::new(users, seed, organization).with_groups(groups);
                Ok(Directory::with_contacts(company, contacts).into())
            }
            Self::File(path) => read(&path, at),
            Self::Users(users) => Ok(listed(users).map_err(EmulatorError::Directory)?.into()),
        }
    }
}

fn read(path: &Path, at: SystemTime) -> Result<Loaded, EmulatorError> {
    let bytes = std::fs::read(path).map_err(|source| EmulatorError::FileUnreadable {
        path: path.to_owned(),
        source,
    })?;
    let malformed = |reason: String| EmulatorError::FileMalformed {
        path: path.to_owned(),
        reason,
    };
    let text = text::decode(&bytes).map_err(|error| malformed(error.to_string()))?;
    let value: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    let mut certificates = Vec::new();
    let mut groups = Vec::new();
    let mut objects = Vec::new();
    let users = match value {
        Value::Array(users) => users,
        Value::Object(mut page) => {
            if let Some(texts) = page.remove("certificates") {
                certificates = registered(texts).map_err(malformed)?;
            }
            objects = records(page.remove("objects"), "objects").map_err(malformed)?;
            groups = records(page.remove("groups"), "groups").map_err(malformed)?;
            match page.remove("value") {
                Some(Value::Array(users)) => users,
                _ => return Err(malformed("it has no array 'value'".to_owned())),
            }
        }
        _ => return Err(malformed("it is neither an object nor an array".to_owned())),
    };
    let mut directory = listed(users).map_err(malformed)?;
    group(&mut directory, objects, groups, at).map_err(|error| malformed(error.to_string()))?;
    Ok(Loaded {
        directory,
        certificates,
    })
}

fn records(value: Option<Value>, name: &str) -> Result<Vec<Record>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(value) => serde_json::from_value(value)
            .map_err(|_| format!("its '{name}' are not an array of JSON objects")),
    }
}

/// Adds groups, and what else can be in one. A group may hold one that comes after it.
fn group(
    directory: &mut Directory,
    objects: Vec<Record>,
    groups: Vec<Record>,
    at: SystemTime,
) -> Result<(), ChangeError> {
    for record in objects {
        directory.add_object(record, at)?;
    }
    let mut stated = Vec::with_capacity(groups.len());
    for mut record in groups {
        let members = record.remove(MEMBERS);
        record.retain(|name, _| !name.starts_with('@'));
        let id = directory.add_group(record, at)?;
        stated.extend(members.map(|members| (id, members)));
    }
    for (id, members) in stated {
        let members = directory.stated_members(&members)?;
        directory.change_members(&id, (&members, &[]), at)?;
    }
    Ok(())
}

fn registered(texts: Value) -> Result<Vec<Certificate>, String> {
    let texts: Vec<String> = serde_json::from_value(texts)
        .map_err(|_| "its 'certificates' are not an array of PEM texts".to_owned())?;
    let parsed = texts.iter().zip(1..).map(|(text, number)| {
        Certificate::parse(text).map_err(|error| format!("certificate number {number}: {error}"))
    });
    parsed.collect()
}

pub(super) fn listed(users: Vec<Value>) -> Result<Directory, String> {
    let mut records = Vec::with_capacity(users.len());
    for (number, user) in (1..).zip(users) {
        match user {
            Value::Object(record) => records.push(tidied(record)),
            _ => return Err(format!("user number {number} is not a JSON object")),
        }
    }
    Directory::of_records(records).map_err(|error| error.to_string())
}

/// What is not set is absent in a record; annotations are the service's to make, except for the type
/// of somebody who is more than a user.
fn tidied(mut record: Record) -> Record {
    record.retain(|name, value| {
        let unset = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        !unset && (name == TYPE || !name.starts_with('@'))
    });
    record
}
