//! A tenant as a sync reads it: the client of Microsoft Graph behind [`Directory`].

use std::cell::OnceCell;
use std::rc::Rc;

use entra_users::mapping::filter::Filter;
use entra_users::mapping::rows::Mapping;
use entra_users::mapping::{Reader, catalogue};
use entra_users::page::infer_absent_managers;
use entra_users::permission;
use entra_users::user::Selection;
use guest_kit::retry::{Budget, Usage};
use guest_kit::{Level, Outside, Progress};
use sync_core::contact::ObjectId;
use sync_core::engine::directory::{
    Answer, Directory, Identity, Next, Notified, Page, PendingPage, People, Start,
};
use sync_core::engine::groups::feed::{GroupFeed, GroupPage, PendingGroups};
use sync_core::engine::run_abort::RunAbort;
use sync_core::mapping::person::{Item, PersonKind};
use sync_core::ports::{
    DirectoryError, DirectoryErrorKind, DirectoryWriter, Inviter, Ports, StateWrite, StoreError,
};
use sync_core::reconcile::finding::{Finding, LOOKUP_FAILED};
use sync_core::settings::{Disabled, GroupRules, Invitations, ListRule, OrgContacts};

use crate::connection::Connection;
use crate::graph::MOST_AT_ONCE;
use crate::graph::client::{Client, Fetching};
use crate::graph::error::GraphError;
use crate::graph::link::{EXPANDED_A_PAGE, Feed, LinkRefusal, USERS_A_PAGE};
use crate::graph::lookup::Whereabouts;
use crate::graph::organization::Organization;
use crate::graph::page;
use crate::graph::tenant::TenantId;
use crate::inviter::GuestDoor;
use crate::subscriptions::{GROUPS, USERS, upkeep};
use crate::tenant;
use crate::writer::Writer;

/// How the users of a tenant are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Attribute to field.
    pub mapping: &'a Mapping,
    /// Who is in scope.
    pub filter: &'a Filter,
    /// What a disabled account means.
    pub disabled: Disabled,
    /// Which list a contact is put on.
    pub lists: &'a ListRule,
    /// Groups, where they are read.
    pub groups: Option<&'a GroupRules>,
    /// Whether organisational contacts are read.
    pub org_contacts: OrgContacts,
    /// How everybody is listed.
    pub listing: Listing,
    /// Values of how many people are written a second, at most.
    pub writes_a_second: u32,
    /// How guests are invited, where they are.
    pub invitations: Option<&'a Invitations>,
}

/// Values of how many people are written a second, where nothing else is said: a little under the service's limit,
/// which is for the application and the tenant.
pub const WRITES_A_SECOND: u32 = crate::graph::WRITES_A_SECOND;

/// How everybody is listed. It decides nothing of who is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// People on a page.
    pub page_size: u16,
    /// Pages that are asked for at a time, at most. With one, a list is never divided.
    pub at_once: u8,
}

impl Listing {
    /// The most people that Graph gives on a page.
    pub const LARGEST_PAGE: u16 = USERS_A_PAGE;
    /// The most pages that are asked for at a time.
    pub const MOST_AT_ONCE: u8 = MOST_AT_ONCE;
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            page_size: Self::LARGEST_PAGE,
            at_once: Self::MOST_AT_ONCE,
        }
    }
}

/// One tenant, read under one configuration.
pub struct Tenant<'a> {
    client: Client<'a>,
    outside: Outside<'a>,
    connection: &'a Connection,
    reading: Reading<'a>,
    /// For asking whether somebody is there, and nothing else about them.
    nothing: Selection,
    nothing_of_contacts: Option<Selection>,
    /// Known once it was identified.
    id: OnceCell<TenantId>,
    /// With its domains, once they were needed.
    with_domains: OnceCell<Organization>,
    /// Where the host is told of changes.
    told_at: Option<String>,
}

impl<'a> Tenant<'a> {
    /// The tenant of a connection. Nothing is asked yet.
    #[must_use]
    pub fn new(
        outside: Outside<'a>,
        connection: &'a Connection,
        reading: Reading<'a>,
        budget: Budget,
    ) -> Self {
        let selection = reading.mapping.selection();
        let page_size = reading.listing.page_size;
        let users_a_page = if selection.expands_managers() {
            page_size.min(EXPANDED_A_PAGE)
        } else {
            page_size
        };
        Self {
            client: Client::new(outside, connection, budget)
                .asking_for(catalogue::guarded(selection))
                .listing(users_a_page)
                .writing(reading.writes_a_second),
            outside,
            connection,
            reading,
            nothing: Selection::new([]),
            nothing_of_contacts: (reading.org_contacts == OrgContacts::Include)
                .then(|| Selection::of(PersonKind::OrgContact, [])),
            id: OnceCell::new(),
            with_domains: OnceCell::new(),
            told_at: None,
        }
    }

