//! A workspace whose contacts are kept by a service: what the destination in the component is given, and what it says
//! of itself.

use std::sync::Arc;

use configuration_document::Outline;
use connector_contract::imports::NoLedger;
use connector_contract::{
    Check, CheckStatus, ConfigurationReport, Error, Problem, TargetDescription,
};
use connector_runtime::{Answer, Call, CallError, Connector, Target, Workspace};
use store_api::AdminStore;

/// Where a document says which destination it is.
const NAME: &str = "/sync/target/name";

/// The destination that a document chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenDestination {
    /// By which name; none where the document forgot it.
    pub name: Option<String>,
    /// The settings, as the destination gets them.
    settings: String,
}

impl ChosenDestination {
    /// That of a document; `None` where its contacts are the host's own, and of what is no document.
    #[must_use]
    pub fn of(document: &str) -> Option<Self> {
        let outline = Outline::read(document).ok()?;
        let target = outline.target()?;
        Some(Self {
            name: target.name().map(str::to_owned),
            settings: target.settings(),
        })
    }

    /// Its settings: the object at `/sync/target`, as JSON text.
    #[must_use]
    pub fn settings(&self) -> &str {
        &self.settings
    }

    /// Why this host cannot have it, where it has others: as a problem of the document.
    #[must_use]
    pub fn unknown(&self, known: &[&str]) -> CallError {
        refused(vec![Problem {
            pointer: NAME.to_owned(),
            message: format!("Write which destination it is: {}.", known.join(", ")),
        }])
    }

    /// Gives a workspace what the destination in the component needs: settings, and the ledger of the account that
    /// they mean, which lies with the store. What it says of itself is told, the servers that it needs among it.
    ///
    /// # Errors
    ///
    /// Where its settings have problems, or another destination is in the component.
    pub async fn enter(
        &self,
        connector: &Connector,
        workspace: &mut Workspace,
        store: &Arc<dyn AdminStore>,
    ) -> Result<TargetDescription, CallError> {
        workspace.target = Some(Target {
            settings: self.settings.clone(),
            account: String::new(),
            ledger: Arc::new(NoLedger),
        });
        let described = described(connector, workspace).await?;
        if self.name.as_deref() != Some(described.name.as_str()) {
            return Err(self.unknown(&[&described.name]));
        }
        let account = account_of(&described).ok_or_else(nameless)?;
        workspace.target = Some(Target {
            settings: self.settings.clone(),
            ledger: Arc::clone(store).ledger(&account),
            account,
        });
        Ok(described)
    }
}

/// What the destination says of itself, if nothing is wrong with its settings.
async fn described(
    connector: &Connector,
    workspace: &Workspace,
) -> Result<TargetDescription, CallError> {
    let mut described = connector.describe_target(workspace).await.result?;
    let problems = std::mem::take(&mut described.problems);
    if problems.is_empty() {
        Ok(described)
    } else {
        Err(refused(problems))
    }
}

/// By what the store keeps the ledger of these settings apart from others: destinations that do not say which account
/// they mean would share one, and take the people of one account for people who left the other.
fn account_of(described: &TargetDescription) -> Option<String> {
    let account = described.account.as_deref();
    let account = account.filter(|account| !account.trim().is_empty())?;
    Some(format!("{}: {account}", described.name))
}

fn nameless() -> CallError {
    refused(vec![Problem {
        pointer: "/sync/target".to_owned(),
        message: "The destination does not say which account these settings mean, so that what it remembers could be \
                  taken for another account's. Ask whoever made it for a version that does."
            .to_owned(),
    }])
}

fn refused(problems: Vec<Problem>) -> CallError {
    CallError::Guest {
        call: Call::Configure,
        error: Error::InvalidConfiguration(problems),
    }
}

/// Asks the connector what it makes of a document whose contacts a service keeps. The service is tried first: without
/// it, nothing can be said of a mapping.
pub(crate) async fn configure(
    connector: &Connector,
    workspace: &Workspace,
    document: &str,
) -> Answer<ConfigurationReport> {
    let found = match described(connector, workspace).await {
        Ok(described) => {
            let checked = connector.check_target(workspace).await.result;
            checked.map(|found| (described, found))
        }
        Err(error) => Err(error),
    };
    let mut answer = connector.configure(workspace, document).await;
    match found {
        // What the service says of itself is nearer to the cause.
        Err(error) => answer.result = Err(error),
        Ok((described, found)) => {
            if let Ok(report) = &mut answer.result {
                tell(report, &described, found);
            }
        }
    }
    answer
}

/// What an administrator is to know of the destination before the first sync.
fn tell(report: &mut ConfigurationReport, described: &TargetDescription, found: String) {
    report.checks.push(Check {
        name: "destination".to_owned(),
        status: CheckStatus::Passed,
        message: found,
        advice: None,
        code: None,
    });
    let caveats = described.caveats.iter();
    let told = caveats.map(|caveat| format!("{}: {}", described.label, caveat.meaning));
    report.warnings.extend(told);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_at_the_target_chooses_a_destination() {
        let chosen =
            ChosenDestination::of(r#"{"sync": {"target": {"name": "messagemedia", "key": "k"}}}"#)
                .unwrap();
        assert_eq!(chosen.name.as_deref(), Some("messagemedia"));
        assert_eq!(chosen.settings, r#"{"key":"k","name":"messagemedia"}"#);
        for document in [
            r#"{"sync": {"target": "messagemedia"}}"#,
            "{}",
            "no document",
        ] {
            assert_eq!(ChosenDestination::of(document), None, "{document}");
        }
    }

    #[test]
    fn a_destination_that_does_not_say_which_account_it_means_has_no_ledger() {
        let described = |account: Option<&str>| TargetDescription {
            name: "somewhere".to_owned(),
            label: String::new(),
            version: "1.0.0".to_owned(),
            settings_schema: "{}".to_owned(),
            problems: Vec::new(),
            account: account.map(str::to_owned),
            servers: Vec::new(),
            caveats: Vec::new(),
        };
        let account = account_of(&described(Some("eu/key")));
        assert_eq!(account.as_deref(), Some("somewhere: eu/key"));
        for nobody in [None, Some(""), Some(" ")] {
            assert_eq!(account_of(&described(nobody)), None);
        }
    }

    #[test]
    fn a_destination_that_this_host_has_not_is_a_problem_of_the_document() {
        let chosen = ChosenDestination::of(r#"{"sync": {"target": {}}}"#).unwrap();
        let CallError::Guest {
            error: Error::InvalidConfiguration(problems),
            ..
        } = chosen.unknown(&["one", "two"])
        else {
            panic!("no problem")
        };
        assert_eq!(problems[0].pointer, "/sync/target/name");
        assert!(problems[0].message.contains("one, two"));
    }
}
