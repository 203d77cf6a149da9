//! The words of the form of the second step, as what they stand for.

/// Which lists contacts are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// None.
    None,
    /// One for everybody.
    One,
    /// One for each value of an attribute.
    PerAttribute,
}

impl Lists {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::One => "one",
            Self::PerAttribute => "attribute",
        }
    }

    /// A form that does not say puts contacts on none.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "none" | "" => Some(Self::None),
            "one" => Some(Self::One),
            "attribute" => Some(Self::PerAttribute),
            _ => None,
        }
    }
}

/// How a clause of the filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// Has one of the values.
    Is,
    /// Has none of the values.
    IsNot,
    /// Has a value.
    Filled,
    /// Has none.
    Empty,
}

impl Operator {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is-not",
            Self::Filled => "filled",
            Self::Empty => "empty",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Is, Self::IsNot, Self::Filled, Self::Empty];
        all.into_iter().find(|operator| operator.name() == name)
    }
}
