//! The configuration document as the connector is given it.

use serde_json::Value;

use crate::app::App;

/// The configuration document with the endpoints of this server, where it has its own.
pub(crate) fn document(app: &App, settings: &str) -> String {
    let Some(endpoints) = &app.options.endpoints else {
        return settings.to_owned();
    };
    // What is none, the connector refuses with a sentence.
    let Ok(mut document) = configuration_document::object(settings) else {
        return settings.to_owned();
    };
    let roots = serde_json::json!({ "login": endpoints.login, "graph": endpoints.graph });
    document.insert("endpoints".to_owned(), roots);
    Value::Object(document).to_string()
}
