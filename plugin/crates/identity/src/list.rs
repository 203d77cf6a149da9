//! Names of lists.

use std::borrow::Cow;

use crate::text::folded;

/// The form by which a list is known: `Sales`, `SALES` and `sales` are one list, whoever made it.
///
/// Beyond what [`folded`] leaves aside, a stretch of white space inside the name
/// counts as one space.
#[must_use]
pub fn comparable(name: &str) -> Cow<'_, str> {
    let folded = folded(name);
    if has_single_spaces(&folded) {
        return folded;
    }
    Cow::Owned(folded.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether two names are of one list.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || comparable(one) == comparable(other)
}

fn has_single_spaces(text: &str) -> bool {
    let mut after_space = false;
    text.chars().all(|character| {
        let is_single = match character {
            ' ' => !after_space,
            other => !other.is_whitespace(),
        };
        after_space = character == ' ';
        is_single
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_white_space_make_no_other_list() {
        for name in [
            "sales emea",
            " SALES EMEA ",
            "Sales  EMEA",
            "Sales\u{a0}EMEA",
            "Sales\tEMEA",
        ] {
            assert_eq!(comparable(name), "sales emea", "{name:?}");
            assert!(is_same(name, "Sales EMEA"));
        }
        assert!(!is_same("Sales", "Sales EMEA"));
    }

    #[test]
    fn a_name_in_its_comparable_form_is_not_copied() {
        assert!(matches!(comparable("sales emea"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn the_comparable_form_is_its_own(name in any::<String>()) {
            let once = comparable(&name).into_owned();
            prop_assert_eq!(comparable(&once), once.as_str());
        }
    }
}
