//! Numbers as people type them, country by country, and what they are by the national plan.
//!
//! Which numbers a country has is in the plans that the ITU keeps
//! (<https://www.itu.int/oth/T0202.aspx?parent=T0202>). The numbers here are of the ranges that a country keeps for films
//! and examples, with the source, where it has one and libphonenumber takes it for given out. Elsewhere they are made
//! up of 555 and 0123, within a range that the plan has given out.
//!
//! The third column says what is expected: the number, what it is, and what is noticed, or the code of the refusal.

mod elsewhere;
mod europe;

use phone_numbers::{Country, Kind, Number, Refusal, read};

/// The country that is known, the text, what it comes to.
type Form = (&'static str, &'static str, &'static str);

fn told(read: Result<Number, Refusal>) -> String {
    let number = match read {
        Ok(number) => number,
        Err(refusal) => return refusal.code().to_owned(),
    };
    let kind = match number.kind {
        Kind::Mobile => "mobile",
        Kind::FixedLine => "fixed",
        Kind::FixedLineOrMobile => "either",
        Kind::Service => "service",
    };
    let mut told = format!("{} {kind}", number.e164);
    if let Some(extension) = number.extension {
        told.push_str(" ext ");
        told.push_str(&extension);
    }
    if number.is_first_of_several {
        told.push_str(" more");
    }
    if number.is_labelled {
        told.push_str(" label");
    }
    told
}

fn forms() -> impl Iterator<Item = &'static Form> {
    europe::FORMS.iter().chain(elsewhere::FORMS)
}

#[test]
fn each_typed_form_is_the_number_that_its_country_has_or_is_refused_with_its_reason() {
    let mut wrong = Vec::new();
    for (country, typed, expected) in forms() {
        let found = told(read(typed, Country::of_code(country)));
        if found != *expected {
            wrong.push(format!("{country} {typed:?}: {found}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_two_hundred_forms_of_forty_countries() {
    let mut countries: Vec<_> = forms().map(|(country, ..)| *country).collect();
    assert!(countries.len() >= 200);
    countries.dedup();
    assert!(countries.len() >= 40);
}
