//! One turn at a time for each thing that several tasks would make at once, such as a list that is not there yet.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::task::Poll;

/// Whose turn it is, by the name of what is made.
#[derive(Debug, Default)]
pub struct Turns(RefCell<BTreeSet<String>>);

impl Turns {
    /// Waits until nobody else has this one, and then has it to itself.
    pub async fn begin(&self, name: &str) -> Turn<'_> {
        poll_fn(|_| {
            let is_free = self.0.borrow_mut().insert(name.to_owned());
            if is_free {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        Turn {
            turns: self,
            name: name.to_owned(),
        }
    }
}

/// Ends when it is dropped, also where whoever has it is given up.
#[derive(Debug)]
pub struct Turn<'t> {
    turns: &'t Turns,
    name: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.0.borrow_mut().remove(&self.name);
    }
}
