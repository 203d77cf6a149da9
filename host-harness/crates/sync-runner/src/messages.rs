//! What went wrong in a call, in sentences for the person who asked for it.

use connector_contract::{Error as GuestError, Failure};
use connector_runtime::CallError;

/// Everything a connector's error says: what happened, to what, and what to do.
pub fn in_words(error: &CallError) -> String {
    match error {
        CallError::Guest {
            error: GuestError::InvalidConfiguration(problems),
            ..
        } => {
            let mut text = String::from("the configuration has problems:");
            for problem in problems {
                let place = if problem.pointer.is_empty() {
                    "(document)"
                } else {
                    &problem.pointer
                };
                text.push_str(&format!("\n  {place}: {}", problem.message));
            }
            text
        }
        CallError::Guest { error, .. } => guest_error(error),
        other => other.to_string(),
    }
}

fn guest_error(error: &GuestError) -> String {
    match error {
        GuestError::Unauthorized(failure)
        | GuestError::Forbidden(failure)
        | GuestError::Upstream(failure)
        | GuestError::Network(failure)
        | GuestError::Store(failure)
        | GuestError::Secret(failure)
        | GuestError::Internal(failure)
        | GuestError::Other(failure) => sentence(failure),
        GuestError::Throttled(throttled) => format!(
            "{} It may be called again in {} seconds.",
            sentence(&throttled.failure),
            throttled.retry_after_ms.div_ceil(1000)
        ),
        GuestError::Stopped => "stopped; everything up to the last page is saved".to_owned(),
        GuestError::InvalidConfiguration(_) => "the configuration has problems".to_owned(),
    }
}

fn sentence(failure: &Failure) -> String {
    let mut text = format!("{} [{}]. {}", failure.message, failure.code, failure.advice);
    if let Some(request) = &failure.request_id {
        text.push_str(&format!(" (request-id {request})"));
    }
    text
}
