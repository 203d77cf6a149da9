//! What an application may subscribe to: the properties of a subscription, read and refused
//! (<https://learn.microsoft.com/graph/api/resources/subscription>).

use std::time::{Duration, SystemTime};

use emulated_directory::moments;
use emulated_http::is_loopback_root;
use http::{StatusCode, Uri};
use serde_json::{Map, Value};

use crate::access::READ_USERS;
use emulated_odata::failure::Failure;

/// How long a subscription to users or groups lasts at most, in minutes: under 29 days
/// (<https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime>).
pub(super) const LONGEST_MINUTES: u64 = 41_760;

/// A shorter one lasts so long all the same (the same page, `expirationDateTime`).
const SHORTEST_MINUTES: u64 = 45;

/// Characters of a client state, at most.
const LONGEST_STATE: usize = 128;

/// Subscribing to groups; the permissions for members alone are not documented for it
/// (<https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions>).
const READ_GROUPS: [&str; 4] = [
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

const PROPERTIES: [&str; 8] = [
    "changeType",
    "clientState",
    "expirationDateTime",
    "includeResourceData",
    "latestSupportedTlsVersion",
    "lifecycleNotificationUrl",
    "notificationUrl",
    "resource",
];

/// What is subscribed to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Topic {
    Users,
    User(String),
    Groups,
    Group(String),
    Members(String),
    Owners(String),
}

impl Topic {
    /// Reads a resource without host and version, with a leading slash or without one.
    fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix('/').unwrap_or(text);
        let segments: Vec<&str> = path.split('/').collect();
        let lower = path.to_lowercase();
        let lower: Vec<&str> = lower.split('/').collect();
        let id = || segments.get(1).map(|id| (*id).to_owned());
        let has_id = segments.get(1).is_none_or(|id| !id.is_empty());
        match &*lower {
            _ if !has_id => None,
            ["users"] => Some(Self::Users),
            ["users", _] => id().map(Self::User),
            ["groups"] => Some(Self::Groups),
            ["groups", _] => id().map(Self::Group),
            ["groups", _, "members"] => id().map(Self::Members),
            ["groups", _, "owners"] => id().map(Self::Owners),
            _ => None,
        }
    }

    /// Whether groups are what it is about.
    pub(super) fn is_of_groups(&self) -> bool {
        !matches!(self, Self::Users | Self::User(_))
    }

    /// The one object that it is about.
    pub(super) fn object(&self) -> Option<&str> {
        match self {
            Self::Users | Self::Groups => None,
            Self::User(id) | Self::Group(id) | Self::Members(id) | Self::Owners(id) => Some(id),
        }
    }

    /// The permissions of which one is enough.
    pub(super) fn permissions(&self) -> &'static [&'static str] {
        if self.is_of_groups() {
            &READ_GROUPS
        } else {
            &READ_USERS
        }
    }
}

/// The kinds of change that are subscribed to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ChangeTypes {
    pub(super) updated: bool,
    pub(super) deleted: bool,
    /// Not a kind that users and groups have. Together with others it is taken, and then nothing comes
    /// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/19138>).
    pub(super) created: bool,
}

impl ChangeTypes {
    fn parse(text: &str) -> Result<Self, Failure> {
        let refused = || invalid(format!("Invalid 'changeType' attribute: '{text}'."));
        let mut types = Self {
            updated: false,
            deleted: false,
            created: false,
        };
        for name in text.split(',') {
            match &*name.trim().to_lowercase() {
                "updated" => types.updated = true,
                "deleted" => types.deleted = true,
                "created" => types.created = true,
                _ => return Err(refused()),
            }
        }
        // https://github.com/microsoftgraph/microsoft-graph-docs/issues/4819
        if types.updated || types.deleted {
            Ok(types)
        } else {
            Err(refused())
        }
    }
}

/// What was agreed on.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// As it was written.
    pub(super) resource: String,
    pub(super) topic: Topic,
    /// As it was written.
    pub(super) change_type: String,
    pub(super) types: ChangeTypes,
    pub(super) notification_url: String,
    pub(super) lifecycle_url: Option<String>,
    pub(super) client_state: Option<String>,
    pub(super) tls_version: String,
    pub(super) expires: SystemTime,
}

/// What the terms are judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub(super) now: SystemTime,
    /// Whether a listener on this machine may be without TLS.
    pub(super) plain: bool,
    /// Whether an end that is too far away is brought near, where it is refused otherwise.
    pub(super) shortens: bool,
}

