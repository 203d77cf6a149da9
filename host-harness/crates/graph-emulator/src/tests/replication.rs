use super::*;

const SELECT: &str = "$select=id,jobTitle,city";

fn tenant(behaviour: Behaviour) -> Tenant {
    Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = vec!["User.ReadWrite.All".to_owned()];
        options.behaviour = behaviour;
    })
}

fn rewrite(tenant: &Tenant) {
    let body = json!({"jobTitle": "Director", "city": "Oslo"});
    let answer = tenant.write(Method::PATCH, &format!("/v1.0/users/{ADA}"), &body);
    assert_eq!(answer.status, 204);
}

/// What one user is told to be.
fn told(person: &Value) -> (Option<&str>, Option<&str>) {
    (person["jobTitle"].as_str(), person["city"].as_str())
}

const FORMER: (Option<&str>, Option<&str>) = (Some("Designer"), None);
const NEW: (Option<&str>, Option<&str>) = (Some("Director"), Some("Oslo"));

#[test]
fn so_many_reads_show_what_was_before_a_write() {
    let tenant = tenant(Behaviour {
        stale_reads: 2,
        ..Behaviour::default()
    });
    rewrite(&tenant);
    let alone = tenant.get(&format!("/v1.0/users/{ADA}?{SELECT}")).ok();
    assert_eq!(told(&alone.body), FORMER);
    let listed = tenant.get(&format!("/v1.0/users?{SELECT}")).ok();
    assert_eq!(told(&listed.users()[0]), FORMER);
    let alone = tenant.get(&format!("/v1.0/users/{ADA}?{SELECT}")).ok();
    assert_eq!(told(&alone.body), NEW);
}

/// What the rounds after a write tell of whom was written, until one tells of nobody.
fn rounds(tenant: &Tenant) -> Vec<Value> {
    let latest = tenant.get(&format!("/v1.0/users/delta?$deltatoken=latest&{SELECT}"));
    let mut link = latest.ok().delta_link();
    rewrite(tenant);
    let mut told = Vec::new();
    loop {
        let round = tenant.get(&link).ok();
        link = round.delta_link();
        match round.users() {
            [] => return told,
            users => told.extend(users.iter().cloned()),
        }
    }
}

#[test]
fn a_delta_query_may_show_what_was_before_and_the_user_again() {
    let tenant = tenant(Behaviour {
        stale_rounds: 1,
        ..Behaviour::default()
    });
    let rounds = rounds(&tenant);
    assert_eq!(rounds.len(), 2);
    assert_eq!(told(&rounds[0]), FORMER);
    assert_eq!(rounds[0].get("city"), None, "what was never set");
    assert_eq!(told(&rounds[1]), NEW);
}

#[test]
fn a_delta_query_may_show_an_update_in_pieces() {
    let tenant = tenant(Behaviour {
        changes_in_pieces: true,
        ..Behaviour::default()
    });
    let rounds = rounds(&tenant);
    assert_eq!(rounds.len(), 2);
    assert_eq!(told(&rounds[0]), (Some("Designer"), Some("Oslo")));
    assert_eq!(told(&rounds[1]), NEW);
}

#[test]
fn an_update_may_be_lost_although_it_was_taken() {
    let tenant = tenant(Behaviour {
        lost_writes: vec![ADA.to_owned()],
        ..Behaviour::default()
    });
    let rounds = rounds(&tenant);
    assert_eq!(rounds.iter().map(told).collect::<Vec<_>>(), [FORMER]);
}

#[test]
fn an_update_that_changes_nothing_is_a_change_where_the_tenant_says_so() {
    for (same_values_are_changes, told) in [(false, 0), (true, 1)] {
        let tenant = tenant(Behaviour {
            same_values_are_changes,
            ..Behaviour::default()
        });
        rewrite(&tenant);
        assert_eq!(rounds(&tenant).len(), told);
    }
}
