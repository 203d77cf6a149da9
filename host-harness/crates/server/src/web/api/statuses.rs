//! The statuses that every address can answer with, put into the description once.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, Ref, RefOr, ResponseBuilder};

/// What any address answers when something stands in the way, and when.
const ALWAYS: [(&str, &str); 11] = [
    (
        "400",
        "The address or the body cannot be read, or the request names its host twice.",
    ),
    ("401", "Nobody is signed in, or not to this workspace."),
    (
        "403",
        "Only an administrator may, or the request does not carry the session's token.",
    ),
    ("404", "There is nothing of that name."),
    (
        "409",
        "Not in this state, or something else goes on, or somebody else has saved since.",
    ),
    ("421", "The server has another name."),
    ("429", "The workspace asks too much at once."),
    ("500", "The server failed."),
    ("502", "The connector or the directory could not do it."),
    ("503", "It could not be saved or read at the moment."),
    ("405", "The address is there, but not for this method."),
];

/// And what one with a body answers.
const WITH_BODY: [(&str, &str); 3] = [
    ("413", "The body is longer than any of ours."),
    (
        "415",
        "The body has another content type than application/json.",
    ),
    (
        "422",
        "Something of the body cannot be; `problems` says what.",
    ),
];

/// Describes them wherever an address does not describe them in its own words.
pub(super) fn with_those_of_every_address(mut described: OpenApi) -> OpenApi {
    for path in described.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put];
        for operation in operations.into_iter().flatten() {
            describe(operation);
        }
    }
    described
}

fn describe(operation: &mut Operation) {
    let with_body: &[_] = match operation.request_body {
        Some(_) => &WITH_BODY,
        None => &[],
    };
    for (status, when) in ALWAYS.iter().chain(with_body) {
        let body = utoipa::openapi::ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("FailureBody")))
            .build();
        let response = ResponseBuilder::new()
            .description(*when)
            .content("application/json", body)
            .build();
        operation
            .responses
            .responses
            .entry((*status).to_owned())
            .or_insert(RefOr::T(response));
    }
}
