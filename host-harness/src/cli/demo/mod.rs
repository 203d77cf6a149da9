//! `demo`: a directory becomes contacts, step by step, on this machine alone; in a second act, contacts of a service.
//!
//! Every step is what a command does, through the same code, and checks that what it says happened did
//! happen: the demo ends with exit code 0 only then.

mod destination;
mod shown;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use api_types::shapes::{Effect, PlanShape};
use clap::Args;
use connector_artifacts::component_bytes;
use connector_contract::imports::SecretsInMemory;
use connector_contract::{ReportRequest, Run, RunMode};
use connector_runtime::{HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use serde_json::json;
use store_api::{ContactFilter, ContactRow};
use sync_runner::grant::grant;
use sync_runner::{DataDirectory, OpenWorkspace, plans};

use self::destination::SecondAct;
use self::shown::{document, sync_shown, title};
use super::failure::{Ending, explain};
use super::printer::{self, Colour, coloured};
use super::progress::ShownProgress;
use super::{plan, report};
use crate::graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};

pub(super) use self::shown::users;

/// Watch a directory become contacts, on this machine alone
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// A directory as `GET /users` returns it, instead of the built-in one of 60 people
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// Keep the contacts in this directory, to look at them afterwards
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let temporary = tempfile::tempdir().context("no temporary directory can be made")?;
        let data = self
            .data
            .clone()
            .unwrap_or_else(|| temporary.path().to_owned());
        ensure!(
            !data.join("connector.db").exists(),
            "{} holds contacts already; give the demo an empty directory",
            data.display()
        );
        let people = || match &self.directory {
            Some(path) => Ok(DirectorySource::File(path.clone())),
            None => users().map(DirectorySource::Users),
        };
        let stage = Stage::set(&data, people()?).await?;
        stage.play().await?;
        let second = SecondAct::set(&data, people()?).await?;
        second.play().await?;
        printer::line(format_args!(
            "\n{}",
            coloured(Colour::Green, "Every step did what it says.")
        ));
        Ok(Ending::Done)
    }
}

/// The emulated tenant, and a workspace that is connected to it.
struct Stage {
    emulator: Emulator,
    opened: OpenWorkspace,
    document: String,
}

