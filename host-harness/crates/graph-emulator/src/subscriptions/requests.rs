//! `/subscriptions` and what is below it
//! (<https://learn.microsoft.com/graph/api/resources/subscription#methods>).
//!
//! Before a subscription is answered its listener is asked to prove that it wants it. That takes the network,
//! which nothing in here has: the wire asks [`to_be_asked`] whom to ask, and brings the outcome along with the
//! request as a [`Handshake`]. Where there is no wire, nobody is asked.

use emulated_directory::moments;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::book::Subscription;
use super::terms::{self, Circumstances, Terms};
use crate::access;
use crate::routes::{self, Resource};
use crate::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;

/// The object id of the application's service principal, which makes every subscription.
const PRINCIPAL_ID: &str = "6c1b9a52-3f0e-4b6d-9d5c-0a7e4f1d2b38";

/// How the listener answered when it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Handshake(pub(crate) Result<(), Failure>);

fn circumstances(service: &Service) -> Circumstances {
    Circumstances {
        now: service.now(),
        plain: service.takes_plain_listeners(),
        shortens: service.behaviour().long_subscriptions_shortened,
    }
}

/// The listeners that have to be asked before a request can be answered; nobody where it is refused anyway.
pub(crate) fn to_be_asked(service: &Service, call: &Call) -> Vec<String> {
    let segments = call.segments();
    let Some((version, rest)) = segments.split_first() else {
        return Vec::new();
    };
    let is_subscribing = call.method == Method::POST || call.method == Method::PATCH;
    if !is_subscribing || !version.eq_ignore_ascii_case("v1.0") {
        return Vec::new();
    }
    let resource = routes::resolve(rest);
    let authorization = call.header("authorization");
    let Ok(claims) = service
        .platform()
        .authenticate(authorization, service.now())
    else {
        return Vec::new();
    };
    match (resource, &call.method) {
        (Ok(Resource::Subscriptions), &Method::POST) => admit(service, call, &claims)
            .map(|terms| [Some(terms.notification_url), terms.lifecycle_url])
            .map(|urls| urls.into_iter().flatten().collect())
            .unwrap_or_default(),
        (Ok(Resource::Subscription(id)), &Method::PATCH) => {
            let renewal = terms::read_renewal(&call.body, circumstances(service));
            let is_known = service.subscriptions().get(&id).is_some();
            let url = renewal.ok().and_then(|renewal| renewal.notification_url);
            url.filter(|_| is_known).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What is subscribed to, where that may be.
fn admit(service: &Service, call: &Call, claims: &Claims) -> Result<Terms, Failure> {
    let terms = terms::read(&call.body, circumstances(service))?;
    access::require(claims, terms.topic.permissions())?;
    if let Some(id) = terms.topic.object() {
        let directory = service.directory();
        let found = if terms.topic.is_of_groups() {
            directory.groups().find(id)
        } else {
            directory.find(id)
        };
        found.ok_or_else(|| not_found(id))?;
    }
    let behaviour = service.behaviour();
    let mut book = service.subscriptions();
    book.settle(service.now());
    if !behaviour.any_subscriptions {
        book.check_room(&terms, behaviour.subscriptions_of_others)?;
    }
    Ok(terms)
}

fn check_handshake(call: &Call) -> Result<(), Failure> {
    match call.extensions.get::<Handshake>() {
        Some(Handshake(Err(failure))) => Err(failure.clone()),
        Some(Handshake(Ok(()))) | None => Ok(()),
    }
}

fn not_found(id: &str) -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        format!("The object '{id}' was not found."),
    )
}

/// Lists the subscriptions, or makes one.
///
/// # Errors
/// 400, 403, 404 and 409 as the terms and the room ask for, 501 inside a batch: the listener could not be asked.
pub(crate) fn collection(
    service: &Service,
    call: &Call,
    claims: &Claims,
) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    if call.method == Method::GET {
        let mut book = service.subscriptions();
        book.settle(service.now());
        let value: Vec<Value> = book
            .all()
            .map(|subscription| stated(service, subscription, None))
            .collect();
        let context = format!("{}/v1.0/$metadata#subscriptions", call.root);
        let body = json!({"@odata.context": context, "value": value});
        return Ok(protocol::reply(
            StatusCode::OK,
            body.to_string().into_bytes(),
        ));
    }
    if call.inner {
        return Err(Failure::not_implemented());
    }
    let terms = admit(service, call, claims)?;
    check_handshake(call)?;
    let told = service.head_of(terms.topic.is_of_groups());
    let state = terms.client_state.clone();
    let subscription = service.subscriptions().add(terms, told);
    Ok(entity(
        service,
        call,
        StatusCode::CREATED,
        &subscription,
        state.as_deref(),
    ))
}

