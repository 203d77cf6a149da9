//! URLs that the connection's token may be sent to.
//!
//! A nextLink or deltaLink is the service's word, and is followed as it stands
//! (<https://learn.microsoft.com/graph/paging>). But a link that led elsewhere would carry the
//! bearer token of a whole directory there. So a [`Link`] cannot be made from a string without
//! passing the [`GraphRoot`]: same scheme, same host, same port, no user information. A cursor that
//! was saved passes again when it is restored, because the state is not the connector's own memory.

use std::fmt;

use entra_users::user::Selection;
use guest_kit::percent;
use serde::{Serialize, Serializer};
use sync_core::mapping::person::PersonKind;
use thiserror::Error;

/// Accounts from before the service noted when they were made.
pub(super) const UNDATED: &str = "createdDateTime eq null";

/// Whether the service answers for these bounds from its index alone.
pub(super) fn needs_index(bounds: &str) -> bool {
    bounds == UNDATED
}

/// Longest link that is followed; delta tokens are one or two kilobytes.
const LONGEST_LINK: usize = 16 * 1024;

/// The most users Graph gives on one page of a list
/// (<https://learn.microsoft.com/graph/paging>).
pub const USERS_A_PAGE: u16 = 999;

/// The most users Graph gives on one page of a list that expands something, whatever is asked for
/// (<https://developer.microsoft.com/graph/known-issues/?search=13635>).
pub const EXPANDED_A_PAGE: u16 = 100;

/// Why a link is not followed. Says nothing of what the link holds beside its host.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkRefusal {
    /// No URL, or one that two readers could read in two ways.
    #[error("it is no well-formed URL")]
    Malformed,
    /// It carries user information.
    #[error("it carries user information")]
    UserInformation,
    /// Another scheme than the configured root's.
    #[error("its scheme is not the one of the configured Graph endpoint")]
    OtherScheme,
    /// Another host or port than the configured root's.
    #[error("its host or port is not the one of the configured Graph endpoint")]
    OtherHost,
}

/// Where a request goes: what has to be equal for a token to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    /// In lower case.
    host: String,
    port: u16,
}

impl Origin {
    fn of(url: &str) -> Result<Self, LinkRefusal> {
        // A backslash is a slash to some readers; white space and what is not ASCII is dropped or
        // re-encoded by others. A URL holds none of them (RFC 3986, section 2).
        let plain = url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if !plain || url.len() > LONGEST_LINK {
            return Err(LinkRefusal::Malformed);
        }
        let (scheme, rest) = url.split_once("://").ok_or(LinkRefusal::Malformed)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(LinkRefusal::OtherScheme),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(LinkRefusal::UserInformation);
        }
        let (host, port) = split_port(authority)?;
        Ok(Self {
            scheme,
            host: host.to_ascii_lowercase(),
            port: port.unwrap_or(default_port),
        })
    }

    fn admits(&self, other: &Self) -> Result<(), LinkRefusal> {
        if self.scheme != other.scheme {
            return Err(LinkRefusal::OtherScheme);
        }
        if self.host != other.host || self.port != other.port {
            return Err(LinkRefusal::OtherHost);
        }
        Ok(())
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), LinkRefusal> {
    // The colons of an IPv6 address stand in brackets.
    let name_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority.get(name_end..).and_then(|rest| rest.find(':')) {
        None => (authority, None),
        Some(colon) => {
            let (host, port) = authority.split_at(name_end + colon);
            let port = port.trim_start_matches(':').parse();
            (host, Some(port.map_err(|_| LinkRefusal::Malformed)?))
        }
    };
    let well_formed = !host.is_empty() && !host.contains('%');
    well_formed
        .then_some((host, port))
        .ok_or(LinkRefusal::Malformed)
}

/// The configured root of Microsoft Graph.
#[derive(Clone, Debug)]
pub struct GraphRoot {
    text: String,
    origin: Result<Origin, LinkRefusal>,
}

impl GraphRoot {
    /// Takes a root without version and trailing slash, as a validated configuration has it. One
    /// that is no URL admits no link.
    #[must_use]
    pub fn new(root: &str) -> Self {
        let text = root.trim_end_matches('/').to_owned();
        let origin = Origin::of(&text);
        Self { text, origin }
    }

    /// The host, for errors and log events.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin
            .as_ref()
            .map_or("the Graph endpoint", |origin| &origin.host)
    }

    /// An absolute URL of version 1.0.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/v1.0{path}", self.text)
    }
}

/// The host of a URL, for errors; nothing else of it.
pub(super) fn host_of(url: &str) -> String {
    Origin::of(url).map_or_else(|_| "the endpoint".to_owned(), |origin| origin.host)
}

