//! The connection test, as the first step asks for it.

use std::sync::Arc;

use api_types::views::SetupStep;
use server_db::{ConnectionTest, WorkspaceState};
use sync_runner::{Opened, configure, explain_checks};

use super::tested::{InForce, Tested};
use super::{Desk, DeskError, perform};
use crate::host::Host;

impl Desk {
    /// Tries the connection, and keeps what was found. It is carried out also where nobody waits for it
    /// any more.
    pub(crate) async fn test(self: &Arc<Self>, who: &str) -> Result<Tested, DeskError> {
        let (host, claim) = self.enter("test")?;
        let (desk, who) = (Arc::clone(self), who.to_owned());
        let testing = tokio::spawn(async move {
            let _claim = claim;
            let tested = desk.try_connection(&host, &who).await;
            if let Err(error) = &tested {
                desk.keep_untested(&host, &who, error)?;
            }
            tested
        });
        let failed = |_| DeskError::NotNow("the server failed; see its log".to_owned());
        testing.await.map_err(failed)?
    }

    /// Keeps why a connection could not even be tested: whoever looks is told the same.
    fn keep_untested(&self, host: &Host, who: &str, error: &DeskError) -> Result<(), DeskError> {
        let record = self.record()?;
        if record.state == WorkspaceState::Disconnecting {
            return Ok(());
        }
        let tested = Tested::of(&record).failed(&error.to_string(), host.now_ms());
        let event = Self::event(host, who, "connection-tested", Some("not done"));
        let test = ConnectionTest {
            settings: &record.settings,
            version: record.version,
            found: &tested.text(),
            in_force: None,
        };
        host.db.save_test(&self.id, &test, event)?;
        Ok(())
    }

    async fn try_connection(&self, host: &Arc<Host>, who: &str) -> Result<Tested, DeskError> {
        let record = self.record()?;
        if record.state == WorkspaceState::Disconnecting {
            return Err(DeskError::disconnecting());
        }
        let document = Self::document(host, &record.settings);
        let (_working, opened) =
            perform::open(host, self, "test", &record.settings, &document).await?;
        let Opened {
            connector,
            workspace,
            store,
        } = &opened;
        let answer = configure(connector, workspace, store, &document).await;
        host.metrics.called(&answer.stats);
        let mut report = answer.result?;
        explain_checks(&mut report, &opened.workspace.http);
        let tested = Tested::now(&report, host.now_ms());
        let subject = if tested.ready { "ready" } else { "not ready" };
        let event = Self::event(host, who, "connection-tested", Some(subject));
        let in_force = InForce::text(report);
        let test = ConnectionTest {
            settings: &record.settings,
            version: record.version,
            found: &tested.text(),
            in_force: Some(&in_force),
        };
        host.db.save_test(&self.id, &test, event)?;
        if tested.ready
            && record.state == WorkspaceState::SettingUp
            && record.step == SetupStep::Connect
        {
            host.db.reach_step(&self.id, SetupStep::Map)?;
        }
        host.reschedule(&self.id);
        Ok(tested)
    }
}
