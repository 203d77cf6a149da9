//! What every part of a call works with: ports, settings, the Graph client and the reader of users.

use std::cell::Cell;

use crate::config::settings::{Connection, ListRule, Settings};
use crate::graph::client::{Client, Usage};
use crate::graph::retry::Budget;
use crate::graph::user::Selection;
use crate::mapping::Reader;
use crate::mapping::catalogue;
use crate::ports::{Commit, FieldRole, Ports, StoreDescription};
use crate::reconcile::decide::Rules;
use crate::report::run::RunRecord;

use super::checkpoint::{Reconciled, Tenant};
use super::halt::Halt;

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
    pub(super) reader: Reader,
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
    /// Prepares a call. Asks the directory for its name only where the settings need it and it is
    /// not known yet.
    pub(super) fn open(
        ports: Ports<'a>,
        settings: &'a Settings,
        connection: &'a Connection,
        store: &StoreDescription,
        budget: Budget,
    ) -> Result<Self, Halt> {
        let client = Client::new(ports, connection, budget)
            .asking_for(catalogue::guarded(settings.mapping.selection()));
        let tenant = tenant(ports, settings, connection, &client)?;
        let source = source(&tenant.id);
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
            reader: Reader::new(settings, tenant.name.as_deref().unwrap_or_default()),
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

/// The namespace of a tenant's object ids.
pub(crate) fn source(tenant_id: &str) -> String {
    format!("entra:{}", tenant_id.to_ascii_lowercase())
}

/// Whether a tenant is named by its id, and not by one of its domains.
pub(crate) fn is_tenant_id(tenant: &str) -> bool {
    let groups: Vec<_> = tenant.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && tenant.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn tenant(
    ports: Ports<'_>,
    settings: &Settings,
    connection: &Connection,
    client: &Client<'_>,
) -> Result<Tenant, Halt> {
    if let Some(known) = Tenant::load(ports.state, &connection.tenant)? {
        return Ok(known);
    }
    let name_is_used =
        matches!(&settings.lists, ListRule::One { name, .. } if name.contains("{organization}"));
    if is_tenant_id(&connection.tenant) && !name_is_used {
        return Ok(Tenant {
            configured: connection.tenant.clone(),
            id: connection.tenant.clone(),
            name: None,
        });
    }
    let organization = client.organization()?;
    let tenant = Tenant {
        configured: connection.tenant.clone(),
        id: organization.id,
        name: organization.display_name,
    };
    ports.store.apply(Commit {
        source: source(&tenant.id),
        state: vec![tenant.save()?],
        ..Commit::default()
    })?;
    Ok(tenant)
}