/// What a page is a page of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// `GET /users`.
    Users,
    /// `GET /users/delta`.
    Changes,
    /// `GET /groups/delta`.
    Groups,
    /// `GET /contacts`.
    Contacts,
    /// `GET /contacts/delta`.
    ContactChanges,
}

impl Feed {
    /// Of which people it is.
    #[must_use]
    pub fn kind(self) -> PersonKind {
        match self {
            Self::Users | Self::Changes | Self::Groups => PersonKind::User,
            Self::Contacts | Self::ContactChanges => PersonKind::OrgContact,
        }
    }
}

/// A page that may be asked for: one the client begins with, one an earlier page named, or one that
/// was saved. Opaque, and safe to print: only its host and kind are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// Takes back a link that was saved, or one that a page names.
    ///
    /// # Errors
    ///
    /// Where the token may not be sent there.
    pub fn restore(url: &str, root: &GraphRoot) -> Result<Self, LinkRefusal> {
        let own = root.origin.as_ref().map_err(Clone::clone)?;
        own.admits(&Origin::of(url)?)?;
        Ok(Self(url.to_owned()))
    }

    /// The whole URL, for the state; [`Link::restore`] takes it back. It holds a token of the
    /// service and belongs in no log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the page is a page of. The function may be written `delta`, `microsoft.graph.delta` or
    /// with brackets; the documentation uses them all.
    #[must_use]
    pub fn feed(&self) -> Feed {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.rsplit('/');
        let mut segment = || segments.next().unwrap_or_default().to_ascii_lowercase();
        match segment().trim_end_matches("()") {
            "delta" | "microsoft.graph.delta" => match segment().as_str() {
                "groups" => Feed::Groups,
                "contacts" => Feed::ContactChanges,
                _ => Feed::Changes,
            },
            "contacts" => Feed::Contacts,
            _ => Feed::Users,
        }
    }

    /// Whether the URL carries a token that the service gave, and can therefore be too old.
    pub(super) fn is_resumed(&self) -> bool {
        self.has_option(|name, value| {
            (name.eq_ignore_ascii_case("skiptoken") || name.eq_ignore_ascii_case("deltatoken"))
                && !value.is_empty()
                && value != "latest"
        })
    }

    /// Whether the page is one of a partition: nothing else is filtered by the service.
    pub(super) fn is_of_partition(&self) -> bool {
        self.has_option(|name, _| name.eq_ignore_ascii_case("filter"))
    }

    /// Whether the page is read from the index of advanced queries. Every page of it has to be asked for so:
    /// a nextLink repeats the options, and cannot repeat the header
    /// (<https://learn.microsoft.com/graph/aad-advanced-queries>).
    pub(super) fn is_advanced(&self) -> bool {
        self.has_option(|name, value| {
            name.eq_ignore_ascii_case("count") && value.eq_ignore_ascii_case("true")
        })
    }

    /// Whether one of the query options, without its `$`, is as wanted.
    fn has_option(&self, is_wanted: impl Fn(&str, &str) -> bool) -> bool {
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = name.trim_start_matches("%24").trim_start_matches('$');
            is_wanted(name, value)
        })
    }

    /// The list's first page, with so many users on it and on each that follows.
    pub(super) fn first_list_page(root: &GraphRoot, top: u16, selection: &Selection) -> Self {
        let (collection, options) = (selection.collection(), selection.list_options());
        Self(root.url(&format!("{collection}?$top={top}&{options}")))
    }

    /// The first page of those whom a filter lets pass; `advanced` where the service answers it from its
    /// index alone, which expands nothing (<https://learn.microsoft.com/graph/aad-advanced-queries>).
    pub(super) fn first_partition_page(
        root: &GraphRoot,
        top: u16,
        selection: &Selection,
        (filter, advanced): (&str, bool),
    ) -> Self {
        let filter = percent::encode(filter);
        let options = if advanced {
            format!("$count=true&{}", selection.select_option())
        } else {
            selection.list_options()
        };
        Self(root.url(&format!("/users?$top={top}&$filter={filter}&{options}")))
    }

    /// A path of the client's own.
    pub(super) fn of_path(root: &GraphRoot, path: &str) -> Self {
        Self(root.url(path))
    }

    /// The change feed's first page.
    pub(super) fn first_delta_page(root: &GraphRoot, selection: &Selection) -> Self {
        let (collection, select) = (selection.collection(), selection.to_query());
        Self(root.url(&format!("{collection}/delta?$select={select}")))
    }

    /// The change feed from now on.
    pub(super) fn latest(root: &GraphRoot, selection: &Selection) -> Self {
        let (collection, select) = (selection.collection(), selection.to_query());
        Self(root.url(&format!(
            "{collection}/delta?$deltatoken=latest&$select={select}"
        )))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Link({:?} of {})", self.feed(), host_of(&self.0))
    }
}

