//! The export `conflicts`: contract types in, core called, contract types out.

use sync_core::contact::ObjectId;
use sync_core::engine::call::CallError;
use sync_core::engine::conflicts::Listed;
use sync_core::ports::Timestamp;
use sync_core::reconcile::asking::Side;

use crate::calls;

use super::bindings::Component;
use super::bindings::conflicts as wit;
use super::bindings::imports::types;
use super::with_imports;

impl wit::Guest for Component {
    fn undecided(
        document: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<wit::ContestedValue>, types::Error> {
        let after = after.map(|user| parsed(&user)).transpose()?;
        let listed =
            with_imports(|imports| calls::conflicts(imports, &document, after.as_ref(), limit))?;
        Ok(listed.into_iter().map(contested_value).collect())
    }

    fn decide(
        document: String,
        user: String,
        attribute: String,
        seen_at_ms: u64,
        side: wit::Side,
    ) -> Result<(), types::Error> {
        let user = parsed(&user)?;
        let side = match side {
            wit::Side::Directory => Side::Directory,
            wit::Side::Contact => Side::Contact,
        };
        let shown = (&*attribute, Timestamp(seen_at_ms));
        with_imports(|imports| calls::decide(imports, &document, &user, shown, side))?;
        Ok(())
    }
}

fn parsed(user: &str) -> Result<ObjectId, CallError> {
    Ok(ObjectId::parse(user)?)
}

fn contested_value(listed: Listed) -> wit::ContestedValue {
    let Listed {
        user,
        label,
        conflict,
    } = listed;
    let contested = conflict.contested;
    wit::ContestedValue {
        object_id: user.into_string(),
        attribute: contested.attribute,
        field: contested.field,
        label,
        directory: contested.directory,
        contact: contested.contact,
        base: contested.base,
        seen_at_ms: conflict.at.0,
        run: conflict.run,
        decided: conflict.decided.map(|side| match side {
            Side::Directory => wit::Side::Directory,
            Side::Contact => wit::Side::Contact,
        }),
        directory_alone: conflict.directory_alone,
    }
}
