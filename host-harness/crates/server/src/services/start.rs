//! One thing at a time: whoever wants to do something in a workspace starts a task there, or hears what goes on.

use api_types::views::Task;

use super::context::WorkspaceContext;
use super::error::ServiceError;
use crate::task_state::{Progress, TaskGuard};

/// Starts a task that somebody asks for.
///
/// # Errors
///
/// [`ServiceError::Busy`] where something goes on; and where the server is ending.
pub(crate) fn enter(ws: &WorkspaceContext, task: Task) -> Result<TaskGuard, ServiceError> {
    if ws.app.is_closing() {
        return Err(ServiceError::NotNow(
            "the server is ending; try again later".to_owned(),
        ));
    }
    start_task(ws, task)
}

/// Starts a task, also while the server is ending. It goes on until the guard is dropped.
///
/// # Errors
///
/// [`ServiceError::Busy`].
pub(crate) fn start_task(ws: &WorkspaceContext, task: Task) -> Result<TaskGuard, ServiceError> {
    let progress = Progress::new(task, ws.app.now_ms());
    ws.task.try_start(progress).map_err(ServiceError::Busy)
}
