//! What a call tells, as a JSON object a line.

use serde_json::{Map, Value, json};

use crate::bindings::exports::contact_sync::connector::run_control::{Level, Phase, Progress};

/// A log event. A field that is called as one of the line's own stands under `field.NAME`.
pub(crate) fn event(level: Level, event: &str, fields: Vec<(String, String)>) -> String {
    let level = match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let mut line = Map::new();
    line.insert("level".to_owned(), level.into());
    line.insert("event".to_owned(), event.into());
    for (name, value) in fields {
        let name = match line.contains_key(&name) {
            true => format!("field.{name}"),
            false => name,
        };
        line.insert(name, value.into());
    }
    Value::Object(line).to_string()
}

/// How far a call is.
pub(crate) fn progress(progress: Progress) -> String {
    let phase = match progress.phase {
        Phase::Connecting => "connecting",
        Phase::Reading => "reading",
        Phase::Verifying => "verifying",
        Phase::Removing => "removing",
        Phase::Writing => "writing",
        Phase::Finishing => "finishing",
    };
    let mut line = json!({
        "level": "debug", "event": "progress", "phase": phase, "done": progress.done,
    });
    if let Some(total) = progress.total {
        line["total"] = total.into();
    }
    if let Some(remaining) = progress.remaining_ms {
        line["remainingMs"] = remaining.into();
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let fields = [("status", "4\n2"), ("level", "high")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let line = event(Level::Warn, "throttled", fields.into());
        assert!(!line.contains('\n'));
        let line: Value = serde_json::from_str(&line).unwrap();
        let expected = json!({
            "level": "warn", "event": "throttled", "status": "4\n2", "field.level": "high",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn progress_tells_the_end_where_it_is_known() {
        let at = |total| Progress {
            phase: Phase::Reading,
            done: 7,
            total,
            remaining_ms: None,
        };
        assert!(progress(at(Some(9))).contains(r#""total":9"#));
        assert!(!progress(at(None)).contains("total"));
    }
}
