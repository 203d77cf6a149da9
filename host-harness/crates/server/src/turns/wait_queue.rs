//! A queue of those who wait for one of a number of permits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// In which order those who wait are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    /// Has begun, and goes on.
    Continuing,
    /// Begins.
    Normal,
    /// Failed lately, or waits for long.
    Low,
}

/// One permit in so many goes to a low priority while others wait, too.
const LOW_SHARE: u64 = 8;

/// Permits, and who waits for one.
#[derive(Debug)]
pub(super) struct WaitQueue {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    given: u64,
    continuing: VecDeque<oneshot::Sender<Permit>>,
    normal: VecDeque<oneshot::Sender<Permit>>,
    low: VecDeque<oneshot::Sender<Permit>>,
}

/// The permit to go on, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    queue: Option<Arc<WaitQueue>>,
}

impl WaitQueue {
    pub(super) fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: permits,
                given: 0,
                continuing: VecDeque::new(),
                normal: VecDeque::new(),
                low: VecDeque::new(),
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit. Who no longer waits is passed over.
    pub(super) async fn acquire(queue: &Arc<Self>, priority: Priority) -> Permit {
        let waiting = {
            let mut state = queue.state();
            if state.free > 0 {
                state.free -= 1;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                match priority {
                    Priority::Continuing => state.continuing.push_back(sender),
                    Priority::Normal => state.normal.push_back(sender),
                    Priority::Low => state.low.push_back(sender),
                }
                Some(receiver)
            }
        };
        let permit = Permit {
            queue: Some(Arc::clone(queue)),
        };
        match waiting {
            None => permit,
            Some(receiver) => {
                // It has none yet.
                permit.forget();
                match receiver.await {
                    Ok(permit) => permit,
                    // The queue outlives whoever waits in it.
                    Err(_) => Permit { queue: None },
                }
            }
        }
    }

    /// How many wait who are not of a low priority.
    pub(super) fn normal_waiting(&self) -> usize {
        let state = self.state();
        let waiting = state.continuing.iter().chain(&state.normal);
        waiting.filter(|sender| !sender.is_closed()).count()
    }

    /// Gives a permit that is free again to who comes next.
    fn release(self: &Arc<Self>) {
        let mut permit = Permit {
            queue: Some(Arc::clone(self)),
        };
        let mut state = self.state();
        while let Some(next) = state.next() {
            match next.send(permit) {
                Ok(()) => return,
                Err(back) => permit = back,
            }
        }
        state.free += 1;
        permit.forget();
    }
}

impl State {
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        self.given += 1;
        if self.given.is_multiple_of(LOW_SHARE)
            && let Some(low) = self.low.pop_front()
        {
            return Some(low);
        }
        let normal = self
            .continuing
            .pop_front()
            .or_else(|| self.normal.pop_front());
        normal.or_else(|| self.low.pop_front())
    }
}

impl Permit {
    /// It is none.
    fn forget(mut self) {
        self.queue = None;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_is_passed_on_to_who_still_waits_and_is_never_lost() {
        let queue = WaitQueue::new(1);
        let held = WaitQueue::acquire(&queue, Priority::Normal).await;
        let gone = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { WaitQueue::acquire(&queue, Priority::Continuing).await }
        });
        tokio::task::yield_now().await;
        gone.abort();
        let _ = gone.await;
        assert_eq!(queue.normal_waiting(), 0);
        let waits = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { WaitQueue::acquire(&queue, Priority::Low).await }
        });
        tokio::task::yield_now().await;
        drop(held);
        drop(waits.await.unwrap());
        assert_eq!(queue.state().free, 1);
    }

    #[tokio::test]
    async fn one_in_eight_goes_to_those_of_low_priority() {
        let queue = WaitQueue::new(1);
        let held = WaitQueue::acquire(&queue, Priority::Normal).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        let priorities = [Priority::Low; 3].into_iter().chain([Priority::Normal; 20]);
        for priority in priorities {
            let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let permit = WaitQueue::acquire(&queue, priority).await;
                order.lock().unwrap().push(priority);
                drop(permit);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        let order = order.lock().unwrap();
        let permits: Vec<_> = (0..order.len())
            .filter(|permit| order[*permit] == Priority::Low)
            .collect();
        assert_eq!(permits, [7, 15, 22]);
    }
}
