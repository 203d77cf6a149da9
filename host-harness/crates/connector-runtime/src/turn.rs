//! Whose turn it is to compute, where many calls go on at once.
//!
//! A call waits most of its time: for a directory that is slow, silent or throttles, for a back-off to
//! pass. [`InTurn`] has a turn while the component computes or the store works for it, and gives it back
//! while the call waits for anything else; so those who wait keep nobody from working.

use super::operations::Operations;
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The right to compute, until it is dropped.
pub type Turn = Box<dyn Any + Send>;

/// Gives out turns.
pub trait Turns: Send + Sync {
    /// Waits for a turn. The call holds at most one at a time.
    fn next(&self) -> Pin<Box<dyn Future<Output = Turn> + Send>>;
}

/// A call that computes in its turn only.
pub(super) struct InTurn<F> {
    call: Pin<Box<F>>,
    turns: Option<Arc<dyn Turns>>,
    operations: Operations,
    state: TurnState,
}

enum TurnState {
    /// Something happened that the call waited for, or it begins: it needs a turn.
    Idle,
    Queued(Pin<Box<dyn Future<Output = Turn> + Send>>),
    Computing {
        _turn: Turn,
    },
}

impl<F> InTurn<F> {
    /// `None`: it is always its turn.
    pub(super) fn new(call: F, turns: Option<Arc<dyn Turns>>, operations: Operations) -> Self {
        Self {
            call: Box::pin(call),
            turns,
            operations,
            state: TurnState::Idle,
        }
    }
}

impl<F: Future> Future for InTurn<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let Some(turns) = &this.turns else {
            return this.call.as_mut().poll(context);
        };
        loop {
            match &mut this.state {
                TurnState::Idle => this.state = TurnState::Queued(turns.next()),
                TurnState::Queued(queued) => match queued.as_mut().poll(context) {
                    Poll::Ready(turn) => this.state = TurnState::Computing { _turn: turn },
                    Poll::Pending => return Poll::Pending,
                },
                TurnState::Computing { .. } => {
                    let woken = Arc::new(Woken::by(context.waker()));
                    let waker = Waker::from(Arc::clone(&woken));
                    let polled = this.call.as_mut().poll(&mut Context::from_waker(&waker));
                    // Woken already: it only gave way to the executor, as its epoch asked for.
                    let goes_on = woken.already.load(Ordering::SeqCst);
                    let computes = || this.operations.is_running_or_wakes(context.waker());
                    if polled.is_ready() || !(goes_on || computes()) {
                        this.state = TurnState::Idle;
                    }
                    return polled;
                }
            }
        }
    }
}

/// Wakes somebody, and remembers it.
struct Woken {
    already: AtomicBool,
    waker: Waker,
}

impl Woken {
    fn by(waker: &Waker) -> Self {
        Self {
            already: AtomicBool::new(false),
            waker: waker.clone(),
        }
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.already.store(true, Ordering::SeqCst);
        self.waker.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::time::Duration;
    use tokio::sync::Semaphore;

    /// One turn for all, and how often it was taken.
    struct One {
        free: Arc<Semaphore>,
        taken: Mutex<u32>,
    }

    impl One {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                free: Arc::new(Semaphore::new(1)),
                taken: Mutex::new(0),
            })
        }

        fn taken(&self) -> u32 {
            *self.taken.lock().unwrap()
        }
    }

    impl Turns for One {
        fn next(&self) -> Pin<Box<dyn Future<Output = Turn> + Send>> {
            *self.taken.lock().unwrap() += 1;
            let free = Arc::clone(&self.free);
            Box::pin(async move { Box::new(free.acquire_owned().await.unwrap()) as Turn })
        }
    }

    fn in_turn<F: Future>(turns: &Arc<One>, operations: &Operations, call: F) -> InTurn<F> {
        let turns: Arc<dyn Turns> = Arc::clone(turns) as Arc<dyn Turns>;
        InTurn::new(call, Some(turns), operations.clone())
    }

    #[tokio::test]
    async fn who_waits_lets_others_compute_and_needs_a_turn_to_go_on() {
        let (turns, operations) = (One::new(), Operations::default());
        let sleeping = || tokio::time::sleep(Duration::from_millis(200));
        let started = std::time::Instant::now();
        let all = (0..100).map(|_| tokio::spawn(in_turn(&turns, &operations, sleeping())));
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(10), "side by side");
        assert_eq!(turns.taken(), 200, "one to begin, one to go on");
        assert_eq!(turns.free.available_permits(), 1);
    }

    #[tokio::test]
    async fn giving_way_to_the_executor_keeps_the_turn() {
        let (turns, operations) = (One::new(), Operations::default());
        // As an epoch does.
        let waking = std::future::poll_fn({
            let mut left = 10;
            move |context: &mut Context<'_>| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        });
        in_turn(&turns, &operations, waking).await;
        assert_eq!(turns.taken(), 1);
    }

    #[tokio::test]
    async fn the_store_works_in_the_turn_of_its_call() {
        let (turns, operations) = (One::new(), Operations::default());
        let own = operations.clone();
        let working = async move {
            own.run("state.get", || {
                std::thread::sleep(Duration::from_millis(50));
                Ok(())
            })
            .await
        };
        in_turn(&turns, &operations, working)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(turns.taken(), 1);
    }

    #[tokio::test]
    async fn who_waits_gives_the_turn_back_when_what_was_answered_is_kept() {
        let (turns, operations) = (One::new(), Operations::default());
        let own = operations.clone();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (hear, heard) = tokio::sync::oneshot::channel::<()>();
        let call = async move {
            let commit = move |tell: connector_contract::imports::Tell<'static>| {
                tell(Vec::new());
                let _ = released.recv();
                Ok(())
            };
            own.run_ahead("contact-store.apply", commit)
                .await
                .unwrap()
                .unwrap();
            heard.await.unwrap();
        };
        let call = tokio::spawn(in_turn(&turns, &operations, call));
        while !operations.is_running() {
            tokio::task::yield_now().await;
        }
        assert_eq!(turns.free.available_permits(), 0);
        release.send(()).unwrap();
        // Nobody else wakes the call.
        while turns.free.available_permits() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        hear.send(()).unwrap();
        call.await.unwrap();
        assert_eq!(turns.taken(), 2);
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_gives_its_turn_back() {
        let (turns, operations) = (One::new(), Operations::default());
        let endless = std::future::poll_fn(|context: &mut Context<'_>| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let call = in_turn(&turns, &operations, endless);
        let ended = tokio::time::timeout(Duration::from_millis(10), call).await;
        assert!(ended.is_err());
        assert_eq!(turns.free.available_permits(), 1);
    }
}
