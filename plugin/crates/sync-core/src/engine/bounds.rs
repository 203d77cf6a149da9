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

    /// For how many pages there is room, as far as can be told now, beside so many that are being handled.
    #[must_use]
    pub fn room(&self, handled: u32, clock: &dyn Clock) -> usize {
        let used = self.pages.saturating_add(handled);
        let time_is_over = self
            .deadline
            .is_some_and(|deadline| clock.elapsed() >= deadline);
        // The first page of a slice is always allowed.
        let most = if time_is_over {
            1
        } else {
            self.max_pages.map_or(u32::MAX, |max| max.max(1))
        };
        usize::try_from(most.saturating_sub(used)).unwrap_or(usize::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::testing::Memory;

    #[test]
    fn there_is_room_for_the_pages_of_the_slice_that_are_neither_read_nor_being_handled() {
        let clock = Memory::default();
        let mut bounds = Bounds::start(&clock, Some(3), None);
        assert_eq!((bounds.room(0, &clock), bounds.room(1, &clock)), (3, 2));
        bounds.use_page();
        assert_eq!((bounds.room(1, &clock), bounds.room(2, &clock)), (1, 0));
        assert!(Bounds::none().room(9, &clock) > 1_000_000);
    }

    #[test]
    fn when_the_time_is_over_there_is_room_for_the_first_page_alone() {
        let clock = Memory::default();
        let bounds = Bounds::start(&clock, None, Some(Duration::ZERO));
        assert_eq!((bounds.room(0, &clock), bounds.room(1, &clock)), (1, 0));
    }
}
