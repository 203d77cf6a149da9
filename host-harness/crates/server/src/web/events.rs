//! What changes while somebody looks, as server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! `progress` carries the progress as JSON; `changed` says that there is more to see than that, and is
//! followed by a look at the page's live part. Whoever listens says what they have seen: where something
//! began or ended between the page and its stream, the first event is `changed`. Otherwise it says how it
//! is now, `progress` or `idle`.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Deserialize;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

use super::current_user::CurrentUser;
use super::query::QueryParams;
use crate::task_state::Snapshot;

/// So often at most, so that a fast sync does not flood a page.
const PACE: Duration = Duration::from_millis(200);

/// What whoever listens knows already.
#[derive(Debug, Deserialize)]
pub(super) struct Listening {
    /// The changes they have seen.
    seen: Option<u64>,
}

#[utoipa::path(get, path = "/w/{workspace}/events", params(("workspace" = String, Path),
        ("seen" = Option<u64>, Query, description = "`changes` of the view that is shown.")),
    description = "Server-sent events: `progress`, whose data is what the overview has under `progress`, and \
                   `changed`: there is more to see than that. The first says how it is now, `progress` or \
                   `idle`, or is `changed` where there is more to see than `seen`.",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = 400), (status = 401)))]
pub(super) async fn events(
    user: CurrentUser,
    QueryParams(Listening { mut seen }): QueryParams<Listening>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut closing = user.ws.app.closing.subscribe();
    let snapshots = WatchStream::new(user.ws.task.watch());
    let events = snapshots.throttle(PACE).map(move |snapshot| {
        let event = event(seen, &snapshot);
        seen = Some(snapshot.changes);
        Ok(event)
    });
    // A page that stays open must not keep the server from ending, and tells nobody who has signed out.
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let closed = async move {
        let _ = closing.wait_for(|closing| *closing).await;
    };
    let is_signed_in = move || {
        let session = user
            .ws
            .app
            .db
            .session(&user.session_hash, user.ws.app.now_ms());
        session.is_ok_and(|session| session.is_some())
    };
    tokio::spawn(async move {
        tokio::pin!(events, closed);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => if !is_signed_in() || sender.send(event).await.is_err() { return },
                    None => return,
                },
                () = sender.closed() => return,
                () = &mut closed => return,
            }
        }
    });
    let events = tokio_stream::wrappers::ReceiverStream::new(receiver);
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn event(seen: Option<u64>, now: &Snapshot) -> Event {
    // A browser drops an event without data
    // (<https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage>).
    let plain = |name| Event::default().event(name).data("{}");
    if seen.is_some_and(|seen| seen != now.changes) {
        return plain("changed");
    }
    match &now.progress {
        Some(progress) => Event::default()
            .event("progress")
            .json_data(progress.view())
            .unwrap_or_else(|_| plain("changed")),
        None => plain("idle"),
    }
}
