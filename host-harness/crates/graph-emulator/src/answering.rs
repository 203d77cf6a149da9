//! How a request is answered: met by what is to go wrong, led to its resource, and put into the log.
//!
//! Every request comes here, from the wire and from inside a batch.

use std::time::Duration;

use emulated_directory::moments;
use http::{Method, StatusCode};
use uuid::Uuid;

use super::access::{
    self, READ_CONTACTS, READ_GROUPS, READ_MEMBERS, READ_USERS, WRITE_GROUPS, WRITE_MANAGERS,
    WRITE_USERS,
};
use super::faults::Fault;
use super::invitations::{self, INVITE};
use super::page_fault::{self, Ways};
use super::request_log::RequestRecord;
use super::routes::{self, Resource};
use super::service::Service;
use super::subscriptions::requests as subscriptions;
use super::user_update::{self, WRITE_ACCOUNTS};
use super::write_limit;
use super::{
    accounts, batch, contacts, deleted_items, delta, group_members, groups, managers, masking,
    memberships, objects_by_ids, organization, users,
};
use emulated_http::{Call, Reply};
use emulated_identity_platform::{Claims, Conditions, Door};
use emulated_odata::failure::Failure;
use emulated_odata::population::Population;
use emulated_odata::schema::Schema;

impl Service {
    /// Answers one request, and remembers that it did.
    pub(super) fn respond(&self, call: &Call) -> Reply {
        self.settle();
        let segments = call.segments();
        let door = Door::of(&segments);
        let met = match door {
            Some(door) if door.is_page() => None,
            _ => self.trouble(call),
        };
        let (fault, trouble) = met.unzip();
        let mut reply = match (door, fault.as_ref()) {
            (Some(door), None) => self.platform().answer(call, door, self.conditions()),
            (Some(door), Some(fault)) => self.faulty_sign_in(call, door, fault),
            (None, None) => self.graph(call, &segments),
            (None, Some(fault)) => self.faulty_graph(call, &segments, fault),
        };
        if let Some(fault) = &fault {
            fault.touch(&mut reply);
        }
        if door.is_none() {
            self.finish(call, &mut reply);
        }
        reply.set_default("date", &moments::http_date(self.now()));
        self.remember(call, &reply, (door.is_some_and(Door::is_token), trouble));
        reply
    }

    /// What a request meets, and how the log names it. A scripted fault comes before the storm,
    /// which counts the request all the same.
    fn trouble(&self, call: &Call) -> Option<(Fault, String)> {
        let stormy = self.weather().meet(call);
        let scripted = self.faults().meet(call);
        scripted.map(|fault| (fault, "fault".to_owned())).or(stormy)
    }

    fn remember(
        &self,
        call: &Call,
        reply: &Reply,
        (token_request, trouble): (bool, Option<String>),
    ) {
        let record = RequestRecord {
            number: 0,
            at: moments::zulu(self.now()),
            method: call.method.to_string(),
            target: call.target(),
            status: if reply.hang_up {
                0
            } else {
                reply.status.as_u16()
            },
            inner: call.inner,
            trouble,
        };
        self.log().record(record, token_request);
    }

    fn conditions(&self) -> Conditions {
        let behaviour = self.behaviour();
        Conditions {
            now: self.now(),
            textual_lifetimes: behaviour.textual_lifetimes,
            consent_lag: Duration::from_secs(behaviour.consent_lag_seconds),
            directory_roles_untold: behaviour.directory_roles_untold,
        }
    }

    fn faulty_sign_in(&self, call: &Call, door: Door<'_>, fault: &Fault) -> Reply {
        match fault.answer() {
            None => self.platform().answer(call, door, self.conditions()),
            Some(Ok(reply)) => reply,
            Some(Err(failure)) => {
                let after = fault.retry_after.clone();
                let conditions = self.conditions();
                self.platform()
                    .refuse(call, failure.status, after, conditions)
            }
        }
    }

    fn faulty_graph(&self, call: &Call, segments: &[String], fault: &Fault) -> Reply {
        match fault.answer() {
            Some(Ok(reply)) => return reply,
            Some(Err(failure)) => return self.refuse(call, &failure),
            None => {}
        }
        let mut reply = self.graph(call, segments);
        let ways = Ways {
            back: &|requests| self.log().page_before(requests, call),
            renewed: &|| self.renewed(call),
        };
        if let Some(body) = page_fault::distorted(&reply.body, fault.page(), &ways) {
            reply.body = body;
        }
        reply
    }

    /// The address of a page with something in it that no address had before.
    fn renewed(&self, call: &Call) -> String {
        let number = self.log().numbered() + 1;
        let mut options = call.query.raw_without(&["again"]);
        let again = format!("again={number}");
        options.push(&again);
        format!("{}{}?{}", call.root, call.path, options.join("&"))
    }

    fn graph(&self, call: &Call, segments: &[String]) -> Reply {
        self.dispatch(call, segments)
            .unwrap_or_else(|failure| self.refuse(call, &failure))
    }

