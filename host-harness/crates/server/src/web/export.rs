//! The audit log of a workspace, whole, to take away.

use api_types::spreadsheet;
use api_types::views::AuditEntryView;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use tokio_stream::wrappers::ReceiverStream;

use super::current_user::{CurrentUser, RequireAdmin};
use crate::services::overview::activity::entry_view;

/// A way to write the log: what is around the entries and between them, and an entry.
struct Format {
    name: &'static str,
    content_type: &'static str,
    before: &'static str,
    between: &'static str,
    after: &'static str,
    entry: fn(&AuditEntryView) -> Vec<u8>,
}

const CSV: Format = Format {
    name: "activity.csv",
    content_type: "text/csv; charset=utf-8",
    before: "number,at,who,action,subject\n",
    between: "",
    after: "",
    entry: csv_line,
};

const JSON: Format = Format {
    name: "activity.json",
    content_type: "application/json",
    before: "[\n",
    between: ",\n",
    after: "\n]\n",
    entry: json_text,
};

#[utoipa::path(get, path = "/w/{workspace}/activity.csv", params(("workspace" = String, Path)),
    description = "The whole audit log of the workspace, newest first: number, at, who, action, subject.",
    responses((status = 200, body = String, content_type = "text/csv"), (status = 401), (status = 403)))]
pub(super) async fn csv(RequireAdmin(user): RequireAdmin) -> Response {
    export(user, &CSV)
}

#[utoipa::path(get, path = "/w/{workspace}/activity.json", params(("workspace" = String, Path)),
    description = "The whole audit log of the workspace, newest first.",
    responses((status = 200, body = Vec<AuditEntryView>), (status = 401), (status = 403)))]
pub(super) async fn json(RequireAdmin(user): RequireAdmin) -> Response {
    export(user, &JSON)
}

/// Newest first, read page by page while it is sent.
fn export(user: CurrentUser, format: &'static Format) -> Response {
    let name = format!("attachment; filename=\"{}-{}\"", user.ws.id, format.name);
    let headers = [
        (header::CONTENT_TYPE, format.content_type.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    tokio::task::spawn_blocking(move || send(&user, format, &sender));
    let body = Body::from_stream(ReceiverStream::new(receiver));
    (headers, body).into_response()
}

type Sender = tokio::sync::mpsc::Sender<Result<Bytes, std::io::Error>>;

/// An error in between cuts the answer off, so that half a log is not taken for a whole one.
fn send(user: &CurrentUser, format: &Format, sender: &Sender) {
    let mut before = None;
    let mut text = format.before.as_bytes().to_vec();
    let mut is_first = true;
    loop {
        let page = match user.ws.app.db.activity(&user.ws.id, before, 500) {
            Ok(page) => page,
            Err(error) => {
                let _ = sender.blocking_send(Err(std::io::Error::other(error.to_string())));
                return;
            }
        };
        before = page.last().map(|entry| entry.number);
        let is_over = page.is_empty();
        for entry in page {
            if !is_first {
                text.extend_from_slice(format.between.as_bytes());
            }
            is_first = false;
            text.extend((format.entry)(&entry_view(entry)));
        }
        if is_over {
            text.extend_from_slice(format.after.as_bytes());
        }
        let sent = sender.blocking_send(Ok(Bytes::from(std::mem::take(&mut text))));
        if is_over || sent.is_err() {
            return;
        }
    }
}

fn csv_line(entry: &AuditEntryView) -> Vec<u8> {
    record(&[
        &entry.number.to_string(),
        &entry.at,
        &spreadsheet::cell(&entry.who),
        &entry.action,
        &spreadsheet::cell(entry.subject.as_deref().unwrap_or_default()),
    ])
}

fn record(cells: &[&str]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

fn json_text(entry: &AuditEntryView) -> Vec<u8> {
    serde_json::to_vec(entry).unwrap_or_default()
}
