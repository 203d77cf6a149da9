//! Numbers for whoever operates the server, in the text format that Prometheus reads
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).

use std::fmt::Write as _;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use connector_contract::Run;
use connector_runtime::CallStats;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// A run, by how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RunLabels {
    mode: &'static str,
    status: &'static str,
}

/// The workspace of a gauge.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkspaceLabels {
    workspace: String,
}

/// The server's metrics.
pub(crate) struct Metrics {
    registry: Registry,
    runs: Family<RunLabels, Counter>,
    failed_calls: Counter,
    durations: Histogram,
    requests: Counter,
    throttled: Counter<f64, std::sync::atomic::AtomicU64>,
    ledger: Family<WorkspaceLabels, Gauge>,
    last_success: Family<WorkspaceLabels, Gauge<i64, AtomicI64>>,
    running: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("contact_sync");
        let metrics = Self {
            runs: Family::default(),
            failed_calls: Counter::default(),
            // From a look at an unchanged directory to a first sync of a million people.
            durations: Histogram::new([0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0]),
            requests: Counter::default(),
            throttled: Counter::default(),
            ledger: Family::default(),
            last_success: Family::default(),
            running: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("runs", "Runs that have ended", metrics.runs.clone());
        registry.register(
            "failed_calls",
            "Calls of the connector that came to no run",
            metrics.failed_calls.clone(),
        );
        registry.register_with_unit(
            "run_duration",
            "From the beginning of a run to its end",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "requests",
            "HTTP requests to the directory",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "throttled",
            "Time waited because the directory asked for it",
            Unit::Seconds,
            metrics.throttled.clone(),
        );
        registry.register(
            "ledger_entries",
            "People who could not be written, given up or not",
            metrics.ledger.clone(),
        );
        registry.register_with_unit(
            "last_success_timestamp",
            "When the last run succeeded",
            Unit::Seconds,
            metrics.last_success.clone(),
        );
        registry.register("running", "Workspaces at work now", metrics.running.clone());
        Self {
            registry,
            ..metrics
        }
    }

    /// The connector was called, to whatever end.
    pub(crate) fn called(&self, stats: &CallStats) {
        self.requests.inc_by(stats.http_requests);
    }

    /// A run has ended.
    pub(crate) fn ran(&self, run: &Run) {
        let labels = RunLabels {
            mode: run.mode.name(),
            status: run.status.name(),
        };
        self.runs.get_or_create(&labels).inc();
        self.throttled
            .inc_by(Duration::from_millis(run.throttled_ms).as_secs_f64());
        if let Some(finished) = run.finished_at_ms {
            let took = Duration::from_millis(finished.saturating_sub(run.started_at_ms));
            self.durations.observe(took.as_secs_f64());
        }
    }

    /// A call came to nothing.
    pub(crate) fn failed(&self) {
        self.failed_calls.inc();
    }

    /// A workspace begins or ends to work.
    pub(crate) fn at_work(&self, begins: bool) {
        if begins {
            self.running.inc();
        } else {
            self.running.dec();
        }
    }

    /// So many people of a workspace could not be written.
    pub(crate) fn ledger_has(&self, workspace: &str, entries: u64) {
        let entries = i64::try_from(entries).unwrap_or(i64::MAX);
        self.ledger.get_or_create(&labels(workspace)).set(entries);
    }

    /// Whether it is known that nobody of a workspace waits to be written.
    pub(crate) fn ledger_is_empty(&self, workspace: &str) -> bool {
        let entries = self.ledger.get(&labels(workspace));
        entries.is_some_and(|entries| entries.get() == 0)
    }

    /// When the last run of a workspace succeeded. Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn succeeded(&self, workspace: &str, at_ms: i64) {
        let labels = labels(workspace);
        self.last_success.get_or_create(&labels).set(at_ms / 1000);
    }

    /// A workspace is no longer connected: its age is nobody's worry from now on.
    pub(crate) fn forget(&self, workspace: &str) {
        self.ledger.remove(&labels(workspace));
        self.last_success.remove(&labels(workspace));
    }

    /// Everything, as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Writing to a string cannot fail.
            let _ = write!(text, "# EOF");
        }
        text
    }
}

fn labels(workspace: &str) -> WorkspaceLabels {
    WorkspaceLabels {
        workspace: workspace.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.called(&CallStats {
            http_requests: 7,
            ..CallStats::default()
        });
        assert!(!metrics.ledger_is_empty("acme"), "nobody has looked");
        metrics.ledger_has("acme", 0);
        assert!(metrics.ledger_is_empty("acme"));
        metrics.ledger_has("acme", 3);
        assert!(!metrics.ledger_is_empty("acme"));
        metrics.succeeded("acme", 1_795_219_200_000);
        let text = metrics.text();
        for line in [
            "contact_sync_requests_total 7",
            "contact_sync_ledger_entries{workspace=\"acme\"} 3",
            "contact_sync_last_success_timestamp_seconds{workspace=\"acme\"} 1795219200",
            "contact_sync_running 0",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
        metrics.forget("acme");
        let text = metrics.text();
        assert!(!text.contains("acme"), "{text}");
    }
}
