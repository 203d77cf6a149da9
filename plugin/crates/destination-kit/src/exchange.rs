//! Requests under way: as many at a time as the service takes, repeated where that does no harm.
//!
//! A destination sends through one [`Exchanges`] and awaits the answers; its [`Destination::wait`] is
//! [`Exchanges::wait`]. What a client of such services has to get right stands here, once:
//!
//! * How many requests are under way adapts itself: it starts with a few, grows by one where a round of them
//!   went well, and is halved where one is refused or breaks off (additive increase, multiplicative decrease, as
//!   TCP does it: RFC 5681).
//! * 429 is answered by waiting for as long as the service asks (`Retry-After`, RFC 9110, section 10.2.3), and
//!   while it asks, nothing else is sent: its limits count for the account and not for one request.
//! * A request is sent again only where it is known to have had no effect, or where doing it twice is doing it
//!   once ([`Repeat`]).
//!
//! [`Destination::wait`]: crate::destination::Destination::wait

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use guest_kit::retry::{self, Budget};
use guest_kit::{Clock, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Pending};

use crate::width::Width;

/// Whether a request may be sent again though it may have been performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It may: it reads, or writes the same once more.
    Idempotent,
    /// It may not: it makes something. It is sent again only where the service says by 429 that it has not
    /// performed it, or where it never left; any other answer, and a lost one, is the destination's to look into.
    Once,
}

/// The requests of one call.
pub struct Exchanges<'h> {
    http: &'h dyn Http,
    clock: &'h dyn Clock,
    entropy: &'h dyn Entropy,
    budget: Budget,
    state: RefCell<State<'h>>,
}

#[derive(Default)]
struct State<'h> {
    next: u64,
    slots: BTreeMap<u64, Slot<'h>>,
    width: Width,
    /// Nothing is sent before, on the clock's [`Clock::elapsed`].
    not_before: Duration,
    sent: u64,
    most_at_once: usize,
}

struct Slot<'h> {
    request: HttpRequest,
    repeat: Repeat,
    attempts: u32,
    stage: Stage<'h>,
}

enum Stage<'h> {
    /// To be sent, not before a moment.
    Queued(Duration),
    UnderWay(Box<dyn Pending + 'h>),
    Answered(Result<HttpResponse, HttpFailure>),
}

impl<'h> Exchanges<'h> {
    /// Requests through a way out, with so much patience.
    pub fn new(
        http: &'h dyn Http,
        clock: &'h dyn Clock,
        entropy: &'h dyn Entropy,
        budget: Budget,
    ) -> Self {
        Self {
            http,
            clock,
            entropy,
            budget,
            state: RefCell::default(),
        }
    }

