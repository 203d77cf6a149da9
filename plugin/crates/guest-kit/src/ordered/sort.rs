//! A list in order.

use std::cmp::Ordering;

/// As many are put in order one by one: the fields, lists and changes of one person are few.
const FEW: usize = 20;

/// Sorts.
pub fn sort<T: Ord>(items: &mut Vec<T>) {
    if items.len() > FEW {
        return sort_by(items, Ord::cmp);
    }
    for sorted in 1..items.len() {
        let mut place = sorted;
        while let Some([before, item]) = items.get_mut(place.saturating_sub(1)..=place)
            && *item < *before
        {
            std::mem::swap(before, item);
            place -= 1;
        }
    }
}

/// Sorts; what is equal stays in the order in which it came.
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    sort_numbers(
        &mut order,
        &|left, right| match (items.get(left), items.get(right)) {
            (Some(left), Some(right)) => compare(left, right),
            _ => Ordering::Equal,
        },
    );
    let mut unsorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
    let next = |number: usize| unsorted.get_mut(number)?.take();
    items.extend(order.into_iter().filter_map(next));
}

/// The one sort that all the others are.
fn sort_numbers(numbers: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    numbers.sort_by(|left, right| compare(*left, *right));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_is_sorted_as_the_standard_library_sorts_it(
            items in prop::collection::vec((0..20_u8, any::<u8>()), 0..100),
        ) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items;
            sort_by(&mut sorted, |left, right| left.0.cmp(&right.0));
            prop_assert_eq!(sorted, expected);
        }

        #[test]
        fn a_list_of_any_length_is_sorted(items in prop::collection::vec(any::<u8>(), 0..3 * FEW)) {
            let mut expected = items.clone();
            expected.sort_unstable();
            let mut sorted = items;
            sort(&mut sorted);
            prop_assert_eq!(sorted, expected);
        }
    }
}
