//! The life of a few people at a server that is there, over plain HTTP. It is made for trying a server: whoever it makes
//! it deletes.
//!
//! ```console
//! $ SCIM_SERVER=http://127.0.0.1:8080/v2 SCIM_TOKEN=token cargo test -p destination-scim published -- --ignored --nocapture
//! ```

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use super::*;

/// A way to servers without TLS; each request has a connection of its own.
struct Plain {
    begun: Instant,
    asked: Cell<u32>,
}

impl Clock for Plain {
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(u64::try_from(since_epoch.unwrap().as_millis()).unwrap())
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

impl Entropy for Plain {
    fn next_u64(&self) -> u64 {
        u64::from(self.begun.elapsed().subsec_nanos())
    }
}

impl Http for Plain {
    fn send(&self, request: &HttpRequest) -> Answer {
        self.asked.set(self.asked.get() + 1);
        exchange(request).map_err(|_| HttpFailure::Interrupted)
    }
}

fn exchange(request: &HttpRequest) -> std::io::Result<HttpResponse> {
    let rest = request.url.strip_prefix("http://").expect("plain HTTP");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let method = format!("{:?}", request.method).to_uppercase();
    let mut stream = TcpStream::connect(authority)?;
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut response = HttpResponse {
        status: status.unwrap_or(0),
        headers,
        body: Vec::new(),
    };
    let length = response
        .header("content-length")
        .and_then(|told| told.parse().ok());
    match length {
        Some(length) => {
            response.body.resize(length, 0);
            reader.read_exact(&mut response.body)?;
        }
        None => {
            reader.read_to_end(&mut response.body)?;
        }
    }
    Ok(response)
}

/// People of a number that nobody else has.
fn people(from: u32, count: u32) -> Vec<Draft> {
    let named = |number| {
        let mut draft = person(number);
        draft.tie = Some(Tie {
            source: format!("trial:{from}"),
            object_id: number.to_string(),
        });
        draft
    };
    (from..from + count).map(named).collect()
}

#[test]
#[ignore = "needs a server, which SCIM_SERVER names"]
fn a_life_at_a_server_that_is_there() {
    let variable = |name: &str| std::env::var(name).expect(name);
    let way = Plain {
        begun: Instant::now(),
        asked: Cell::new(0),
    };
    let begin = || {
        let exchanges = Exchanges::new(&way, &way, &way, Budget::until(Duration::from_secs(60)));
        let address = Address::read(&variable("SCIM_SERVER")).unwrap();
        let secret = SecretValue::new(variable("SCIM_TOKEN"));
        Scim::new(exchanges, &address, &SignIn::Bearer, &secret)
    };
    let count: u32 = std::env::var("PEOPLE").map_or(25, |text| text.parse().unwrap());
    let told = |what: &str| println!("{what}: {} requests, {:?}", way.asked.take(), way.elapsed());
    let destination = begin();
    let capabilities = one(&destination, destination.probe()).unwrap();
    let names: Vec<_> = capabilities
        .fields
        .iter()
        .map(|field| &*field.name)
        .collect();
    told(&format!("{:?}, {names:?}", capabilities.guard));

    let from = std::process::id() % 50_000;
    let drafts = people(from, count);
    let made = one(&destination, destination.create(&drafts));
    let records: Vec<Record> = made.into_iter().map(Result::unwrap).collect();
    for (record, draft) in records.iter().zip(&drafts) {
        assert_eq!((&record.fields, &record.tie), (&draft.fields, &draft.tie));
    }
    told("made");

    let destination = begin();
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    let fetched = one(&destination, destination.fetch(&ids)).unwrap();
    let fetched: Vec<Record> = fetched.into_iter().flatten().collect();
    assert_eq!(fetched, records);
    told("read by id");
    let tasks = drafts.iter().map(|draft| destination.created(draft));
    for found in drive::all(&destination, 32, tasks).unwrap() {
        assert!(found.unwrap().is_some());
    }
    told("found by whose they are");
    let mut cursor: Option<String> = None;
    let mut seen = BTreeSet::new();
    loop {
        let page = one(&destination, destination.scan(cursor.as_deref())).unwrap();
        seen.extend(page.records.into_iter().map(|record| record.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(ids.iter().all(|id| seen.contains(id)));
    told("found on pages");

    let again = create(&destination, &drafts[0]);
    assert_eq!(
        again.map(|record| record.id),
        Ok(ids[0].clone()),
        "nobody is made twice"
    );
    let mut taken = drafts[0].clone();
    taken.tie = Some(tie(1));
    refused(create(&destination, &taken), Some("user_name"), "duplicate");

    let change = [
        ("contact_name", Some("Another")),
        ("first_name", Some("An")),
        ("email", Some("another@contoso.example")),
        ("work_phone", Some("+442079460000")),
        ("phone_number", None),
        ("group", None),
    ];
    let mut patches: Vec<_> = records
        .iter()
        .map(|record| patch(record, &change))
        .collect();
    patches[0].active = Some(false);
    let written = one(&destination, destination.write(&patches));
    let written: Vec<Record> = written.into_iter().map(Result::unwrap).collect();
    for record in &written {
        for (name, value) in change {
            assert_eq!(field(record, name), value, "{name}");
        }
    }
    assert_eq!(written[0].active, Some(false));
    if records[0].guard.is_some() {
        let late = patch(&records[0], &[("contact_name", Some("Late"))]);
        let attempt = write(&destination, &late);
        assert_eq!(attempt, Err(Failure::Changed), "of an old version");
    }
    told("written");

    let name = format!("Trial {from}");
    let group = one(&destination, destination.make_list(&name, "")).unwrap();
    let spelt = one(
        &destination,
        destination.make_list(&name.to_uppercase(), ""),
    );
    assert_eq!(spelt.unwrap().id, group.id);
    for _ in 0..2 {
        one(&destination, destination.membership(&group.id, &ids, &[])).unwrap();
    }
    one(
        &destination,
        destination.membership(&group.id, &[], &ids[..5]),
    )
    .unwrap();
    let members = one(&destination, destination.group(&group.id))
        .unwrap()
        .unwrap();
    assert_eq!(
        members.members().map(|members| members.len()),
        Some(ids.len() - 5)
    );
    one(
        &destination,
        destination.rename_list(&group.id, &name.to_lowercase()),
    )
    .unwrap();
    told("in a group");

    for record in &written {
        let doomed = [Doomed {
            id: record.id.clone(),
            guard: None,
        }];
        assert_eq!(one(&destination, destination.delete(&doomed)), [Ok(())]);
    }
    let fetched = one(&destination, destination.fetch(&ids)).unwrap();
    assert!(fetched.iter().all(Option::is_none));
    told("deleted");
    let path = crate::groups::group_path(&group.id);
    let deleted = destination.client.write(Method::Delete, &path, None, None);
    one(&destination, deleted).unwrap();
}
