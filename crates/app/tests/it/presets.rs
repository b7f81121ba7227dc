//! Ready schemas, chosen by name.

use app::config::Config;
use app::running::App;

use crate::raw::exchange;
use crate::running::{TOKEN, address, config};

#[tokio::test]
async fn ready_schemas_are_added_by_name() {
    let app = App::start(Config { schema_presets: vec!["agents".into(), "devices".into()], ..config() }).await;
    let app = app.unwrap_or_else(|error| panic!("{error:#}"));
    for endpoint in ["Users", "Agents", "AgenticApplications", "Devices", "EndpointApps"] {
        let request = format!(
            "GET /scim/v2/{endpoint} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
        );
        let answer = exchange(address(&app), request.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{endpoint}: {}", String::from_utf8_lossy(&answer));
    }
    app.stop().await;
    let unknown = App::start(Config { schema_presets: vec!["agent".into()], ..config() }).await;
    let error = unknown.err().expect("refused").to_string();
    assert!(error.contains("\"agent\"") && error.contains("agents, test-resource"), "{error}");
}