/// Reads the body of a request to subscribe.
///
/// # Errors
/// 400 for whatever is missing, unknown or out of bounds.
pub(super) fn read(body: &[u8], circumstances: Circumstances) -> Result<Terms, Failure> {
    let body = object(body)?;
    let required = |name: &str| match text(&body, name)? {
        Some(value) if !value.is_empty() => Ok(value),
        // https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7399
        _ => Err(invalid(format!(
            "{name} is a required property for subscription creation"
        ))),
    };
    let change_type = required("changeType")?;
    let notification_url = required("notificationUrl")?;
    let resource = required("resource")?;
    let expires = required("expirationDateTime")?;
    let types = ChangeTypes::parse(&change_type)?;
    let topic = Topic::parse(&resource).ok_or_else(|| {
        invalid(format!(
            "Resource '{resource}' does not support change notifications."
        ))
    })?;
    let lifecycle_url = text(&body, "lifecycleNotificationUrl")?;
    check_url("notificationUrl", &notification_url, circumstances.plain)?;
    if let Some(url) = &lifecycle_url {
        check_url("lifecycleNotificationUrl", url, circumstances.plain)?;
    }
    let client_state = text(&body, "clientState")?;
    check_state(client_state.as_deref())?;
    if body.get("includeResourceData") == Some(&Value::Bool(true)) {
        return Err(invalid(format!(
            "Resource '{resource}' does not offer resource data in notifications."
        )));
    }
    let tls_version = text(&body, "latestSupportedTlsVersion")?;
    let tls_version = tls_version.unwrap_or_else(|| "v1_2".to_owned());
    if !["v1_0", "v1_1", "v1_2", "v1_3"].contains(&&*tls_version) {
        return Err(invalid(format!(
            "Invalid 'latestSupportedTlsVersion' attribute: '{tls_version}'."
        )));
    }
    Ok(Terms {
        topic,
        types,
        expires: end(&expires, circumstances)?,
        resource,
        change_type,
        notification_url,
        lifecycle_url,
        client_state,
        tls_version,
    })
}

/// What a renewal changes.
#[derive(Clone, Debug)]
pub(super) struct Renewal {
    pub(super) expires: Option<SystemTime>,
    pub(super) notification_url: Option<String>,
}

/// Reads the body of a request to renew.
///
/// # Errors
/// 400 for anything but an end and an address: no other property can be changed
/// (<https://learn.microsoft.com/graph/api/subscription-update>).
pub(super) fn read_renewal(body: &[u8], circumstances: Circumstances) -> Result<Renewal, Failure> {
    let body = object(body)?;
    let fixed = body
        .keys()
        .find(|name| !["expirationDateTime", "notificationUrl"].contains(&&***name));
    if let Some(name) = fixed {
        return Err(invalid(format!("Property '{name}' cannot be updated.")));
    }
    let notification_url = text(&body, "notificationUrl")?;
    if let Some(url) = &notification_url {
        check_url("notificationUrl", url, circumstances.plain)?;
    }
    let expires = text(&body, "expirationDateTime")?;
    let expires = expires.map(|text| end(&text, circumstances)).transpose()?;
    Ok(Renewal {
        expires,
        notification_url,
    })
}

/// A refusal of the service that keeps subscriptions.
pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "InvalidRequest", message.into())
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    // https://github.com/microsoftgraph/microsoft-graph-docs/issues/2231
    let unreadable = || {
        invalid(
            "Could not process subscription creation payload. Are all property names spelled and \
             camelCased properly?",
        )
    };
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) if body.keys().all(|name| PROPERTIES.contains(&&**name)) => {
            Ok(body)
        }
        _ => Err(unreadable()),
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(format!("Property '{name}' is of another type."))),
    }
}

fn check_url(name: &str, url: &str, plain: bool) -> Result<(), Failure> {
    let uri = url.parse::<Uri>().ok();
    let is_safe = uri.is_some_and(|uri| {
        let root = uri
            .authority()
            .map(|authority| format!("http://{authority}"))
            .unwrap_or_default();
        match uri.scheme_str() {
            Some("https") => uri.host().is_some_and(|host| !host.is_empty()),
            Some("http") => plain && is_loopback_root(&root),
            _ => false,
        }
    });
    if is_safe {
        Ok(())
    } else {
        Err(invalid(format!(
            "Invalid '{name}' attribute: it must be an absolute URL that begins with https."
        )))
    }
}

fn check_state(state: Option<&str>) -> Result<(), Failure> {
    if state.is_some_and(|state| state.chars().count() > LONGEST_STATE) {
        Err(invalid(format!(
            "Property 'clientState' exceeds the maximum length of {LONGEST_STATE} characters."
        )))
    } else {
        Ok(())
    }
}

fn end(text: &str, circumstances: Circumstances) -> Result<SystemTime, Failure> {
    let minutes = |count: u64| circumstances.now + Duration::from_secs(60 * count);
    let Some(asked) = moments::parse(text) else {
        return Err(invalid(format!(
            "Invalid 'expirationDateTime' attribute: '{text}'."
        )));
    };
    if asked <= circumstances.now {
        return Err(invalid("Subscription expiration must be in the future."));
    }
    let longest = minutes(LONGEST_MINUTES);
    if asked > longest && !circumstances.shortens {
        // https://github.com/microsoftgraph/microsoft-graph-docs/issues/2988
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "ExtensionError",
            format!("Subscription expiration can only be {LONGEST_MINUTES} minutes in the future."),
        ));
    }
    Ok(asked.clamp(minutes(SHORTEST_MINUTES), longest))
}
