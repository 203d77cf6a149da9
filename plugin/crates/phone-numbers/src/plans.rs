//! The world's numbering plans: the one file that knows `rlibphonenumber`.

use std::sync::LazyLock;

use rlibphonenumber::phonenumber_matcher::{Leniency, PhoneNumberMatch, PhoneNumberMatcherFactory};
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil,
};

pub(crate) use rlibphonenumber::Region;

use crate::number::Kind;

/// What reads running text. Its alternative ways of grouping are for stricter readers, and weigh.
static READER: LazyLock<PhoneNumberMatcherFactory<PhoneNumberUtil, &'static PhoneNumberUtil>> =
    LazyLock::new(|| {
        PhoneNumberMatcherFactory::new_for_util_with_formats(&*PHONE_NUMBER_UTIL, None)
    });

/// A number of some length; whether it is one is the question.
pub(crate) struct Candidate(PhoneNumber);

/// A number that was found in a text.
pub(crate) struct Found<'t> {
    pub(crate) candidate: Candidate,
    /// What stands before it.
    pub(crate) before: &'t str,
    /// What stands behind it.
    pub(crate) after: &'t str,
}

/// Whether there is a plan for a code of two letters.
#[cfg(test)]
pub(crate) fn has_plan(code: &str) -> bool {
    let region = Region::from_code(code).ok();
    region.is_some_and(|region| {
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .is_some()
    })
}

/// The number that a text is, where it has the shape of one. Letters are taken for digits of a keypad.
pub(crate) fn parse(text: &str, region: Option<Region>) -> Option<Candidate> {
    PHONE_NUMBER_UTIL.parse(text, region).ok().map(Candidate)
}

/// The numbers in a text that are somebody's, up to the second. How much is tried is bounded by the length of the text:
/// the reader's own bound, `max_tries`, counts below zero where a piece is tried within a piece (2.2.15).
pub(crate) fn find(text: &str, region: Option<Region>) -> Vec<Found<'_>> {
    let reader = READER
        .matcher_builder(text)
        .leniency(Leniency::Valid)
        .preferred_region(region)
        .build();
    let found = |found: PhoneNumberMatch<'_>| Found {
        before: text.get(..found.start).unwrap_or_default(),
        after: text.get(found.end()..).unwrap_or_default(),
        candidate: Candidate(found.number),
    };
    reader.take(2).map(found).collect()
}

impl Candidate {
    /// What it is; `None` where the plan has not given it out.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match PHONE_NUMBER_UTIL.get_number_type(&self.0) {
            PhoneNumberType::Mobile => Some(Kind::Mobile),
            PhoneNumberType::FixedLine => Some(Kind::FixedLine),
            PhoneNumberType::FixedLineOrMobile => Some(Kind::FixedLineOrMobile),
            PhoneNumberType::Unknown => None,
            _ => Some(Kind::Service),
        }
    }

    pub(crate) fn e164(&self) -> String {
        PHONE_NUMBER_UTIL
            .format(&self.0, PhoneNumberFormat::E164)
            .into_owned()
    }

    /// The extension, where there is one.
    pub(crate) fn extension(&self) -> Option<&str> {
        let extension = self.0.extension.as_deref();
        extension.filter(|digits| !digits.is_empty())
    }

    pub(crate) fn country_code(&self) -> i32 {
        self.0.country_code
    }
}
