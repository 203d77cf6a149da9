//! Plans as people see them: what a sync would do, what a limit stopped, and how either is approved.

pub(crate) mod approval;
pub(crate) mod block;
pub(crate) mod buckets;
pub(crate) mod confirmation;
pub(crate) mod plans;
pub(crate) mod view;
