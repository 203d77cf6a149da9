//! What every part of a call works with: ports, settings and the directory.

use std::cell::Cell;
use std::rc::Rc;

use crate::mapping::rows::Row;
use crate::ports::directory_writer::Permitted;
use crate::ports::{Commit, FieldRole, Ports, StateWrite, StoreDescription, Usage};
use crate::reconcile::decide::Rules;
use crate::reconcile::guest::GuestFields;
use crate::reconcile::mark::Marks;
use crate::run::{RunMode, RunRecord};
use crate::settings::Settings;

use super::call::Prepared;
use super::checkpoint::{Reconciled, Round};
use super::directory::{Directory, Identity, People};
use super::guests;
use super::inviting::told_barred;
use super::run_abort::RunAbort;

/// Attributes that rows write to the directory and the application may not: of a directory that takes nothing all of
/// them. What cannot be seen is tried.
fn not_permitted(
    settings: &Settings,
    directory: &dyn Directory,
) -> Result<Vec<&'static str>, RunAbort> {
    let mut not_permitted = Vec::new();
    if !settings.writes_directory() {
        return Ok(not_permitted);
    }
    let writer = directory.writer();
    let rows = settings.rows.iter();
    for row in rows.filter(|row| row.direction.writes_directory()) {
        let may = match &writer {
            Some(writer) => writer.permits(row.attribute)?,
            None => Permitted::Never,
        };
        if matches!(may, Permitted::No { .. } | Permitted::Never) {
            not_permitted.push(row.attribute);
        }
    }
    Ok(not_permitted)
}

/// In the place of an attribute: that guests are invited.
const INVITATIONS: &str = "invitations";

/// Whether guests are invited, or why not although the configuration says so.
enum Inviting {
    Yes(GuestFields),
    No(Option<String>),
}

fn inviting(
    ports: Ports<'_>,
    settings: &Settings,
    store: &StoreDescription,
    directory: &dyn Directory,
    not_permitted: &mut Vec<&'static str>,
) -> Result<Inviting, RunAbort> {
    if settings.invitations.is_none() {
        return Ok(Inviting::No(None));
    }
    let Some(fields) = guests::fields_of(store) else {
        let why = "Nobody is invited: the contact store does not tell which contacts are nobody's";
        return Ok(Inviting::No(Some(why.to_owned())));
    };
    let may = match directory.inviter() {
        Some(inviter) => inviter.permits()?,
        None => Permitted::Never,
    };
    let why = match may {
        Permitted::Yes | Permitted::Unknown => {
            guests::barred(ports)?.map(|code| told_barred(&code))
        }
        Permitted::No { permission } => {
            not_permitted.push(INVITATIONS);
            Some(format!(
                "Nobody is invited: the application lacks the permission {permission}; give it that, with an \
                 administrator's consent"
            ))
        }
        Permitted::Never => Some("Nobody is invited: this directory takes no guests".to_owned()),
    };
    Ok(match why {
        None => Inviting::Yes(fields),
        why => Inviting::No(why),
    })
}

/// Users of one lookup and changes of one commit, at most: one page of the list of users.
const LARGEST_BATCH: u32 = 999;

/// Everything a round needs.
pub(super) struct Session<'a> {
    pub(super) ports: Ports<'a>,
    pub(super) settings: &'a Settings,
    pub(super) directory: &'a dyn Directory,
    measured: Cell<Usage>,
    /// The namespace of the object ids.
    pub(super) source: String,
    /// The organisation's name, as of the last full sync, where lists have it in their names or
    /// descriptions.
    pub(super) organization: Option<String>,
    /// The store's field that holds the address contacts are matched by.
    pub(super) match_field: String,
    /// The fields the store is asked for.
    pub(super) fields: Vec<String>,
    /// Fields of which the base of every link tells.
    reconciled: Vec<String>,
    /// Attributes that rows write to the directory and the application may not, and [`INVITATIONS`] where it may not
    /// invite.
    pub(super) not_permitted: Vec<&'static str>,
    /// What says to whom an invitation goes, where contacts that are nobody's are invited.
    pub(super) guests: Option<GuestFields>,
    /// Why nobody is invited although the configuration says so.
    why_nobody_is_invited: Option<String>,
    /// Whether it matters what others write to contacts, and the store tells it.
    pub(super) tells_edits: bool,
    /// Whether the store tells what was done before.
    pub(super) keeps_journal: bool,
    /// What contacts in step are known by, where the store keeps that.
    pub(super) marks: Option<Marks<'a>>,
    /// How many users go into one lookup and one commit.
    pub(super) batch: usize,
}

