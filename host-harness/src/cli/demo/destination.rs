//! The second act: the same people, in an account of MessageMedia.
//!
//! The configuration of before names the account as its target, and nothing else of it changes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use connector_artifacts::component_bytes;
use connector_contract::imports::SecretsInMemory;
use connector_contract::{Run, RunMode};
use connector_runtime::{HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use serde_json::{Value, json};
use sync_runner::grant::{grant, grant_servers};
use sync_runner::{ChosenDestination, DataDirectory, OpenWorkspace, configure};

use super::super::destinations::with_destination;
use super::super::failure::explain;
use super::super::printer;
use super::super::progress::ShownProgress;
use super::shown;
use super::shown::title;
use crate::graph_emulator::{
    DirectorySource, Emulator as Directory, EmulatorOptions, TenantOptions,
};
use crate::messagemedia_emulator::{
    Credentials, Emulator as Account, EmulatorOptions as AccountOptions,
};

/// The name under which the secret of the account is kept.
const SECRET: &str = "messagemedia-secret";

/// The emulated tenant and the emulated account, and a workspace between them.
pub(super) struct SecondAct {
    directory: Directory,
    account: Account,
    opened: OpenWorkspace,
    document: String,
}

impl SecondAct {
    pub(super) async fn set(data: &Path, people: DirectorySource) -> anyhow::Result<Self> {
        let tenant = TenantOptions::default();
        let directory = Directory::start(EmulatorOptions {
            tenant: tenant.clone(),
            directory: people,
            ..EmulatorOptions::default()
        });
        let directory = directory.await?;
        let account = Account::start(AccountOptions::default()).await?;
        let credentials = Credentials::default();
        let document = document(&directory, &account, &tenant, &credentials)?;
        let data = data.join("messagemedia");
        let store = DataDirectory::new(Some(data.clone())).store()?;
        let destination = ChosenDestination::of(&document).context("no destination is chosen")?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(data.join("compiled")),
        })?;
        let connector = runtime.load(&with_destination(component_bytes(), Some(&destination))?)?;
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = Arc::new(SecretsInMemory::new([
            ("client-secret", &tenant.client_secret),
            (SECRET, &credentials.secret),
        ]));
        workspace.control = ShownProgress::start(false);
        let entered = destination.enter(&connector, &mut workspace, &store).await;
        let servers = entered.map_err(explain)?.servers;
        let policy = grant_servers(grant(&document, &[], true)?, &servers, true)?;
        workspace.http = HttpAccess::new(policy, &HttpOptions::default())?;
        Ok(Self {
            directory,
            account,
            opened: OpenWorkspace {
                store,
                connector,
                workspace,
            },
            document,
        })
    }

    pub(super) async fn play(&self) -> anyhow::Result<()> {
        self.connect().await?;
        self.first_sync().await?;
        self.opt_out().await?;
        self.leave().await
    }

    async fn connect(&self) -> anyhow::Result<()> {
        title(
            "9. The same people, kept by MessageMedia: the configuration names an account as its target.",
        );
        let OpenWorkspace {
            connector,
            workspace,
            store,
        } = &self.opened;
        let report = configure(connector, workspace, &**store, &self.document).await;
        let report = report.result.map_err(explain)?;
        for check in &report.checks {
            printer::line(format_args!("  {}: {}", check.name, check.message));
        }
        printer::line("  What to know before the first sync:");
        for warning in &report.warnings {
            printer::line(format_args!("  - {warning}"));
        }
        ensure!(report.ready, "the connection test failed");
        store.save_document(&self.document)?;
        Ok(())
    }

    async fn first_sync(&self) -> anyhow::Result<()> {
        title(
            "10. First sync: contacts, custom fields and one list per department, in the account.",
        );
        let run = self.sync(RunMode::Incremental).await?;
        let contacts = self.account.control().contacts();
        ensure!(
            contacts.len() as u64 == run.counts.created,
            "the account holds another number of contacts"
        );
        let mut lists: BTreeMap<String, usize> = BTreeMap::new();
        for list in contacts.iter().flat_map(lists_of) {
            *lists.entry(list).or_default() += 1;
        }
        for (list, people) in &lists {
            printer::line(format_args!("  list {list}: {people} people"));
        }
        ensure!(!lists.is_empty(), "nobody is on a list");
        Ok(())
    }

    async fn opt_out(&self) -> anyhow::Result<()> {
        title(
            "11. Somebody answers STOP there, then is renamed in the directory: the name follows, the STOP stays.",
        );
        let [person, _] = self.two()?;
        let number = number_of(&person).to_owned();
        self.account.control().opt_out(&number);
        let user = user_of(&person)?;
        let renamed = json!({ "displayName": "Renamed Person" });
        self.directory.control().edit_user(&user, renamed)?;
        let run = self.sync(RunMode::Incremental).await?;
        ensure!(run.counts.updated == 1, "the name did not follow");
        let person = self.contact_of(&user)?;
        let name = custom(&person, "contact_name").unwrap_or_default();
        ensure!(name == "Renamed Person", "the name did not follow");
        let subscription = &person["channels"][0]["subscriptionState"];
        ensure!(
            subscription == "UNSUBSCRIBED",
            "somebody was subscribed again"
        );
        printer::line(format_args!("  {number}: {name}, opted out"));
        Ok(())
    }

    async fn leave(&self) -> anyhow::Result<()> {
        title("12. Somebody leaves the company: off the lists, and nobody else is touched.");
        let [person, leaver] = self.two()?;
        let (user, before) = (user_of(&leaver)?, self.contact_of(&user_of(&person)?)?);
        self.directory.control().delete_user(&user)?;
        let run = self.sync(RunMode::Incremental).await?;
        ensure!(run.counts.removed == 1, "the leaver did not leave");
        let contacts = self.account.control().contacts();
        let number = number_of(&leaver);
        let left = contacts.iter().find(|contact| number_of(contact) == number);
        let left = left.context("the leaver's contact is gone")?;
        ensure!(lists_of(left).is_empty(), "the leaver is on a list");
        ensure!(
            self.contact_of(&user_of(&person)?)? == before,
            "somebody else was touched"
        );
        printer::line(format_args!("  {number}: on no list, and nobody's"));
        let run = self.sync(RunMode::Full).await?;
        ensure!(
            run.counts.created + run.counts.updated + run.counts.removed == 0,
            "an unchanged directory led to changes"
        );
        Ok(())
    }

    async fn sync(&self, mode: RunMode) -> anyhow::Result<Run> {
        shown::sync_shown(&self.opened, &self.document, mode).await
    }

    /// The two who are there for longest, and belong to somebody in the directory.
    fn two(&self) -> anyhow::Result<[Value; 2]> {
        let contacts = self.account.control().contacts().into_iter();
        let theirs = contacts.filter(|contact| custom(contact, "entra_object_id").is_some());
        let two: Vec<_> = theirs.take(2).collect();
        two.try_into()
            .map_err(|_| anyhow::anyhow!("the account has fewer than two contacts"))
    }

    fn contact_of(&self, user: &str) -> anyhow::Result<Value> {
        let contacts = self.account.control().contacts().into_iter();
        let mut theirs = contacts.filter(|contact| user_of(contact).is_ok_and(|id| id == user));
        theirs
            .next()
            .with_context(|| format!("user {user} has no contact in the account"))
    }
}

