//! What holds of every text.

use phone_numbers::{Country, is_international, read};
use proptest::prelude::*;

/// Countries with plans that differ: with and without a trunk prefix, with numbers of one length and of many.
const COUNTRIES: [&str; 12] = [
    "DE", "AT", "GB", "US", "IT", "FR", "BR", "MX", "AR", "IN", "JP", "NO",
];

fn country() -> impl Strategy<Value = Option<Country>> {
    prop::option::of(prop::sample::select(&COUNTRIES[..]))
        .prop_map(|code| code.and_then(Country::of_code))
}

/// Texts that look like numbers, often enough like one that is given out.
fn typed() -> impl Strategy<Value = String> {
    let digits = "[0-9]{1,9}";
    let between = "[ ()./-]{0,2}|, | / | or | x|;| Fax |\\+|\n";
    let begin = "(\\+|00|0|\\(|tel:|Mobil )?(49|1|44|39|33|55|52|54|91|81|47|43)?";
    (begin, prop::collection::vec((digits, between), 1..6)).prop_map(|(begin, groups)| {
        let groups = groups
            .into_iter()
            .map(|(digits, between)| digits + &between);
        begin + &groups.collect::<String>()
    })
}

proptest! {
    #[test]
    fn what_comes_out_comes_out_again_unchanged(
        typed in typed(),
        country in country(),
        elsewhere in country(),
    ) {
        if let Ok(number) = read(&typed, country) {
            let rest = number.e164.strip_prefix('+');
            prop_assert!(rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())));
            prop_assert!((8..=16).contains(&number.e164.len()), "{}", number.e164);
            let again = read(&number.e164, elsewhere);
            let again = again.map(|again| (again.e164, again.kind));
            prop_assert_eq!(again, Ok((number.e164, number.kind)));
        }
    }

    #[test]
    fn a_number_that_says_its_country_is_the_same_whichever_is_known(
        typed in typed(),
        country in country(),
        elsewhere in country(),
    ) {
        if is_international(&typed) {
            let numbers = [country, elsewhere].map(|country| read(&typed, country).ok());
            prop_assert_eq!(&numbers[0], &numbers[1]);
        }
    }

    #[test]
    fn how_a_number_is_grouped_does_not_matter(
        number in "(\\+49|030|0176|\\+1|\\+44|07400)[0-9]{6,9}",
        places in prop::collection::vec(3_usize..12, 0..4),
        country in country(),
    ) {
        let mut grouped = number.clone();
        let mut places = places;
        places.sort_unstable();
        for place in places.into_iter().rev() {
            if place < grouped.len() {
                grouped.insert(place, ' ');
            }
        }
        let e164 = |typed: &str| read(typed, country).ok().map(|number| number.e164);
        if let (Some(one), Some(other)) = (e164(&number), e164(&grouped)) {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(typed in any::<String>(), country in country()) {
        let _ = read(&typed, country);
    }

    #[test]
    fn a_refusal_tells_nothing_of_the_text(typed in typed(), country in country()) {
        if let Err(refusal) = read(&typed, country) {
            let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(digits.len() < 5 || !refusal.to_string().contains(&digits));
        }
    }
}