impl<'a> Session<'a> {
    /// Prepares a call: signs in, and makes sure that the directory that answers is the configured one.
    pub(super) fn open(
        ports: Ports<'a>,
        Prepared { settings, store }: &'a Prepared,
        directory: &'a dyn Directory,
    ) -> Result<Self, RunAbort> {
        let Identity {
            source,
            organization,
        } = directory.identify(ports)?;
        let organization = organization.filter(|_| settings.lists.names_organization());
        let match_field = store
            .field_with_role(&FieldRole::Email)
            .map_or_else(|| "email".to_owned(), |field| field.name.clone());
        let mut fields: Vec<_> = settings.rows.iter().map(|row| row.field.clone()).collect();
        if !fields.contains(&match_field) {
            fields.push(match_field.clone());
        }
        let mut not_permitted = not_permitted(settings, directory)?;
        let inviting = inviting(ports, settings, store, directory, &mut not_permitted)?;
        let (guests, why_nobody_is_invited) = match inviting {
            Inviting::Yes(fields) => (Some(fields), None),
            Inviting::No(why) => (None, why),
        };
        Ok(Self {
            ports,
            settings,
            guests,
            why_nobody_is_invited,
            reconciled: Reconciled::load(ports.state, &source, settings)?.fields,
            not_permitted,
            tells_edits: store.edits && settings.writes_directory(),
            marks: store.marks.then(|| Marks::new(&source, settings)),
            source,
            organization,
            directory,
            measured: Cell::default(),
            match_field,
            fields,
            keeps_journal: store.journal,
            // Each user is looked up by id and by address, and both count.
            batch: (store.max_batch / 2).min(LARGEST_BATCH) as usize,
        })
    }

    /// Reads people, and puts them on lists with the name of this organisation.
    pub(super) fn people(&self, organization: Option<&str>) -> Rc<dyn People<'a> + 'a> {
        self.directory.people(organization.unwrap_or_default())
    }

    /// The organisation's name as it is now, where lists have it in their names or descriptions; the
    /// last known one where the directory does not tell it.
    pub(super) fn current_organization(&self) -> Result<Option<String>, RunAbort> {
        if !self.settings.lists.names_organization() {
            return Ok(None);
        }
        let told = match self.directory.organization() {
            Ok(told) => told,
            Err(error) if self.organization.is_some() && error.is_silence() => None,
            Err(error) => return Err(error.into()),
        };
        let told = told.map(|name| name.trim().to_owned());
        let told = told.filter(|name| !name.is_empty());
        Ok(told.or_else(|| self.organization.clone()))
    }

    /// What keeps the organisation's name once a full sync has put the first people on its lists.
    pub(super) fn renamed(&self, round: &Round) -> Result<Option<StateWrite>, RunAbort> {
        match &round.organization {
            Some(name)
                if round.mode == RunMode::Full && round.organization != self.organization =>
            {
                self.directory.keep_organization(name).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            reconciled: &self.reconciled,
            not_permitted: &self.not_permitted,
            ..Rules::new(&self.settings.rows, &self.settings.policies)
        }
    }

    /// The label of a row of the mapping.
    pub(super) fn label(&self, position: usize) -> String {
        self.settings
            .rows
            .get(position)
            .map(|row| row.label.clone())
            .unwrap_or_default()
    }

    /// The row whose field an attribute of the directory is given.
    pub(super) fn row_of(&self, attribute: &str) -> Option<&Row> {
        let mut rows = self.settings.rows.iter();
        rows.find(|row| row.attribute == attribute && row.direction.writes_directory())
    }

    /// The label of a mapped field.
    pub(super) fn label_of<'f>(&'f self, field: &'f str) -> &'f str {
        self.settings
            .rows
            .iter()
            .find(|row| row.field == field)
            .map_or(field, |row| row.label.as_str())
    }

    /// What a person should know of the way to the directory, and of why nobody is invited.
    pub(super) fn remarks(&self) -> impl Iterator<Item = String> {
        let why = self.why_nobody_is_invited.clone();
        self.directory.remark().into_iter().chain(why)
    }

    /// Requests made, and time waited, since the last time this was asked.
    pub(super) fn take_usage(&self) -> Usage {
        let now = self.directory.usage();
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
