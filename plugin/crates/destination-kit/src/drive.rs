//! Several tasks at once, in one thread: each goes on until it has to wait, and when all of them do, whoever
//! has requests under way waits for an answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::destination::{Destination, DestinationError};

/// Runs all tasks to their end, at most `width` of them at a time, and gives their results in the order of the
/// tasks. A task is not begun before there is room for it.
///
/// # Errors
///
/// Where all tasks wait and nothing is under way, which is a defect of the destination.
pub fn all<F: Future>(
    destination: &impl Destination,
    width: usize,
    tasks: impl IntoIterator<Item = F>,
) -> Result<Vec<F::Output>, DestinationError> {
    let mut waiting = tasks.into_iter();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut results: Vec<Option<F::Output>> = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    loop {
        while running.len() < width.max(1)
            && let Some(task) = waiting.next()
        {
            running.push((results.len(), Box::pin(task)));
            results.push(None);
        }
        if running.is_empty() {
            return Ok(results.into_iter().flatten().collect());
        }
        let before = running.len();
        running.retain_mut(|(place, task)| match task.as_mut().poll(&mut context) {
            Poll::Ready(result) => {
                if let Some(slot) = results.get_mut(*place) {
                    *slot = Some(result);
                }
                false
            }
            Poll::Pending => true,
        });
        if running.len() == before && !destination.wait() {
            return Err(stuck());
        }
    }
}

/// Runs one task to its end.
///
/// # Errors
///
/// As [`all`].
pub fn one<F: Future>(
    destination: &impl Destination,
    task: F,
) -> Result<F::Output, DestinationError> {
    all(destination, 1, [task])?.pop().ok_or_else(stuck)
}

/// A future, and what it gave once it is done.
type Running<F> = (Pin<Box<F>>, Option<<F as Future>::Output>);

/// Awaits all of them at once, within one task, and gives what they give in their order. How many requests that
/// makes at a time is up to whatever sends them.
pub async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    std::future::poll_fn(|context| {
        let mut is_waiting = false;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(ready) => *output = Some(ready),
                    Poll::Pending => is_waiting = true,
                }
            }
        }
        if is_waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    running
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

/// A task waits, and nothing is under way: a defect of the destination.
fn stuck() -> DestinationError {
    DestinationError::Unexpected("a request that was never sent is waited for".to_owned())
}