    fn dispatch(&self, call: &Call, segments: &[String]) -> Result<Reply, Failure> {
        let rest = match segments {
            [version, rest @ ..] if version.eq_ignore_ascii_case("v1.0") => rest,
            [version, ..] => return Err(Failure::invalid(format!("Invalid version: {version}"))),
            [] => return Err(Failure::unknown_segment("")),
        };
        let claims = self
            .platform()
            .authenticate(call.header("authorization"), self.now())
            .map_err(|flaw| access::refuse(flaw, &call.root))?;
        let resource = routes::resolve(rest)?;
        check_method(&resource, &call.method)?;
        let behaviour = self.behaviour();
        masking::check_reach(&behaviour, &resource)?;
        if write_limit::counts(&resource, &call.method) {
            self.write_limit().take(&behaviour, self.now())?;
        }
        let mut reply = self.serve(call, &claims, &resource)?;
        masking::mask(&behaviour, &resource, &mut reply);
        if call.method == Method::GET {
            self.show_former(&resource, &mut reply);
        }
        Ok(reply)
    }

    /// Lets an answer tell what was before a write that it does not know of yet.
    fn show_former(&self, resource: &Resource, reply: &mut Reply) {
        self.replication().leave_out(resource, reply);
        let again = self.replication().cover(resource, reply);
        for (id, names) in again {
            // Somebody who is gone meanwhile is told of as such.
            let _ = self.directory_mut().state_again(&id, names, self.now());
        }
    }

    fn serve(&self, call: &Call, claims: &Claims, resource: &Resource) -> Result<Reply, Failure> {
        let purge = call.method == Method::DELETE;
        let patch = call.method == Method::PATCH;
        let post = call.method == Method::POST;
        let of_group = |id: &str| self.directory().groups().ordinal(id).is_some();
        match resource {
            // Each resource asks for its own permission.
            Resource::Batch
            | Resource::Subscriptions
            | Resource::Subscription(_)
            | Resource::Reauthorize(_) => {}
            // Each property asks for its own.
            Resource::User(_) if patch => {}
            Resource::User(_) if purge => access::require(claims, &WRITE_USERS)?,
            Resource::Users if post => access::require(claims, &WRITE_ACCOUNTS)?,
            Resource::Invitations => access::require(claims, &INVITE)?,
            Resource::Memberships(_) => {
                let either = [&READ_USERS[..], &READ_GROUPS[..]].concat();
                access::require(claims, &either)?;
            }
            Resource::Organizations | Resource::Organization(_) => {
                access::require(claims, &organization::VISIBLE_TO)?;
            }
            Resource::Groups
            | Resource::GroupsCount
            | Resource::GroupsDelta
            | Resource::Group(_)
            | Resource::DeletedGroups
            | Resource::DeletedGroupsCount => access::require(claims, &READ_GROUPS)?,
            Resource::Contacts
            | Resource::ContactsCount
            | Resource::ContactsDelta
            | Resource::Contact(_) => access::require(claims, &READ_CONTACTS)?,
            Resource::Members(_) | Resource::MembersCount(_) => {
                access::require(claims, &READ_MEMBERS)?;
            }
            Resource::ObjectsByIds => {
                let either = [&READ_USERS[..], &READ_MEMBERS[..]].concat();
                access::require(claims, &either)?;
            }
            Resource::RestoreDeletedItem(id) if of_group(id) => {
                access::require(claims, &WRITE_GROUPS)?;
            }
            Resource::DeletedItem(id) if purge && of_group(id) => {
                access::require(claims, &WRITE_GROUPS)?;
            }
            Resource::DeletedItem(id) if of_group(id) => access::require(claims, &READ_GROUPS)?,
            Resource::ManagerReference(_) => access::require(claims, &WRITE_MANAGERS)?,
            Resource::RestoreDeletedItem(_) => access::require(claims, &WRITE_USERS)?,
            Resource::DeletedItem(_) if purge => access::require(claims, &WRITE_USERS)?,
            _ => access::require(claims, &READ_USERS)?,
        }
        match resource {
            Resource::Users if post => accounts::post(self, call),
            Resource::Users => users::list(self, call, claims, Population::Live),
            Resource::UsersCount => users::count(self, call, Population::Live),
            Resource::UsersDelta => delta::get(self, call, claims, Schema::User),
            Resource::Groups => groups::list(self, call, claims, Population::Live),
            Resource::GroupsCount => groups::count(self, call, Population::Live),
            Resource::GroupsDelta => delta::get(self, call, claims, Schema::Group),
            Resource::Group(id) => groups::get(self, call, claims, id),
            Resource::Contacts => contacts::list(self, call),
            Resource::ContactsCount => contacts::count(self, call),
            Resource::ContactsDelta => delta::get(self, call, claims, Schema::OrgContact),
            Resource::Contact(id) => contacts::get(self, call, id),
            Resource::Members(of) => group_members::list(self, call, claims, of),
            Resource::MembersCount(of) => group_members::count(self, call, claims, of),
            Resource::ObjectsByIds => objects_by_ids::post(self, call, claims),
            Resource::DeletedGroups => groups::list(self, call, claims, Population::Deleted),
            Resource::DeletedGroupsCount => groups::count(self, call, Population::Deleted),
            Resource::User(key) if patch => user_update::patch(self, call, claims, key),
            Resource::User(key) if purge => accounts::delete(self, key),
            Resource::User(key) => users::get(self, call, claims, key),
            Resource::Manager(key) => managers::get(self, call, claims, key),
            Resource::ManagerReference(key) if call.method == Method::PUT => {
                managers::put(self, call, key)
            }
            Resource::ManagerReference(key) => managers::delete(self, key),
            Resource::DirectReports(key) => managers::direct_reports(self, call, claims, key),
            Resource::Memberships(of) => memberships::list(self, call, claims, of),
            Resource::Invitations => invitations::post(self, call),
            Resource::Organizations => organization::list(self, call, claims),
            Resource::Organization(id) => organization::get(self, call, claims, id),
            Resource::DeletedUsers => deleted_items::list(self, call, claims),
            Resource::DeletedUsersCount => users::count(self, call, Population::Deleted),
            Resource::DeletedItem(id) if purge => deleted_items::purge(self, id),
            Resource::DeletedItem(id) => deleted_items::get(self, call, claims, id),
            Resource::RestoreDeletedItem(id) => deleted_items::restore(self, call, id),
            Resource::Batch => batch::post(self, call),
            Resource::Subscriptions => subscriptions::collection(self, call, claims),
            Resource::Subscription(id) => subscriptions::single(self, call, claims, id),
            Resource::Reauthorize(id) => subscriptions::reauthorize(self, claims, id),
        }
    }

