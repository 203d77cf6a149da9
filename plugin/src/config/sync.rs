//! `sync`: who is read, what is written, and when.

use std::time::Duration;

use entra_directory::connection::Connection;
use entra_users::mapping::catalogue::{self, Attribute};
use entra_users::mapping::filter::{Comparand, Filter, Test};
use entra_users::mapping::rows::{AddressSource, Mapping};
use guest_kit::ordered::Map;
use sync_core::mapping::person::PersonKind;
use sync_core::mapping::rows::Row;
use sync_core::ports::StoreDescription;
use sync_core::settings::{Disabled, ListRule, OrgContacts, Policies};

use super::directions::{self, Directions};
use super::document::Node;
use super::located::{Keys, Located, Object};
use super::mapping::Resolver;
use super::presets::{PRESETS, Preset};
use super::problem::Findings;
use super::settings::Settings;
use super::wording::quoted;
use super::{
    addresses, filters, fingerprint, groups, guests, limits, listing, lists, numbers, policies,
    schedule,
};

const NOTIFICATIONS_OF_HOST: &str = "Whether the directory tells of changes is for the host to decide, which gives the address; leave this out.";

/// The keys of `sync`.
pub(super) const SYNC: Keys = Keys {
    known: &[
        "preset",
        "direction",
        "source",
        "target",
        "schedule",
        "scope",
        "groups",
        "mapping",
        "filters",
        "existing",
        "update",
        "conflict",
        "conflicts",
        "writes",
        "contactsWithoutUser",
        "invitations",
        "removed",
        "leftScope",
        "disabled",
        "agents",
        "organizationalContacts",
        "list",
        "addresses",
        "phoneCountry",
        "fullSyncEveryDays",
        "limits",
        "listing",
    ],
    refused: &[("notifications", NOTIFICATIONS_OF_HOST)],
};

const SOURCE: &str = "entra-id";

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// As long as the directory promises to keep a cursor
/// (<https://learn.microsoft.com/graph/delta-query-overview>).
const FULL_ROUND_DAYS: u64 = 7;

/// The whole configuration. Where something is wrong, the preset's value stands in for it, so that
/// the rest can be checked.
pub(super) fn read(
    sync: &Object<'_>,
    outer_preset: Option<Located<'_>>,
    connection: Option<Connection>,
    store: &StoreDescription,
    findings: &mut Findings,
) -> Settings {
    check_route(sync, findings);
    let preset = match (sync.get("preset"), outer_preset) {
        (Some(_), Some(outer)) => {
            findings.problem(
                outer.pointer,
                "There is a `preset` in `sync` too; write one of them.",
            );
            None
        }
        (Some(place), None) | (None, Some(place)) => place.choice(PRESETS, findings),
        (None, None) => Some(Preset::default()),
    };
    let in_effect = preset.unwrap_or_default();
    let defaults = in_effect.defaults();
    let policies = policies::read(sync, defaults.policies, findings);
    let lists = lists::read(sync, defaults.lists, store.limits, findings);
    let groups = groups::read(sync, store.limits, findings);
    let org_contacts = sync
        .get("organizationalContacts")
        .and_then(|place| place.choice(policies::ORG_CONTACTS, findings))
        .unwrap_or_default();
    let addresses = addresses::read(sync, defaults.addresses, findings);
    let country = numbers::country(sync, findings);
    let filter = filters::read(sync.get("filters"), findings);
    let schedule = schedule::read(sync.get("schedule"), defaults.schedule, findings);
    let limits = limits::read(sync, findings);
    let listing = listing::read(sync, findings);
    let full_round_days = sync
        .get("fullSyncEveryDays")
        .and_then(|place| place.whole(1..=365, findings))
        .unwrap_or(FULL_ROUND_DAYS);
    let directions = Directions::read(sync, &policies, findings);
    let rows = Resolver {
        preset,
        store,
        directions,
        given: Map::new(),
        findings,
    }
    .rows(sync.get("mapping"));
    directions::tell(&rows, findings);
    let beside = guests::Beside {
        rows: &rows,
        filter: &filter,
        groups: groups.as_ref(),
        store,
    };
    let invitations = guests::read(sync, &beside, findings);
    warn_of_empty_scope(&filter, &policies, findings);
    for (_, surprise) in filter.surprises() {
        findings.warn(surprise);
    }
    warn_of_ignored_mail(&rows, &addresses, findings);
    if org_contacts == OrgContacts::Include {
        warn_of_users_alone(&rows, &filter, findings);
    }
    let need = needed(&filter, &policies, &lists);
    let mapping = Mapping::new(rows, addresses, country, need);
    let fingerprint = fingerprint::of(
        connection.as_ref(),
        &mapping,
        &filter,
        &policies,
        &lists,
        groups.as_ref(),
        fingerprint::Guests {
            org_contacts,
            invitations: invitations.as_ref(),
        },
    );
    Settings {
        preset: in_effect.name(),
        connection,
        mapping,
        filter,
        policies,
        lists,
        groups,
        org_contacts,
        schedule,
        full_round_every: Duration::from_secs(full_round_days * DAY_SECONDS),
        removal_limit: limits.removals,
        blank_limit: limits.blanks,
        directory_limit: limits.directory,
        directory_blank_limit: limits.directory_blanks,
        invitations,
        invitation_limit: limits.invitations,
        listing,
        writes_a_second: directions::writes_a_second(sync, findings),
        fingerprint,
        warnings: Vec::new(),
    }
}

