//! The one door to Microsoft Graph.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use entra_users::permission::{self, Guarded};
use entra_users::user::{Selection, collection};
use guest_kit::percent;
use guest_kit::retry::Budget;
use guest_kit::{HttpRequest, HttpResponse, Method, Outside, Progress, Usage};

use sync_core::mapping::person::PersonKind;
use sync_core::settings::{GroupRules, OrgContacts};

use crate::connection::Connection;

use super::error::GraphError;
use super::exchange::{Begun, Exchange};
use super::groups::{self, GroupsPage};
use super::link::{Feed, GraphRoot, Link, LinkRefusal, USERS_A_PAGE, needs_index};
use super::organization::Organization;
use super::page::{self, Next, Page};
use super::purpose::Purpose;
use super::refusal::{self, Circumstances, is_unsupported};
use super::request_id::request_id;
use super::tenant::TenantId;
use super::token::{TokenSource, claims_challenge};
use super::transient;
use super::writing::pace::Pace;

/// A page of 999 users is half a megabyte with the usual attributes, and a few with all of them.
const LONGEST_PAGE: usize = 16 * 1024 * 1024;

/// Every other answer.
pub(super) const LONGEST_ANSWER: usize = 1024 * 1024;

/// Asks one tenant. Holds its token for as long as it lives, and counts what it asks.
///
/// Every request carries a `client-request-id` of its own, is repeated as [`retry`](guest_kit::retry) says, and is
/// sent once more with a new token where the service no longer accepts the old one, or where one of an earlier call
/// lacks a permission.
pub struct Client<'a> {
    exchange: Exchange<'a>,
    token: TokenSource<'a>,
    root: GraphRoot,
    /// What it asks for that needs a permission of its own; for the words of a refusal.
    guarded: Vec<Guarded>,
    /// Users on a page of the list.
    pub(super) users_a_page: u16,
    pub(super) pace: Cell<Pace>,
}

/// A page as it came.
pub struct Body {
    bytes: Vec<u8>,
}

impl Body {
    /// The page's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Shows the length only: a page is full of people.
impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Body({} bytes)", self.bytes.len())
    }
}

/// A page that is asked for. Whoever drops it gives the request up.
pub struct Fetching<'a> {
    link: Link,
    begun: Option<Begun<'a>>,
}

/// A number that is asked for.
pub(super) struct Counting<'a> {
    purpose: Purpose,
    url: String,
    begun: Option<Begun<'a>>,
}

impl<'a> Client<'a> {
    /// A client of one connection. Nothing is asked yet.
    #[must_use]
    pub fn new(ports: Outside<'a>, connection: &'a Connection, budget: Budget) -> Self {
        Self {
            exchange: Exchange::new(ports, budget),
            token: TokenSource::new(connection),
            root: GraphRoot::new(&connection.graph),
            guarded: Vec::new(),
            users_a_page: USERS_A_PAGE,
            pace: Cell::new(Pace::default()),
        }
    }

    /// The client, asking for so many users on each page of a list.
    #[must_use]
    pub fn listing(mut self, users_a_page: u16) -> Self {
        self.users_a_page = users_a_page;
        self
    }

    /// The client, writing so many times a second at most.
    #[must_use]
    pub fn writing(self, per_second: u32) -> Self {
        self.pace.set(Pace::of(per_second));
        self
    }

    /// How long so many writes take at least, by the pace.
    #[must_use]
    pub fn time_for_writes(&self, writes: u64) -> Duration {
        self.pace.get().time_for(writes)
    }

    /// The client, knowing which of the properties that it will ask for need a permission of their own:
    /// a refusal names them.
    #[must_use]
    pub fn asking_for(mut self, guarded: Vec<Guarded>) -> Self {
        self.guarded = guarded;
        self
    }

