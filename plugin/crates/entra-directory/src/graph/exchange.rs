//! One request, repeated as the policy of [`retry`](guest_kit::retry) says, and counted.

use std::cell::Cell;
use std::time::Duration;

use guest_kit::retry::{self, Budget};
use guest_kit::{
    Directive, HttpFailure, HttpRequest, HttpResponse, Level, Outside, Pending, Phase, Progress,
    Timestamp, Usage,
};

use super::envelope::Envelope;
use super::error::GraphError;
use super::purpose::Purpose;
use super::transient;

/// The longest time for which a wait does not ask the host whether to go on.
const LONGEST_NAP: Duration = Duration::from_secs(1);

/// How a request ended that was sent once.
type Sent = Result<HttpResponse, HttpFailure>;

/// A request that was sent ahead, and counted.
pub(super) struct Begun<'e>(Box<dyn Pending + 'e>);

/// Sends, repeats, waits, counts.
pub(super) struct Exchange<'a> {
    ports: Outside<'a>,
    budget: Budget,
    usage: Cell<Usage>,
    /// How long the next request is held back, because the service is near its limit.
    held_back: Cell<Duration>,
    progress: Cell<Progress>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(ports: Outside<'a>, budget: Budget) -> Self {
        Self {
            ports,
            budget,
            usage: Cell::default(),
            held_back: Cell::default(),
            progress: Cell::new(Progress {
                phase: Phase::Connecting,
                done: 0,
                total: None,
            }),
        }
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
    pub(super) fn begin(&self, request: &HttpRequest) -> Option<Begun<'_>> {
        if !self.held_back.get().is_zero() {
            return None;
        }
        self.count();
        Some(Begun(self.ports.http.begin(request)))
    }

    /// Sends a request until an answer is final: one that `is_transient` denies, or the last that
    /// the budget allows. Each attempt is built anew, so that none carries an old token or a used
    /// request id; the first is the one that was begun ahead, where there is one.
    pub(super) fn send(
        &self,
        purpose: Purpose,
        host: &str,
        mut begun: Option<Begun<'_>>,
        build: impl Fn() -> Result<HttpRequest, GraphError>,
        is_transient: impl Fn(&HttpResponse) -> bool,
    ) -> Result<HttpResponse, GraphError> {
        let mut attempts = 0;
        loop {
            let sent = match begun.take() {
                Some(Begun(pending)) => pending.finish(),
                None => {
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
                Err(failure) => retry::is_transient_failure(failure, attempts),
            };
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
        let percentage = sent
            .as_ref()
            .ok()
            .and_then(|response| response.header("x-ms-throttle-limit-percentage"));
        self.held_back
            .set(percentage.map_or(Duration::ZERO, transient::ease));
    }

    /// Waits a little before the service has to refuse: a refused request counts against the limit
    /// like any other. Where the budget has no room for it, the request goes out at once.
    fn hold_back(&self) -> Result<(), GraphError> {
        let wait = self.held_back.take();
        if wait.is_zero() || !self.budget.allows(0, wait, self.ports.clock.elapsed()) {
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

    /// Whether a request that was sent so often may be sent once more, if there is time.
    pub(super) fn may_repeat(&self, attempts: u32) -> bool {
        attempts < self.budget.attempts
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
