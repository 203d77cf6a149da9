//! The country by whose plan a number is read that does not say its own.

use crate::plans;

/// The countries and territories that have a numbering plan (ISO 3166-1, and AC, TA and XK beside it). The library
/// knows them, too, but only after it has read all plans, which takes two milliseconds: too long for a call that then
/// meets no number.
const CODES: &str = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI \
    BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO \
    CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM \
    FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW \
    KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN \
    MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ \
    OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD \
    SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK \
    TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK \
    YE YT ZA ZM ZW";

/// A country that has a numbering plan, by its code of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(pub(crate) plans::Region);

impl Country {
    /// The country of a code of two capital letters, such as `DE`; `None` where it is none, or has no numbering plan.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        // Two letters and a space each.
        let mut known = CODES.as_bytes().chunks(3);
        let is_known = known.any(|known| known.get(..2) == Some(code.as_bytes()));
        let region = plans::Region::from_code(code).ok()?;
        is_known.then_some(Self(region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_two_letters_and_nothing_else() {
        assert!(Country::of_code("DE").is_some());
        for nothing in [
            "", " ", "D", "de", "DEU", "DE AT", "Germany", "ZZ", "AQ", "001", "Ä1",
        ] {
            assert_eq!(Country::of_code(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_countries_are_those_whose_plans_the_library_has() {
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                let code = format!("{first}{second}");
                let is_known = Country::of_code(&code).is_some();
                assert_eq!(is_known, plans::has_plan(&code), "{code}");
            }
        }
    }
}
