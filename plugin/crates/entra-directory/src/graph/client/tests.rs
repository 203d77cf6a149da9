use std::time::Duration;

use guest_kit::{HttpFailure, SecretError};
use serde_json::json;

use crate::connection::Cloud;
use crate::graph::error::GraphError;
use crate::graph::test_script::{
    self, BEARER, SECRET, World, answer, error_body, refusal, with_header,
};

use super::*;

const ORGANIZATION: &str = "/organization?$select=id,displayName";
const PROBE: &str = "/users?$top=1&$select=id";
const SECOND: Duration = Duration::from_secs(1);

/// The smallest question about users.
trait ProbeUsers {
    fn probe_users(&self) -> Result<(), GraphError>;
}

impl ProbeUsers for Client<'_> {
    fn probe_users(&self) -> Result<(), GraphError> {
        self.probe(&Selection::new([]))
    }
}

fn organization() -> HttpResponse {
    answer(
        200,
        &json!({"value": [{"id": "t-1", "displayName": "Contoso"}]}),
    )
}

fn empty() -> HttpResponse {
    answer(200, &json!({"value": []}))
}

fn selection() -> Selection {
    Selection::new(["mail"])
}

mod ahead;
mod credentials;
mod kept_token;
mod reading;
mod repeating;
mod signing_in;
