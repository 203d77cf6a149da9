//! `PATCH /users/{id}` (<https://learn.microsoft.com/graph/api/user-update>).
//!
//! An update is taken as a whole or refused as a whole, and a refusal seldom names what it is about. What the
//! page says is followed; where it says nothing, what has been seen of the service is, with the report as source.

use emulated_directory::directory::{Authority, Directory};
use emulated_directory::roles::{self, Role};
use emulated_directory::writing::{self, MERGED, SENSITIVE, ValueFlaw, Written};
use emulated_directory::{ChangeError, Record, properties};
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;
use serde_json::{Map, Value};

use super::access;
use super::behaviour::Behaviour;
use super::service::Service;
use emulated_odata::failure::Failure;

/// Writing what is not sensitive, the least first.
const WRITE_PROFILES: [&str; 3] = [
    "User.ReadUpdate.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
/// Writing anything that an application may write at all.
pub(super) const WRITE_ACCOUNTS: [&str; 2] = ["User.ReadWrite.All", "Directory.ReadWrite.All"];

const LEAVE_DATE: &str = "employeeLeaveDateTime";
const MAIL: &str = "mail";
const PROXY_ADDRESSES: &str = "proxyAddresses";

/// Updates a user.
///
/// # Errors
/// 403 without the permission that one of the properties needs, and where one is sensitive and the user has a
/// role that the application is not above; 404 for nobody; 400 for a value or a property that is not taken.
pub(super) fn patch(
    service: &Service,
    call: &Call,
    claims: &Claims,
    key: &str,
) -> Result<Reply, Failure> {
    let behaviour = service.behaviour();
    let patch = {
        let directory = service.directory();
        let patch = stated(&call.body, &directory)?;
        check_permissions(claims, &behaviour, &patch)?;
        let ordinal = directory.find(key).ok_or_else(|| Failure::not_found(key))?;
        check_store(&patch)?;
        check_values(&patch)?;
        check_authority(directory.authority(ordinal), &patch)?;
        check_standing(&directory, claims, &behaviour, (ordinal, &patch))?;
        check_unique(&directory, ordinal, &patch)?;
        settled(&directory, ordinal, patch)
    };
    let changed = write(service, &behaviour, key, patch)?;
    service.log().wrote(changed);
    Ok(Reply::empty(StatusCode::NO_CONTENT).with_header("x-ms-resource-unit", "1"))
}

/// What the body states, in the service's spelling.
fn stated(body: &[u8], directory: &Directory) -> Result<Record, Failure> {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return Err(Failure::invalid("Unable to read JSON request payload."));
    };
    let mut patch = Record::new();
    for (name, value) in body {
        if name.starts_with('@') {
            continue;
        }
        let spelled = match properties::find(&name) {
            Some(property) => property.name.to_owned(),
            None if properties::is_extension(&name) || directory.knows_extra(&name) => name,
            None => {
                return Err(Failure::bad_request(format!(
                    "Could not find a property named '{name}' on type 'microsoft.graph.user'."
                )));
            }
        };
        patch.insert(spelled, value);
    }
    Ok(patch)
}

fn written(name: &str) -> Written {
    match properties::find(name) {
        Some(_) => writing::written(name),
        None => Written::Text(256),
    }
}

fn is_sensitive(name: &str) -> bool {
    SENSITIVE.contains(&name)
}

fn check_permissions(
    claims: &Claims,
    behaviour: &Behaviour,
    patch: &Record,
) -> Result<(), Failure> {
    if patch.is_empty() {
        return access::require(claims, &WRITE_PROFILES);
    }
    for name in patch.keys() {
        let (own, shared): (&[&str], &[&str]) = match name.as_str() {
            "businessPhones" | "mobilePhone" => (&["User-Phone.ReadWrite.All"], &WRITE_ACCOUNTS),
            "otherMails" => (&["User-Mail.ReadWrite.All"], &WRITE_ACCOUNTS),
            "accountEnabled" => (&["User.EnableDisableAccount.All"], &WRITE_ACCOUNTS),
            "passwordProfile" => (&["User-PasswordProfile.ReadWrite.All"], &WRITE_ACCOUNTS),
            LEAVE_DATE => (&["User-LifeCycleInfo.ReadWrite.All"], &[]),
            name if is_sensitive(name) => (&[], &WRITE_ACCOUNTS),
            _ => (&[], &WRITE_PROFILES),
        };
        let apart = behaviour.contact_methods_apart && !own.is_empty();
        if !claims.has_any(own) && (apart || !claims.has_any(shared)) {
            return Err(Failure::denied());
        }
    }
    Ok(())
}