    /// How many requests may be under way at a time, as the service takes it now.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.exchange.at_once()
    }

    /// What was used so far.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.exchange.usage()
    }

    /// What to tell the host while waiting; it may answer "stop".
    pub fn remember_progress(&self, progress: Progress) {
        self.exchange.remember(progress);
    }

    /// Takes back a link that was saved with [`Link::as_str`].
    ///
    /// # Errors
    ///
    /// Where it does not lead to the configured root, as after a change of the cloud.
    pub fn restore_link(&self, url: &str) -> Result<Link, LinkRefusal> {
        Link::restore(url, &self.root)
    }

    /// The tenant. Signs in where that was not done yet.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn organization(&self) -> Result<Organization, GraphError> {
        let response = self.get(
            Purpose::Organization,
            "/organization?$select=id,displayName",
        )?;
        Organization::read(&response.body, self.root.host())
    }

    /// The tenant with its domains, which whoever reads users may read, too.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub(super) fn organization_with_domains(&self) -> Result<Organization, GraphError> {
        let response = self.get(
            Purpose::Organization,
            "/organization?$select=id,displayName,verifiedDomains",
        )?;
        Organization::read(&response.body, self.root.host())
    }

    /// The tenant that the token says it is of: `None` where the token cannot be read. Signs in where
    /// that was not done yet.
    ///
    /// # Errors
    ///
    /// Where no token is issued, and where the token is of another tenant than the configured one.
    pub fn tenant(&self) -> Result<Option<TenantId>, GraphError> {
        self.token.tenant(&self.exchange)
    }

    /// What a person should know of how the application signed in: that a credential was refused, and another
    /// one served.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        self.token.remark()
    }

    /// The application permissions that the token carries, for showing: `None` where the token
    /// cannot be read. Signs in where that was not done yet.
    ///
    /// # Errors
    ///
    /// Where no token is issued.
    pub fn granted_roles(&self) -> Result<Option<Vec<String>>, GraphError> {
        self.token.roles(&self.exchange)
    }

    /// Whether people of the selection's kind can be read with these properties, by reading one.
    ///
    /// # Errors
    ///
    /// [`GraphError::Forbidden`] where a permission is missing; see [`GraphError`] for others.
    pub fn probe(&self, selection: &Selection) -> Result<(), GraphError> {
        let (collection, options) = (selection.collection(), selection.list_options());
        let purpose = match selection.kind() {
            PersonKind::User => Purpose::Users,
            PersonKind::OrgContact => Purpose::OrgContacts,
        };
        self.get(purpose, &format!("{collection}?$top=1&{options}"))
            .map(drop)
    }

    /// A few users, whoever the service names first.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn some_users(&self, selection: &Selection) -> Result<Body, GraphError> {
        let path = format!("/users?$top=20&{}", selection.list_options());
        let response = self.get(Purpose::Users, &path)?;
        Ok(Body {
            bytes: response.body,
        })
    }

    /// Whether deleted users can be read, by reading one. Without that, nothing can be said about
    /// people whom a full round does not show.
    ///
    /// # Errors
    ///
    /// [`GraphError::Forbidden`] where the permission is missing; see [`GraphError`] for others.
    pub fn probe_deleted_items(&self) -> Result<(), GraphError> {
        let path = "/directory/deletedItems/microsoft.graph.user?$top=1&$select=id";
        self.get(Purpose::DeletedItems, path).map(drop)
    }

    /// The number of people of a kind, where the service tells it; it comes from an index, and may lag.
    ///
    /// # Errors
    ///
    /// See [`GraphError`]. That the service does not tell is no error.
    pub fn count(&self, kind: PersonKind) -> Result<Option<u64>, GraphError> {
        match self.counted(self.begin_count(kind, None)) {
            Ok(count) => Ok(Some(count)),
            Err(GraphError::UnexpectedShape { .. }) => Ok(None),
            Err(GraphError::Upstream(failure)) if failure.status.is_some_and(is_unsupported) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for the number of people of a kind, or of those whom a filter lets pass, and comes back before it is
    /// there.
    pub(super) fn begin_count(&self, kind: PersonKind, filter: Option<&str>) -> Counting<'a> {
        let mut url = self.root.url(collection(kind));
        url.push_str("/$count");
        if let Some(filter) = filter {
            url.push_str("?$filter=");
            url.push_str(&percent::encode(filter));
        }
        let begun = self.begin(&|bearer| self.count_request(&url, bearer));
        let purpose = match kind {
            PersonKind::User => Purpose::Count,
            PersonKind::OrgContact => Purpose::OrgContactCount,
        };
        Counting {
            purpose,
            url,
            begun,
        }
    }

    /// The number that was asked for.
    ///
    /// # Errors
    ///
    /// See [`GraphError`]; [`GraphError::UnexpectedShape`] where the answer is no number.
    pub(super) fn counted(&self, counting: Counting<'a>) -> Result<u64, GraphError> {
        let Counting {
            purpose,
            url,
            begun,
        } = counting;
        let build = |bearer| self.count_request(&url, bearer);
        let response = self.authorized(purpose, begun, &build)?;
        let response = self.success(purpose, response)?;
        let text = String::from_utf8_lossy(&response.body);
        let number = text.trim_start_matches('\u{feff}').trim().parse();
        number.map_err(|_| GraphError::UnexpectedShape {
            host: self.host().to_owned(),
            detail: "it is no number",
        })
    }

    /// An advanced query (<https://learn.microsoft.com/graph/aad-advanced-queries>); its answer is no JSON.
    fn count_request(&self, url: &str, bearer: String) -> HttpRequest {
        let mut request = self.request(url.to_owned(), bearer);
        request.headers.push(eventual());
        for (name, value) in &mut request.headers {
            if *name == "accept" {
                "text/plain".clone_into(value);
            }
        }
        request
    }

    /// The first page of everybody.
    #[must_use]
    pub fn first_list_page(&self, selection: &Selection) -> Link {
        Link::first_list_page(&self.root, self.users_a_page, selection)
    }

    /// The first page of a partition of the list, see [`partitions`](Self::partitions).
    #[must_use]
    pub fn first_partition_page(&self, bounds: &str, selection: &Selection) -> Link {
        let filter = (bounds, needs_index(bounds));
        Link::first_partition_page(&self.root, self.users_a_page, selection, filter)
    }

    /// The first page of everybody, read as a change feed: a fifth as many users a page, but its
    /// last page has a deltaLink.
    #[must_use]
    pub fn first_delta_page(&self, selection: &Selection) -> Link {
        Link::first_delta_page(&self.root, selection)
    }

    /// Where changes from now on can be read. `None` where the service does not tell: then
    /// [`first_delta_page`](Self::first_delta_page) leads there, too.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn bookmark(&self, selection: &Selection) -> Result<Option<Link>, GraphError> {
        let body = match self.fetch(&Link::latest(&self.root, selection)) {
            Ok(body) => body,
            Err(GraphError::ResyncRequired(_)) => return Ok(None),
            Err(GraphError::Upstream(failure)) if failure.status.is_some_and(is_unsupported) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok(match self.page(&body, selection)?.next {
            Next::Done(link) => Some(link),
            // The service took no notice of `latest` and has begun to tell everybody.
            Next::Page(_) | Next::End => None,
        })
    }

    /// One page as it is.
    ///
    /// # Errors
    ///
    /// See [`GraphError`]; [`GraphError::ResyncRequired`] and [`GraphError::PageTokenExpired`] say
    /// that the link is too old.
    pub fn fetch(&self, link: &Link) -> Result<Body, GraphError> {
        self.fetched(Fetching {
            link: link.clone(),
            begun: None,
        })
    }

    /// Asks for a page and comes back before it is there. Where that would mean to sign in, or to press
    /// a service that is near its limit, the page is asked for only when it is [fetched](Self::fetched).
    #[must_use]
    pub fn begin_fetch(&self, link: Link) -> Fetching<'a> {
        let begun = self.begin(&|bearer| self.page_request(&link, bearer));
        Fetching { link, begun }
    }

    fn begin(&self, build: &dyn Fn(String) -> HttpRequest) -> Option<Begun<'a>> {
        let bearer = self.token.current_bearer(&self.exchange)?;
        self.exchange.begin(&build(bearer))
    }

    /// The page that is asked for. What goes wrong is repeated as with any other request.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch).
    pub fn fetched(&self, Fetching { link, begun }: Fetching<'a>) -> Result<Body, GraphError> {
        let purpose = match link.feed() {
            Feed::Users if link.is_of_partition() => Purpose::Partition,
            Feed::Users => Purpose::Users,
            Feed::Changes => Purpose::Changes {
                resumed: link.is_resumed(),
            },
            Feed::Groups => Purpose::GroupChanges {
                resumed: link.is_resumed(),
            },
            Feed::Contacts => Purpose::OrgContacts,
            Feed::ContactChanges => Purpose::OrgContactChanges {
                resumed: link.is_resumed(),
            },
        };
        let build = |bearer| self.page_request(&link, bearer);
        let response = self.authorized(purpose, begun, &build)?;
        let response = self.success(purpose, response)?;
        Ok(Body {
            bytes: response.body,
        })
    }

    fn page_request(&self, link: &Link, bearer: String) -> HttpRequest {
        let mut request = self.request(link.as_str().to_owned(), bearer);
        request.max_response = LONGEST_PAGE;
        if link.is_advanced() {
            request.headers.push(eventual());
        }
        request
    }

    /// Reads a page. It borrows from the body.
    ///
    /// # Errors
    ///
    /// As [`page::parse`].
    pub fn page<'page>(
        &self,
        body: &'page Body,
        selection: &Selection,
    ) -> Result<Page<'page>, GraphError> {
        page::parse(&body.bytes, selection, &self.root)
    }

    /// The first page of the groups that matter, with their members.
    #[must_use]
    pub fn first_groups_page(&self, rules: &GroupRules) -> Link {
        groups::first_link(&self.root, rules)
    }

    /// Reads a page of groups, whose members are those who count as people.
    ///
    /// # Errors
    ///
    /// As [`page::parse`].
    pub fn groups_page(
        &self,
        body: &Body,
        org_contacts: OrgContacts,
    ) -> Result<GroupsPage, GraphError> {
        let roles = self.token.current_roles();
        groups::parse(&body.bytes, roles.as_deref(), org_contacts, &self.root)
    }

    /// The application permissions that the token carries, with one of these among them where a new token has it
    /// and that of an earlier call has not.
    pub(crate) fn roles_with(
        &self,
        permissions: &[&str],
    ) -> Result<Option<Vec<String>>, GraphError> {
        let roles = self.granted_roles()?;
        let lacks = roles
            .as_deref()
            .is_some_and(|roles| !permission::has_any(roles, permissions));
        if lacks && self.token.is_kept() {
            self.token.renew(&self.exchange, None)?;
            return self.granted_roles();
        }
        Ok(roles)
    }

    pub(super) fn exchange(&self) -> &Exchange<'a> {
        &self.exchange
    }

    pub(super) fn host(&self) -> &str {
        self.root.host()
    }

    /// Asks without patience: what is asked is not worth a long wait.
    pub(crate) fn hastily<T>(&self, ask: impl FnOnce() -> T) -> T {
        let usual = self.exchange.hurry();
        let answer = ask();
        self.exchange.be_as_patient_as(usual);
        answer
    }

    pub(super) fn get(&self, purpose: Purpose, path: &str) -> Result<HttpResponse, GraphError> {
        self.call(purpose, &|bearer| self.request(self.root.url(path), bearer))
    }

    /// Sends JSON; an answer of one of the statuses is a success, too.
    pub(super) fn post(
        &self,
        purpose: Purpose,
        path: &str,
        body: &str,
        also: &[u16],
    ) -> Result<HttpResponse, GraphError> {
        self.write(purpose, (Method::Post, path), body, also)
    }

    /// Sends JSON, or nothing; an answer of one of the statuses is a success, too.
    pub(super) fn write(
        &self,
        purpose: Purpose,
        (method, path): (Method, &str),
        body: &str,
        also: &[u16],
    ) -> Result<HttpResponse, GraphError> {
        let response = self.authorized(purpose, None, &|bearer| {
            let mut request = self.request(self.root.url(path), bearer);
            request.method = method;
            if !body.is_empty() {
                let kind = "application/json".to_owned();
                request.headers.push(("content-type", kind));
                let length = body.len().to_string();
                request.headers.push(("content-length", length));
            }
            request.body = body.as_bytes().to_vec();
            request
        })?;
        if also.contains(&response.status) {
            return Ok(response);
        }
        self.success(purpose, response)
    }

    fn call(
        &self,
        purpose: Purpose,
        build: &dyn Fn(String) -> HttpRequest,
    ) -> Result<HttpResponse, GraphError> {
        let response = self.authorized(purpose, None, build)?;
        self.success(purpose, response)
    }

    fn success(
        &self,
        purpose: Purpose,
        response: HttpResponse,
    ) -> Result<HttpResponse, GraphError> {
        if response.status == 200 {
            return Ok(response);
        }
        let roles = self.token.current_roles();
        let circumstances = self.circumstances(roles.as_deref());
        let now = self.exchange.now();
        Err(refusal::classify(purpose, &response, circumstances, now))
    }

    /// That an answer leaves out what the application may not see.
    pub(super) fn withheld(&self, purpose: Purpose) -> GraphError {
        let roles = self.token.current_roles();
        refusal::withheld(purpose, self.circumstances(roles.as_deref()))
    }

    fn circumstances<'c>(&'c self, roles: Option<&'c [String]>) -> Circumstances<'c> {
        Circumstances {
            roles,
            guarded: &self.guarded,
        }
    }

    /// Sends with the token; once more with a new one where the old one is no longer accepted
    /// (<https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation>).
    /// A permission that a token of an earlier call lacks may have been given since.
    fn authorized(
        &self,
        purpose: Purpose,
        begun: Option<Begun<'a>>,
        build: &dyn Fn(String) -> HttpRequest,
    ) -> Result<HttpResponse, GraphError> {
        let send = |begun| {
            self.exchange.send(
                purpose,
                self.root.host(),
                begun,
                || self.token.bearer(&self.exchange).map(build),
                |response| match purpose.writes() {
                    // Of anything else it is not known whether a part was done.
                    true => response.status == 429,
                    false => transient::is_transient_response(response),
                },
            )
        };
        let response = send(begun)?;
        let claims = claims_challenge(&response);
        let may_be_old = claims.is_some() || self.token.is_kept();
        if response.status == 401 || (response.status == 403 && may_be_old) {
            self.token.renew(&self.exchange, claims.as_deref())?;
            let again = send(None)?;
            if again.status == 401 {
                self.token.let_nobody_keep_it(&self.exchange);
            }
            return Ok(again);
        }
        Ok(response)
    }

    fn request(&self, url: String, bearer: String) -> HttpRequest {
        HttpRequest {
            method: Method::Get,
            url,
            headers: vec![
                ("authorization", format!("Bearer {bearer}")),
                ("accept", "application/json".to_owned()),
                (
                    "client-request-id",
                    request_id(self.exchange.ports().entropy),
                ),
            ],
            body: Vec::new(),
            max_response: LONGEST_ANSWER,
        }
    }
}

/// What an advanced query has to be asked with.
fn eventual() -> (&'static str, String) {
    ("consistencylevel", "eventual".to_owned())
}

#[cfg(test)]
mod tests;