impl Stage {
    async fn set(data: &std::path::Path, directory: DirectorySource) -> anyhow::Result<Self> {
        let tenant = TenantOptions::default();
        let emulator = Emulator::start(EmulatorOptions {
            tenant: tenant.clone(),
            directory,
            ..EmulatorOptions::default()
        })
        .await?;
        let document = document(&emulator, &tenant)?;
        let store = DataDirectory::new(Some(data.to_owned())).store()?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(data.join("compiled")),
        })?;
        let connector = runtime.load(component_bytes())?;
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = Arc::new(SecretsInMemory::new([(
            "client-secret",
            &tenant.client_secret,
        )]));
        workspace.control = ShownProgress::start(false);
        workspace.http = HttpAccess::new(grant(&document, &[], true)?, &HttpOptions::default())?;
        Ok(Self {
            emulator,
            opened: OpenWorkspace {
                store,
                connector,
                workspace,
            },
            document,
        })
    }

    async fn play(&self) -> anyhow::Result<()> {
        self.connect().await?;
        let planned = self.plan().await?;
        self.first_sync(&planned).await?;
        self.second_sync().await?;
        let leaver = self.change_the_directory().await?;
        self.restore(&leaver).await?;
        self.edit_here().await?;
        self.overview().await
    }

    async fn connect(&self) -> anyhow::Result<()> {
        title("1. Connect: the configuration is checked, and the connection is tried.");
        let report = self
            .opened
            .connector
            .configure(&self.opened.workspace, &self.document)
            .await
            .result
            .map_err(explain)?;
        for check in &report.checks {
            printer::line(format_args!("  {}: {}", check.name, check.message));
        }
        ensure!(report.ready, "the connection test failed");
        self.opened.store.save_document(&self.document)?;
        Ok(())
    }

    async fn plan(&self) -> anyhow::Result<PlanShape> {
        title("2. Plan: what would a sync do? Nothing is written yet.");
        let summary = plans::make(&self.opened, &self.document, RunMode::Full)
            .await?
            .result
            .map_err(explain)?;
        plans::keep(&*self.opened.store, &summary)?;
        plan::words::show(&summary);
        ensure!(
            summary.count(&[Effect::Create]) > 0,
            "the plan creates nobody"
        );
        ensure!(self.contacts()?.is_empty(), "a plan has written contacts");
        Ok(summary)
    }

    async fn first_sync(&self, planned: &PlanShape) -> anyhow::Result<()> {
        title("3. First sync: it does what the plan said, and nothing else.");
        let run = self.sync(RunMode::Incremental).await?;
        ensure!(
            run.counts.created == planned.count(&[Effect::Create]),
            "plan and sync disagree"
        );
        ensure!(
            self.contacts()?.len() as u64 == run.counts.created,
            "the store holds another number of contacts"
        );
        Ok(())
    }

    async fn second_sync(&self) -> anyhow::Result<()> {
        title("4. Second sync, of everybody: nothing has changed, so nothing is written.");
        let before = self.contacts()?;
        let run = self.sync(RunMode::Full).await?;
        let counts = &run.counts;
        ensure!(
            counts.created + counts.updated + counts.removed == 0,
            "an unchanged directory led to changes"
        );
        ensure!(self.contacts()? == before, "a contact was touched");
        Ok(())
    }

    /// Somebody is hired, somebody marries, somebody leaves, an account is disabled; who left.
    async fn change_the_directory(&self) -> anyhow::Result<String> {
        title(
            "5. The directory changes: one hired, one renamed with a new address, one left, one disabled.",
        );
        let [renamed, leaver, disabled] = self.three_linked()?;
        let control = self.emulator.control();
        control.add_user(json!({
            "displayName": "Nia Okafor", "givenName": "Nia", "surname": "Okafor",
            "mail": "nia.okafor@contoso.example", "userPrincipalName": "nia.okafor@contoso.example",
            "mobilePhone": "+1 206 555 4711", "department": "Sales",
            "accountEnabled": true, "userType": "Member",
        }))?;
        control.edit_user(
            &renamed,
            json!({ "displayName": "Renamed Person", "mail": "renamed.person@contoso.example" }),
        )?;
        control.delete_user(&leaver)?;
        control.disable_user(&disabled)?;
        let run = self.sync(RunMode::Incremental).await?;
        printer::line(
            "  The one who left and the one who was disabled keep their contacts, off the lists and unlinked.",
        );
        let counts = &run.counts;
        ensure!(
            (counts.created, counts.updated, counts.removed) == (1, 1, 2),
            "four changes in the directory led to {} created, {} updated, {} removed",
            counts.created,
            counts.updated,
            counts.removed
        );
        let contact = self.contact_of(&renamed)?;
        ensure!(
            contact.fields.get("email").map(String::as_str)
                == Some("renamed.person@contoso.example"),
            "the renamed person's contact did not follow"
        );
        Ok(leaver)
    }

    async fn restore(&self, leaver: &str) -> anyhow::Result<()> {
        title(
            "6. The one who left is restored: the old contact is theirs again, by id, and linked.",
        );
        self.emulator.control().restore_user(leaver)?;
        let before = self.contacts()?.len();
        let run = self.sync(RunMode::Incremental).await?;
        ensure!(run.counts.updated == 1, "the contact was not linked again");
        ensure!(
            self.contacts()?.len() == before,
            "a second contact was made"
        );
        self.contact_of(leaver).map(|_| ())
    }

    async fn edit_here(&self) -> anyhow::Result<()> {
        title(
            "7. Somebody edits a name here, then the directory changes the same person's phone: both stay.",
        );
        let [person, ..] = self.three_linked()?;
        let contact = self.contact_of(&person)?;
        self.opened
            .store
            .edit_field(&contact.id, "contact_name", Some("Boss"))?;
        self.emulator
            .control()
            .edit_user(&person, json!({ "mobilePhone": "+1 206 555 9999" }))?;
        self.sync(RunMode::Incremental).await?;
        let contact = self.contact_of(&person)?;
        for (field, value) in [("contact_name", "Boss"), ("phone_number", "+12065559999")] {
            ensure!(
                contact.fields.get(field).map(String::as_str) == Some(value),
                "{field} is not {value}"
            );
            printer::line(format_args!("  {field}: {value}"));
        }
        Ok(())
    }

    async fn overview(&self) -> anyhow::Result<()> {
        title("8. Report: how the connection stands.");
        let overview = self
            .opened
            .connector
            .report(
                &self.opened.workspace,
                &self.document,
                ReportRequest { running: false },
            )
            .await
            .result
            .map_err(explain)?;
        report::show(&overview);
        ensure!(
            overview.history.len() == 5,
            "five syncs ran, and the report shows {}",
            overview.history.len()
        );
        Ok(())
    }

    async fn sync(&self, mode: RunMode) -> anyhow::Result<Run> {
        sync_shown(&self.opened, &self.document, mode).await
    }

    fn contacts(&self) -> anyhow::Result<Vec<ContactRow>> {
        Ok(self
            .opened
            .store
            .contacts(ContactFilter::default())
            .collect::<Result<_, _>>()?)
    }

    fn contact_of(&self, user: &str) -> anyhow::Result<ContactRow> {
        self.contacts()?
            .into_iter()
            .find(|contact| contact.object_id.as_deref() == Some(user))
            .with_context(|| format!("user {user} has no linked contact"))
    }

    /// Three people who have a contact, the longest-linked first.
    fn three_linked(&self) -> anyhow::Result<[String; 3]> {
        let linked: Vec<_> = self
            .contacts()?
            .into_iter()
            .filter_map(|contact| contact.object_id)
            .take(3)
            .collect();
        linked
            .try_into()
            .map_err(|_| anyhow::anyhow!("the directory has fewer than three people in scope"))
    }
}
