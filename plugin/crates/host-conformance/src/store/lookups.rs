//! Whom a query finds, and what it tells of them.

use crate::bench::{Desk, OTHER_SOURCE, list, value};
use crate::bindings::imports::contact_store::{FieldKind, Query};
use crate::bindings::imports::types::{Create, RemovalKind};
use host_promises::verdict::{Amiss, Outcome, not_tried, same};

/// The ids of contacts that a query finds, ordered.
fn ids(desk: &Desk<'_>, query: &Query) -> Result<Vec<String>, Amiss> {
    let mut ids: Vec<_> = desk
        .find(query)?
        .into_iter()
        .map(|contact| contact.id)
        .collect();
    ids.sort_unstable();
    Ok(ids)
}

fn by_address(desk: &Desk<'_>, address: &str) -> Query {
    Query {
        match_keys: vec![address.to_owned()],
        ..desk.query()
    }
}

pub(crate) fn once(desk: &Desk<'_>) -> Outcome {
    let contact = desk.made(desk.addressed(0))?;
    let query = Query {
        object_ids: vec![desk.user(0), desk.user(0)],
        match_keys: vec![desk.address(0), desk.address(0).to_uppercase()],
        contacts: vec![contact.id.clone()],
        ..desk.query()
    };
    same("contacts", ids(desk, &query)?, vec![contact.id])
}

pub(crate) fn fields(desk: &Desk<'_>) -> Outcome {
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    desk.made(desk.create(0, &[(first, "A"), (second, "B")]))?;
    let found = desk.find(&Query {
        object_ids: vec![desk.user(0)],
        fields: vec![second.to_owned(), "Host conformance never made".to_owned()],
        ..desk.query()
    })?;
    let told: Vec<_> = found
        .iter()
        .flat_map(|contact| crate::bench::pairs(&contact.fields))
        .collect();
    same("fields", told, vec![(second.to_owned(), "B".to_owned())])
}

pub(crate) fn source(desk: &Desk<'_>) -> Outcome {
    let create = Create {
        lists: vec![list(&desk.name("list"))],
        ..desk.addressed(0)
    };
    let contact = desk.made(create)?;
    let as_other = Query {
        source: OTHER_SOURCE.to_owned(),
        ..desk.query()
    };
    let by_user = Query {
        object_ids: vec![desk.user(0)],
        ..as_other.clone()
    };
    same(
        "whom the user's id finds for another source",
        ids(desk, &by_user)?,
        Vec::new(),
    )?;
    let by_id = Query {
        contacts: vec![contact.id],
        ..as_other
    };
    let told: Vec<_> = desk
        .find(&by_id)?
        .into_iter()
        .map(|contact| (contact.link, contact.former, contact.lists))
        .collect();
    same(
        "link, former user and lists for another source",
        told,
        vec![(None, None, Vec::new())],
    )
}

pub(crate) fn unknown(desk: &Desk<'_>) -> Outcome {
    let query = Query {
        object_ids: vec![
            desk.user(0),
            String::new(),
            "'; DROP TABLE contacts; --".to_owned(),
        ],
        match_keys: vec![desk.address(0), String::new()],
        contacts: ["0", "-1", "no id of this store", ""]
            .map(str::to_owned)
            .to_vec(),
        ..desk.query()
    };
    same("contacts", ids(desk, &query)?, Vec::new())
}

/// A contact with an address, and the spellings by which it is found.
fn found_by(desk: &Desk<'_>, address: &str, spellings: &[String]) -> Outcome {
    if desk.bench.key.kind != FieldKind::Email {
        return not_tried("contacts of this store are not found by an e-mail address");
    }
    let contact = desk.made(desk.create(0, &[(&desk.bench.key.name, address)]))?;
    let held = value(&contact.fields, &desk.bench.key.name);
    same("the address as it is kept", held, Some(address))?;
    for spelling in spellings {
        let found = ids(desk, &by_address(desk, spelling))?;
        same(
            &format!("whom {spelling:?} finds"),
            found,
            vec![contact.id.clone()],
        )?;
    }
    Ok(())
}

pub(crate) fn case(desk: &Desk<'_>) -> Outcome {
    let host = format!("c{}.Example", desk.bench.nonce);
    let spellings = [
        format!("åsa.σίσυφος@{host}"),
        format!("ÅSA.ΣΊΣΥΦΟΣ@{}", host.to_uppercase()),
    ];
    found_by(desk, &format!("Åsa.Σίσυφος@{host}"), &spellings)
}

pub(crate) fn not_seen(desk: &Desk<'_>) -> Outcome {
    let address = format!("kim@c{}.example", desk.bench.nonce);
    let spellings = [
        format!("\u{202a}{address}\u{202c}"),
        format!("k\u{ad}im\u{fe0f}@c{}.example", desk.bench.nonce),
        format!(" {address}\t"),
    ];
    found_by(desk, &address, &spellings)
}

pub(crate) fn domain(desk: &Desk<'_>) -> Outcome {
    let host = format!("c{}.example", desk.bench.nonce);
    let spellings = [
        format!("kim@xn--bcher-kva.{host}"),
        format!("kim@bu\u{308}cher.{host}"),
        format!("kim@BÜCHER.{host}"),
    ];
    found_by(desk, &format!("kim@bücher.{host}"), &spellings)
}

pub(crate) fn opaque(desk: &Desk<'_>) -> Outcome {
    let user = format!("host-conformance-{}-A", desk.bench.nonce);
    let create = Create {
        object_id: user.clone(),
        ..desk.create(0, &[])
    };
    let contact = desk.made(create)?;
    let told = contact.link.as_ref().map(|link| link.object_id.as_str());
    same("the id as it is kept", told, Some(&*user))?;
    let other = Query {
        object_ids: vec![user.to_lowercase()],
        ..desk.query()
    };
    let found = ids(desk, &other)?;
    // It is no person of a check, so nobody else takes it away.
    desk.applied(crate::bench::remove(&contact, &user, RemovalKind::Delete))?;
    same("whom the id in small letters finds", found, Vec::new())
}
