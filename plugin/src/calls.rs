//! What a host can call, beside [`configure`](crate::configure): the platform's imports, a document, and
//! what is asked for.
//!
//! Each call reads the document anew and keeps nothing: what must survive it is in the store.

use entra_directory::graph::client::Client;
use entra_directory::subscriptions::inbox::{self, Verdict};
use entra_directory::subscriptions::kept::Kept;
use entra_directory::subscriptions::upkeep;
use entra_directory::tenant::{self, source};
use entra_users::mapping::of_user_principal_name;
use guest_kit::retry::Budget;
use sync_core::contact::{ObjectId, Who};
use sync_core::engine;
use sync_core::engine::call::CallError;
use sync_core::engine::conflicts::Listed;
use sync_core::engine::directory::Directory;
use sync_core::engine::format;
use sync_core::engine::plan::PlanSummary;
use sync_core::engine::sync::{SyncRequest, SyncResult};
use sync_core::engine::undo::UndoRequest;
use sync_core::ports::{Commit, Timestamp};
use sync_core::reconcile::asking::Side;
use sync_core::report;
use sync_core::report::explain::Explanation;
use sync_core::report::overview::Overview;
use sync_core::run::RunMode;

use crate::config;
use crate::imports::Imports;
use crate::prepared::{PATIENCE, known_source, prepare};

/// Makes a plan.
///
/// # Errors
///
/// Where the document has problems, or the directory or the store could not be read to the end.
pub fn plan(
    imports: Imports<'_>,
    document: &str,
    asked: RunMode,
) -> Result<PlanSummary, CallError> {
    let prepared = prepare(imports, document)?;
    let connection = prepared.way_out(imports)?;
    let tenant = prepared.tenant(imports, connection, PATIENCE);
    engine::plan::plan(imports.ports(), &prepared.for_sync(), &tenant, asked)
}

/// Executes one slice of a sync.
///
/// # Errors
///
/// Where no run was begun or gone on with. Failures of a run are in its record.
pub fn sync(
    imports: Imports<'_>,
    document: &str,
    request: &SyncRequest,
) -> Result<SyncResult, CallError> {
    let prepared = prepare(imports, document)?;
    let connection = prepared.way_out(imports)?;
    let tenant = prepared
        .tenant(imports, connection, request.max_time.unwrap_or(PATIENCE))
        .told_at(imports.notifications.address());
    engine::sync::sync(
        imports.ports(),
        &prepared.for_sync(),
        &source(&connection.tenant),
        &tenant,
        request,
    )
}

/// Tries one user again.
///
/// # Errors
///
/// Where no run was begun: among other things [`CallError::RoundOpen`] between two slices of a sync.
pub fn retry(
    imports: Imports<'_>,
    document: &str,
    user: &ObjectId,
) -> Result<SyncResult, CallError> {
    let prepared = prepare(imports, document)?;
    let connection = prepared.way_out(imports)?;
    let tenant = prepared.tenant(imports, connection, PATIENCE);
    engine::retry::retry(
        imports.ports(),
        &prepared.for_sync(),
        &source(&connection.tenant),
        &tenant,
        user,
    )
}

/// Makes the overview. `running` says whether the host executes a sync now; only it knows.
///
/// # Errors
///
/// Where the document has problems, or store or state cannot be read.
pub fn report(imports: Imports<'_>, document: &str, running: bool) -> Result<Overview, CallError> {
    let prepared = prepare(imports, document)?;
    let tenant = match &prepared.settings.connection {
        Some(connection) => tenant::known(imports.state, &connection.tenant)?,
        None => None,
    };
    let source = tenant.map(|tenant| source(tenant.as_str()));
    let overview = report::overview::report(
        imports.ports(),
        prepared.for_sync(),
        source.as_deref(),
        running,
    )?;
    Ok(Overview {
        warnings: prepared.credential_warnings(imports),
        ..overview
    })
}

/// Explains somebody; nothing where nothing is known of them.
///
/// # Errors
///
/// Where the document has problems, or store or state cannot be read.
pub fn explain(
    imports: Imports<'_>,
    document: &str,
    who: &Who,
) -> Result<Vec<Explanation>, CallError> {
    let prepared = prepare(imports, document)?;
    let source = known_source(imports.state, &prepared.connection()?.tenant)?;
    report::explain::explain(
        imports.ports(),
        &prepared.for_sync(),
        &source,
        who,
        &of_user_principal_name,
    )
}

/// Plans the inverse of a run.
///
/// # Errors
///
/// [`CallError::NothingToUndo`] where the journal holds nothing of the run; where document, store or
/// state cannot be read.
pub fn plan_undo(
    imports: Imports<'_>,
    document: &str,
    run: &str,
) -> Result<PlanSummary, CallError> {
    let prepared = prepare(imports, document)?;
    let source = known_source(imports.state, &prepared.connection()?.tenant)?;
    // Only a run that gave the directory something needs it.
    let way_out = prepared.way_out(imports).ok();
    let tenant = way_out.map(|connection| prepared.tenant(imports, connection, PATIENCE));
    engine::undo::plan_undo(
        imports.ports(),
        &prepared.for_sync(),
        &source,
        tenant.as_ref().map(|tenant| tenant as &dyn Directory),
        run,
    )
}