fn custom<'c>(contact: &'c Value, merge_tag: &str) -> Option<&'c str> {
    let mut fields = contact["customFields"].as_array()?.iter();
    let field = fields.find(|field| field["mergeTag"] == merge_tag)?;
    field["value"].as_str().filter(|value| !value.is_empty())
}

/// The object id of the user whose contact it is: in front of the source.
fn user_of(contact: &Value) -> anyhow::Result<String> {
    let whose = custom(contact, "entra_object_id").context("a contact is nobody's")?;
    let id = whose.split(' ').next().unwrap_or_default();
    Ok(id.to_owned())
}

fn number_of(contact: &Value) -> &str {
    contact["channels"][0]["channelId"]
        .as_str()
        .unwrap_or_default()
}

fn lists_of(contact: &Value) -> Vec<String> {
    let lists = contact["lists"].as_array().into_iter().flatten();
    lists
        .filter_map(|list| Some(list["name"].as_str()?.to_owned()))
        .collect()
}

/// The configuration of the first act, with the account as its target.
fn document(
    directory: &Directory,
    account: &Account,
    tenant: &TenantOptions,
    credentials: &Credentials,
) -> anyhow::Result<String> {
    let mut document: Value = serde_json::from_str(&shown::document(directory, tenant)?)?;
    document["sync"]["target"] = json!({
        "name": "messagemedia",
        "server": account.url(),
        "key": credentials.key,
        "secret": SECRET,
    });
    Ok(document.to_string())
}
