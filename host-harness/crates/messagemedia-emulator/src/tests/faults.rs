//! What goes wrong on demand, and what somebody else does.

use super::*;
use crate::{Credentials, Fault, ForeignRequest};

const DRAFT: &str = r#"{"channels": [{"channelId": "+447700900101", "type": "SMS"}]}"#;

fn draft() -> Value {
    serde_json::from_str(DRAFT).unwrap()
}

#[test]
fn a_lost_request_was_not_done_and_a_lost_answer_was() {
    for (fault, contacts) in [
        (Fault::lost_request("POST"), 0),
        (Fault::lost_answer("POST"), 1),
    ] {
        let account = Account::new();
        account.emulator.control().inject(fault);
        let answer = account.try_send("POST", &format!("{API}/contacts"), &draft());
        assert!(answer.is_none());
        assert_eq!(account.emulator.control().contacts().len(), contacts);
        let log = account.emulator.control().requests();
        assert_eq!((log[0].status, log[0].fault), (0, true));
    }
}

#[test]
fn a_limit_is_told_with_a_time_or_without_one() {
    for after in [None, Some("2")] {
        let account = Account::new();
        account
            .emulator
            .control()
            .inject(Fault::throttled(1, after));
        let answer = account.get("/lists");
        assert_eq!(answer.status, 429);
        assert_eq!(answer.retry_after.as_deref(), after);
        assert_eq!(answer.text, "", "no body is documented");
        assert_eq!(account.get("/lists").status, 200);
    }
}

#[test]
fn a_proxy_speaks_html_and_an_error_may_tell_what_is_nobodys_business() {
    let account = Account::new();
    let control = account.emulator.control();
    control.inject(Fault::unavailable_in_html(1));
    let answer = account.get("/lists");
    assert_eq!((answer.status, answer.body), (503, Value::Null));
    assert!(answer.text.starts_with("<html>"));
    control.inject(Fault::failing_with_detail(1, "ana@contoso.example"));
    let answer = account.get("/lists");
    assert_eq!(answer.status, 500);
    assert_eq!(answer.body["type"], "internal_server_error");
    assert_eq!(answer.body["detail"], "ana@contoso.example");
}

#[test]
fn an_answer_is_held_back_for_as_long_as_is_said() {
    let account = Account::new();
    account.emulator.control().inject(Fault {
        delay_ms: 1_500,
        ..Fault::default()
    });
    let request = Request::builder().uri(format!("{API}/lists"));
    let answered = account.emulator.answer(request.body(Bytes::new()).unwrap());
    assert_eq!(answered.delay, Duration::from_millis(1_500));
}

#[test]
fn somebody_else_writes_between_a_look_and_a_write() {
    let account = Account::new();
    let id = account.contact("+447700900101");
    let path = format!("/contacts/{id}");
    let edit = ForeignRequest {
        method: "PATCH".to_owned(),
        target: format!("{API}{path}"),
        body: json!({"firstName": "Bea", "note": "theirs"}),
    };
    account
        .emulator
        .control()
        .inject(Fault::meanwhile("PATCH", edit));
    let answer = account.send("PATCH", &path, json!({"firstName": "Cleo"}));
    assert_eq!(
        (&answer.body["firstName"], &answer.body["note"]),
        (&json!("Cleo"), &json!("theirs"))
    );
    assert_eq!(
        account.emulator.control().counters().requests,
        2,
        "theirs is not counted"
    );
}

#[test]
fn a_person_opts_out_and_in_again_by_number() {
    let account = Account::that(|behaviour| behaviour.duplicate_channels = crate::Twins::Allowed);
    account.contact("+447700900101");
    account.contact("+447700900101");
    let control = account.emulator.control();
    assert_eq!(control.opt_out("+447700900101"), 2);
    assert_eq!(control.opt_out("+447700900109"), 0);
    let path = "/contacts?channelSubscriptionState=UNSUBSCRIBED";
    assert_eq!(account.get(path).body["totalElements"], 2);
    assert_eq!(control.opt_in("+447700900101"), 2);
    assert_eq!(account.get(path).body["totalElements"], 0);
}

#[test]
fn a_new_secret_ends_the_old_one() {
    let mut account = Account::new();
    let credentials = Credentials {
        key: "demo-key".to_owned(),
        secret: "new".to_owned(),
    };
    assert!(!format!("{credentials:?}").contains("new"));
    account.emulator.control().set_credentials(credentials);
    assert_eq!(account.get("/lists").status, 401);
    account.authorization = basic("demo-key:new");
    assert_eq!(account.get("/lists").status, 200);
}

#[test]
fn requests_are_counted_by_method_and_status_until_they_are_forgotten() {
    let account = Account::new();
    account.contact("+447700900101");
    account.get("/lists?pageSize=0");
    let control = account.emulator.control();
    let counters = control.counters();
    assert_eq!(
        (
            counters.requests,
            counters.methods["POST"],
            counters.statuses[&400]
        ),
        (2, 1, 1)
    );
    assert_eq!(control.requests()[1].path(), format!("{API}/lists"));
    control.clear_requests();
    assert_eq!(control.counters().requests, 0);
}