/// As the state keeps it. There is no `Deserialize`: only [`Link::restore`] makes a link.
impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "https://graph.microsoft.com/v1.0/users/delta?$skiptoken=oEBwdSP6";

    fn global() -> GraphRoot {
        GraphRoot::new("https://graph.microsoft.com")
    }

    fn refusal(url: &str) -> Option<LinkRefusal> {
        Link::restore(url, &global()).err()
    }

    #[test]
    fn a_link_of_the_configured_root_is_followed_as_it_stands() {
        let link = Link::restore(NEXT, &global()).unwrap();
        assert_eq!(link.as_str(), NEXT);
        assert_eq!(serde_json::to_value(&link).unwrap(), NEXT);
    }

    #[test]
    fn the_host_is_compared_without_regard_to_case_and_the_default_port_is_no_difference() {
        for url in [
            "https://GRAPH.Microsoft.com/v1.0/users",
            "HTTPS://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com:443/v1.0/users",
            "https://graph.microsoft.com?$skiptoken=a@b",
        ] {
            assert_eq!(refusal(url), None, "{url}");
        }
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_refused() {
        for (url, expected) in [
            ("https://evil.example/v1.0/users", LinkRefusal::OtherHost),
            (
                "https://graph.microsoft.com.evil.example/",
                LinkRefusal::OtherHost,
            ),
            (
                "https://graph.microsoft.com./v1.0/users",
                LinkRefusal::OtherHost,
            ),
            (
                "https://graph.microsoft.us/v1.0/users",
                LinkRefusal::OtherHost,
            ),
            (
                "https://graph.microsoft.com:8443/v1.0/users",
                LinkRefusal::OtherHost,
            ),
            (
                "http://graph.microsoft.com/v1.0/users",
                LinkRefusal::OtherScheme,
            ),
            (
                "http://graph.microsoft.com:443/v1.0/users",
                LinkRefusal::OtherScheme,
            ),
            ("file:///etc/passwd", LinkRefusal::OtherScheme),
            (
                "https://graph.microsoft.com@evil.example/",
                LinkRefusal::UserInformation,
            ),
            (
                "https://me@graph.microsoft.com/v1.0/users",
                LinkRefusal::UserInformation,
            ),
            (
                "https://graph.microsoft.com:x/v1.0/users",
                LinkRefusal::Malformed,
            ),
            (
                "https://graph.microsoft.com:/v1.0/users",
                LinkRefusal::Malformed,
            ),
            (
                "https://graph.microsoft.com:443:1/v1.0",
                LinkRefusal::Malformed,
            ),
            (
                "https://evil.example\\@graph.microsoft.com/",
                LinkRefusal::Malformed,
            ),
            ("https://graph%2Emicrosoft.com/", LinkRefusal::Malformed),
            ("https:///v1.0/users", LinkRefusal::Malformed),
            ("https://graph.microsoft.com/a b", LinkRefusal::Malformed),
            (" https://graph.microsoft.com/", LinkRefusal::Malformed),
            (
                "https://graph.microsoft.com/\r\nx: y",
                LinkRefusal::Malformed,
            ),
            ("https://gräph.microsoft.com/", LinkRefusal::Malformed),
            ("/v1.0/users", LinkRefusal::Malformed),
            ("", LinkRefusal::Malformed),
        ] {
            assert_eq!(refusal(url), Some(expected), "{url}");
        }
        let long = format!("{NEXT}{}", "a".repeat(LONGEST_LINK));
        assert_eq!(refusal(&long), Some(LinkRefusal::Malformed));
    }

    #[test]
    fn a_port_of_the_configured_root_belongs_to_it() {
        let root = GraphRoot::new("http://[::1]:8080/");
        assert!(Link::restore("http://[::1]:8080/v1.0/users", &root).is_ok());
        for url in [
            "http://[::1]/v1.0/users",
            "http://[::1]:8081/v1.0/users",
            "http://[::2]:8080/",
        ] {
            assert_eq!(
                Link::restore(url, &root),
                Err(LinkRefusal::OtherHost),
                "{url}"
            );
        }
    }

    #[test]
    fn a_root_that_is_no_url_admits_nothing() {
        assert!(Link::restore(NEXT, &GraphRoot::new("graph.microsoft.com")).is_err());
    }

    #[test]
    fn every_spelling_of_the_change_feed_is_known() {
        for path in [
            "/v1.0/users/delta?$skiptoken=x",
            "/v1.0/users/delta()?$skiptoken=x",
            "/v1.0/users/microsoft.graph.delta?$deltatoken=x",
            "/v1.0/users/microsoft.graph.delta()?$deltaToken=x",
            "/beta/users/Delta",
        ] {
            let link = Link::restore(&format!("https://graph.microsoft.com{path}"), &global());
            assert_eq!(link.unwrap().feed(), Feed::Changes, "{path}");
        }
        let list = Link::first_list_page(&global(), USERS_A_PAGE, &Selection::new(["mail"]));
        assert_eq!(list.feed(), Feed::Users);
    }

    #[test]
    fn organisational_contacts_have_a_list_and_a_change_feed_of_their_own() {
        let selection = Selection::of(PersonKind::OrgContact, ["mail"]);
        let list = Link::first_list_page(&global(), USERS_A_PAGE, &selection);
        assert_eq!(
            list.as_str(),
            "https://graph.microsoft.com/v1.0/contacts?$top=999&$select=id,mail"
        );
        assert_eq!(list.feed(), Feed::Contacts);
        for link in [
            Link::first_delta_page(&global(), &selection),
            Link::latest(&global(), &selection),
        ] {
            assert_eq!(link.feed(), Feed::ContactChanges);
            assert_eq!(link.feed().kind(), PersonKind::OrgContact);
        }
        // A contact of somebody's mailbox is none.
        let user = Link::of_path(&global(), "/users/contacts/directReports");
        assert_eq!(user.feed(), Feed::Users);
    }

    #[test]
    fn only_a_link_with_a_token_of_the_service_can_be_too_old() {
        let selection = Selection::new(["mail"]);
        assert!(!Link::first_delta_page(&global(), &selection).is_resumed());
        assert!(!Link::latest(&global(), &selection).is_resumed());
        for query in [
            "$skiptoken=x",
            "$deltaToken=x",
            "%24deltatoken=x",
            "a=b&$SkipToken=x",
        ] {
            let url = format!("https://graph.microsoft.com/v1.0/users/delta?{query}");
            assert!(
                Link::restore(&url, &global()).unwrap().is_resumed(),
                "{query}"
            );
        }
    }

    #[test]
    fn the_first_pages_name_what_they_select() {
        let selection = Selection::new(["mail", "displayName", "id"]);
        assert_eq!(
            Link::first_list_page(&global(), 999, &selection).as_str(),
            "https://graph.microsoft.com/v1.0/users?$top=999&$select=id,displayName,mail"
        );
        assert_eq!(
            Link::latest(&global(), &selection).as_str(),
            "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=latest&$select=id,displayName,mail"
        );
    }

    #[test]
    fn managers_are_expanded_where_the_directory_itself_answers_and_not_by_its_index() {
        let selection = Selection::new(["mail", "manager"]);
        let list = Link::first_list_page(&global(), EXPANDED_A_PAGE, &selection);
        assert_eq!(
            list.as_str(),
            "https://graph.microsoft.com/v1.0/users?$top=100&$select=id,mail\
             &$expand=manager($select=id,displayName,mail,userPrincipalName)"
        );
        let page = |filter| Link::first_partition_page(&global(), 100, &selection, filter);
        let dated = page(("createdDateTime ge 2020-01-01T00:00:00Z", false));
        assert!(dated.as_str().contains("&$expand=manager("));
        assert!(!page((UNDATED, true)).as_str().contains("manager"));
        let latest = Link::latest(&global(), &selection);
        assert!(latest.as_str().ends_with("&$select=id,mail,manager"));
        assert!(Link::restore(list.as_str(), &global()).is_ok());
    }

    #[test]
    fn a_partition_is_told_by_its_filter_and_an_advanced_query_by_its_count() {
        let selection = Selection::new(["mail"]);
        let page = |filter| Link::first_partition_page(&global(), 999, &selection, filter);
        let dated = page(("createdDateTime ge 2020-01-01T00:00:00Z", false));
        assert_eq!(
            dated.as_str(),
            "https://graph.microsoft.com/v1.0/users?$top=999\
             &$filter=createdDateTime%20ge%202020-01-01T00%3A00%3A00Z&$select=id,mail"
        );
        assert!(dated.is_of_partition() && !dated.is_advanced() && !dated.is_resumed());
        let undated = page(("createdDateTime eq null", true));
        assert!(undated.is_of_partition() && undated.is_advanced());
        let next = format!("{}&$skiptoken=x", undated.as_str());
        let next = Link::restore(&next, &global()).unwrap();
        assert!(next.is_of_partition() && next.is_advanced() && next.is_resumed());
        let list = Link::first_list_page(&global(), 999, &selection);
        assert!(!list.is_of_partition() && !list.is_advanced());
    }

    #[test]
    fn printing_a_link_shows_no_token() {
        let printed = format!("{:?}", Link::restore(NEXT, &global()).unwrap());
        assert_eq!(printed, "Link(Changes of graph.microsoft.com)");
    }
}