    /// The tenant, telling of its changes at an address of the host.
    #[must_use]
    pub fn told_at(mut self, address: Option<String>) -> Self {
        self.told_at = address;
        self
    }

    fn selection(&self) -> &Selection {
        self.reading.mapping.selection()
    }

    /// Whether it can be asked to be told of groups. Without the permission that it takes, changes of groups are
    /// found when the schedule comes, which is nothing to warn of.
    fn may_be_told_of_groups(&self) -> bool {
        let roles = self.client.granted_roles();
        roles.is_ok_and(|roles| roles.is_none_or(|roles| permission::is_told_of_groups(&roles)))
    }
}

impl Directory for Tenant<'_> {
    fn inviter(&self) -> Option<Box<dyn Inviter + '_>> {
        let terms = self.reading.invitations?;
        Some(Box::new(GuestDoor::new(
            &self.client,
            terms,
            &self.with_domains,
        )))
    }

    fn writer(&self) -> Option<Box<dyn DirectoryWriter + '_>> {
        Some(Box::new(Writer::new(&self.client)))
    }

    fn identify(&self, ports: Ports<'_>) -> Result<Identity, RunAbort> {
        let id = tenant::identify(ports, self.connection, &self.client)?;
        let organization = if self.reading.lists.names_organization() {
            tenant::name(ports.state, &id)?
        } else {
            None
        };
        let source = tenant::source(id.as_str());
        // A call identifies its tenant once.
        let _ = self.id.set(id);
        Ok(Identity {
            source,
            organization,
        })
    }

    fn remark(&self) -> Option<String> {
        self.client.remark()
    }

    fn organization(&self) -> Result<Option<String>, DirectoryError> {
        let organization = self.client.organization()?;
        if let Some(id) = self.id.get() {
            // Whatever is wrong with it, an answer about nobody or somebody else is not silence.
            tenant::check(id, &organization).map_err(|error| {
                let kind = match error {
                    GraphError::UnexpectedShape { .. } => DirectoryErrorKind::Refused,
                    _ => DirectoryErrorKind::Unauthorized,
                };
                DirectoryError {
                    kind,
                    ..error.into()
                }
            })?;
        }
        Ok(organization.display_name)
    }

    fn keep_organization(&self, name: &str) -> Result<StateWrite, RunAbort> {
        // Whoever asks has identified the tenant; without it there is nothing to keep the name under.
        let id = self.id.get().ok_or_else(|| {
            StoreError::Other("the tenant of the organisation's name is not known".to_owned())
        })?;
        tenant::save_name(id, name)
    }

    fn count(&self, kind: PersonKind) -> Result<Option<u64>, DirectoryError> {
        match self.client.count(kind) {
            Ok(count) => Ok(count),
            // That the directory does not say is no reason to fail.
            Err(
                GraphError::Forbidden(_) | GraphError::Upstream(_) | GraphError::NotJson { .. },
            ) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn start(&self, kind: PersonKind) -> Result<Start, DirectoryError> {
        let selection = self.reading.mapping.selection_of(kind);
        Ok(match self.client.bookmark(selection)? {
            Some(bookmark) => Start::List {
                link: self.client.first_list_page(selection).as_str().to_owned(),
                bookmark: bookmark.as_str().to_owned(),
            },
            // Without a bookmark the change feed itself lists everybody, at 200 a page.
            None => Start::Changes {
                link: self.client.first_delta_page(selection).as_str().to_owned(),
            },
        })
    }

    fn partitions(&self, people: u64) -> Result<Vec<String>, DirectoryError> {
        if self.reading.listing.at_once < 2 {
            return Ok(Vec::new());
        }
        let expands = self.selection().expands_managers();
        match self.client.partitions(people, expands) {
            Ok(partitions) => Ok(partitions),
            // The list is there in one piece.
            Err(
                error @ (GraphError::Forbidden(_)
                | GraphError::Upstream(_)
                | GraphError::NotJson { .. }
                | GraphError::UnexpectedShape { .. }),
            ) => {
                let code = ("code", error.code().to_owned());
                self.outside
                    .control
                    .log(Level::Warn, "partitions-refused", &[code]);
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn first_page_of(&self, bounds: &str) -> String {
        let link = self.client.first_partition_page(bounds, self.selection());
        link.as_str().to_owned()
    }

    fn people_a_page(&self) -> u64 {
        u64::from(if self.selection().expands_managers() {
            EXPANDED_A_PAGE
        } else {
            USERS_A_PAGE
        })
    }

    fn pages_at_once(&self) -> usize {
        let most = usize::from(self.reading.listing.at_once).max(1);
        self.client.at_once().min(most)
    }

    fn people<'d>(&'d self, organization: &str) -> Rc<dyn People<'d> + 'd> {
        let Reading {
            mapping,
            filter,
            disabled,
            lists,
            org_contacts,
            ..
        } = self.reading;
        let collection = |kind| Collection {
            selection: mapping.selection_of(kind),
            reader: Reader::new(kind, mapping, filter, disabled, lists, organization),
        };
        Rc::new(PeopleOfTenant {
            client: &self.client,
            outside: self.outside,
            names_managers: mapping.names_managers(),
            users: collection(PersonKind::User),
            contacts: (org_contacts == OrgContacts::Include)
                .then(|| collection(PersonKind::OrgContact)),
        })
    }

    fn groups<'d>(&'d self) -> Option<Rc<dyn GroupFeed<'d> + 'd>> {
        let rules = self.reading.groups?;
        Some(Rc::new(Groups {
            client: &self.client,
            rules,
            org_contacts: self.reading.org_contacts,
        }))
    }

    fn whereabouts(&self, users: &[ObjectId]) -> Result<Vec<Finding>, DirectoryError> {
        let contacts = self.nothing_of_contacts.as_ref();
        let found = self
            .client
            .whereabouts_of_people(users, &self.nothing, contacts)?;
        Ok(found.into_iter().map(finding).collect())
    }

    fn keep_notified(&self, ports: Ports<'_>) -> Result<Notified, RunAbort> {
        let wanted: &[&str] = match self.reading.groups {
            Some(_) if self.may_be_told_of_groups() => &[USERS, GROUPS],
            _ => &[USERS],
        };
        let tenant = self.id.get().map_or("", TenantId::as_str);
        let asker = format!(
            "{tenant} {}",
            self.connection.client_id.to_ascii_lowercase()
        );
        upkeep::keep(&self.client, ports, &asker, self.told_at.as_deref(), wanted)
    }

    fn remember_progress(&self, progress: Progress) {
        self.client.remember_progress(progress);
    }

    fn usage(&self) -> Usage {
        self.client.usage()
    }
}

/// People of one kind, read as one configuration says.
struct Collection<'d> {
    selection: &'d Selection,
    reader: Reader,
}

impl Collection<'_> {
    /// Somebody who was asked for by id.
    fn found(&self, client: &Client<'_>, told: &str) -> Item {
        client
            .found_user(told, self.selection)
            .map_or(Item::Nameless, |user| self.reader.read_item(&user))
    }
}

