//! What each path demands of an access token, and how Graph refuses one.

use base64::Engine;
use emulated_directory::member::MemberKind;
use emulated_identity_platform::{Claims, TokenFlaw};

use emulated_odata::failure::Failure;

/// The challenge names Graph's own application, as real ones do.
pub(super) fn refuse(flaw: TokenFlaw, root: &str) -> Failure {
    let message = match flaw {
        TokenFlaw::Empty => "Access token is empty.",
        TokenFlaw::NotWellFormed => "IDX14100: JWT is not well formed, there are no dots (.).",
        TokenFlaw::BadSignature => "Access token validation failure. Invalid signature.",
        TokenFlaw::Expired => "Access token has expired or is not yet valid.",
        TokenFlaw::WrongTenant => "Access token validation failure. Invalid tenant.",
        TokenFlaw::Revoked => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired \
             and code: TokenIssuedBeforeRevocationTimestamp"
        }
    };
    let error = match flaw {
        TokenFlaw::Empty => String::new(),
        TokenFlaw::Revoked => {
            let claims = br#"{"access_token":{"nbf":{"essential":true}}}"#;
            let claims = base64::engine::general_purpose::STANDARD.encode(claims);
            format!(", error=\"insufficient_claims\", claims=\"{claims}\"")
        }
        _ => ", error=\"invalid_token\"".to_owned(),
    };
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{root}/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\"{error}"
    );
    Failure::new(
        http::StatusCode::UNAUTHORIZED,
        "InvalidAuthenticationToken",
        message,
    )
    .with_header("www-authenticate", challenge)
}

/// Reading users, their delta and the deleted ones.
pub(super) const READ_USERS: [&str; 4] = [
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Restoring a deleted user, or deleting it for good.
pub(super) const WRITE_USERS: [&str; 3] = [
    "User.ReadWrite.All",
    "User.DeleteRestore.All",
    "Directory.ReadWrite.All",
];

/// Setting and clearing somebody's manager
/// (<https://learn.microsoft.com/graph/api/user-post-manager#permissions>).
pub(super) const WRITE_MANAGERS: [&str; 2] = ["User.ReadWrite.All", "Directory.ReadWrite.All"];

/// The whole organisation; [`READ_USERS`] sees its name and domains.
pub(super) const READ_ORGANIZATION: [&str; 4] = [
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Reading groups, their delta and the deleted ones
/// (<https://learn.microsoft.com/graph/api/group-list#permissions>).
pub(super) const READ_GROUPS: [&str; 6] = [
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Reading who is in a group (<https://learn.microsoft.com/graph/api/group-list-members#permissions>).
pub(super) const READ_MEMBERS: [&str; 7] = [
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Reading who is in a group whose membership is hidden, besides.
pub(super) const READ_HIDDEN: [&str; 1] = ["Member.Read.Hidden"];

/// Reading organisational contacts and their delta
/// (<https://learn.microsoft.com/graph/api/orgcontact-list#permissions>).
pub(super) const READ_CONTACTS: [&str; 3] = [
    "OrgContact.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Restoring a deleted group, or deleting it for good.
pub(super) const WRITE_GROUPS: [&str; 2] = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// Who may see what an object is beyond its type and its id: everything of it, or the little that
/// `User.ReadBasic.All` shows of a user
/// (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sight {
    /// Everything.
    Whole,
    /// The basic profile of a user.
    Basic,
    /// Type and id.
    Nothing,
}

/// What `User.ReadBasic.All` shows (<https://learn.microsoft.com/graph/permissions-reference#userreadbasicall>).
pub(super) const BASIC_PROFILE: [&str; 7] = [
    "displayName",
    "givenName",
    "id",
    "mail",
    "securityIdentifier",
    "surname",
    "userPrincipalName",
];

/// What a token lets one see of a kind of object.
pub(super) fn sight(claims: &Claims, kind: MemberKind) -> Sight {
    let whole: &[&str] = match kind {
        MemberKind::User => &READ_USERS,
        MemberKind::Group => &READ_GROUPS,
        MemberKind::Device => &[
            "Device.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        MemberKind::ServicePrincipal => &[
            "Application.Read.All",
            "Application.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        MemberKind::OrgContact => &READ_CONTACTS,
    };
    if claims.has_any(whole) {
        Sight::Whole
    } else if kind == MemberKind::User && claims.has_any(&["User.ReadBasic.All"]) {
        Sight::Basic
    } else {
        Sight::Nothing
    }
}

/// Whether a token carries any of these permissions.
///
/// # Errors
/// 403 `Authorization_RequestDenied` where it does not.
pub(super) fn require(claims: &Claims, permissions: &[&str]) -> Result<(), Failure> {
    if claims.has_any(permissions) {
        Ok(())
    } else {
        Err(Failure::denied())
    }
}
