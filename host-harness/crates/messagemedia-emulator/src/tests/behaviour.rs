//! Each switch: what the documents leave open, both ways.

use super::*;
use crate::{
    Arrays, Clear, Empty, OmittedSubscription, QueryArrays, Twins, UnknownList, UnknownMembers,
};

#[test]
fn an_array_in_an_update_replaces_or_is_merged() {
    for (arrays, channels, values, lists) in [(Arrays::Replace, 1, 1, 1), (Arrays::Merge, 2, 2, 2)]
    {
        let account = Account::that(|behaviour| behaviour.arrays = arrays);
        let fields = [account.field("a"), account.field("b")];
        let joined = [account.list("A"), account.list("B")];
        let id = account.contact("+447700900101");
        for place in 0..2 {
            let body = json!({
                "channels": [{"channelId": format!("+44770090010{}", place + 1), "type": "SMS"}],
                "customFields": [{"id": fields[place], "value": "x"}],
                "lists": [{"id": joined[place]}],
            });
            let answer = account.send("PATCH", &format!("/contacts/{id}"), body);
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let told = account.get(&format!("/contacts/{id}")).body;
        let count = |name: &str| told[name].as_array().unwrap().len();
        assert_eq!(count("channels"), channels, "{arrays:?}");
        assert_eq!(count("customFields"), values, "{arrays:?}");
        assert_eq!(count("lists"), lists, "{arrays:?}");
    }
}

#[test]
fn a_property_and_a_value_are_emptied_by_one_way_or_by_none() {
    for (clear, by_text, by_null, value_by_null) in [
        (Clear::EmptyString, (200, ""), (200, "Ana"), 400),
        (Clear::Null, (400, "Ana"), (200, ""), 200),
        (Clear::Refused, (400, "Ana"), (400, "Ana"), 400),
    ] {
        for (value, (status, left)) in [(json!(""), by_text), (json!(null), by_null)] {
            let account = Account::that(|behaviour| behaviour.clear = clear);
            let id = account.contact("+447700900101");
            let path = format!("/contacts/{id}");
            let answer = account.send("PATCH", &path, json!({"firstName": value}));
            assert_eq!(answer.status, status, "{clear:?} {value}");
            assert_eq!(
                account.get(&path).body["firstName"],
                left,
                "{clear:?} {value}"
            );
        }
        let account = Account::that(|behaviour| behaviour.clear = clear);
        let (id, field) = (account.contact("+447700900101"), account.field("a"));
        let body = json!({"customFields": [{"id": field, "value": null}]});
        let answer = account.send("PATCH", &format!("/contacts/{id}"), body);
        assert_eq!(answer.status, value_by_null, "{clear:?}");
    }
}

#[test]
fn two_contacts_may_have_one_number_or_not() {
    for (twins, status) in [(Twins::Conflict, 409), (Twins::Allowed, 201)] {
        let account = Account::that(|behaviour| behaviour.duplicate_channels = twins);
        account.contact("+447700900101");
        let other = account.contact("+447700900102");
        let channels = json!([{"channelId": "+447700900101", "type": "SMS"}]);
        let made = account.send("POST", "/contacts", json!({"channels": channels}));
        assert_eq!(made.status, status, "{twins:?}");
        let changed = account.send(
            "PATCH",
            &format!("/contacts/{other}"),
            json!({"channels": channels}),
        );
        assert_eq!(changed.status == 409, status == 409, "{twins:?}");
        // Of another type it is another channel.
        let other_type = json!({"channels": [{"channelId": "+447700900101", "type": "WHATSAPP"}]});
        assert_eq!(account.send("POST", "/contacts", other_type).status, 201);
    }
}

#[test]
fn two_lists_may_have_one_name_or_not() {
    for (twins, status) in [(Twins::Conflict, 409), (Twins::Allowed, 201)] {
        let account = Account::that(|behaviour| behaviour.list_names = twins);
        account.list("Sales");
        let answer = account.send("POST", "/lists", json!({"name": "Sales"}));
        assert_eq!(answer.status, status, "{twins:?}");
    }
}

#[test]
fn nothing_is_told_as_a_text_as_null_or_not_at_all() {
    for (empty, told) in [
        (Empty::EmptyString, Some(json!(""))),
        (Empty::Null, Some(Value::Null)),
        (Empty::Absent, None),
    ] {
        let account = Account::that(|behaviour| behaviour.empty = empty);
        let id = account.contact("+447700900101");
        let body = account.get(&format!("/contacts/{id}")).body;
        assert_eq!(body.get("note"), told.as_ref(), "{empty:?}");
        assert_eq!(body["firstName"], "Ana");
        assert_eq!(body.get("dateOfBirth"), None, "it is not required");
    }
}

#[test]
fn a_filter_names_several_values_in_one_of_two_ways() {
    for (arrays, repeated, comma) in [(QueryArrays::Repeated, 2, 400), (QueryArrays::Comma, 1, 2)] {
        let account = Account::that(|behaviour| behaviour.query_arrays = arrays);
        let ids = [
            account.contact("+447700900101"),
            account.contact("+447700900102"),
        ];
        let of = |path: &str| {
            let answer = account.get(path);
            let total = answer.body["totalElements"].as_u64();
            total.unwrap_or(answer.status.into())
        };
        let path = format!("/contacts?contactIds={}&contactIds={}", ids[0], ids[1]);
        assert_eq!(of(&path), repeated, "{arrays:?}");
        let path = format!("/contacts?contactIds={},{}", ids[0], ids[1]);
        assert_eq!(of(&path), comma, "{arrays:?}");
    }
}

#[test]
fn unknown_members_refuse_the_whole_or_are_passed_over() {
    for (unknown, status, members) in [
        (UnknownMembers::Refused, 400, 0),
        (UnknownMembers::Ignored, 200, 1),
    ] {
        let account = Account::that(|behaviour| behaviour.unknown_members = unknown);
        let (list, id) = (account.list("Sales"), account.contact("+447700900101"));
        let nobody = crate::ids::made("nobody", 1);
        let body = json!({"contactsToAddIds": [id, nobody]});
        let answer = account.send("PATCH", &format!("/lists/{list}/contacts"), body);
        assert_eq!(answer.status, status, "{unknown:?}");
        if status == 400 {
            assert_eq!(
                answer.body["invalidFields"][0]["invalidIds"],
                json!([nobody])
            );
        }
        let on_it = account.get(&format!("/contacts?listIds={list}")).body;
        assert_eq!(on_it["totalElements"], members, "{unknown:?}");
    }
}

#[test]
fn the_members_of_a_list_that_is_not_there_are_refused_in_one_of_two_ways() {
    for (unknown, status) in [
        (UnknownList::NotFound, 404),
        (UnknownList::InvalidReference, 400),
    ] {
        let account = Account::that(|behaviour| behaviour.unknown_list = unknown);
        let list = crate::ids::made("nothing", 1);
        let answer = account.send("PATCH", &format!("/lists/{list}/contacts"), json!({}));
        assert_eq!(answer.status, status, "{unknown:?}");
    }
}

#[test]
fn a_channel_that_is_stated_without_its_subscription_keeps_it_or_is_subscribed() {
    for (omitted, left) in [
        (OmittedSubscription::Kept, "UNSUBSCRIBED"),
        (OmittedSubscription::Subscribed, "SUBSCRIBED"),
    ] {
        let account = Account::that(|behaviour| behaviour.omitted_subscription = omitted);
        let id = account.contact("+447700900101");
        assert_eq!(account.emulator.control().opt_out("+447700900101"), 1);
        let body = json!({"channels": [{"channelId": "+447700900101", "type": "SMS"}]});
        let answer = account.send("PATCH", &format!("/contacts/{id}"), body);
        let state = &answer.body["channels"][0]["subscriptionState"];
        assert_eq!(state, left, "{omitted:?}");
    }
}

#[test]
fn pages_may_lag_behind_and_a_contact_by_its_id_does_not() {
    let account = Account::that(|behaviour| behaviour.visibility_delay_ms = 2_000);
    let control = account.emulator.control();
    let id = account.contact("+447700900101");
    let by_number = "/contacts?channelIds=%2B447700900101";
    let total = |path: &str| account.get(path).body["totalElements"].as_u64();
    assert_eq!(account.get(&format!("/contacts/{id}")).status, 200);
    assert_eq!((total("/contacts"), total(by_number)), (Some(0), Some(0)));
    control.advance(Duration::from_secs(2));
    assert_eq!((total("/contacts"), total(by_number)), (Some(1), Some(1)));
    account.send(
        "PATCH",
        &format!("/contacts/{id}"),
        json!({"firstName": "Bea"}),
    );
    assert_eq!(
        account.get("/contacts").body["content"][0]["firstName"],
        "Ana"
    );
    assert_eq!(
        account.get(&format!("/contacts/{id}")).body["firstName"],
        "Bea"
    );
    control.advance(Duration::from_secs(2));
    assert_eq!(
        account.get("/contacts").body["content"][0]["firstName"],
        "Bea"
    );
    account.send("DELETE", &format!("/contacts/{id}"), Value::Null);
    assert_eq!(account.get(&format!("/contacts/{id}")).status, 404);
    assert_eq!(control.contacts(), Vec::<Value>::new());
}

#[test]
fn membership_touches_the_date_of_the_last_modification_or_not() {
    for touches in [false, true] {
        let account =
            Account::that(|behaviour| behaviour.membership_touches_last_modified = touches);
        let (list, id) = (account.list("Sales"), account.contact("+447700900101"));
        account.emulator.control().advance(Duration::from_secs(1));
        let body = json!({"contactsToAddIds": [id]});
        account.send("PATCH", &format!("/lists/{list}/contacts"), body);
        let told = account.get(&format!("/contacts/{id}")).body;
        let touched = told["lastModifiedDate"] != told["createdDate"];
        assert_eq!(touched, touches);
    }
}

#[test]
fn channels_that_come_by_themselves_are_told_and_cannot_be_written() {
    let account = Account::new();
    let id = account.contact("+447700900101");
    let path = format!("/contacts/{id}");
    let channels = json!({"channels": [{"channelId": "ana.b", "type": "INSTAGRAM"}, {"channelId": "+447700900101", "type": "SMS"}]});
    let (status, _) =
        account
            .emulator
            .control()
            .request("PATCH", &format!("{API}{path}"), channels.clone());
    assert_eq!(status, 200);
    assert_eq!(account.get(&path).body["channels"][0]["type"], "INSTAGRAM");
    assert_eq!(
        account.get("/contacts?channelTypes=INSTAGRAM").body["totalElements"],
        1
    );
    assert_eq!(
        account.get("/contacts?channelTypes=FACEBOOK").body["totalElements"],
        0
    );
    assert_eq!(account.get("/contacts?channelTypes=PHONE").status, 400);
    assert_eq!(account.send("PATCH", &path, channels).status, 400);
}

#[test]
fn the_other_switches_do_what_they_say() {
    let account = Account::that(|behaviour| {
        behaviour.default_page_size = 1;
        behaviour.longest_target = 60;
        behaviour.added_is_created = true;
    });
    let (list, id) = (account.list("Sales"), account.contact("+447700900101"));
    account.contact("+447700900102");
    let page = account.get("/contacts");
    assert_eq!(page.body["content"].as_array().unwrap().len(), 1);
    let long = account.get(&format!("/contacts?listIds={list}"));
    assert_eq!((long.status, &*long.text), (414, ""));
    let control = account.emulator.control();
    control.set_behaviour(Behaviour {
        longest_target: 8192,
        ..control.behaviour()
    });
    let path = format!("/lists/{list}/contacts/{id}");
    assert_eq!(account.send("POST", &path, Value::Null).status, 201);
}
