//! One turn at a time for each custom field that is made.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::task::Poll;

/// The merge tags of those that are being made.
#[derive(Default)]
pub(crate) struct Making(RefCell<BTreeSet<String>>);

impl Making {
    /// Waits until nobody else makes this one, and then has it to itself.
    pub(crate) async fn begin(&self, merge_tag: &str) -> Turn<'_> {
        poll_fn(|_| {
            let is_free = self.0.borrow_mut().insert(merge_tag.to_owned());
            if is_free {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        Turn {
            making: self,
            merge_tag: merge_tag.to_owned(),
        }
    }
}

/// Ends when it is dropped, also where whoever has it is given up.
pub(crate) struct Turn<'m> {
    making: &'m Making,
    merge_tag: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.making.0.borrow_mut().remove(&self.merge_tag);
    }
}
