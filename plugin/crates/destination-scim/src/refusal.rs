//! What a server says of values, in the contract's codes. Only its `scimType` is read (RFC 7644, section 3.12), never
//! its sentences, which may repeat a value.

use destination_kit::contract::{CodeDescription, CodeKind, Refusal};

use crate::resource::{Object, text};

/// Another program has written whose user it is.
pub(crate) const MANAGED_ELSEWHERE: &str = "managed-elsewhere";
/// The server does not take a value, and does not say which.
pub(crate) const INVALID_VALUE: &str = "invalid-value";
/// The server says that it has done it, and has not.
pub(crate) const NOT_KEPT: &str = "not-kept";
/// The credentials may not do it to this one.
pub(crate) const NOT_ALLOWED: &str = "not-allowed";
/// The server has no such request.
pub(crate) const UNSUPPORTED: &str = "unsupported";
/// Nobody can be put into groups, or taken out of them.
pub(crate) const NO_GROUPS: &str = "no-groups";

/// The codes that are this destination's own, for people.
pub(crate) fn codes() -> Vec<CodeDescription> {
    let describe = |code: &str, label: &str, advice: &str| CodeDescription {
        code: code.to_owned(),
        kind: CodeKind::Refusal,
        label: label.to_owned(),
        advice: Some(advice.to_owned()),
    };
    vec![
        describe(
            MANAGED_ELSEWHERE,
            "Belongs to another program",
            "Another program has written the externalId of this user and goes by it, such as Entra's own provisioning. \
             Take the person out of the scope of one of the two; to give the user to this connector, empty the \
             externalId at the server.",
        ),
        describe(
            INVALID_VALUE,
            "Not accepted by the server",
            "Compare the person's values in the directory with what the server takes for its users.",
        ),
        describe(
            NOT_KEPT,
            "Accepted by the server and not kept",
            "The server does not let this value be changed, or emptied, by its interface; change it there, or leave \
             its row out of the mapping.",
        ),
        describe(
            NOT_ALLOWED,
            "Not allowed for this user",
            "The token may not write this user, which is often an administrator of the server; change the user there, \
             or allow it to the token.",
        ),
        describe(
            UNSUPPORTED,
            "Not possible by the server's interface",
            "The server does not let users be made, or deleted, by its interface: do it there, or configure the sync so \
             that it does not.",
        ),
        describe(
            NO_GROUPS,
            "The server keeps no groups for this",
            "Leave out of the configuration what makes lists, or let the server's groups be written by the token.",
        ),
    ]
}

/// A refusal, at a field where one is known.
pub(crate) fn refusal(field: Option<&str>, code: &str) -> Refusal {
    Refusal {
        field: field.map(str::to_owned),
        code: code.to_owned(),
    }
}

/// What an error of the server says: its `scimType`, where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) scim_type: Option<String>,
}

impl Complaint {
    /// Reads the body of an answer, whatever it is.
    pub(crate) fn read(body: &[u8]) -> Self {
        let value = guest_kit::json::value(body);
        let members: Option<&Object> = value.as_ref().and_then(serde_json::Value::as_object);
        Self {
            scim_type: members
                .and_then(|members| text(members, "scimType"))
                .map(str::to_owned),
        }
    }

    /// That a value is taken already.
    pub(crate) fn is_uniqueness(&self) -> bool {
        self.scim_type.as_deref() == Some("uniqueness")
    }

    /// The refusal that it is.
    pub(crate) fn refusal(&self) -> Refusal {
        match self.scim_type.as_deref() {
            Some("uniqueness") => refusal(Some(crate::fields::USER_NAME), "duplicate"),
            Some("mutability") => refusal(None, NOT_KEPT),
            _ => refusal(None, INVALID_VALUE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_an_error_is_read_and_nothing_else_of_it() {
        let told = br#"{"status": "409", "scimType": "uniqueness", "detail": "ana@contoso.example is taken"}"#;
        let complaint = Complaint::read(told);
        assert!(complaint.is_uniqueness());
        assert_eq!(complaint.refusal().field.as_deref(), Some("user_name"));
        for body in [&b""[..], b"<html>", b"[]", b"{}"] {
            assert_eq!(Complaint::read(body).refusal().code, INVALID_VALUE);
        }
    }

    #[test]
    fn every_code_has_a_sentence_that_helps() {
        for code in codes() {
            assert!(code.advice.is_some_and(|advice| advice.ends_with('.')));
        }
    }
}
