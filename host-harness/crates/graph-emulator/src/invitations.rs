//! `POST /invitations` (<https://learn.microsoft.com/graph/api/invitation-post>).
//!
//! Who has the address already decides what becomes of it: a guest is invited again, under the same id and with a
//! link that makes the one before void; a member is not; a contact of the organisation keeps its address, and the
//! guest is without one (<https://learn.microsoft.com/entra/external-id/troubleshoot>).

use emulated_directory::directory::Directory;
use emulated_directory::moments;
use emulated_directory::subject::Subject;
use emulated_directory::synthetic::domains;
use emulated_directory::{ChangeError, Member, Record};
use emulated_http::{Call, Reply};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::service::Service;
use super::user_update::is_address;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;

/// The permissions of which one suffices.
pub(super) const INVITE: [&str; 3] = [
    "User.Invite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// Characters that no invited address may have, from the page's list.
const REFUSED_CHARACTERS: &str = "~!#$%^&*([{<>}])+=\\/|;:\"?, ";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    invited_user_email_address: String,
    invite_redirect_url: String,
    #[serde(default)]
    invited_user_display_name: Option<String>,
    #[serde(default)]
    send_invitation_message: bool,
    #[serde(default)]
    invited_user_type: Option<String>,
}

/// Invites somebody.
///
/// # Errors
/// 400 without an address or a place to lead to, for an address that cannot be invited, and for a member of the
/// organisation; 403 where the tenant invites nobody.
pub(super) fn post(service: &Service, call: &Call) -> Result<Reply, Failure> {
    let wanted: Wanted = serde_json::from_slice(&call.body).map_err(|_| {
        Failure::bad_request(
            "Required properties are missing: invitedUserEmailAddress, inviteRedirectUrl.",
        )
    })?;
    let behaviour = service.behaviour();
    if behaviour.invitations_refused {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Guest invitations not allowed for your company. Contact your company administrator for more details.",
        ));
    }
    let address = wanted.invited_user_email_address.trim().to_owned();
    let domain = check_address(&address)?;
    let (own, initial) = domains(service.organization_name());
    if [&own, &initial]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(domain))
    {
        return Err(Failure::bad_request(
            "This user cannot be invited because the domain of the user's email address is a verified domain of \
             this directory.",
        ));
    }
    let blocked = &behaviour.blocked_invitation_domains;
    if blocked
        .iter()
        .any(|known| known.eq_ignore_ascii_case(domain))
    {
        return Err(Failure::bad_request(
            "This invitation is blocked by cross-tenant access settings.",
        ));
    }
    let holder = holder(&service.directory(), &address);
    let id = match holder {
        Some(Holder::Guest(id)) => id,
        Some(Holder::Member(id)) => {
            return Err(Failure::bad_request(format!(
                "The invited user already exists in the directory as object ID: {id}. They can use that account to \
                 sign in to shared apps and resources."
            )));
        }
        Some(Holder::Group) => {
            return Err(Failure::bad_request("Group email address is not supported"));
        }
        Some(Holder::Contact) => make(service, &wanted, (&address, &initial), Mailbox::OfAContact)?,
        None => make(service, &wanted, (&address, &initial), Mailbox::Own)?,
    };
    Ok(invitation(service, call, &wanted, &id))
}

/// The domain of an address that can be invited.
fn check_address(address: &str) -> Result<&str, Failure> {
    let parts = address.split_once('@');
    let whole = parts.filter(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !address.contains(|character| REFUSED_CHARACTERS.contains(character))
    });
    whole.map(|(_, domain)| domain).ok_or_else(|| {
        Failure::bad_request(
            "Invalid value specified for property 'invitedUserEmailAddress' of resource 'Invitation'.",
        )
    })
}

/// Whose the address of a new guest is as a mailbox.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mailbox {
    Own,
    /// It stays an organisational contact's.
    OfAContact,
}

/// Who has an address.
enum Holder {
    Guest(String),
    Member(String),
    Contact,
    Group,
}

