//! The filter.

/// Who is in scope.
#[derive(Clone, Debug)]
pub struct Filter;
