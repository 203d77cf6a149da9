//! Any answer of Graph and of the token endpoint, at any request of a whole life.

use std::collections::BTreeMap;

use guest_kit::HttpFailure;
use proptest::prelude::*;

use super::cases;
use super::judgement::{call_everything, leak};
use super::mutation::{ADDRESS, NAME, mutations, text};
use super::outside::{Outside, Twist};
use super::sound::document;

/// Statuses that mean something, and any other.
fn status() -> impl Strategy<Value = u16> {
    let known = [
        200, 201, 204, 301, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504, 509,
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()), 1 => any::<u16>()]
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let names = [
        "retry-after",
        "request-id",
        "www-authenticate",
        "location",
        "x-ms-throttle-limit-percentage",
        "content-length",
    ];
    let values = prop_oneof![
        text(),
        Just("99999999999999999999".to_owned()),
        Just("0.000001".to_owned()),
        Just("Fri, 31 Dec 9999 23:59:60 GMT".to_owned()),
        Just(format!(
            r#"Bearer error="insufficient_claims", claims="{NAME}""#
        )),
    ];
    (prop::sample::select(names.to_vec()), values)
}

fn twist() -> impl Strategy<Value = Twist> {
    prop_oneof![
        4 => mutations().prop_map(Twist::Spoil),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Twist::Bytes),
        1 => status().prop_map(Twist::Status),
        1 => header().prop_map(|(name, value)| Twist::Header(name, value)),
        3 => (status(), mutations()).prop_map(|(status, spoil)| Twist::Refuse(status, spoil)),
        1 => prop::sample::select(vec![
            HttpFailure::Name,
            HttpFailure::TimedOut,
            HttpFailure::Interrupted,
            HttpFailure::ResponseTooLarge { limit: 1 },
            HttpFailure::Other("other".to_owned()),
        ])
        .prop_map(Twist::Fail),
    ]
}

/// What happens at which request. A life without troubles has about thirty.
fn twists() -> impl Strategy<Value = BTreeMap<u32, Vec<Twist>>> {
    prop::collection::btree_map(1..34_u32, prop::collection::vec(twist(), 1..3), 1..6)
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn whatever_graph_answers_every_call_comes_back_and_tells_nothing_personal(twists in twists()) {
        let mut outside = Outside::new();
        outside.twists = twists;
        let told = call_everything(&outside, &document().to_string());
        prop_assert_eq!(leak(&told), None);
    }

    #[test]
    fn whatever_graph_always_answers_every_call_comes_back(twist in twist()) {
        let mut outside = Outside::new();
        outside.twists = (2..400).map(|number| (number, vec![twist.clone()])).collect();
        let told = call_everything(&outside, &document().to_string());
        prop_assert_eq!(leak(&told), None);
    }
}

#[test]
fn a_life_without_troubles_does_something() {
    let outside = Outside::new();
    let told = call_everything(&outside, &document().to_string()).join("\n");
    assert!(told.contains("created: 2"), "{told}");
    assert!(told.contains("removed: 3"), "{told}");
    assert!(!told.contains("Halted"), "{told}");
}

#[test]
fn an_error_code_that_is_a_name_or_an_address_is_not_repeated() {
    for code in [NAME, ADDRESS, "Quatermass, Zebulon"] {
        let mut outside = Outside::new();
        let body = format!(r#"{{"error":{{"code":"{code}","message":"{NAME}"}}}}"#);
        let refusal = vec![Twist::Status(400), Twist::Bytes(body.into_bytes())];
        outside.twists = (1..400).map(|number| (number, refusal.clone())).collect();
        let told = call_everything(&outside, &document().to_string());
        assert_eq!(leak(&told), None);
    }
}
