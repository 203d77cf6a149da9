//! The export `notify` and the import `notification-target`: contract types in, core called, contract types out.

use entra_directory::subscriptions::inbox::Action;

use crate::calls;
use crate::imports::NotificationTarget;

use super::bindings::Component;
use super::bindings::imports::{notification_target, types};
use super::bindings::notify as wit;
use super::with_imports;

/// Where the host can be told of changes.
pub(super) struct HostTarget;

impl NotificationTarget for HostTarget {
    fn address(&self) -> Option<String> {
        notification_target::address()
    }
}

impl wit::Guest for Component {
    fn receive(document: String, body: Vec<u8>) -> Result<wit::Verdict, types::Error> {
        let verdict = with_imports(|imports| calls::receive(imports, &document, &body))?;
        Ok(wit::Verdict {
            action: match verdict.action {
                Action::Nothing => wit::Action::Nothing,
                Action::SyncNow => wit::Action::SyncNow,
                Action::RenewNow => wit::Action::RenewNow,
                Action::Resubscribe => wit::Action::Resubscribe,
            },
            accepted: verdict.accepted,
            refused: verdict.refused,
        })
    }

    fn status(document: String) -> Result<wit::Standing, types::Error> {
        let kept = with_imports(|imports| calls::notification_status(imports, &document))?;
        let subscriptions = kept.subscriptions.into_iter();
        Ok(wit::Standing {
            subscriptions: subscriptions
                .map(|known| wit::Subscription {
                    topic: known.resource,
                    since_ms: known.since.0,
                    ends_ms: known.ends.0,
                })
                .collect(),
            trouble: kept.trouble.map(|trouble| trouble.message),
        })
    }
}