/// `source` and `target`: whom with whom. There is one directory yet, so both may be left out.
fn check_route(sync: &Object<'_>, findings: &mut Findings) {
    let entra = "write \"entra-id\".";
    if let Some(place) = sync.get("source")
        && let Some(source) = place.text(findings)
        && source != SOURCE
    {
        findings.problem(
            place.pointer,
            format!("{} cannot be read from; {entra}", quoted(source)),
        );
    }
    // An object is the destination's, which is behind the store and says itself what is wrong with it.
    if let Some(place) = sync.get("target")
        && !matches!(place.node, Node::Object(_))
    {
        place.text(findings);
    }
}

/// Attributes that are read beside the mapped ones.
fn needed<'a>(
    filter: &'a Filter,
    policies: &Policies,
    lists: &ListRule,
) -> impl Iterator<Item = &'static Attribute> + use<'a> {
    let account = (policies.disabled != Disabled::Ignore).then_some("accountEnabled");
    let list = match lists {
        ListRule::PerAttribute { attribute, .. } => Some(*attribute),
        ListRule::None | ListRule::One { .. } => None,
    };
    let clauses = filter.clauses.iter().map(|clause| clause.attribute);
    clauses.chain(account.into_iter().chain(list).filter_map(catalogue::find))
}

/// A filter for disabled accounts, under a policy that keeps disabled accounts out.
fn warn_of_empty_scope(filter: &Filter, policies: &Policies, findings: &mut Findings) {
    let only = |values: &[Comparand], word| values.iter().all(|value| value.as_str() == word);
    let asks_for_disabled = filter.clauses.iter().any(|clause| {
        clause.attribute.name == "accountEnabled"
            && match &clause.test {
                Test::AnyOf(values) => only(values, "false"),
                Test::NoneOf(values) => only(values, "true"),
                Test::Exists(_) => false,
            }
    });
    if asks_for_disabled && policies.disabled != Disabled::Ignore {
        findings.warn(
            "`sync.filters` asks for disabled accounts, and `sync.disabled` keeps them out: nobody is left. Write \"disabled\": \"ignore\" if disabled accounts are wanted.",
        );
    }
}

/// An address rule without `mail`, for a field that is mapped from it.
fn warn_of_ignored_mail(rows: &[Row], addresses: &[AddressSource], findings: &mut Findings) {
    let follows = rows.iter().any(Row::follows_address_rule);
    if follows && !addresses.is_empty() && !addresses.contains(&AddressSource::Mail) {
        findings.warn(
            "`sync.mapping` fills the email field from `mail`, and `sync.addresses` leaves `mail` out: the field is filled from the attributes that stand there.",
        );
    }
}

/// What only users have, where organisational contacts are people, too.
fn warn_of_users_alone(rows: &[Row], filter: &Filter, findings: &mut Findings) {
    let is_of_users = |attribute: &'static Attribute| {
        catalogue::placed(attribute, PersonKind::OrgContact).is_none()
    };
    for clause in &filter.clauses {
        if is_of_users(clause.attribute) {
            findings.warn(format!(
                "`sync.filters` names {}, which organisational contacts do not have: it is about users alone, and keeps none of the contacts out.",
                quoted(clause.attribute.name)
            ));
        }
    }
    for row in rows.iter().filter(|row| row.mandatory) {
        if catalogue::find(row.attribute).is_some_and(is_of_users) {
            findings.warn(format!(
                "{} is mandatory and mapped from {}, which organisational contacts do not have: none of them is created.",
                quoted(&row.label),
                quoted(row.attribute)
            ));
        }
    }
}
