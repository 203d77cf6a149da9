//! Progress of a call: a bar on a terminal, plain lines now and then elsewhere, and Ctrl-C.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use connector_contract::imports::RunControl;
use connector_contract::{Directive, Level, Phase, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use super::printer;

/// How often a plain line is printed.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often the bar turns while nothing is heard.
const TICK: Duration = Duration::from_millis(120);

/// Shows how far a call is, and passes Ctrl-C on as "stop".
pub(super) struct ShownProgress {
    /// Not drawn before there is progress to show.
    bar: Option<ProgressBar>,
    drawn: Once,
    last_line: Mutex<Instant>,
    stop: AtomicBool,
    verbose: bool,
}

impl ShownProgress {
    /// Shows progress on standard error. The first Ctrl-C (or SIGTERM) ends a call after its page; a
    /// second one ends the process.
    pub(super) fn start(verbose: bool) -> Arc<Self> {
        let shown = Arc::new(Self {
            bar: io::stderr().is_terminal().then(bar),
            drawn: Once::new(),
            last_line: Mutex::new(Instant::now()),
            stop: AtomicBool::new(false),
            verbose,
        });
        let control = Arc::clone(&shown);
        tokio::spawn(async move {
            if asked_to_end().await {
                control.stop.store(true, Ordering::Relaxed);
                printer::notice("stopping after this page; press Ctrl-C again to end at once");
            }
            if asked_to_end().await {
                std::process::exit(130);
            }
        });
        shown
    }

    /// Whether Ctrl-C was pressed.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Takes the bar away, before results are printed.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn plain_line(&self, progress: Progress) {
        let mut last = self
            .last_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            printer::notice(format_args!(
                "{}: {}{}",
                phase_name(progress.phase),
                amount(progress),
                left(progress)
                    .map(|left| format!(", {left}"))
                    .unwrap_or_default()
            ));
        }
    }
}

impl RunControl for ShownProgress {
    fn log(&self, level: Level, event: &str, fields: &[(String, String)]) {
        if !self.verbose && !matches!(level, Level::Warn | Level::Error) {
            return;
        }
        let fields: String = fields
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        let text = format!("{event}{fields}");
        match &self.bar {
            Some(bar) => bar.println(text),
            None => printer::notice(text),
        }
    }

    fn report_progress(&self, progress: Progress) -> Directive {
        match &self.bar {
            Some(bar) => {
                self.drawn.call_once(|| bar.enable_steady_tick(TICK));
                let phase = phase_name(progress.phase);
                bar.set_message(match left(progress) {
                    Some(left) => format!("{phase}, {left}"),
                    None => phase.to_owned(),
                });
                bar.set_length(progress.total.unwrap_or(0).max(progress.done));
                bar.set_position(progress.done);
            }
            None => self.plain_line(progress),
        }
        if self.stopped() {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}

/// Waits for Ctrl-C, or for what a service manager sends; `false` where neither can be heard.
pub(super) async fn asked_to_end() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            return tokio::select! {
                interrupt = tokio::signal::ctrl_c() => interrupt.is_ok(),
                received = terminate.recv() => received.is_some(),
            };
        }
    }
    tokio::signal::ctrl_c().await.is_ok()
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template(
        "{spinner} {msg} {human_pos} of {human_len} people {wide_bar} {elapsed}",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "connecting",
        Phase::Reading => "reading the directory",
        Phase::Verifying => "asking for people who were not seen",
        Phase::Removing => "removing",
        Phase::Writing => "giving the directory what contacts hold",
        Phase::Finishing => "finishing",
    }
}

/// How long the rest takes at least, where that is told and worth a word.
fn left(progress: Progress) -> Option<String> {
    let seconds = progress.remaining_ms?.div_ceil(1_000);
    match seconds {
        0 => None,
        1..=90 => Some(format!("at least {seconds} s left")),
        _ => Some(format!("at least {} min left", seconds.div_ceil(60))),
    }
}

fn amount(progress: Progress) -> String {
    match progress.total {
        Some(total) if total >= progress.done => {
            format!("{} of about {total} people", progress.done)
        }
        _ => format!("{} people", progress.done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_told_in_seconds_then_in_minutes_and_where_there_is_none_not_at_all() {
        let told = |remaining_ms| {
            left(Progress {
                phase: Phase::Writing,
                done: 0,
                total: None,
                remaining_ms,
            })
        };
        assert_eq!(told(None), None);
        assert_eq!(told(Some(0)), None);
        assert_eq!(told(Some(5_001)).as_deref(), Some("at least 6 s left"));
        assert_eq!(told(Some(555_555)).as_deref(), Some("at least 10 min left"));
    }
}
