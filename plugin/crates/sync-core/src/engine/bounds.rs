//! The bounds of one slice.

use std::time::Duration;

use crate::ports::{Clock, Directive, Progress, RunControl};

use super::run_abort::RunAbort;

/// How long one call may go on. Asked before every page, so a slice ends after a whole one.
pub struct Bounds {
    max_pages: Option<u32>,
    deadline: Option<Duration>,
    pages: u32,
}

impl Bounds {
    /// Starts a slice now.
    #[must_use]
    pub fn start(clock: &dyn Clock, max_pages: Option<u32>, max_time: Option<Duration>) -> Self {
        Self {
            max_pages,
            deadline: max_time.map(|time| clock.elapsed().saturating_add(time)),
            pages: 0,
        }
    }

    /// No bounds: a plan is one call.
    #[must_use]
    pub fn none() -> Self {
        Self {
            max_pages: None,
            deadline: None,
            pages: 0,
        }
    }

    /// Takes leave to handle one more page.
    ///
    /// # Errors
    ///
    /// As [`allow`](Self::allow).
    pub fn next_page(
        &mut self,
        clock: &dyn Clock,
        control: &dyn RunControl,
        progress: Progress,
    ) -> Result<(), RunAbort> {
        self.allow(clock, control, progress)?;
        self.use_page();
        Ok(())
    }

    /// Whether the page that is being handled leaves room for another, as far as can be told now.
    #[must_use]
    pub fn have_room_after_this(&self, clock: &dyn Clock) -> bool {
        let pages = self
            .max_pages
            .is_none_or(|max| self.pages.saturating_add(1) < max);
        pages
            && self
                .deadline
                .is_none_or(|deadline| clock.elapsed() < deadline)
    }

    /// Counts a page.
    pub fn use_page(&mut self) {
        self.pages += 1;
    }

    /// Whether one more page may be handled.
    ///
    /// # Errors
    ///
    /// [`RunAbort::SliceEnd`] where the slice is used up, [`RunAbort::Stopped`] where the host says so. The
    /// first page of a slice is always allowed: otherwise a slice too small would never get on.
    pub fn allow(
        &self,
        clock: &dyn Clock,
        control: &dyn RunControl,
        progress: Progress,
    ) -> Result<(), RunAbort> {
        if control.progress(progress) == Directive::Stop {
            return Err(RunAbort::Stopped);
        }
        let pages_used = self.max_pages.is_some_and(|max| self.pages >= max.max(1));
        let time_used = self.pages > 0
            && self
                .deadline
                .is_some_and(|deadline| clock.elapsed() >= deadline);
        if pages_used || time_used {
            return Err(RunAbort::SliceEnd {
                resume_after: Duration::ZERO,
            });
        }
        Ok(())
    }
}
