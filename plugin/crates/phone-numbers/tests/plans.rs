//! The state of the world's numbers that is compiled in. Where one of these fails after an update of
//! `rlibphonenumber`, a number of somebody has moved: look at the plan of the country, then write down here what it
//! says now, and tell in the changelog that numbers are read in another way.
//!
//! Each is near an edge of a plan: a range that was given out or renumbered not long ago, or that is kept free.

use phone_numbers::{Kind, read};

const MOVED: &[(&str, Option<Kind>)] = &[
    // North America: area codes of the last years, and some that are not in service.
    ("+12355550143", Some(Kind::FixedLineOrMobile)),
    ("+19425550143", Some(Kind::FixedLineOrMobile)),
    ("+13275550143", Some(Kind::FixedLineOrMobile)),
    ("+18205550143", Some(Kind::FixedLineOrMobile)),
    ("+17295550143", None),
    ("+13575550143", None),
    ("+14575550143", None),
    ("+14835550143", None),
    ("+18375550143", None),
    // Germany: 32 has nine digits behind it.
    ("+4932225550123", Some(Kind::FixedLine)),
    ("+493222555012", None),
    // Kosovo has a code of its own since 2017; those of before are still known.
    ("+38343555012", Some(Kind::Mobile)),
    ("+37744555012", Some(Kind::Mobile)),
    // Renumbered: Benin, Côte d'Ivoire, Colombia.
    ("+2290197550123", Some(Kind::Mobile)),
    ("+22997550123", None),
    ("+2250755501234", Some(Kind::Mobile)),
    ("+22507550123", None),
    ("+576015550123", Some(Kind::FixedLine)),
    ("+5715550123", None),
    // Brazilian mobiles have nine digits, Mexican ones no 1, which is taken off here.
    ("+5511955501234", Some(Kind::Mobile)),
    ("+551185550123", None),
    ("+525555550123", Some(Kind::FixedLineOrMobile)),
    ("+5491155550123", Some(Kind::Mobile)),
    // Kept for films: taken for given out in some places, and not in others.
    ("+442079460958", Some(Kind::FixedLine)),
    ("+447700900123", None),
    ("+33639981234", None),
    ("+353209101234", None),
    ("+61491570156", Some(Kind::Mobile)),
    ("+4917604069012", Some(Kind::Mobile)),
    // Ranges of mobiles that were opened in the last years.
    ("+3197010555012", Some(Kind::Mobile)),
    ("+816055500123", Some(Kind::Mobile)),
    ("+8619255500123", Some(Kind::Mobile)),
    ("+916000550123", Some(Kind::Mobile)),
    ("+254115550123", Some(Kind::Mobile)),
    ("+971585550123", Some(Kind::Mobile)),
    ("+6580550123", Some(Kind::Mobile)),
    // Not given out.
    ("+4759055501", None),
    ("+61483550123", None),
    ("+97798555012", None),
];

#[test]
fn no_number_has_moved() {
    let mut moved = Vec::new();
    for (number, expected) in MOVED {
        let found = read(number, None);
        let kind = found.as_ref().ok().map(|number| number.kind);
        if kind != *expected {
            moved.push(format!("{number}: {kind:?}, and not {expected:?}"));
        }
        if let Ok(found) = found {
            assert_eq!(found.e164, *number);
        }
    }
    assert!(moved.is_empty(), "{}", moved.join("\n"));
}
