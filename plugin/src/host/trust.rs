//! The exports of `trust`: contract types in, core called, contract types out.

use crate::contact::ObjectId;
use crate::engine::retry;

use super::bindings::Component;
use super::bindings::exported;
use super::bindings::imports::types;
use super::bindings::trust as wit;
use super::{exports, with_ports};

fn missing() -> types::Error {
    types::Error::Other(types::Failure {
        code: "not-built".to_owned(),
        message: String::new(),
        advice: String::new(),
        status: None,
        request_id: None,
    })
}

impl wit::Guest for Component {
    fn explain(_: String, _: types::Who) -> Result<Vec<wit::Explanation>, types::Error> {
        Err(missing())
    }

    fn retry(document: String, user: String) -> Result<exported::SyncResult, types::Error> {
        let user = ObjectId::new(user);
        let result = with_ports(|ports| retry::retry(ports, &document, &user))?;
        Ok(exports::sync_result(result))
    }

    fn plan_undo(_: String, _: String) -> Result<exported::PlanSummary, types::Error> {
        Err(missing())
    }

    fn undo(_: String, _: wit::UndoRequest) -> Result<exported::SyncResult, types::Error> {
        Err(missing())
    }
}
