//! A user as the service states it.

use serde_json::{Map, Value};

/// A user as a JSON object; members that are not set are absent.
pub type Record = Map<String, Value>;
