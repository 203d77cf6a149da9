//! One request, repeated as the policy of [`retry`](guest_kit::retry) says, and counted.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use guest_kit::retry::{self, Budget};
use guest_kit::{
    Directive, HttpFailure, HttpRequest, HttpResponse, Level, Outside, Pending, Phase, Progress,
    Timestamp, Usage,
};

use super::envelope::Envelope;
use super::error::GraphError;
use super::purpose::Purpose;
use super::refusal;
use super::transient;
use super::width::Width;

/// The longest time for which a wait does not ask the host whether to go on.
const LONGEST_NAP: Duration = Duration::from_secs(1);

/// How long something is tried that is not worth a wait.
const HURRY: Duration = Duration::from_secs(5);

/// How a request ended that was sent once.
type Sent = Result<HttpResponse, HttpFailure>;

/// An exchange that is under way, until somebody waits for it or gives it up.
type UnderWay<'a> = Cell<Option<Box<dyn Pending + 'a>>>;

/// A request that was sent ahead, and counted.
pub(super) struct Begun<'a>(Rc<UnderWay<'a>>);

/// Sends, repeats, waits, counts.
pub(super) struct Exchange<'a> {
    ports: Outside<'a>,
    budget: Cell<Budget>,
    usage: Cell<Usage>,
    /// How long the next request is held back, because the service is near its limit.
    held_back: Cell<Duration>,
    /// How many requests may be under way.
    width: Cell<Width>,
    under_way: RefCell<Vec<Weak<UnderWay<'a>>>>,
    progress: Cell<Progress>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(ports: Outside<'a>, budget: Budget) -> Self {
        Self {
            ports,
            budget: Cell::new(budget),
            usage: Cell::default(),
            held_back: Cell::default(),
            width: Cell::default(),
            under_way: RefCell::default(),
            progress: Cell::new(Progress::new(Phase::Connecting, 0, None)),
        }
    }

    /// From now on a request is repeated once, within seconds. Gives what was before.
    pub(super) fn hurry(&self) -> Budget {
        let usual = self.budget.get();
        let now = self.ports.clock.elapsed();
        self.budget.set(Budget {
            deadline: usual.deadline.min(now.saturating_add(HURRY)),
            longest_wait: HURRY,
            attempts: 2,
        });
        usual
    }

    pub(super) fn be_as_patient_as(&self, budget: Budget) {
        self.budget.set(budget);
    }

    /// How many requests may be under way at a time, as the service takes it now.
    pub(super) fn at_once(&self) -> usize {
        self.width.get().now()
    }

    pub(super) fn usage(&self) -> Usage {
        self.usage.get()
    }

    /// What a wait tells the host that the call is doing.
    pub(super) fn remember(&self, progress: Progress) {
        self.progress.set(progress);
    }

    pub(super) fn ports(&self) -> &Outside<'a> {
        &self.ports
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Sends a request and comes back at once, for [`send`](Self::send) to go on with. `None` while the
    /// service is near its limit: then the request has to be held back.
    pub(super) fn begin(&self, request: &HttpRequest) -> Option<Begun<'a>> {
        if !self.held_back.get().is_zero() {
            return None;
        }
        self.count();
        let begun = Rc::new(Cell::new(Some(self.ports.http.begin(request))));
        let mut under_way = self.under_way.borrow_mut();
        under_way.retain(|begun| begun.strong_count() > 0);
        under_way.push(Rc::downgrade(&begun));
        Some(Begun(begun))
    }

    /// Gives up what is under way. A host lets only so many requests through at a time, and each of them
    /// keeps its place until its answer was read: a request that had to wait for a place while nobody reads
    /// would wait for ever. Whoever began one of them sends it anew when its turn comes.
    fn give_up_others(&self) {
        let others = self.under_way.take();
        others
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|other| drop(other.take()));
    }

    /// Sends a request until an answer is final: one that `is_transient` denies, or the last that
    /// the budget allows. Each attempt is built anew, so that none carries an old token or a used
    /// request id; the first is the one that was begun ahead, where there is one. Any other is sent when
    /// nothing else is under way.
    pub(super) fn send(
        &self,
        purpose: Purpose,
        host: &str,
        begun: Option<Begun<'a>>,
        build: impl Fn() -> Result<HttpRequest, GraphError>,
        is_transient: impl Fn(&HttpResponse) -> bool,
    ) -> Result<HttpResponse, GraphError> {
        let mut attempts = 0;
        let mut pending = begun.and_then(|Begun(under_way)| under_way.take());
        loop {
            let sent = match pending.take() {
                Some(pending) => pending.finish(),
                None => {
                    self.give_up_others();
                    self.hold_back()?;
                    let request = build()?;
                    self.count();
                    self.ports.http.send(&request)
                }
            };
            self.take_note(&sent);
            attempts += 1;
            let passes = match &sent {
                Ok(response) => is_transient(response),
                Err(failure) => {
                    (!purpose.writes() || was_not_sent(failure))
                        && retry::is_transient_failure(failure, attempts)
                }
            };
            let width = self.width.get();
            self.width.set(match (&sent, percentage(&sent)) {
                _ if passes => width.halved(),
                (_, Some(percentage)) => width.eased(percentage),
                (Ok(response), None) if response.status < 400 => width.after_success(),
                _ => width,
            });
            if !passes || !self.wait_before_repeat(purpose, &sent, attempts)? {
                return sent.map_err(|failure| GraphError::from_exchange(host, failure));
            }
        }
    }

    fn count(&self) {
        let mut usage = self.usage.get();
        usage.requests += 1;
        self.usage.set(usage);
    }

    /// How near the service says that it is to its limit.
    fn take_note(&self, sent: &Sent) {
        self.held_back
            .set(percentage(sent).map_or(Duration::ZERO, transient::ease));
    }

    /// Waits a little before the service has to refuse: a refused request counts against the limit
    /// like any other. Where the budget has no room for it, the request goes out at once.
    fn hold_back(&self) -> Result<(), GraphError> {
        let wait = self.held_back.take();
        if wait.is_zero()
            || !self
                .budget
                .get()
                .allows(0, wait, self.ports.clock.elapsed())
        {
            return Ok(());
        }
        self.sleep(wait)
    }

    fn wait_before_repeat(
        &self,
        purpose: Purpose,
        sent: &Sent,
        attempts: u32,
    ) -> Result<bool, GraphError> {
        let asked = sent
            .as_ref()
            .ok()
            .and_then(|response| response.header("retry-after"))
            .and_then(|value| retry::retry_after(value, self.now()));
        let wait = retry::wait(asked, attempts, self.ports.entropy.next_u64());
        let why = match sent {
            Ok(response) => ("status", response.status.to_string()),
            Err(failure) => {
                let error = GraphError::from_exchange("", failure.clone());
                ("failure", error.code().to_owned())
            }
        };
        let code = sent
            .as_ref()
            .ok()
            .and_then(|r| Envelope::read(&r.body).code);
        self.wait(
            purpose,
            wait,
            attempts,
            &[why, ("code", code.unwrap_or_default())],
        )
    }

    /// Waits where the budget allows it; `false` where it does not.
    pub(super) fn wait(
        &self,
        purpose: Purpose,
        wait: Duration,
        attempts: u32,
        why: &[(&'static str, String)],
    ) -> Result<bool, GraphError> {
        let allowed = self
            .budget
            .get()
            .allows(attempts, wait, self.ports.clock.elapsed());
        let mut fields = vec![
            ("request", purpose.code().to_owned()),
            ("attempt", attempts.to_string()),
            ("wait-ms", wait.as_millis().to_string()),
        ];
        fields.extend_from_slice(why);
        let event = if allowed {
            "graph-repeat"
        } else {
            "graph-give-up"
        };
        self.ports.control.log(Level::Warn, event, &fields);
        if allowed {
            self.sleep(wait)?;
        }
        Ok(allowed)
    }

    /// Waits before something is sent for the first time, for the sake of a limit.
    pub(super) fn pause(&self, wait: Duration) -> Result<(), GraphError> {
        let now = self.ports.clock.elapsed();
        if !self.budget.get().allows(0, wait, now) {
            return Err(refusal::out_of_pace(wait));
        }
        let usage = self.usage.get();
        self.sleep(wait)?;
        // Nobody had to ask for it.
        self.usage.set(usage);
        Ok(())
    }

    /// Whether a request that was sent so often may be sent once more, if there is time.
    pub(super) fn may_repeat(&self, attempts: u32) -> bool {
        attempts < self.budget.get().attempts
    }

    /// Sleeps in short naps, so that a host that says "stop" does not wait for minutes.
    fn sleep(&self, wait: Duration) -> Result<(), GraphError> {
        let mut left = wait;
        while !left.is_zero() {
            let nap = left.min(LONGEST_NAP);
            self.ports.clock.sleep(nap);
            left -= nap;
            let mut usage = self.usage.get();
            usage.throttled += nap;
            self.usage.set(usage);
            if self.ports.control.progress(self.progress.get()) == Directive::Stop {
                return Err(GraphError::Stopped);
            }
        }
        Ok(())
    }
}

/// Whether a failure says that the service has not seen the request.
pub(super) fn was_not_sent(failure: &HttpFailure) -> bool {
    matches!(
        failure,
        HttpFailure::Denied | HttpFailure::Name | HttpFailure::Connect | HttpFailure::Tls
    )
}

/// How much of its limit the service says is used up.
fn percentage(sent: &Sent) -> Option<&str> {
    let response = sent.as_ref().ok()?;
    response.header("x-ms-throttle-limit-percentage")
}