    /// Sends a request, and waits for an answer that is not to be waited longer for, whatever its status.
    ///
    /// # Errors
    ///
    /// Where there is no usable answer, also after what repetitions are allowed. Of a [`Repeat::Once`] nobody
    /// knows then whether it was performed, unless the failure is one of finding or reaching the service.
    pub async fn send(
        &self,
        request: HttpRequest,
        repeat: Repeat,
    ) -> Result<HttpResponse, HttpFailure> {
        let ticket = Ticket {
            exchanges: self,
            number: self.enqueue(request, repeat),
        };
        poll_fn(|_| {
            self.begin_what_may_begin();
            ticket.answer().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Waits for the answer to the request that is under way for longest, or until the next one may be sent.
    /// `false` where there is neither.
    pub fn wait(&self) -> bool {
        let oldest = self.take_oldest();
        if let Some((number, pending)) = oldest {
            let answer = pending.finish();
            self.judge(number, answer);
        } else {
            let Some(due) = self.next_due() else {
                return false;
            };
            let left = due.saturating_sub(self.clock.elapsed());
            if !left.is_zero() {
                self.clock.sleep(left);
            }
        }
        self.begin_what_may_begin();
        true
    }

    /// Requests sent so far, repetitions included.
    pub fn sent(&self) -> u64 {
        self.state.borrow().sent
    }

    /// Most requests that were under way at one time.
    pub fn most_at_once(&self) -> usize {
        self.state.borrow().most_at_once
    }

    fn enqueue(&self, request: HttpRequest, repeat: Repeat) -> u64 {
        let mut state = self.state.borrow_mut();
        let number = state.next;
        state.next += 1;
        let slot = Slot {
            request,
            repeat,
            attempts: 0,
            stage: Stage::Queued(Duration::ZERO),
        };
        state.slots.insert(number, slot);
        number
    }

    fn begin_what_may_begin(&self) {
        let now = self.clock.elapsed();
        let mut state = self.state.borrow_mut();
        let State {
            slots,
            width,
            not_before,
            sent,
            most_at_once,
            ..
        } = &mut *state;
        if now < *not_before {
            return;
        }
        let is_under_way = |slot: &&Slot<'_>| matches!(slot.stage, Stage::UnderWay(_));
        let mut under_way = slots.values().filter(is_under_way).count();
        for slot in slots.values_mut() {
            if under_way >= width.now() {
                break;
            }
            if matches!(slot.stage, Stage::Queued(due) if due <= now) {
                slot.attempts += 1;
                slot.stage = Stage::UnderWay(self.http.begin(&slot.request));
                under_way += 1;
                *sent += 1;
                *most_at_once = under_way.max(*most_at_once);
            }
        }
    }

    /// The one that was begun first. While its answer is read, its place says that it is queued for ever, so that
    /// nobody begins it again.
    fn take_oldest(&self) -> Option<(u64, Box<dyn Pending + 'h>)> {
        let mut state = self.state.borrow_mut();
        let (number, slot) = state
            .slots
            .iter_mut()
            .find(|(_, slot)| matches!(slot.stage, Stage::UnderWay(_)))?;
        match std::mem::replace(&mut slot.stage, Stage::Queued(Duration::MAX)) {
            Stage::UnderWay(pending) => Some((*number, pending)),
            Stage::Queued(_) | Stage::Answered(_) => None,
        }
    }

    fn next_due(&self) -> Option<Duration> {
        let state = self.state.borrow();
        let due = state.slots.values().filter_map(|slot| match slot.stage {
            Stage::Queued(due) => Some(due.max(state.not_before)),
            Stage::UnderWay(_) | Stage::Answered(_) => None,
        });
        due.min()
    }

    fn judge(&self, number: u64, answer: Result<HttpResponse, HttpFailure>) {
        let now = self.clock.elapsed();
        let mut state = self.state.borrow_mut();
        let State {
            slots,
            width,
            not_before,
            ..
        } = &mut *state;
        // Whoever waited may have given up.
        let Some(slot) = slots.get_mut(&number) else {
            return;
        };
        let verdict = verdict(&answer, slot.repeat, slot.attempts);
        *width = match verdict {
            Verdict::Good => width.after_success(),
            Verdict::Final => *width,
            Verdict::Again | Verdict::Lost => width.halved(),
        };
        if verdict != Verdict::Again {
            slot.stage = Stage::Answered(answer);
            return;
        }
        let asked = answer
            .as_ref()
            .ok()
            .and_then(|response| response.header("retry-after"))
            .and_then(|value| retry::retry_after(value, self.clock.now()));
        let wait = retry::wait(asked, slot.attempts, self.entropy.next_u64());
        if !self.budget.allows(slot.attempts, wait, now) {
            slot.stage = Stage::Answered(answer);
            return;
        }
        let due = now.saturating_add(wait);
        slot.stage = Stage::Queued(due);
        if asked.is_some() {
            *not_before = due.max(*not_before);
        }
    }
}

/// What an answer means for the request and for how many may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// An answer of a service that is well.
    Good,
    /// An answer that says nothing about how the service is.
    Final,
    /// Later, and less at a time.
    Again,
    /// Less at a time; whether it was performed, the destination has to look.
    Lost,
}

fn verdict(answer: &Result<HttpResponse, HttpFailure>, repeat: Repeat, attempts: u32) -> Verdict {
    let if_harmless = match repeat {
        Repeat::Idempotent => Verdict::Again,
        Repeat::Once => Verdict::Lost,
    };
    match answer {
        Ok(response) => match response.status {
            429 => Verdict::Again,
            500 | 502..=504 => if_harmless,
            200..=299 | 404 | 409 | 412 => Verdict::Good,
            _ => Verdict::Final,
        },
        Err(failure) if !retry::is_transient_failure(failure, attempts) => Verdict::Final,
        // Nothing has left.
        Err(HttpFailure::Name | HttpFailure::Connect) => Verdict::Again,
        Err(_) => if_harmless,
    }
}

/// Whoever waits for an answer. Without them nobody needs it any more, and a request under way is given up.
struct Ticket<'e, 'h> {
    exchanges: &'e Exchanges<'h>,
    number: u64,
}

impl Ticket<'_, '_> {
    fn answer(&self) -> Option<Result<HttpResponse, HttpFailure>> {
        let mut state = self.exchanges.state.borrow_mut();
        let is_answered = matches!(state.slots.get(&self.number)?.stage, Stage::Answered(_));
        if !is_answered {
            return None;
        }
        match state.slots.remove(&self.number)?.stage {
            Stage::Answered(answer) => Some(answer),
            Stage::Queued(_) | Stage::UnderWay(_) => None,
        }
    }
}

impl Drop for Ticket<'_, '_> {
    fn drop(&mut self) {
        self.exchanges.state.borrow_mut().slots.remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
