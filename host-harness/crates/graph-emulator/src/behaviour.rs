//! What a tenant may be like, and a client must cope with: how the delta query behaves, what the tenant keeps
//! to itself, how it takes writes, and how notifications arrive.

use std::time::Duration;

use emulator_controls::bounds::{CENTURY, HOUR_MS, within};
use serde::{Deserialize, Serialize};

/// How an expired delta token is refused. Microsoft's texts disagree: 400 in
/// <https://devblogs.microsoft.com/microsoft365dev/duration-of-change-tracking-tokens-for-identity-and-education-resources/>,
/// "40X" in <https://learn.microsoft.com/graph/delta-query-overview>, and 410 has been seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpiredToken {
    /// 400 `syncStateNotFound`.
    #[default]
    BadRequest,
    /// 404 `syncStateNotFound`.
    NotFound,
    /// 410 `syncStateNotFound`.
    Gone,
}

/// How the tenant behaves. Everything here is something that Microsoft documents or that has
/// been seen; the defaults are the gentlest documented ones.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Behaviour {
    /// How an expired delta token is refused.
    pub expired_token: ExpiredToken,
    /// Whether the code is spelled `SyncStateNotFound`, as it has been seen, too.
    pub capital_sync_state: bool,
    /// Whether a reset is answered without the `Location` that
    /// <https://learn.microsoft.com/graph/delta-query-overview> promises.
    pub reset_without_location: bool,
    /// How long a page or delta token of the delta query is good for, in seconds: seven days for
    /// directory objects.
    pub delta_token_lifetime_seconds: u64,
    /// Whether an initial round states users and groups that were deleted before it.
    pub tombstones_in_initial_round: bool,
    /// How many users of the rounds before are stated again in an incremental round.
    pub replayed_changes: usize,
    /// Whether the last user of a page is stated again on the next one.
    pub repeat_over_pages: bool,
    /// Whether a round begins with a page that is empty and has a nextLink.
    pub empty_first_page: bool,
    /// How old a change must be, in seconds, before a delta query shows it.
    pub visibility_delay_seconds: u64,
    /// Whether links use the form `/users/microsoft.graph.delta()`.
    pub cast_path_in_links: bool,
    /// Whether every user carries a property that no client can know.
    pub unknown_property: bool,
    /// Whether the token endpoint states lifetimes as text, as its older form always does.
    pub textual_lifetimes: bool,
    /// How long it takes, in seconds, until tokens carry what an administrator has consented to. Microsoft states
    /// no time; up to a minute has been seen.
    pub consent_lag_seconds: u64,
    /// Whether ID tokens say nothing of directory roles (`wids`), as those of an application that is registered
    /// without `groupMembershipClaims` (<https://learn.microsoft.com/entra/identity-platform/optional-claims>).
    pub directory_roles_untold: bool,
    /// Properties that are null (or an empty collection) for everybody, wherever they are stated.
    pub nulled_properties: Vec<String>,
    /// Properties that are left out for everybody.
    pub withheld_properties: Vec<String>,
    /// Object ids of users that neither the list nor the delta query shows, although they are there
    /// by id. Counted they are.
    pub unlisted_users: Vec<String>,
    /// Object ids of users that are listed, and answered with 404 by id.
    pub unreachable_users: Vec<String>,
    /// How many members a page of `/groups/delta` states at most; a group with more goes on on the next
    /// page. Microsoft does not say how many there are; about 500 have been seen.
    pub members_per_page: usize,
    /// Whether the rest of a group that did not end on its page comes after all the other groups
    /// (<https://learn.microsoft.com/graph/delta-query-groups>: a group may be anywhere in the sequence).
    pub group_parts_apart: bool,
    /// Whether an initial round states who left a group, as the example at
    /// <https://learn.microsoft.com/graph/delta-query-groups> does.
    pub former_members_in_initial_round: bool,
    /// Whether each joining and leaving is stated, in the order in which it happened, and not only what
    /// became of it.
    pub every_membership_change: bool,
    /// How long it takes, in seconds, until groups show that a user is gone for good; more than twenty
    /// minutes have been seen
    /// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/14708>).
    pub purge_lag_seconds: u64,
    /// Properties that are null (or an empty collection) for every group, as with too little permission.
    pub nulled_group_properties: Vec<String>,
    /// Whether the members of a group with hidden membership are refused with 403 to an application without
    /// `Member.Read.Hidden`, where they are left out otherwise. Microsoft does not say which.
    pub hidden_membership_refused: bool,
    /// Whether a cast of members is served without `ConsistencyLevel: eventual` and `$count=true`, which
    /// <https://learn.microsoft.com/graph/api/group-list-members> demands and many programs do not send.
    pub casts_by_default: bool,
    /// Whether an expanded manager is told by type and id alone, and all the rest is null, as of an object of a
    /// kind that the application may not read
    /// (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).
    pub unreadable_managers: bool,
    /// Names of the directory roles that the application itself has: it may write what may lead into an account of
    /// whoever has roles below one of them.
    pub application_roles: Vec<String>,
    /// Whether telephone numbers and other addresses need `User-Phone.ReadWrite.All` and `User-Mail.ReadWrite.All`
    /// beside `User.ReadWrite.All`, as several vendors ask for.
    pub contact_methods_apart: bool,
    /// How many reads of a user, alone or in a list, still show what was there before an update.
    pub stale_reads: u32,
    /// How many rounds of the delta query still show it, each of which leads to another.
    pub stale_rounds: u32,
    /// Whether the delta query shows the properties of one update in as many rounds.
    pub changes_in_pieces: bool,
    /// Whether an update that changes nothing is a change to the delta query. Microsoft does not say.
    pub same_values_are_changes: bool,
    /// Object ids of users whose updates are answered with success and have no effect: a directory on premises is
    /// about to take them back.
    pub lost_writes: Vec<String>,
    /// How many writes a second the tenant takes from the application; 3,000 in 150 seconds are documented
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). With 0, any
    /// number.
    pub writes_per_second: u32,
    /// How many it takes at once after a pause.
    pub write_burst: u32,
    /// Whether the tenant lets nobody be invited.
    pub invitations_refused: bool,
    /// Domains whose people cannot be invited.
    pub blocked_invitation_domains: Vec<String>,
    /// How many searches among the users do not find a guest who was just invited: what is searched is the last to
    /// hear of a new user. By id, and in the delta query, the guest is there at once.
    pub unfound_guests: u32,
    /// How long a listener has to prove that it wants a subscription, in milliseconds
    /// (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>).
    pub validation_timeout_ms: u64,
    /// How long a listener has for its answer to a notification that is sent for the first time, in
    /// milliseconds; 10 s for each further try (the same page).
    pub notification_timeout_ms: u64,
    /// How long the first pause is before a notification is sent again, in milliseconds; each further one is
    /// twice as long. Microsoft says exponential.
    pub notification_retry_ms: u64,
    /// How long each notification is held back, in milliseconds. Ten minutes have been seen
    /// (<https://github.com/microsoftgraph/msgraph-training-changenotifications/issues/29>). That a notification
    /// comes before the directory shows the change is `visibilityDelaySeconds`.
    pub notification_delay_ms: u64,
    /// How many notifications a change leads to: the service sends one for each group of properties
    /// (<https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/1098>).
    pub notifications_per_change: usize,
    /// Whether what was delivered is delivered again, as after trouble of the service.
    pub notifications_repeated: bool,
    /// Every so-manieth notification is lost without a trace: with 2 every other one, with 1 all of them, as for
    /// more than a day (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/6476>); with 0 none.
    pub every_notification_lost: u64,
    /// Whether each request to a listener also has a notification of another tenant.
    pub mixed_tenants: bool,
    /// Whether an end of a subscription that is too far away is brought near, where it is refused otherwise.
    /// Microsoft says that it will fail in the future.
    pub long_subscriptions_shortened: bool,
    /// How many of the tenant's thousand subscriptions other applications have.
    pub subscriptions_of_others: usize,
    /// Whether there may be any number of subscriptions, the same ones among them: so that this tenant stands for
    /// those of many.
    pub any_subscriptions: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            expired_token: ExpiredToken::default(),
            capital_sync_state: false,
            reset_without_location: false,
            delta_token_lifetime_seconds: Duration::from_hours(7 * 24).as_secs(),
            tombstones_in_initial_round: true,
            replayed_changes: 0,
            repeat_over_pages: false,
            empty_first_page: false,
            visibility_delay_seconds: 0,
            cast_path_in_links: false,
            unknown_property: false,
            textual_lifetimes: false,
            consent_lag_seconds: 0,
            directory_roles_untold: false,
            nulled_properties: Vec::new(),
            withheld_properties: Vec::new(),
            unlisted_users: Vec::new(),
            unreachable_users: Vec::new(),
            members_per_page: 500,
            group_parts_apart: false,
            former_members_in_initial_round: true,
            every_membership_change: false,
            purge_lag_seconds: 0,
            nulled_group_properties: Vec::new(),
            hidden_membership_refused: false,
            casts_by_default: false,
            unreadable_managers: false,
            application_roles: Vec::new(),
            contact_methods_apart: false,
            stale_reads: 0,
            stale_rounds: 0,
            changes_in_pieces: false,
            same_values_are_changes: false,
            lost_writes: Vec::new(),
            writes_per_second: 0,
            write_burst: 3_000,
            invitations_refused: false,
            blocked_invitation_domains: Vec::new(),
            unfound_guests: 0,
            validation_timeout_ms: 10_000,
            notification_timeout_ms: 3_000,
            notification_retry_ms: 5_000,
            notification_delay_ms: 0,
            notifications_per_change: 1,
            notifications_repeated: false,
            every_notification_lost: 0,
            mixed_tenants: false,
            long_subscriptions_shortened: false,
            subscriptions_of_others: 0,
            any_subscriptions: false,
        }
    }
}

impl Behaviour {
    /// Checks that a tenant can behave so.
    ///
    /// # Errors
    ///
    /// What cannot be, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        let century = CENTURY.as_secs();
        for (name, seconds) in [
            (
                "deltaTokenLifetimeSeconds",
                self.delta_token_lifetime_seconds,
            ),
            ("visibilityDelaySeconds", self.visibility_delay_seconds),
            ("consentLagSeconds", self.consent_lag_seconds),
            ("purgeLagSeconds", self.purge_lag_seconds),
        ] {
            within(name, seconds, 0..=century)?;
        }
        for (name, milliseconds) in [
            ("validationTimeoutMs", self.validation_timeout_ms),
            ("notificationTimeoutMs", self.notification_timeout_ms),
            ("notificationRetryMs", self.notification_retry_ms),
            ("notificationDelayMs", self.notification_delay_ms),
        ] {
            within(name, milliseconds, 0..=HOUR_MS)?;
        }
        within("membersPerPage", self.members_per_page as u64, 1..=100_000)?;
        within(
            "notificationsPerChange",
            self.notifications_per_change as u64,
            0..=1_000,
        )
    }
}