/// The people of a tenant.
struct PeopleOfTenant<'d, 'a> {
    client: &'d Client<'a>,
    outside: Outside<'a>,
    names_managers: bool,
    users: Collection<'d>,
    /// Organisational contacts, where they are read.
    contacts: Option<Collection<'d>>,
}

impl<'d, 'a: 'd> People<'d> for PeopleOfTenant<'d, 'a> {
    fn begin(self: Rc<Self>, link: &str) -> Box<dyn PendingPage + 'd> {
        let client = self.client;
        Box::new(PeoplePage {
            fetching: client
                .restore_link(link)
                .map(|link| (link.feed(), client.begin_fetch(link))),
            people: self,
        })
    }

    fn find(&self, people: &[ObjectId]) -> Result<Vec<Answer>, DirectoryError> {
        let contacts = self.contacts.as_ref();
        let found = self.client.whereabouts_of_people(
            people,
            self.users.selection,
            contacts.map(|contacts| contacts.selection),
        )?;
        let answer = |whereabouts| match (whereabouts, contacts) {
            (Whereabouts::Present(told), _) => Answer::There(self.users.found(self.client, &told)),
            (Whereabouts::OrgContact(told), Some(contacts)) => {
                Answer::There(contacts.found(self.client, &told))
            }
            (elsewhere, _) => Answer::NotThere(finding(elsewhere)),
        };
        Ok(found.into_iter().map(answer).collect())
    }

    fn follows_managers(&self) -> bool {
        self.names_managers
    }

    fn reports_of(&self, managers: &[ObjectId]) -> Result<Vec<ObjectId>, DirectoryError> {
        let reports = self.client.reports(managers)?;
        if let Some((managers, code)) = reports.unknown {
            let fields = [("managers", managers.to_string()), ("code", code)];
            let control = self.outside.control;
            control.log(Level::Warn, "reports-unknown", &fields);
        }
        Ok(reports.users)
    }
}

