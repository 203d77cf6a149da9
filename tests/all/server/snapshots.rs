//! What is published of the server's API, kept word for word beside this file.

use serde_json::Value;

use super::visit::{Place, Visit};

/// A change of the API shows itself here, and is accepted on purpose (`INSTA_UPDATE=always`).
#[tokio::test(flavor = "multi_thread")]
async fn the_description_of_the_api() {
    let place = Place::with_people(1).await;
    let mut stranger = Visit::stranger(&place.options.public_url);
    let told: Value = stranger.fetch("/openapi.json").await.json();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let pretty = serde_json::to_string_pretty(&told).unwrap();
    settings.bind(|| insta::assert_snapshot!("openapi", pretty));
}
