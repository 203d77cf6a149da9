//! A set in the order of what is in it.

use std::borrow::Borrow;

use super::map::Map;

/// Things in their order, each once: a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(Map<T, ()>);

impl<T> Set<T> {
    /// Without anything in it.
    #[must_use]
    pub const fn new() -> Self {
        Self(Map::new())
    }

    /// How many things are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in it.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.0.keys()
    }
}

impl<T: Ord> Set<T> {
    /// Whether it is in it.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(item)
    }

    /// Puts it in; whether it was not in it.
    pub fn insert(&mut self, item: T) -> bool {
        self.0.insert(item, ()).is_none()
    }

    /// Takes it out; whether it was in it.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(item).is_some()
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(|item| (item, ())).collect())
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.0.extend(items.into_iter().map(|item| (item, ())));
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(item, ())| item)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_that_of_the_standard_library_is(
            collected in prop::collection::vec(any::<u8>(), 0..100),
            extended in prop::collection::vec(any::<u8>(), 0..20),
            inserted in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut expected: BTreeSet<_> = collected.iter().copied().collect();
            let mut set: Set<_> = collected.into_iter().collect();
            expected.extend(extended.clone());
            set.extend(extended);
            for item in inserted {
                prop_assert_eq!(set.contains(&item), expected.contains(&item));
                prop_assert_eq!(set.insert(item), expected.insert(item));
                prop_assert_eq!(set.remove(&(item / 2)), expected.remove(&(item / 2)));
            }
            prop_assert!(set.iter().eq(&expected));
            prop_assert_eq!((set.len(), set.is_empty()), (expected.len(), expected.is_empty()));
            prop_assert!(set.into_iter().eq(expected));
        }
    }
}