fn holder(directory: &Directory, address: &str) -> Option<Holder> {
    let user = directory
        .live_from(0)
        .find(|(_, subject)| has_address(subject, address));
    if let Some((ordinal, subject)) = user {
        let id = directory.id(ordinal)?;
        let kind = subject.value("userType");
        let guest = kind.is_some_and(|kind| *kind == "Guest");
        return Some(if guest {
            Holder::Guest(id)
        } else {
            Holder::Member(id)
        });
    }
    let groups = directory.groups();
    let mut all = (0..groups.end()).filter_map(|group| directory.member_view(Member::Group(group)));
    let is_group = all
        .any(|view| super::object_columns::subject(&view, |subject| has_address(subject, address)));
    if is_group {
        return Some(Holder::Group);
    }
    let mut contacts = groups.others().contacts_from(0);
    let is_contact = contacts.any(|(_, record)| has_address(&Subject::Stated(record), address));
    is_contact.then_some(Holder::Contact)
}

fn has_address(subject: &Subject<'_>, address: &str) -> bool {
    let single = ["mail", "userPrincipalName"].iter().any(|name| {
        let value = subject.value(name);
        value.is_some_and(|value| is_address(&value, address))
    });
    single
        || ["proxyAddresses", "otherMails"].iter().any(|name| {
            let values = subject.value(name);
            let values = values.as_deref().and_then(Value::as_array);
            values.is_some_and(|all| all.iter().any(|value| is_address(value, address)))
        })
}

/// The user name of a guest: the address, in the tenant's first domain.
fn guest_name(address: &str, initial: &str) -> String {
    format!("{}#EXT#@{initial}", address.replace('@', "_"))
}

fn make(
    service: &Service,
    wanted: &Wanted,
    (address, initial): (&str, &str),
    mailbox: Mailbox,
) -> Result<String, Failure> {
    let now = service.now();
    let (local, _) = address.split_once('@').unwrap_or((address, ""));
    let name = wanted.invited_user_display_name.as_deref();
    let kind = wanted.invited_user_type.as_deref().unwrap_or("Guest");
    let mut record = Record::from_iter([
        ("accountEnabled".to_owned(), json!(true)),
        ("creationType".to_owned(), json!("Invitation")),
        ("displayName".to_owned(), json!(name.unwrap_or(local))),
        ("externalUserState".to_owned(), json!("PendingAcceptance")),
        (
            "externalUserStateChangeDateTime".to_owned(),
            json!(moments::zulu(now)),
        ),
        ("otherMails".to_owned(), json!([address])),
        (
            "userPrincipalName".to_owned(),
            json!(guest_name(address, initial)),
        ),
        ("userType".to_owned(), json!(kind)),
    ]);
    if mailbox == Mailbox::Own {
        record.insert("mail".to_owned(), json!(address));
        let proxies = json!([format!("SMTP:{address}")]);
        record.insert("proxyAddresses".to_owned(), proxies);
    }
    let added = service.directory_mut().add(record, now);
    if let Ok(id) = &added {
        let searches = service.behaviour().unfound_guests;
        service.replication().hide(id, searches);
    }
    added.map_err(|error| match error {
        ChangeError::Taken { property, .. } => Failure::conflict(property),
        other => Failure::bad_request(other.to_string()),
    })
}

fn invitation(service: &Service, call: &Call, wanted: &Wanted, user: &str) -> Reply {
    let id = Uuid::new_v4().to_string();
    let tenant = service.tenant_id();
    let body = json!({
        "@odata.context": format!("{}/v1.0/$metadata#invitations/$entity", call.root),
        "id": id,
        "inviteRedeemUrl": format!(
            "{}/redeem?rd=https%3a%2f%2finvitations.microsoft.com%2fredeem%2f%3ftenant%3d{tenant}%26user%3d{id}",
            call.root
        ),
        "invitedUserDisplayName": wanted.invited_user_display_name,
        "invitedUserType": wanted.invited_user_type.as_deref().unwrap_or("Guest"),
        "invitedUserEmailAddress": wanted.invited_user_email_address,
        "sendInvitationMessage": wanted.send_invitation_message,
        "resetRedemption": false,
        "inviteRedirectUrl": wanted.invite_redirect_url,
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": {
            "messageLanguage": null,
            "customizedMessageBody": null,
            "ccRecipients": [{"emailAddress": {"name": null, "address": null}}],
        },
        "invitedUser": {"id": user},
    });
    protocol::reply(StatusCode::CREATED, body.to_string().into_bytes())
        .with_header("x-ms-resource-unit", "1")
}
