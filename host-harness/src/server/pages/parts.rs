//! Small parts that several pages have.

use maud::{Markup, html};

use crate::server::views::{PersonView, ProgressView, StatusCode, StatusView};

/// A moment, in UTC until script tells it in the viewer's zone.
pub(super) fn moment(rfc3339: &str) -> Markup {
    let plain = rfc3339.get(..16).unwrap_or(rfc3339).replace('T', " ");
    html! { time datetime=(rfc3339) { (plain) " UTC" } }
}

/// A number with its thousands apart.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// "1 person", "2 people".
pub(super) fn people(count: u64) -> String {
    match count {
        1 => "1 person".to_owned(),
        count => format!("{} people", number(count)),
    }
}

/// The status, with its explanation for pointer, keyboard and touch. The explanation is the next element,
/// so that it is read after the button, and is shown while either has the pointer or the focus; Escape
/// hides it (<https://www.w3.org/WAI/WCAG22/Understanding/content-on-hover-or-focus.html>).
pub(super) fn status_pill(status: &StatusView) -> Markup {
    let kind = match status.code {
        StatusCode::NeverRun | StatusCode::Disconnected => "neutral",
        StatusCode::Syncing => "running",
        StatusCode::Succeeded => "good",
        StatusCode::Warnings | StatusCode::Incomplete => "warning",
        StatusCode::Failed | StatusCode::Blocked => "bad",
    };
    html! {
        span .tip {
            button type="button" class={ "pill " (kind) } aria-describedby="status-explanation" {
                (icon(kind)) (status.label)
            }
            span .tip-text #status-explanation role="tooltip" { (status.explanation) }
        }
    }
}

/// A sign that says the same as the colour.
pub(super) fn icon(kind: &str) -> Markup {
    let path = match kind {
        "good" => "M3 8.5l3.2 3.2L13 5",
        "warning" => "M8 3v6M8 11.5v1.5",
        "bad" => "M4 4l8 8M12 4l-8 8",
        "running" => "M8 2a6 6 0 1 1-5.2 3",
        _ => "M4 8h8",
    };
    html! {
        svg .icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
                stroke-linejoin="round" {}
        }
    }
}

/// What goes on now. Script moves the bar and the text; the place is there also when nothing goes on, so
/// that nothing jumps.
pub(super) fn progress(progress: Option<&ProgressView>) -> Markup {
    html! {
        div .progress #progress role="status" data-running=[progress.map(|_| "yes")] {
            @if let Some(progress) = progress {
                progress #progress-bar aria-label="Progress" max=[progress.total] value=[
                    progress.total.map(|_| progress.done)
                ] {}
                span #progress-text { (progress_text(progress)) }
            }
        }
    }
}

/// In a sentence; script writes the same.
fn progress_text(progress: &ProgressView) -> String {
    if progress.stopping {
        return "Stopping after this page…".to_owned();
    }
    if progress.queued {
        return "Waiting for other workspaces…".to_owned();
    }
    match progress.total {
        Some(total) => format!(
            "{}: {} of about {} people",
            progress.phase,
            number(progress.done),
            number(total)
        ),
        None if progress.done > 0 => {
            format!("{}: {}", progress.phase, people(progress.done))
        }
        None => format!("{}…", progress.phase),
    }
}

/// People, one below the other.
pub(super) fn person_list(people: &[PersonView]) -> Markup {
    html! {
        ul .people {
            @for person in people {
                li .person {
                    div .person-head {
                        strong { (person.name) }
                        @if let Some(address) = &person.address {
                            @if *address != person.name { span .dim { (address) } }
                        }
                        @if !person.active { span .tag { "Inactive" } }
                        @for list in &person.lists { span .tag { (list) } }
                    }
                    @if let Some(why) = &person.why { p .why { (why) } }
                    @if !person.values.is_empty() {
                        dl .values {
                            @for value in &person.values {
                                div {
                                    dt { (value.label) }
                                    dd {
                                        @match (&value.before, &value.after) {
                                            (Some(before), Some(after)) => {
                                                del { (before) } " → " ins { (after) }
                                            },
                                            (Some(before), None) => {
                                                del { (before) } " → " em { "empty" }
                                            },
                                            (None, Some(after)) => (after),
                                            (None, None) => em .missing { "missing" },
                                        }
                                    }
                                }
                            }
                        }
                    }
                    @if let Some(id) = &person.object_id { p .id { code { (id) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