    /// A refusal in Graph's envelope.
    pub(super) fn refuse(&self, call: &Call, failure: &Failure) -> Reply {
        let request_id = Uuid::new_v4().to_string();
        let client_request_id = call.header("client-request-id").unwrap_or(&request_id);
        let date = moments::zoneless(self.now());
        let body = failure.body(&date, &request_id, client_request_id);
        let mut reply = Reply::typed(
            failure.status,
            "application/json",
            body.to_string().into_bytes(),
        );
        reply.set("request-id", &request_id);
        reply.set("client-request-id", client_request_id);
        reply.set("x-ms-resource-unit", "1");
        for (name, value) in &failure.headers {
            reply.set(name, value);
        }
        reply
    }

    /// The headers that every answer of Graph carries.
    fn finish(&self, call: &Call, reply: &mut Reply) {
        self.name_limit(reply);
        let request_id = Uuid::new_v4().to_string();
        reply.set_default("request-id", &request_id);
        let client_request_id = call.header("client-request-id").unwrap_or(&request_id);
        reply.set_default("client-request-id", client_request_id);
        reply.set_default("cache-control", "no-cache");
        reply.set_default("strict-transport-security", "max-age=31536000");
        reply.set_default(
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Local","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"EMULATOR"}}"#,
        );
    }

    /// A 429, and an answer that warns of one, says whose limit it is
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    fn name_limit(&self, reply: &mut Reply) {
        let refused = reply.status == StatusCode::TOO_MANY_REQUESTS;
        if refused || reply.headers.contains_key("x-ms-throttle-limit-percentage") {
            let client_id = self.platform().application().client_id.clone();
            let tenant_id = self.tenant_id();
            let scope = format!("Tenant_Application/ReadWrite/{client_id}/{tenant_id}");
            let write = reply
                .headers
                .get("x-ms-throttle-information")
                .is_some_and(|limit| limit == "WriteLimitExceeded");
            let scope = if write {
                scope.replace("/ReadWrite/", "/Write/")
            } else {
                scope
            };
            reply.set_default("x-ms-throttle-scope", &scope);
            reply.set_default("x-ms-throttle-information", "ResourceUnitLimitExceeded");
        }
    }
}

fn check_method(resource: &Resource, method: &Method) -> Result<(), Failure> {
    let allowed = match resource {
        Resource::Batch
        | Resource::Invitations
        | Resource::RestoreDeletedItem(_)
        | Resource::ObjectsByIds
        | Resource::Reauthorize(_) => *method == Method::POST,
        Resource::Subscriptions | Resource::Users => {
            *method == Method::GET || *method == Method::POST
        }
        Resource::Subscription(_) | Resource::User(_) => {
            [Method::GET, Method::PATCH, Method::DELETE].contains(method)
        }
        Resource::DeletedItem(_) => *method == Method::GET || *method == Method::DELETE,
        Resource::ManagerReference(_) => *method == Method::PUT || *method == Method::DELETE,
        _ => *method == Method::GET,
    };
    if allowed {
        Ok(())
    } else {
        Err(Failure::method_not_allowed())
    }
}