/// Tells of a subscription, renews it or takes it away.
///
/// # Errors
/// 404 for one that is not there, 403 without the permission that it was made with, 400 for what a renewal cannot
/// change.
pub(crate) fn single(
    service: &Service,
    call: &Call,
    claims: &Claims,
    id: &str,
) -> Result<Reply, Failure> {
    service.subscriptions().settle(service.now());
    if call.method == Method::DELETE {
        let removed = service.subscriptions().remove(id);
        return removed
            .then(|| Reply::empty(StatusCode::NO_CONTENT))
            .ok_or_else(|| not_found(id));
    }
    if call.method == Method::GET {
        let subscription = service.subscriptions().get(id).cloned();
        let subscription = subscription.ok_or_else(|| not_found(id))?;
        return Ok(entity(service, call, StatusCode::OK, &subscription, None));
    }
    check_permission(service, claims, id)?;
    let renewal = terms::read_renewal(&call.body, circumstances(service))?;
    if call.inner && renewal.notification_url.is_some() {
        return Err(Failure::not_implemented());
    }
    check_handshake(call)?;
    let renewed = service.subscriptions().renew(id, renewal);
    let renewed = renewed.ok_or_else(|| not_found(id))?;
    let state = renewed.terms.client_state.clone();
    Ok(entity(
        service,
        call,
        StatusCode::OK,
        &renewed,
        state.as_deref(),
    ))
}

/// Takes the caller's token in the place of the one that a subscription was made with.
///
/// # Errors
/// 404 for a subscription that is not there, 403 without the permission that it was made with.
pub(crate) fn reauthorize(service: &Service, claims: &Claims, id: &str) -> Result<Reply, Failure> {
    service.subscriptions().settle(service.now());
    check_permission(service, claims, id)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Whether whoever asks may read what a subscription is about.
fn check_permission(service: &Service, claims: &Claims, id: &str) -> Result<(), Failure> {
    let book = service.subscriptions();
    let subscription = book.get(id).ok_or_else(|| not_found(id))?;
    access::require(claims, subscription.terms.topic.permissions())
}

fn entity(
    service: &Service,
    call: &Call,
    status: StatusCode,
    subscription: &Subscription,
    state: Option<&str>,
) -> Reply {
    let mut body = stated(service, subscription, state);
    if let Some(body) = body.as_object_mut() {
        let context = format!("{}/v1.0/$metadata#subscriptions/$entity", call.root);
        body.insert("@odata.context".to_owned(), Value::from(context));
    }
    protocol::reply(status, body.to_string().into_bytes())
}

/// A subscription as it is told. The client state is whoever subscribes' to know: it is told back where it was
/// said, and null when it is read.
fn stated(service: &Service, subscription: &Subscription, state: Option<&str>) -> Value {
    let terms = &subscription.terms;
    let application = service.platform().application().client_id.clone();
    json!({
        "id": subscription.id,
        "resource": terms.resource,
        "applicationId": application,
        "changeType": terms.change_type,
        "clientState": state,
        "notificationUrl": terms.notification_url,
        "lifecycleNotificationUrl": terms.lifecycle_url,
        "expirationDateTime": moments::exact(terms.expires),
        "creatorId": PRINCIPAL_ID,
        "includeResourceData": null,
        "latestSupportedTlsVersion": terms.tls_version,
        "encryptionCertificate": null,
        "encryptionCertificateId": null,
        "notificationUrlAppId": null,
    })
}
