//! The exports of `trust`: contract types in, core called, contract types out.

use super::bindings::Component;
use super::bindings::exported;
use super::bindings::imports::types;
use super::bindings::trust as wit;

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

    fn retry(_: String, _: String) -> Result<exported::SyncResult, types::Error> {
        Err(missing())
    }

    fn plan_undo(_: String, _: String) -> Result<exported::PlanSummary, types::Error> {
        Err(missing())
    }

    fn undo(_: String, _: wit::UndoRequest) -> Result<exported::SyncResult, types::Error> {
        Err(missing())
    }
}
