//! How a workspace stands: its status and history, what is wrong and what helps, who did what.

pub(crate) mod activity;
pub(crate) mod cause;
pub(crate) mod gauges;
pub(crate) mod kept_reports;
pub(crate) mod report;
pub(crate) mod trouble;
pub(crate) mod view;
