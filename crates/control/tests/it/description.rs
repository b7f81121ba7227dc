//! The description of the API.

use std::path::Path;

#[test]
fn the_description_in_the_ui_folder_is_what_the_router_serves() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/openapi.json");
    let now = control::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "ui/openapi.json is not what the router describes; run UPDATE_OPENAPI=1 cargo nextest run -p control description \
         and generate the types of the page again"
    );
}