/// Executes one slice of an undo.
///
/// # Errors
///
/// Where no undo was begun or gone on with: [`CallError::RoundOpen`] while a sync has not ended,
/// [`CallError::NothingToUndo`], [`CallError::UnknownPlan`] where the host's plan does not have the
/// digest, and where document, store or state cannot be read.
pub fn undo(
    imports: Imports<'_>,
    document: &str,
    request: &UndoRequest,
) -> Result<SyncResult, CallError> {
    let prepared = prepare(imports, document)?;
    let source = known_source(imports.state, &prepared.connection()?.tenant)?;
    let way_out = prepared.way_out(imports).ok();
    let patience = request.max_time.unwrap_or(PATIENCE);
    let tenant = way_out.map(|connection| prepared.tenant(imports, connection, patience));
    engine::undo::undo(
        imports.ports(),
        &prepared.for_sync(),
        &source,
        tenant.as_ref().map(|tenant| tenant as &dyn Directory),
        request,
    )
}

/// Values that both sides have changed, of people behind `after`.
///
/// # Errors
///
/// Where the document has problems, or the state cannot be read.
pub fn conflicts(
    imports: Imports<'_>,
    document: &str,
    after: Option<&ObjectId>,
    limit: u32,
) -> Result<Vec<Listed>, CallError> {
    let prepared = prepare(imports, document)?;
    let settings = &prepared.for_sync().settings;
    Ok(engine::conflicts::list(
        imports.state,
        settings,
        after,
        limit,
    )?)
}

/// Keeps whose value counts of those that were `shown` for an attribute and since a moment.
///
/// # Errors
///
/// [`CallError::NoConflict`] where the two are no longer in conflict, [`CallError::DirectoryAlone`] where the contact's
/// value cannot count; where document, store or state cannot be read.
pub fn decide(
    imports: Imports<'_>,
    document: &str,
    user: &ObjectId,
    shown: (&str, Timestamp),
    side: Side,
) -> Result<(), CallError> {
    let prepared = prepare(imports, document)?;
    let source = known_source(imports.state, &prepared.connection()?.tenant)?;
    let settings = &prepared.for_sync().settings;
    engine::conflicts::decide(imports.ports(), settings, &source, user, shown, side)
}

/// Forgets the cursor, an open round and what waits to be taken away, and takes back what was subscribed to, where
/// that can be done. The host may call it again.
///
/// # Errors
///
/// Where the document does not name its tenant, and where the store does not answer.
pub fn disconnect(imports: Imports<'_>, document: &str) -> Result<(), CallError> {
    let tenant = config::tenant(document).map_err(CallError::InvalidConfiguration)?;
    // What cannot be read can be taken back by nobody.
    let kept = Kept::load(imports.state).unwrap_or_default();
    if !kept.subscriptions.is_empty() {
        take_back(imports, document, &kept);
    }
    let subscriptions = vec![Kept::forget()];
    engine::disconnect::disconnect(imports.ports(), subscriptions, |state| {
        known_source(state, &tenant)
    })
}

/// Takes back what was subscribed to. Whatever stands in the way does not keep the workspace connected.
fn take_back(imports: Imports<'_>, document: &str, kept: &Kept) {
    let Ok(prepared) = prepare(imports, document) else {
        return;
    };
    if let Ok(connection) = prepared.way_out(imports) {
        let client = Client::new(imports.outside(), connection, Budget::brief());
        upkeep::take_back(&client, imports.ports(), kept);
    }
}

/// Judges what arrived at the address that the host told, and notes what is due by it. Asks the directory nothing.
///
/// # Errors
///
/// Where the document does not name its tenant, and where the state cannot be read or written.
pub fn receive(imports: Imports<'_>, document: &str, body: &[u8]) -> Result<Verdict, CallError> {
    let (configured, before) = subscriptions(imports, document)?;
    let tenant = tenant::known(imports.state, &configured)?;
    let mut after = before.clone();
    let now = imports.clock.now();
    let verdict = inbox::judge(body, &mut after, tenant.as_ref(), now);
    if after != before {
        let commit = Commit {
            source: known_source(imports.state, &configured)?,
            state: vec![after.save()?],
            ..Commit::default()
        };
        format::commit(imports.ports(), commit)?;
    }
    Ok(verdict)
}

/// How it stands with being told of changes.
///
/// # Errors
///
/// Where the document does not name its tenant, and where the state cannot be read.
pub fn notification_status(imports: Imports<'_>, document: &str) -> Result<Kept, CallError> {
    Ok(subscriptions(imports, document)?.1)
}

/// The configured tenant, and what is kept of subscriptions.
fn subscriptions(imports: Imports<'_>, document: &str) -> Result<(String, Kept), CallError> {
    format::check(imports.state)?;
    let configured = config::tenant(document).map_err(CallError::InvalidConfiguration)?;
    Ok((configured, Kept::load(imports.state)?))
}
