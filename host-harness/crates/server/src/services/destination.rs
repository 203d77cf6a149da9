//! What the destination of a workspace says of itself, where a service keeps its contacts. Asks no service.

use std::sync::Arc;

use connector_contract::{Error as GuestError, Problem, TargetDescription};
use connector_runtime::{CallError, Workspace};
use sync_runner::ChosenDestination;

use super::context::WorkspaceContext;
use super::error::ServiceError;
use super::opening::enter;
use crate::destinations::NoDestination;

/// What a destination says, or what is wrong with its settings.
pub(crate) type Described = Result<Option<TargetDescription>, Vec<Problem>>;

/// What the destination that a document chooses says; `None` where the contacts are kept here.
pub(crate) async fn described(
    ws: &WorkspaceContext,
    document: &str,
) -> Result<Described, ServiceError> {
    if ChosenDestination::of(document).is_none() {
        return Ok(Ok(None));
    }
    let store = ws.store().await?;
    let mut workspace = Workspace::new(Arc::clone(&store).read_only());
    match enter(ws, document, &mut workspace, &store).await {
        Ok((_, described)) => Ok(Ok(described)),
        Err(
            ServiceError::Call(refused)
            | ServiceError::Destination(NoDestination::Unknown(refused)),
        ) => match refused {
            CallError::Guest {
                error: GuestError::InvalidConfiguration(problems),
                ..
            } => Ok(Err(problems)),
            other => Err(other.into()),
        },
        Err(error) => Err(error),
    }
}

/// Who keeps the contacts, for people; `None` where they are kept here.
pub(crate) async fn kept_by(ws: &WorkspaceContext) -> Result<Option<String>, ServiceError> {
    let settings = ws.record()?.settings;
    let Some(chosen) = ChosenDestination::of(&settings) else {
        return Ok(None);
    };
    let label = match described(ws, &settings).await {
        Ok(Ok(Some(described))) => Some(described.label),
        // What is wrong is told where it can be put right.
        _ => chosen.name,
    };
    Ok(Some(label.unwrap_or_else(|| "a service".to_owned())))
}

/// Refuses to list contacts that a service keeps.
///
/// # Errors
///
/// [`ServiceError::NotNow`], where one does.
pub(crate) async fn contacts_are_here(ws: &WorkspaceContext) -> Result<(), ServiceError> {
    match kept_by(ws).await? {
        None => Ok(()),
        Some(label) => Err(ServiceError::NotNow(format!(
            "the contacts of this workspace are kept by {label}, and this server has no list of them; look at them there"
        ))),
    }
}