/// What is kept elsewhere is refused there, and together with anything else nowhere
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/15735>,
/// <https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/536>).
fn check_store(patch: &Record) -> Result<(), Failure> {
    let elsewhere = |name: &&String| written(name) == Written::SharePoint;
    match patch.keys().filter(elsewhere).count() {
        0 => Ok(()),
        of_all if of_all == patch.len() => Err(Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "-1, Microsoft.Office.Server.Directory.DirectoryObjectUnauthorizedAccessException",
            "Attempted to perform an unauthorized operation.",
        )),
        _ => Err(Failure::invalid(
            "The request is currently not supported on the targeted entity set",
        )),
    }
}

fn check_values(patch: &Record) -> Result<(), Failure> {
    for (name, value) in patch {
        let written = written(name);
        match written {
            // <https://github.com/microsoftgraph/msgraph-beta-sdk-java/issues/621>
            Written::Empty => {
                return Err(Failure::bad_request(format!(
                    "Property '{name}' is read-only and cannot be set."
                )));
            }
            Written::ByPeople => return Err(Failure::denied()),
            _ => {}
        }
        written
            .check(value)
            .map_err(|flaw| invalid(name, written, flaw))?;
        if name == "usageLocation" && !value.as_str().is_some_and(is_country) {
            return Err(invalid(name, written, ValueFlaw::Value));
        }
    }
    Ok(())
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn invalid(name: &str, written: Written, flaw: ValueFlaw) -> Failure {
    let sentence = format!("Invalid value specified for property '{name}' of resource 'User'.");
    match (flaw, written) {
        (ValueFlaw::Type, _) => Failure::bad_request(format!(
            "Cannot convert the value of property '{name}' to the expected type."
        )),
        // <https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/1453>
        (ValueFlaw::Length, Written::Text(longest)) if name == "mobilePhone" => {
            Failure::bad_request(format!(
                "The {name} should be between 1 and {longest} characters."
            ))
        }
        (ValueFlaw::Length, _) if name == "otherMails" => Failure::bad_request(format!(
            "The {name} should be between 1 and 256 characters."
        )),
        (ValueFlaw::Length, _) => Failure::bad_request(sentence).with_detail("InvalidLength", name),
        (ValueFlaw::Value, _) => Failure::bad_request(sentence).with_detail("InvalidValue", name),
    }
}

/// Whoever is mastered elsewhere is written there
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/7301>,
/// <https://github.com/microsoftgraph/microsoft-graph-docs/issues/12584>).
fn check_authority(authority: Authority, patch: &Record) -> Result<(), Failure> {
    match authority {
        Authority::OnPremises if !patch.is_empty() => Err(Failure::bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
             currently undergoing migration.",
        )),
        Authority::FormerlyOnPremises if patch.contains_key(MERGED) => Err(Failure::bad_request(
            "Unable to update the specified properties for objects that have originated within an external service.",
        )),
        _ => Ok(()),
    }
}

/// Whether the application may touch what may lead into an account
/// (<https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions>), and anybody who is
/// in a unit of restricted management.
fn check_standing(
    directory: &Directory,
    claims: &Claims,
    behaviour: &Behaviour,
    (ordinal, patch): (u64, &Record),
) -> Result<(), Failure> {
    let restricted = directory
        .subject(ordinal)
        .and_then(|subject| subject.value("isManagementRestricted"));
    if restricted.as_deref() == Some(&Value::Bool(true))
        && !claims.has_any(&["Directory.Write.Restricted"])
    {
        return Err(Failure::denied());
    }
    if !patch.keys().any(|name| is_sensitive(name)) {
        return Ok(());
    }
    check_reach(directory, behaviour, ordinal)
}

/// Whether the application is above every role of a user.
///
/// # Errors
/// 403 where it is not.
pub(super) fn check_reach(
    directory: &Directory,
    behaviour: &Behaviour,
    ordinal: u64,
) -> Result<(), Failure> {
    let own = behaviour.application_roles.iter();
    let own = own.filter_map(|name| Role::named(name)).collect();
    let mut theirs = directory.roles_of(ordinal);
    if directory.is_in_assignable_group(ordinal) {
        theirs.extend(Role::named("Global Administrator"));
    }
    if roles::reaches(&own, &theirs) {
        Ok(())
    } else {
        Err(Failure::denied())
    }
}