/// A page of people that is asked for, unless its link was refused.
struct PeoplePage<'d, 'a> {
    people: Rc<PeopleOfTenant<'d, 'a>>,
    fetching: Result<(Feed, Fetching<'a>), LinkRefusal>,
}

impl PendingPage for PeoplePage<'_, '_> {
    fn finish(self: Box<Self>) -> Result<Page, DirectoryError> {
        let PeopleOfTenant {
            client,
            users,
            contacts,
            ..
        } = &*self.people;
        let (feed, fetching) = self.fetching.map_err(GraphError::from)?;
        // A link is one of the configuration under which it was given; contacts are asked for only where they are
        // read.
        let Collection { selection, reader } = match (feed.kind(), contacts) {
            (PersonKind::OrgContact, Some(contacts)) => contacts,
            (PersonKind::OrgContact, None) | (PersonKind::User, _) => users,
        };
        let body = client.fetched(fetching)?;
        let mut page = client.page(&body, selection)?;
        if feed == Feed::Users {
            infer_absent_managers(&mut page.users, selection);
        }
        let items = page.users.iter().map(|user| reader.read_item(user));
        Ok(Page {
            items: items.collect(),
            next: next(page.next),
        })
    }
}

/// The groups of a tenant, with those who are in them.
struct Groups<'d, 'a> {
    client: &'d Client<'a>,
    rules: &'d GroupRules,
    org_contacts: OrgContacts,
}

impl<'d, 'a: 'd> GroupFeed<'d> for Groups<'d, 'a> {
    fn first_page(&self) -> String {
        let link = self.client.first_groups_page(self.rules);
        link.as_str().to_owned()
    }

    fn begin(self: Rc<Self>, link: &str) -> Box<dyn PendingGroups + 'd> {
        let client = self.client;
        let link = client.restore_link(link);
        Box::new(PendingGroupsPage {
            client,
            org_contacts: self.org_contacts,
            fetching: link.map(|link| client.begin_fetch(link)),
        })
    }

    fn whereabouts(&self, groups: &[ObjectId]) -> Result<Vec<Finding>, DirectoryError> {
        let found = self.client.whereabouts_of_groups(groups)?;
        Ok(found.into_iter().map(finding).collect())
    }
}

/// A page of groups that is asked for, unless its link was refused.
struct PendingGroupsPage<'d, 'a> {
    client: &'d Client<'a>,
    org_contacts: OrgContacts,
    fetching: Result<Fetching<'a>, LinkRefusal>,
}

impl PendingGroups for PendingGroupsPage<'_, '_> {
    fn finish(self: Box<Self>) -> Result<GroupPage, DirectoryError> {
        let body = self
            .client
            .fetched(self.fetching.map_err(GraphError::from)?)?;
        let page = self.client.groups_page(&body, self.org_contacts)?;
        Ok(GroupPage {
            groups: page.groups,
            next: next(page.next),
        })
    }
}

fn next(next: page::Next) -> Next {
    match next {
        page::Next::Page(link) => Next::Page(link.as_str().to_owned()),
        page::Next::Done(link) => Next::Done(link.as_str().to_owned()),
        page::Next::End => Next::End,
    }
}

fn finding(whereabouts: Whereabouts) -> Finding {
    match whereabouts {
        Whereabouts::Present(_) | Whereabouts::OrgContact(_) => Finding::Present,
        Whereabouts::SoftDeleted => Finding::Deleted,
        Whereabouts::NotFound => Finding::Nowhere,
        Whereabouts::Unknown(_) => Finding::Unknown(LOOKUP_FAILED.to_owned()),
    }
}
