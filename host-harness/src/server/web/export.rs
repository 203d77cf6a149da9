//! The audit log of a workspace, whole, to take away.

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use tokio_stream::wrappers::ReceiverStream;

use super::failure::Failure;
use super::visitor::{Administrator, Visitor};
use crate::server::desk::activity_entry;
use crate::server::views::AuditEntryView;

/// `GET /w/{workspace}/activity.csv` and `.json`: newest first, read page by page while it is sent.
pub(super) async fn activity(
    Administrator(visitor): Administrator,
    Path((_, format)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (write, kind): (fn(&AuditEntryView) -> Vec<u8>, _) = match format.as_str() {
        "activity.csv" => (csv_line, "text/csv; charset=utf-8"),
        "activity.ndjson" => (json_line, "application/x-ndjson"),
        _ => return Err(Failure::not_found()),
    };
    let name = format!("attachment; filename=\"{}-{format}\"", visitor.desk.id);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    let header = if kind.starts_with("text/csv") {
        record(&["number", "at", "who", "action", "subject"])
    } else {
        Vec::new()
    };
    tokio::task::spawn_blocking(move || {
        if sender.blocking_send(Ok(Bytes::from(header))).is_ok() {
            send(&visitor, write, &sender);
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok((headers, body).into_response())
}

type Sender = tokio::sync::mpsc::Sender<Result<Bytes, std::io::Error>>;

/// An error in between cuts the answer off, so that half a log is not taken for a whole one.
fn send(visitor: &Visitor, write: fn(&AuditEntryView) -> Vec<u8>, sender: &Sender) {
    let mut before = None;
    loop {
        let page = match visitor.host.books.activity(&visitor.desk.id, before, 500) {
            Ok(page) => page,
            Err(error) => {
                let _ = sender.blocking_send(Err(std::io::Error::other(error.to_string())));
                return;
            }
        };
        before = page.last().map(|entry| entry.number);
        if page.is_empty() {
            return;
        }
        let lines: Vec<u8> = page
            .into_iter()
            .flat_map(|entry| write(&activity_entry(entry)))
            .collect();
        if sender.blocking_send(Ok(Bytes::from(lines))).is_err() {
            return;
        }
    }
}

fn csv_line(entry: &AuditEntryView) -> Vec<u8> {
    record(&[
        &entry.number.to_string(),
        &entry.at,
        &safe(&entry.who),
        &entry.action,
        &safe(entry.subject.as_deref().unwrap_or_default()),
    ])
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn record(cells: &[&str]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

fn json_line(entry: &AuditEntryView) -> Vec<u8> {
    let mut line = serde_json::to_vec(entry).unwrap_or_default();
    line.push(b'\n');
    line
}
