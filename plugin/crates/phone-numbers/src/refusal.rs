//! Why a text is no number.

use thiserror::Error;

/// When a country gave its numbers another form. Those of before reach nobody, and which number took the place of one
/// of them the old number alone does not always tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renumbering {
    /// Mexico dropped the prefixes 01, 044 and 045
    /// (<https://www.itu.int/oth/T0202000089/en>).
    Of2019,
    /// Côte d'Ivoire went from 8 digits to 10 (<https://www.itu.int/oth/T020200002F/en>), Colombia put 60 before its
    /// fixed lines (<https://www.itu.int/oth/T020200002C/en>).
    Of2021,
    /// Benin put 01 before all numbers (<https://www.itu.int/oth/T0202000017/en>).
    Of2024,
}

/// Why a text is no number, or none that can be used. Each reads as what follows after "the field holds", and holds
/// nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is no digit in it.
    #[error("no number")]
    Nothing,
    /// Which of them is meant is not told.
    #[error("two numbers in one field")]
    Several,
    /// It begins with no country code, and neither the person nor the configuration tells a country.
    #[error("a number without a country code, and no country is known")]
    NoCountry,
    /// An extension, an emergency number, a code of a network.
    #[error("an internal or short number")]
    Short,
    /// It was right once.
    #[error("a number from before its country was renumbered in {}", year(*.0))]
    Renumbered(Renumbering),
    /// The plan of its country has not given it out, or keeps it for films and examples.
    #[error("a number that its country has not given out")]
    Unassigned,
    /// Those who read it do not agree on which number it is.
    #[error("a number that can be read in more than one way")]
    Unclear,
    /// A message cannot dial on.
    #[error("a number with an extension, which takes no messages")]
    Extension,
    /// No message arrives there.
    #[error("a fixed line, which takes no messages")]
    FixedLine,
    /// It belongs to a service and not to a person.
    #[error("a service number, which takes no messages")]
    Service,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Nothing,
        Self::Several,
        Self::NoCountry,
        Self::Short,
        Self::Renumbered(Renumbering::Of2019),
        Self::Renumbered(Renumbering::Of2021),
        Self::Renumbered(Renumbering::Of2024),
        Self::Unassigned,
        Self::Unclear,
        Self::Extension,
        Self::FixedLine,
        Self::Service,
    ];

    /// Stable, in kebab case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nothing => "phone-nothing",
            Self::Several => "phone-several",
            Self::NoCountry => "phone-no-country",
            Self::Short => "phone-short",
            Self::Renumbered(Renumbering::Of2019) => "phone-renumbered-2019",
            Self::Renumbered(Renumbering::Of2021) => "phone-renumbered-2021",
            Self::Renumbered(Renumbering::Of2024) => "phone-renumbered-2024",
            Self::Unassigned => "phone-unassigned",
            Self::Unclear => "phone-unclear",
            Self::Extension => "phone-extension",
            Self::FixedLine => "phone-fixed-line",
            Self::Service => "phone-service",
        }
    }
}

const fn year(renumbering: Renumbering) -> u16 {
    match renumbering {
        Renumbering::Of2019 => 2019,
        Renumbering::Of2021 => 2021,
        Renumbering::Of2024 => 2024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_code_of_its_own_and_a_sentence_that_a_person_understands() {
        for (place, refusal) in Refusal::ALL.into_iter().enumerate() {
            let code = refusal.code();
            assert!(code.starts_with("phone-"), "{code}");
            let others = Refusal::ALL.into_iter().skip(place + 1);
            assert!(
                others.map(Refusal::code).all(|other| other != code),
                "{code}"
            );
        }
        let told = |refusal: Refusal| refusal.to_string();
        assert_eq!(told(Refusal::Several), "two numbers in one field");
        let renumbered = told(Refusal::Renumbered(Renumbering::Of2021));
        assert!(renumbered.ends_with("renumbered in 2021"), "{renumbered}");
    }
}
