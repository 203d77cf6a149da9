//! What every part of a call works with: ports, settings, the Graph client and the reader of users.

use std::cell::Cell;

use crate::config::settings::Settings;
use crate::graph::client::{Client, Usage};
use crate::graph::error::GraphError;
use crate::graph::retry::Budget;
use crate::graph::tenant::TenantId;
use crate::graph::user::Selection;
use crate::mapping::Reader;
use crate::mapping::catalogue;
use crate::ports::{Commit, FieldRole, Ports, StateWrite, StoreDescription};
use crate::reconcile::decide::Rules;
use crate::run::{RunMode, RunRecord};
use crate::settings::Connection;

use super::checkpoint::{Reconciled, Round};
use super::halt::Halt;
use super::tenant;

/// Users of one lookup and changes of one commit, at most: one page of the list of users.
const LARGEST_BATCH: u32 = 999;

/// Everything a round needs.
pub(super) struct Session<'a> {
    pub(super) ports: Ports<'a>,
    pub(super) settings: &'a Settings,
    pub(super) client: Client<'a>,
    measured: Cell<Usage>,
    /// The namespace of the object ids.
    pub(super) source: String,
    tenant: TenantId,
    /// The organisation's name, as of the last full sync, where lists have it in their names or
    /// descriptions.
    pub(super) organization: Option<String>,
    pub(super) selection: Selection,
    /// For asking whether somebody is there, and nothing else about them.
    pub(super) nothing: Selection,
    /// The store's field that holds the address contacts are matched by.
    pub(super) match_field: String,
    /// The fields the store is asked for.
    pub(super) fields: Vec<String>,
    /// Fields of which the base of every link tells.
    reconciled: Vec<String>,
    /// Whether the store tells what was done before.
    pub(super) keeps_journal: bool,
    /// How many users go into one lookup and one commit.
    pub(super) batch: usize,
}

impl<'a> Session<'a> {
    /// Prepares a call: signs in, and makes sure that the tenant that answers is the configured one.
    pub(super) fn open(
        ports: Ports<'a>,
        settings: &'a Settings,
        connection: &'a Connection,
        store: &StoreDescription,
        budget: Budget,
    ) -> Result<Self, Halt> {
        let client = Client::new(ports, connection, budget)
            .asking_for(catalogue::guarded(settings.mapping.selection()));
        let tenant = tenant::identify(ports, connection, &client)?;
        let organization = if settings.lists.names_organization() {
            tenant::name(ports.state, &tenant)?
        } else {
            None
        };
        let source = tenant::source(tenant.as_str());
        let match_field = store
            .field_with_role(&FieldRole::Email)
            .map_or_else(|| "email".to_owned(), |field| field.name.clone());
        let mut fields: Vec<_> = settings
            .mapping
            .rows
            .iter()
            .map(|row| row.field.clone())
            .collect();
        if !fields.contains(&match_field) {
            fields.push(match_field.clone());
        }
        Ok(Self {
            ports,
            settings,
            reconciled: Reconciled::load(ports.state, &source, settings)?.fields,
            source,
            tenant,
            organization,
            selection: settings.mapping.selection().clone(),
            nothing: Selection::new([]),
            client,
            measured: Cell::default(),
            match_field,
            fields,
            keeps_journal: store.journal,
            // Each user is looked up by id and by address, and both count.
            batch: (store.max_batch / 2).min(LARGEST_BATCH) as usize,
        })
    }

    /// Reads users, and puts them on lists with the name of this organisation.
    pub(super) fn reader(&self, organization: Option<&str>) -> Reader {
        self.settings.reader(organization.unwrap_or_default())
    }

    /// The organisation's name as it is now, where lists have it in their names or descriptions; the
    /// last known one where the directory does not tell it.
    pub(super) fn current_organization(&self) -> Result<Option<String>, Halt> {
        if !self.settings.lists.names_organization() {
            return Ok(None);
        }
        let told = match self.client.organization() {
            Ok(organization) => {
                tenant::check(&self.tenant, &organization)?;
                organization.display_name
            }
            Err(error) if self.organization.is_some() && is_silence(&error) => None,
            Err(error) => return Err(error.into()),
        };
        let told = told.map(|name| name.trim().to_owned());
        let told = told.filter(|name| !name.is_empty());
        Ok(told.or_else(|| self.organization.clone()))
    }

    /// What keeps the organisation's name once a full sync has put the first people on its lists.
    pub(super) fn renamed(&self, round: &Round) -> Result<Option<StateWrite>, Halt> {
        match &round.organization {
            Some(name)
                if round.mode == RunMode::Full && round.organization != self.organization =>
            {
                tenant::save_name(&self.tenant, name).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            reconciled: &self.reconciled,
            ..Rules::new(&self.settings.mapping.rows, &self.settings.policies)
        }
    }

    /// The label of a row of the mapping.
    pub(super) fn label(&self, position: usize) -> String {
        self.settings
            .mapping
            .rows
            .get(position)
            .map(|row| row.label.clone())
            .unwrap_or_default()
    }

    /// The label of a mapped field.
    pub(super) fn label_of<'f>(&'f self, field: &'f str) -> &'f str {
        self.settings
            .mapping
            .rows
            .iter()
            .find(|row| row.field == field)
            .map_or(field, |row| row.label.as_str())
    }

    /// Requests made, and time waited, since the last time this was asked.
    pub(super) fn take_usage(&self) -> Usage {
        let now = self.client.usage();
        let before = self.measured.replace(now);
        Usage {
            requests: now.requests.saturating_sub(before.requests),
            throttled: now.throttled.saturating_sub(before.throttled),
        }
    }

    /// A commit of a run that has nothing to write, so far.
    pub(super) fn commit_of(&self, run: &RunRecord) -> Commit {
        Commit {
            run: Some(run.id.clone()),
            ..self.commit()
        }
    }

    /// A commit that belongs to no run and has nothing to write, so far.
    pub(super) fn commit(&self) -> Commit {
        Commit {
            source: self.source.clone(),
            ..Commit::default()
        }
    }
}

/// Whether the directory said nothing that can be used, and not that it wants to be asked later.
fn is_silence(error: &GraphError) -> bool {
    matches!(
        error,
        GraphError::Forbidden(_)
            | GraphError::Upstream(_)
            | GraphError::NotJson { .. }
            | GraphError::UnexpectedShape { .. }
    )
}
