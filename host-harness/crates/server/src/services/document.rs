//! The configuration document as the connector is given it.

use std::borrow::Cow;

use serde_json::Value;

use crate::app::App;
use crate::settings::Settings;

/// The configuration document with what this server has of its own: the platform's application, where the connection is
/// with that, and endpoints.
pub(crate) fn document(app: &App, settings: &str) -> String {
    let settings = match (&app.options.application, Settings::read(settings)) {
        (Some(application), Ok(read)) if read.is_of_platform() => {
            Cow::Owned(read.with_credentials_of(application).text())
        }
        _ => Cow::Borrowed(settings),
    };
    let Some(endpoints) = &app.options.endpoints else {
        return settings.into_owned();
    };
    // What is none, the connector refuses with a sentence.
    let Ok(mut document) = configuration_document::object(&settings) else {
        return settings.into_owned();
    };
    let roots = serde_json::json!({ "login": endpoints.login, "graph": endpoints.graph });
    document.insert("endpoints".to_owned(), roots);
    Value::Object(document).to_string()
}