/// Addresses are nobody else's
/// (<https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/8421>).
fn check_unique(directory: &Directory, ordinal: u64, patch: &Record) -> Result<(), Failure> {
    let Some(mail) = patch.get(MAIL).and_then(Value::as_str) else {
        return Ok(());
    };
    let others = directory
        .live_from(0)
        .filter(|(other, _)| *other != ordinal);
    let taken = others.into_iter().any(|(_, subject)| {
        let has = |property: &str| subject.value(property);
        let is_mail = has(MAIL).is_some_and(|other| is_address(&other, mail));
        let proxies = has(PROXY_ADDRESSES);
        let proxies = proxies.as_deref().and_then(Value::as_array);
        is_mail || proxies.is_some_and(|all| all.iter().any(|other| is_address(other, mail)))
    });
    if taken {
        return Err(Failure::conflict(PROXY_ADDRESSES));
    }
    Ok(())
}

/// Whether a value is a certain address, with a prefix or without.
pub(super) fn is_address(value: &Value, address: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    let bare = match text.split_once(':') {
        Some((kind, bare)) if kind.eq_ignore_ascii_case("smtp") => bare,
        _ => text,
    };
    bare.eq_ignore_ascii_case(address)
}

/// What becomes of the record: some members are merged, and a new address does not replace the old one
/// (<https://github.com/MicrosoftDocs/azure-docs/pull/74404>). A password is not kept.
fn settled(directory: &Directory, ordinal: u64, mut patch: Record) -> Record {
    patch.remove("passwordProfile");
    let subject = directory.subject(ordinal);
    let before = |name: &str| {
        let value = subject.and_then(|subject| subject.value(name));
        value.map(std::borrow::Cow::into_owned)
    };
    if let Some(Value::Object(new)) = patch.get_mut(MERGED) {
        let mut merged = match before(MERGED) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        merged.append(new);
        *new = merged;
    }
    if let Some(mail) = patch.get(MAIL).and_then(Value::as_str) {
        let mut addresses = vec![Value::from(format!("SMTP:{mail}"))];
        if let Some(Value::Array(known)) = before(PROXY_ADDRESSES) {
            let others = known.iter().filter(|known| !is_address(known, mail));
            addresses.extend(others.filter_map(Value::as_str).map(secondary));
        }
        patch.insert(PROXY_ADDRESSES.to_owned(), Value::Array(addresses));
    }
    patch
}

fn secondary(address: &str) -> Value {
    let bare = address.strip_prefix("SMTP:");
    Value::from(bare.map_or_else(|| address.to_owned(), |bare| format!("smtp:{bare}")))
}

/// Writes; whether that changed anything.
fn write(
    service: &Service,
    behaviour: &Behaviour,
    key: &str,
    patch: Record,
) -> Result<bool, Failure> {
    let now = service.now();
    let mut directory = service.directory_mut();
    let ordinal = directory.find(key).ok_or_else(|| Failure::not_found(key))?;
    let subject = directory.subject(ordinal);
    let former: Vec<(String, Value)> = patch
        .keys()
        .map(|name| {
            let value = subject.and_then(|subject| subject.value(name));
            (
                name.clone(),
                value.map(|v| v.into_owned()).unwrap_or_default(),
            )
        })
        .collect();
    let id = directory.id(ordinal).unwrap_or_default();
    let refused = |error: ChangeError| match error {
        ChangeError::Taken { property, .. } => Failure::conflict(property),
        other => Failure::bad_request(other.to_string()),
    };
    let names = || former.iter().map(|(name, _)| name.clone()).collect();
    let is_lost = |known: &String| known.eq_ignore_ascii_case(&id);
    if behaviour.lost_writes.iter().any(is_lost) {
        directory.state_again(&id, names(), now).map_err(refused)?;
        return Ok(true);
    }
    let before = directory.log().head();
    directory.edit(key, patch, now).map_err(refused)?;
    let changed = directory.log().head() != before;
    if changed {
        service.replication().note(&id, former, behaviour);
    } else if behaviour.same_values_are_changes {
        directory.state_again(&id, names(), now).map_err(refused)?;
    }
    Ok(changed)
}
