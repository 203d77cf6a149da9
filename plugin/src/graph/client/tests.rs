use std::time::Duration;

use serde_json::json;

use super::*;
use crate::graph::error::GraphError;
use crate::graph::script::{BEARER, SECRET, World, answer, error_body, refusal, with_header};
use crate::ports::{HttpFailure, SecretError};
use crate::settings::Cloud;

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

mod reading;
mod repeating;
mod signing_in;
