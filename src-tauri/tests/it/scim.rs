//! A client of the SCIM server behind the window, and of the control API in it.

use serde_json::{Value, json};

use crate::screen::Screen;

/// Reads something from the control API through the window's own scheme.
pub async fn api(screen: &Screen, path: &str) -> Value {
    let script = "const [path, done] = arguments; fetch(path).then((r) => r.json()).then(done, (e) => done(String(e)))";
    screen.page.execute_async(script, vec![json!(path)]).await.expect("an answer")
}

/// A SCIM client with the token of the workspace.
pub struct Scim {
    client: reqwest::Client,
    /// The SCIM base URL.
    pub base: String,
    /// Its token.
    pub token: String,
}

impl Scim {
    /// A client of what the window shows.
    pub async fn of(screen: &Screen) -> Scim {
        let connection = api(screen, "/api/v1/connection").await;
        let text = |name: &str| connection[name].as_str().unwrap_or_else(|| panic!("{connection}")).to_owned();
        Scim { client: reqwest::Client::new(), base: text("scim_url"), token: text("token") }
    }

    /// Sends a request, and gives back status and body.
    pub async fn send(&self, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/scim+json; charset=utf-8").body(body.to_owned());
        }
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }
}
