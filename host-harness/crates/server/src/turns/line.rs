//! A line of those who wait for one of a number of places.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Where somebody stands in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Has begun, and goes on.
    GoesOn,
    /// Begins.
    Sound,
    /// Failed lately, or waits for long.
    Ailing,
}

/// One place in so many goes to those who ail while others wait, too.
const SHARE: u64 = 8;

/// Places, and who waits for one.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    given: u64,
    going_on: VecDeque<oneshot::Sender<Place>>,
    sound: VecDeque<oneshot::Sender<Place>>,
    ailing: VecDeque<oneshot::Sender<Place>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    line: Option<Arc<Line>>,
}

impl Line {
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: places,
                given: 0,
                going_on: VecDeque::new(),
                sound: VecDeque::new(),
                ailing: VecDeque::new(),
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. Who no longer waits is passed over.
    pub(super) async fn take(line: &Arc<Self>, standing: Standing) -> Place {
        let waiting = {
            let mut state = line.state();
            if state.free > 0 {
                state.free -= 1;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                match standing {
                    Standing::GoesOn => state.going_on.push_back(sender),
                    Standing::Sound => state.sound.push_back(sender),
                    Standing::Ailing => state.ailing.push_back(sender),
                }
                Some(receiver)
            }
        };
        let place = Place {
            line: Some(Arc::clone(line)),
        };
        match waiting {
            None => place,
            Some(receiver) => {
                // It has none yet.
                place.forget();
                match receiver.await {
                    Ok(place) => place,
                    // The line outlives whoever stands in it.
                    Err(_) => Place { line: None },
                }
            }
        }
    }

    /// How many of those who do not ail wait.
    pub(super) fn sound_waiting(&self) -> usize {
        let state = self.state();
        let waiting = state.going_on.iter().chain(&state.sound);
        waiting.filter(|sender| !sender.is_closed()).count()
    }

    /// Gives a place that is free again to who comes next.
    fn pass_on(self: &Arc<Self>) {
        let mut place = Place {
            line: Some(Arc::clone(self)),
        };
        let mut state = self.state();
        while let Some(next) = state.next() {
            match next.send(place) {
                Ok(()) => return,
                Err(back) => place = back,
            }
        }
        state.free += 1;
        place.forget();
    }
}

impl State {
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        self.given += 1;
        if self.given.is_multiple_of(SHARE)
            && let Some(ailing) = self.ailing.pop_front()
        {
            return Some(ailing);
        }
        let sound = self.going_on.pop_front().or_else(|| self.sound.pop_front());
        sound.or_else(|| self.ailing.pop_front())
    }
}

impl Place {
    /// It is none.
    fn forget(mut self) {
        self.line = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_is_passed_on_to_who_still_waits_and_is_never_lost() {
        let line = Line::new(1);
        let held = Line::take(&line, Standing::Sound).await;
        let gone = tokio::spawn({
            let line = Arc::clone(&line);
            async move { Line::take(&line, Standing::GoesOn).await }
        });
        tokio::task::yield_now().await;
        gone.abort();
        let _ = gone.await;
        assert_eq!(line.sound_waiting(), 0);
        let waits = tokio::spawn({
            let line = Arc::clone(&line);
            async move { Line::take(&line, Standing::Ailing).await }
        });
        tokio::task::yield_now().await;
        drop(held);
        drop(waits.await.unwrap());
        assert_eq!(line.state().free, 1);
    }

    #[tokio::test]
    async fn one_in_eight_goes_to_those_who_ail() {
        let line = Line::new(1);
        let held = Line::take(&line, Standing::Sound).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        let standings = [Standing::Ailing; 3]
            .into_iter()
            .chain([Standing::Sound; 20]);
        for standing in standings {
            let (line, order) = (Arc::clone(&line), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let place = Line::take(&line, standing).await;
                order.lock().unwrap().push(standing);
                drop(place);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        let order = order.lock().unwrap();
        let places: Vec<_> = (0..order.len())
            .filter(|place| order[*place] == Standing::Ailing)
            .collect();
        assert_eq!(places, [7, 15, 22]);
    }
}
